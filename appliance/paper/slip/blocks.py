"""This file measures each block of a slip and knows how to draw it: a piece of paper of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageDraw

from appliance.core.slip import (
    Banner,
    Big,
    Block,
    Item,
    KeyValue,
    Qr,
    Rule,
    Ruler,
    Sample,
    Space,
    Text,
    Title,
)
from appliance.paper.font import Face, face
from appliance.paper.slip.marks import draw_mark, draw_ruler, ruler_height_dots
from appliance.paper.slip.metrics import DOTS_PER_MM, Metrics, WidthDots
from appliance.paper.slip.slip_qr import MODULE_DOTS, draw_qr
from appliance.paper.slip.wrap import wrap, wrap_evenly

Draw = Callable[[Image.Image, ImageDraw.ImageDraw, int], None]
Codes = dict[tuple[str, int], Image.Image]


@dataclass(frozen=True)
class Piece:
    """`draw(image, pen, top)` draws it, `height_dots` high, from row `top` down."""

    height_dots: int
    draw: Draw


def measure(block: Block, width: WidthDots, sizes: Metrics, codes: Codes | None = None) -> Piece:
    """Return `block` broken into lines for `width` dots of paper.

    `codes` keeps the QR pictures of one slip while its sizes are tried: each costs more than all
    the text. It is not kept any longer, because such a code may hold a secret.
    """
    match block:
        case Banner(text):
            return _banner(text, width, sizes)
        case Title(text):
            return _lines(text, face("bold", sizes.title), width, sizes, centred=True)
        case Big(text):
            return _big(text, width, sizes)
        case Text(text, tone, centred):
            return _lines(text, _tone_face(tone, sizes), width, sizes, centred=centred)
        case KeyValue(key, value):
            return _key_value(key, value, width, sizes)
        case Item():
            return _item(block, width, sizes)
        case Rule():
            return _rule(width, sizes)
        case Space(height_mm):
            return Piece(round(height_mm * DOTS_PER_MM), lambda image, pen, top: None)
        case Ruler():
            return Piece(ruler_height_dots(), lambda image, pen, top: draw_ruler(pen, top, width))
        case Sample(text, size_dots):
            return _lines(text, face("medium", size_dots), width, sizes, centred=False)
        case Qr(content, caption, module_dots):
            codes = {} if codes is None else codes
            kind = (content, module_dots or sizes.code or MODULE_DOTS[width])
            if kind not in codes:
                codes[kind] = draw_qr(*kind)
            return _qr(codes[kind], caption, width, sizes)


def _tone_face(tone: str, sizes: Metrics) -> Face:
    if tone in ("quiet", "name"):
        return face("medium", sizes.quiet)
    return face("medium" if tone == "plain" else "bold", sizes.body)


def _lines(text: str, letters: Face, width: int, sizes: Metrics, *, centred: bool) -> Piece:
    room = width - 2 * sizes.margin
    lines = (wrap_evenly if centred else wrap)(text, letters, room)

    def draw(image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        for number, line in enumerate(lines):
            left = (width - letters.line_width_dots(line)) / 2 if centred else sizes.margin
            _write(pen, round(left), top + number * letters.line_dots, line, letters)

    return Piece(len(lines) * letters.line_dots + (sizes.gap // 2 if lines else 0), draw)


def _write(pen: ImageDraw.ImageDraw, left: int, top: int, line: str, letters: Face) -> None:
    """One line; its letters stand in the middle of the line's height."""
    above = (letters.line_dots - letters.ascent_dots - letters.descent_dots) // 2
    baseline = top + above + letters.ascent_dots
    pen.text((left, baseline), line, fill=0, font=letters.font, anchor="ls")


