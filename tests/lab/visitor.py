"""This file is people at a house, from outside: a number, the call, a paper, the end of a visit.

What was acknowledged is remembered here, where no power goes.
"""

from __future__ import annotations

import http.client
import json
import re
import secrets
from dataclasses import dataclass, field
from urllib.parse import urlencode

from tests.lab.house import PIN

SERVICE, PAPER = "co-em-be", "giay-chung-sinh"


@dataclass
class Visitor:
    """`port` leads to the house. Everything but `usable` raises OSError when the power goes."""

    port: int
    cookie: str = ""
    tickets: dict[str, int] = field(default_factory=dict)
    opened: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)

    def ask(
        self, method: str, path: str, form: dict[str, str] | None = None, *, as_json: bool = False
    ) -> tuple[int, str, str]:
        """(status, location, body)."""
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Origin": f"http://127.0.0.1:{self.port}"}
        if as_json:
            headers["Accept"] = "application/json"
        if self.cookie:
            headers["Cookie"] = self.cookie
        if form is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        try:
            line.request(method, path, urlencode(form) if form is not None else None, headers)
            answer = line.getresponse()
            body = answer.read().decode("utf-8", "replace")
            for name, value in answer.getheaders():
                if name.lower() == "set-cookie" and "session" in value.lower():
                    self.cookie = value.split(";")[0]
            return answer.status, answer.headers.get("location", ""), body
        except http.client.HTTPException as error:
            raise OSError(f"cut off: {error!r}") from error
        finally:
            line.close()

    def usable(self) -> str:
        """What a screen shows now, as one line; "" when there is nothing to see."""
        try:
            status, _, body = self.ask("GET", "/")
        except OSError:
            return ""
        if status == 200 and 'action="/tickets"' in body:
            return "the start page"
        said = re.search(r"<p>(.*?)</p>", body, re.S)
        return f"{status}: {said.group(1).strip()}" if status == 503 and said else ""

    def visit(self) -> None:
        """One resident, from the number to the slip of the end."""
        status, _, body = self.ask(
            "POST", "/tickets", {"service": SERVICE, "key": _key()}, as_json=True
        )
        assert status == 201, (status, body)
        ticket = json.loads(body)
        self.tickets[ticket["id"]] = ticket["number"]
        if not self.cookie:
            self._tap("/desk/sign-in", volunteer="1", pin=PIN)
        self._tap(f"/desk/tickets/{ticket['id']}/call")
        visit = self._tap(f"/desk/tickets/{ticket['id']}/open").rsplit("/", 1)[-1]
        self.opened.add(visit)
        self._tap(f"/visits/{visit}/papers/{PAPER}/shown", shown="1")
        self._tap(f"/visits/{visit}/finish", done="submitted")
        self.closed.add(visit)

    def _tap(self, path: str, **form: str) -> str:
        """One button of the desk; where it led to."""
        status, location, body = self.ask("POST", path, {"key": _key(), **form})
        assert status == 303, (path, status, body[:2000])
        return location.split("#")[0].split("?")[0]


def _key() -> str:
    return secrets.token_urlsafe(12)
