"""This file proves the pages of duty: rota, hours, month; wall and tablet say who comes when."""

from __future__ import annotations

import csv
import io
import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from appliance.service import rota as service
from appliance.store import rota as kept
from appliance.web.snapshot import snapshot
from tests.web.at_desk import JSON, ODD_TEXTS, Volunteer
from tests.web.conftest import ORIGIN, House

HERE = ZoneInfo("Asia/Ho_Chi_Minh")


def set_local(house: House, hour: int, minute: int = 0) -> date:
    """Turn the clock to this hour of tomorrow; that day."""
    now = house.clock.now().at.astimezone(HERE)
    target = datetime(now.year, now.month, now.day, hour, minute, tzinfo=HERE) + timedelta(days=1)
    house.clock.ahead_s += (target - now).total_seconds()
    return target.date()


@pytest.fixture
def lan(house: House) -> Volunteer:
    set_local(house, 8)
    return Volunteer(house, "Chị Lan")


def today(house: House) -> date:
    return house.clock.now().local("Asia/Ho_Chi_Minh").date()


def plan(lan: Volunteer, **more: str) -> object:
    form = {"volunteer": str(lan.row["id"]), "day": today(lan.house).isoformat()}
    form |= {"session": "other", "from": "13:30", "to": "17:00", "weeks": "1", **more}
    return lan.post("/desk/rota", **form)


def test_a_shift_is_planned_and_shown(house: House, lan: Volunteer) -> None:
    """Four weeks of it; the rota lists them, the start page says when she comes."""
    assert plan(lan, weeks="4").status_code == 303  # type: ignore[attr-defined]
    page = lan.get("/desk/rota").text
    assert page.count("13:30–17:00") >= 4
    lan.post("/desk/sign-out")
    for path in ("/", "/wall"):
        assert "Chị Lan đến lúc 13 giờ 30." in house.client.get(path).text, path
    set_local(house, 14)
    assert "Chị Lan trực" in house.client.get("/").text  # not tomorrow: in a week


def test_expected_now_but_not_here(house: House, lan: Volunteer) -> None:
    plan(lan, **{"from": "8:00", "to": "10:00"})
    lan.post("/desk/sign-out")
    house.clock.ahead_s += 60
    assert "Chị Lan có lịch trực lúc này." in house.client.get("/").text


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"day": ""}, "Chưa đọc được ngày"),
        ({"day": "2026-02-30"}, "Chưa đọc được ngày"),
        ({"day": "2020-01-01"}, "Ngày này đã qua"),
        ({"from": "17:00", "to": "13:30"}, "Lúc kết thúc phải sau"),
        ({"from": "bảy giờ"}, "Chưa đọc được giờ"),
        ({"weeks": "53"}, "Con số này chưa đúng"),
        ({"weeks": ""}, "Con số này chưa đúng"),
        ({"session": "night"}, "Bạn chọn sáng"),
        ({"volunteer": "9999"}, "Không tìm thấy người này"),
    ],
)
def test_wrong_shifts(lan: Volunteer, wrong: dict[str, str], said: str) -> None:
    """Nothing is planned, the page says what is the matter, what was typed is kept."""
    answer = plan(lan, **wrong)
    assert answer.status_code in (400, 409)  # type: ignore[attr-defined]
    assert said in answer.text  # type: ignore[attr-defined]
    assert lan.house.store.value("SELECT count(*) FROM shifts") == 0


def test_odd_texts_everywhere(lan: Volunteer) -> None:
    """No field of these pages can be made to fail otherwise than kindly."""
    for text in ODD_TEXTS.values():
        for path, form in {
            "/desk/rota": {"volunteer": text, "day": text, "session": text, "weeks": text},
            "/desk/rota/per-session": {"most": text},
            "/desk/hours": {"day0": text},
            "/desk/hours/closed": {"first": text, "reason": text},
            "/desk/hours/on-call": {"volunteer": text, "phone": text},
            "/appointments": {"service": text, "day": text, "from_min": text, "key": text},
        }.items():
            answer = lan.post(path, **form)
            assert answer.status_code in (303, 400, 409, 413), (path, text[:10])
            assert "<script>alert" not in answer.text


