"""This file proves HTTPS in the house's own network: asked for, given, served; HTTP stays."""

from __future__ import annotations

import http.client
import json
import socket
import ssl
import tempfile
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, jsonify, request

from appliance.store.lan_files import AUTHORITY, CERTIFICATE, KEY, REQUEST
from appliance.sync.lan_carrier import LanCarrier
from appliance.web.door import https as https_door
from appliance.web.door.https import Https
from appliance.web.door.lan_certificate import LanCertificate, wanted_names
from appliance.web.door.server import make_server
from appliance.web.door.tls_door import address_of
from tests.web.conftest import House
from ward.enrol.authority import TrustError
from ward.enrol.lan_authority import LanAuthority

NOW = datetime.now(UTC)
ADDRESS = "192.168.1.23"


class Ward:
    """The ward's side of the door, without a line between."""

    def __init__(self, tls: Path) -> None:
        self.tls, self.asked = tls, 0

    def for_lan(self, csr_pem: bytes) -> bytes:
        self.asked += 1
        of_lan = LanAuthority(self.tls, NOW)
        try:
            made = of_lan.for_request("khu-pho-3", csr_pem, NOW)
        except TrustError as error:
            raise OSError(str(error)) from error
        return made + of_lan.certificate_file.read_bytes()


@pytest.fixture
def ward(tmp_path: Path) -> Ward:
    return Ward(tmp_path / "tls")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    return tmp_path / "data"


def carrier(ward: Ward, data: Path) -> LanCarrier:
    return LanCarrier(ward, data)  # type: ignore[arg-type]


def test_a_certificate_is_asked_for_once_and_again_when_the_address_changes_or_it_ends(
    ward: Ward, data: Path
) -> None:
    """Nothing is written while all is well."""
    mine = LanCertificate(data, "khu-pho-3")
    assert mine.look(NOW, [ADDRESS, "127.0.0.1"]) and mine.pair() is None
    assert not mine.look(NOW, [ADDRESS])  # it lies there, for the other room
    carrier(ward, data).turn()
    assert mine.pair() == (data / "https" / CERTIFICATE, data / "https" / KEY)
    assert not (data / "https" / REQUEST).exists()
    assert (data / "https" / KEY).stat().st_mode & 0o777 == 0o600
    before = {path: path.stat().st_mtime_ns for path in (data / "https").iterdir()}
    assert not mine.look(NOW, [ADDRESS])
    carrier(ward, data).turn()
    assert before == {path: path.stat().st_mtime_ns for path in (data / "https").iterdir()}
    assert mine.look(NOW, ["192.168.7.7"])
    assert mine.pair() is not None  # the one there is serves on meanwhile
    (data / "https" / REQUEST).unlink()
    assert mine.look(NOW + timedelta(days=745), [ADDRESS]) and ward.asked == 1


def test_what_cannot_be_carried_is_tried_again_later_only(ward: Ward, data: Path) -> None:
    LanCertificate(data, "khu-pho-3").look(NOW, [ADDRESS])
    (data / "https" / REQUEST).write_bytes(b"nothing")
    one = carrier(ward, data)
    one.turn()
    one.turn()
    assert ward.asked == 1 and not (data / "https" / CERTIFICATE).exists()


