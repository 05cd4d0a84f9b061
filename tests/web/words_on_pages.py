"""This file reads the words of a page as a person meets them: by block and sentence."""

from __future__ import annotations

import re
from html.parser import HTMLParser

INLINE = {"abbr", "b", "em", "i", "small", "strong", "time"}
NOT_READ = {"script", "style", "noscript", "svg", "title"}
SPOKEN = ("aria-label", "alt", "placeholder", "title")
VOID = {"br", "img", "input", "link", "meta", "hr", "source", "rect", "path", "circle", "line"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.blocks: list[tuple[str, str]] = []
        self.text = ""
        self.stack: list[tuple[str, str]] = [("", "")]

    @property
    def language(self) -> str:
        return self.stack[-1][1]

    def flush(self) -> None:
        text = " ".join(self.text.split())
        if text:
            self.blocks.append((text, self.language))
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in INLINE:
            self.flush()
        a = {name: value or "" for name, value in attrs}
        language = a.get("lang") or self.language
        self.blocks += [(a[name], language) for name in SPOKEN if a.get(name)]
        if tag not in VOID:
            self.stack.append((tag, language))

    def handle_endtag(self, tag: str) -> None:
        if tag not in INLINE:
            self.flush()
        for n in range(len(self.stack) - 1, 0, -1):
            if self.stack[n][0] == tag:
                del self.stack[n:]
                break

    def handle_data(self, data: str) -> None:
        if not any(tag in NOT_READ for tag, _language in self.stack):
            self.text += data


def blocks_of(html: str) -> list[tuple[str, str]]:
    """(text, language) of each block, and of what is read out in its place."""
    reader = _Reader()
    reader.feed(html)
    reader.flush()
    return reader.blocks


def sentences(text: str) -> list[str]:
    """Where a reader takes breath: full stops, colons before a new thought, new lines."""
    parts = re.split(r"(?<=[.!?…;:])\s+|\n|\s[–|·]\s|\s(?=✓|●|▲|◇)", text)
    return [part.strip() for part in parts if part.strip()]


def words(sentence: str) -> list[str]:
    """Numbers and signs are not words."""
    return [w for w in sentence.split() if re.search(r"[^\W\d_]", w)]
