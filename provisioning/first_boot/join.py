"""This file lets a new box into its ward: own key, the card's word, a certificate, the settings.

The private key is made here and stays here. Every step may be done again after a power cut: the
same key with the same word is let in once more. At the end nothing on the card is worth stealing.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import json
import logging
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from appliance import config, durable
from appliance.errors import BadInput, ConfigError, HienError
from provisioning.first_boot import card as cards
from provisioning.first_boot.settings_file import set_values

log = logging.getLogger("hien.join")

TIMEOUT_S = 30.0
MOST_BYTES = 64 * 1024


class NotLetIn(HienError):
    """The ward could not be reached, or said no; the message says what to do."""

    default_code = "not_let_in"


@dataclass(frozen=True)
class Place:
    """Where things are on this machine. `owner`: (user, group) numbers of the key's reader."""

    etc: Path = Path("/etc/hien")
    owner: tuple[int, int] = field(default=(0, 0))

    @property
    def keys(self) -> Path:
        return self.etc / "sync"

    @property
    def settings(self) -> Path:
        return self.etc / "hien.toml"


def join(card: cards.Card, place: Place) -> str:
    """The house's id, when the ward knows it. Raises NotLetIn, BadInput, ConfigError, OSError."""
    if not card.word:
        if (place.keys / "house.crt").exists():
            cards.scrub(card)
            return card.house  # done before; only what comes after was cut off
        raise BadInput(
            "Thẻ này đã dùng rồi. Làm thẻ mới ở phường: hien ward enrol.", code="card_spent"
        )
    place.keys.mkdir(mode=0o750, parents=True, exist_ok=True)
    key = _own_key(place)
    told = _ask(card, key)
    _check(told, card.house, key)
    _keep(place, "ca.crt", told["ca"].encode())
    _keep(place, "house.crt", told["certificate"].encode())
    values = {
        "house.id": card.house,
        "house.name": told["name"] or card.name,
        "sync.broker": told["broker"],
        "sync.ca_file": str(place.keys / "ca.crt"),
        "sync.cert_file": str(place.keys / "house.crt"),
        "sync.key_file": str(place.keys / "house.key"),
        "sync.ward_recipient": told["recipient"],
        "sync.intake": told["intake"],
        **card.settings,  # the card has the last word
    }
    _write_settings(place, {name: value for name, value in values.items() if value})
    cards.scrub(card)
    return card.house


def settle(card: cards.Card, place: Place) -> bool:
    """What the card sets, before the ward is asked: what goes wrong then is printed by the right
    printer. Whether anything changed. Raises ConfigError, OSError."""
    before = place.settings.read_bytes() if place.settings.exists() else b""
    if card.settings:
        _write_settings(place, dict(card.settings))
    return bool(card.settings) and place.settings.read_bytes() != before


def _own_key(place: Place) -> ec.EllipticCurvePrivateKey:
    path = place.keys / "house.key"
    if path.exists():
        with contextlib.suppress(ValueError):  # of a card that lies: another key is no worse
            key = serialization.load_pem_private_key(path.read_bytes(), None)
            if isinstance(key, ec.EllipticCurvePrivateKey):
                return key
    key = ec.generate_private_key(ec.SECP256R1())
    _keep(
        place,
        "house.key",
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        ),
    )
    return key


