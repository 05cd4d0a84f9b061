"""This file is where the ward says what houses should be like, and sees which have become so."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from appliance.sync.protocol import ProtocolError, parse_utc
from ward.sayings import reported_versions
from ward.store import audit, wanted
from ward.store.db import FAULTS
from ward.web import wish_text, words
from ward.web.access import must
from ward.web.wish_text import Wish

if TYPE_CHECKING:
    from ward.web import Ward

TITLES: dict[Wish, str] = {
    "roster": "Danh sách trực",
    "config": "Thiết lập",
    "catalogue": "Danh mục thủ tục",
}
FOR_MOST = 120  # characters of a pattern


def blueprint(ward: Ward) -> Blueprint:
    pages = Blueprint("wishes", __name__)

    @pages.get("/wishes")
    def every() -> str:
        must("wishes")
        now = ward.now()
        kinds = [
            (name, title, [_line(s, now) for s in wanted.all_of(ward.store.connection, name)])
            for name, title in TITLES.items()
        ]
        return render_template("wishes.html", kinds=kinds)

    @pages.get("/wishes/<name>")
    def edit(name: str) -> str:
        must("wishes")
        kind, house = _kind(name), request.args.get("house", "")[:32]
        standing = [s for s in wanted.of(ward.store.connection, house) if s.name == kind]
        text = wish_text.write(kind, standing[0].body) if standing else wish_text.EXAMPLES[kind]
        return _editor(kind, house, text)

    @pages.post("/wishes/<name>")
    def put(name: str) -> Response | tuple[str, int]:
        who = must("wishes")
        kind = _kind(name)
        pattern = request.form.get("houses", "").strip()[:FOR_MOST]
        text = request.form.get("text", "")
        known = {h.house: h.values("hello") for h, _, _ in ward.board.houses()}
        chosen = sorted(h for h in known if pattern and fnmatchcase(h, pattern))
        try:
            if not chosen:
                raise wish_text.BadWish("Không có nhà nào tên như vậy.")
            body = wish_text.read(kind, text)
            with ward.store.write() as db:
                for house in chosen:
                    has = reported_versions(known[house]).get(kind, 0)
                    wanted.put(db, house, kind, body, who.name, ward.now(), has)
                    audit.note(db, ward.now(), who.name, f"wish_{kind}", house, pattern)
        except wish_text.BadWish as error:
            return _editor(kind, pattern, text, str(error)), 422
        except ProtocolError:
            return _editor(kind, pattern, text, "Nội dung dài quá, không gửi được một lần."), 422
        except FAULTS:
            abort(503)
        ward.listener.wake()
        return redirect(url_for("wishes.every"), 303)

    return pages


def _editor(kind: Wish, houses: str, text: str, wrong: str = "") -> str:
    return render_template(
        "wish.html", name=kind, title=TITLES[kind], houses=houses, text=text, wrong=wrong
    )


def _kind(name: str) -> Wish:
    for kind in TITLES:
        if kind == name:
            return kind
    abort(404)


def _line(standing: wanted.Standing, now: Any) -> dict[str, str]:
    """How one house stands to what is wanted of it."""
    if standing.applied:
        at = standing.applied_at
        text, tone = "đã áp dụng", "good"
        if at:
            text += f" lúc {words.clock(parse_utc(at), now)}"
    elif standing.refused_ver == standing.ver:
        text, tone = f"nhà không nhận: {standing.refused_code or 'không rõ vì sao'}", "bad"
    else:
        text, tone = "đang chờ nhà nhận", "wait"
    return {
        "house": standing.house,
        "ver": str(standing.ver),
        "has": str(standing.applied_ver or "chưa có"),
        "by": standing.made_by,
        "when": words.clock(parse_utc(standing.made_at), now),
        "text": text,
        "tone": tone,
    }
