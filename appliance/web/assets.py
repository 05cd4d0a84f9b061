"""This file serves our own scripts and styles, and the letters from their package."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, abort, send_file

from appliance.web.door.access import open_to_all

STATIC = Path(__file__).parent / "static"
WEIGHTS = (400, 600, 700)
A_YEAR_S = 365 * 24 * 3600
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}

assets = Blueprint("assets", __name__)


@assets.get("/static/<name>")
@open_to_all
def static_file(name: str) -> Response:
    path = STATIC / name
    # A single path segment, and only what lies in the folder: never a path from outside.
    if path.suffix not in TYPES or name not in _names():
        abort(404)
    return _long(send_file(path, mimetype=TYPES[path.suffix], conditional=True, etag=_mark(name)))


@assets.get("/fonts/be-vietnam-pro-<int:weight>.ttf")
@open_to_all
def font(weight: int) -> Response:
    if weight not in WEIGHTS:
        abort(404)
    return _long(send_file(_font_path(weight), mimetype="font/ttf", conditional=True))


def asset_url(name: str) -> str:
    """The address of a static file, with a mark of what is in it: a new release is fetched."""
    return f"/static/{name}?v={_mark(name)}"


def _long(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={A_YEAR_S}, immutable"
    return response


@lru_cache(maxsize=1)
def _names() -> frozenset[str]:
    return frozenset(path.name for path in STATIC.iterdir())


@lru_cache(maxsize=64)
def _mark(name: str) -> str:
    return hashlib.sha256((STATIC / name).read_bytes()).hexdigest()[:12]


@lru_cache(maxsize=8)
def _font_path(weight: int) -> str:
    import fontpkg

    return str(fontpkg.path("Be Vietnam Pro", weight))
