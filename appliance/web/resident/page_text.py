"""This file turns a page into what a voice should read: what stands on it, in order, and no more.

Only what everybody at the screen can see: nothing folded away, hidden or meant for programs.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser

MOST_CHARS = 2500
"""About three minutes. A longer page is read up to the end of a sentence near there."""

_UNREAD = frozenset(("script", "style", "svg", "noscript", "template", "select", "textarea"))
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr")
)
_INLINE = frozenset(("a", "abbr", "b", "bdi", "em", "i", "small", "span", "strong", "sub", "sup"))
_CLOSED = "details that is closed"
_PHONE = re.compile(r"\b0\d{2,4}(?:[ .]?\d{2,4}){2,3}\b")
_SPACES = re.compile(r"\s+")


def text_of(html: str) -> str:
    """The notices that matter and the main part of one of our pages, a sentence a line."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    lines: list[str] = []
    for line in "".join(reader.found).split("\n"):
        words = _SPACES.sub(" ", line).strip(" ·–-")
        if words and (not lines or lines[-1].rstrip(".!?:…") != words.rstrip(".!?:…")):
            lines.append(words if words[-1] in ".!?:…" else f"{words}.")
    return _shortened([_PHONE.sub(_digit_by_digit, line) for line in lines])


def _shortened(lines: list[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if kept and sum(map(len, kept)) + len(line) > MOST_CHARS:
            break
        kept.append(line[:MOST_CHARS])
    return "\n".join(kept)


def _digit_by_digit(match: re.Match[str]) -> str:
    """A telephone number is not a large number."""
    return " ".join(re.sub(r"\D", "", match[0]))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._open: list[tuple[str, bool]] = []  # (tag, is it read?) from the outside in

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag not in _INLINE:
            self.found.append("\n")
        if tag in _VOID:
            return
        place = tag == "main" or given.get("id") == "notices"
        parent_read = self._open[-1][1] if self._open else False
        read = (parent_read or place) and not self._is_hidden(tag, given)
        closed = tag == "details" and "open" not in given
        self._open.append((_CLOSED if closed else tag, read))

    def handle_endtag(self, tag: str) -> None:
        if tag not in _INLINE:
            self.found.append("\n")
        while self._open:
            last, _ = self._open.pop()
            if last == tag or (last == _CLOSED and tag == "details"):
                return

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1][1]:
            self.found.append(data.replace("\n", " "))

    def _is_hidden(self, tag: str, given: dict[str, str | None]) -> bool:
        if tag in _UNREAD or "hidden" in given or given.get("aria-hidden") == "true":
            return True
        classes = set((given.get("class") or "").split())
        if "data-unread" in given:
            return True
        if "notice" in classes and "quiet" in classes and self._open[-1][0] == "div":
            return True  # that devices are virtual is no news for a resident
        # What is folded away is not on the screen: of a closed fold only its heading is read.
        folded = bool(self._open) and self._open[-1][0] == _CLOSED
        return folded and tag != "summary"
