"""This file sets values in a TOML file and leaves every other line as a person wrote it."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

_SECTION = re.compile(r"\s*\[([^\[\]]+)\]\s*(#.*)?")


def set_values(text: str, values: Mapping[str, str | int | bool | list[str]]) -> str:
    """`values` by dotted name ("house.id"). A line that sets a name is replaced; a new one goes to
    the end of its section; a section that is missing is added. Comments stay."""
    lines = text.splitlines()
    for dotted, value in values.items():
        section, _, name = dotted.partition(".")
        line = f"{name} = {json.dumps(value, ensure_ascii=False)}"
        begin, end = _section(lines, section)
        if begin is None:
            lines += [*([""] if lines and lines[-1].strip() else []), f"[{section}]", line]
            continue
        for at in range(begin + 1, end):
            if re.match(rf"\s*{re.escape(name)}\s*=", lines[at]):
                lines[at] = line
                break
        else:
            while end > begin + 1 and not lines[end - 1].strip():
                end -= 1
            lines.insert(end, line)
    return "\n".join(lines) + "\n"


def _section(lines: list[str], name: str) -> tuple[int | None, int]:
    """(line of its heading, line after its last), or (None, 0)."""
    begin: int | None = None
    for at, line in enumerate(lines):
        if not (match := _SECTION.fullmatch(line)):
            continue
        if begin is not None:
            return begin, at
        if match[1].strip() == name:
            begin = at
    return begin, len(lines)
