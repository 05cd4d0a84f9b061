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
    set_aside,
    slips,
    voice,
)
from appliance.service.report import tell
from appliance.store import print_jobs
from tests.web.at_desk import BLURRED, Volunteer, photograph
from tests.web.conftest import ORIGIN, House

ZONE = "Asia/Ho_Chi_Minh"
CODE = "H15.50.05.13-261008-0975"
BIRTH = "cach-nop=mang&chung-sinh=co&sinh-dac-biet=khong&ai-di=cha-me&noi-o=roi"
DEATH = "tro-cap-nguoi-mat=xa-hoi&cach-nop=mang&bao-tu=co&noi-o-cuoi=roi&nguoi-nha=nha&tam-muoi=co"

# What a GET route is when it is no page of its own.
NOT_SCREENS = {
    "appointments.as_ical": "a calendar file",
    "assets.font": "a font",
    "assets.static_file": "a style, a script or an icon",
    "corners.photo": "a picture",
    "duty_month.as_csv": "a table for spreadsheets",
    "finish.picture": "a picture of the slip",
    "guide.leaflet": "a PDF",
    "handover.papers": "a PDF",
    "installable.icon": "an icon",
    "installable.lan_authority": "a certificate",
    "installable.manifest": "JSON",
    "lessons.leaflet": "a PDF",
    "pages.picture": "a page's picture",
    "pages.preview": "the camera's picture",
    "pages.small": "a page's small picture",
    "preferences.fresh": "goes on to the start",
    "preferences.language": "goes back",
    "preferences.size": "goes back",
    "read_aloud.sound": "a sound",
    "read_aloud.words": "plain text",
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
    rota.set_hours(house.store, now, dict.fromkeys(range(7), "7:30-11:30, 13:30-17:00"))
    rota.put_on_call(house.store, lan.row["id"], "0905 123 456")
    today = now.local(ZONE).date()
    day = today + timedelta(days=2)
    minh = house.volunteer("Anh Minh", "1357")
    _plan(house, lan.row["id"], minh["id"], today)
    stopped = house.take("viec-khac")
    _prints(house, stopped["id"], "needs_operator")
    waiting, broken, gone = house.take(), house.take("cho-o"), house.take("ket-hon")
    _prints(house, broken["id"], "failed_clean")
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
    kin = lan.open_visit()
    lan.act(f"/visits/{calm}/family", visit=kin)
    lan.act(f"/visits/{aside}/aside")
    lan.post(f"/visits/{over}/finish", done=["submitted", "account"], dossier_code=CODE)
    poor = lan.open_visit("ket-hon")
    lan.post(f"/visits/{poor}/finish", not_done="papers", missing=[])
    photograph(house, calm)
    locked = lan.open_visit()
    photograph(house, locked)
    lan.act(f"/visits/{locked}/aside")
    lan.act(f"/visits/{locked}/go-on")
    filed = lan.open_visit("ket-hon")
    lan.post(f"/visits/{filed}/finish", done="submitted")
    _prints(house, dossiers.get(house.store, filed)["ticket_id"], "printed")
    for job in print_jobs.queued(house.store):
        if job["visit_id"] == filed:
            slips.begin_sending(house.store, job["id"])
            slips.finish(house.store, house.parts.ram, now, job["id"], "printed")
    called = house.take("ban-sao")
    call_next.call_next(
        house.store, now, key=house.new_key(), volunteer=lan.row, ticket_id=called["id"]
    )
    _something_is_set_aside(house)
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
    appointments.book(
        house.store, now, key="b", service_id="co-em-be", day=day, from_min=600, channel="tablet",
        catalogue=house.parts.catalogue, zone=ZONE,
    )  # fmt: skip
    # Whoever comes today can only be booked before the hour has passed: moved here.
    with house.store.write():
        house.store.run("UPDATE appointments SET day_on = ? WHERE from_min = 600", f"{today}")
    ticket = dossiers.get(house.store, over)["ticket_id"]
    unrated = dossiers.get(house.store, filed)["ticket_id"]
    voice.rate(house.store, now, ticket, {"manner": 3, "clear": 2, "finished": 3})
    said = voice.remark(
        house.store, now, key="r", topic="traffic", text="Ngã tư đầu thôn tối quá, xin thêm đèn."
    )
    help.call_help(house.store, now, key="h", source="tablet")
    hung_id = hung["id"] if isinstance(hung, dict) else hung
    numbers = (waiting["id"], broken["id"], gone["id"], ticket, unrated)
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
        "kept.page": ["/kept"],
        "kept.at_desk": ["/desk/kept"],
        "postings.board": ["/board"],
        "voice.page": ["/voice"],
        "voice.thanks": [f"/voice/thanks/{said['key']}"],
        "handover.offer": [link[0]],
        "phones.offer": [_joined(house, lan, minh["id"])],
        "lessons.page": ["/learn"],
        "lessons.one": ["/learn/tra-cuu?card=1", "/learn/tra-cuu"],
        "lessons.on_phone": ["/learn/tra-cuu/phone"],
        "read_aloud.page": ["/read?of=/guide"],
        "preferences.still": ["/still?back=/guide"],
        "sign_in.page": ["/desk/sign-in"],
        "phones.page": ["/desk/phones"],
        "machine.page": ["/desk/machine"],
        "practice.page": ["/desk/practice"],
        "printer_setup.page": ["/desk/printer"],
        "printer_setup.width": ["/desk/printer/width"],
        "printer_setup.look": ["/desk/printer/look?width=384"],
        "desk.page": ["/desk"],
        "rota.page": ["/desk/rota"],
        "hours.page": ["/desk/hours"],
        "duty_month.page": ["/desk/month"],
        "duty_month.sheet": [f"/desk/month/{lan.row['id']}"],
        "appointments.at_desk": ["/desk/appointments"],
        "dossiers.page": ["/desk/dossiers"],
        "dossiers.one": [f"/desk/dossiers/{over}", f"/desk/dossiers/{filed}"],
        "postings.at_desk": ["/desk/postings"],
        "postings.proof": [f"/desk/postings/{hung_id}/proof"],
        "reports.page": ["/desk/report"],
        "ward_side.page": ["/desk/ward"],
        "visits.page": [f"/visits/{v}" for v in (calm, ill, kin, aside, over, locked, filed)],
        "visit_case.page": [f"/visits/{calm}/case", asked],
        "finish.form": [f"/visits/{ill}/finish"],
        "pages.page": [told, f"/visits/{ill}/pages/{bad}"],
        "corners.page": [f"{told}/corners"],
        "identity.page": [f"/visits/{calm}/card"],
        "handover.phone": [f"/visits/{calm}/phone"],
    }  # fmt: skip
    open_to = {e for e in screens if not screens[e][0].startswith(("/desk", "/visits"))}
    return LivedIn(house, lan, screens, frozenset(open_to | {"sign_in.page"}))


