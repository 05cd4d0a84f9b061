"""This file proves the resident's number: taken once, shown truly, printed again, kept private."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from appliance.service import call_next, slips
from appliance.service.slip_content import slip_of
from appliance.store import print_jobs, tickets
from tests.web.conftest import ORIGIN, House

JSON = {"Accept": "application/json"}


def job_of(house: House, ticket_id: str) -> Any:
    job = print_jobs.newest_of_ticket(house.store, ticket_id)
    assert job is not None
    return job


def end_printing(house: House, ticket_id: str, state: Any, code: str = "") -> None:
    """What the devices room does with the ticket's slip."""
    job, now = job_of(house, ticket_id), house.clock.now()
    assert slips.begin_sending(house.store, job["id"])
    slips.finish(house.store, house.parts.ram, now, job["id"], state, code=code)


def test_one_tap_gives_a_number(house: House) -> None:
    """The start page's own form, sent as a browser sends it, leads to the number."""
    page = house.client.get("/").text
    assert page.count('name="service"') == len(house.parts.catalogue.services) <= 8
    key = page.split('action="/tickets"')[1].split('name="key" value="')[1].split('"')[0]
    answer = house.post("/tickets", service="co-em-be", key=key)
    assert answer.status_code == 303
    ticket = house.client.get(answer.location)
    assert '<span class="huge">1</span>' in ticket.text
    assert "Giấy chứng sinh" in ticket.text


def test_json_for_programs(house: House) -> None:
    """201 with id and number, the same for the same key; today's list knows no id."""
    first = house.take(key="the-same-key")
    assert set(first) == {"id", "number"}
    assert house.take(key="the-same-key") == first
    house.take("ket-hon")
    listed = house.client.get("/api/tickets/today").get_json()
    assert listed == [
        {"number": 1, "service": "co-em-be", "state": "waiting", "printed": False},
        {"number": 2, "service": "ket-hon", "state": "waiting", "printed": False},
    ]
    end_printing(house, first["id"], "printed")
    assert house.client.get("/api/tickets/today").get_json()[0]["printed"] is True


def test_a_double_tap_is_one_ticket(house: House) -> None:
    """Eight posts of one form at the same moment, from eight threads: one number."""
    answers: list[Any] = []
    gate = threading.Barrier(8)

    def tap() -> None:
        client = house.app.test_client()
        gate.wait()
        form = {"service": "vneid", "key": "one-form-key"}
        answers.append(client.post("/tickets", data=form, headers=ORIGIN))

    threads = [threading.Thread(target=tap) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert {a.status_code for a in answers} == {303}
    assert len({a.location for a in answers}) == 1
    assert len(house.client.get("/api/tickets/today").get_json()) == 1


BAD_FORMS: tuple[tuple[dict[str, str], str], ...] = (
    ({"service": "khong-co", "key": "good-key-1"}, "unknown_service"),
    ({"key": "good-key-1"}, "unknown_service"),
    ({"service": "", "key": "good-key-1"}, "unknown_service"),
    ({"service": "co\u0301-em-be", "key": "good-key-1"}, "unknown_service"),
    ({"service": "👶" * 10, "key": "good-key-1"}, "unknown_service"),
    ({"service": "a\u202eb", "key": "good-key-1"}, "unknown_service"),
    ({"service": "co-em-be\x00", "key": "good-key-1"}, "bad_text"),
    ({"service": "x" * 4000, "key": "good-key-1"}, "too_long"),
    ({"service": "co-em-be"}, "bad_key"),
    ({"service": "co-em-be", "key": ""}, "bad_key"),
    ({"service": "co-em-be", "key": "kho\u0301a-cu\u0309a-to\u0302i"}, "bad_key"),
    ({"service": "co-em-be", "key": "🔑" * 8}, "bad_key"),
    ({"service": "co-em-be", "key": "x" * 65}, "bad_key"),
)


def test_bad_forms_take_no_number(house: House) -> None:
    """400 as a kind page and as JSON with a stable code; nothing is written."""
    for form, code in BAD_FORMS:
        page = house.client.post("/tickets", data=form, headers=ORIGIN)
        assert page.status_code == 400, form
        assert "<h1>" in page.text
        answer = house.client.post("/tickets", data=form, headers=ORIGIN | JSON)
        assert (answer.status_code, answer.get_json()["error"]) == (400, code), form
        assert answer.get_json()["message"]
    raw = house.client.post("/tickets", data=b"\xff\xfe%%%", headers=ORIGIN)
    assert raw.status_code == 400
    assert house.client.get("/api/tickets/today").get_json() == []


def test_what_was_sent_is_not_echoed(house: House) -> None:
    """A hostile field never comes back as markup."""
    answer = house.post("/tickets", service="<script>alert(1)</script>", key="good-key-1")
    assert "<script>alert" not in answer.text


def test_too_many_tickets(make_house: Callable[..., House]) -> None:
    """Beyond the rate: 429, Retry-After, a page that says what is safe; a minute later it works."""
    house = make_house(**{"web.tickets_per_minute": 3})
    for _ in range(3):
        house.take()
    answer = house.post("/tickets", service="vneid", key=house.new_key())
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "60")
    assert "vẫn còn nguyên" in answer.text
    house.clock.ahead_s = 61
    house.take()


