"""This file lives in a house for a day, so that every screen has something on it, and names them.

`SCREENS` has each page by its endpoint, `NOT_SCREENS` every other GET route with what it is.
test_every_screen.py holds that together they are the whole app: a new page cannot be forgotten.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from appliance.service import (
    appointments,
    call_next,
    dossiers,
    help,
    postings,
    proof_watch,
    rota,
    slips,
    voice,
)
from appliance.store import print_jobs
from tests.web.at_desk import BLURRED, Volunteer, photograph
from tests.web.conftest import House

ZONE = "Asia/Ho_Chi_Minh"
CODE = "H15.50.05.13-261008-0975"
BIRTH = "cach-nop=mang&chung-sinh=co&sinh-dac-biet=khong&ai-di=cha-me&noi-o=roi"
DEATH = "tro-cap-nguoi-mat=xa-hoi&cach-nop=mang&bao-tu=co&noi-o-cuoi=roi&nguoi-nha=nha&tam-muoi=co"

# What a GET route is when it is no page of its own.
NOT_SCREENS = {
    "appointments.as_ical": "a calendar file",
    "assets.font": "a font",
    "assets.static_file": "a style, a script or an icon",
    "duty_month.as_csv": "a table for spreadsheets",
    "finish.picture": "a picture of the slip",
    "guide.leaflet": "a PDF",
    "handover.papers": "a PDF",
    "pages.picture": "a page's picture",
    "pages.preview": "the camera's picture",
    "pages.small": "a page's small picture",
    "preferences.fresh": "goes on to the start",
    "preferences.language": "goes back",
    "preferences.size": "goes back",
    "reports.as_csv": "a table for spreadsheets",
    "reports.as_pdf": "a PDF",
    "slips.key": "a picture of a code",
    "slips.slip": "a picture of the slip",
    "status.healthz": "JSON",
    "status.services": "JSON",
    "status.tickets_today": "JSON",
    "stream.events": "events",
    "stream.state": "JSON",
    "tickets.short": "goes on to the ticket",
}


@dataclass
class LivedIn:
    """`screens`: endpoint -> paths. `lan` is signed in; `of_residents`: what anybody may see."""

    house: House
    lan: Volunteer
    screens: dict[str, list[str]] = field(default_factory=dict)
    of_residents: frozenset[str] = frozenset()

    def listed(self) -> list[tuple[str, int, str]]:
        """(endpoint, which of its paths, path), in order."""
        return [(e, n, path) for e, paths in self.screens.items() for n, path in enumerate(paths)]


def live_in(house: House) -> LivedIn:
    """Two volunteers, numbers in every state, visits in every state, and all that follows."""
    lan, now = Volunteer(house, "Chị Lan"), house.clock.now()
    house.volunteer("Anh Minh", "1357")
    rota.set_hours(house.store, now, dict.fromkeys(range(7), "7:30-11:30, 13:30-17:00"))
    rota.put_on_call(house.store, lan.row["id"], "0905 123 456")
    today = now.local(ZONE).date()
    day = today + timedelta(days=2)
    spans = [rota.Span(450, 690), rota.Span(810, 1020)]
    rota.plan(house.store, now, volunteer_id=lan.row["id"], days=[day], spans=spans, today=today)
    waiting, broken, gone = house.take(), house.take("cho-o"), house.take("ket-hon")
    _prints_nothing(house, broken["id"])
    call_next.cancel(
        house.store,
        now,
        key=house.new_key(),
        volunteer=lan.row,
        ticket_id=gone["id"],
        reason="left",
    )
    calm, ill, aside, over = (lan.open_visit() for _ in range(4))
    good = photograph(house, calm)
    bad = photograph(house, ill, BLURRED)
    lan.act(f"/visits/{aside}/aside")
    lan.post(f"/visits/{over}/finish", done=["submitted", "account"], dossier_code=CODE)
    poor = lan.open_visit("ket-hon")
    lan.post(f"/visits/{poor}/finish", not_done="papers", missing=[])
    lan.act(f"/visits/{calm}/phone")
    link = re.search(r"/get/[A-Za-z0-9_-]+", lan.get(f"/visits/{calm}/phone").text)
    assert link is not None
    proof_watch.begin(house.store, now, over)
    text = "Danh sách hộ nghèo niêm yết trong ba ngày làm việc, mời bà con xem và góp ý."
    hung = postings.put_up(
        house.store, now, key="p", title="Niêm yết", text=text, working_days=3, zone=ZONE
    )
    booked = appointments.book(
        house.store, now, key="a", service_id="ket-hon", day=day, from_min=480, channel="desk",
        catalogue=house.parts.catalogue, zone=ZONE,
    )  # fmt: skip
    ticket = dossiers.get(house.store, over)["ticket_id"]
    voice.rate(house.store, now, ticket, {"manner": 3, "clear": 2, "finished": 3})
    said = voice.remark(
        house.store, now, key="r", topic="traffic", text="Ngã tư đầu thôn tối quá, xin thêm đèn."
    )
    help.call_help(house.store, now, key="h", source="tablet")
    hung_id = hung["id"] if isinstance(hung, dict) else hung
    numbers = (waiting["id"], broken["id"], gone["id"], ticket)
    born, mourned = f"khai-sinh?{BIRTH}", f"co-nguoi-mat?{DEATH}"
    asked = f"/visits/{ill}/case?about=co-nguoi-mat&{DEATH}"
    told = f"/visits/{calm}/pages/{good}"
    screens = {
        "start.page": ["/"],
        "help_calls.page": ["/help"],
        "tickets.page": [f"/tickets/{t}" for t in numbers],
        "tickets.key_page": ["/t"],
        "wall.page": ["/wall"],
        "guide.page": ["/guide", "/guide?q=khai+sinh", "/guide?q=xyzzy"],
        "guide.for_service": ["/guide/for/ban-sao"],
        "guide.case": ["/guide/khai-sinh", f"/guide/{born}", f"/guide/{mourned}"],
        "appointments.choose": ["/appointments"],
        "appointments.choose_day": ["/appointments/for/ket-hon"],
        "appointments.choose_time": [f"/appointments/for/ket-hon/{day}"],
        "appointments.page": [f"/appointments/{booked['id']}"],
        "follow.page": ["/follow"],
        "postings.page": ["/notices"],
        "postings.board": ["/board"],
        "voice.page": ["/voice"],
        "voice.thanks": [f"/voice/thanks/{said['key']}"],
        "handover.offer": [link[0]],
        "sign_in.page": ["/desk/sign-in"],
        "desk.page": ["/desk"],
        "rota.page": ["/desk/rota"],
        "hours.page": ["/desk/hours"],
        "duty_month.page": ["/desk/month"],
        "duty_month.sheet": [f"/desk/month/{lan.row['id']}"],
        "appointments.at_desk": ["/desk/appointments"],
        "dossiers.page": ["/desk/dossiers"],
        "dossiers.one": [f"/desk/dossiers/{over}"],
        "postings.at_desk": ["/desk/postings"],
        "postings.proof": [f"/desk/postings/{hung_id}/proof"],
        "reports.page": ["/desk/report"],
        "ward_side.page": ["/desk/ward"],
        "visits.page": [f"/visits/{v}" for v in (calm, ill, aside, over)],
        "visit_case.page": [f"/visits/{calm}/case", asked],
        "finish.form": [f"/visits/{ill}/finish"],
        "pages.page": [told, f"/visits/{ill}/pages/{bad}"],
        "handover.phone": [f"/visits/{calm}/phone"],
    }  # fmt: skip
    open_to = {e for e in screens if not screens[e][0].startswith(("/desk", "/visits"))}
    return LivedIn(house, lan, screens, frozenset(open_to | {"sign_in.page"}))


def _prints_nothing(house: House, ticket_id: str) -> Any:
    job = print_jobs.newest_of_ticket(house.store, ticket_id)
    assert job is not None
    slips.begin_sending(house.store, job["id"])
    slips.finish(
        house.store, house.parts.ram, house.clock.now(), job["id"], "failed_clean", code="paper_out"
    )
