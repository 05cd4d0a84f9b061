"""This file is a button that stays on its page: done, or told there why not."""

from __future__ import annotations

from collections.abc import Callable

from flask import redirect, url_for
from werkzeug.wrappers import Response

from appliance.errors import BadInput, Conflict, HienError, NotFound, TooMany
from appliance.web.current import wants_json

_STATUS = {BadInput: 400, TooMany: 429}


def done_or_told(
    act: Callable[[], object],
    to: str | Callable[[], str],
    shown: Callable[[HienError, int], Response],
) -> Response:
    """Do it and go on: `to` an endpoint, or what gives the address afterwards. What stands in the
    way is `shown` with its status: 400, 429 or 409.

    Programs get their JSON error instead.
    """
    try:
        act()
    except (BadInput, Conflict, NotFound, TooMany) as e:
        if wants_json():
            raise
        return shown(e, _STATUS.get(type(e), 409))
    return redirect(url_for(to) if isinstance(to, str) else to(), code=303)
