"""This file is what people do at a house in the lab, by its own pages, and what its table says."""

from __future__ import annotations

import http.client
import json
import secrets
import sqlite3
import sys
import time
from typing import Any
from urllib.parse import urlencode

from machine import until

TABLE = "file:/var/lib/hien/hien.db?mode=ro"
PORT = 8080


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def ask(
    method: str, path: str, form: dict[str, str] | None = None, accept: str = "application/json"
) -> Any:
    """(status, body as text). Raises OSError when nobody answers."""
    line = http.client.HTTPConnection("127.0.0.1", PORT, timeout=60)
    headers = {"Accept": accept, "Origin": f"http://127.0.0.1:{PORT}"}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        line.request(method, path, urlencode(form) if form is not None else None, headers)
        answer = line.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    except http.client.HTTPException as error:
        raise OSError(f"cut off: {error!r}") from error
    finally:
        line.close()


def take_ticket(key: str = "") -> dict[str, Any]:
    """{id, number}, acknowledged."""
    status, body = ask(
        "POST", "/tickets", {"service": "co-em-be", "key": key or secrets.token_urlsafe(12)}
    )
    assert status == 201, (status, body)
    return dict(json.loads(body))


def job_of(ticket_id: str, state: str, most_s: float = 120) -> dict[str, Any]:
    """The ticket's slip, when it is in `state`. For "printed" it is enough that all was sent: a
    machine this slow may not hear the printer's answer in time. What is on paper, the host sees."""
    ends = ("printed", "sent_unconfirmed") if state == "printed" else (state,)
    try:
        until(lambda: _job(ticket_id).get("state") in ends, most_s, f"slip {state}")
    except AssertionError as error:
        raise AssertionError(f"{error}\n{_job(ticket_id)}\n{ask('GET', '/healthz')}") from error
    return _job(ticket_id)


def _job(ticket_id: str) -> dict[str, Any]:
    table = sqlite3.connect(TABLE, uri=True, timeout=30)
    table.row_factory = sqlite3.Row
    row = table.execute(
        "SELECT * FROM print_jobs WHERE ticket_id = ? ORDER BY id DESC", (ticket_id,)
    ).fetchone()
    table.close()
    return dict(row) if row else {}


def wait(seen: Any, most_s: float, what: str) -> float:
    """Until `seen()`; the seconds it took."""
    began_s = time.monotonic()
    while not seen():
        assert time.monotonic() - began_s < most_s, f"not within {most_s} s: {what}"
        time.sleep(0.2)
    return time.monotonic() - began_s
