"""This file proves the pages after a visit: looking up, dossiers, drafts, notices, voices."""

from __future__ import annotations

import re
from typing import Any

import pytest

from appliance.service import dossiers, postings, proof_watch
from appliance.web.resident.tries import Tries
from tests.web.at_desk import ODD_TEXTS, Volunteer
from tests.web.conftest import House

CODE = "H15.50.05.13-261008-0975"
ZONE = "Asia/Ho_Chi_Minh"


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house, "Chị Lan")


def ended(lan: Volunteer, **more: Any) -> str:
    visit = lan.open_visit()
    form = {"done": ["submitted"], "dossier_code": CODE, "due_on": "", **more}
    answer = lan.post(f"/visits/{visit}/finish", **form)
    assert answer.status_code == 303, answer.text
    return visit


def test_look_up_by_number_and_code(house: House, lan: Volunteer) -> None:
    """Both right: the page with the state. The number alone, or a wrong code: nothing."""
    visit = ended(lan)
    row = dossiers.get(house.store, visit)
    found = house.post("/follow", number=str(row["number"]), code=row["look_up"].lower())
    assert found.status_code == 303
    page = house.client.get(found.location).text
    assert "Đã gửi, chờ Trung tâm nhận" in page and "Phường đang làm" in page
    assert CODE not in page
    for code, status in (("", 400), ("KM", 400), ("XXXX", 404)):
        answer = house.post("/follow", number=str(row["number"]), code=code)
        assert answer.status_code == status
        assert "Đã gửi, chờ" not in answer.text
    dossiers.set_status(house.store, house.clock.now(), visit, 9)
    page = house.client.get(found.location).text
    assert "Đã có kết quả, mời bác đến nhận" in page and "Đến lượt bác" in page


def test_guessing_is_slow(house: House, lan: Volunteer) -> None:
    """After five wrong codes the sixth is not even looked at, right or wrong."""
    row = dossiers.get(house.store, ended(lan))
    for _ in range(5):
        assert house.post("/follow", number="1", code="XXXX").status_code == 404
    right = house.post("/follow", number=str(row["number"]), code=row["look_up"])
    assert right.status_code == 429 and "Gõ mã tra cứu sai nhiều lần" in right.text
    assert int(right.headers["Retry-After"]) > 500


def test_tries_are_counted_for_the_house_too() -> None:
    """Many addresses with a guess each meet the house's own limit; in time it opens again."""
    tries = Tries()
    for n in range(20):
        tries.check(f"a{n}", float(n))
        tries.wrong(f"a{n}", float(n))
    with pytest.raises(Exception, match="too many wrong codes"):
        tries.check("somebody", 20.0)
    tries.check("somebody", 3601.0)


def test_odd_texts(house: House, lan: Volunteer) -> None:
    """Every form of these pages with what nobody expects: a kind refusal, nothing kept."""
    visit = ended(lan)
    ticket = house.store.value("SELECT ticket_id FROM visits WHERE id = ?", visit)
    for text in ODD_TEXTS.values():
        for path, form in {
            "/follow": {"number": text, "code": text},
            "/voice/remark": {"topic": text, "text": text, "key": "k-0001"},
            "/voice/vote": {"hours": text, "key": "k-0001"},
            f"/tickets/{ticket}/faces": {"manner": text},
            f"/desk/dossiers/{visit}/status": {"status": text},
            f"/desk/dossiers/{visit}/code": {"code": text},
            f"/desk/dossiers/{visit}/hand-over": {"day": text, "key": text},
            f"/desk/dossiers/{visit}/draft/99999": {"answer": text},
            "/desk/postings": {"title": text, "text": text, "days": text, "key": "k-0001"},
        }.items():
            answer = lan.post(path, **form)
            assert answer.status_code in (400, 404, 409, 413, 429), (path, answer.status_code)
            assert "<script>alert" not in answer.text
    for table in ("ratings", "remarks", "votes", "postings", "appointments"):
        assert house.store.value(f"SELECT count(*) FROM {table}") == 0


def test_a_dossier_at_the_desk(house: House, lan: Volunteer) -> None:
    """Status, code read back in boxes, the slip for originals, a hand-over, papers added."""
    visit = ended(lan)
    page = lan.get(f"/visits/{visit}").text
    for group in CODE.split("-"):
        assert f"<span>{group}</span>" in page
    base = f"/desk/dossiers/{visit}"
    assert lan.post(base + "/status", status="5").status_code == 303
    assert "Cần bổ sung giấy tờ" in lan.get("/desk/dossiers").text
    wrong = lan.post(base + "/code", code="H15")
    assert wrong.status_code == 400 and "Mã chưa đúng" in wrong.text
    slip = lan.post(base + "/result-slip", key="k-0001", where="Phường", when="trước 15 giờ")
    assert slip.status_code == 303
    assert house.store.value("SELECT count(*) FROM print_jobs WHERE kind = 'result'") == 1
    closed = lan.post(
        base + "/hand-over", key="k-0002", day="2020-01-01", from_min="480", parties="2"
    )
    assert closed.status_code == 400
    added = lan.post(base + "/papers", key="k-0003")
    assert added.status_code == 303 and "/visits/" in added.location
    assert 'value="0975"' in lan.get(added.location + "/finish").text
    assert lan.post(base + "/status", status="10").status_code == 303
    assert "Không có hồ sơ nào đang chờ" in lan.get("/desk/dossiers").text


