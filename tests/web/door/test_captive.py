"""This file proves that a phone on the house's own Wi-Fi is shown the house, and stays."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from appliance.web.door import captive
from tests.web.conftest import House

PHONE, OTHER = "10.42.0.77", "10.42.0.78"


def ask(house: House, path: str, host: str, who: str = PHONE, method: str = "GET") -> Any:
    return house.client.open(
        path, method=method, headers={"Host": host}, environ_base={"REMOTE_ADDR": who}
    )


@pytest.fixture
def at_home(make_house: Callable[..., House]) -> House:
    """The house as its own access point, with that address."""
    return make_house(**{"web.names": [captive.OWN]})


@pytest.mark.parametrize(
    ("host", "path"),
    [
        ("connectivitycheck.gstatic.com", "/generate_204"),
        ("captive.apple.com", "/hotspot-detect.html"),
        ("www.msftconnecttest.com", "/connecttest.txt"),
        ("detectportal.firefox.com", "/success.txt?ipv4"),
    ],
)
def test_each_maker_is_led_to_the_start_and_then_told_it_is_well(
    at_home: House, host: str, path: str
) -> None:
    """First the way; after the start page was there, the answer that keeps it on this Wi-Fi."""
    first = ask(at_home, path, host)
    assert first.status_code == 302 and first.headers["Location"] == "http://10.42.0.1/"
    assert ask(at_home, "/", captive.OWN).status_code == 200
    status, body = captive.PROBES[path.split("?")[0]]
    then = ask(at_home, path, host)
    assert (then.status_code, then.text) == (status, body)
    assert ask(at_home, path, host, who=OTHER).status_code == 302, "another device is not yet here"


def test_any_name_leads_to_the_start(at_home: House) -> None:
    """Somebody types an address he knows: there is nothing else here."""
    assert ask(at_home, "/news", "vnexpress.net").headers["Location"] == "http://10.42.0.1/"
    assert ask(at_home, "/", "[bad", who=PHONE).status_code == 302


def test_on_the_lan_foreign_names_stay_refused(at_home: House) -> None:
    """DNS rebinding finds the same door as before, and so does every form, also on our Wi-Fi."""
    assert ask(at_home, "/generate_204", "evil.example", who="192.168.1.9").status_code == 400
    assert ask(at_home, "/", "evil.example", who="192.168.1.9").status_code == 400
    assert ask(at_home, "/tickets", "evil.example", method="POST").status_code == 400


def test_those_who_were_here_are_few_and_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    greeted = captive.Greeted()
    for n in range(captive.MOST_GREETED + 20):
        greeted.add(f"10.42.{n // 250}.{n % 250}")
    assert len(greeted._at_s) == captive.MOST_GREETED and "10.42.0.0" not in greeted
    assert "10.42.0.100" in greeted
    real = captive.time.monotonic()
    monkeypatch.setattr(captive.time, "monotonic", lambda: real + captive.GREETED_S + 1)
    assert "10.42.0.100" not in greeted
