"""This file is the whole visit: taken, called, photographed, printed, helped, known to the ward."""

from __future__ import annotations

import io
import json
import re
import sqlite3
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from appliance import seal

from .conftest import Demo, Person, wait_until

pytestmark = [pytest.mark.story, pytest.mark.timeout(300)]


def newest_slip(demo: Demo, count: int) -> Image.Image:
    """The newest of `count` slips, as soon as the printer has cut that many."""
    state = wait_until(
        f"slip {count} is cut",
        lambda: (s := demo.get_json(demo.room, "/state.json")) and slips_in(s) >= count and s,
    )
    return Image.open(io.BytesIO(demo.get(demo.room, f"/slips/{slips_in(state)}.png")))


def slips_in(state: dict[str, object]) -> int:
    numbers = state["slips"]
    assert isinstance(numbers, list)
    return max((n["number"] if isinstance(n, dict) else int(n) for n in numbers), default=0)


def codes_on(slip: Image.Image) -> list[str]:
    return [code.text for code in zxingcpp.read_barcodes(slip.convert("L"))]


def test_a_visit_from_the_door_to_the_slip(demo: Demo, person: Callable[[str], Person]) -> None:
    resident, volunteer, wall, officer = (
        person("tablet"), person("phone"), person("wall"), person("tablet"),
    )  # fmt: skip
    wall.page.goto(f"{demo.house}/wall")
    officer.page.goto(demo.ward)

    # The resident takes a number: one tap.
    resident.page.goto(demo.house)
    resident.sees("start")
    resident.taps("Có em bé")
    resident.page.wait_for_url(re.compile(r"/tickets/[0-9a-f]+"))
    resident.page.get_by_text("Đã in phiếu").first.wait_for()
    resident.sees("ticket")
    (code,) = codes_on(newest_slip(demo, 1))
    secret = seal.find_secret(code)
    assert secret and code.startswith(f"{demo.house}/t#")

    # The volunteer comes on duty and calls it; the wall shows it.
    volunteer.page.goto(f"{demo.house}/desk")
    volunteer.sees("sign-in", ("phone", "tablet"))
    volunteer.page.get_by_text("Chị Lan").first.click()
    volunteer.page.fill("input[name=pin]", "2468")
    volunteer.taps("Vào bàn trực")
    volunteer.page.wait_for_url(f"{demo.house}/desk")
    volunteer.sees("desk-waiting", ("phone", "tablet"))
    volunteer.taps("Mời số 1")
    wall.page.wait_for_function(
        "document.querySelector('main').innerText.includes('Mời') ||"
        " document.querySelector('main').innerText.includes('1')"
    )
    wall.page.get_by_text("Chị Lan").first.wait_for()
    wall.sees("wall-called", ("wall", "tablet"))
    volunteer.sees("desk-called", ("phone", "tablet"))
    volunteer.taps("Bác số 1 đã đến")
    volunteer.page.wait_for_url(re.compile(r"/visits/[0-9a-f]+"))
    visit_id = volunteer.page.url.rsplit("/", 1)[-1].split("?")[0]

    # One paper photographed in one tap, one only looked at.
    demo.do("/scene/sample/birth-certificate")
    volunteer.sees("visit-open", ("phone", "tablet"))
    volunteer.page.locator("#papers").get_by_role("button", name="Chụp").first.click()
    volunteer.page.locator("#pages li img").first.wait_for(timeout=40_000)
    volunteer.page.get_by_role("button", name="Đã xem").first.click()
    volunteer.page.locator(".tick.on").first.wait_for()
    volunteer.sees("visit-page", ("phone", "tablet"))
    source = volunteer.page.locator("#pages li img").first.get_attribute("src")
    page_jpeg = volunteer.context.request.get(
        f"{demo.house}{source.replace('/small.jpg', '.jpg')}"
    ).body()
    assert page_jpeg.startswith(b"\xff\xd8")
    pdf = volunteer.context.request.get(f"{demo.house}/visits/{visit_id}/papers.pdf").body()
    assert pdf.startswith(b"%PDF-")

    # Nobody else may see the page.
    assert demo_status(f"{demo.house}/visits/{visit_id}/papers.pdf") in (303, 403, 401)

    # What was done, what is missing; the second slip.
    volunteer.page.get_by_role("link", name="Xong việc, in phiếu").first.click()
    volunteer.page.get_by_label("Đã nộp hồ sơ").check()
    volunteer.page.fill("input[name=dossier_code]", "H15.50.05.13-261008-0975")
    volunteer.sees("finish", ("phone", "tablet"))
    volunteer.taps("Kết thúc và in phiếu")
    (link,) = codes_on(newest_slip(demo, 2))
    assert link.startswith(f"{demo.house}/t/")
    volunteer.page.wait_for_timeout(300)
    volunteer.sees("visit-over", ("phone", "tablet"))

    # Help: the button on the wall of the room, answered by the ward.
    demo.do("/button/press")
    wall.page.get_by_text("gọi").first.wait_for()
    officer.page.locator("button", has_text=re.compile("phút|trả lời|đến", re.I)).first.wait_for()
    officer.sees("ward-help", ("tablet", "phone"))
    call = wait_until(
        "the ward has the call",
        lambda: [
            e["d"]["call"]
            for e in demo.events()
            if e["d"]["type"] == "called" and e["stream"] == "help"
        ],
    )[0]
    answer_at_the_ward(officer)
    wait_until(
        "the house knows who comes",
        lambda: any(e["d"]["type"] == "answered" and e["d"]["call"] == call for e in demo.events()),
    )
    wait_until(
        "the lamp is steady", lambda: demo.get_json(demo.room, "/state.json")["lamp"] == "on"
    )
    wall.sees("wall-help", ("wall",))
    resident.page.goto(demo.house)
    resident.sees("start-help", ("tablet",))

    # The ward has stored what the house has told, each once, and said so.
    house_db = demo.folder / "house" / "hien.db"
    told = in_outbox(house_db)
    kept = wait_until(
        "the ward has everything",
        lambda: (events := demo.events()) and len(events) >= len(told) and events,
    )
    assert sorted((e["epoch"], e["stream"], e["seq"]) for e in kept) == told
    wait_until("every report has its receipt", lambda: pending(house_db) == 0)
    (house,) = demo.get_json(demo.ward, "/api/houses")
    assert house["house"] == "hien-demo" and house["online"] is True
    assert house["queue"]["waiting"] == 0 and house["queue"]["done_today"] == 1

    # Nothing personal lies on the card: not the page, not a piece of it, not the secret.
    # (Blank paper compresses to runs that any file may hold: pieces that say something count.)
    pieces = [page_jpeg[n : n + 64] for n in range(1000, len(page_jpeg) - 64, 5_000)]
    needles = [piece for piece in pieces if len(set(piece)) > 30]
    assert len(needles) >= 3
    needles += [secret.encode(), secret.lower().encode()]
    sealed = 0
    for path in Path(demo.folder).rglob("*"):
        if path.is_file():
            data = path.read_bytes()
            sealed += path.suffix == ".age" and "sealed" in path.parts
            assert not any(needle in data for needle in needles), path
    assert sealed == 1  # the page; its dossier is sealed as well, in folders of its own


