"""This file reads fields of a table that people wrote; every error names where and which key."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from appliance.errors import BadInput

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Words:
    """The same words in both languages."""

    vi: str
    en: str

    def say(self, language: str) -> str:
        return self.en if language == "en" else self.vi

    def __bool__(self) -> bool:
        return bool(self.vi)


NO_WORDS = Words("", "")


class Reader:
    """One table and where it stands: "residence.toml: procedures[3]". All texts come out NFC.

    Every method raises BadInput (code bad_field); a key nobody asked for is found by `end`.
    """

    def __init__(self, table: Mapping[str, Any], where: str) -> None:
        self.table = table
        self.where = where
        self._asked: set[str] = set()

    def fail(self, key: str, what: str) -> BadInput:
        return BadInput(f"{self.where}.{key}: {what}", code="bad_field")

    def text(self, key: str, most: int, *, least: int = 1, default: str | None = None) -> str:
        value = self._get(key, default)
        if not isinstance(value, str):
            raise self.fail(key, f"a text of {least} to {most} characters is needed")
        clean = " ".join(unicodedata.normalize("NFC", value).split())
        if any(unicodedata.category(c) in ("Cc", "Cs", "Co", "Cn") for c in clean):
            raise self.fail(key, "there is a character that cannot be shown")
        if not least <= len(clean) <= most:
            raise self.fail(key, f"has {len(clean)} characters, {least} to {most} are allowed")
        return clean

    def words(self, key: str, most: int, *, needed: bool = True) -> Words:
        """`key` and `key`_en; both or, where not needed, none."""
        vi = self.text(key, most, least=int(needed), default=None if needed else "")
        en = self.text(f"{key}_en", most + 20, least=int(bool(vi)), default="" if not vi else None)
        return Words(vi, en)

    def ident(self, key: str = "id") -> str:
        value = self._get(key, None)
        if not isinstance(value, str) or not ID.fullmatch(value):
            raise self.fail(key, "1 to 40 of a-z, 0-9 and - are needed")
        return value

    def choice(self, key: str, legal: Sequence[str], default: str | None = None) -> str:
        value = self._get(key, default)
        if value not in legal or not isinstance(value, str):
            raise self.fail(key, f"must be one of {', '.join(legal)}")
        return value

    def whole(self, key: str, least: int, most: int) -> int | None:
        """None where the key is missing or null."""
        value = self._get(key, "")
        if value in ("", None):
            return None
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.fail(key, f"must be a whole number from {least} to {most}")
        return value

    def yes_no(self, key: str, default: bool | None = None) -> bool:
        value = self._get(key, default)
        if not isinstance(value, bool):
            raise self.fail(key, "must be true or false")
        return value

    def day(self, key: str) -> date | None:
        """A date, also as ISO text; None where missing or null."""
        value = self._get(key, "")
        if value in ("", None):
            return None
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value, re.ASCII):
            try:
                value = date.fromisoformat(value)
            except ValueError:
                raise self.fail(key, "there is no such day") from None
        if not isinstance(value, date) or isinstance(value, datetime):
            raise self.fail(key, "must be a date such as 2026-11-24")
        if not 2000 <= value.year <= 2100:
            raise self.fail(key, "the year must be from 2000 to 2100")
        return value

    def texts(self, key: str, most: int, each: int) -> tuple[str, ...]:
        values = self._get(key, [])
        if not isinstance(values, list) or len(values) > most:
            raise self.fail(key, f"must be a list of at most {most} texts")
        return tuple(Reader({key: value}, self.where).text(key, each) for value in values)

    def lists(self, key: str, most: int, each: int) -> tuple[tuple[str, ...], ...]:
        """A list of lists of texts."""
        values = self._get(key, [])
        if not isinstance(values, list) or len(values) > most:
            raise self.fail(key, f"must be a list of at most {most} lists")
        return tuple(Reader({key: value}, self.where).texts(key, most, each) for value in values)

    def tables(self, key: str, most: int = 500) -> list[Reader]:
        values = self._get(key, [])
        if not isinstance(values, list) or not all(isinstance(v, Mapping) for v in values):
            raise self.fail(key, "must be a list of tables")
        if len(values) > most:
            raise self.fail(key, f"has {len(values)} entries, at most {most} are allowed")
        return [Reader(v, f"{self.where}.{key}[{i}]") for i, v in enumerate(values, 1)]

    def inner(self, key: str) -> Reader | None:
        """A table inside this one, or None."""
        value = self._get(key, "")
        if value in ("", None):
            return None
        if not isinstance(value, Mapping):
            raise self.fail(key, "must be a table")
        return Reader(value, f"{self.where}.{key}")

    def end(self) -> None:
        """Call last: a key that means nothing here is a spelling mistake."""
        for key in self.table:
            if key not in self._asked:
                raise self.fail(str(key)[:40], "nobody knows this key")

    def _get(self, key: str, default: Any) -> Any:
        self._asked.add(key)
        value = self.table.get(key, default)
        if value is None and default is None:
            raise self.fail(key, "is missing")
        return default if value is None else value


def all_different(ids: Sequence[str], what: str) -> None:
    seen: set[str] = set()
    for one in ids:
        if one in seen:
            raise BadInput(f"{what} {one!r} is there twice", code="bad_field")
        seen.add(one)
