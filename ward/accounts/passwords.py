"""This file turns a password into something that may be kept, and checks one against it.

scrypt (RFC 7914) from Python's standard library, N = 2^15, r = 8, p = 3: 32 MiB of memory and
about 0.2 s of one core for each guess. The parameters stand in the kept text, so that they can be
raised later without anybody choosing a new password.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import unicodedata
from base64 import b64decode, b64encode

N, R, P = 2**15, 8, 3
SALT_BYTES, KEY_BYTES = 16, 32
LEAST, MOST = 10, 128  # characters
MEMORY_MOST_BYTES = 256 * 1024 * 1024

_one_at_a_time = threading.Semaphore(2)  # many guesses at once must not take the machine's memory


class WeakPassword(ValueError):
    """The message says what is wanted instead."""


def check_new(password: str, name: str) -> str:
    """The password as it will be used (NFC), or WeakPassword."""
    text = unicodedata.normalize("NFC", password)
    if not LEAST <= len(text) <= MOST:
        raise WeakPassword(f"a password has {LEAST} to {MOST} characters: three or four words do")
    if name.casefold() in text.casefold() or len(set(text)) < 5:
        raise WeakPassword("this password is too easy to guess: three or four words do better")
    return text


def make(password: str) -> str:
    """The text to keep: scrypt$N$r$p$salt$key, salt and key in base64."""
    salt = secrets.token_bytes(SALT_BYTES)
    key = _scrypt(password, salt, N, R, P)
    return "$".join(["scrypt", str(N), str(R), str(P), _text(salt), _text(key)])


def matches(password: str, kept: str | None) -> bool:
    """Whether this is the password. With nothing kept it costs as much, and is never true."""
    if kept is None:
        _scrypt(password, bytes(SALT_BYTES), N, R, P)
        return False
    try:
        kind, n, r, p, salt, key = kept.split("$")
        if kind != "scrypt" or 128 * int(n) * int(r) > MEMORY_MOST_BYTES or int(p) > 16:
            return False
        made = _scrypt(password, b64decode(salt), int(n), int(r), int(p))
        return hmac.compare_digest(made, b64decode(key))
    except ValueError:
        return False


def _scrypt(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    text = unicodedata.normalize("NFC", password)[:MOST].encode("utf-8", "replace")
    with _one_at_a_time:
        return hashlib.scrypt(
            text, salt=salt, n=n, r=r, p=p, maxmem=2 * MEMORY_MOST_BYTES, dklen=KEY_BYTES
        )


def _text(data: bytes) -> str:
    return b64encode(data).decode("ascii")
