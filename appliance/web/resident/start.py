"""This file is the start page: what do you come for? One tap gives a number."""

from __future__ import annotations

from flask import Blueprint, render_template

from appliance.web.current import parts
from appliance.web.door.access import open_to_all

start = Blueprint("start", __name__)


@start.get("/")
@open_to_all
def page() -> str:
    return render_template("start.html", services=parts().catalogue.services)
