"""This file is a page photographed in a visit: asked for by the desk, done by the devices room."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appliance.core.age import made_under
from appliance.core.catalogue import Catalogue
from appliance.core.job import CAPTURE_EXPIRES_S, CaptureKind
from appliance.core.moment import Moment
from appliance.errors import BadInput, Conflict, NotFound, TooMany
from appliance.service.at_work import touch
from appliance.service.visits import open_row
from appliance.store import board, visits
from appliance.store.database import Row, Store
from appliance.store.ram import Ram

BY_ITSELF = "by-itself-"
FINGER_S = 4.0
LATE_FINGER = '{"late_finger": true}'
MOST_PAGES = 60  # pages in one visit: more is no visit but an archive


@dataclass(frozen=True)
class SealedPage:
    """A page as the devices room leaves it: sealed on the card, in the clear in RAM."""

    page_id: str
    sealed_name: str
    sealed_sha256: str
    recipient: str
    size_px: tuple[int, int]
    checks: Mapping[str, Any]


def new_page_id() -> str:
    return secrets.token_hex(8)


def ask_page(
    store: Store,
    now: Moment,
    *,
    key: str,
    visit_id: str,
    paper_id: str,
    catalogue: Catalogue,
    kind: CaptureKind = "page",
    sheet: str = "",
    lies_there: str = "",
) -> int:
    """Ask for one photograph; the capture's id. The same `key` is the same photograph. With kind
    "upload" it lies in RAM already (see Ram.put_upload), taken by a telephone.

    `sheet`: the shutter went off by itself for this sheet under the camera (devices.shutter); it
    does so once for each sheet, whichever screen asks. The first finger that comes down on a button
    just then, or while that sheet still `lies_there`, meant the same photograph.

    Raises BadInput (never_captured) for papers that are only shown, Conflict (visit_closed).
    """
    with store.write():
        row = open_row(store, visit_id)
        paper = catalogue.service(row["service_id"]).paper(paper_id)
        if not paper.capture:
            raise BadInput("this paper is shown, never photographed", code="never_captured")
        if len(visits.pages(store, visit_id)) >= MOST_PAGES:
            raise TooMany(f"at most {MOST_PAGES} pages in a visit", code="too_many_pages")
        if sheet:
            key = _key_of_sheet(visit_id, sheet)
        elif kind == "page" and (taken := _late_finger(store, now, visit_id, lies_there)):
            return taken
        return ask(store, now, key, visit_id, kind, paper_id)


def ask_again(
    store: Store,
    now: Moment,
    *,
    key: str,
    page_id: str,
    kind: CaptureKind = "page",
    sheet: str = "",
) -> int:
    """Ask for a better photograph of a page; the capture's id. The page stays until the new one
    is there, which then takes its place: a camera that fails costs nothing. `sheet`: see ask_page.
    """
    with store.write():
        page = page_row(store, page_id)
        open_row(store, page["visit_id"])
        if sheet:
            key = _key_of_sheet(page["visit_id"], sheet)
        return ask(store, now, key, page["visit_id"], kind, page["paper_id"], page_id)


def ask_key(store: Store, now: Moment, *, key: str, visit_id: str) -> int:
    """Ask to read the resident's slip under the camera, to open the sealed pages again."""
    with store.write():
        open_row(store, visit_id)
        return ask(store, now, key, visit_id, "key", "")


def next_capture(store: Store, now: Moment) -> Row | None:
    """Take the oldest capture waiting, marking it as being worked on. Old ones fail: nobody
    stands at the table any more."""
    for row in store.all("SELECT * FROM captures WHERE state = 'queued' ORDER BY id"):
        with store.write():
            if board.age_s(row, now, "asked_at") > CAPTURE_EXPIRES_S:
                _end(store, now, row["id"], "failed", code="too_late")
                continue
            if store.run(
                "UPDATE captures SET state = 'working', tries = tries + 1 WHERE id = ?"
                " AND state = 'queued'",
                row["id"],
            ):
                return store.one("SELECT * FROM captures WHERE id = ?", row["id"])
    return None


def recover(store: Store, now: Moment) -> None:
    """After a crash: a photograph may be taken again, once. A second crash on it is a failure."""
    with store.write():
        store.run(
            "UPDATE captures SET state = 'failed', code = 'interrupted', done_at = ?"
            " WHERE state = 'working' AND tries >= 2",
            now.at_text,
        )
        store.run("UPDATE captures SET state = 'queued' WHERE state = 'working'")


