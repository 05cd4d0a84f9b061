"""This file is a day at the house on a card: numbers, calls, photographs, ends, slips."""

from __future__ import annotations

import hashlib
import json
import shutil
import tempfile
from collections import Counter
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from appliance import bootstrap, config
from appliance.clock import Clock
from appliance.core.check import Check
from appliance.core.moment import Moment
from appliance.devices.camera import Photo
from appliance.devices.capture_worker import CaptureWorker
from appliance.devices.page_maker import MadePage
from appliance.devices.print_worker import PrintWorker
from appliance.devices.printer import Capabilities, Outcome
from appliance.devices.recovery import recover
from appliance.service import call_next, capture, volunteers
from appliance.service.take_ticket import new_key, take_ticket
from appliance.service.visits import finish, open_visit
from appliance.store import volunteers as kept
from appliance.store.database import Row
from appliance.web.app import create_app
from appliance.web.live import Hub
from tests.powercut.scene import Facts, Say

PAPER = "giay-chung-sinh"
JPEG = b"\xff\xd8 a page \xff\xd9"


class DayClock(Clock):
    """The real clock; `start` names the start of the machine, another one after each cut."""

    start = "day"

    def now(self) -> Moment:
        return replace(super().now(), epoch=self.start)


class House:
    """The house on one card. Its RAM lies elsewhere, and is empty after a cut."""

    def __init__(self, card: Path, start: str) -> None:
        self.ram = Path(tempfile.mkdtemp(prefix="hien-cut-"))
        settings = {
            "data.dir": str(card / "data"),
            "data.ram_dir": str(self.ram),
            "house.address": "http://localhost",
            "house.phone": "0236 3555 123",
            "log.level": "ERROR",
        }
        clock = DayClock()
        clock.start = start
        self.parts = replace(bootstrap.build(config.load(None, settings), "web"), clock=clock)
        self.store = self.parts.store()

    def close(self) -> None:
        self.store.close()
        shutil.rmtree(self.ram, ignore_errors=True)


class PaperThatTells:
    """A printer: what comes out of it is said to the world outside of the card."""

    url, virtual, language, needs_flush, identity = "none:", True, "escpos", False, "told"
    capabilities = Capabilities(status=True, barrier=True)

    def __init__(self, say: Say) -> None:
        self._say = say

    def recall(self, capabilities: Capabilities) -> None: ...
    def close(self) -> None: ...

    def check(self) -> Check:
        return Check("printer", "ok")

    def print_job(self, data: bytes) -> Outcome:
        self._say("paper", data.decode())
        return Outcome("printed", len(data))


class Slips(PrintWorker):
    """The room's own worker; a slip is its job's number, so that it can be told apart."""

    def _draw(self, job: Row) -> bytes | None:
        super()._draw(job) if job["with_key"] and job["id"] == 1 else None
        return f"{job['reprint_of'] or job['id']}".encode()


class FixedCamera:
    def capture(self, timeout_s: float = 5.0) -> Photo:
        return Photo(JPEG, (10, 10), {})


class FixedPages:
    def make(self, jpeg: bytes) -> MadePage:
        return MadePage(jpeg, (10, 10), {})