def test_a_full_card(house: House) -> None:
    """SQLite's own "disk is full" while taking a number: 503, the words say so, nothing is half
    there; with room again the same form gives the number."""
    from appliance.web import current

    house.take()
    with house.app.test_request_context():
        connection = current.store().connection
    used = connection.execute("PRAGMA page_count").fetchone()[0]
    connection.execute(f"PRAGMA max_page_count = {used}")
    key, answer = "", None
    for _ in range(200):  # until the last page is used up
        key = house.new_key()
        answer = house.post("/tickets", service="vneid", key=key)
        if answer.status_code != 303:
            break
    assert answer is not None
    assert answer.status_code == 503
    assert "Thẻ nhớ đầy" in answer.text
    asked = house.client.post(
        "/tickets", data={"service": "vneid", "key": key}, headers=ORIGIN | JSON
    )
    assert asked.get_json()["error"] == "disk_full"
    before = len(house.client.get("/api/tickets/today").get_json())
    assert len(list((house.parts.ram.root / "slips").iterdir())) == before
    connection.execute("PRAGMA max_page_count = 1073741823")
    assert house.post("/tickets", service="vneid", key=key).status_code == 303
    assert len(house.client.get("/api/tickets/today").get_json()) == before + 1


def test_a_slip_that_did_not_print_is_one_tap_away(make_house: Callable[..., House]) -> None:
    """chưa in -> "In lại" -> đang in; two taps are one slip; a printed one is left to the desk."""
    house = make_house(**{"devices.printer": "tcp://127.0.0.1:9"})
    ticket = house.take()
    address = f"/tickets/{ticket['id']}"
    assert "Đang in phiếu" in house.client.get(address).text
    end_printing(house, ticket["id"], "failed_clean", "off")
    page = house.client.get(address).text
    assert "Chưa in phiếu" in page
    assert "In lại" in page
    assert house.post(f"{address}/print").status_code == 303
    assert house.post(f"{address}/print").status_code == 303
    jobs = house.store.all("SELECT state FROM print_jobs ORDER BY id")
    assert [j["state"] for j in jobs] == ["failed_clean", "queued"]
    assert "Đang in phiếu" in house.client.get(address).text
    end_printing(house, ticket["id"], "printed")
    assert "Đã in phiếu" in house.client.get(address).text
    assert house.post(f"{address}/print").status_code == 409


def test_a_doubtful_slip_is_the_desks_question(make_house: Callable[..., House]) -> None:
    """needs_operator: the resident is told that somebody looks, and cannot print a second one."""
    house = make_house(**{"devices.printer": "tcp://127.0.0.1:9"})
    ticket = house.take()
    end_printing(house, ticket["id"], "needs_operator", "interrupted")
    page = house.client.get(f"/tickets/{ticket['id']}").text
    assert "Người trực sẽ xem máy in" in page
    assert "In lại" not in page
    assert house.post(f"/tickets/{ticket['id']}/print").status_code == 409


def test_the_key_is_on_screen_only_while_it_is_not_on_paper(
    make_house: Callable[..., House],
) -> None:
    """The QR needs: no slip on paper, and a secret still in RAM. It is never in a page's text."""
    zxingcpp = pytest.importorskip("zxingcpp")
    house = make_house(**{"devices.printer": "tcp://127.0.0.1:9"})
    ticket = house.take()
    address = f"/tickets/{ticket['id']}"
    assert house.client.get(f"{address}/key.png").status_code == 404  # it is being printed
    slips.not_yet(house.store, job_of(house, ticket["id"])["id"], "paper_out")
    page = house.client.get(address)
    assert "máy in hết giấy" in page.text
    secret = house.parts.ram.secret(ticket["id"])
    assert secret is not None
    assert secret not in page.text
    picture = house.client.get(f"{address}/key.png")
    assert picture.headers["Cache-Control"] == "no-store"
    assert read_qr(zxingcpp, picture.data) == [f"http://localhost/t#{secret}"]
    end_printing(house, ticket["id"], "printed")
    assert house.client.get(f"{address}/key.png").status_code == 404
    assert "key.png" not in house.client.get(address).text


