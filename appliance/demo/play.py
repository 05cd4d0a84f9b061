"""This file plays the demo: starts every part, says when all is up, and ends it in good order."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from appliance.clock import SET_BY
from appliance.config import Config
from appliance.demo import house, ward_door, ward_sign_in
from appliance.demo.broker import Choice, choose
from appliance.demo.network_switch import NetworkSwitch
from appliance.demo.ports import claim
from appliance.demo.printer import VirtualPrinter
from appliance.demo.set_clock import DemoClock, ahead_s
from appliance.errors import HienError
from appliance.supervisor import Program, Supervisor, own_program

START_LIMIT_S = 120.0
"""A Pi 4 on a slow card needs about a quarter of this."""
MEET_LIMIT_S = 15.0
"""How long the house and the ward may take to find each other once both are up."""
TRIES_BEFORE_GIVING_UP = 4
ROOMS = ("web", "devices", "sync")
ANSWERING = {"web": "port", "ward": "ward-port"}
"""Program -> the option of the port its /healthz is at."""


class NotUp(HienError):
    """Something did not start; the message holds the end of its log."""

    default_code = "not_up"


@dataclass(frozen=True)
class Options:
    """What `hien demo` was asked for. Ports of 0 are replaced by free ones."""

    folder: Path
    host: str = "127.0.0.1"
    port: int = 8080
    ward_port: int = 8090
    broker_port: int = 18830
    printer_port: int = 9100
    room_port: int = 8070
    broker: Choice = "auto"
    settings: Config | None = None
    at: datetime | None = None
    """The local time the house's clock is set to at the start; None leaves it right."""


def play(options: Options, say: Callable[[str], None]) -> None:
    """Run until SIGTERM, SIGINT or SIGHUP. Raises PortTaken, FolderTaken, NoBroker, NotUp.

    `say` gets what is to be told, one line at a time; the last is `ready: …`.
    """
    folders, lock = house.take_folder(options.folder)
    with contextlib.ExitStack() as stack:
        stack.enter_context(lock)
        stack.callback(house.wipe_ram, folders)
        ports = claim(
            options.host,
            {
                "port": options.port,
                "ward-port": options.ward_port,
                "broker-port": options.broker_port,
                "printer-port": options.printer_port,
                "room-port": options.room_port,
                "intake-port": 0,
            },
        )
        broker = choose(options.broker, folders.broker, options.host, ports["broker-port"])
        dots = options.settings["devices.printer_dots"] if options.settings else 576
        printer = stack.enter_context(
            VirtualPrinter(options.host, ports["printer-port"], dots=dots)
        )
        switch = NetworkSwitch((house.reachable(options.host), ports["broker-port"]))
        stack.callback(switch.close)
        clock = _clock(options, folders)
        door = ward_door.made(
            folders.ward,
            folders.keys,
            str(options.settings["house.id"]) if options.settings else house.HOUSE,
            switch.also((house.reachable(options.host), ports["intake-port"])),
        )
        house.write_settings(
            folders, options.host, ports, switch.address, options.settings, door.settings()
        )
        house.add_volunteers(folders)
        officer = ward_sign_in.account(options.host, folders.ward)
        supervisor = Supervisor([broker.program, *_programs(options, folders, ports, clock, door)])
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, lambda *_: supervisor.request_stop())
        stack.callback(supervisor.stop)
        supervisor.start()
        # Only now, while the rooms start: what draws and serves the page takes a while to load.
        stack.enter_context(_room_page(options, folders, ports, printer, switch, clock))
        say(f"broker: {broker.description}")
        say(f"data: {folders.base}")
        say(f"volunteers at /desk: {', '.join(house.VOLUNTEERS)}; PIN {house.PIN}")
        if officer:
            say(f"sign-in at the ward: {officer}")
        say(f"virtual room: {house.address(options.host, ports['room-port'])}/")
        if _wait_until_up(supervisor, options.host, ports):
            say(
                f"ready: house {house.address(options.host, ports['port'])}"
                f" ward {house.address(options.host, ports['ward-port'])}"
                f" broker {_broker_url(options, ports)}"
            )
            supervisor.run()


def _clock(options: Options, folders: house.Folders) -> DemoClock | None:
    """The clock that can be moved: only when the demo was asked for one."""
    if options.at is None:
        return None
    return DemoClock(folders.clock, ahead_s(options.at, house.ZONE, datetime.now(UTC)))


