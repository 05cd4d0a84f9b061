"""This file keeps a family together: several numbers at one desk, each paper photographed once.

Each keeps its own number, visit, dossier and slip. A page is shared while it is in the clear in
RAM: it is sealed anew, to the other number's slip, so that either slip opens its own pages.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection
from pathlib import Path

from appliance import durable, seal
from appliance.core.age import made_under
from appliance.core.moment import Moment
from appliance.errors import BadInput, Conflict
from appliance.service.capture import new_page_id
from appliance.service.visits import open_row
from appliance.store import families, visits
from appliance.store.database import Row, Store
from appliance.store.ram import Ram

MOST = 8


def join(store: Store, visit_id: str, to_visit_id: str) -> None:
    """Both belong to one family from now on. Again is the same.

    Raises NotFound (unknown_visit), Conflict (visit_closed, family_full), BadInput (same_visit).
    """
    if visit_id == to_visit_id:
        raise BadInput("a visit is its own family already", code="same_visit")
    with store.write():
        open_row(store, visit_id)
        open_row(store, to_visit_id)
        head = families.head_of(store, to_visit_id)
        mine = families.head_of(store, visit_id)
        if head == mine:
            return
        together = len(families.others(store, visit_id)) + len(families.others(store, to_visit_id))
        if together + 2 > MOST:
            raise Conflict(f"at most {MOST} numbers of one family", code="family_full")
        # Whoever came with this one comes along.
        store.run("UPDATE family_visits SET head_visit_id = ? WHERE head_visit_id = ?", head, mine)
        store.run(
            "INSERT INTO family_visits (visit_id, head_visit_id) VALUES (?, ?)"
            " ON CONFLICT (visit_id) DO UPDATE SET head_visit_id = excluded.head_visit_id",
            mine,
            head,
        )


def to_share(store: Store, ram: Ram, visit_id: str, wanted: Collection[str]) -> list[Row]:
    """Pages of the family's other visits that serve here: of the `wanted` papers that have none
    yet, still in the clear; the newest visit's where several have them."""
    here = {page["paper_id"] for page in visits.pages(store, visit_id)}
    found: dict[str, list[Row]] = {}
    for other in families.others(store, visit_id):
        if other["state"] != "open":
            continue
        theirs: dict[str, list[Row]] = {}
        for page in visits.pages(store, other["id"]):
            if page["paper_id"] in wanted and page["paper_id"] not in here:
                theirs.setdefault(page["paper_id"], []).append({**page, "number": other["number"]})
        for paper_id, pages in theirs.items():
            if all(ram.page_path(page["visit_id"], page["id"]).exists() for page in pages):
                found[paper_id] = pages
    return [page for pages in found.values() for page in pages]


def share(
    store: Store,
    ram: Ram,
    sealed_dir: Path,
    now: Moment,
    visit_id: str,
    wanted: Collection[str],
    *,
    ward_recipient: str = "",
) -> int:
    """Take over what `to_share` finds; how many pages. A second tap finds nothing more to do.

    Raises NotFound (unknown_visit), Conflict (visit_closed), OSError when the card is full.
    """
    made: list[Path] = []
    try:
        with store.write():
            visit = open_row(store, visit_id)
            last = store.value("SELECT max(position) FROM pages WHERE visit_id = ?", visit_id)
            position = int(last or 0)
            recipients = [visit["recipient"], *([ward_recipient] if ward_recipient else [])]
            for page in to_share(store, ram, visit_id, wanted):
                jpeg = ram.page(page["visit_id"], page["id"])
                if jpeg is None:
                    continue
                page_id, position = new_page_id(), position + 1
                sealed = seal.seal(jpeg, recipients)
                path = sealed_dir / visit_id / f"{page_id}.age"
                made.append(path)
                durable.write(path, sealed)
                ram.put_page(visit_id, page_id, jpeg)
                store.insert(
                    "pages",
                    {
                        "id": page_id,
                        "visit_id": visit_id,
                        "paper_id": page["paper_id"],
                        "position": position,
                        "recipient": visit["recipient"],
                        "sealed_name": path.name,
                        "sealed_sha256": hashlib.sha256(sealed).hexdigest(),
                        "width_px": page["width_px"],
                        "height_px": page["height_px"],
                        "checks": json.dumps(page["checks"]),
                        "kept_anyway": page["kept_anyway"],
                        "state": "kept",
                        "taken_at": now.at_text,
                        **made_under(now),
                    },
                )
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
            ram.drop_page(visit_id, path.stem)
        raise
    return len(made)
