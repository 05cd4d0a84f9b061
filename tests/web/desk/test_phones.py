"""This file proves how a telephone joins, what it may do, and that it is out at once."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest

from appliance.service import visits
from appliance.store import visits as kept
from tests.paper.scan.test_strip import PLACE, photo
from tests.web.at_desk import CARD, PHOTO, Volunteer, deliver
from tests.web.conftest import ORIGIN, House

ANDROID = "Mozilla/5.0 (Linux; Android 14; SM-A155F) AppleWebKit/537.36"


class Phone:
    """A telephone with a browser of its own."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.client = house.app.test_client()

    def post(self, path: str, **form: Any) -> Any:
        return self.client.post(path, data=form, headers=ORIGIN | {"User-Agent": ANDROID})

    def sends(self, visit: str, what: str, data: bytes, key: str = "", **headers: str) -> Any:
        form = {"key": key or self.house.new_key(), "photo": (io.BytesIO(data), "IMG_1.jpg")}
        return self.client.post(
            f"/visits/{visit}/{what}/picture", data=form, headers=ORIGIN | headers,
            content_type="multipart/form-data",
        )  # fmt: skip


def new_code(lan: Volunteer) -> str:
    lan.act("/desk/phones/code")
    found = re.search(r"/join/([\w-]+)", lan.get("/desk/phones").text)
    assert found is not None
    return found[1]


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house, "Lan")


@pytest.fixture
def phone(house: House, lan: Volunteer) -> Phone:
    """Lan's own telephone, joined."""
    phone = Phone(house)
    answer = phone.post(f"/join/{new_code(lan)}", volunteer=lan.row["id"], pin="2468")
    assert answer.status_code == 303 and answer.location.startswith("/desk?said=phone_joined")
    return phone


def test_joining_takes_a_code_and_a_pin(house: House, lan: Volunteer) -> None:
    """Three taps and a PIN; the code works once, is nowhere on the card, and ends by itself."""
    code, one, two = new_code(lan), Phone(house), Phone(house)
    assert "Anh chị là ai?" in one.client.get(f"/join/{code}").text
    wrong = one.post(f"/join/{code}", volunteer=lan.row["id"], pin="9999")
    assert wrong.status_code == 403 and "Mã số chưa đúng" in wrong.text
    assert one.post(f"/join/{code}", volunteer=lan.row["id"], pin="2468").status_code == 303
    assert one.client.get("/desk").status_code == 200
    assert two.post(f"/join/{code}", volunteer=lan.row["id"], pin="2468").status_code == 404
    assert two.client.get("/desk").status_code == 303
    late = new_code(lan)
    house.clock.ahead_s += 601
    assert two.client.get(f"/join/{late}").status_code == 404
    assert two.post(f"/join/{late}", volunteer=lan.row["id"], pin="2468").status_code == 404
    card = b"".join(p.read_bytes() for p in house.parts.sealed_dir.parent.rglob("*") if p.is_file())
    cookie = one.client.get_cookie("hien_phone")
    assert cookie is not None
    for secret in (code, late, cookie.value):
        assert secret.encode() not in card


def test_only_volunteers_show_codes(house: House) -> None:
    """A resident's browser gets no code, no list, and cannot put anybody out."""
    for path in ("/desk/phones/code", "/desk/phones/x/out", "/desk/sessions/1/out"):
        assert house.post(path, key=house.new_key()).status_code == 403
    assert house.client.get("/desk/phones").status_code == 303
    assert house.client.get("/join/" + "x" * 22).status_code == 404


def test_wrong_pins_wait_as_at_the_sign_in(house: House, lan: Volunteer) -> None:
    """The code is no way round the waits."""
    phone, code = Phone(house), new_code(lan)
    answers = [
        phone.post(f"/join/{code}", volunteer=lan.row["id"], pin="0000").status_code
        for _ in range(8)
    ]
    assert answers[0] == 403 and answers[-1] == 429


def test_a_lost_telephone_is_out_at_once(house: House, lan: Volunteer, phone: Phone) -> None:
    """Desk, telephones, fold, button: three taps. Its next request is refused, its PIN too."""
    listed = lan.get("/desk/phones", Accept="application/json").get_json()
    assert [one["kind"] for one in listed["phones"]] == ["android"]
    assert phone.client.get("/desk").status_code == 200
    assert lan.post(f"/desk/phones/{listed['phones'][0]['id']}/out").status_code == 303
    assert phone.client.get("/desk").status_code == 303
    again = phone.post("/desk/sign-in", volunteer=lan.row["id"], pin="2468")
    assert again.status_code == 409 and "đã được cho ra" in again.text
    assert lan.get("/desk/phones", Accept="application/json").get_json()["phones"] == []
    assert lan.client.get("/desk").status_code == 200
    told = [r["body"] for r in house.store.all("SELECT body FROM outbox WHERE stream = 'ops'")]
    assert any("phone_joined" in b for b in told) and any("phone_out" in b for b in told)


