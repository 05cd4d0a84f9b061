"""This file proves pages made anew (corners by hand, a turn) and a card read without a trace."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from appliance.core.identity_code import FIELDS
from appliance.demo.papers import CARD_CODE
from appliance.demo.room import sample_photo
from appliance.devices.page_maker import PageMaker
from appliance.errors import BadInput, Conflict
from appliance.service import capture, page_changes
from appliance.service import visits as visit_service
from appliance.service.unseal import open_pages
from appliance.store import visits
from appliance.store.ram import MOST_PHOTOS
from tests.devices.test_capture_worker import Desk

CORNERS = [(0.294, 0.06), (0.73, 0.08), (0.73, 0.94), (0.25, 0.92)]


@pytest.fixture(scope="module")
def maker() -> Iterator[PageMaker]:
    maker = PageMaker()
    yield maker
    maker.close()


@pytest.fixture
def desk(tmp_path: Path, maker: PageMaker) -> Desk:
    return Desk(tmp_path, maker)


def crop(desk: Desk, page_id: str, key: str = "crop-1") -> dict[str, object]:
    house = desk.house
    return desk.done(
        page_changes.ask_crop(house.store, house.now(), key=key, page_id=page_id, corners=CORNERS)
    )


def turn(desk: Desk, page_id: str, turns: int, key: str) -> dict[str, object]:
    house = desk.house
    return desk.done(
        page_changes.ask_turn(house.store, house.now(), key=key, page_id=page_id, turns=turns)
    )


def page(desk: Desk, row: dict[str, object]) -> Image.Image:
    jpeg = desk.house.parts.ram.page(desk.visit, str(row["page_id"]))
    assert jpeg is not None
    return Image.open(io.BytesIO(jpeg))


def kept(desk: Desk) -> list[str]:
    return [row["id"] for row in visits.pages(desk.house.store, desk.visit)]


def test_a_sheet_that_was_not_found_is_cut_out_by_hand(desk: Desk) -> None:
    """White on white: the whole photo first, then the sheet alone, sealed like any page."""
    desk.scene.write_bytes(sample_photo("white-table"))
    row = desk.done(desk.ask())
    first = visits.pages(desk.house.store, desk.visit)[0]
    assert first["checks"]["complete"]["code"] == "no_sheet"
    assert desk.house.parts.ram.photo(desk.visit, first["id"]) == desk.scene.read_bytes()
    assert page(desk, row).width > page(desk, row).height

    row = crop(desk, first["id"])
    assert row["state"] == "done" and kept(desk) == [row["page_id"]]
    cut = page(desk, row)
    assert cut.height / cut.width == pytest.approx(297 / 210, rel=0.01)
    [sheet] = visits.pages(desk.house.store, desk.visit)
    assert sheet["checks"]["complete"]["state"] == "ok" and sheet["position"] == first["position"]
    opened = dict(
        open_pages(desk.house.store, desk.house.parts.sealed_dir, desk.visit, desk.secret)
    )
    assert opened[sheet["id"]] == desk.house.parts.ram.page(desk.visit, sheet["id"])
    # Of the first try nothing is left in RAM; the photograph goes on with the page.
    assert desk.house.parts.ram.page(desk.visit, first["id"]) is None
    assert desk.house.parts.ram.photo(desk.visit, first["id"]) is None
    corners = desk.house.parts.ram.corners(desk.visit, sheet["id"])
    assert corners == [pytest.approx(list(point), abs=0.002) for point in CORNERS]


def test_four_quarter_turns_are_none(desk: Desk) -> None:
    """A page keeps its place, its checks and that somebody kept it; the size turns."""
    row = desk.done(desk.ask())
    desk.done(desk.ask("tap-2"))
    first = str(row["page_id"])
    capture.keep_anyway(desk.house.store, first)
    before, checks = page(desk, row), visits.pages(desk.house.store, desk.visit)[0]["checks"]
    turned = turn(desk, first, 1, "turn-1")
    assert page(desk, turned).size == before.size[::-1]
    again = turn(desk, str(turned["page_id"]), 3, "turn-2")
    assert page(desk, again).size == before.size
    place = visits.pages(desk.house.store, desk.visit)[0]
    assert (place["id"], place["kept_anyway"]) == (again["page_id"], 1)
    assert place["checks"] == checks
    assert desk.house.parts.ram.photo(desk.visit, place["id"]) is not None
    with pytest.raises(BadInput):
        turn(desk, place["id"], 4, "turn-3")


def test_without_its_photograph_the_page_itself_is_cut(desk: Desk) -> None:
    """Photographs are large: only the newest are there. Nothing at all: it is said so."""
    first = str(desk.done(desk.ask())["page_id"])
    for number in range(MOST_PHOTOS):
        desk.house.parts.ram.put_page("f" * 16, f"{number:016x}", b"page")
        desk.house.parts.ram.put_photo("f" * 16, f"{number:016x}", b"photo", None)
    assert desk.house.parts.ram.photo(desk.visit, first) is None
    row = crop(desk, first)
    assert row["state"] == "done"
    desk.house.parts.ram.wipe_visit(desk.visit)
    row = crop(desk, str(row["page_id"]), "crop-2")
    assert (row["state"], row["code"]) == ("failed", "photo_lost")
    row = turn(desk, kept(desk)[0], 1, "turn-1")
    assert (row["state"], row["code"]) == ("failed", "page_locked")


def test_a_page_taken_out_meanwhile_does_not_come_back(desk: Desk) -> None:
    first = str(desk.done(desk.ask())["page_id"])
    asked = page_changes.ask_turn(
        desk.house.store, desk.house.now(), key="turn-1", page_id=first, turns=1
    )
    with desk.house.store.write():
        desk.house.store.run("UPDATE pages SET state = 'removed' WHERE id = ?", first)
    row = desk.done(asked)
    assert (row["state"], row["code"]) == ("failed", "unknown_page")
    assert kept(desk) == [] and len(desk.sealed_files()) == 1


def test_the_shutter_goes_off_once_for_a_sheet(desk: Desk) -> None:
    """Whichever screen asks; the first finger that is late for it meant the same, the second does
    not; a new sheet is new, and an old photograph stops no finger."""
    house = desk.house

    def ask(key: str, sheet: str = "", lies_there: str = "") -> int:
        return capture.ask_page(
            house.store, house.now(), key=key, visit_id=desk.visit, paper_id=house.paper_id(),
            catalogue=house.parts.catalogue, sheet=sheet, lies_there=lies_there,
        )  # fmt: skip

    first = ask("a", "0123abcd-1")
    assert ask("b", "0123abcd-1") == first
    assert ask("a finger") == first and ask("one more") != first
    second = ask("c", "0123abcd-2")
    assert second != first
    with house.store.write():
        house.store.run("UPDATE captures SET mono_ms = mono_ms - 30000, state = 'done'")
    assert ask("late, but it lies there", lies_there="0123abcd-2") == second
    third = ask("d", "0123abcd-3")
    with house.store.write():
        house.store.run("UPDATE captures SET mono_ms = mono_ms - 30000, state = 'done'")
    assert ask("another sheet lies there", lies_there="0123abcd-4") not in (first, second, third)


def test_the_shutter_is_told_of_each_photograph(tmp_path: Path, maker: PageMaker) -> None:
    told: list[str] = []
    desk = Desk(tmp_path, maker)
    desk.worker = type(desk.worker)(desk.house.parts, desk.camera, maker, told.append)
    desk.done(desk.ask())
    assert told == [desk.visit]


def read_card(desk: Desk, key: str = "card-1") -> dict[str, object]:
    return desk.done(
        page_changes.ask_card(desk.house.store, desk.house.now(), key=key, visit_id=desk.visit)
    )


def traces(folder: Path) -> list[Path]:
    """Files of the house that hold a field of the card, or a picture."""
    words = [word.encode() for word in CARD_CODE.split("|")[:7]] + [b"Nguy\\u1ec5n", b"14/07/1998"]
    return [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and any(word in path.read_bytes() for word in words)
    ]


def test_a_card_is_read_shown_and_gone(desk: Desk, caplog: pytest.LogCaptureFixture) -> None:
    """In RAM alone while it is shown, and nowhere after the visit: not in the table, nor a log."""
    caplog.set_level(logging.DEBUG)
    desk.scene.write_bytes(sample_photo("card"))
    row = read_card(desk)
    assert (row["state"], row["code"], row["page_id"]) == ("done", "card_read", None)
    ram = desk.house.parts.ram
    path = ram.root / "pages" / desk.visit / "card.json"
    found = ram.card(desk.visit, path.stat().st_mtime)
    assert found is not None and set(found[0]) == {*FIELDS, "agrees"}
    assert found[0]["name"] == "Nguyễn Thị Mẫu" and 0 < found[1] <= 300
    desk.scene.unlink()
    assert traces(desk.house.folder) == [path]
    assert [p.name for p in ram.root.rglob("*") if p.is_file() and desk.visit in p.parts] == [
        "card.json"
    ]
    visit_service.finish(
        desk.house.store, ram, desk.house.now(), desk.visit, catalogue=desk.house.parts.catalogue
    )
    assert traces(desk.house.folder) == []
    assert not any(word in caplog.text for word in ("Mẫu", "079198012345", "14071998"))
    with pytest.raises(Conflict):
        read_card(desk, "card-2")


@pytest.mark.parametrize("way", ["aside", "time", "button", "clock set back"])
def test_every_other_way_a_card_goes(desk: Desk, way: str) -> None:
    ram = desk.house.parts.ram
    ram.put_card(desk.visit, {"name": "Nguyễn Thị Mẫu"})
    now_s = (ram.root / "pages" / desk.visit / "card.json").stat().st_mtime
    if way == "aside":
        visit_service.park(desk.house.store, ram, desk.house.now(), desk.visit)
    elif way == "time":
        ram.drop_old_cards(now_s + 299)
        assert ram.card(desk.visit, now_s) is not None
        ram.drop_old_cards(now_s + 301)
    elif way == "button":
        ram.drop_card(desk.visit)
    else:
        ram.drop_old_cards(now_s - 86400)
    assert ram.card(desk.visit, now_s) is None and traces(desk.house.folder) == []


@pytest.mark.slow
def test_no_card_and_no_cards_code(desk: Desk) -> None:
    desk.scene.write_bytes(sample_photo("list"))
    assert read_card(desk)["code"] == "no_card_code"
    import segno

    from tests.devices.house_for_tests import on_a_table

    out = io.BytesIO()
    segno.make("https://hien.local/t/abc", micro=False).save(out, kind="png", scale=9, border=6)
    desk.scene.write_bytes(on_a_table(Image.open(out)))
    row = read_card(desk, "card-2")
    assert (row["state"], row["code"]) == ("failed", "not_a_card")
    assert "hien.local" not in json.dumps(row)
