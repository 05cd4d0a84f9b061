"""This file notes that somebody is at work on a visit: it is not laid aside as forgotten."""

from __future__ import annotations

import contextlib

from flask import request

from appliance.errors import StoreError
from appliance.service import at_work
from appliance.web.current import now, store

BY_ITSELF = "X-Drawn-Anew"
"""The header of static/hien.js on what no person has asked for."""


def note() -> None:
    """Before each request of somebody who may come in. A screen that only draws itself anew after
    news is nobody, nor are its pictures: else one left open kept its papers in the clear."""
    visit_id = (request.view_args or {}).get("visit_id")
    if not visit_id:
        return
    opened = "text/html" in request.headers.get("Accept", "") and BY_ITSELF not in request.headers
    if request.method == "POST" or opened:
        with contextlib.suppress(StoreError):  # a full card must not hide the page
            at_work.touch(store(), now(), visit_id)