class Day:
    """`visits` residents, each with two pages."""

    def __init__(self, visits: int = 2) -> None:
        self._visits = visits

    def prepare(self, card: Path) -> None:
        with closing(House(card, "before")) as house:
            volunteers.add_volunteer(
                house.store, house.parts.clock.now(), name="Chị Lan", pin="2468"
            )

    def act(self, card: Path, say: Say) -> None:
        house = House(card, "day")
        parts, store, clock = house.parts, house.store, house.parts.clock
        recover(parts)
        slips = Slips(parts, PaperThatTells(say))  # type: ignore[arg-type]
        camera: Any = FixedCamera()
        pages: Any = FixedPages()
        photos = CaptureWorker(parts, camera, pages)
        volunteer = kept.get(store, 1)
        assert volunteer
        for _ in range(self._visits):
            taken = _take(house)
            say("ticket", json.dumps([taken.id, taken.number]))
            slips.turn()
            call_next.call_next(store, clock.now(), key=new_key(), volunteer=volunteer)
            say("called", taken.id)
            visit = open_visit(
                store, clock.now(), key=new_key(), volunteer=volunteer, ticket_id=taken.id
            )
            say("opened", visit["id"])
            for _ in range(2):
                asked = capture.ask_page(
                    store,
                    clock.now(),
                    key=new_key(),
                    visit_id=visit["id"],
                    paper_id=PAPER,
                    catalogue=parts.catalogue,
                )
                photos.turn()
                made = store.one("SELECT page_id FROM captures WHERE id = ?", asked)
                assert made
                say("page", made["page_id"])
            job = finish(
                store,
                parts.ram,
                clock.now(),
                visit["id"],
                catalogue=parts.catalogue,
                done=["submitted"],
            )
            say("closed", visit["id"])
            slips.turn()
            say("settled", str(job))
        house.close()

    def check(self, card: Path, facts: Facts) -> list[str]:
        """What is wrong after the lights came back; [] when nothing is."""
        house = House(card, "after")
        try:
            return self._wrong(house, facts)
        finally:
            house.close()

    def _wrong(self, house: House, facts: Facts) -> list[str]:
        store = house.store
        wrong = []
        if (said := store.value("PRAGMA integrity_check")) != "ok":
            wrong.append(f"integrity: {said}")
        recover(house.parts)
        for what, of in facts:
            if what in _HELD and not store.value(_HELD[what], *_keys(what, of)):
                wrong.append(f"lost: {what} {of}")
        wrong += _papers(house, facts)
        wrong += _pages(house)
        wrong += _goes_on(house)
        return wrong


_HELD = {
    "ticket": "SELECT 1 FROM tickets WHERE id = ? AND number = ?",
    "called": "SELECT 1 FROM tickets WHERE id = ? AND state IN ('called', 'serving', 'done')",
    "opened": "SELECT 1 FROM visits WHERE id = ?",
    "page": "SELECT 1 FROM pages WHERE id = ? AND state = 'kept'",
    "closed": "SELECT 1 FROM visits WHERE id = ? AND state = 'closed'",
    "settled": "SELECT 1 FROM print_jobs WHERE id = ? AND state = 'printed'",
}


def _keys(what: str, of: str) -> list[Any]:
    return json.loads(of) if what == "ticket" else [of]


def _take(house: House) -> Any:
    return take_ticket(
        house.store,
        house.parts.ram,
        house.parts.clock.now(),
        key=new_key(),
        service_id="co-em-be",
        channel="tablet",
        catalogue=house.parts.catalogue,
        zone=house.parts.house.zone,
        per_minute=1000,
    )


def _papers(house: House, facts: Facts) -> list[str]:
    """The room prints what is still owed; then every slip is on paper once, or in question."""
    printed: list[str] = [of for what, of in facts if what == "paper"]
    slips = Slips(house.parts, PaperThatTells(lambda _, of: printed.append(of)))  # type: ignore[arg-type]
    for _ in range(20):
        slips.turn()
    wrong = [f"printed {n} times: {job}" for job, n in Counter(printed).items() if n > 1]
    for row in house.store.all("SELECT id, state FROM print_jobs"):
        if row["state"] == "printed" and str(row["id"]) not in printed:
            wrong.append(f"never on paper, though the table says so: {row['id']}")
        if row["state"] in ("queued", "sending"):
            wrong.append(f"nobody's slip: {row['id']} {row['state']}")
    return wrong


def _pages(house: House) -> list[str]:
    """Every page the table knows is whole on the card, and nothing lies there in the clear."""
    wrong = []
    for row in house.store.all("SELECT * FROM pages WHERE state = 'kept'"):
        path = house.parts.sealed_dir / row["visit_id"] / row["sealed_name"]
        body = path.read_bytes() if path.exists() else b""
        if hashlib.sha256(body).hexdigest() != row["sealed_sha256"]:
            wrong.append(f"page {row['id']}: {len(body)} bytes that are not its own")
    if stuck := house.store.value("SELECT count(*) FROM captures WHERE state = 'working'"):
        wrong.append(f"{stuck} photographs that nobody takes")
    return wrong


def _goes_on(house: House) -> list[str]:
    """The screens answer, and the next person gets a number nobody has."""
    hub = Hub(house.parts)
    client = create_app(house.parts, hub).test_client()
    wrong = [
        f"{path}: {status}"
        for path in ("/", "/wall")
        if (status := client.get(path).status_code) != 200
    ]
    hub.stop()
    used = {row["number"] for row in house.store.all("SELECT number FROM tickets")}
    number = _take(house).number
    return [*wrong, *([f"number {number} was given twice"] if number in used else [])]
