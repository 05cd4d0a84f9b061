"""This file proves the desk: who is called, by whom, once; and that nothing needs a script."""

from __future__ import annotations

import re
import threading

import pytest

from appliance.service import call_next
from appliance.store import tickets

from ..at_desk import ODD_TEXTS, Volunteer, prints
from ..conftest import ORIGIN, House


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house)


def state_of(house: House, ticket_id: str) -> str:
    row = tickets.get(house.store, ticket_id)
    assert row is not None
    return str(row["state"])


def keys_on(page: str) -> list[str]:
    return re.findall(r'name="key" value="([^"]+)"', page)


def test_nobody_reads_or_acts_without_signing_in(house: House) -> None:
    """Every address of these screens but the one-time link: reading leads to the sign-in page,
    acting is refused, and nothing has changed."""
    house.take()
    shut = 0
    for rule in house.app.url_map.iter_rules():
        room = rule.endpoint.split(".")[0]
        if room not in ("desk", "answers", "visits", "pages", "finish", "handover"):
            continue
        if rule.endpoint in ("handover.offer", "handover.take"):
            continue
        path = re.sub(r"<[^>]+>", "7", rule.rule)
        shut += 1
        if "POST" in (rule.methods or ()):
            answer = house.client.post(path, data={"key": house.new_key()}, headers=ORIGIN)
            assert answer.status_code == 403, path
        else:
            answer = house.client.get(path)
            assert (answer.status_code, answer.location.split("?")[0]) == (303, "/desk/sign-in")
    assert shut > 25
    assert len(tickets.waiting(house.store)) == 1


def test_an_empty_desk_says_so(lan: Volunteer) -> None:
    page = lan.get("/desk").text
    assert "Chưa có ai đợi" in page
    assert "/desk/call-next" not in page


def test_calling_the_next_shows_who_and_offers_undo(house: House, lan: Volunteer) -> None:
    taken = house.take()
    page = lan.get("/desk").text
    assert "Mời số 1" in page and "Có em bé" in page
    lan.act("/desk/call-next")
    page = lan.get("/desk").text
    assert state_of(house, taken["id"]) == "called"
    assert "Bác số 1 đã đến" in page and "Hoàn lại" in page


def test_a_double_tap_calls_one_person(house: House, lan: Volunteer) -> None:
    """The same page pressed twice carries the same key."""
    house.take()
    house.take()
    page = lan.get("/desk").text
    assert keys_on(page)[0] == keys_on(lan.get("/desk").text)[0]
    key = re.search(r'action="/desk/call-next"[^>]*>\s*<input[^>]*value="([^"]+)"', page)
    assert key is not None
    for _ in range(2):
        assert lan.post("/desk/call-next", key=key[1]).status_code == 303
    assert [row["number"] for row in tickets.waiting(house.store)] == [2]