def _banner(text: str, width: int, sizes: Metrics) -> Piece:
    letters = face("bold", sizes.body)
    lines = wrap_evenly(text, letters, width - 4 * sizes.margin)
    height = len(lines) * letters.line_dots + sizes.gap + 12

    def draw(image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        # A frame, not a black field: it stands out as well and does not heat the head.
        pen.rectangle((2, top + 2, width - 3, top + height - 3), outline=0, width=4)
        for number, line in enumerate(lines):
            left = (width - letters.line_width_dots(line)) / 2
            row = top + sizes.gap // 2 + 8 + number * letters.line_dots
            _write(pen, round(left), row, line, letters)

    return Piece(height + sizes.gap, draw)


def _big(text: str, width: int, sizes: Metrics) -> Piece:
    size = sizes.big
    while size > sizes.title and face("bold", size).width_dots(text) > width - 2 * sizes.margin:
        size -= 10
    letters = face("bold", size)
    left, ink_top, right, ink_bottom = letters.font.getbbox(text)

    def draw(image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        x = (width - (right - left)) / 2 - left
        pen.text((round(x), top + sizes.gap - round(ink_top)), text, fill=0, font=letters.font)

    return Piece(round(ink_bottom - ink_top) + 2 * sizes.gap, draw)


def _key_value(key: str, value: str, width: int, sizes: Metrics) -> Piece:
    small = face("medium", sizes.body)
    room = width - 2 * sizes.margin
    large = face("bold", sizes.value)
    if sizes.close:
        # A smaller value beside its key takes half the paper of a larger one below it.
        for size in range(sizes.value, sizes.body, -2):
            if _beside_dots(key, small, value, face("bold", size)) <= room:
                large = face("bold", size)
                break
    above = _lines(key, small, width, sizes, centred=True)
    values = wrap_evenly(value, large, room)
    key_height = above.height_dots - sizes.gap // 2
    one_line = _beside_dots(key, small, value, large)
    if one_line <= room:

        def draw_beside(image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
            left = round((width - one_line) / 2)
            baseline = top + large.ascent_dots + (large.line_dots - large.size_dots * 5 // 4) // 2
            pen.text((left, baseline), key, fill=0, font=small.font, anchor="ls")
            right = round(left + one_line)
            pen.text((right, baseline), value, fill=0, font=large.font, anchor="rs")

        return Piece(large.line_dots + sizes.gap // 2, draw_beside)

    def draw(image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        above.draw(image, pen, top)
        for number, line in enumerate(values):
            left = (width - large.line_width_dots(line)) / 2
            row = top + key_height + number * large.line_dots
            _write(pen, round(left), row, line, large)

    return Piece(key_height + len(values) * large.line_dots + sizes.gap // 2, draw)


def _beside_dots(key: str, small: Face, value: str, large: Face) -> float:
    return small.line_width_dots(key) + small.space_dots * 1.5 + large.line_width_dots(value)


def _item(item: Item, width: int, sizes: Metrics) -> Piece:
    letters = face("medium", sizes.body)
    indent = sizes.margin + sizes.mark + round(sizes.body * 0.45)
    lines = wrap(item.text, letters, width - indent - sizes.margin)

    def draw(image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        middle = top + letters.line_dots // 2
        draw_mark(pen, item.mark, sizes.margin, middle - sizes.mark // 2, sizes.mark)
        for number, line in enumerate(lines):
            _write(pen, indent, top + number * letters.line_dots, line, letters)

    return Piece(len(lines) * letters.line_dots + sizes.gap // 3, draw)


def _rule(width: int, sizes: Metrics) -> Piece:
    def draw(image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        row = top + sizes.gap // 2
        pen.rectangle((sizes.margin, row, width - 1 - sizes.margin, row + 1), fill=0)

    # A little more below: capitals carry marks that rise above their line.
    return Piece(sizes.gap // 2 + 2 + sizes.gap // 2 + 5, draw)


def _qr(code: Image.Image, caption: str, width: WidthDots, sizes: Metrics) -> Piece:
    letters = face("medium", sizes.body)
    beside = width - code.width - sizes.margin
    lines = wrap_evenly(caption, letters, beside)
    words_height = len(lines) * letters.line_dots
    widest = max(map(letters.width_dots, caption.split()), default=0)
    if caption and widest <= beside and words_height <= code.height:
        height = max(code.height, words_height)

        def draw_both(image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
            image.paste(code, (0, top + (height - code.height) // 2))
            first = top + (height - words_height) // 2
            for number, line in enumerate(lines):
                _write(pen, code.width, first + number * letters.line_dots, line, letters)

        return Piece(height, draw_both)
    above = _lines(caption, letters, width, sizes, centred=True)

    def draw(image: Image.Image, pen: ImageDraw.ImageDraw, top: int) -> None:
        above.draw(image, pen, top)
        image.paste(code, ((width - code.width) // 2, top + above.height_dots))

    return Piece(above.height_dots + code.height, draw)
