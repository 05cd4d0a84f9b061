"""This file shows slips on screen: the very dots the printer gets, and the key when it has none."""

from __future__ import annotations

import io

from flask import Blueprint, Response, abort

from appliance.service.slip_content import key_address, slip_of
from appliance.web.current import now, parts, store
from appliance.web.door.access import open_to_all
from appliance.web.drawn import png, slip_picture
from appliance.web.resident.ticket_view import view

slips = Blueprint("slips", __name__)


@slips.get("/tickets/<ticket_id>/slip.png")
@open_to_all
def slip(ticket_id: str) -> Response:
    """The slip as it prints. Once it is on paper its key is gone, and the picture has no QR."""
    seen = view(parts(), store(), now(), ticket_id)
    if seen.job is None:
        abort(404)
    secret = parts().ram.secret(ticket_id) if seen.slip != "printed" else None
    return slip_picture(slip_of(seen.job, parts().house, secret))


@slips.get("/tickets/<ticket_id>/key.png")
@open_to_all
def key(ticket_id: str) -> Response:
    """The QR alone, only while the slip is not on paper and the key is still in RAM."""
    import segno

    seen = view(parts(), store(), now(), ticket_id)
    secret = parts().ram.secret(ticket_id) if seen.shows_key else None
    if secret is None:
        abort(404)
    picture = io.BytesIO()
    code = segno.make(key_address(parts().house, secret), error="m", micro=False)
    code.save(picture, kind="png", scale=8, border=4)
    return png(picture.getvalue())