@pytest.mark.parametrize("name", ["8.8.8.8", "example.com", "*.local"])
def test_the_ward_vouches_for_nothing_outside(
    ward: Ward, data: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Neither for a public address nor for a name of the world's."""
    from appliance.web.door import lan_certificate

    names = frozenset({"hien.local", name})
    csr = lan_certificate._request(
        "khu-pho-3", LanCertificate(data, "khu-pho-3")._key(), frozenset({"hien.local"})
    )
    assert ward.for_lan(csr)
    monkeypatch.setattr(lan_certificate, "wanted_names", lambda addresses: names)
    if not name.endswith(("com", "local")):
        LanCertificate(data, "khu-pho-3").look(NOW, [])
        with pytest.raises(OSError, match="own network"):
            ward.for_lan((data / "https" / REQUEST).read_bytes())
        return
    with pytest.raises(OSError, match="own network"):
        ward.for_lan(_csr(name))


def _csr(name: str) -> bytes:
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    builder = x509.CertificateSigningRequestBuilder().subject_name(x509.Name([]))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
    key = ec.generate_private_key(ec.SECP256R1())
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def test_public_addresses_and_the_machine_s_own_are_not_asked_for() -> None:
    assert wanted_names(["127.0.0.1", "8.8.8.8", ADDRESS]) == {"hien.local", "10.42.0.1", ADDRESS}


@pytest.fixture
def site(ward: Ward, tmp_path: Path) -> Iterator[SimpleNamespace]:
    """A server with one page that says how it was asked, over both doors."""
    ram = Path(tempfile.mkdtemp(prefix="hien-"))  # a socket's name has to be short
    house = House(tmp_path / "house", ram, **{
        "web.host": "127.0.0.1", "web.port": _free(), "web.https_port": _free(),
        "house.id": "khu-pho-3",
    })  # fmt: skip
    (ram / "spool").mkdir()
    app = Flask("asked")

    @app.post("/")
    @app.get("/")
    def asked() -> Any:
        return jsonify(scheme=request.scheme, address=request.remote_addr, body=len(request.data))

    server = make_server(app, house.parts)
    threading.Thread(target=server.run, daemon=True).start()
    doors = Https(house.parts)
    doors.turn()
    assert doors.door is None  # no certificate yet: HTTP alone
    carrier(ward, tmp_path / "house/data").turn()
    doors.turn()
    assert doors.door is not None
    authority = tmp_path / "house/data/https" / AUTHORITY
    yield SimpleNamespace(house=house, doors=doors, ca=str(authority), port=doors.door.port)
    doors.stop()
    server.close()


def _free() -> int:
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def over_tls(site: SimpleNamespace, name: str = "hien.local", body: bytes = b"") -> dict[str, Any]:
    """What the page says, asked by who trusts the authority of the house's network alone."""
    context = ssl.create_default_context(cafile=site.ca)
    way = socket.create_connection(("127.0.0.1", site.port), 10)
    line = http.client.HTTPConnection(name)
    line.sock = context.wrap_socket(way, server_hostname=name)
    line.request("POST" if body else "GET", "/", body=body or None)
    answer = json.loads(line.getresponse().read())
    line.close()
    return dict(answer)


def test_both_doors_answer_and_each_says_who_called(site: SimpleNamespace) -> None:
    """The scheme is the browser's, so our own origin is known; the address is the caller's."""
    assert over_tls(site) == {"scheme": "https", "address": "127.0.0.1", "body": 0}
    big = over_tls(site, body=b"x" * 3_000_000)
    assert big == {"scheme": "https", "address": "127.0.0.1", "body": 3_000_000}
    line = http.client.HTTPConnection("127.0.0.1", site.house.parts.config["web.port"], timeout=10)
    line.request("GET", "/")
    assert json.loads(line.getresponse().read())["scheme"] == "http"
    line.close()


def test_a_telephone_is_given_the_authority_and_nothing_else(site: SimpleNamespace) -> None:
    answer = site.house.client.get("/hien-lan.crt")
    assert answer.data == Path(site.ca).read_bytes() and b"PRIVATE" not in answer.data
    assert answer.mimetype == "application/x-x509-ca-cert"


def test_a_name_that_is_not_the_house_s_is_not_believed(site: SimpleNamespace) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        over_tls(site, "ngan-hang.local")


def test_a_silent_or_plain_caller_holds_up_nobody(site: SimpleNamespace) -> None:
    """Plain HTTP at the HTTPS port, and somebody who says nothing at all."""
    silent = [socket.create_connection(("127.0.0.1", site.port), 10) for _ in range(20)]
    plain = socket.create_connection(("127.0.0.1", site.port), 10)
    plain.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert over_tls(site)["scheme"] == "https"
    for one in (*silent, plain):
        one.close()
    assert over_tls(site)["scheme"] == "https"


def test_a_new_certificate_is_taken_in_without_a_restart(site: SimpleNamespace, ward: Ward) -> None:
    folder = Path(site.ca).parent
    LanCertificate(folder.parent, "khu-pho-3").look(NOW + timedelta(days=760))
    carrier(ward, folder.parent).turn()
    first = _serial(site)
    site.doors.turn()
    assert _serial(site) != first


def _serial(site: SimpleNamespace) -> str:
    context = ssl.create_default_context(cafile=site.ca)
    with (
        socket.create_connection(("127.0.0.1", site.port), 10) as way,
        context.wrap_socket(way, server_hostname="hien.local") as secure,
    ):
        return str((secure.getpeercert() or {})["serialNumber"])


def test_it_is_off_by_default(tmp_path: Path) -> None:
    house = House(tmp_path, tmp_path / "ram")
    doors = https_door.Https(house.parts)
    doors.turn()
    assert doors.door is None and not (tmp_path / "data/https").exists()
    assert house.client.get("/hien-lan.crt").status_code == 404


def test_only_our_own_door_can_say_who_called() -> None:
    assert address_of(b"\0hien-tls 00ff 10.0.0.7 5123") == ("10.0.0.7", 5123)
    for name in (b"", "", None, b"\0other 1 2 3", b"\0hien-tls 00ff 10.0.0.7 x"):
        assert address_of(name) == ("localhost", 0)
