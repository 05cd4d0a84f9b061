"""This file rehearses the five scenes with real browsers, broker and ward, on a clock that is set.

One long weekend in one house: Thursday 09:00, Friday 16:40, Saturday 19:20, Monday 08:05 and a
family on Monday morning. Each scene also runs alone: the clock only goes forward. It is a weekend
gone by: what the ward says expires by the ward's own clock, which is right.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from tests.story.conftest import SCREENSHOTS, Demo, started, wait_until
from tests.story.rehearsal import Somebody, rehearsed

pytestmark = [pytest.mark.story, pytest.mark.timeout(400)]

SERVICES = ("Có em bé", "Kết hôn", "VNeID", "Bản sao", "Trợ cấp", "Hỏi việc khác")
DEATH = {
    "tro-cap-nguoi-mat": "xa-hoi",
    "cach-nop": "mang",
    "bao-tu": "co",
    "noi-o-cuoi": "roi",
    "nguoi-nha": "nha",
    "tam-muoi": "co",
}
CODE = "H15.50.05.13-261008-0975"


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    yield from started("--at", "2026-11-12T08:56")


def slips(demo: Demo) -> list[int]:
    return sorted(demo.get_json(demo.room, "/state.json")["slips"])


def newest_slip(demo: Demo, after: int) -> Image.Image:
    """The newest slip, once one beyond number `after` has been cut."""
    found = wait_until("a slip is cut", lambda: [n for n in slips(demo) if n > after], 40)
    return Image.open(io.BytesIO(demo.get(demo.room, f"/slips/{found[-1]}.png")))


def last_slip(demo: Demo) -> int:
    return max(slips(demo), default=0)


@pytest.mark.slow
def test_thursday_morning_without_a_router(demo: Demo, browser: Any) -> None:
    """Twelve people and no line: numbers, calls and a photographed page as ever; all screens say
    what is not possible; when the line is back the ward has everything, each report once."""
    with rehearsed("thursday-0900-no-router", demo, browser) as scene:
        scene.wait_until_clock("2026-11-12T09:00")
        wall, tablet = scene.somebody("wall", "wall"), scene.somebody("tablet", "tablet")
        wall.opens(f"{demo.house}/wall")
        demo.do("/network/cut")
        wall.sees("MẤT MẠNG", 20)
        for n in range(12):
            tablet.opens(demo.house)
            tablet.taps_button(SERVICES[n % len(SERVICES)])
            tablet.page.wait_for_url(re.compile("/tickets/"))
        tablet.sees("Trước bác còn 11 người")
        tablet.shows("number-twelve")
        lan = scene.volunteer()
        lan.sees("12 người đợi")
        lan.shows("twelve-waiting")
        for _ in range(2):
            lan.taps_button("Mời số")
            lan.taps_button("đã đến")
            lan.page.wait_for_url(re.compile("/visits/"))
            demo.do("/scene/sample/birth-certificate")
            photo = lan.page.locator("#papers").get_by_role("button", name="Chụp")
            if photo.count():
                photo.first.click()
                lan.taps += 1
                lan.page.locator("#pages li img").first.wait_for(timeout=60_000)
            lan.taps_link("Xong việc, in phiếu")
            lan.taps_choice("Đã hướng dẫn từng bước")
            lan.taps_button("Kết thúc và in phiếu")
            lan.page.wait_for_url(re.compile("/visits/"))
            lan.taps_link("Về bàn")
        lan.sees("10 người đợi")
        wall.sees("MẤT MẠNG")
        wall.shows("busy-without-a-line")
        waiting = scene.rows("SELECT count(*) FROM outbox WHERE receipted_at IS NULL")[0][0]
        assert waiting >= 30
        demo.do("/network/restore")
        scene.everything_is_told()
        told = scene.rows("SELECT epoch, stream, seq FROM outbox")
        kept = [(e["epoch"], e["stream"], e["seq"]) for e in demo.events()]
        assert sorted(kept) == sorted(tuple(row) for row in told)
        wall.page.get_by_text("MẤT MẠNG").first.wait_for(state="hidden", timeout=20_000)
        lan.taps_button("Nghỉ trực")
        # Nobody of these twelve taps more than once for a number.
        assert tablet.taps == 12


def test_friday_afternoon_out_of_paper(demo: Demo, browser: Any) -> None:
    """The ward sees at 15:10 that little paper is left. Then the roll is empty: the
    number stands and is not counted as handed out; the wall goes on; with a new roll the
    slip comes by itself, once."""
    with rehearsed("friday-1640-no-paper", demo, browser) as scene:
        scene.wait_until_clock("2026-11-13T15:10")
        it = scene.somebody("it", "tablet")
        demo.do("/paper/low")
        it.opens(f"{demo.ward}/house/hien-demo")
        scene.comes_up(it, "sắp hết giấy")
        it.shows("little-paper-at-1510")
        scene.wait_until_clock("2026-11-13T16:40")
        tablet, wall = scene.somebody("tablet", "tablet"), scene.somebody("wall", "wall")
        before = last_slip(demo)
        demo.do("/paper/out")
        tablet.opens(demo.house)
        tablet.taps_button("Kết hôn")
        tablet.sees("hết giấy")
        tablet.shows("number-without-slip")
        today = json.loads(demo.get(demo.house, "/api/tickets/today"))
        number = today[-1]["number"]
        assert today[-1]["printed"] is False
        lan = scene.volunteer()
        lan.sees("chưa in")
        lan.shows("desk-sees-it")
        lan.taps_button("Mời số")
        wall.opens(f"{demo.house}/wall")
        wall.sees("Mời số")
        assert wall.page.locator("[data-number]").inner_text() == str(number)
        wall.shows("wall-goes-on")
        demo.do("/paper/in")
        slip = newest_slip(demo, before)
        assert zxingcpp.read_barcodes(slip.convert("L"))
        tablet.sees("Đã in phiếu")
        tablet.shows("slip-came")
        assert slips(demo)[-1] == before + 1
        assert json.loads(demo.get(demo.house, "/api/tickets/today"))[-1]["printed"] is True
        assert tablet.taps == 1
        scene.everything_is_told()
        lan.taps_button("đã đến")
        lan.page.wait_for_url(re.compile("/visits/"))
        lan.taps_link("Xong việc, in phiếu")
        lan.taps_button("Kết thúc và in phiếu")
        lan.taps_link("Về bàn")
        lan.taps_button("Nghỉ trực")


def test_saturday_evening_nobody_on_duty(demo: Demo, browser: Any) -> None:
    """One press of the button; somebody outside answers with a time; wall and tablet say who comes
    and when; 25 minutes later the resident leaves with a slip."""
    with rehearsed("saturday-1920-nobody", demo, browser) as scene:
        scene.wait_until_clock("2026-11-14T19:20")
        wall, tablet = scene.somebody("wall", "wall"), scene.somebody("tablet", "tablet")
        officer = scene.somebody("ward", "tablet")
        wall.opens(f"{demo.house}/wall")
        tablet.opens(demo.house)
        tablet.sees("Chưa có người trực")
        tablet.shows("nobody-on-duty")
        officer.opens(demo.ward)
        tablet.taps_button("VNeID")
        tablet.page.wait_for_url(re.compile("/tickets/"))
        demo.do("/button/press")
        wall.sees("gọi")
        wall.shows("called")
        answer = officer.page.locator("form").filter(has_text=re.compile("phút", re.I)).first
        answer.locator("button").first.wait_for()
        for box in answer.locator("input[type=text], input:not([type])").all():
            if box.is_visible():
                box.fill("Chị Lan")
        answer.locator("button").first.click()
        officer.taps += 2
        wall.sees("Chị Lan")
        wall.shows("who-comes-and-when")
        tablet.sees("Chị Lan")
        tablet.shows("who-comes-and-when")
        assert wait_until(
            "the lamp is steady", lambda: demo.get_json(demo.room, "/state.json")["lamp"] == "on"
        )
        scene.later(10)
        lan = scene.volunteer()
        lan.taps_button("Mời số")
        lan.taps_button("đã đến")
        lan.page.wait_for_url(re.compile("/visits/"))
        scene.later(5)
        before = last_slip(demo)
        lan.taps_link("Xong việc, in phiếu")
        lan.taps_choice("Đã mở hoặc kích hoạt tài khoản VNeID")
        lan.taps_button("Kết thúc và in phiếu")
        newest_slip(demo, before)
        tablet.sees("Đã xong. Cảm ơn bác đã đến.")
        tablet.shows("done")
        lan.taps_link("Về bàn")
        lan.taps_button("Đã giúp xong")
        lan.taps_button("Nghỉ trực")
        assert tablet.taps == 1


@pytest.mark.slow
def test_monday_a_draft_comes_back(demo: Demo, browser: Any) -> None:
    """The officer sends the draft of a certificate back from the ward: a task at the desk
    with the time left, louder at half and at four fifths; the resident reads every letter;
    confirmed hours before the limit."""
    with rehearsed("monday-0805-draft", demo, browser) as scene:
        scene.wait_until_clock("2026-11-15T15:00")
        tablet = scene.somebody("tablet", "tablet")
        tablet.opens(demo.house)
        tablet.taps_button("Có em bé")
        lan = scene.volunteer()
        lan.taps_button("Mời số")
        lan.taps_button("đã đến")
        lan.page.wait_for_url(re.compile("/visits/"))
        lan.taps_link("Xong việc, in phiếu")
        lan.taps_choice("Đã nộp hồ sơ")
        lan.types("input[name=dossier_code]", CODE)
        lan.taps_button("Kết thúc và in phiếu")
        lan.taps_link("Về bàn")
        lan.taps_button("Nghỉ trực")
        scene.wait_until_clock("2026-11-16T08:05")
        officer = scene.somebody("ward", "tablet")
        officer.opens(f"{demo.ward}/house/hien-demo")
        officer.taps_link("Báo có bản nháp")
        officer.types("input[name=code]", CODE)
        officer.shows("a-draft-is-back")
        officer.taps_button("Báo có bản nháp")
        lan = scene.volunteer()
        lan.sees("chờ xem", 40)
        lan.shows("a-task-at-the-desk")
        (watch,) = scene.rows("SELECT * FROM proof_watches WHERE state = 'open'")
        # Nobody at the desk had to say so: the ward did.
        assert watch["by_ward"] == 1
        scene.later(13 * 60)
        wait_until(
            "half the time is said to be gone",
            lambda: scene.rows(
                "SELECT 1 FROM proof_watches WHERE id = ? AND told_pct = 50", watch["id"]
            ),
            90,
        )
        lan = scene.volunteer()  # another shift: the session is over
        lan.sees("chờ xem")
        lan.shows("louder-at-half")
        lan.taps_on("section.ask a.button")
        lan.taps_button("Bác đã xem, đúng cả")
        (ended,) = scene.rows("SELECT * FROM proof_watches WHERE id = ?", watch["id"])
        assert ended["state"] == "confirmed" and ended["ended_at"] < ended["ends_at"]
        lan.opens(f"{demo.house}/desk")
        assert lan.page.get_by_text("chờ xem").count() == 0
        lan.taps_button("Nghỉ trực")
        scene.everything_is_told()


@pytest.mark.slow
def test_a_family_with_a_death(demo: Demo, browser: Any) -> None:
    """One bundle: a few questions, one list; the death notice is photographed once and serves
    every step of it; the slip says what to bring, and for each step where to go."""
    with rehearsed("a-family-with-a-death", demo, browser) as scene:
        tablet = scene.somebody("tablet", "tablet")
        tablet.opens(f"{demo.house}/guide")
        tablet.taps_link("Có người mất")
        tablet.shows("questions")
        answer_about_a_death(tablet)
        tablet.sees("Một tờ dùng cho")
        tablet.shows("one-list")
        before = last_slip(demo)
        tablet.taps_button("In phiếu này")
        newest_slip(demo, before).save(scene_picture("slip-who-goes-where"))
        (asked,) = scene.rows(
            "SELECT payload FROM print_jobs WHERE kind = 'checklist' ORDER BY id DESC LIMIT 1"
        )
        steps = json.loads(asked["payload"])["steps"]
        assert len(steps) == 3 and all(": nộp ngay tại đây." in step for step in steps), steps
        tablet.taps_button("Lấy số để làm việc này")
        tablet.page.wait_for_url(re.compile("/tickets/"))
        lan = scene.volunteer()
        lan.taps_button("Mời số")
        lan.taps_button("đã đến")
        lan.page.wait_for_url(re.compile("/visits/"))
        lan.taps_link("Hỏi vài câu để biết đúng giấy")
        if lan.page.locator("fieldset.question").count() == 0:
            lan.taps_link("Có người mất")
        answer_about_a_death(lan)
        assert lan.page.get_by_text("Một tờ dùng cho 3 việc").count() == 1
        lan.taps_button("Dùng các giấy này cho lượt này")
        lan.sees("Lượt này theo: Có người mất")
        demo.do("/scene/sample/list")
        lan.page.locator("#papers").get_by_role("button", name="Chụp").first.click()
        lan.taps += 1
        lan.page.locator("#pages li img").first.wait_for(timeout=60_000)
        lan.shows("captured-once", "full")
        pages = scene.rows("SELECT paper_id FROM pages WHERE state = 'kept' ORDER BY taken_at DESC")
        visit = lan.page.url.rsplit("/", 1)[-1].split("?")[0].split("#")[0]
        kept = scene.rows("SELECT count(*) FROM pages WHERE visit_id = ? AND state = 'kept'", visit)
        assert kept[0][0] == 1 and pages[0]["paper_id"] == "giay-bao-tu"
        # One photograph, and the list says that it serves all three.
        notice = lan.page.locator("#papers li").filter(has_text="Giấy báo tử")
        assert notice.count() == 1 and "đã chụp 1 trang" in notice.inner_text()
        before = last_slip(demo)
        lan.taps_link("Xong việc, in phiếu")
        lan.taps_choice("Đã hỏi đáp")
        lan.taps_button("Kết thúc và in phiếu")
        slip = newest_slip(demo, before)
        slip.save(scene_picture("slip-of-the-bundle"))
        lan.taps_link("Về bàn")
        lan.taps_button("Nghỉ trực")


def answer_about_a_death(somebody: Somebody) -> None:
    """One tap a question, until there is none: the late mother had a social allowance, her death
    notice is there."""
    for _ in DEATH:
        asked = somebody.page.locator("fieldset.question input[type=radio]:not(:checked)")
        names = {box.get_attribute("name") for box in asked.all()}
        if not names:
            return
        for name in DEATH:
            if name in names:
                somebody.taps_on(f'label.choice:has(input[name="{name}"][value="{DEATH[name]}"])')
        somebody.taps_button("Xem giấy cần có")


def scene_picture(name: str) -> str:
    SCREENSHOTS.mkdir(exist_ok=True)
    return str(SCREENSHOTS / f"scene-{name}.png")
