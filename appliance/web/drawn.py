"""This file draws slips for the screen as the house's printer draws them: the same dots."""

from __future__ import annotations

from typing import Any

from flask import Response

from appliance.core.calibration import Calibration
from appliance.core.slip import Slip
from appliance.service import printer_facts
from appliance.web.current import parts, store


def printer_said() -> dict[str, Any]:
    """What the room of the machines says of its printer: {"identity", "language"}; {} when it is
    silent."""
    found = (parts().ram.room("devices") or {}).get("printer", {})
    return found if isinstance(found, dict) else {}


def identity() -> str:
    """The printer's own name, by which its calibration is kept; "" when nobody says."""
    return str(printer_said().get("identity", ""))


def calibrated() -> Calibration:
    """How slips are drawn for the printer now."""
    kept = printer_facts.calibration(store(), identity())
    return kept or Calibration(parts().config["devices.printer_dots"])


def slip_picture(slip: Slip) -> Response:
    """The slip as a PNG."""
    from appliance.paper.slip.layout import draw_for
    from appliance.paper.slip.raster import to_png

    return png(to_png(draw_for(slip, calibrated())))


def png(data: bytes) -> Response:
    return Response(data, mimetype="image/png", headers={"Cache-Control": "no-store"})
