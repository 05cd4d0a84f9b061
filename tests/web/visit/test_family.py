"""This file proves a family at the desk: joined in one tap, its papers not photographed twice."""

from __future__ import annotations

from appliance.store import families, tickets
from appliance.store import visits as kept
from tests.web.at_desk import PHOTO, Volunteer, photograph
from tests.web.conftest import House
from tests.web.lived_in import DEATH


def test_two_numbers_of_one_family(house: House) -> None:
    """Mother has number 1, the daughter number 2 waits: one tap and both are at the desk; the
    paper of the first is offered for the second, and taken over in one tap more."""
    lan = Volunteer(house)
    first = lan.open_visit()
    photograph(house, first)
    other = house.take()
    page = lan.get(f"/visits/{first}").text
    assert f"Mời số {other['number']} cùng vào" in page
    answer = lan.act(f"/visits/{first}/family", ticket=other["id"])
    second = answer.location.split("/")[2].split("#")[0]
    assert second != first and "#family" in answer.location
    row = tickets.get(house.store, other["id"])
    assert row is not None and row["state"] == "serving"
    page = lan.get(f"/visits/{second}").text
    assert "Giấy này số 1 đã chụp, không cần chụp lại." in page and "Dùng chung 1 trang" in page
    for _ in range(2):
        lan.act(f"/visits/{second}/family/papers")
    assert [p["paper_id"] for p in kept.pages(house.store, second)] == [PHOTO]
    page = lan.get(f"/visits/{second}").text
    assert "Dùng chung" not in page and "đã chụp 1 trang" in page and "Số 1: Có em bé" in page
    # Each ends by itself, with its own slip.
    for visit in (first, second):
        assert lan.post(f"/visits/{visit}/finish", done="submitted").status_code == 303
    assert house.store.value("SELECT count(*) FROM print_jobs WHERE kind = 'visit'") == 2
    assert house.store.value("SELECT count(*) FROM dossiers") == 2


def test_one_more_errand(house: House) -> None:
    """No second number yet: it is taken and opened at once; the same key is the same errand."""
    lan = Volunteer(house)
    first, key = lan.open_visit(), house.new_key()
    for _ in range(2):
        answer = lan.post(f"/visits/{first}/family", key=key, service="cho-o")
        assert answer.status_code == 303
    (other,) = families.others(house.store, first)
    assert (other["service_id"], other["state"]) == ("cho-o", "open")


def test_a_bundle_of_several_dossiers(house: House) -> None:
    """A death makes three dossiers: the page that ends the visit says so before a code is typed,
    and leads to one more errand, which has a code of its own. A single procedure says nothing."""
    lan = Volunteer(house)
    first = lan.open_visit()
    assert "mỗi hồ sơ một mã" not in lan.get(f"/visits/{first}/finish").text
    about = dict(part.split("=") for part in DEATH.split("&"))
    assert lan.post(f"/visits/{first}/case", about="co-nguoi-mat", **about).status_code == 303
    page = lan.get(f"/visits/{first}/finish").text
    assert "Việc này có 3 hồ sơ, mỗi hồ sơ một mã." in page
    assert f'href="/visits/{first}#family"' in page
    assert "có số riêng, mã hồ sơ riêng" in lan.get(f"/visits/{first}").text
    lan.post(f"/visits/{first}/family", key=house.new_key(), service="cho-o")
    (other,) = families.others(house.store, first)
    codes = ["H15.50.05.13-261008-0975", "H15.50.05.13-261008-0976"]
    for visit, code in zip((first, other["id"]), codes, strict=True):
        answer = lan.post(f"/visits/{visit}/finish", done="submitted", dossier_code=code)
        assert answer.status_code == 303
    kept_codes = house.store.all("SELECT dossier_code FROM visits ORDER BY dossier_code")
    assert [row["dossier_code"] for row in kept_codes] == codes


def test_what_cannot_join(house: House) -> None:
    """Nothing chosen, a number that is not there, a visit that is over: said, nothing changed."""
    lan = Volunteer(house)
    first = lan.open_visit()
    over = lan.open_visit()
    lan.post(f"/visits/{over}/finish", done="advised")
    path = f"/visits/{first}/family"
    for fields in ({}, {"ticket": "x"}, {"visit": "x"}, {"service": "x"}, {"visit": first}):
        answer = lan.post(path, key=house.new_key(), **fields)
        assert answer.status_code in (400, 404), fields
    assert lan.post(path, key=house.new_key(), visit=over).status_code == 409
    assert (
        lan.post(f"/visits/{over}/family", key=house.new_key(), service="cho-o").status_code == 409
    )
    assert families.others(house.store, first) == []
    assert house.store.value("SELECT count(*) FROM tickets") == 2


def test_neighbours_at_the_same_desk_are_offered_not_joined(house: House) -> None:
    lan = Volunteer(house)
    first, second = lan.open_visit(), lan.open_visit()
    photograph(house, first)
    page = lan.get(f"/visits/{second}").text
    assert "Cùng nhà với số 1" in page and "Dùng chung" not in page
    lan.act(f"/visits/{second}/family", visit=first)
    assert "Dùng chung 1 trang" in lan.get(f"/visits/{second}").text
