"""This file furnishes a small house around the machines: table, RAM, a ticket, a visit."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from appliance import bootstrap, config
from appliance.service import take_ticket, visits, volunteers
from appliance.service.take_ticket import Taken
from appliance.store import print_jobs, tickets
from appliance.store.database import Row
from appliance.store.visits import capture

SERVICE = "co-em-be"


class SmallHouse:
    """Parts as the composition root builds them, in a folder of the test's own."""

    def __init__(self, folder: Path, *, more: dict[str, Any] | None = None, **devices: str) -> None:
        self.folder = folder
        settings: dict[str, Any] = {
            "data.dir": str(folder / "data"),
            "data.ram_dir": str(folder / "ram"),
            "house.address": "http://127.0.0.1:8080",
            "house.name": "Nhà văn hóa thử",
        }
        settings |= {f"devices.{kind}": url for kind, url in devices.items()}
        settings |= more or {}
        self.settings = settings
        self.parts = bootstrap.build(config.load(overrides=settings), "test")
        self.store = self.parts.store()
        self._people = 0

    def now(self) -> Any:
        return self.parts.clock.now()

    def take(self, key: str = "") -> Taken:
        return take_ticket.take_ticket(
            self.store,
            self.parts.ram,
            self.now(),
            key=key or take_ticket.new_key(),
            service_id=SERVICE,
            channel="tablet",
            catalogue=self.parts.catalogue,
            zone=self.parts.house.zone,
            per_minute=1000,
        )

    def open_visit(self, ticket_id: str) -> Row:
        self._people += 1
        number = volunteers.add_volunteer(
            self.store, self.now(), name=f"Chị {self._people}", pin="2468", desk=1, shows_name=True
        )
        volunteer = self.store.one("SELECT * FROM volunteers WHERE id = ?", number)
        assert volunteer is not None
        return visits.open_visit(
            self.store,
            self.now(),
            key=f"open-{ticket_id}",
            volunteer=volunteer,
            ticket_id=ticket_id,
        )

    def paper_id(self) -> str:
        """A paper of the service that may be photographed."""
        papers = self.parts.catalogue.service(SERVICE).papers
        return next(paper.id for paper in papers if paper.capture)

    def job(self, ticket_id: str) -> Row:
        row = print_jobs.newest_of_ticket(self.store, ticket_id)
        assert row is not None
        return row

    def ticket(self, ticket_id: str) -> Row:
        row = tickets.get(self.store, ticket_id)
        assert row is not None
        return row

    def capture(self, capture_id: int) -> Row:
        row = capture(self.store, capture_id)
        assert row is not None
        return row


def turn_until(turn: Callable[[], float], done: Callable[[], bool], timeout_s: float = 60) -> None:
    """Turn a worker as its thread would, until `done`."""
    end_s = time.monotonic() + timeout_s
    while not done():
        assert time.monotonic() < end_s, "it did not come to an end"
        time.sleep(min(turn(), 0.05))


def on_a_table(paper: Image.Image, size_px: tuple[int, int] = (3000, 2250)) -> bytes:
    """A photo of `paper` lying in the middle of a dark table."""
    table = Image.new("RGB", size_px, (62, 50, 42))
    tall = int(size_px[1] * 0.8)
    sheet = paper.convert("RGB").resize((paper.width * tall // paper.height, tall))
    table.paste(sheet, ((size_px[0] - sheet.width) // 2, (size_px[1] - tall) // 2))
    out = io.BytesIO()
    table.save(out, "JPEG", quality=92)
    return out.getvalue()
