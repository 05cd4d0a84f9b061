"""This file uses Nghe and a joining telephone in a real Chromium, as people do."""

from __future__ import annotations

import io
import re
import shutil
from collections.abc import Iterator
from typing import Any

import pytest

from tests.in_browser import chromium
from tests.paper.scan.test_strip import photo
from tests.web.served import Served, served_house

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
TABLET = {"width": 1280, "height": 800}


@pytest.fixture(scope="module")
def house() -> Iterator[Served]:
    with served_house() as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """It may play without being touched: what it must not do, it then does not by our doing."""
    with chromium("--autoplay-policy=no-user-gesture-required") as opened:
        yield opened


@pytest.mark.skipif(shutil.which("espeak-ng") is None, reason="needs espeak-ng (apt)")
def test_listening(browser: Any, house: Served) -> None:
    """The first tap asks about headphones; then the box's sound plays and Nghe becomes Dừng; the
    second tap is silence. Asked once a person; the button is large; nothing plays by itself."""
    context = browser.new_context(viewport=TABLET, screen=TABLET)
    page = context.new_page()
    asked: list[str] = []
    page.on(
        "request", lambda r: asked.append(r.url) if re.search(r"/read\.(wav|txt)", r.url) else None
    )
    page.goto(f"{house.url}/")
    listen = page.locator("[data-listen]")
    box = listen.bounding_box()
    assert box["height"] >= 96 and box["width"] >= 96
    assert asked == []
    listen.click()
    page.get_by_role("button", name="Thôi, không nghe").click()
    assert asked == [] and page.get_by_role("dialog").count() == 0
    listen.focus()
    page.keyboard.press("Enter")
    with page.expect_response("**/read.wav*") as heard:
        page.get_by_role("button", name="Đeo rồi, đọc đi").click()
    sync_api.expect(listen).to_have_text("Dừng")
    assert heard.value.ok
    listen.click()
    sync_api.expect(listen).to_have_text("Nghe")
    page.goto(f"{house.url}/learn")
    page.locator("[data-listen]").click()
    sync_api.expect(page.locator("[data-listen]")).to_have_text("Dừng")
    assert page.get_by_role("dialog").count() == 0
    page.evaluate("hienPerson.forget()")
    page.goto(f"{house.url}/set/fresh")
    page.locator("[data-listen]").click()
    page.get_by_role("button", name="Đeo rồi, đọc đi").wait_for()
    context.close()


@pytest.mark.slow
def test_listening_without_scripts(browser: Any, house: Served) -> None:
    """The button is a link to a page with a player, and leads back."""
    context = browser.new_context(viewport=TABLET, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{house.url}/guide")
    page.get_by_role("link", name="Nghe").click()
    assert page.locator("audio[controls]").count() == 1 or "chưa đọc được" in page.content()
    page.get_by_role("link", name="Về trang đang xem").click()
    page.wait_for_url("**/guide")
    context.close()


@pytest.mark.slow
def test_a_telephone_joins_and_photographs(browser: Any, house: Served) -> None:
    """Code, name, PIN, button: four things to do. Its camera's picture is on its way at once."""
    lan = house.volunteer("Chị Lan", shows_name=True)
    house.volunteer("Anh Minh", desk=2)
    desk = browser.new_context(viewport=TABLET).new_page()
    desk.goto(f"{house.url}/desk/sign-in?next=/desk/phones")
    desk.get_by_text("Chị Lan").click()
    desk.fill("input[name=pin]", "2468")
    desk.get_by_role("button", name="Vào bàn trực").click()
    desk.wait_for_url("**/desk/phones")
    desk.get_by_role("button", name="Hiện mã").click()
    desk.locator(".code-picture svg").wait_for()
    found = re.search(r"/join/[\w-]+", desk.content())
    assert found is not None
    context = browser.new_context(
        viewport={"width": 360, "height": 800}, user_agent="Mozilla/5.0 (Linux; Android 14)"
    )
    phone = context.new_page()
    phone.goto(house.url + found[0])
    phone.get_by_text("Chị Lan").click()
    phone.fill("input[name=pin]", "2468")
    phone.get_by_role("button", name="Vào bàn trực").click()
    phone.wait_for_url("**/desk**")
    house.take()
    phone.goto(f"{house.url}/desk")
    phone.get_by_text("Mời số").first.click()
    phone.get_by_role("button", name="đã đến").click()
    phone.wait_for_url("**/visits/*")
    with phone.expect_navigation():
        phone.locator(".shot input[type=file]").first.set_input_files(
            {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": io.BytesIO(photo()).getvalue()}
        )
    phone.get_by_text("Đang chụp").first.wait_for()
    row = house.store.one("SELECT kind, state FROM captures")
    assert row == {"kind": "upload", "state": "queued"}
    assert lan["id"]
    # Lost: three taps at the desk, and it is out.
    desk.goto(f"{house.url}/desk/phones")
    desk.locator("details.off summary").first.click()
    desk.get_by_role("button", name="Cho ra ngay").first.click()
    phone.goto(f"{house.url}/desk")
    assert "/desk/sign-in" in phone.url
    context.close()
