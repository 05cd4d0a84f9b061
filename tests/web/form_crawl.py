"""This file finds every form of a page: where it is sent, and what each field holds by default."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from werkzeug.exceptions import HTTPException
from werkzeug.routing import Map


@dataclass
class Form:
    """`fields` name -> values as a browser would send them untouched; `kinds` name -> type."""

    action: str
    page: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self, page: str) -> None:
        super().__init__()
        self.page = page
        self.forms: list[Form] = []
        self.open: Form | None = None
        self.area = self.select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        a = {name: value or "" for name, value in attrs}
        if tag == "form" and a.get("method") == "post":
            self.open = Form(a.get("action") or self.page, self.page)
            self.forms.append(self.open)
        if self.open is None:
            return
        if tag == "button" and a.get("formaction") and a.get("formmethod") != "get":
            also = Form(a["formaction"], self.page, self.open.fields, self.open.kinds)
            self.forms.append(also)
        name = a.get("name", "")
        if tag == "option" and self.select:
            values = self.open.fields[self.select]
            if not values or "selected" in a:
                values[:] = [a.get("value", "")]
        if not name:
            return
        kind = a.get("type", "text") if tag == "input" else tag
        self.open.kinds[name] = kind
        values = self.open.fields.setdefault(name, [])
        if tag == "select":
            self.select = name
        elif tag == "textarea":
            self.area = name
            values.append("")
        elif kind in ("radio", "checkbox"):
            if "checked" in a or (kind == "radio" and not values):
                values[:] = [a.get("value", "on")]
        elif kind != "button" or not values:
            values.append(a.get("value", ""))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.open = None
        elif tag == "select":
            self.select = ""
        elif tag == "textarea":
            self.area = ""

    def handle_data(self, data: str) -> None:
        if self.area and self.open is not None:
            self.open.fields[self.area][0] += data


def forms_of(page: str, html: str) -> list[Form]:
    reader = _Reader(page)
    reader.feed(html)
    return reader.forms


def endpoint_of(routes: Map, action: str) -> str:
    """Raises AssertionError for a form that leads nowhere."""
    path = action.split("?")[0].split("#")[0]
    try:
        endpoint, _values = routes.bind("localhost").match(path, "POST")
    except HTTPException as e:
        raise AssertionError(f"a form leads nowhere: {action}") from e
    return str(endpoint)
