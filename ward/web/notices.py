"""This file hangs statutory notices on houses' boards, and takes them down; each house tells."""

from __future__ import annotations

import json
import unicodedata
from datetime import timedelta
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.sync.protocol import parse_utc
from ward.store import audit, jobs
from ward.store.db import FAULTS
from ward.web import words
from ward.web.access import must

if TYPE_CHECKING:
    from ward.web import Ward

LIFETIME = timedelta(days=7)  # a house that is off hangs it when it is back, if it is in time
TITLE_MOST, TEXT_MOST, DAYS_MOST = 80, 2000, 60
SHOWN, HOUSES_MOST, FOR_MOST = 200, 3000, 120


class BadNotice(ValueError):
    """The message says in Vietnamese what to change."""


def blueprint(ward: Ward) -> Blueprint:
    pages = Blueprint("notices", __name__)

    @pages.get("/notices")
    def every() -> str:
        return _page(ward)

    @pages.post("/notices")
    def put_up() -> Response | tuple[str, int]:
        who = must("notices")
        try:
            args = _args()
            chosen = _houses(ward, request.form.get("houses", ""))
            with ward.store.write() as db:
                for house in chosen:
                    jobs.create(db, house, "post_notice", args, who.name, ward.now(), LIFETIME)
                    audit.note(db, ward.now(), who.name, "post_notice", house, args["title"])
        except BadNotice as error:
            return _page(ward, str(error)), 422
        except FAULTS:
            abort(503)
        ward.listener.wake()
        return redirect(url_for("notices.every"), 303)

    @pages.post("/notices/down")
    def take_down() -> Response:
        who = must("notices")
        hung = ward.store.one(
            "SELECT * FROM jobs WHERE job = ? AND op = 'post_notice'",
            request.form.get("job", "")[:64],
        )
        answer = jobs.answer_of(ward.store.connection, hung["job"]) if hung else {}
        posting = answer.get("posting")
        if hung is None or not isinstance(posting, int) or isinstance(posting, bool):
            abort(409)
        try:
            with ward.store.write() as db:
                args = {"posting": posting}
                if not _going_down(ward, hung["house"], posting):
                    jobs.create(
                        db, hung["house"], "take_down_notice", args, who.name, ward.now(), LIFETIME
                    )
                    title = str(json.loads(hung["args"]).get("title", ""))
                    audit.note(db, ward.now(), who.name, "take_down_notice", hung["house"], title)
        except FAULTS:
            abort(503)
        ward.listener.wake()
        return redirect(url_for("notices.every"), 303)

    return pages


def _page(ward: Ward, wrong: str = "") -> str:
    return render_template(
        "notices.html", wrong=wrong, form=request.form, lines=_lines(ward),
        title_most=TITLE_MOST, text_most=TEXT_MOST, days_most=DAYS_MOST,
    )  # fmt: skip


def _args() -> dict[str, Any]:
    title = " ".join(unicodedata.normalize("NFC", request.form.get("title", "")).split())
    text = unicodedata.normalize("NFC", request.form.get("text", "")).replace("\r\n", "\n").strip()
    days = request.form.get("days", "")
    if not 3 <= len(title) <= TITLE_MOST or not title.isprintable():
        raise BadNotice(f"Tiêu đề cần 3 đến {TITLE_MOST} chữ.")
    if not 3 <= len(text) <= TEXT_MOST:
        raise BadNotice(f"Nội dung cần 3 đến {TEXT_MOST} chữ.")
    if not days.isascii() or not days.isdigit() or not 1 <= int(days[:5]) <= DAYS_MOST:
        raise BadNotice(f"Số ngày làm việc là 1 đến {DAYS_MOST}.")
    return {"title": title, "text": text, "days": int(days)}


def _houses(ward: Ward, pattern: str) -> list[str]:
    pattern = pattern.strip()[:FOR_MOST]
    chosen = sorted(h.house for h, _, _ in ward.board.houses() if fnmatchcase(h.house, pattern))
    if not pattern or not chosen:
        raise BadNotice("Không có nhà nào tên như vậy.")
    return chosen[:HOUSES_MOST]


def _going_down(ward: Ward, house: str, posting: int) -> bool:
    """True when it was asked for already, or is down."""
    return bool(
        ward.store.value(
            "SELECT 1 FROM jobs WHERE house = ? AND op = 'take_down_notice' AND args = ?"
            " AND state IN ('queued', 'sent', 'done')",
            house,
            json.dumps({"posting": posting}),
        )
    )


def _lines(ward: Ward) -> list[dict[str, Any]]:
    now, names = ward.now(), {}
    for h, _, _ in ward.board.houses():
        names[h.house] = str(h.peek("hello").get("name") or "")[:80]
    out = []
    for row in ward.store.all(
        "SELECT * FROM jobs WHERE op = 'post_notice' ORDER BY created_at DESC LIMIT ?", SHOWN
    ):
        text, tone, posting = _stands(ward, row)
        out.append(
            {
                "job": row["job"],
                "house": row["house"],
                "name": names.get(row["house"]) or row["house"],
                "title": str(json.loads(row["args"]).get("title", ""))[:TITLE_MOST],
                "by": row["by"],
                "when": words.clock(parse_utc(row["created_at"]), now),
                "text": text,
                "tone": tone,
                "up": posting is not None,
            }
        )
    return out


def _stands(ward: Ward, row: dict[str, Any]) -> tuple[str, str, int | None]:
    """(in words, tone, the house's number of it while it hangs)."""
    if row["state"] in ("queued", "sent"):
        return "đang chờ nhà nhận", "wait", None
    if row["state"] != "done":
        why = f" ({row['reason']})" if row["reason"] else ""
        return words.JOB_STATES.get(row["state"], row["state"]) + why, "bad", None
    answer = jobs.answer_of(ward.store.connection, row["job"])
    posting, last_on = answer.get("posting"), str(answer.get("last_on", ""))[:10]
    if not isinstance(posting, int):
        return "đã treo", "good", None
    if _going_down(ward, row["house"], posting):
        return "đã cho gỡ", "plain", None
    if last_on and last_on < ward.now().astimezone(words.ZONE).date().isoformat():
        return f"hết hạn, đã gỡ sau {_day(last_on)}", "plain", None
    return f"đang treo, đến hết {_day(last_on)}", "good", posting


def _day(on: str) -> str:
    year, month, day = [*on.split("-"), "", ""][:3]
    return f"{day}/{month}/{year}" if day else on