def answer_at_the_ward(officer: Person) -> None:
    form = (
        officer.page.locator("form", has=officer.page.locator("button"))
        .filter(has_text=re.compile("phút", re.I))
        .first
    )
    for field in form.locator("input[type=text], input:not([type])").all():
        if field.is_visible() and not field.input_value():
            field.fill("Anh Tú")
    form.locator("button").first.click()


def demo_status(url: str) -> int:
    class Still(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, *_: object, **__: object) -> None:
            return None

    try:
        with urllib.request.build_opener(Still).open(url, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as e:
        return int(e.code)


def in_outbox(path: Path) -> list[tuple[str, str, int]]:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return sorted(db.execute("SELECT epoch, stream, seq FROM outbox").fetchall())


def pending(path: Path) -> int:
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as db:
        return int(
            db.execute("SELECT count(*) FROM outbox WHERE receipted_at IS NULL").fetchone()[0]
        )


def test_the_network_is_cut_and_the_house_goes_on(
    demo: Demo, person: Callable[[str], Person]
) -> None:
    """The cable is out for a while: numbers are taken, a banner says so, then all is delivered."""
    resident, wall = person("tablet"), person("wall")
    wall.page.goto(f"{demo.house}/wall")
    demo.do("/network/cut")
    wall.page.get_by_text("MẤT MẠNG").first.wait_for(timeout=15_000)
    wall.sees("wall-network-down", ("wall",))
    before = len(demo.events())
    for service in ("Kết hôn", "Hỏi việc khác"):
        resident.page.goto(demo.house)
        resident.taps(service)
        resident.page.get_by_text("Đã in phiếu").first.wait_for()
    resident.sees("ticket-network-down", ("tablet",))
    assert len(demo.events()) == before
    demo.do("/network/restore")
    house_db = demo.folder / "house" / "hien.db"
    wait_until("every report has its receipt", lambda: pending(house_db) == 0, 60)
    keys = [(e["epoch"], e["stream"], e["seq"]) for e in demo.events()]
    assert sorted(keys) == in_outbox(house_db) and len(keys) == len(set(keys))
    wall.page.get_by_text("MẤT MẠNG").first.wait_for(state="hidden", timeout=15_000)


def test_paper_out_and_back(demo: Demo, person: Callable[[str], Person]) -> None:
    """The roll is empty: the number stands, the screen says so; with paper it prints by itself."""
    resident = person("tablet")
    slips = slips_in(demo.get_json(demo.room, "/state.json"))
    demo.do("/paper/out")
    resident.page.goto(demo.house)
    resident.taps("Có người mất")
    resident.page.get_by_text("hết giấy").first.wait_for()
    resident.sees("ticket-no-paper", ("tablet", "phone"))
    tickets = json.loads(demo.get(demo.house, "/api/tickets/today"))
    assert tickets[-1]["printed"] is False
    demo.do("/paper/in")
    newest_slip(demo, slips + 1)
    resident.page.get_by_text("Đã in phiếu").first.wait_for()
