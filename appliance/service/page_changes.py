"""This file changes pages: cropped anew by hand, turned, moved; and has a card's code read.

Like a photograph, all but moving is asked for by the desk and done by the devices room.
"""

from __future__ import annotations

from collections.abc import Sequence

from appliance.core.corners import Point, checked_corners
from appliance.core.moment import Moment
from appliance.errors import BadInput
from appliance.service.capture import ask, page_row
from appliance.service.visits import open_row
from appliance.store import visits
from appliance.store.database import Store


def ask_crop(store: Store, now: Moment, *, key: str, page_id: str, corners: Sequence[Point]) -> int:
    """Ask for a page anew from its photograph, with corners placed by hand; the capture's id.

    `corners`: four parts of the photo's width and height, in any order. Raises BadInput
    (bad_corners), NotFound, Conflict (visit_closed).
    """
    task = {"corners": checked_corners(corners)}
    with store.write():
        page = page_row(store, page_id)
        open_row(store, page["visit_id"])
        return ask(store, now, key, page["visit_id"], "crop", page["paper_id"], page_id, task)


def ask_turn(store: Store, now: Moment, *, key: str, page_id: str, turns: int) -> int:
    """Ask for a page turned by clockwise quarter turns (1 to 3); the capture's id."""
    if turns not in (1, 2, 3):
        raise BadInput("a page is turned by one to three quarters", code="bad_turn")
    with store.write():
        page = page_row(store, page_id)
        open_row(store, page["visit_id"])
        task = {"turns": turns}
        return ask(store, now, key, page["visit_id"], "turn", page["paper_id"], page_id, task)


def ask_card(store: Store, now: Moment, *, key: str, visit_id: str) -> int:
    """Ask to read the code of the identity card under the camera, as its owner has asked us to."""
    with store.write():
        open_row(store, visit_id)
        return ask(store, now, key, visit_id, "card", "")


def move_page(store: Store, page_id: str, by: int) -> None:
    """Swap a page with the one before (by -1) or behind it (by +1); at an end nothing happens."""
    if by not in (-1, 1):
        raise BadInput("a page moves by one place", code="bad_move")
    with store.write():
        row = page_row(store, page_id)
        open_row(store, row["visit_id"])
        kept = visits.pages(store, row["visit_id"])
        here = next((i for i, p in enumerate(kept) if p["id"] == page_id), None)
        if here is None or not 0 <= here + by < len(kept):
            return
        other = kept[here + by]
        store.run("UPDATE pages SET position = ? WHERE id = ?", other["position"], page_id)
        store.run("UPDATE pages SET position = ? WHERE id = ?", row["position"], other["id"])
