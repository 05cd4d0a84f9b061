"""This file is a button that stays on its page: done, or told there why not."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import redirect, url_for
from werkzeug.wrappers import Response

from appliance.errors import BadInput, Conflict, HienError, NotFound, TooMany
from appliance.web.current import wants_json

_STATUS: dict[type[HienError], int] = {BadInput: 400, TooMany: 429, Conflict: 409, NotFound: 409}


def done_or_told(
    act: Callable[[], object],
    to: str | Callable[[], str],
    shown: Callable[[HienError, int], Response],
    also: Mapping[type[HienError], int] | None = None,
) -> Response:
    """Do it and go on: `to` an endpoint, or what gives the address afterwards. What stands in the
    way is `shown` with its status: 400, 429 or 409. `also`: what else may stand there on this
    page, with its status.

    Programs get their JSON error instead.
    """
    status = {**_STATUS, **(also or {})}
    try:
        act()
    except tuple(status) as e:
        if wants_json():
            raise
        return shown(e, status[next(kind for kind in status if isinstance(e, kind))])
    return redirect(url_for(to) if isinstance(to, str) else to(), code=303)