def test_two_volunteers_never_call_the_same_number(house: House) -> None:
    """Two browsers empty a list of sixteen at full speed through the real services."""
    for _ in range(16):
        house.take()
    people = [Volunteer(house), Volunteer(house, "Minh", "1357", desk=2)]
    called: list[tuple[int, int]] = []
    start = threading.Barrier(2)

    def work(who: Volunteer) -> None:
        start.wait()
        while True:
            answer = who.post_json("/desk/call-next", key=house.new_key())
            if answer.status_code == 409:
                assert answer.get_json()["error"] == "nobody_waits"
                return
            called.append((answer.get_json()["number"], answer.get_json()["desk"]))

    threads = [threading.Thread(target=work, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert sorted(number for number, _desk in called) == list(range(1, 17))
    for number, desk in called:
        row = house.store.one("SELECT desk FROM tickets WHERE number = ?", number)
        assert row is not None and row["desk"] == desk


def test_who_was_slower_sees_the_list_as_it_is(house: House, lan: Volunteer) -> None:
    taken = house.take()
    minh = Volunteer(house, "Minh", "1357", desk=2)
    minh.act(f"/desk/tickets/{taken['id']}/call")
    answer = lan.post(f"/desk/tickets/{taken['id']}/call", key=house.new_key())
    assert answer.status_code == 303
    page = lan.get(answer.location).text
    assert "Bàn khác vừa làm với số này" in page and "bàn 2 đang mời" in page
    assert (
        lan.post_json(f"/desk/tickets/{taken['id']}/call", key=house.new_key()).status_code == 409
    )


def test_absent_comes_back_into_the_queue(house: House, lan: Volunteer) -> None:
    taken = house.take()
    lan.call_next()
    lan.act(f"/desk/tickets/{taken['id']}/absent")
    assert state_of(house, taken["id"]) == "waiting"
    assert "đã vắng 1 lần" in lan.get("/desk").text


def test_called_again_chimes_again(house: House, lan: Volunteer) -> None:
    row = house.take()
    lan.call_next()
    lan.act(f"/desk/tickets/{row['id']}/call-again")
    assert "đã mời 2 lần" in lan.get("/desk").text


def test_undo_puts_the_number_back_for_ten_seconds(house: House, lan: Volunteer) -> None:
    taken = house.take()
    lan.call_next()
    undo = call_next.undoable(house.store, house.clock.now(), lan.row["id"])
    assert undo is not None
    assert lan.post("/desk/undo", action=undo["id"]).status_code == 303
    assert state_of(house, taken["id"]) == "waiting"


def test_undo_too_late_is_answered_kindly(house: House, lan: Volunteer) -> None:
    taken = house.take()
    lan.call_next()
    undo = call_next.undoable(house.store, house.clock.now(), lan.row["id"])
    assert undo is not None
    house.clock.ahead_s = 11
    assert "Hoàn lại" not in lan.get("/desk").text
    answer = lan.post("/desk/undo", action=undo["id"])
    assert answer.status_code == 303
    assert "Quá 10 giây" in lan.get(answer.location).text
    assert state_of(house, taken["id"]) == "called"


def test_a_number_is_taken_off_and_brought_back(house: House, lan: Volunteer) -> None:
    taken = house.take()
    lan.act(f"/desk/tickets/{taken['id']}/cancel", reason="left")
    assert state_of(house, taken["id"]) == "cancelled"
    page = lan.get("/desk").text
    assert "1 số đã ra khỏi danh sách" in page and "Bác đã về" in page
    lan.act(f"/desk/tickets/{taken['id']}/bring-back")
    assert state_of(house, taken["id"]) == "waiting"


def test_a_reason_is_one_of_the_list(house: House, lan: Volunteer) -> None:
    """Nothing typed gets in: reasons are fixed words."""
    taken = house.take()
    for odd in ODD_TEXTS.values():
        path = f"/desk/tickets/{taken['id']}/cancel"
        answer = lan.post(path, key=house.new_key(), reason=odd)
        assert answer.status_code in (400, 413)
        assert state_of(house, taken["id"]) == "waiting"


def test_the_volunteer_takes_a_number_for_a_resident(house: House, lan: Volunteer) -> None:
    answer = lan.act("/desk/tickets", service="ket-hon")
    assert "Đã lấy số 1" in lan.get(answer.location).text
    row = tickets.waiting(house.store)[0]
    assert (row["channel"], row["service_id"]) == ("desk", "ket-hon")


def test_a_slip_that_did_not_print_is_one_tap_away(house: House, lan: Volunteer) -> None:
    taken = house.take()
    prints(house, "failed_clean", "off")
    page = lan.get("/desk").text
    assert "chưa in" in page
    lan.act(f"/desk/tickets/{taken['id']}/print")
    assert "đang in" in lan.get("/desk").text
    prints(house)
    assert "chưa in" not in lan.get("/desk").text


def test_an_unknown_number_is_not_found(house: House, lan: Volunteer) -> None:
    for action in ("call", "call-again", "absent", "cancel", "bring-back", "open", "print"):
        path = f"/desk/tickets/nobody/{action}"
        assert lan.post(path, key=house.new_key(), reason="left").status_code == 404
        answer = lan.post_json(path, key=house.new_key(), reason="left")
        assert (answer.status_code, answer.get_json()["error"]) == (404, "unknown_ticket")


def test_a_form_without_its_key_does_nothing(house: House, lan: Volunteer) -> None:
    house.take()
    for key in ("", "x" * 65, "khóa-có-dấu", "👵" * 10):
        assert lan.post("/desk/call-next", key=key).status_code == 400
    assert len(tickets.waiting(house.store)) == 1


def test_actions_are_posts(lan: Volunteer) -> None:
    for path in ("/desk/call-next", "/desk/tickets/x/absent", "/desk/undo"):
        assert lan.get(path).status_code == 405


def test_a_word_about_what_happened_is_ours_alone(lan: Volunteer) -> None:
    """What stands in the address is never shown."""
    page = lan.get("/desk?said=taken&number=<b>9</b>").text
    assert "<b>9" not in page
    assert "data-said" not in lan.get("/desk?said=xin_chao").text


def test_forty_waiting_are_folded(house: House, lan: Volunteer) -> None:
    for _ in range(40):
        house.take()
    page = lan.get("/desk").text
    assert "40 người đợi" in page and "Xem thêm 28 người" in page


def test_the_page_is_the_same_while_nothing_changes(house: House, lan: Volunteer) -> None:
    """Live parts are only exchanged when they differ: keys must not make them differ."""
    house.take()
    lan.call_next()
    house.take()
    parts = [
        re.findall(r'<div id="desk-here".*?<section id="desk-waiting".*?</section>', page, re.S)
        for page in (lan.get("/desk").text, lan.get("/desk").text)
    ]
    assert parts[0] and parts[0] == parts[1]
