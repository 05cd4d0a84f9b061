"""This file walks the guide in a real Chromium: with and without scripts, measured, with axe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.in_browser import MEASURE, barriers
from tests.web.served import Served, served_house

TABLET, PHONE = (1280, 800), (360, 800)
BIRTH = (
    "cach-nop=giay&chung-sinh=co&sinh-dac-biet=mang-thai-ho&ai-di=ngoai&noi-o=khong-ro"
    "&have=giay-chung-sinh"
)
DEATH = "tro-cap-nguoi-mat=xa-hoi&cach-nop=mang&bao-tu=co&noi-o-cuoi=roi&nguoi-nha=nha&tam-muoi=co"
SCREENS = (
    "/guide", "/guide?q=khai+sinh", "/guide?q=xyzzy", "/guide?q=vneid", "/guide/khai-sinh",
    "/guide/khai-sinh?cach-nop=mang", f"/guide/khai-sinh?{BIRTH}", f"/guide/co-nguoi-mat?{DEATH}",
    "/guide/lien-thong-tre-em?chung-sinh=co&cung-ho=phai", "/guide/for/ban-sao",
)  # fmt: skip


@pytest.fixture(scope="module")
def house() -> Iterator[Served]:
    with served_house(**{"devices.printer": "tcp://127.0.0.1:9"}) as served:
        yield served


@pytest.mark.parametrize("scripts", [True, False])
def test_from_words_to_a_slip(browser: Any, house: Served, scripts: bool) -> None:
    """Typed without accents, five taps for the answers, a tick, and the slip is on its way."""
    context = browser.new_context(
        viewport={"width": TABLET[0], "height": TABLET[1]}, java_script_enabled=scripts
    )
    page = context.new_page()
    page.goto(house.url + "/guide")
    page.get_by_label("Bác gõ việc cần làm").fill("giay khai sinh")
    page.get_by_role("button", name="Tìm").click()
    page.get_by_role("link", name="Làm giấy khai sinh").click()
    for answer in ("Qua mạng, ngay tại đây", "Có", "Không có gì", "Cha hoặc mẹ", "Có rồi"):
        page.get_by_label(answer, exact=True).first.check()
    page.get_by_role("button", name="Xem giấy cần có").click()
    assert page.locator(".need").count() == 2
    page.get_by_label("Tôi có: Giấy chứng sinh").check()
    page.get_by_role("button", name="In phiếu này").click()
    page.wait_for_url("**printed=*")
    assert page.locator("#slip").inner_text().strip()
    assert page.get_by_label("Tôi có: Giấy chứng sinh").is_checked()
    context.close()


@pytest.mark.parametrize(("size", "letters"), [(TABLET, "1"), (TABLET, "3"), (PHONE, "2")])
def test_measured(browser: Any, house: Served, size: tuple[int, int], letters: str) -> None:
    """Targets, letters, contrast and widths of every screen of the guide; axe finds nothing."""
    context = browser.new_context(viewport={"width": size[0], "height": size[1]})
    page = context.new_page()
    page.goto(f"{house.url}/set/size/{letters}")
    main_px, least_px = (96, 24) if size == TABLET else (48, 18)
    for path in SCREENS:
        page.goto(house.url + path)
        page.evaluate("document.fonts.ready")
        page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")
        seen = page.evaluate(MEASURE)
        assert seen["width"] <= size[0], f"{path} scrolls sideways"
        for target in seen["targets"]:
            least = main_px if target["primary"] else 48
            assert target["h"] >= least - 0.5 and target["w"] >= 47.5, (path, target)
        for shown in seen["texts"]:
            assert shown["ratio"] >= 7 and shown["size"] >= least_px - 0.5, (path, shown)
        assert barriers(page) == [], path
    context.close()
