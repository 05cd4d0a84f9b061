"""This file turns a QR block into black modules, as few of them as the content allows."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from PIL import Image

QUIET_MODULES = 4
# Measured on degraded pictures: 4 dots a module fail, 5 are read, 6 are always read.
MODULE_DOTS = {576: 6, 384: 5}
# The capitals, digits and signs that a QR code packs into 5.5 bits a letter.
_DENSE_TAIL = re.compile(r"[0-9A-Z $%*+\-./:]{16,}\Z")


def draw_qr(content: str, module_dots: int) -> Image.Image:
    """Return a square "L" picture, 0 or 255, with its quiet zone; error correction M.

    `content` is printable ASCII. A long tail of capitals (an age secret key) goes into a
    segment of its own, which makes the code several modules narrower.
    """
    import segno
    from PIL import Image

    tail = _DENSE_TAIL.search(content)
    # A list makes one segment of each part, each in its densest mode (segno's typing omits it).
    parts: Any = [content[: tail.start()], tail.group()] if tail and tail.start() else content
    code = segno.make(parts, error="m", boost_error=False, micro=False)
    # 1 = black in segno, 255 = white in "L".
    rows = [bytes(0 if module else 255 for module in row) for row in code.matrix]
    side = len(rows)
    modules = Image.frombytes("L", (side, side), b"".join(rows))
    with_quiet = Image.new("L", (side + 2 * QUIET_MODULES,) * 2, 255)
    with_quiet.paste(modules, (QUIET_MODULES, QUIET_MODULES))
    size = with_quiet.width * module_dots
    return with_quiet.resize((size, size), Image.Resampling.NEAREST)
