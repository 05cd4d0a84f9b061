"""This file proves sealing: only the ticket's secret (or the ward's) opens a page again."""

from __future__ import annotations

import logging

import pytest

from appliance import log, seal
from appliance.errors import BadInput


def test_any_of_the_recipients_opens_and_nobody_else() -> None:
    ticket, ticket_public = seal.new_identity()
    ward, ward_public = seal.new_identity()
    other, _ = seal.new_identity()
    sealed = seal.seal(b"a page", [ticket_public, ward_public])
    assert seal.unseal(sealed, ticket) == seal.unseal(sealed, ward) == b"a page"
    assert b"a page" not in sealed
    with pytest.raises(BadInput) as e:
        seal.unseal(sealed, other)
    assert e.value.code == "wrong_key"


def test_changed_bytes_do_not_open() -> None:
    secret, public = seal.new_identity()
    sealed = bytearray(seal.seal(b"a page" * 100, [public]))
    sealed[-5] ^= 1
    with pytest.raises(BadInput):
        seal.unseal(bytes(sealed), secret)


def test_the_secret_is_found_in_the_address_of_a_slip() -> None:
    secret, public = seal.new_identity()
    found = seal.find_secret(f"http://192.168.1.20:8080/t#{secret.lower()}")
    assert found == secret and seal.recipient_of(found) == public
    assert seal.find_secret("http://example/t#nothing") is None


@pytest.mark.parametrize(
    "secret", ["", "AGE-SECRET-KEY-1", "x" * 74, "AGE-SECRET-KEY-1" + "Q" * 58]
)
def test_what_is_no_key_is_told(secret: str) -> None:
    with pytest.raises(BadInput) as e:
        seal.recipient_of(secret)
    assert e.value.code == "not_a_key"


def test_a_secret_never_reaches_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither in a message, nor in its arguments, nor in a traceback."""
    secret, _ = seal.new_identity()
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logger = log.set_up("web")
        logger.info("taken with %s", secret)
        logger.warning(f"{secret.lower()}")
        try:
            raise ValueError(secret)
        except ValueError:
            logger.exception("failed")
    finally:
        root.handlers[:], root.level = before, level
    shown = capsys.readouterr().err
    assert "taken with •••" in shown and "failed" in shown
    assert secret not in shown.upper()