def test_the_next_shift_needs_the_pin_only(house: House, lan: Volunteer, phone: Phone) -> None:
    """A telephone that has joined signs in again, and stays known as a telephone."""
    phone.post("/desk/sign-out")
    page = phone.client.get("/desk/sign-in").text
    assert re.search(rf'value="{lan.row["id"]}" required checked', page)
    assert phone.post("/desk/sign-in", volunteer=lan.row["id"], pin="2468").status_code == 303
    visit = lan.open_visit()
    assert "Chụp bằng điện thoại này" in phone.client.get(f"/visits/{visit}").text
    assert "Chụp bằng điện thoại này" not in lan.get(f"/visits/{visit}").text


def test_other_sessions_can_be_ended(house: House, lan: Volunteer) -> None:
    """A tablet somebody forgot to leave is in the list too; one's own screen is not offered."""
    minh = Volunteer(house, "Minh", desk=2)
    others = lan.get("/desk/phones", Accept="application/json").get_json()["others"]
    assert [(o["name"], o["mine"]) for o in others] == [("Minh", False), ("Lan", True)]
    assert all(o["token_hash"] is None for o in others)
    assert lan.post(f"/desk/sessions/{others[0]['id']}/out").status_code == 303
    assert minh.client.get("/desk").status_code == 303


def test_its_camera(house: House, lan: Volunteer, phone: Phone) -> None:
    """The photo waits in RAM without its place; asked for once by one key; then it is a capture
    like any other, which the devices room makes a page of."""
    visit, key = lan.open_visit(), house.new_key()
    for _ in range(2):
        assert phone.sends(visit, f"papers/{PHOTO}", photo(6), key).status_code == 303
    rows = house.store.all("SELECT * FROM captures")
    assert [(r["kind"], r["state"], r["paper_id"]) for r in rows] == [("upload", "queued", PHOTO)]
    waiting = house.parts.ram.upload(key)
    assert waiting is not None and PLACE not in waiting
    page = deliver(house, rows[0]["id"])
    better = phone.sends(visit, f"pages/{page}", photo())
    assert better.status_code == 303
    newest = kept.newest_capture(house.store, visit)
    assert newest is not None and (newest["kind"], newest["replaces"]) == ("upload", page)


def test_what_its_camera_may_not(house: House, lan: Volunteer, phone: Phone) -> None:
    """Identity cards, closed visits, other files, too much: refused, and nothing stays in RAM."""
    visit = lan.open_visit()
    uploads = house.parts.ram.root / "uploads"
    json = {"Accept": "application/json"}
    never = phone.sends(visit, f"papers/{CARD}", photo(), **json)
    assert (never.status_code, never.get_json()["error"]) == (400, "never_captured")
    page = phone.sends(visit, f"papers/{PHOTO}", b"%PDF-1.7 no picture", "")
    assert page.status_code == 400 and "kiểu tệp khác" in page.text
    assert phone.sends(visit, "pages/0123456789abcdef", photo()).status_code == 404
    assert (
        phone.sends(visit, f"papers/{PHOTO}", b"\xff\xd8" + b"x" * (21 * 2**20)).status_code == 413
    )
    outside = house.app.test_client()
    form = {"key": "k", "photo": (io.BytesIO(photo()), "a.jpg")}
    answer = outside.post(f"/visits/{visit}/papers/{PHOTO}/picture", data=form, headers=ORIGIN)
    assert answer.status_code == 403
    form = {"key": "k", "photo": (io.BytesIO(photo()), "a.jpg")}
    foreign = phone.client.post(f"/visits/{visit}/papers/{PHOTO}/picture", data=form)
    assert foreign.status_code == 403  # no Origin of ours
    visits.park(house.store, house.parts.ram, house.clock.now(), visit)
    assert list(uploads.iterdir()) == []
    assert house.store.value("SELECT count(*) FROM captures") == 0


def test_it_can_be_kept_on_the_home_screen(house: House) -> None:
    """A manifest with icons that are what they say, allowed by the page's own policy."""
    from PIL import Image

    answer = house.client.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    manifest = answer.get_json()
    assert manifest["start_url"] == "/desk" and manifest["display"] == "standalone"
    for icon in manifest["icons"]:
        got = house.client.get(icon["src"])
        with Image.open(io.BytesIO(got.data)) as image:
            assert f"{image.width}x{image.height}" == icon["sizes"]
            colours = image.convert("RGB").getcolors(9) or []
            assert len(colours) == 3
    assert house.client.get("/icons/hien-4096.png").status_code == 404
    assert "manifest-src 'self'" in answer.headers["Content-Security-Policy"]
    assert 'rel="manifest"' in house.client.get("/desk/sign-in").text
