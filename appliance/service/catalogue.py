"""This file keeps the guide in step with the ward, and each visit in step with where it began."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from appliance.core import catalogue as catalogues
from appliance.core import guide_parse, ward_override
from appliance.core.catalogue import Catalogue, Paper
from appliance.core.checklist import Case, case_of
from appliance.core.guide import Guide
from appliance.core.guide import Paper as GuidePaper
from appliance.core.moment import Moment
from appliance.errors import BadInput, NotFound
from appliance.service.report import tell
from appliance.store import guide as kept
from appliance.store.database import Row, Store

MOST_OVERRIDE_BYTES = 256 * 1024


@dataclass(frozen=True)
class Shown:
    """What a visit works with: its services with the papers of its case, and its guide."""

    catalogue: Catalogue
    guide: Guide
    case: Case | None


def apply_override(
    store: Store,
    now: Moment,
    guide: Guide,
    document: Mapping[str, Any],
    *,
    where: str = "catalogue",
) -> bool:
    """Take the ward's whole document of changes, or nothing of it; False when it is known already.

    `document`: {"version", "procedures": [{"code", "from", "to", "fee", "time", "contact"}],
    "days": [{"on", "works", "name"}]}. Raises BadInput naming the key, or old_version.
    """
    override = ward_override.parse(document, guide, where)
    body = json.dumps(document, ensure_ascii=False, sort_keys=True, default=str)
    if len(body.encode()) > MOST_OVERRIDE_BYTES:
        raise BadInput(f"{where}: more than {MOST_OVERRIDE_BYTES} bytes", code="too_long")
    with store.write():
        if store.value("SELECT body FROM ward_catalogue WHERE id = 1") == body:
            return False
        version_now = kept.override_version(store)
        if override.version <= version_now:
            raise BadInput(
                f"{where}.version: {override.version} is not newer than {version_now}, which is"
                " in force here",
                code="old_version",
            )
        store.run(
            "INSERT INTO ward_catalogue (id, version, body, set_at) VALUES (1, ?, ?, ?)"
            " ON CONFLICT (id) DO UPDATE SET version = excluded.version, body = excluded.body,"
            " set_at = excluded.set_at",
            override.version,
            body,
            now.at_text,
        )
        store.run("DELETE FROM ward_days")
        for day, works in override.days.items():
            store.insert("ward_days", {"on_day": day.isoformat(), "works": int(works)})
        tell(
            store,
            now,
            "ops",
            {
                "type": "catalogue",
                "version": override.version,
                "procedures": len(override.changes),
                "days": len(override.days),
            },
        )
    return True


def current(store: Store, guide: Guide) -> Guide:
    """The guide with what the ward has changed."""
    document = kept.override_document(store)
    return _merged(guide, document) if document else guide


def keep(store: Store, now: Moment, catalogue: Catalogue, guide: Guide) -> str:
    """Keep catalogue and guide as they are now; the id under which a visit finds them again."""
    body = json.dumps(
        {
            "catalogue": catalogue.table,
            "guide": guide.tables,
            "ward": kept.override_document(store),
        },
        ensure_ascii=False,
        sort_keys=True,
        default=str,
    )
    name = hashlib.sha256(body.encode()).hexdigest()[:16]
    with store.write():
        if kept.kept_catalogue(store, name) is None:
            store.insert(
                "kept_catalogues",
                {
                    "id": name,
                    "version": guide.version,
                    "ward_version": kept.override_version(store),
                    "body": body,
                    "kept_at": now.at_text,
                },
            )
    return name


def of_visit(store: Store, visit: Row, catalogue: Catalogue, guide: Guide) -> Shown:
    """What this visit works with: as it was when it began; today's when nothing was kept.

    Where a case has been asked for, the papers are those of the case.
    """
    row = kept.kept_catalogue(store, visit["catalogue_id"]) if visit["catalogue_id"] else None
    if row is None:
        guide = current(store, guide)
    else:
        catalogue, guide = _read_again(row["body"])
    chosen = visit["outcome"].get("case")
    if not chosen:
        return Shown(catalogue, guide, None)
    try:
        case = case_of(guide, chosen["target"], chosen["answers"])
    except NotFound:  # a guide that no longer knows it: the service's own papers serve
        return Shown(catalogue, guide, None)
    papers = tuple(_paper(line.paper) for line in case.lines)
    services = tuple(
        replace(service, papers=papers) if service.id == visit["service_id"] else service
        for service in catalogue.services
    )
    return Shown(replace(catalogue, services=services), guide, case)


def choose_case(
    store: Store, visit_id: str, guide: Guide, target: str, answers: Mapping[str, str]
) -> Case:
    """Say what this visit is about, so that its papers are exactly those of the case.

    Raises NotFound (unknown_visit, unknown_procedure), Conflict (visit_closed), BadInput
    (open_questions).
    """
    from appliance.service.visits import open_row

    case = case_of(guide, target, answers)
    if case.open:
        raise BadInput("some questions have no answer yet", code="open_questions")
    with store.write():
        row = open_row(store, visit_id)
        outcome = row["outcome"]
        outcome["case"] = {"target": case.id, "answers": dict(case.answers)}
        store.run("UPDATE visits SET outcome = ? WHERE id = ?", json.dumps(outcome), visit_id)
    return case


def _paper(paper: GuidePaper) -> Paper:
    """A paper of the guide as the desk knows papers."""
    return Paper(
        id=paper.id,
        name=paper.name.vi,
        name_en=paper.name.en,
        original=paper.form == "original",
        capture=paper.capture == "yes",
        why=paper.why.vi,
        why_en=paper.why.en,
    )


def _merged(guide: Guide, document: Mapping[str, Any]) -> Guide:
    """An override that this release can no longer read is passed over: our own facts stand."""
    try:
        return ward_override.merge(guide, ward_override.parse(document, guide))
    except BadInput:
        return guide


@lru_cache(maxsize=4)  # the desk's screen looks often, and a kept body never changes
def _read_again(body: str) -> tuple[Catalogue, Guide]:
    tables = json.loads(body)
    guide = guide_parse.parse(tables["guide"])
    catalogue = catalogues.parse(tables["catalogue"])
    return catalogue, _merged(guide, tables["ward"]) if tables["ward"] else guide
