"""This file lets a telephone keep the desk on its home screen: a manifest, and icons we draw.

Over plain HTTP on the LAN a browser makes a shortcut of it (Android) or opens it without its bars
(iPhone). A service worker would want a secure context, which HTTP on a LAN is not: there is none.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, jsonify, url_for

from appliance.store.lan_files import AUTHORITY, folder_of
from appliance.web.assets import A_YEAR_S
from appliance.web.current import parts
from appliance.web.desk.icon_png import draw_icon
from appliance.web.door.access import open_to_all

installable = Blueprint("installable", __name__)

SIZES_PX = (192, 512)
GREEN, PAPER = "#0b5d57", "#fbf7f0"


@installable.get("/manifest.webmanifest")
@open_to_all
def manifest() -> Response:
    icons = [
        {
            "src": url_for("installable.icon", size_px=size),
            "sizes": f"{size}x{size}",
            "type": "image/png",
            "purpose": "any maskable",
        }
        for size in SIZES_PX
    ]
    response = jsonify(
        id="/desk",
        name=f"Hiên – {parts().house.name}",
        short_name="Hiên",
        lang="vi",
        start_url="/desk",
        scope="/",
        display="standalone",
        background_color=PAPER,
        theme_color=GREEN,
        icons=icons,
    )
    response.mimetype = "application/manifest+json"
    return response


@installable.get("/hien-lan.crt")
@open_to_all
def lan_authority() -> Response:
    """What a telephone is given once, so that it believes the desk's HTTPS: it vouches for names
    in networks like this one, and for nothing else. 404 while HTTPS is off."""
    path = folder_of(Path(parts().config["data.dir"])) / AUTHORITY
    if not parts().config["web.https_port"] or not path.exists():
        abort(404)
    return Response(path.read_bytes(), mimetype="application/x-x509-ca-cert")


@installable.get("/icons/hien-<int:size_px>.png")
@open_to_all
def icon(size_px: int) -> Response:
    if size_px not in SIZES_PX:
        abort(404)
    return Response(
        _icon(size_px),
        mimetype="image/png",
        headers={"Cache-Control": f"public, max-age={A_YEAR_S}"},
    )


@lru_cache(maxsize=len(SIZES_PX))
def _icon(size_px: int) -> bytes:
    return draw_icon(size_px)
