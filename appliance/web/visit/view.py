"""This file gathers what a visit's screen shows: the papers, the pages, what the camera is at."""

from __future__ import annotations

from typing import Any

from appliance.core.catalogue import Paper
from appliance.core.moment import Moment
from appliance.service.catalogue import of_visit
from appliance.store import board, print_jobs, visits
from appliance.store.database import Row, Store
from appliance.web import i18n
from appliance.web.desk.view import service_of
from appliance.web.parts import WebParts
from appliance.web.visit.next_day import next_days
from appliance.web.words.page import judged, opened_count, why_no_picture

# A picture takes a few seconds; after this the camera is said not to answer.
CAMERA_SLOW_S = 12


def visit_view(
    parts: WebParts, store: Store, now: Moment, visit: Row, aim: str = ""
) -> dict[str, Any]:
    """All one visit shows (`visit` as store.visits.get gives it). Reads only.

    `aim`: the paper of which more pages are to come; else the first without any is next.
    """
    shown = of_visit(store, visit, parts.catalogue, parts.guide)
    service = service_of(visit, shown.catalogue)
    # A page may belong to a paper of before the case was asked for.
    services = (*parts.catalogue.services, *shown.catalogue.services)
    names = {p.id: p for s in services for p in s.papers}
    pages = [
        _page(parts, row, position, names.get(row["paper_id"]))
        for position, row in enumerate(visits.pages(store, visit["id"]), 1)
    ]
    capture = _capture(visits.newest_capture(store, visit["id"]), pages, names, now)
    papers = [_paper(paper, visit, pages) for paper in (service.papers if service else ())]
    wanted = next((p for p in papers if p["capture"] and not p["pages"]), None)
    more = next((p for p in papers if p["capture"] and p["pages"] and p["id"] == aim), None)
    settled = capture["state"] in ("none", "good", "opened")
    return {
        "visit": visit,
        "service": service,
        "services": shown.catalogue.services,
        "case": shown.case,
        # Only the form at the end asks: it counts working days.
        "next_days": lambda: next_days(parts, store, now, visit, shown, i18n.chosen()),
        "papers": papers,
        "pages": pages,
        "capture": capture,
        # The one thing to do next is drawn as the primary action.
        "next_paper": (more or wanted) if settled else None,
        "more": more,
        "all_there": wanted is None and more is None and settled,
        "locked": [page for page in pages if not page["in_ram"]],
        "doubtful": [p for p in pages if _is_doubtful(p)],
    }


def slip_view(store: Store, visit_id: str) -> Row | None:
    """The newest slip of a finished visit."""
    return print_jobs.newest_of_visit(store, visit_id)


def _is_doubtful(page: Row) -> bool:
    words = page["words"]
    return not page["kept_anyway"] and (words.verdict == "bad" or words.by_hand)


def missing_papers(view: dict[str, Any]) -> list[str]:
    """Ids of the papers ticked beforehand as still missing: neither photographed nor shown, or
    with a page nobody would accept as it is."""
    doubtful = {page["paper_id"] for page in view["doubtful"]}
    return [
        p["id"] for p in view["papers"] if not (p["pages"] or p["shown"]) or p["id"] in doubtful
    ]


def _paper(paper: Paper, visit: Row, pages: list[Row]) -> dict[str, Any]:
    return {
        "id": paper.id,
        "name": paper.name,
        "name_en": paper.name_en,
        "why": paper.why,
        "why_en": paper.why_en,
        "original": paper.original,
        "capture": paper.capture,
        "pages": sum(1 for page in pages if page["paper_id"] == paper.id),
        "shown": paper.id in visit["outcome"].get("shown", []),
    }


def _page(parts: WebParts, row: Row, position: int, paper: Paper | None) -> Row:
    return {
        **row,
        "position": position,
        "paper": paper,
        "words": judged(row["checks"]),
        "in_ram": parts.ram.page_path(row["visit_id"], row["id"]).exists(),
    }


def _capture(
    row: Row | None, pages: list[Row], papers: dict[str, Paper], now: Moment
) -> dict[str, Any]:
    """`state` is none, working, slow, good, look, bad, hand, failed, opened; what to say of it."""
    if row is None:
        return {"state": "none", "page": None, "id": 0}
    base = {"id": row["id"], "kind": row["kind"], "paper": papers.get(row["paper_id"])}
    base |= {"paper_id": row["paper_id"], "replaces": row["replaces"], "page": None}
    if row["kind"] == "card":  # has a screen of its own
        return {**base, "state": "none"}
    if row["state"] in ("queued", "working"):
        asked_s = board.age_s(row, now, "asked_at")
        return {**base, "state": "slow" if asked_s > CAMERA_SLOW_S else "working"}
    if row["state"] == "failed":
        return {**base, "state": "failed", "why": why_no_picture(row["code"])}
    if row["kind"] == "key":
        return {**base, "state": "opened", "count": opened_count(row["code"])}
    page = next((page for page in pages if page["id"] == row["page_id"]), None)
    if page is None:  # it has been taken out or replaced since
        return {**base, "state": "none"}
    if page["words"].by_hand and page["in_ram"] and not page["kept_anyway"]:
        return {**base, "state": "hand", "page": page}
    verdict = "good" if page["kept_anyway"] else page["words"].verdict
    return {**base, "state": verdict, "page": page}