def test_a_draft_grows_louder(house: House, lan: Volunteer) -> None:
    """On the desk at once; at 80 % on every screen; answered, it is gone."""
    visit = ended(lan)
    assert lan.post(f"/desk/dossiers/{visit}/draft").status_code == 303
    assert "còn 23 giờ" in lan.get("/desk").text
    assert "sắp hết giờ" not in house.client.get("/wall").text
    with house.store.write():
        house.store.run("UPDATE proof_watches SET mono_ms = mono_ms - 20*3600000")
    assert 'class="card ask trouble"' in lan.get("/desk").text
    assert "Có bản nháp cần người trực xem ngay" in house.client.get("/wall").text
    assert proof_watch.escalate(house.store, house.clock.now()) == 1
    watch = house.store.value("SELECT id FROM proof_watches")
    answer = lan.post(f"/desk/dossiers/{visit}/draft/{watch}", answer="confirmed")
    assert answer.status_code == 303
    assert "Bản nháp của số" not in lan.get("/desk").text


def test_notices_hang_and_are_seen(house: House, lan: Volunteer) -> None:
    """On the tablet, on the wall while nobody waits; each hour of it is on the proof."""
    form = {"title": "Kết quả rà soát", "text": "Dòng một\nDòng hai <b>", "days": "3"}
    assert lan.post("/desk/postings", key="k-0001", **form).status_code == 303
    assert lan.post("/desk/postings", key="k-0001", **form).status_code == 303
    assert house.store.value("SELECT count(*) FROM postings") == 1
    assert "Dòng hai &lt;b&gt;" in house.client.get("/notices").text
    assert house.store.value("SELECT count(*) FROM posting_hours") == 0  # a tablet is no wall
    assert "Kết quả rà soát" in house.client.get("/wall").text
    assert "Kết quả rà soát" in house.client.get("/board").text
    assert house.store.value("SELECT count(*) FROM posting_hours") == 2
    proof = lan.get("/desk/postings/1/proof").text
    assert re.search(r"\d\d:\d\d–\d\d:\d\d", proof) and "SHA-256" in proof
    house.take()
    wall = house.client.get("/wall").text
    assert "Kết quả rà soát" not in wall and "Niêm yết: 1 thông báo" in wall
    assert lan.post("/desk/postings/1/down").status_code == 303
    assert "Hiện không có thông báo nào" in house.client.get("/notices").text
    wrong = lan.post("/desk/postings", key="k-0002", title="x", text="y", days="0")
    assert wrong.status_code == 400


def test_a_full_card_does_not_darken_the_wall(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    from appliance.errors import StoreError

    postings.put_up(
        house.store, house.clock.now(), key="k", title="Thông báo", text="Nội dung thông báo",
        working_days=1, zone=ZONE,
    )  # fmt: skip

    def full(*args: object, **kwargs: object) -> None:
        raise StoreError("full", code="disk_full")

    monkeypatch.setattr(postings, "seen", full)
    assert house.client.get("/wall").status_code == 200


def test_three_faces(house: House, lan: Volunteer) -> None:
    """Asked when all is done, once; answering nothing is no error."""
    visit = ended(lan)
    ticket = house.store.value("SELECT ticket_id FROM visits WHERE id = ?", visit)
    page = house.client.get(f"/tickets/{ticket}").text
    assert page.count('type="radio"') == 9
    assert house.post(f"/tickets/{ticket}/faces").status_code == 303
    assert house.post(f"/tickets/{ticket}/faces", manner="3", clear="1").status_code == 303
    assert "Cảm ơn bác đã cho biết" in house.client.get(f"/tickets/{ticket}").text
    waiting = house.take()
    assert house.post(f"/tickets/{waiting['id']}/faces", manner="3").status_code == 409


def test_remarks_and_votes(house: House) -> None:
    """A telephone number is refused and the words stay in the form; thanks says where it is."""
    text = "Đèn đường ngõ 12 tắt ba hôm rồi."
    wrong = house.post("/voice/remark", key="r-0001", topic="traffic", text=text + " 0905123456")
    assert wrong.status_code == 400 and text in wrong.text and "bỏ ra để không lộ ai" in wrong.text
    sent = house.post("/voice/remark", key="r-0001", topic="traffic", text=text)
    assert sent.status_code == 303
    thanks = house.client.get(sent.location).text
    assert "Có mạng là máy gửi phường ngay" in thanks and text not in thanks
    assert house.post("/voice/vote", key="v-0001", hours="evening").status_code == 303
    assert house.post("/voice/vote", key="v-0002", service="ket-hon").status_code == 303
    assert house.post("/voice/vote", key="v-0003", hours="midnight").status_code == 400
