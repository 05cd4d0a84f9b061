"""This file seals papers with age (X25519): the box can close an envelope but not open it again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import BinaryIO, Protocol

import pyrage

from appliance.errors import BadInput

SECRET_PATTERN = re.compile(r"AGE-SECRET-KEY-1[0-9A-Z]{58}", re.IGNORECASE)


class Readable(Protocol):
    """What can be sealed without being in memory as a whole."""

    def read(self, most: int, /) -> bytes: ...


def new_identity() -> tuple[str, str]:
    """A fresh key pair: (secret "AGE-SECRET-KEY-1…", recipient "age1…")."""
    identity = pyrage.x25519.Identity.generate()
    return str(identity), str(identity.to_public())


def recipient_of(secret: str) -> str:
    """The public half of a secret. Raises BadInput when it is not an age secret."""
    try:
        return str(pyrage.x25519.Identity.from_str(secret.strip().upper()).to_public())
    except pyrage.IdentityError as e:
        raise BadInput(
            "this is not the key of a slip; use the QR code of the slip", code="not_a_key"
        ) from e


def find_secret(text: str) -> str | None:
    """The age secret inside any text (such as the address in a slip's QR), or None."""
    match = SECRET_PATTERN.search(text)
    return match.group(0).upper() if match else None


def is_recipient(text: str) -> bool:
    try:
        pyrage.x25519.Recipient.from_str(text)
    except pyrage.RecipientError:
        return False
    return True


def seal(data: bytes, recipients: Sequence[str]) -> bytes:
    """`data` sealed to each recipient ("age1…"); any one of their secrets opens it."""
    return bytes(pyrage.encrypt(data, _keys(recipients)))


def seal_stream(source: Readable, out: BinaryIO, recipients: Sequence[str]) -> None:
    """As `seal`, from `source` into `out`, a block at a time. OSError when one of them fails."""
    try:
        pyrage.encrypt_io(source, out, _keys(recipients))
    except pyrage.EncryptError as e:
        raise OSError(f"sealing stopped: {e}") from e


def _keys(recipients: Sequence[str]) -> list[pyrage.x25519.Recipient]:
    try:
        return [pyrage.x25519.Recipient.from_str(r) for r in recipients]
    except pyrage.RecipientError as e:
        raise BadInput("a recipient must be an age public key (age1…)", code="bad_recipient") from e


def unseal(sealed: bytes, secret: str) -> bytes:
    """What was sealed. Raises BadInput for another ticket's secret or changed bytes."""
    try:
        identity = pyrage.x25519.Identity.from_str(secret.strip().upper())
        return bytes(pyrage.decrypt(sealed, [identity]))
    except pyrage.IdentityError as e:
        raise BadInput(
            "this is not the key of a slip; use the QR code of the slip", code="not_a_key"
        ) from e
    except pyrage.DecryptError as e:
        raise BadInput(
            "this slip belongs to another number, or the file is damaged", code="wrong_key"
        ) from e
