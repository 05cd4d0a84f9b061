"""This file gives another device the way in: our address as it can reach it, and its QR code."""

from __future__ import annotations

from flask import request
from markupsafe import Markup

from appliance.web.current import parts
from appliance.web.door.security import host_name

_THIS_MACHINE = ("localhost", "127.0.0.1", "::1")


def for_others(path: str) -> str:
    """By the name this screen used, unless that means "this machine" to whoever reads it."""
    name = host_name(request.host)
    own = name is None or name in _THIS_MACHINE
    return (parts().house.address if own else f"{request.scheme}://{request.host}") + path


def code_picture(address: str) -> Markup:
    """The QR code as SVG without a style of its own."""
    import segno

    svg = segno.make(address, error="m", micro=False).svg_inline(
        scale=8, border=4, dark="#1b2a2f", light="#ffffff", omitsize=True
    )
    return Markup(svg)  # noqa: S704 -- drawn by us from our own address
