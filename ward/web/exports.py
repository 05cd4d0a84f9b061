"""This file gives tables to take away: CSV that spreadsheets open as it is meant."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, render_template, request

from appliance.sync.protocol import ProtocolError, check_house, utc_text
from ward.store import audit
from ward.web.access import must

if TYPE_CHECKING:
    from ward.web import Ward

HOUSE_VALUES = (
    ("hello", "name"), ("hello", "sw"), ("queue", "waiting"), ("queue", "longest_wait_s"),
    ("queue", "taken_today"), ("queue", "done_today"), ("help", "open"), ("health", "printer_ok"),
    ("health", "printer_code"), ("health", "camera_ok"), ("health", "soc_temp_c"),
    ("health", "disk_free_mib"), ("health", "mem_avail_mib"), ("health", "uptime_s"),
    ("health", "undervolt_count_boot"), ("health", "outbox_rows"),
)  # fmt: skip
TABLES = {
    "events": "id, house, epoch, stream, seq, mono_ms, t, sync, d, received_at",
    "calls": "house, call, state, source, who, eta_min, opened_at, answered_at, ended_at",
    "alarms": "id, kind, house, ref, since_at, begun_at, state, who, why, taken_at, over_at",
    "history": "house, at_min, waiting, longest_s, taken, temp_c, disk_free_mib, outbox_rows,"
    " printer_ok, undervolt",
}
ORDER = {"events": "id", "calls": "opened_at, house, call", "alarms": "id",
         "history": "house, at_min"}  # fmt: skip
EVERY = ("houses", *TABLES)


def blueprint(ward: Ward) -> Blueprint:
    pages = Blueprint("exports", __name__)

    @pages.get("/export")
    def choose() -> str:
        must("export")
        houses = sorted(h.house for h, _, _ in ward.board.houses())
        return render_template("export.html", houses=houses)

    @pages.get("/export/<name>.csv")
    def table(name: str) -> Response:
        who = must("export")
        if name not in EVERY:
            abort(404)
        house = request.args.get("house", "")
        if house:
            try:
                check_house(house)
            except ProtocolError:
                abort(400)
        with ward.store.write() as db:
            audit.note(db, ward.now(), who.name, "export", house, name)
        rows = _houses(ward) if name == "houses" else _rows(ward, name, house)
        answer = Response(_csv(rows), mimetype="text/csv; charset=utf-8")
        answer.headers["Content-Disposition"] = f'attachment; filename="hien-{name}.csv"'
        return answer

    return pages


def _houses(ward: Ward) -> Iterator[Sequence[Any]]:
    """One line a house, as it is now; what is not fresh is empty."""
    yield ["house", "presence", "since", "heard_at", *(key for _, key in HOUSE_VALUES)]
    for h, presence, since in sorted(ward.board.houses(), key=lambda k: k[0].house):
        said = {name: h.values(name) for name in ("hello", "queue", "help", "health")}
        yield [
            h.house,
            presence,
            utc_text(since) if since else "",
            utc_text(h.heard_at) if h.heard_at else "",
            *(
                said[name].get(key) if presence == "online" or name == "hello" else None
                for name, key in HOUSE_VALUES
            ),
        ]


def _rows(ward: Ward, name: str, house: str) -> Iterator[Sequence[Any]]:
    """A table of the ward, a piece at a time, so that its size does not matter."""
    columns = TABLES[name]
    yield columns.split(", ")
    # Names come from the tables above, never from the request.
    found = ward.store.stream(
        f"SELECT {columns} FROM {name} WHERE ? IN ('', house) ORDER BY {ORDER[name]}",  # noqa: S608
        house,
    )
    yield from ([*row] for row in found)


def _csv(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    yield "\ufeff"  # so that spreadsheets take it for UTF-8
    text = io.StringIO()
    writer = csv.writer(text)
    for row in rows:
        writer.writerow([_safe(cell) for cell in row])
        yield text.getvalue()
        text.seek(0)
        text.truncate()


def _safe(cell: object) -> object:
    """A text that a spreadsheet would take for a formula is marked as text."""
    if isinstance(cell, str) and cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")):
        return f"'{cell}"
    return cell