def _programs(
    options: Options,
    folders: house.Folders,
    ports: dict[str, int],
    clock: DemoClock | None,
    door: ward_door.Door,
) -> list[Program]:
    """The ward's console and its door, and the three rooms, each with its own log."""
    for old in folders.logs.glob("*.log"):
        old.unlink()
    ward = own_program(
        "ward",
        *("ward", "serve", "--broker", _broker_url(options, ports)),
        *("--dir", str(folders.ward), "--host", options.host, "--port", str(ports["ward-port"])),
        *ward_sign_in.door(options.host),
        *("--identity", str(door.identity)),
        speaks=False,
        log_file=folders.logs / "ward.log",
    )
    rooms = [
        own_program(
            name, name, "--config", str(folders.settings), log_file=folders.logs / f"{name}.log"
        )
        for name in ROOMS
    ]
    if clock is not None:
        set_by = {SET_BY: str(folders.clock)}
        rooms = [replace(room, env={**room.env, **set_by}) for room in rooms]
    port, log_file = ports["intake-port"], folders.logs / "intake.log"
    intake = ward_door.program(folders.ward, options.host, port, log_file)
    return [ward, intake, *rooms]


def _broker_url(options: Options, ports: dict[str, int]) -> str:
    return house.address(options.host, ports["broker-port"], "mqtt")


@contextlib.contextmanager
def _room_page(
    options: Options,
    folders: house.Folders,
    ports: dict[str, int],
    printer: VirtualPrinter,
    switch: NetworkSwitch,
    clock: DemoClock | None,
) -> Iterator[None]:
    """The virtual room, served from this process while the block runs."""
    from waitress.server import create_server

    from appliance.demo.room import Room
    from appliance.demo.room_pages import create_room_app

    base = house.address(options.host, ports["port"])
    links = {
        "host": options.host,
        "tablet": f"{base}/",
        "desk": f"{base}/desk",
        "wall": f"{base}/wall",
        "ward": house.address(options.host, ports["ward-port"]) + "/",
    }
    sign_in = {"names": ", ".join(house.VOLUNTEERS), "pin": house.PIN}
    room = Room(folders.scene, folders.panel, printer, switch)
    server: Any = create_server(
        create_room_app(room, links, sign_in, clock),
        host=options.host,
        port=ports["room-port"],
        threads=8,
        ident="hien-demo",
    )
    threading.Thread(target=server.run, name="virtual-room", daemon=True).start()
    try:
        yield
    finally:
        server.close()


def _wait_until_up(supervisor: Supervisor, host: str, ports: dict[str, int]) -> bool:
    """True when house and ward are up and have met; False when told to stop. Raises NotUp."""
    deadline = time.monotonic() + START_LIMIT_S
    up_at: float | None = None
    while not supervisor.stop_requested:
        supervisor.turn(0.1)
        for child in supervisor.children.values():
            if child.deaths >= TRIES_BEFORE_GIVING_UP:
                raise NotUp(_why(child.program, "does not start"))
        said = {name: _health(host, ports[port]) for name, port in ANSWERING.items()}
        late = [n for n, c in supervisor.children.items() if c.program.speaks and not c.ready]
        late += [name for name, health in said.items() if health is None]
        if late:
            if time.monotonic() > deadline:
                program = supervisor.children[late[0]].program
                raise NotUp(_why(program, f"is not up after {START_LIMIT_S:.0f} s"))
            continue
        up_at = up_at or time.monotonic()
        met = all((health or {}).get("ok") for health in said.values())
        met = met and bool((said["ward"] or {}).get("houses"))
        # After a while they are up all the same, and say of themselves what they lack.
        if met or time.monotonic() - up_at > MEET_LIMIT_S:
            return True
    return False


def _health(host: str, port: int) -> dict[str, Any] | None:
    """What /healthz says, None when nobody answers (yet)."""
    line = http.client.HTTPConnection(house.reachable(host), port, timeout=2)
    try:
        line.request("GET", "/healthz")
        said = json.loads(line.getresponse().read())
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        line.close()
    return said if isinstance(said, dict) else None


def _why(program: Program, what: str) -> str:
    tail = ""
    if program.log_file and program.log_file.exists():
        lines = program.log_file.read_text("utf-8", "replace").splitlines()
        tail = f" The end of {program.log_file}:\n" + "\n".join(lines[-12:])
    return f"{program.name} {what}.{tail}"
