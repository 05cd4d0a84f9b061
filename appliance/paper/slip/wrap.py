"""This file breaks a text into lines that fit, where a reader would pause."""

from __future__ import annotations

from appliance.paper.font import Face

# Costs in squared fractions of a line: a comma is a fine place to end, a torn date is not.
_PAUSE_GAIN = 0.10
_TORN_COST = 0.60
_BINDS_NEXT = frozenset({"ngày", "tháng", "số", "Số", "trước", "lúc", "còn", "và", "mật", "(lần"})
_BINDS_BEFORE = frozenset({"giờ", "người", "giấy", "tháng", "chiều", "sáng", "tối", "trưa"})


def wrap(text: str, face: Face, width_dots: float) -> list[str]:
    """Fill lines from the left; a word wider than a line is cut, at a joint of a code if it can."""
    lines: list[str] = []
    line = ""
    used = 0.0
    for word in _fitting_words(text, face, width_dots):
        width = face.width_dots(word)
        if line and used + face.space_dots + width > width_dots:
            lines.append(line)
            line, used = word, width
        elif line:
            line, used = f"{line} {word}", used + face.space_dots + width
        else:
            line, used = word, width
    return [*lines, line] if line else lines


def wrap_evenly(text: str, face: Face, width_dots: float) -> list[str]:
    """Break into as few lines as `wrap` does, of like length, keeping dates and counts whole."""
    words = _fitting_words(text, face, width_dots)
    fewest = len(wrap(text, face, width_dots))
    if fewest < 2:
        return [" ".join(words)] if words else []
    # best[k][i]: cost of setting the first i words in k lines, and where the last line starts.
    best: list[dict[int, tuple[float, int]]] = [{0: (0.0, 0)}]
    for _ in range(fewest):
        row: dict[int, tuple[float, int]] = {}
        for start, (cost_so_far, _) in best[-1].items():
            used = -face.space_dots
            for end in range(start + 1, len(words) + 1):
                used += face.space_dots + face.width_dots(words[end - 1])
                if used > width_dots:
                    break
                cost = cost_so_far + (1 - used / width_dots) ** 2 + _break_cost(words, end)
                if end not in row or cost < row[end][0]:
                    row[end] = (cost, start)
        best.append(row)
    lines: list[str] = []
    end = len(words)
    for row in reversed(best[1:]):
        start = row[end][1]
        lines.append(" ".join(words[start:end]))
        end = start
    return lines[::-1]


def _break_cost(words: list[str], end: int) -> float:
    """What it costs to end a line before `words[end]`; negative where one would pause anyway."""
    if end == len(words):
        return 0.0
    before, after = words[end - 1], words[end]
    if before[-1] in ",.;:!?)–":
        return -_PAUSE_GAIN
    if before in _BINDS_NEXT or (after in _BINDS_BEFORE and before[-1].isdigit()):
        return _TORN_COST
    if after[0].isdigit():  # "khu phố 3", a telephone number
        return _TORN_COST
    return 0.0


def _fitting_words(text: str, face: Face, width_dots: float) -> list[str]:
    """The words of `text`, the too wide ones in pieces."""
    words: list[str] = []
    for word in text.split():
        rest = word
        while face.width_dots(rest) > width_dots and len(rest) > 1:
            cut = len(rest) - 1
            while cut > 1 and face.width_dots(rest[:cut]) > width_dots:
                cut -= 1
            joint = max(rest.rfind(sign, cut // 2, cut) for sign in "-./") + 1
            cut = joint or cut
            words.append(rest[:cut])
            rest = rest[cut:]
        words.append(rest)
    return words