def _ask(card: cards.Card, key: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """The ward's answer. The door is believed by the authority on the card, and by its own name."""
    csr = (
        x509.CertificateSigningRequestBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, card.house)]))
        .sign(key, hashes.SHA256())
        .public_bytes(serialization.Encoding.PEM)
    )
    parts = urlsplit(card.welcome)
    context = ssl.create_default_context(cafile=str(card.folder / "ca.crt"))
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    line = http.client.HTTPSConnection(
        parts.hostname or "", parts.port or 443, timeout=TIMEOUT_S, context=context
    )
    body = json.dumps({"house": card.house, "token": card.word, "csr": csr.decode()})
    try:
        line.request("POST", "/enrol", body=body.encode())
        answer = line.getresponse()
        said = answer.read(MOST_BYTES)
    except ssl.SSLCertVerificationError as error:
        raise NotLetIn(
            f"Nơi nhận {parts.hostname} không phải của phường này ({error.verify_message}). "
            "Làm thẻ mới ở phường.",
            code="wrong_ward",
        ) from error
    except (OSError, http.client.HTTPException) as error:
        raise NotLetIn(
            f"Chưa gọi được phường ({parts.hostname}). Kiểm tra dây mạng hoặc Wi-Fi. "
            "Máy tự thử lại sau 1 phút.",
            code="no_network",
        ) from error
    finally:
        line.close()
    if answer.status == 403:
        raise NotLetIn(
            f"Phường không nhận mã trên thẻ (hạn {card.until}). Làm thẻ mới ở phường.",
            code="word_refused",
        )
    if answer.status != 201:
        raise NotLetIn(
            f"Phường đang bận (mã {answer.status}). Máy tự thử lại sau 1 phút.", code="ward_busy"
        )
    try:
        told = json.loads(said)
        return {n: str(told[n]) for n in ("name", "broker", "recipient", "intake", "ca",
                                          "certificate")}  # fmt: skip
    except (ValueError, KeyError, TypeError) as error:
        raise NotLetIn("Phường trả lời không đọc được. Gọi phường.", code="bad_answer") from error


def _check(told: dict[str, str], house: str, key: ec.EllipticCurvePrivateKey) -> None:
    """What came is ours: this house's name, this box's key."""
    try:
        found = x509.load_pem_x509_certificate(told["certificate"].encode())
    except ValueError as error:
        raise NotLetIn("Phường gửi chứng thư hỏng. Gọi phường.", code="bad_answer") from error
    names = [n.value for n in found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
    if names != [house] or found.public_key() != key.public_key():
        raise NotLetIn("Phường gửi chứng thư của máy khác. Gọi phường.", code="bad_answer")


def _keep(place: Place, name: str, data: bytes) -> None:
    # Its reader's before it has its name: a cut between the two would leave a key nobody can read.
    durable.write(place.keys / name, data, 0o640, place.owner)


def _typed(name: str, value: str) -> str | int | bool | list[str]:
    """As the setting wants it; what makes no sense is told by the check that follows."""
    known = config.BY_NAME.get(name)
    if known is None or isinstance(known.default, str):
        return value
    if isinstance(known.default, list):
        return [one.strip() for one in value.split(",") if one.strip()]
    if isinstance(known.default, bool):
        return value == "true"
    return int(value) if value.lstrip("-").isdigit() else value


def check_settings(settings: Mapping[str, str]) -> None:
    """What a card may set, before one is made. Raises ConfigError naming the first fault."""
    for name, value in settings.items():
        known = config.BY_NAME.get(name)
        try:
            if known is None:
                raise ValueError("the name of a setting (docs/settings.md)")
            known.check(_typed(name, value))
            _reachable(name, value)
        except ValueError as error:
            raise ConfigError(f"{name}: wants {error}, not {value!r}") from error


def _reachable(name: str, value: object) -> None:
    """A box's devices room is let through to one address; to look a name up it has no way."""
    parts = urlsplit(str(value)) if name == "devices.printer" else urlsplit("")
    if parts.scheme != "tcp":
        return
    try:
        ipaddress.IPv4Address(parts.hostname or "")
    except ValueError as error:
        raise ValueError("the printer's IPv4 address, tcp://192.0.2.7:9100") from error


def _write_settings(place: Place, values: dict[str, Any]) -> None:
    """Into hien.toml, whose other lines stay as they are; checked whole before it is kept."""
    text = place.settings.read_text("utf-8-sig") if place.settings.exists() else ""
    new = set_values(text, {name: _typed(name, value) for name, value in values.items()})
    trial = place.settings.with_name(".hien.toml.trial")
    trial.write_text(new, "utf-8")
    try:
        config.load(str(trial))
        for name, value in values.items():
            _reachable(name, value)
    except (ConfigError, ValueError) as error:
        raise ConfigError(f"Thiết lập trên thẻ có lỗi: {error}. Làm thẻ mới ở phường.") from error
    finally:
        trial.unlink(missing_ok=True)
    owner = (-1, -1)
    if place.settings.exists():
        at = place.settings.stat()
        owner = (at.st_uid, at.st_gid)
    durable.write(place.settings, new.encode(), 0o640, owner)
