"""This file is what a ward changes in the guide: fees, times, contacts and days, each dated.

A whole document replaces the one before it: all of it is taken, or none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from appliance.core.guide import Contact, Fee, Guide, Known, Time
from appliance.core.guide_parse import read_fee, read_time
from appliance.core.table_reader import Reader, all_different

SOURCE = "phuong"  # not in the guide's list of sources: it is the ward itself
MOST_CHANGES = 200
MOST_DAYS = 400
_PHONE = re.compile(r"[+0-9*#][0-9 .*#()-]{1,24}")


@dataclass(frozen=True)
class Change:
    """One procedure as the ward has it. What is None stays as it is in the guide."""

    code: str
    fee: Fee | None
    time: Time | None
    contact: Contact | None


@dataclass(frozen=True)
class Override:
    """`version` counts up; `days` the ward's own: True is worked, False a day of rest."""

    version: int
    changes: tuple[Change, ...]
    days: Mapping[date, bool]


def parse(document: Mapping[str, Any], guide: Guide, where: str = "catalogue") -> Override:
    """An override from its table (JSON of the ward or TOML of a file).

    Raises BadInput whose message names the key: "catalogue.procedures[3].fee.vnd: …".
    """
    top = Reader(document, where)
    version = top.whole("version", 1, 2**31 - 1)
    if version is None:
        raise top.fail("version", "is missing; it is a whole number that counts up")
    changes = tuple(_change(r, guide) for r in top.tables("procedures", MOST_CHANGES))
    days = [_day(r) for r in top.tables("days", MOST_DAYS)]
    all_different([day.isoformat() for day, _ in days], f"{where}.days:")
    top.end()
    return Override(version, changes, dict(days))


def merge(guide: Guide, override: Override | None) -> Guide:
    """The guide with the ward's words beside its own; which is told is decided by the day."""
    if override is None:
        return guide
    procedures = []
    by_code: dict[str, list[Change]] = {}
    for change in override.changes:
        by_code.setdefault(change.code, []).append(change)
    for procedure in guide.procedures:
        changes = by_code.get(procedure.code, [])
        procedures.append(
            replace(
                procedure,
                fees=(*(c.fee for c in changes if c.fee), *procedure.fees),
                times=(*(c.time for c in changes if c.time), *procedure.times),
                contacts=(*(c.contact for c in changes if c.contact), *procedure.contacts),
            )
            if changes
            else procedure
        )
    return replace(guide, procedures=tuple(procedures), ward_version=override.version)


def _change(r: Reader, guide: Guide) -> Change:
    code = r.text("code", 20)
    if code not in {p.code for p in guide.procedures}:
        raise r.fail("code", f"no such procedure: {code!r}")
    first, last = r.day("from"), r.day("to")
    if first is None:
        raise r.fail("from", "is missing: from which day on does this hold?")
    if last is not None and last < first:
        raise r.fail("to", "is before from")
    known = Known(SOURCE, "high", first, last, by_ward=True)
    fee, time, contact = r.inner("fee"), r.inner("time"), r.inner("contact")
    if not (fee or time or contact):
        raise r.fail("fee", "an entry changes a fee, a time or a contact")
    change = Change(
        code,
        _fee(fee, known) if fee else None,
        read_time(_bare(time), known) if time else None,
        _contact(contact, known) if contact else None,
    )
    r.end()
    return change


def _fee(r: Reader, known: Known) -> Fee:
    fee = read_fee(_bare(r), known)
    if fee.vnd and not fee.exempt:
        raise r.fail("exempt", "a fee says who does not pay it, in exempt and exempt_en")
    return fee


def _bare(r: Reader) -> Reader:
    """The ward speaks for itself: no source, confidence or dates inside a fact."""
    for key in ("source", "confidence", "effective_from", "effective_to", "from", "until"):
        if key in r.table:
            raise r.fail(key, "stands outside, in from and to")
    return r


def _contact(r: Reader, known: Known) -> Contact:
    phone = r.text("phone", 25)
    if not _PHONE.fullmatch(phone):
        raise r.fail("phone", "is no telephone number")
    name, address = r.text("name", 60), r.text("address", 120, least=0, default="")
    r.end()
    return Contact(name, phone, address, known)


def _day(r: Reader) -> tuple[date, bool]:
    on = r.day("on")
    if on is None:
        raise r.fail("on", "is missing")
    works = r.yes_no("works")
    r.text("name", 80, least=0, default="")
    r.end()
    return on, works


def line_of(text: str, message: str) -> int | None:
    """The line of a TOML file that a message of `parse` is about, as far as it can be found.

    "x.procedures[3].fee.vnd: …" is looked for as the third [[procedures]] and then `vnd`.
    """
    found = re.search(r"\.(procedures|days)\[(\d+)\](?:\.([a-z_.]+))?", message)
    if not found:
        found_top = re.search(r"\.([a-z_]+):", message)
        return _line_with(text.splitlines(), 0, found_top.group(1)) if found_top else None
    lines = text.splitlines()
    header, nth = f"[[{found.group(1)}]]", int(found.group(2))
    starts = [i for i, line in enumerate(lines) if line.strip().startswith(header)]
    if len(starts) < nth:
        return None
    start = starts[nth - 1]
    end = starts[nth] if nth < len(starts) else len(lines)
    key = (found.group(3) or "").split(".")[-1]
    return _line_with(lines[:end], start, key) or start + 1


def _line_with(lines: list[str], start: int, key: str) -> int | None:
    wanted = re.compile(rf"(^|[{{,\s]){re.escape(key)}\s*=")
    for i in range(start, len(lines)):
        if key and wanted.search(lines[i]):
            return i + 1
    return None
