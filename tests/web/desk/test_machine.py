"""This file proves the page of the machine: root's helper is asked for just what was confirmed."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest

from appliance import ask_root
from tests.web.at_desk import Volunteer
from tests.web.conftest import House

KEY = "mat khau wifi"


class Helper(list[dict[str, str]]):
    """What was asked; `refuses` with a code when it is set."""

    refuses = ""

    def __call__(self, verb: str, **more: str) -> None:
        if self.refuses:
            raise ask_root.RootRefused("no", code=self.refuses)
        self.append({"verb": verb, **more})


@pytest.fixture
def helper(monkeypatch: pytest.MonkeyPatch) -> Helper:
    made = Helper()
    monkeypatch.setattr(ask_root, "ask", made)
    monkeypatch.setattr(ask_root, "is_there", lambda: True)
    return made


@pytest.fixture
def lan(house: House) -> Volunteer:
    return Volunteer(house, "Chị Lan")


def post(lan: Volunteer, what: str, **form: Any) -> Any:
    return lan.post(f"/desk/machine/{what}", **form)


def test_nobody_but_a_volunteer_gets_near_it(house: House, helper: Helper) -> None:
    for what in ("wifi", "restart", "forget", "address", "update"):
        assert house.post(f"/desk/machine/{what}").status_code in (302, 303, 401, 403)
    assert house.client.get("/desk/machine").status_code in (302, 303) and helper == []


def test_a_network_is_changed_with_the_pin(
    lan: Volunteer, helper: Helper, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither the key nor the PIN is in any answer or log; a wrong PIN changes nothing."""
    caplog.set_level(logging.DEBUG)
    wrong = post(lan, "wifi", name="Nhà văn hóa", password=KEY, pin="0000")
    assert wrong.status_code == 400 and "Mã số chưa đúng" in wrong.text and helper == []
    done = post(lan, "wifi", name="Nhà văn hóa", password=KEY, pin="2468")
    assert done.status_code == 303 and done.headers["Location"].endswith("done=wifi")
    assert helper == [{"verb": "set-wifi", "name": "Nhà văn hóa", "password": KEY}]
    assert KEY not in wrong.text + caplog.text


def test_what_the_helper_refuses_is_said_plainly(lan: Volunteer, helper: Helper) -> None:
    for code, words in {
        "bad_password": "từ 8 đến 63",
        "too_soon": "hai phút",
        "x": "gọi phường",
    }.items():
        helper.refuses = code
        said = post(lan, "wifi", name="a", password="x", pin="2468")
        assert said.status_code == 409 and words in said.text


def test_a_release_that_waits_can_be_tried_by_day(
    house: House, lan: Volunteer, helper: Helper
) -> None:
    """For a box that is dark at night: the newest there is, when nobody is served, and by its name
    alone; who looks into it is the updater."""
    assert "Bản" not in lan.get("/desk/machine").text.split("Máy đang dùng bản")[1]
    assert "Không còn bản mới" in post(lan, "update").text
    inbox = Path(house.parts.config["data.dir"]) / "inbox"
    inbox.mkdir()
    for name in (
        "0.0.9.hien",
        "9.2.0.hien",
        "9.10.0.hien",
        "x.hien",
        ".ab.part",
        "99.0.0.hien.age",
    ):
        (inbox / name).touch()
    assert "Bản 9.10.0 đang đợi" in lan.get("/desk/machine").text
    ticket = house.take()
    lan.post(f"/desk/tickets/{ticket['id']}/call", key=house.new_key())
    assert "Đang có người" in post(lan, "update").text and helper == []
    with house.store.write():
        house.store.run("UPDATE tickets SET state = 'done'")
        house.store.run("UPDATE print_jobs SET state = 'cancelled'")
    done = post(lan, "update")
    assert done.status_code == 303 and done.headers["Location"].endswith("done=update")
    assert helper == [{"verb": "apply-update", "file": "9.10.0.hien"}]


def test_a_restart_waits_for_the_person_at_the_desk(
    house: House, lan: Volunteer, helper: Helper
) -> None:
    ticket = house.take()
    lan.post(f"/desk/tickets/{ticket['id']}/call", key=house.new_key())
    assert "Đang có người" in post(lan, "restart").text and helper == []


def test_a_quiet_house_restarts(lan: Volunteer, helper: Helper) -> None:
    assert post(lan, "restart").status_code == 303 and helper == [{"verb": "reboot"}]


def test_a_house_is_forgotten_by_its_code_and_the_pin(
    house: House, lan: Volunteer, helper: Helper
) -> None:
    own = house.parts.house.id
    assert "Chưa xoá gì cả" in post(lan, "forget", house="khac-1234", pin="2468").text
    assert "Mã số chưa đúng" in post(lan, "forget", house=own, pin="1111").text
    assert helper == []
    assert post(lan, "forget", house=own.upper(), pin="2468").status_code == 303
    assert helper == [{"verb": "factory-reset", "house": own}]


def test_the_address_slip_comes_once_for_each_tap(house: House, lan: Volunteer) -> None:
    for key in ("one", "one", "two"):
        assert post(lan, "address", key=key).status_code == 303
    assert house.store.value("SELECT count(*) FROM print_jobs WHERE kind = 'box'") == 2


def test_a_machine_without_a_helper_says_so(lan: Volunteer) -> None:
    text = lan.client.get("/desk/machine").text
    assert "Người lắp máy làm việc đó" in text and "password" not in text
