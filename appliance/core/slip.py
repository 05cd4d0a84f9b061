"""This file says what a slip of paper is: blocks in order, no printer and no pixel in it."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, replace
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
class Qr:
    """A QR code with what it is for in plain words; `content` is printable ASCII."""

    content: str
    caption: str = ""

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


Block = Banner | Title | Big | Text | KeyValue | Item | Rule | Space | Ruler | Qr


@dataclass(frozen=True)
class Slip:
    """`blocks` from top to bottom; `kind` names what it is for (ticket, visit, test)."""

    kind: str
    blocks: tuple[Block, ...]

    def __post_init__(self) -> None:
        if not 0 < len(self.blocks) <= MAX_BLOCKS:
            raise BadInput(f"A slip has 1 to {MAX_BLOCKS} blocks.", code="bad_slip")


def shorten(slip: Slip) -> Slip | None:
    """Return `slip` with one list line fewer, or None when every list is as short as it may be.

    The last lines of a list give way to "còn n giấy nữa …", so nothing goes unsaid: first what was
    done, then the longest of what is still to do, of which one line stays.
    """
    runs = [run for run in _item_runs(slip.blocks) if _droppable(_items(slip, run))]
    if not runs:
        return _without_done(slip)
    start, end = max(
        runs,
        key=lambda run: (_items(slip, run)[0].mark == "done", _real_lines(_items(slip, run))),
    )
    items = _items(slip, (start, end))
    summary = items[-1] if items[-1].mark == "more" else None
    # The first summary takes the place of two lines, or the slip would not get shorter.
    kept = items[:-2]
    left_out = summary.stands_for + 1 if summary else 2
    shorter = (*slip.blocks[:start], *kept, more(left_out, items[0].mark), *slip.blocks[end:])
    return replace(slip, blocks=shorter)


def _without_done(slip: Slip) -> Slip | None:
    """Return `slip` with its last shown "done" line and the rest of them as one count."""
    for start, end in _item_runs(slip.blocks):
        items = _items(slip, (start, end))
        if items[0].mark == "done" and len(items) > 1:
            count = sum(item.stands_for for item in items)
            line = Item(f"{count} việc", "done", stands_for=count)
            return replace(slip, blocks=(*slip.blocks[:start], line, *slip.blocks[end:]))
    return None


def clip(slip: Slip, max_chars: int) -> Slip:
    """Return `slip` with list lines and names cut to `max_chars`, titles to a third
    more, ending in "…".

    Dates, codes, telephone numbers and the lines every slip must carry stay whole.
    """
    blocks: list[Block] = []
    for block in slip.blocks:
        if (isinstance(block, Item) and block.mark != "more") or (
            isinstance(block, Text) and block.tone == "name"
        ):
            block = replace(block, text=clean_text(block.text, max_chars))
        elif isinstance(block, Title):
            block = replace(block, text=clean_text(block.text, max_chars * 4 // 3))
        blocks.append(block)
    return replace(slip, blocks=tuple(blocks))


def more(left_out: int, mark: Mark) -> Item:
    """The line that stands for `left_out` lines of a list marked `mark`."""
    noun = "việc" if mark == "done" else "giấy"
    return Item(f"còn {left_out} {noun} nữa, xin hỏi", "more", stands_for=left_out)


def _item_runs(blocks: tuple[Block, ...]) -> list[tuple[int, int]]:
    """First and one-past-last index of each list."""
    runs: list[tuple[int, int]] = []
    start: int | None = None
    for index, block in enumerate((*blocks, Rule())):
        if isinstance(block, Item):
            start = index if start is None else start
        elif start is not None:
            runs.append((start, index))
            start = None
    return runs


def _items(slip: Slip, run: tuple[int, int]) -> list[Item]:
    return [block for block in slip.blocks[run[0] : run[1]] if isinstance(block, Item)]


def _real_lines(items: list[Item]) -> int:
    return sum(item.mark != "more" for item in items)


def _droppable(items: list[Item]) -> bool:
    """Whether a line can go and one real line stays."""
    return _real_lines(items) >= (2 if items[-1].mark == "more" else 3)
