"""This file measures what a day wears off the card: an idle hour, and a day of thirty visits.

The whole demo runs, its house on an ext4 whose block device counts sectors; a wall listens all the
time. `./hien bench wear -- --idle-s 3600 --visits 30`. The wire, the ward and the broker lie
elsewhere: they are not on a house's card.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import re
import secrets
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

from bench.wear_card import CountedCard, own_mounts

GOAL_DAY_MB = 50.0
BUSY = "SELECT count(*) FROM captures WHERE state IN ('queued', 'working')"
SLIPS = "SELECT count(*) FROM print_jobs WHERE state IN ('queued', 'sending')"
UNTOLD = "SELECT count(*) FROM outbox WHERE receipted_at IS NULL"


def main(argv: list[str]) -> None:
    ask = argparse.ArgumentParser(prog="bench wear")
    ask.add_argument("--idle-s", type=int, default=120, help="3600 for the honest hour")
    ask.add_argument("--visits", type=int, default=30)
    ask.add_argument("--sheets", type=int, default=2, help="photographs of each paper")
    given = ask.parse_args(argv)
    sys.argv[1:] = argv
    own_mounts("bench.wear")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    folder = Path(tempfile.mkdtemp(prefix="hien-wear-", dir="/var/tmp"))
    card = CountedCard(folder / "house", folder / "card.img")
    try:
        with _demo(folder) as (house, room), _wall(house):
            if given.visits:
                with contextlib.closing(House(house, room, folder / "house")) as people:
                    _day(card, people, given.visits, given.sheets)
            if given.idle_s:
                _idle(card, given.idle_s)
    finally:
        card.pull_out()
        shutil.rmtree(folder, ignore_errors=True)


def _idle(card: CountedCard, idle_s: int) -> None:
    time.sleep(75)  # what the visits left to the kernel, which writes within half a minute
    before = card.written()
    seen, end = 0, time.monotonic() + idle_s
    while time.monotonic() < end:  # so that a write is told with its minute
        time.sleep(min(60, max(1, end - time.monotonic())))
        if (now := card.written_by_itself() - before) != seen:
            left_s = end - time.monotonic()
            print(f"  until {idle_s - left_s:.0f} s: {now - seen} bytes more", flush=True)
            seen = now
    wrote = card.written() - before
    print(f"idle {idle_s} s, a wall listening: {wrote} bytes written (goal 0)", flush=True)


def _day(card: CountedCard, house: House, visits: int, sheets: int) -> None:
    house.sign_in()
    parts = []
    services = _services()
    began = card.written()
    for number in range(visits):
        before = card.written()
        service, papers = services[number % len(services)]
        house.visit(service, papers * sheets, help_call=number % 10 == 0)
        parts.append(card.written() - before)
    payload = house.payload()
    visit_bytes = sum(parts)
    backup = _cost(card, house.back_up)
    retention = _cost(card, house.let_pages_go)
    total = card.written() - began
    ordered = sorted(parts)
    pages = sum(len(services[n % len(services)][1]) for n in range(visits)) * sheets
    print(f"{visits} visits of every kind in turn, {pages} pages, two slips each, faces:")
    print(
        f"  a visit        {visit_bytes / visits / 1e3:8.0f} kB   median"
        f" {ordered[len(ordered) // 2] / 1e3:.0f}, most {ordered[-1] / 1e3:.0f}"
    )
    for name, size in payload.items():
        print(f"    of that {name:20} {size / visits / 1e3:8.1f} kB a visit")
    kept = sum(payload.values())
    print(f"  written for one byte that is kept: x {visit_bytes / kept:.2f}")
    print(f"  the night's backup      {backup / 1e3:8.0f} kB on the card")
    print(f"  old pages are deleted   {retention / 1e3:8.0f} kB")
    print(
        f"  the day                 {total / 1e6:8.2f} MB"
        f"   x {total / 1e6 / GOAL_DAY_MB:.2f} of the goal of {GOAL_DAY_MB:.0f} MB",
        flush=True,
    )


def _services() -> list[tuple[str, list[str]]]:
    """(service, the papers that are photographed for it), as our own catalogue has them."""
    from appliance import bootstrap

    catalogue = bootstrap.read_catalogue("")
    return [(s.id, [p.id for p in s.papers if p.capture]) for s in catalogue.services]


def _cost(card: CountedCard, what: Callable[[], None]) -> int:
    before = card.written()
    what()
    return card.written() - before


class House:
    """A resident and a volunteer of the demo, by the forms their browsers would send."""

    def __init__(self, url: str, room: str, data: Path) -> None:
        self._host, self._room, self._data = urlsplit(url).netloc, urlsplit(room).netloc, data
        self._cookies: dict[str, str] = {}
        self._db = sqlite3.connect(f"file:{data}/hien.db?mode=ro", uri=True)

    def close(self) -> None:
        self._db.close()

    def sign_in(self) -> None:
        self._post(self._host, "/desk/sign-in", volunteer="1", pin="2468")
        self._post(self._room, "/scene/sample/birth-certificate")

    def visit(self, service: str, papers: list[str], *, help_call: bool) -> None:
        place = self._tap("/tickets", service=service)
        ticket = re.split(r"[/?#]", place)[2]
        self._wait("the ticket's slip", SLIPS)
        self._tap(f"/desk/tickets/{ticket}/call")
        self._tap(f"/desk/tickets/{ticket}/open")
        visit = self._one("SELECT id FROM visits WHERE ticket_id = ?", ticket)
        for paper in papers:
            self._tap(f"/visits/{visit}/papers/{paper}/photo")
            self._wait("the page", BUSY)
        self._tap(
            f"/visits/{visit}/finish", done="submitted", send_asked="1", send="1",
            dossier_code="H15.50.05.13-261008-0975", read_back="1",
        )  # fmt: skip
        if self._one("SELECT state FROM visits WHERE id = ?", visit) != "closed":
            raise RuntimeError("the visit did not end")
        self._wait("the visit's slip", SLIPS)
        self._tap(f"/tickets/{ticket}/faces", manner="3", clear="3", finished="3")
        if help_call:
            self._tap("/help")
            self._tap("/help/withdraw")
        self._wait("the ward's receipts", UNTOLD)

    def payload(self) -> dict[str, int]:
        """Bytes that are there for good after the visits, by kind."""
        sealed = sum(f.stat().st_size for f in self._data.glob("sealed/*/*"))
        dossiers = sum(f.stat().st_size for f in self._data.glob("dossiers/*"))
        rows = 0
        for table in ("tickets", "visits", "pages", "captures", "print_jobs", "outbox"):
            for row in self._db.execute(f"SELECT * FROM {table}"):
                rows += sum(len(str(value).encode()) for value in row if value is not None)
        return {"sealed pages": sealed, "sealed dossiers": dossiers, "rows": rows}

    def back_up(self) -> None:
        """As in the night, to a stick: nothing of it is meant to touch the card."""
        from appliance import seal
        from appliance.clock import Clock
        from appliance.service import backup
        from appliance.store.opening import open_store

        store = open_store(self._data)
        to = [seal.new_identity()[1]]
        backup.make_backup(
            store, Clock().now(), data_dir=self._data, settings="", house="hien-demo", to=to
        )
        store.close()

    def let_pages_go(self) -> None:
        from dataclasses import replace

        from appliance.clock import Clock
        from appliance.service import retention
        from appliance.store.opening import open_store

        store, now = open_store(self._data), Clock().now()
        later = replace(now, at=now.at + timedelta(hours=60))
        retention.delete_sealed(store, later, self._data / "sealed", 48)
        store.close()

    def _tap(self, path: str, **form: str) -> str:
        return self._post(self._host, path, key=secrets.token_urlsafe(12), **form)

    def _post(self, host: str, path: str, **form: str) -> str:
        line = http.client.HTTPConnection(host, timeout=60)
        line.request(
            "POST", path, urlencode(form),
            {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{host}",
             "Cookie": "; ".join(f"{k}={v}" for k, v in self._cookies.items())},
        )  # fmt: skip
        answer = line.getresponse()
        answer.read()
        for value in answer.headers.get_all("Set-Cookie", []):
            name, _, rest = value.split(";")[0].partition("=")
            self._cookies[name] = rest
        line.close()
        if answer.status >= 400 or "sign-in" in answer.headers.get("Location", ""):
            raise RuntimeError(f"{path} was answered {answer.status}")
        return answer.headers.get("Location", "")

    def _wait(self, what: str, busy: str) -> None:
        end = time.monotonic() + 120
        while self._one(busy):
            if time.monotonic() > end:
                raise RuntimeError(f"{what} did not come")
            time.sleep(0.1)

    def _one(self, sql: str, *args: object) -> object:
        row = self._db.execute(sql, args).fetchone()
        return row[0] if row else None


@contextlib.contextmanager
def _demo(folder: Path) -> Iterator[tuple[str, str]]:
    """(address of the house, address of the virtual room). Its ward takes dossiers, and its door is
    not reached: they stay, and can be counted."""
    from appliance import seal

    for path in (folder, folder / "house"):
        shutil.chown(path, "nobody", "nogroup")
    settings = folder / "wear.toml"
    settings.write_text(
        '[sync]\nintake = "https://127.0.0.1:1"\nhealth_s = 60\n'
        f'ward_recipient = "{seal.new_identity()[1]}"\n'
        "[web]\ntickets_per_minute = 6000\n"
    )
    ports = ("--port", "--ward-port", "--broker-port", "--printer-port", "--room-port")
    demo = subprocess.Popen(
        [sys.executable, "-m", "appliance", "demo", "--dir", str(folder), "--config",
         str(settings), *(word for port in ports for word in (port, "0"))],
        stdout=subprocess.PIPE, text=True, **_somebody(),
    )  # fmt: skip
    try:
        said = ""
        assert demo.stdout is not None
        for line in demo.stdout:
            said += line
            if found := re.search(r"ready: house (\S+)", said):
                break
        else:
            raise RuntimeError(f"the demo did not become ready: {said}")
        room = re.search(r"virtual room: (\S+?)/?$", said, re.M)
        assert room is not None
        yield found[1], room[1]
    finally:
        demo.send_signal(signal.SIGTERM)
        demo.wait(20)


def _somebody() -> dict[str, Any]:
    """Not root, as on a box: SQLite gives root's log away at each opening, a write of its inode."""
    ours: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []}
    try:
        subprocess.run([sys.executable, "-c", "import appliance"], check=True, **ours)
    except (OSError, subprocess.CalledProcessError):
        print("  (as root, since nobody may not run this Python: idle shows openings of the table)")
        return {}
    return ours


@contextlib.contextmanager
def _wall(house: str) -> Iterator[None]:
    """A wall that listens, as one hangs in every house."""
    line = http.client.HTTPConnection(urlsplit(house).netloc, timeout=300)

    def listen() -> None:
        with contextlib.suppress(OSError, http.client.HTTPException, AttributeError, ValueError):
            line.request("GET", "/live")
            answer = line.getresponse()
            while answer.read(64):
                pass

    threading.Thread(target=listen, daemon=True).start()
    try:
        yield
    finally:
        line.close()


if __name__ == "__main__":
    main(sys.argv[1:])
