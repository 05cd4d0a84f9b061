"""This file makes the sealed dossier of a visit: PDF and list of papers, for the ward's eyes only.

It is made here, at the end of the visit, because here the clear pages still are in RAM. They are
bound and sealed in memory; only what nobody in the house can open reaches the card. Pages that
are not in the clear any more go as they were sealed: to the ticket, and to the ward.
"""

from __future__ import annotations

import contextlib
import io
import json
import logging
import tarfile
from collections.abc import Iterator
from subprocess import SubprocessError
from typing import Any

from appliance import seal
from appliance.core.catalogue import Service
from appliance.core.moment import parse_utc
from appliance.service import sealed_dossiers as dossiers
from appliance.store import visits as kept
from appliance.store.database import Row, Store
from appliance.web.parts import WebParts
from appliance.web.visit.small_pdf import small_pdf

log = logging.getLogger("hien.web")


def takes_papers(parts: WebParts) -> bool:
    """True when the ward of this house has an intake, and we know whom to seal to."""
    return bool(parts.config["sync.intake"] and parts.config["sync.ward_recipient"])


@contextlib.contextmanager
def sealed_for_ward(
    parts: WebParts, store: Store, visit: Row, service: Service | None
) -> Iterator[dossiers.Kept | None]:
    """What the visit that ends within hands in; its file goes again if the visit did not end, or
    not with it. `service` None: the resident said no."""
    made = _seal(parts, store, visit, service) if service is not None else None
    try:
        yield made
    finally:
        if made is not None:
            dossiers.drop_unneeded(store, parts.sealed_dir.parent, made)


def _seal(parts: WebParts, store: Store, visit: Row, service: Service) -> dossiers.Kept | None:
    """Seal what was photographed in this visit. None: there was nothing to hand in, or the card
    would not take it (then the visit ends without)."""
    pages = kept.pages(store, visit["id"])
    if visit["state"] == "closed" or not pages or not takes_papers(parts):
        return None
    dossier_id = dossiers.new_id()
    sealed = seal.seal(
        _bundle(parts, visit, service, pages, dossier_id), [parts.config["sync.ward_recipient"]]
    )
    try:
        return dossiers.keep_file(parts.sealed_dir.parent, dossier_id, sealed, len(pages))
    except OSError as e:
        log.error("the dossier for the ward does not fit on the card: %s", e)
        return None


def _bundle(
    parts: WebParts, visit: Row, service: Service, pages: list[Row], dossier_id: str
) -> bytes:
    clear = [parts.ram.page(visit["id"], page["id"]) for page in pages]
    members: list[tuple[str, bytes]] = []
    if all(clear):
        members.append(("dossier.pdf", _pdf(parts, visit, pages, [j for j in clear if j])))
    else:
        for n, page in enumerate(pages, 1):
            file = parts.sealed_dir / visit["id"] / page["sealed_name"]
            if file.exists():
                members.append((f"pages/{n:02d}-{page['paper_id']}.jpg.age", file.read_bytes()))
    listed = json.dumps(_papers(parts, visit, service, pages, dossier_id), ensure_ascii=False)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as tar:
        for name, data in [("papers.json", listed.encode()), *members]:
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(data), 0o600
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue()


def _pdf(parts: WebParts, visit: Row, pages: list[Row], clear: list[bytes]) -> bytes:
    from appliance.paper.pdf.pdf import make_pdf

    newest = max(page["taken_at"] for page in pages)
    title = f"Hồ sơ số {visit['number']}, ngày {visit['day_on']}"
    if parts.config["sync.small_pages"] == "on":
        try:
            return small_pdf(clear, title=title, made_at=parse_utc(newest))
        except (OSError, SubprocessError) as e:
            log.warning("the dossier goes with its pages as photographed: %s", type(e).__name__)
    return make_pdf(clear, title=title, made_at=parse_utc(newest))


def _papers(
    parts: WebParts, visit: Row, service: Service, pages: list[Row], dossier_id: str
) -> dict[str, Any]:
    names = {paper.id: paper.name for paper in service.papers}
    order = list(dict.fromkeys(page["paper_id"] for page in pages))
    return {
        "v": 1,
        "house": parts.house.id,
        "dossier": dossier_id,
        "service": service.id,
        "procedure": service.procedure,
        "number": visit["number"],
        "day": visit["day_on"],
        "papers": [
            {
                "id": paper_id,
                "name": names.get(paper_id, paper_id),
                "pages": [n for n, p in enumerate(pages, 1) if p["paper_id"] == paper_id],
            }
            for paper_id in order
        ],
        "shown": [names.get(p, p) for p in visit["outcome"].get("shown", [])],
    }
