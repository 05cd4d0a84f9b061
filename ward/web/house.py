"""This file is the page of one house, and the commands given to it from there."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from flask import Blueprint, abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from ward.accounts.roles import Who
from ward.store import audit, jobs
from ward.store.db import FAULTS
from ward.web import commands, house_view
from ward.web.access import must
from ward.web.commands import COMMANDS

if TYPE_CHECKING:
    from ward.web import Ward


def blueprint(ward: Ward) -> Blueprint:
    pages = Blueprint("house", __name__)

    @pages.get("/house/<house>")
    def page(house: str) -> str:
        found = house_view.view(ward, house[:32], request.args.get("days", "1"))
        if found is None:
            abort(404)
        return render_template("house.html", commands=COMMANDS, **found)

    @pages.get("/house/<house>/do/<op>")
    def ask(house: str, op: str) -> str:
        """Asks again before anything happens: a house is kilometres away."""
        _must_for(op)
        found = ward.board.house(house[:32])
        if found is None or op not in COMMANDS:
            abort(404)
        name = str(found[0].peek("hello").get("name") or house)[:80]
        return render_template(
            "confirm.html", house=house, name=name, op=op, command=COMMANDS[op],
            item=commands.item(request.args),
            online=found[1] == "online", minutes=int(jobs.LIFETIME.total_seconds() // 60),
        )  # fmt: skip

    @pages.post("/house/<house>/do/<op>")
    def do(house: str, op: str) -> Response:
        who = _must_for(op)
        if ward.board.house(house[:32]) is None or op not in COMMANDS:
            abort(404)
        if request.form.get("sure") != "yes":
            return redirect(url_for("house.ask", house=house, op=op), 303)
        args = commands.args_of(op, request.form)
        if args is None:
            abort(400)
        try:
            with ward.store.write() as db:
                # A second tap while the first is on its way is the same command.
                waiting = db.execute(
                    "SELECT job FROM jobs WHERE house = ? AND op = ? AND args = ?"
                    " AND state IN ('queued', 'sent')",
                    (house, op, json.dumps(args, ensure_ascii=False)),
                ).fetchone()
                if waiting:
                    number = str(waiting["job"])
                else:
                    number = jobs.create(db, house, op, args, who.name, ward.now()).job
                    audit.note(db, ward.now(), who.name, op, house, number)
        except FAULTS:
            abort(503)
        ward.listener.wake()
        if COMMANDS[op].answers:
            return redirect(url_for("house.job", house=house, job=number), 303)
        return redirect(url_for("house.page", house=house) + "#jobs", 303)

    @pages.get("/house/<house>/job/<job>")
    def job(house: str, job: str) -> str:
        """What became of a command, and what the house answered to it."""
        must("command")
        found = commands.job_view(ward, house[:32], job[:64])
        if found is None:
            abort(404)
        return render_template("job.html", **found)

    return pages


def _must_for(op: str) -> Who:
    """Who may do that; what nobody offers is refused as the machine's commands are."""
    return must(COMMANDS[op].right if op in COMMANDS else "command")
