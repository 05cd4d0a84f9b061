"""This file is the wall: the number being called, for a screen that is read from 5 metres."""

from __future__ import annotations

from flask import Blueprint, render_template

from appliance.web.access import open_to_all

wall = Blueprint("wall", __name__)


@wall.get("/wall")
@open_to_all
def page() -> str:
    return render_template("wall.html")
