"""This file names what can go wrong: each error has a stable code and says what to do next."""

from __future__ import annotations

from typing import ClassVar


class HienError(Exception):
    """Base of every error we raise on purpose.

    `code` is stable and snake_case; screens turn it into plain Vietnamese, logs and JSON carry it
    as it is. The message is for whoever runs the command line, and says what to do next.
    """

    default_code: ClassVar[str] = "error"

    def __init__(self, message: str, *, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code or self.default_code


class BadInput(HienError, ValueError):
    """What came in from outside cannot be taken as it is."""

    default_code = "bad_input"


class ConfigError(HienError, ValueError):
    """The settings cannot be used; the message lists every fault at once."""

    default_code = "bad_config"


class NotFound(HienError, LookupError):
    """What was asked for is not here (any more)."""

    default_code = "not_found"


class Conflict(HienError):
    """Somebody else was first, or the thing is in another state by now."""

    default_code = "conflict"


class TooMany(HienError):
    """A rate or a number has been exceeded; `retry_after_s` says when to come back."""

    default_code = "too_many"

    def __init__(self, message: str, *, retry_after_s: float = 0, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after_s = retry_after_s


class NotAllowed(HienError):
    """Nobody is signed in, or not with the right this takes."""

    default_code = "not_allowed"


class StoreError(HienError):
    """The table cannot be read or written: disk full, too new, damaged."""

    default_code = "store"


class DeviceError(HienError, OSError):
    """A machine did not do what it was asked."""

    default_code = "device"
