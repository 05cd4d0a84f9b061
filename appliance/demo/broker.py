"""This file chooses the demo's MQTT broker: Mosquitto where it is installed, else one in Python."""

from __future__ import annotations

import os
import pwd
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from appliance.errors import HienError
from appliance.supervisor import Program, own_environment

Choice = Literal["auto", "mosquitto", "amqtt"]


class NoBroker(HienError):
    """The broker asked for is not installed."""

    default_code = "no_broker"


@dataclass(frozen=True)
class Broker:
    """A broker ready to be started, and what to say about it."""

    program: Program
    description: str


def choose(choice: Choice, folder: Path, host: str, port: int) -> Broker:
    """The broker to run on `host`:`port`, keeping its files in `folder`. Raises NoBroker."""
    mosquitto = shutil.which("mosquitto", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin")
    if choice == "mosquitto" and not mosquitto:
        raise NoBroker(
            "Mosquitto is not installed. Install it (apt-get install mosquitto), "
            "or leave out --broker: the demo then brings its own."
        )
    folder.mkdir(parents=True, exist_ok=True)
    if mosquitto and choice != "amqtt":
        return _mosquitto(mosquitto, folder, host, port)
    program = Program(
        "broker",
        (sys.executable, "-m", "appliance.demo.embedded_broker", host, str(port)),
        speaks=False,
        log_file=folder.parent / "logs" / "broker.log",
        env=own_environment(),
    )
    why = "" if choice == "amqtt" else " (Mosquitto is not installed)"
    return Broker(program, f"amqtt, embedded{why}")


def _mosquitto(path: str, folder: Path, host: str, port: int) -> Broker:
    conf = folder / "mosquitto.conf"
    lines = [
        "# Written by the demo at each start. Loopback only and open to all: not for a ward.",
        f"listener {port} {host}",
        "allow_anonymous true",
        "persistence true",
        f"persistence_location {folder}/",
        # Not each half hour: a demo is stopped by kill -9 as well. What is lost is sent again.
        "autosave_interval 30",
        "log_dest stderr",
        *(f"log_type {kind}" for kind in ("error", "warning", "notice")),
        "connection_messages false",
        "set_tcp_nodelay true",
    ]
    if os.geteuid() == 0:  # It would change to a user who may not write here.
        lines.append(f"user {pwd.getpwuid(0).pw_name}")
    conf.write_text("\n".join(lines) + "\n", "utf-8")
    log_file = folder.parent / "logs" / "broker.log"
    program = Program("broker", (path, "-c", str(conf)), speaks=False, log_file=log_file)
    return Broker(program, f"Mosquitto ({path})")