def test_the_preview_is_the_printed_bitmap(house: House) -> None:
    """The same dots as the paper, with the key before it is printed and without it afterwards."""
    from appliance.paper.slip.layout import draw_slip
    from appliance.paper.slip.raster import to_png

    zxingcpp = pytest.importorskip("zxingcpp")
    ticket = house.take()
    secret = house.parts.ram.secret(ticket["id"])
    shown = house.client.get(f"/tickets/{ticket['id']}/slip.png").data
    printed = slip_of(job_of(house, ticket["id"]), house.parts.house, secret)
    assert shown == to_png(draw_slip(printed, 576))
    assert read_qr(zxingcpp, shown) == [f"http://localhost/t#{secret}"]
    end_printing(house, ticket["id"], "printed")
    assert read_qr(zxingcpp, house.client.get(f"/tickets/{ticket['id']}/slip.png").data) == []


def read_qr(zxingcpp: Any, png: bytes) -> list[str]:
    import io

    import numpy as np
    from PIL import Image

    grey = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    return [code.text for code in zxingcpp.read_barcodes(grey)]


def test_the_ticket_follows_the_queue(house: House) -> None:
    """How many before, then the desk, then done or cancelled, each in words."""
    lan = house.volunteer()
    first, second = house.take(), house.take()

    def page(ticket: dict[str, Any]) -> str:
        return house.client.get(f"/tickets/{ticket['id']}").text

    assert "Sắp đến lượt bác" in page(first)
    assert "Trước bác còn 1 người" in page(second)
    now = house.clock.now()
    call_next.call_next(house.store, now, key="call-key-1", volunteer=lan)
    assert "Mời bác vào bàn\u00a01" in page(first)
    assert "Sắp đến lượt bác" in page(second)
    call_next.absent(house.store, now, key="call-key-2", volunteer=lan, ticket_id=first["id"])
    assert "Bác vẫn còn trong hàng" in page(first)
    row = tickets.get(house.store, second["id"])
    assert row is not None
    call_next.cancel(
        house.store, now, key="call-key-3", volunteer=lan, ticket_id=second["id"], reason="left"
    )
    assert "gạch khỏi hàng" in page(second)
    answer = house.client.get(f"/tickets/{second['id']}", headers=JSON).get_json()
    assert answer["state"] == "cancelled"


def test_addresses_that_are_no_ticket(house: House) -> None:
    """A wrong or hostile id is a kind 404, and the short address leads to the ticket."""
    ticket = house.take()
    for bad in ("0" * 16, "..", "%00", "a" * 3000, "👶", "<b>"):
        for tail in ("", "/slip.png", "/key.png"):
            assert house.client.get(f"/tickets/{bad}{tail}").status_code == 404, bad
    assert house.post("/tickets/nope/print").status_code == 404
    assert house.client.get(f"/t/{ticket['id']}").location == f"/tickets/{ticket['id']}"
    assert "đừng gửi ảnh phiếu" in house.client.get("/t").text.lower()


def test_english_is_one_tap_and_soon_forgotten(house: House) -> None:
    """The cookie lasts a quarter of an hour; size and language bring one back where one was."""
    answer = house.client.get("/set/language/en?back=/help")
    assert (answer.status_code, answer.location) == (303, "/help")
    assert "Max-Age=900" in answer.headers["Set-Cookie"]
    page = house.client.get("/").text
    assert '<html lang="en"' in page
    assert "What do you need?" in page
    assert "A baby is born" in page
    house.client.get("/set/language/vi")
    assert "Bác cần làm việc gì?" in house.client.get("/").text
    house.client.get("/set/size/3")
    assert 'data-size="3"' in house.client.get("/").text
    assert house.client.get("/set/size/9").status_code == 404
    assert house.client.get("/set/language/xx").status_code == 404
    assert house.client.get("/set/size/1?back=//evil.example").location == "/"


def test_json_is_utf8_and_closed(house: House) -> None:
    """Vietnamese is readable in what programs get."""
    answer = house.client.get("/api/services")
    assert "Có em bé" in answer.data.decode()
    services = json.loads(answer.data)
    assert [set(s) for s in services] == [{"id", "name"}] * len(services)
