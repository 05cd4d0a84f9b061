"""This file proves the outer door: Host, Origin, sizes, headers, and what files can be had."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Any

import pytest

from appliance.web.door.security import CSP, host_name
from tests.web.conftest import ORIGIN, House

KEY = "abcdefgh-1"
FORM = {"service": "co-em-be", "key": KEY}


FOREIGN_HOSTS = (
    "evil.example", "8.8.8.8", "localhost.evil.example", "", "a b", "[::2]", "localhost:x",
    "localhost:99999", "user@localhost", "localhost/..", "127.0.0.1.nip.example",
    "127.0..0.1:8", "a..b", ".a", "x" * 64 + ".local",
)  # fmt: skip


@pytest.mark.parametrize("path", ["/", "/nope", "/static/hien.css", "/healthz", "/live", "/desk"])
def test_a_foreign_host_is_refused_everywhere(house: House, path: str) -> None:
    """DNS rebinding: also a missing page, a file and a stream answer 400 to another name."""
    for host in FOREIGN_HOSTS:
        assert house.client.get(path, headers={"Host": host}).status_code == 400, host


OUR_HOSTS = (
    "localhost", "LOCALHOST:8080", "127.0.0.1:9", "[::1]:8080", "hien.local", "hien.local.",
    "phu-da.example:81", "192.168.7.7", "diem.lan",
)  # fmt: skip


def test_our_own_names_are_taken(make_house: Callable[..., House]) -> None:
    """Fixed names, the configured ones, the public address and our own addresses, on any port."""
    house = make_house(
        **{"web.names": ["diem.lan", "phu-da.example"], "house.address": "http://192.168.7.7:8080"}
    )
    for host in OUR_HOSTS:
        assert house.client.get("/", headers={"Host": host}).status_code == 200, host


def test_an_address_of_this_machine_is_ours(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The router gives the box another address: it is known within seconds, without a restart."""
    from appliance.web.door import security

    assert house.client.get("/", headers={"Host": "10.9.8.7"}).status_code == 400

    class Address:
        family, address = socket.AF_INET, "10.9.8.7"

    monkeypatch.setattr(security.psutil, "net_if_addrs", lambda: {"eth0": [Address]})
    monkeypatch.setattr(security, "ADDRESSES_AGE_S", -1)
    assert house.client.get("/", headers={"Host": "10.9.8.7"}).status_code == 200


@pytest.mark.parametrize(
    ("host", "name"),
    [("LocalHost:80", "localhost"), ("[::1]:80", "::1"), ("[0:0:0:0:0:0:0:1]", "::1"),
     ("a:1:2", None), ("", None), ("[::1", None), ("-a_b.c", "-a_b.c"), ("1.2.3.4:70000", None)],
)  # fmt: skip
def test_host_names(host: str, name: str | None) -> None:
    """A header is taken apart strictly: what is not a host is nobody's."""
    assert host_name(host) == name


FOREIGN_ORIGINS: tuple[dict[str, str], ...] = (
    {}, {"Origin": "null"}, {"Origin": "http://evil.example"}, {"Origin": "https://localhost"},
    {"Origin": "http://localhost:81"}, {"Origin": "http://localhost.evil.example"},
    {"Origin": ""}, {"Origin": "http://localhost/"}, {"Referer": "http://localhost/"},
)  # fmt: skip


def test_a_change_needs_our_own_origin(house: House) -> None:
    """Missing, null or foreign Origin: 403, and nothing is written."""
    for path in ("/tickets", "/help", "/help/withdraw", "/desk/sign-in", "/nope"):
        for headers in FOREIGN_ORIGINS:
            answer = house.client.post(path, data=FORM, headers=headers)
            assert answer.status_code == 403, (path, headers)
    assert house.client.get("/api/tickets/today").get_json() == []


def test_our_own_origin_is_as_the_house_was_asked(make_house: Callable[..., House]) -> None:
    """The origin follows the Host in use; behind a TLS front the public https address counts."""
    house = make_house(**{"house.address": "https://phu-da.example"})
    for base, origin in [
        ("http://hien.local:8080", "http://hien.local:8080"),
        ("http://phu-da.example", "https://phu-da.example"),
        ("http://localhost", "HTTP://LOCALHOST"),
    ]:
        answer = house.client.post(
            "/tickets",
            base_url=base,
            data=FORM | {"key": house.new_key()},
            headers={"Origin": origin},
        )
        assert answer.status_code == 303, base
    mixed = house.client.post("/tickets", data=FORM, headers={"Origin": "https://phu-da.example"})
    assert mixed.status_code == 403


def test_every_answer_is_dressed(house: House) -> None:
    """CSP, nosniff, no referrer to others, no-store: on good pages and on errors."""
    for path in ("/", "/wall", "/help", "/t", "/nope", "/desk/sign-in", "/healthz"):
        headers = house.client.get(path).headers
        assert headers["Content-Security-Policy"] == CSP
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "same-origin"
        assert headers["Cache-Control"] == "no-store"


def test_no_page_has_inline_script_or_style(house: House) -> None:
    """The CSP would drop them, so nothing may count on them."""
    ticket = house.take()
    for path in ("/", "/wall", "/help", "/t", "/desk/sign-in", "/nope", f"/tickets/{ticket['id']}"):
        text = house.client.get(path).text
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert text.count("<script ") == text.count("<script src=")


def test_a_body_over_the_limit(house: House) -> None:
    """A form is a few fields: more than a few kB ends in 413 with a page that says what to do."""
    for path in ("/tickets", "/help", "/desk/sign-in"):
        for size in (9_000, 26 * 2**20):
            answer = house.client.post(path, data=FORM | {"padding": "x" * size}, headers=ORIGIN)
            assert answer.status_code == 413
            assert "lớn quá" in answer.text
    assert house.client.get("/api/tickets/today").get_json() == []


ELSEWHERE = (
    "/static/../app.py", "/static/..%2fapp.py", "/static/%2e%2e/app.py", "/static/hien.py",
    "/static/", "/static/nope.css", "/fonts/be-vietnam-pro-999.ttf", "/static/.css",
)  # fmt: skip


def test_files_from_elsewhere_are_not_had(house: House) -> None:
    """Only what lies in static/, and three weights of the letters."""
    for path in ELSEWHERE:
        assert house.client.get(path).status_code == 404, path


def test_assets_are_kept_long(house: House) -> None:
    """Styles, scripts and letters are fetched once; a new release has another address."""
    page = house.client.get("/").text
    address = page.split('<link rel="stylesheet" href="')[1].split('"')[0]
    assert "?v=" in address
    answer: Any = house.client.get(address)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    again = house.client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    font = house.client.get("/fonts/be-vietnam-pro-400.ttf")
    assert font.status_code == 200
    assert font.data[:4] == b"\x00\x01\x00\x00"


def test_other_methods(house: House) -> None:
    """Nothing answers to them, and nothing breaks."""
    for method in ("PUT", "DELETE", "PATCH", "TRACE"):
        answer = house.client.open("/tickets", method=method, headers=ORIGIN)
        assert answer.status_code == 405, method
