"""This file reads JSON from strangers: any bytes become plain values or a ProtocolError."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NoReturn, TypeVar

MAX_WHOLE = 2**53 - 1  # the largest whole number that JSON readers agree on
T = TypeVar("T", bound=str)


class ProtocolError(ValueError):
    """A message that does not keep the contract; `reason` is stable snake_case for counters."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason


def read_object(payload: bytes, max_bytes: int) -> dict[str, Any]:
    """The JSON object in `payload`: UTF-8, finite numbers, storable text, bounded size."""
    if len(payload) > max_bytes:
        raise ProtocolError("too_large", f"{len(payload)} bytes, at most {max_bytes}")
    try:
        text = payload.decode("utf-8")
        value = json.loads(text, parse_constant=_no_constant, parse_float=_finite)
        if "\\u" in text:
            # A lone surrogate is legal in JSON text, but no database or page can hold it.
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except UnicodeError as error:
        raise ProtocolError("bad_utf8") from error
    except (ValueError, RecursionError) as error:
        raise ProtocolError("bad_json", str(error)[:120]) from error
    return mapping(value, "not_an_object")


_compact = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode
_canonical = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":"), allow_nan=False, sort_keys=True
).encode


def dump(value: Mapping[str, Any], *, sort: bool = False) -> str:
    """Compact JSON text; `sort` makes it canonical. ProtocolError for what JSON cannot say."""
    try:
        return _canonical(value) if sort else _compact(value)
    except (TypeError, ValueError, RecursionError) as error:
        raise ProtocolError("bad_json", str(error)[:120]) from error


def mapping(value: object, reason: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ProtocolError(reason)
    return value


def one_of(value: object, allowed: tuple[T, ...], reason: str) -> T:
    for each in allowed:
        if value == each:
            return each
    raise ProtocolError(reason, str(value)[:64])


def whole(value: object, reason: str, least: int) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MAX_WHOLE:
        raise ProtocolError(reason, f"a whole number from {least}")
    return value


def utc_text(moment: datetime) -> str:
    """A moment as the contract writes it: 2026-11-22T05:00:00Z (milliseconds when it has them)."""
    at = moment.astimezone(UTC)
    text = at.isoformat(timespec="milliseconds" if at.microsecond else "seconds")
    return text.replace("+00:00", "Z")


def parse_utc(value: object, reason: str = "bad_time") -> datetime:
    """UTC ISO 8601 text to an aware datetime; ProtocolError(reason) for anything else."""
    if not isinstance(value, str) or not 20 <= len(value) <= 35:
        raise ProtocolError(reason, "UTC ISO 8601, like 2026-11-22T05:00:00Z")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise ProtocolError(reason, "UTC ISO 8601, like 2026-11-22T05:00:00Z") from error
    if moment.tzinfo is None or moment.utcoffset():
        raise ProtocolError(reason, "UTC is written with Z")
    return moment.astimezone(UTC)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number")


def _finite(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise ValueError("number out of range")
    return value