def test_a_double_is_refused(lan: Volunteer) -> None:
    plan(lan)
    answer = plan(lan, **{"from": "16:00", "to": "18:00"})
    assert answer.status_code == 409  # type: ignore[attr-defined]
    assert "đã có ca vào lúc đó" in answer.text  # type: ignore[attr-defined]


def test_a_swap_in_two_taps(house: House, lan: Volunteer) -> None:
    plan(lan)
    shift = house.store.value("SELECT id FROM shifts")
    minh = Volunteer(house, "Anh Minh", desk=2)
    assert lan.post(f"/desk/rota/{shift}/offer").status_code == 303
    assert "Tôi nhận ca này" in minh.get("/desk/rota").text
    assert minh.post(f"/desk/rota/{shift}/take").status_code == 303
    assert house.store.value("SELECT volunteer_id FROM shifts") == minh.row["id"]
    late = lan.post(f"/desk/rota/{shift}/keep")
    assert late.status_code == 409 and "đã có người nhận" in late.text


def test_a_roster_file_names_its_line(house: House, lan: Volunteer) -> None:
    """Broken half-way: 400, the line is named, nothing planned. Mended: all planned."""
    day = today(house) + timedelta(days=3)
    lines = [f"{day},7:30,11:30,Chị Lan", f"{day},13h30,17h,Chị Lan", f"{day},12,11,Chị Lan"]
    sent = {"file": (io.BytesIO("\n".join(lines).encode()), "lich.csv")}
    answer = lan.client.post("/desk/rota/file", data=sent, headers=ORIGIN)
    assert answer.status_code == 400 and "Dòng 3" in answer.text
    assert house.store.value("SELECT count(*) FROM shifts") == 0
    sent = {"file": (io.BytesIO("\n".join(lines[:2]).encode()), "lich.csv")}
    assert lan.client.post("/desk/rota/file", data=sent, headers=ORIGIN).status_code == 303
    assert house.store.value("SELECT count(*) FROM shifts") == 2
    huge = {"file": (io.BytesIO(b"x" * 200_000), "lich.csv")}
    assert lan.client.post("/desk/rota/file", data=huge, headers=ORIGIN).status_code == 413


def test_hours_on_wall_and_tablet(house: House, lan: Volunteer) -> None:
    """What is typed is on every screen at once; a bad day keeps the form as typed."""
    hours = {f"day{n}": "7:30-11:30" for n in range(7)}
    assert lan.post("/desk/hours", **hours).status_code == 303
    for path in ("/", "/wall"):
        page = house.client.get(path).text
        assert "Hôm nay mở 7:30–11:30." in page, path
    wrong = lan.post("/desk/hours", **{**hours, "day4": "sáng"})
    assert wrong.status_code == 400
    assert (
        'value="sáng" maxlength="120" autocomplete="off" aria-describedby="hours-like" aria-inv'
        in (wrong.text)
    )
    set_local(house, 20)
    assert "Bây giờ ngoài giờ mở cửa. Mở lại" in house.client.get("/wall").text


def test_closed_today(house: House, lan: Volunteer) -> None:
    service.set_hours(house.store, house.clock.now(), dict.fromkeys(range(7), "7:30-11:30"))
    day = today(house)
    form = {"first": day.isoformat(), "last": "", "reason": "Họp thôn."}
    assert lan.post("/desk/hours/closed", **form).status_code == 303
    assert "Hôm nay nghỉ: Họp thôn. Mở lại" in house.client.get("/wall").text
    assert lan.post("/desk/hours/open-again", day=day.isoformat()).status_code == 303
    assert "Hôm nay mở" in house.client.get("/wall").text


def test_whom_to_telephone(house: House, lan: Volunteer) -> None:
    """Unanswered for three minutes: the number of who is on call; without one, the house's."""
    house.post("/help", key="help-key-1")
    house.clock.ahead_s += 181
    assert "Chưa ai nhận – gọi 0236 3555 123" in house.client.get("/wall").text
    answer = lan.post("/desk/hours/on-call", volunteer=str(lan.row["id"]), phone="0905 123 456")
    assert answer.status_code == 303
    assert "Chưa ai nhận – gọi 0905 123 456" in house.client.get("/wall").text
    lan.post("/desk/sign-out")
    page = house.client.get("/help").text
    assert 'href="tel:0905123456"' in page and "Chị Lan" in page