def page_done(store: Store, now: Moment, capture_id: int, page: SealedPage) -> list[str]:
    """The page is sealed and on the card: now it is a fact.

    Returns the ids of pages whose clear picture has no business in RAM any more: the one this
    replaces, or this one when the visit was closed or parked while the camera was at work.
    """
    with store.write():
        row = _capture(store, capture_id)
        visit_state = store.value("SELECT state FROM visits WHERE id = ?", row["visit_id"])
        position = 1 + (
            store.value("SELECT max(position) FROM pages WHERE visit_id = ?", row["visit_id"]) or 0
        )
        gone = [] if visit_state == "open" else [page.page_id]
        old = visits.page(store, row["replaces"]) if row["replaces"] else None
        there = old is not None and old["state"] == "kept"
        if row["kind"] in ("crop", "turn") and not there:
            raise Conflict("this page has been taken out meanwhile", code="unknown_page")
        if old is not None and there and visit_state != "closed":
            position = old["position"]
            store.run("UPDATE pages SET state = 'removed' WHERE id = ?", old["id"])
            gone.append(old["id"])
        store.insert(
            "pages",
            {
                "id": page.page_id,
                "visit_id": row["visit_id"],
                "paper_id": row["paper_id"],
                "position": position,
                "recipient": page.recipient,
                "sealed_name": page.sealed_name,
                "sealed_sha256": page.sealed_sha256,
                "width_px": page.size_px[0],
                "height_px": page.size_px[1],
                "checks": json.dumps(page.checks),
                "kept_anyway": old["kept_anyway"] if old and row["kind"] == "turn" else 0,
                # Too late for a visit that is closed: its sealed file goes with the next clean-up.
                "state": "removed" if visit_state == "closed" else "kept",
                "taken_at": now.at_text,
                **made_under(now),
            },
        )
        if visit_state == "closed":
            _end(store, now, capture_id, "failed", code="visit_closed")
        else:
            _end(store, now, capture_id, "done", page_id=page.page_id)
    return gone


def key_done(store: Store, now: Moment, capture_id: int, opened: int) -> None:
    """The slip was read and opened `opened` pages of its visit (into RAM)."""
    with store.write():
        _end(store, now, capture_id, "done", code=f"opened_{opened}")


def card_done(store: Store, now: Moment, capture_id: int) -> None:
    """An identity card's code was read into RAM. Not a word of it is written here."""
    with store.write():
        _end(store, now, capture_id, "done", code="card_read")


def failed(store: Store, now: Moment, capture_id: int, code: str) -> None:
    with store.write():
        _end(store, now, capture_id, "failed", code=code)


def keep_anyway(store: Store, page_id: str) -> None:
    """A volunteer keeps a page that was judged bad; it stays marked."""
    with store.write():
        open_row(store, page_row(store, page_id)["visit_id"])
        store.run("UPDATE pages SET kept_anyway = 1 WHERE id = ?", page_id)


def remove_page(store: Store, ram: Ram, page_id: str) -> Row:
    """Take a page out of the visit. Its sealed file goes with the next clean-up."""
    with store.write():
        row = page_row(store, page_id)
        open_row(store, row["visit_id"])
        store.run("UPDATE pages SET state = 'removed' WHERE id = ? AND state = 'kept'", page_id)
    ram.drop_page(row["visit_id"], page_id)
    return row


def ask(
    store: Store,
    now: Moment,
    key: str,
    visit_id: str,
    kind: str,
    paper_id: str,
    replaces: str | None = None,
    task: dict[str, Any] | None = None,
) -> int:
    """The capture's row, in the caller's transaction. The same `key` is the same row."""
    before = store.one("SELECT id FROM captures WHERE key = ?", key)
    if before is not None:
        return int(before["id"])
    busy = store.value(
        "SELECT count(*) FROM captures WHERE visit_id = ? AND state IN ('queued', 'working')",
        visit_id,
    )
    if busy >= 3:
        raise TooMany("wait for the last picture first", retry_after_s=3, code="camera_busy")
    touch(store, now, visit_id)
    return store.insert(
        "captures",
        {
            "key": key,
            "visit_id": visit_id,
            "kind": kind,
            "paper_id": paper_id,
            "replaces": replaces,
            "task": json.dumps(task) if task else "",
            "state": "queued",
            "asked_at": now.at_text,
            "epoch": now.epoch,
            "mono_ms": now.mono_ms,
        },
    )


def _key_of_sheet(visit_id: str, sheet: str) -> str:
    return f"{BY_ITSELF}{visit_id}-{sheet}"


def _late_finger(store: Store, now: Moment, visit_id: str, lies_there: str) -> int | None:
    """The photograph the shutter took by itself, for the one tap that came too late for it."""
    row = visits.newest_capture(store, visit_id)
    if row is None or row["kind"] != "page" or not row["key"].startswith(BY_ITSELF) or row["task"]:
        return None
    same = bool(lies_there) and row["key"] == _key_of_sheet(visit_id, lies_there)
    if not same and board.age_s(row, now, "asked_at") >= FINGER_S:
        return None
    store.run("UPDATE captures SET task = ? WHERE id = ?", LATE_FINGER, row["id"])
    return int(row["id"])


def _end(
    store: Store,
    now: Moment,
    capture_id: int,
    state: str,
    *,
    code: str = "",
    page_id: str | None = None,
) -> None:
    store.run(
        "UPDATE captures SET state = ?, code = ?, page_id = ?, done_at = ? WHERE id = ?",
        state,
        code,
        page_id,
        now.at_text,
        capture_id,
    )


def _capture(store: Store, capture_id: int) -> Row:
    row = visits.capture(store, capture_id)
    if row is None:
        raise NotFound("this picture is not known", code="unknown_capture")
    return row


def page_row(store: Store, page_id: str) -> Row:
    row = visits.page(store, page_id)
    if row is None:
        raise NotFound("this page is not known", code="unknown_page")
    return row
