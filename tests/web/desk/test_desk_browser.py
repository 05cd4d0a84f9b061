"""This file proves the desk in a real browser: with scripts and without, and free of barriers.

The camera and the printer are played through the services, as their room would do it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from appliance.store import tickets, visits
from tests.in_browser import barriers, opened

from ..at_desk import BLURRED, deliver, jpeg, prints
from ..conftest import House

sync_api = pytest.importorskip("playwright.sync_api")
PHONE = {"width": 360, "height": 800}


@pytest.fixture
def served(house: House) -> Iterator[str]:
    """The house on a port of its own; its address."""
    house.volunteer("Lan", shows_name=True)
    with opened(house.app) as address:
        house.hub.start()
        yield address
        house.hub.stop()


@pytest.fixture
def sign_in(browser: Any, served: str) -> Iterator[Callable[..., Any]]:
    """A page at the desk; `scripts=False` turns JavaScript off."""
    contexts: list[Any] = []

    def enter(scripts: bool = True) -> Any:
        contexts.append(browser.new_context(viewport=PHONE, java_script_enabled=scripts))
        page = contexts[-1].new_page()
        page.set_default_timeout(20_000)
        page.goto(f"{served}/desk")
        page.get_by_text("Lan", exact=True).click()
        page.get_by_label("Mã số").fill("2468")
        page.get_by_role("button", name="Vào bàn trực").click()
        page.get_by_role("heading", name="Bàn 1").wait_for()
        return page

    yield enter
    for context in contexts:
        context.close()


def no_barriers(page: Any) -> None:
    """axe finds nothing, and nothing is wider than the telephone."""
    assert barriers(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def visit_of(page: Any) -> str:
    found = re.search(r"/visits/([0-9a-f]+)", page.url)
    assert found is not None
    return found[1]


def photographed(house: House, visit_id: str, checks: Any = None) -> None:
    """The camera does what was asked for."""
    row = visits.newest_capture(house.store, visit_id)
    assert row is not None and row["state"] == "queued"
    deliver(house, row["id"], *([checks] if checks else []), picture=jpeg())


def test_a_visit_from_call_to_slip_without_a_reload(
    house: House, sign_in: Callable[..., Any]
) -> None:
    """The screen follows by itself: a number comes, a page is judged, the slip is printed."""
    page = sign_in()
    page.get_by_text("Chưa có ai đợi.").wait_for()
    page.evaluate("window.sameDocument = true")
    house.take()
    house.take("vneid")
    page.get_by_role("button", name="Mời số 1").wait_for()
    page.locator("summary", has_text="VNeID").click()
    house.take("ket-hon")
    page.get_by_text("3 người đợi").wait_for()
    assert page.get_by_role("button", name="Tiếp luôn").count() == 1  # still folded open
    assert page.evaluate("window.sameDocument")
    no_barriers(page)
    page.get_by_role("button", name="Mời số 1").click()
    page.get_by_role("button", name=re.compile(r"Hoàn lại \([1-9]\d?\)")).wait_for()
    no_barriers(page)
    page.get_by_role("button", name="Bác số 1 đã đến").click()
    page.wait_for_url("**/visits/*")
    house.parts.ram.put_preview(jpeg("grey", (1280, 960)))
    sync_api.expect(page.locator(".preview img")).to_have_js_property("naturalWidth", 1280)
    visit_id = visit_of(page)
    page.get_by_role("button", name="Chụp: Giấy chứng sinh").click()
    page.get_by_text("Đang chụp…").wait_for()
    page.evaluate("window.sameDocument = true")
    photographed(house, visit_id, BLURRED)
    page.get_by_text("Trang 1 chưa đạt.").wait_for()
    assert page.evaluate("window.sameDocument")
    no_barriers(page)
    page.locator("#visit-status").get_by_role("button", name="Chụp lại").click()
    page.get_by_text("Đang chụp…").wait_for()
    photographed(house, visit_id)
    page.get_by_text("Xong trang 1:").wait_for()
    page.get_by_role("link", name="Xong việc, in phiếu").click()
    no_barriers(page)
    page.get_by_label("Mã hồ sơ").fill("H15")
    page.get_by_role("button", name="Kết thúc và in phiếu").click()
    page.get_by_text("Mã chưa đúng.").wait_for()
    no_barriers(page)
    page.get_by_label("Mã hồ sơ").fill("H15.50.05.13-261008-0975")
    page.get_by_role("button", name="Kết thúc và in phiếu").click()
    page.get_by_text("Phiếu sắp được in.").wait_for()
    prints(house)
    page.get_by_text("Phiếu đã in xong.").wait_for()
    sync_api.expect(page.locator("img.slip")).to_have_js_property("naturalWidth", 576)
    no_barriers(page)


def test_a_visit_without_scripts(house: House, sign_in: Callable[..., Any]) -> None:
    """Every step is a plain form; looking again is loading again."""
    taken = house.take()
    page = sign_in(scripts=False)
    page.get_by_role("button", name="Mời số 1").click()
    page.get_by_role("button", name="Hoàn lại").click()
    page.get_by_role("button", name="Mời số 1").click()
    page.get_by_role("button", name="Vắng mặt").click()
    page.locator("summary", has_text="Có em bé").click()
    page.get_by_role("button", name="Tiếp luôn").click()
    page.get_by_role("button", name="Chụp: Giấy chứng sinh").click()
    visit_id = visit_of(page)
    photographed(house, visit_id)
    page.get_by_text("Xong trang 1:").wait_for()  # the page looks again by itself
    page.get_by_role("button", name="Đã xem").click()
    assert page.get_by_role("button", name="Đã xem").get_attribute("aria-pressed") == "true"
    page.get_by_role("link", name="Gửi sang điện thoại của bác").click()
    page.get_by_role("button", name="Hiện mã cho bác").click()
    no_link_preview = page.locator(".address").inner_text()
    assert "/get/" in no_link_preview
    page.get_by_role("link", name="Về lượt này").click()
    page.get_by_role("link", name="Xong việc, in phiếu").click()
    page.get_by_label("Đã hướng dẫn từng bước").check()
    page.get_by_role("button", name="Kết thúc và in phiếu").click()
    page.get_by_role("heading", name="Số 1 đã xong").wait_for()
    row = tickets.get(house.store, taken["id"])
    assert row is not None and row["state"] == "done"