def test_no_hidden_name_in_the_snapshot(house: House) -> None:
    """A volunteer who did not consent: on the rota and on call, but nowhere in public."""
    hidden = house.volunteer("Nguyễn Thị Kín")
    day = today(house) + timedelta(days=1)
    from appliance.core.day_time import Span

    service.plan(
        house.store, house.clock.now(), volunteer_id=hidden["id"], days=[day],
        spans=[Span(450, 690)], today=today(house),
    )  # fmt: skip
    service.put_on_call(house.store, hidden["id"], "0905123456")
    state = snapshot(house.parts, house.store, house.clock.now())
    assert "Kín" not in str(state)
    assert state["duty"]["next"]["minute"] == 450
    for path in ("/", "/wall", "/help"):
        assert "Kín" not in house.client.get(path).text
    assert kept.on_call(house.store)[0]["full_name"] == "Nguyễn Thị Kín"


def test_the_month_adds_up(house: House, lan: Volunteer) -> None:
    """Sheet and CSV say the same minutes as the turns; a formula in a name stays a text."""
    with house.store.write():
        house.store.run("DELETE FROM duty")
        for began, ended in [("08:00:10", "10:30:50"), ("13:00:00", "14:01:00")]:
            house.store.insert(
                "duty",
                {
                    "volunteer_id": lan.row["id"],
                    "began_at": f"2026-11-03T{began}.000Z",
                    "ended_at": f"2026-11-03T{ended}.000Z",
                },
            )
        house.store.run("UPDATE volunteers SET name = '=Lan' WHERE id = ?", lan.row["id"])
    text = lan.get("/desk/month.csv?month=2026-11").get_data().decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [r["minutes"] for r in rows] == ["150", "61", "211"]
    assert {r["volunteer"] for r in rows} == {"'=Lan"}
    assert rows[0]["from"] == "15:00"  # local time
    sheet = lan.get(f"/desk/month/{lan.row['id']}?month=2026-11").text
    assert "3 giờ 31 phút" in sheet and "Người trực ký" in sheet
    assert "3 giờ 31 phút" in lan.get("/desk/month?month=2026-11").text
    assert "Tháng này chưa có" in lan.get("/desk/month?month=2020-01").text
    for bad in ("2026-13", "x", "2026-1", "../../x"):
        assert lan.get(f"/desk/month?month={bad}").status_code == 400


def test_an_appointment_in_three_taps(house: House, lan: Volunteer) -> None:
    """Service, day, time; the screen says when and the code; the desk sees it come."""
    service.set_hours(house.store, house.clock.now(), dict.fromkeys(range(7), "7:30-11:30"))
    assert 'href="/appointments/for/ket-hon"' in house.client.get("/appointments").text
    days = house.client.get("/appointments/for/ket-hon").text
    day = re.findall(r"/appointments/for/ket-hon/(\d{4}-\d\d-\d\d)", days)[1]
    times = house.client.get(f"/appointments/for/ket-hon/{day}").text
    assert "7 giờ 30" in times
    form = {"service": "ket-hon", "day": day, "from_min": "450", "key": "k-0001"}
    answer = house.post("/appointments", **form)
    again = house.post("/appointments", **form)
    assert answer.status_code == 303 and again.location == answer.location
    page = house.client.get(answer.location).text
    code = house.store.value("SELECT code FROM appointments")
    assert code in page and "7 giờ 30" in page
    assert code in lan.get("/desk/appointments").text
    taken = house.post("/appointments", **{**form, "key": "k-0002"})
    assert taken.status_code == 409 and "vừa có người hẹn" in taken.text
    calendar = house.client.get(answer.location + "/hen.ics").text
    assert "BEGIN:VEVENT" in calendar and f"DTSTART:{day.replace('-', '')}T003000Z" in calendar
    assert house.client.post("/appointments", data=form, headers=JSON).status_code == 201


def test_no_hours_no_appointment(house: House) -> None:
    assert "Bác gọi 0236 3555 123 để hẹn." in house.client.get("/appointments").text
    assert house.client.get("/appointments/for/nothing").status_code == 400
    assert house.client.get("/appointments/nobody").status_code == 404
