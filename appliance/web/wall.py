"""This file is the wall: the number being called, for a screen that is read from 5 metres.

While nobody is called and nobody waits, it shows a statutory notice; that look is written down.
"""

from __future__ import annotations

from flask import Blueprint, render_template

from appliance.core.day_time import minute_of
from appliance.store import board, postings, tickets
from appliance.web.current import now, store, zone
from appliance.web.door.access import open_to_all
from appliance.web.resident.postings import for_the_wall, written_down

wall = Blueprint("wall", __name__)


@wall.get("/wall")
@open_to_all
def page() -> str:
    rows = postings.up(store())
    notice = None
    today = board.today(store(), now(), zone())
    if rows and not tickets.waiting(store()) and not tickets.at_a_desk(store(), today):
        notice = for_the_wall(rows, minute_of(now().local(zone())))
        if notice is not None:
            written_down([notice["id"]], "wall")
    return render_template("wall.html", notice=notice, notices_up=rows)
