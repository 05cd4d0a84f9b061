"""This file lists the blueprints of the web room, one per noun."""

from __future__ import annotations

from flask import Blueprint

from appliance.web.assets import assets
from appliance.web.preferences import preferences
from appliance.web.sign_in import sign_in
from appliance.web.stream import stream

ALL: tuple[Blueprint, ...] = (assets, preferences, sign_in, stream)
