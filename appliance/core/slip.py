"""This file says what a slip of paper is: blocks in order, no printer and no pixel in it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Literal

from appliance.errors import BadInput

MAX_TEXT_CHARS = 160
MAX_TITLE_CHARS = 80
MAX_KEY_CHARS = 48
MAX_BIG_CHARS = 8
MAX_QR_CHARS = 200
MAX_BLOCKS = 60

# "name" is set as "quiet" is, and may be cut short where paper is.
Tone = Literal["plain", "strong", "heading", "quiet", "name"]
Mark = Literal["done", "missing", "bring", "more"]

# Signs a slip may carry although Unicode files them with the emoji.
_KEPT_SYMBOLS = frozenset("°©®№™")
_DROPPED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Mn", "Me", "Mc", "Sk", "So"})


def clean_text(text: str, max_chars: int = MAX_TEXT_CHARS) -> str:
    """Return `text` as paper can carry it: NFC, one line, no emoji, at most `max_chars`.

    Marks that do not join with a letter are dropped: the plain layout engine would draw them
    beside it. What is too long ends at a word with "…"; a slip must come out all the same.
    """
    one_line = " ".join(unicodedata.normalize("NFC", text).split())
    kept = "".join(
        letter
        for letter in one_line
        if letter in _KEPT_SYMBOLS or unicodedata.category(letter) not in _DROPPED_CATEGORIES
    )
    kept = " ".join(kept.split())
    if len(kept) <= max_chars:
        return kept
    head = kept[: max_chars - 1]
    at_word = head.rsplit(" ", 1)[0] if " " in head[max_chars // 2 :] else head
    return at_word.rstrip(" ,;:–-") + "…"


@dataclass(frozen=True)
class Banner:
    """A mark nobody can overlook, white on black: a slip printed again, a test."""

    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean_text(self.text, MAX_TITLE_CHARS))


@dataclass(frozen=True)
class Title:
    """What the slip is about, large and in the middle."""

    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean_text(self.text, MAX_TITLE_CHARS))


@dataclass(frozen=True)
class Big:
    """The one thing to read across the room: the ticket number."""

    text: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean_text(self.text, MAX_BIG_CHARS))


@dataclass(frozen=True)
class Text:
    text: str
    tone: Tone = "plain"
    centred: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean_text(self.text))


@dataclass(frozen=True)
class KeyValue:
    """A small word and the large thing it names: a date, a telephone number, a code."""

    key: str
    value: str

    def __post_init__(self) -> None:
        object.__setattr__(self, "key", clean_text(self.key, MAX_KEY_CHARS))
        object.__setattr__(self, "value", clean_text(self.value, MAX_TITLE_CHARS))


@dataclass(frozen=True)
class Item:
    """One line of a list; `stands_for` counts the lines it replaces (mark "more")."""

    text: str
    mark: Mark
    stands_for: int = 1

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean_text(self.text))


@dataclass(frozen=True)
class Rule:
    """A thin line across the paper."""


@dataclass(frozen=True)
class Space:
    height_mm: float = 2.0


@dataclass(frozen=True)
class Ruler:
    """Width bars and a density patch, for the test slip only."""


@dataclass(frozen=True)
class Sample:
    """Letters of exactly `size_dots`, whatever else is on the paper; for the test slip only."""

    text: str
    size_dots: int

    def __post_init__(self) -> None:
        object.__setattr__(self, "text", clean_text(self.text))


@dataclass(frozen=True)
class Qr:
    """A QR code with what it is for in plain words; `content` is printable ASCII.

    `module_dots` 0 is the printer's usual size.
    """

    content: str
    caption: str = ""
    module_dots: int = 0

    def __post_init__(self) -> None:
        if not self.content.isascii() or not self.content.isprintable() or not self.content:
            raise BadInput("A QR code on a slip holds printable ASCII only.", code="bad_qr")
        if len(self.content) > MAX_QR_CHARS:
            raise BadInput(
                f"A QR code on a slip holds at most {MAX_QR_CHARS} characters.", code="bad_qr"
            )
        object.__setattr__(self, "caption", clean_text(self.caption))

    def __repr__(self) -> str:
        """Without the content: it may be a secret key, and a repr ends in logs."""
        return f"Qr(<{len(self.content)} characters>, caption={self.caption!r})"


Block = Banner | Title | Big | Text | KeyValue | Item | Rule | Space | Ruler | Sample | Qr


@dataclass(frozen=True)
class Slip:
    """`blocks` from top to bottom; `kind` names what it is for (ticket, visit, test)."""

    kind: str
    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.blocks) <= MAX_BLOCKS:
            raise BadInput(f"A slip has 1 to {MAX_BLOCKS} blocks.", code="bad_slip")
