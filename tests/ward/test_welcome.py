"""This file proves that a word lets one box in once, for a week, and nobody else ever."""

from __future__ import annotations

import http.client
import json
import ssl
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from appliance.sync.protocol import ProtocolError
from ward.enrol.authority import Authority, TrustError, write
from ward.enrol.tokens import NAME, VALID_FOR, Tokens, Welcome
from ward.enrol.welcome import WRONG_PER_MINUTE, WelcomeDoor

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
TOLD = Welcome("Nhà văn hóa Khu phố 3", "mqtts://ward:8883", "age1x", "")


def test_a_word_is_for_one_key(tmp_path: Path) -> None:
    """The same box may try again after its line broke; another one is refused."""
    word = Tokens(tmp_path).give("khu-pho-3", TOLD, NOW)
    for _ in range(2):
        assert Tokens(tmp_path).spend("khu-pho-3", word, "key-1", NOW) == TOLD
    with pytest.raises(TrustError, match="another box"):
        Tokens(tmp_path).spend("khu-pho-3", word, "key-2", NOW)


@pytest.mark.parametrize(
    ("house", "change", "later"),
    [
        ("khu-pho-3", lambda w: w[:-1] + "2" if w[-1] != "2" else w[:-1] + "3", timedelta()),
        ("khu-pho-3", lambda w: "", timedelta()),
        ("khu-pho-4", lambda w: w, timedelta()),
        ("khu-pho-3", lambda w: w, VALID_FOR),
    ],
    ids=["another word", "no word", "another house", "a week later"],
)
def test_what_is_not_the_word_lets_nobody_in(tmp_path, house, change, later) -> None:  # type: ignore[no-untyped-def]
    word = Tokens(tmp_path).give("khu-pho-3", TOLD, NOW)
    with pytest.raises(TrustError):
        Tokens(tmp_path).spend(house, change(word), "key", NOW + later)


def test_a_new_card_ends_the_one_before_and_only_hashes_are_kept(tmp_path: Path) -> None:
    first = Tokens(tmp_path).give("khu-pho-3", TOLD, NOW)
    second = Tokens(tmp_path).give("khu-pho-3", TOLD, NOW)
    with pytest.raises(TrustError):
        Tokens(tmp_path).spend("khu-pho-3", first, "key", NOW)
    kept = tmp_path / NAME
    assert second not in kept.read_text() and stat.S_IMODE(kept.stat().st_mode) == 0o600
    Tokens(tmp_path).withdraw("khu-pho-3", NOW)
    with pytest.raises(TrustError):
        Tokens(tmp_path).spend("khu-pho-3", second, "key", NOW)
    with pytest.raises(ProtocolError):
        Tokens(tmp_path).give("Khu Phố", TOLD, NOW)


@pytest.fixture
def door(tmp_path: Path) -> Iterator[WelcomeDoor]:
    now = datetime.now(UTC)
    authority = Authority.create(tmp_path, "Phường thử", now)
    for suffix, data in zip(("crt", "key"), authority.for_broker(["127.0.0.1"], now), strict=True):
        write(tmp_path / f"broker.{suffix}", data, 0o600)
    server = WelcomeDoor("127.0.0.1", 0, tmp_path)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def post(door: WelcomeDoor, body: bytes, path: str = "/enrol") -> tuple[int, bytes]:
    context = ssl.create_default_context(cafile=str(door.tls_folder / "ca.crt"))
    with closing(
        http.client.HTTPSConnection("127.0.0.1", door.server_port, timeout=10, context=context)
    ) as line:
        line.request("POST", path, body=body)
        answer = line.getresponse()
        return answer.status, answer.read()


def request_of(house: str) -> tuple[ec.EllipticCurvePrivateKey, str]:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, house)])
    made = x509.CertificateSigningRequestBuilder().subject_name(name).sign(key, hashes.SHA256())
    return key, made.public_bytes(serialization.Encoding.PEM).decode()


def test_the_door_gives_a_certificate_for_the_boxes_own_key(door: WelcomeDoor) -> None:
    """With the house's name in it, whatever name the request asks for."""
    word = Tokens(door.tls_folder).give("khu-pho-3", TOLD, datetime.now(UTC))
    key, csr = request_of("someone-else")
    asked = json.dumps({"house": "khu-pho-3", "token": word, "csr": csr}).encode()
    status, body = post(door, asked)
    told = json.loads(body)
    found = x509.load_pem_x509_certificate(told["certificate"].encode())
    [name] = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert status == 201 and name.value == "khu-pho-3" and found.public_key() == key.public_key()
    assert told["broker"] == TOLD.broker and told["name"] == TOLD.name
    # The answer was lost: the same box asks once more. Another box with the same word does not.
    assert post(door, asked)[0] == 201
    _, other = request_of("khu-pho-3")
    assert (
        post(door, json.dumps({"house": "khu-pho-3", "token": word, "csr": other}).encode())[0]
        == 403
    )


def test_what_makes_no_sense_is_refused(door: WelcomeDoor) -> None:
    """And after many wrong tries in a minute, whoever tries waits."""
    assert post(door, b"{}", "/intake/khu-pho-3/x")[0] == 404
    assert post(door, b"")[0] == 413 and post(door, b"x" * 20_000)[0] == 413
    for body in (b"[]", b"nonsense", b'{"house": 1}'):
        assert post(door, body)[0] == 400
    wrong = json.dumps({"house": "khu-pho-3", "token": "x", "csr": request_of("x")[1]}).encode()
    for _ in range(WRONG_PER_MINUTE):
        assert post(door, wrong)[0] == 403
    assert post(door, wrong)[0] == 429
