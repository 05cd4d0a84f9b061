"""This file proves the way from a scanned slip to its ticket: by a fingerprint, not the key."""

from __future__ import annotations

from appliance.core.look_up import look_of
from appliance.service import slips
from appliance.store import print_jobs
from tests.in_browser import chromium, opened
from tests.web.at_desk import Volunteer
from tests.web.conftest import House


def secret_of(house: House, ticket_id: str) -> str:
    secret = house.parts.ram.secret(ticket_id)
    assert secret is not None
    return secret


def test_the_fingerprint_finds_the_ticket(house: House) -> None:
    ticket = house.take()
    secret = secret_of(house, ticket["id"])
    answer = house.post("/t", look=look_of(secret.lower()))
    assert (answer.status_code, answer.location) == (303, f"/tickets/{ticket['id']}")
    row = house.store.one("SELECT * FROM tickets")
    assert row is not None and secret not in str(row) and row["look"] not in secret.lower()


def test_nothing_else_does(house: House) -> None:
    """A number, an empty field, another slip, the key itself: told kindly, nothing opened."""
    ticket = house.take()
    secret = secret_of(house, ticket["id"])
    for look in ("", "1", "%" * 32, secret, "f" * 33):
        assert house.post("/t", look=look).status_code == 400
    answer = house.post("/t", look="f" * 32)
    assert answer.status_code == 404 and "không thấy phiếu đó" in answer.text
    assert 'name="code"' in answer.text  # the other way is right there


def test_a_slip_printed_anew_has_its_own(house: House) -> None:
    """After a power cut the secret is gone from RAM; the new slip's is the one that counts."""
    ticket = house.take()
    old = secret_of(house, ticket["id"])
    house.parts.ram.drop_secret(ticket["id"])
    job = print_jobs.newest_of_ticket(house.store, ticket["id"])
    assert job is not None
    new = slips.key_for(house.store, house.parts.ram, house.clock.now(), job)
    assert new is not None and new != old
    assert house.post("/t", look=look_of(old)).status_code == 404
    assert house.post("/t", look=look_of(new)).status_code == 303


def test_on_the_residents_own_telephone(house: House) -> None:
    """Scanned, one tap: the state of the dossier. The key is in no request and not in the
    address. Without scripts the number and the look-up code lead to the same page."""
    lan = Volunteer(house)
    visit = lan.open_visit()
    ticket = house.store.value("SELECT ticket_id FROM visits")
    secret = secret_of(house, ticket)
    lan.post(f"/visits/{visit}/finish", done="submitted")
    code = house.store.value("SELECT look_up FROM dossiers")
    sent: list[str] = []
    with opened(house.app) as url, chromium() as browser:
        page = browser.new_page(viewport={"width": 360, "height": 800})
        page.on("request", lambda r: sent.append(f"{r.url} {r.post_data}"))
        page.goto(f"{url}/t#{secret}")
        page.get_by_role("button", name="Xem số và hồ sơ của bác").click()
        page.wait_for_url("**/tickets/*")
        assert "Hồ sơ của bác" in page.locator("main").inner_text()
        assert not any(secret[15:40].lower() in one.lower() for one in sent)
        page.go_back()
        assert "#" not in page.url and "AGE" not in page.url
        plain = browser.new_context(java_script_enabled=False).new_page()
        plain.goto(f"{url}/t#{secret}")
        plain.get_by_label("Số trên phiếu").fill("1")
        plain.get_by_label("Mã tra cứu").fill(code)
        plain.get_by_role("button", name="Xem", exact=True).click()
        plain.wait_for_url("**/tickets/*")
