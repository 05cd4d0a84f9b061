"""This file is a paper on a white table: nobody finds its edges but a person, with four handles."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from PIL import Image

from .conftest import Demo, Person

pytestmark = [pytest.mark.story, pytest.mark.slow, pytest.mark.timeout(300)]

# Where the demo's sheet lies in its photo (appliance/demo/photo.py, Pose()).
SHEET = [(0.294, 0.06), (0.73, 0.08), (0.73, 0.94), (0.25, 0.92)]


def test_a_page_cut_out_by_hand(demo: Demo, person: Callable[[str], Person]) -> None:
    """Two taps and four drags from the paper to the page; then the next sheet takes itself."""
    resident, volunteer = person("tablet"), person("phone")
    resident.page.goto(demo.house)
    resident.taps("Có em bé")
    resident.page.wait_for_url(re.compile(r"/tickets/[0-9a-f]+"))
    page = volunteer.page
    page.goto(f"{demo.house}/desk")
    page.get_by_text("Chị Lan").first.click()
    page.fill("input[name=pin]", "2468")
    volunteer.taps("Vào bàn trực")
    page.get_by_role("button", name=re.compile("^Mời số")).first.click()
    page.get_by_role("button", name=re.compile("đã đến")).first.click()
    page.wait_for_url(re.compile(r"/visits/[0-9a-f]+"))
    visit = page.url.split("?")[0]

    demo.do("/scene/sample/white-table")
    page.get_by_role("button", name=re.compile("^Chụp: ")).click()
    page.wait_for_url(re.compile("/corners$"), timeout=40_000)
    page.wait_for_function("document.querySelector('.stage img').naturalWidth > 0")
    volunteer.sees("corners", ("phone", "tablet"))
    photo = page.locator(".stage img").bounding_box()
    for i, (x, y) in enumerate(SHEET):
        box = page.locator(".handle").nth(i).bounding_box()
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(photo["x"] + x * photo["width"], photo["y"] + y * photo["height"], steps=4)
        page.mouse.up()
    volunteer.taps("Xong, cắt theo bốn góc")
    page.locator("#visit-status.good, #visit-status.bad").wait_for(timeout=40_000)
    assert page.url.split("#")[0] == visit
    source = page.locator("#pages li img").first.get_attribute("src")
    jpeg = volunteer.context.request.get(f"{demo.house}{source.replace('/small.jpg', '.jpg')}")
    cut = Image.open(io.BytesIO(jpeg.body()))
    assert cut.height / cut.width == pytest.approx(297 / 210, rel=0.02)

    # The next sheet: laid, seen to lie still, photographed without a tap, and only once.
    demo.do("/scene/sample/birth-form")
    page.locator("#pages li").nth(1).wait_for(timeout=40_000)
    page.get_by_text("Tờ này chụp rồi.").wait_for()
    volunteer.sees("hint", ("phone", "tablet"))
    assert page.locator("#pages li").count() == 2
