"""This file proves that lessons are read, re-read, printed, counted, and that nobody is named."""

from __future__ import annotations

import io
import json
import re

import pikepdf

from appliance.service.slip_content import slip_of
from appliance.store import lessons as kept
from appliance.store import print_jobs
from appliance.web.resident.lessons import all_lessons
from tests.web.at_desk import prints
from tests.web.conftest import House


def test_card_by_card(house: House) -> None:
    """From the start page in two taps; each card leads on, the last to all of them."""
    assert 'href="/learn"' in house.client.get("/").text
    listed = house.client.get("/learn").text
    for lesson in all_lessons().lessons:
        first = f"/learn/{lesson.id}?card=1"
        assert first in listed
        page, seen = first, []
        while "card=" in page:
            text = house.client.get(page).text
            at = int(page.rsplit("=", 1)[1])
            assert lesson.cards[at - 1].do.vi in text
            seen.append(at)
            found = re.search(r'class="button primary" href="([^"]+)"', text)
            assert found is not None
            page = found[1].replace("&amp;", "&")
        assert seen == list(range(1, len(lesson.cards) + 1))
        whole = house.client.get(page).text
        assert all(card.do.vi in whole for card in lesson.cards)
    assert house.client.get("/learn/cai-vneid?card=99").status_code == 200
    assert house.client.get("/learn/cai-vneid?card=x").status_code == 200
    assert house.client.get("/learn/nope").status_code == 404


def test_english_is_whole(house: House) -> None:
    """The same cards in English."""
    house.client.get("/set/language/en")
    lesson = all_lessons().lessons[0]
    text = house.client.get(f"/learn/{lesson.id}").text
    assert all(card.do.en in text and card.do.vi not in text for card in lesson.cards)


def test_on_paper(make_house: object) -> None:
    """One slip for one key; it says so when it is out; a child empties no roll."""
    house: House = make_house(**{"devices.printer": "virtual:"})  # type: ignore[operator]
    key = house.new_key()
    one, two = (house.post("/learn/tra-cuu/slip", key=key) for _ in range(2))
    assert one.status_code == 303 and one.location == two.location
    (job,) = print_jobs.queued(house.store)
    slip = slip_of(job, house.parts.house, None)
    assert slip.kind == "lesson" and "Đang in phiếu" in house.client.get(one.location).text
    prints(house)
    assert "Đã in phiếu" in house.client.get(one.location).text
    answers = [house.post("/learn/tra-cuu/slip", key=house.new_key()) for _ in range(5)]
    assert [a.status_code for a in answers][-1] == 429
    assert house.post("/learn/tra-cuu/slip").status_code == 400


def test_on_ones_own_telephone(house: House) -> None:
    """The code holds this lesson's address and nothing more."""
    text = house.client.get("/learn/dang-nhap-cong/phone").text
    assert "http://localhost/learn/dang-nhap-cong" in text and "<svg" in text


def test_next_time_alone_is_counted_without_anybody(house: House) -> None:
    """One tick of one key is one; the day, not the hour; the ward gets the lesson and the day."""
    key = house.new_key()
    for _ in range(2):
        answer = house.post("/learn/cai-vneid/alone", key=key)
        assert answer.status_code == 303
    assert "Lần sau bác tự làm" in house.client.get(answer.location).text
    row = house.store.one("SELECT * FROM learned")
    assert row is not None and set(row) == {"id", "key", "lesson_id", "day_on"}
    day = row["day_on"]
    assert kept.learned(house.store, day, "9999-01-01") == {"cai-vneid": 1}
    assert kept.learned(house.store, "2000-01-01", day) == {}
    told = [json.loads(r["body"]) for r in house.store.all("SELECT body FROM outbox")]
    assert [b for b in told if b["type"] == "learned"] == [
        {"type": "learned", "lesson": "cai-vneid", "day": day}
    ]
    answers = [house.post("/learn/cai-vneid/alone", key=house.new_key()) for _ in range(25)]
    assert answers[-1].status_code == 429
    assert kept.learned(house.store, day, "9999-01-01")["cai-vneid"] == 20


def test_on_a4(house: House) -> None:
    """All cards of every lesson as a PDF, in the language of the screen; no such lesson, none."""
    for lesson in all_lessons().lessons:
        answer = house.client.get(f"/learn/{lesson.id}/leaflet.pdf")
        assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
        with pikepdf.open(io.BytesIO(answer.data)) as pdf:
            assert len(pdf.pages) == 1 and lesson.name.vi in str(pdf.docinfo["/Title"])
        assert f"/learn/{lesson.id}/leaflet.pdf" in house.client.get(f"/learn/{lesson.id}").text
    house.client.get("/set/language/en")
    lesson = all_lessons().lessons[0]
    with pikepdf.open(io.BytesIO(house.client.get(f"/learn/{lesson.id}/leaflet.pdf").data)) as pdf:
        assert lesson.name.en in str(pdf.docinfo["/Title"])
    assert house.client.get("/learn/nope/leaflet.pdf").status_code == 404
