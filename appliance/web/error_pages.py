"""This file answers when something goes wrong: a kind page, or the same as JSON."""

from __future__ import annotations

import errno
import logging
import math
import sqlite3

from flask import Flask, current_app, jsonify, make_response, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from appliance import errors
from appliance.store.database import code_of
from appliance.web.current import wants_json
from appliance.web.words import wording

STATUS_OF: tuple[tuple[type[errors.HienError], int], ...] = (
    (errors.BadInput, 400),
    (errors.NotAllowed, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.TooMany, 429),
    (errors.StoreError, 503),
    (errors.DeviceError, 503),
)
# Screens nobody touches: once the house is well, they must find back by themselves.
UNATTENDED = ("wall.page", "postings.board")
log = logging.getLogger("hien.web")


def install(app: Flask) -> None:
    app.register_error_handler(errors.HienError, _ours)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(sqlite3.Error, _table)
    app.register_error_handler(OSError, _system)
    app.register_error_handler(Exception, _unexpected)


def answer(code: str, status: int, *, message: str = "", retry_after_s: float = 0) -> Response:
    """The page for `code` (or for `status`), or {"error": code, "message": …} as JSON."""
    words = wording.of_error(code, status)
    if wants_json():
        text = message or f"{words.title}. {words.text} {words.now}"
        response = make_response(jsonify(error=code, message=text), status)
    else:
        wait = wording.of_wait(retry_after_s) if retry_after_s else ""
        page = render_template("error.html", words=words, status=status, wait=wait)
        response = make_response(page, status)
    if retry_after_s:
        response.headers["Retry-After"] = str(math.ceil(retry_after_s))
        if request.endpoint in UNATTENDED:
            response.headers["Refresh"] = str(math.ceil(retry_after_s))
    return response


def _ours(error: errors.HienError) -> Response:
    status = next((number for kind, number in STATUS_OF if isinstance(error, kind)), 500)
    if status >= 500:
        log.error("%s %s: %s (%s)", request.method, request.endpoint, error, error.code)
    retry_after_s = error.retry_after_s if isinstance(error, errors.TooMany) else 0
    if isinstance(error, errors.StoreError):
        retry_after_s = 30
    return answer(error.code, status, message=str(error), retry_after_s=retry_after_s)


def _http(error: HTTPException) -> Response:
    status = error.code or 500
    if error.response is not None or status < 400:
        return error.get_response()
    known = error.description if error.description in wording.ERROR else None
    response = answer(known or error.name.lower().replace(" ", "_"), status)
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _table(error: sqlite3.Error) -> Response:
    """Reading failed: the card, not the person. Writing has its own StoreError."""
    log.error("%s %s: the table: %s", request.method, request.endpoint, error)
    return answer(code_of(error), 503, retry_after_s=30)


def _system(error: OSError) -> Response:
    """No room left for a file (RAM or card) is told apart from what nobody expected."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        log.error("%s %s: no space left", request.method, request.endpoint)
        return answer("disk_full", 503, retry_after_s=30)
    return _unexpected(error)


def _unexpected(error: Exception) -> Response:
    if current_app.testing and current_app.config.get("PROPAGATE_EXCEPTIONS"):
        raise error
    # The address is left out: a ticket's is as good as its slip.
    log.error("%s %s", request.method, request.endpoint, exc_info=error)
    return answer("internal_server_error", 500)
