"""This file makes a slip that is too long shorter, and has it say what it leaves out."""

from __future__ import annotations

from dataclasses import replace

from appliance.core.slip import Block, Item, Mark, Rule, Slip, Text, Title, clean_text


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
