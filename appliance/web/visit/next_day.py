"""This file proposes when to come back: the day the result of what was done is due, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from appliance.core.catalogue import Catalogue
from appliance.core.due_date import due
from appliance.core.guide import Procedure
from appliance.core.guide_words import due_words
from appliance.core.moment import Moment
from appliance.service import working_days
from appliance.service.catalogue import Shown, of_visit
from appliance.store.database import Row, Store
from appliance.web.current import parts, store
from appliance.web.parts import WebParts

# More than these on one form is a timetable.
MOST_DAYS = 4
# A service that leads to more things than this says nothing about what was done.
MOST_LIKELY = 3


@dataclass(frozen=True)
class NextDay:
    """`on` as ISO text; `what` the procedure; `words` such as "thứ Ba, ngày 24 tháng 11"."""

    on: str
    what: str
    words: str
    certain: bool


def catalogue_of(visit: Row) -> Catalogue:
    """What a visit goes by: the catalogue it began with, and the papers of its case."""
    return shown_of(visit).catalogue


def shown_of(visit: Row) -> Shown:
    return of_visit(store(), visit, parts().catalogue, parts().guide)


def next_days(
    parts: WebParts, store: Store, now: Moment, visit: Row, shown: Shown, language: str
) -> list[NextDay]:
    """One proposal for each day something is due, were it handed in now. Times nobody is sure of
    are not proposed: there the ward is asked."""
    at = now.local(parts.house.zone)
    today, calendar = at.date(), working_days.calendar(store)
    found: dict[date, NextDay] = {}
    for procedure in _likely(visit, shown):
        time = procedure.time(today)
        if time is None or time.days is None or time.unit == "now":
            continue
        result = due(
            at.replace(tzinfo=None),
            time.days,
            calendar,
            agency="police" if procedure.agency == "police" else "office",
            same_day=time.same_day,
            calendar_days=time.unit == "calendar",
        )
        words = due_words(result, today, language)
        what = procedure.everyday.say(language)
        if result.on in found:
            what = f"{found[result.on].what}, {what}"
        found[result.on] = NextDay(result.on.isoformat(), what, words, result.certain)
    return [found[day] for day in sorted(found)][:MOST_DAYS]


def _likely(visit: Row, shown: Shown) -> list[Procedure]:
    """The procedures of the case; without one, those a simple service surely leads to."""
    if shown.case is not None:
        return [procedure for procedure, _step in shown.case.steps]
    guide = shown.guide
    service = next((s for s in shown.catalogue.services if s.id == visit["service_id"]), None)
    events = {event.id: event for event in guide.events}
    known = {procedure.id: procedure for procedure in guide.procedures}
    names: list[str] = []
    for one in service.guide if service else ():
        if one in events:
            names += [step.procedure for step in events[one].steps if not step.when]
        else:
            names.append(one)
    likely = [known[name] for name in names if name in known]
    return likely if len(likely) <= MOST_LIKELY else []
