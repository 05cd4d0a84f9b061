"""This file opens sealed pages again with the secret of a slip."""

from __future__ import annotations

import hashlib
from pathlib import Path

from appliance import seal
from appliance.errors import BadInput, NotFound
from appliance.store import visits
from appliance.store.database import Store


def open_pages(
    store: Store, sealed_dir: Path, visit_id: str, secret: str
) -> list[tuple[str, bytes]]:
    """(page id, JPEG) of the visit's pages that this secret opens, in their order.

    Pages sealed to another copy of the slip are left out. Raises NotFound (unknown_visit,
    pages_gone), BadInput (not_a_key; wrong_key when none of the pages opens; damaged).
    """
    if visits.get(store, visit_id) is None:
        raise NotFound("this visit is not known", code="unknown_visit")
    recipient = seal.recipient_of(secret)
    kept = visits.pages(store, visit_id)
    if not kept:
        raise NotFound("this visit has no sealed pages (any more)", code="pages_gone")
    mine = [page for page in kept if page["recipient"] == recipient]
    if not mine:
        raise BadInput("this slip belongs to another number", code="wrong_key")
    opened = []
    for page in mine:
        path = sealed_dir / visit_id / page["sealed_name"]
        try:
            sealed = path.read_bytes()
        except FileNotFoundError as e:
            raise NotFound("a sealed page is gone", code="pages_gone") from e
        if hashlib.sha256(sealed).hexdigest() != page["sealed_sha256"]:
            raise BadInput("a sealed page is damaged; photograph it again", code="damaged")
        opened.append((page["id"], seal.unseal(sealed, secret)))
    return opened
