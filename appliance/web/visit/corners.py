"""This file lets a person place the corners of a sheet by hand, and turn a page.

With scripts: four handles on the photo. Without: the photo is a button that is tapped once for each
corner, each tap a page of its own; then every corner can be nudged by links. The way so far is in
the address (`c=12.5,8.0;…`, per cent of the photo), so the back button takes back a tap.
"""

from __future__ import annotations

import io
import re
from typing import TYPE_CHECKING

from flask import Blueprint, Response, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from appliance.core.corners import Point, checked_corners
from appliance.errors import BadInput, NotFound
from appliance.service import page_changes
from appliance.store import visits as kept
from appliance.web import forms
from appliance.web.current import now, parts, store, volunteer
from appliance.web.desk.done import key_of
from appliance.web.door.access import volunteers_only
from appliance.web.visit.corners_view import NUDGES, nudged, spoken, written
from appliance.web.visit.pages import jpeg_answer, page_of
from appliance.web.visit.visits import acted, visit_or_404

if TYPE_CHECKING:
    from PIL import Image

corners = Blueprint("corners", __name__)

# A browser says where on a picture it was tapped in pixels as drawn, not how wide it drew it: so
# each width has a button of its own, and the style sheet shows the one that fits.
WIDTHS_PX = (300, 600, 900)
FULL_PX = 1600
_PART = re.compile(r"(\d{1,3}(?:\.\d{1,3})?),(\d{1,3}(?:\.\d{1,3})?)")
WHOLE = ((0.1, 0.1), (0.9, 0.1), (0.9, 0.9), (0.1, 0.9))


@corners.get("/visits/<visit_id>/pages/<page_id>/corners")
@volunteers_only
def page(visit_id: str, page_id: str) -> str:
    visit = visit_or_404(visit_id)
    row = page_of(visit_id, page_id)
    width, height = _size(visit_id, page_id)
    placed = [*_placed(request.args.get("c", "")), *_tapped(width, height)][:4]
    guess = parts().ram.corners(visit_id, page_id) if _has_photo(visit_id, page_id) else None
    wrong = ""
    if len(placed) == 4:
        try:
            placed = [(x, y) for x, y in checked_corners(placed)]
        except BadInput as error:
            wrong, placed = error.code, []
    return render_template(
        "corners.html",
        visit=visit,
        page=row,
        position=[one["id"] for one in kept.pages(store(), visit_id)].index(page_id) + 1,
        size_px=(width, height),
        handles=guess or [list(point) for point in WHOLE],
        guessed=guess is not None,
        placed=placed,
        said=written(placed),
        spoken=spoken(placed),
        nudges=[[(say, written(nudged(placed, i, by))) for say, by in NUDGES] for i in range(4)]
        if len(placed) == 4
        else [],
        wrong=wrong,
        widths=WIDTHS_PX,
        key=key_of("crop", volunteer()["id"], page_id),
    )


@corners.get("/visits/<visit_id>/pages/<page_id>/photo.jpg")
@volunteers_only
def photo(visit_id: str, page_id: str) -> Response:
    """The photograph a page was made from, `w` wide at most, with the corners `c` drawn on it."""
    from PIL import Image, ImageOps

    page_of(visit_id, page_id)
    wide = forms.one_of_numbers(request.args.get("w"), (*WIDTHS_PX, FULL_PX), FULL_PX)
    with Image.open(io.BytesIO(_source(visit_id, page_id)), formats=("JPEG",)) as image:
        image.draft("RGB", (wide, wide))
        shown = ImageOps.exif_transpose(image).convert("RGB")
    if shown.width > wide:
        shown = shown.resize((wide, max(1, round(shown.height * wide / shown.width))))
    _draw(shown, _placed(request.args.get("c", "")))
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=82)
    return jpeg_answer(out.getvalue())


@corners.post("/visits/<visit_id>/pages/<page_id>/corners")
@volunteers_only
def crop(visit_id: str, page_id: str) -> AnyResponse:
    """The page anew, with the corners `c`; the visit shows how it turned out."""
    forms.small_form()
    page_of(visit_id, page_id, removed=True)
    placed = _placed(forms.text("c", most=120))
    return acted(
        visit_id,
        lambda: {
            "capture": page_changes.ask_crop(
                store(), now(), key=forms.key(), page_id=page_id, corners=placed
            )
        },
    )


@corners.post("/visits/<visit_id>/pages/<page_id>/turn")
@volunteers_only
def turn(visit_id: str, page_id: str) -> AnyResponse:
    """`by` clockwise quarter turns, 1 to 3."""
    forms.small_form()
    page_of(visit_id, page_id, removed=True)
    by = forms.whole("by", least=1, most=3)
    return acted(
        visit_id,
        lambda: {
            "capture": page_changes.ask_turn(
                store(), now(), key=forms.key(), page_id=page_id, turns=by
            )
        },
        anchor="pages",
    )


def _placed(text: str) -> list[Point]:
    """The corners in `c`; what is no corner is left out, as if it had not been tapped."""
    found = [_PART.fullmatch(part) for part in text[:120].split(";")]
    points = [(float(m[1]) / 100, float(m[2]) / 100) for m in found if m]
    return [point for point in points if max(point) <= 1][:4]


def _tapped(width: int, height: int) -> list[Point]:
    """The tap this request brings: atW.x and atW.y, pixels of the photo drawn W wide."""
    for wide in WIDTHS_PX:
        x, y = request.args.get(f"at{wide}.x", ""), request.args.get(f"at{wide}.y", "")
        if x.isdecimal() and y.isdecimal() and len(x + y) < 12:
            high = wide * height / width
            return [(min(int(x) / wide, 1.0), min(int(y) / high, 1.0))]
    return []


def _has_photo(visit_id: str, page_id: str) -> bool:
    return parts().ram.photo_path(visit_id, page_id).exists()


def _source(visit_id: str, page_id: str) -> bytes:
    """The photograph; where RAM has lost it, the page itself can still be cut smaller."""
    ram = parts().ram
    jpeg = ram.photo(visit_id, page_id) or ram.page(visit_id, page_id)
    if jpeg is None:
        raise NotFound("this page is sealed; the slip opens it", code="page_locked")
    return jpeg


def _size(visit_id: str, page_id: str) -> tuple[int, int]:
    """(width, height) of the picture as it is shown."""
    from PIL import Image

    with Image.open(io.BytesIO(_source(visit_id, page_id)), formats=("JPEG",)) as image:
        width, height = image.size
        lies = image.getexif().get(0x0112, 1)
    return (height, width) if lies in (5, 6, 7, 8) else (width, height)


def _draw(picture: Image.Image, placed: list[Point]) -> None:
    from PIL import ImageDraw

    pen = ImageDraw.Draw(picture)
    spots = [(x * picture.width, y * picture.height) for x, y in placed]
    if len(spots) == 4:
        pen.line([*spots, spots[0]], (255, 211, 122), 5)
        pen.line([*spots, spots[0]], (11, 93, 87), 2)
    for x, y in spots:
        pen.ellipse((x - 11, y - 11, x + 11, y + 11), outline=(255, 211, 122), width=6)
        pen.ellipse((x - 9, y - 9, x + 9, y + 9), outline=(11, 93, 87), width=3)