def _plan(house: House, lan: int, minh: int, today: Any) -> None:
    """Shifts of both, one of each offered; a day the house is closed."""
    now, day = house.clock.now(), today + timedelta(days=2)
    spans = [rota.Span(450, 690), rota.Span(810, 1020)]
    for who in (lan, minh):
        made = rota.plan(
            house.store, now, volunteer_id=who, days=[day], spans=spans[:1], today=today
        )
        rota.offer(house.store, now, made[0], who)
    rota.plan(house.store, now, volunteer_id=lan, days=[day], spans=spans[1:], today=today)
    closed = today + timedelta(days=20)
    rota.close_days(house.store, now, closed, closed, "họp thôn", today=today)


def _joined(house: House, lan: Volunteer, minh: int) -> str:
    """One telephone has joined, one tablet is signed in; the address for the next telephone."""

    def address() -> str:
        lan.post("/desk/phones/code", key=house.new_key())
        found = re.search(r"/join/[A-Za-z0-9_-]+", lan.get("/desk/phones").text)
        assert found is not None
        return found[0]

    for path in (address(), "/desk/sign-in"):
        form = {"volunteer": str(minh), "pin": "1357"}
        house.app.test_client().post(path, data=form, headers=ORIGIN)
    return address()


def _prints(house: House, ticket_id: str, state: Any) -> None:
    """The slip of this number ends in `state`."""
    job = print_jobs.newest_of_ticket(house.store, ticket_id)
    assert job is not None
    slips.begin_sending(house.store, job["id"])
    slips.finish(
        house.store, house.parts.ram, house.clock.now(), job["id"], state, code="paper_out"
    )


def _something_is_set_aside(house: House) -> None:
    now = house.clock.now()
    with house.store.write():
        tell(house.store, now, "health", {"type": "x"})
    seq = house.store.value("SELECT max(seq) FROM outbox WHERE stream = 'health'")
    set_aside.set_report_aside(
        house.store, now, epoch=now.epoch, stream="health", seq=seq, reason="too_large"
    )
