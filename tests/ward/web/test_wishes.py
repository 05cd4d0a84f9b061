"""This file proves the editor of rosters, settings and catalogues: checked, versioned, named."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest

from tests.ward.web.conftest import HOUSE, NASTY, OWN, Desk
from ward.store import wanted
from ward.web import wish_text

ROSTER = '[[volunteers]]\nid = "lan"\nname = "Chị Lan"\ndesk = 1\nshows_name = true\npin = "2468"\n'


def send(desk: Desk, name: str, text: str, houses: str = HOUSE) -> Any:
    form = {"houses": houses, "text": text}
    return desk.as_("it").post(f"/wishes/{name}", data=form, headers=OWN)


def body(desk: Desk, house: str = HOUSE) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        desk.store.value("SELECT body FROM wanted WHERE house = ?", house)
    )
    return found


def test_a_pin_leaves_only_as_a_hash_a_house_takes(desk: Desk) -> None:
    """The form is the one of the houses; neither the table nor the page ever has the PIN."""
    assert send(desk, "roster", ROSTER).status_code == 303
    (entry,) = body(desk)["volunteers"]
    assert "pin" not in entry and (entry["id"], entry["name"]) == ("lan", "Chị Lan")
    kind, n, r, p, salt, digest = entry["pin_hash"].split(":")
    made = hashlib.scrypt(b"2468", salt=bytes.fromhex(salt), n=int(n), r=int(r), p=int(p))
    assert (kind, made.hex()) == ("scrypt", digest)
    page = desk.as_("it").get(f"/wishes/roster?house={HOUSE}").text
    assert "2468" not in page.replace(digest, "").replace(salt, "") and "Chị Lan" in page


def test_a_real_house_takes_that_roster(desk: Desk) -> None:
    """What the editor makes passes the house's own check of an entry."""
    from appliance.service.roster import _entry

    send(desk, "roster", ROSTER)
    assert _entry(body(desk)["volunteers"][0]).desk == 1


def test_versions_go_up_and_the_list_says_who_has_what(desk: Desk) -> None:
    desk.says("hello", "nha-18", name="Tổ 18", config_ver=7)
    for _ in range(2):
        assert send(desk, "config", "[data]\nkeep_sealed_h = 48\n", "nha-*").status_code == 303
    found = {s.house: s for s in wanted.all_of(desk.store.connection, "config")}
    assert {h: s.ver for h, s in found.items()} == {HOUSE: 2, "nha-18": 9}
    assert found[HOUSE].body == {"data.keep_sealed_h": 48} and found[HOUSE].made_by == "it"
    it = desk.as_("it")
    assert it.get("/wishes").text.count("đang chờ nhà nhận") == 2
    desk.event("ops", type="wanted", name="config", ver=2, state="applied", code="")
    desk.event("ops", "nha-18", type="wanted", name="config", ver=9, state="refused", code=NASTY)
    page = it.get("/wishes").text
    assert "đã áp dụng lúc 09:00" in page and "nhà không nhận" in page
    assert "<script>alert" not in page
    notes = desk.store.all("SELECT who, house FROM audit WHERE what = 'wish_config'")
    assert len(notes) == 4 and {n["who"] for n in notes} == {"it"}


@pytest.mark.parametrize(
    ("name", "text", "houses"),
    [("config", "][", HOUSE), ("config", "", HOUSE), ("config", "x = 1", HOUSE),
     ("config", "[data]\nx = [1]", HOUSE), ("config", "[data]\nx = 1", "nowhere-*"),
     ("config", "[data]\nx = 1", ""), ("roster", "volunteers = 1", HOUSE),
     ("roster", ROSTER.replace("2468", "24"), HOUSE), ("catalogue", "d = 2026-11-22", HOUSE),
     ("catalogue", f'x = "{"y" * 70_000}"', HOUSE)],
)  # fmt: skip
def test_what_is_wrong_is_said_and_sent_nowhere(
    desk: Desk, name: str, text: str, houses: str
) -> None:
    """And what was written is still there to be mended."""
    answer = send(desk, name, text, houses)
    assert answer.status_code == 422 and 'role="alert"' in answer.text
    assert len(text) > 1000 or text.split("\n")[0].replace('"', "&#34;") in answer.text
    assert desk.store.value("SELECT count(*) FROM wanted") == 0


def test_it_alone_writes(desk: Desk) -> None:
    officer = desk.as_("officer")
    for path in ("/wishes", "/wishes/roster"):
        assert officer.get(path).status_code == 403
    form = {"houses": HOUSE, "text": ROSTER}
    assert officer.post("/wishes/roster", data=form, headers=OWN).status_code == 403
    assert desk.as_("it").get("/wishes/other").status_code == 404


def test_a_large_catalogue_is_taken_and_a_huge_one_is_not(desk: Desk) -> None:
    """Only here: other forms stay small."""
    text = f'x = "{"ế" * 15_000}"'
    assert send(desk, "catalogue", text).status_code == 303
    assert send(desk, "catalogue", "x" * 300_000).status_code == 413


@pytest.mark.parametrize(
    ("name", "made"),
    [("config", {"data.keep_sealed_h": 48, "house.name": 'Tổ "17"\n'}),
     ("catalogue", {"version": 1, "services": [{"id": "a", "papers": [{"id": "b", "n": True}]},
                                                {"id": "c", "papers": []}], "x y": {"z": 1.5}})],
)  # fmt: skip
def test_written_and_read_again_it_is_the_same(name: Any, made: dict[str, Any]) -> None:
    assert wish_text.read(name, wish_text.write(name, made)) == made
