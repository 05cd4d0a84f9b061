"""This file ends a desk action: back to the desk with a word about it, or the outcome as JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

from flask import current_app, jsonify, redirect, url_for
from werkzeug.wrappers import Response

from appliance.errors import Conflict, TooMany
from appliance.store.database import Row
from appliance.web.current import wants_json

_TOLD = ("id", "number", "state", "desk")


def done(
    act: Callable[[], Row], *, said: str = "", to: Callable[[Row], str] | None = None
) -> Response:
    """Do it, then show the desk again (or `to(row)`).

    Somebody having been faster is no error for a person: the desk is shown as it is now, with a
    word about it. For JSON it is an error with its code, like any other.
    """
    if wants_json():
        row = act()
        return jsonify({name: row[name] for name in _TOLD if name in row})
    try:
        row = act()
    except (Conflict, TooMany) as e:
        current_app.logger.info("desk: %s", e.code)
        return redirect(url_for("desk.page", said=e.code), code=303)
    if to is not None:
        return redirect(to(row), code=303)
    about = {"said": said, "number": row["number"]} if said else {}
    return redirect(url_for("desk.page", **about), code=303)


def key_of(*what: object) -> str:
    """An idempotency key made from what a button would act upon.

    The same page drawn twice has the same keys, so a screen that refreshes itself changes nothing
    while nothing has changed; and a button pressed twice is one action. `what` must name the
    volunteer and the newest fact the action would add to.
    """
    text = "\n".join(str(one) for one in what)
    return hashlib.sha256(text.encode()).hexdigest()[:32]
