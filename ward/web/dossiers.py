"""This file is the officer's table of papers: what houses handed in, opened in memory, and marked.

The ward's identity is read from its file for each opening and kept nowhere; what it opens is
never written to a disk and never cached. Who opened what is written down first.
"""

from __future__ import annotations

import json
import threading
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from appliance.sync.protocol import DOSSIER_STATES, ProtocolError, check_house, check_job
from ward import dossier_notes
from ward.accounts.roles import Who
from ward.dossier_notes import BadNote
from ward.intake.open_sealed import CannotOpen, read_identity, unsealed
from ward.intake.run import FOLDER
from ward.intake.shelf import Shelf
from ward.store import intake
from ward.store.db import FAULTS
from ward.web import dossier_view
from ward.web.access import must

if TYPE_CHECKING:
    from ward.web import Ward

OPEN_FOR = timedelta(minutes=10)
KINDS = {".pdf": "application/pdf", ".jpg": "image/jpeg"}


def blueprint(ward: Ward) -> Blueprint:
    pages = Blueprint("dossiers", __name__)
    opened = Opened()
    one_at_a_time = threading.Lock()  # a dossier may be 200 MB, and is in memory while it is open

    @pages.get("/dossiers")
    def every() -> str:
        return render_template("dossiers.html", **dossier_view.every(ward))

    @pages.get("/dossiers/<house>/<dossier>")
    def one(house: str, dossier: str) -> str:
        return _page(ward, _row(ward, house, dossier))

    @pages.post("/dossiers/<house>/<dossier>/open")
    def unlock(house: str, dossier: str) -> AnyResponse | tuple[str, int]:
        who, row = must("dossiers"), _row(ward, house, dossier)
        try:
            with one_at_a_time:
                _members(ward, row)
            _note(ward, row, who, "opened")
        except (CannotOpen, OSError) as error:
            return _page(ward, row, wrong=f"Chưa mở được hồ sơ này: {error}."), 409
        opened.begin(who, house, dossier, ward.now())
        return redirect(url_for("dossiers.inside", house=house, dossier=dossier), 303)

    @pages.get("/dossiers/<house>/<dossier>/inside")
    def inside(house: str, dossier: str) -> AnyResponse | str:
        who, row = must("dossiers"), _row(ward, house, dossier)
        if not opened.still(who, house, dossier, ward.now()):
            return redirect(url_for("dossiers.one", house=house, dossier=dossier), 303)
        with one_at_a_time:
            found = _clear(ward, row)
        return render_template("dossier_inside.html", **dossier_view.inside(ward, row, found))

    @pages.get("/dossiers/<house>/<dossier>/inside/<name>")
    def paper(house: str, dossier: str, name: str) -> AnyResponse:
        """One file of it, as it lies in memory: never cached, never taken for anything else."""
        who, row = must("dossiers"), _row(ward, house, dossier)
        if not opened.still(who, house, dossier, ward.now()):
            return redirect(url_for("dossiers.one", house=house, dossier=dossier), 303)
        kind = KINDS.get(name[-4:])
        with one_at_a_time:
            data = _clear(ward, row).get(name)
        if data is None or kind is None:
            abort(404)
        _note(ward, row, who, f"read {name}")
        answer = Response(data, mimetype=kind)
        answer.headers["Cache-Control"] = "no-store, private"
        answer.headers["Content-Disposition"] = f'inline; filename="{dossier}-{name}"'
        return answer

    @pages.post("/dossiers/<house>/<dossier>/mark")
    def mark(house: str, dossier: str) -> AnyResponse | tuple[str, int]:
        who, row = must("dossiers"), _row(ward, house, dossier)
        state = next((s for s in DOSSIER_STATES if s == request.form.get("state")), None)
        text = request.form.get("text", "")
        if state is None:
            return _page(ward, row, wrong="Chọn hồ sơ này nay ra sao.", text=text), 422
        try:
            said = dossier_notes.check(request.form.get("choice", ""), text)
            with ward.store.write() as db:
                intake.mark(db, house, dossier, state, said, who.name, ward.now())
        except BadNote as error:
            return _page(ward, row, wrong=str(error), text=text), 422
        except ProtocolError:
            return _page(ward, row, wrong="Lời ghi dài quá. Viết ngắn lại.", text=text), 422
        except FAULTS:
            abort(503)
        ward.listener.wake()
        return redirect(url_for("dossiers.one", house=house, dossier=dossier), 303)

    return pages


class Opened:
    """Who may look into what without opening it anew: in memory, for ten minutes."""

    def __init__(self) -> None:
        self._until: dict[tuple[str, str, str], datetime] = {}
        self._lock = threading.Lock()

    def begin(self, who: Who, house: str, dossier: str, now: datetime) -> None:
        with self._lock:
            self._until = {k: until for k, until in self._until.items() if until > now}
            self._until[(who.name, house, dossier)] = now + OPEN_FOR

    def still(self, who: Who, house: str, dossier: str, now: datetime) -> bool:
        with self._lock:
            until = self._until.get((who.name, house, dossier))
        return until is not None and now < until


def _page(ward: Ward, row: dict[str, Any], wrong: str = "", text: str = "") -> str:
    return render_template("dossier.html", wrong=wrong, text=text, **dossier_view.one(ward, row))


def _row(ward: Ward, house: str, dossier: str) -> dict[str, Any]:
    try:
        row = intake.get(ward.store.connection, check_house(house), check_job(dossier))
    except ProtocolError:
        row = None
    if row is None:
        abort(404)
    return row


def _note(ward: Ward, row: dict[str, Any], who: Who, what: str) -> None:
    try:
        with ward.store.write() as db:
            intake.note(db, row["house"], row["dossier"], who.name, what, ward.now())
    except FAULTS:
        abort(503)  # what cannot be written down is not shown


def _clear(ward: Ward, row: dict[str, Any]) -> dict[str, bytes]:
    try:
        return _members(ward, row)
    except (CannotOpen, OSError):
        abort(404)


def _members(ward: Ward, row: dict[str, Any]) -> dict[str, bytes]:
    """Raises CannotOpen, OSError."""
    if row["deleted_at"]:
        raise CannotOpen("giấy tờ đã hết hạn giữ và đã xóa")
    if ward.identity_file is None or ward.folder is None:
        raise CannotOpen("máy chủ chạy không có --identity, tệp khóa của phường")
    identity = read_identity(ward.identity_file)
    sealed = Shelf(ward.folder / FOLDER).path(row["house"], row["dossier"]).read_bytes()
    found = unsealed(sealed, identity)
    try:
        json.loads(found.get("papers.json", b"{}"))
    except ValueError as error:
        raise CannotOpen("danh sách giấy tờ bị hỏng") from error
    return found
