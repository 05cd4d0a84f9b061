"""This file tells Home Assistant of each house, by its MQTT device discovery.

One retained message a house at <prefix>/device/<house>/config, sent when it changes, when the line
to the broker is new, and when Home Assistant says that it was born. The values it shows it reads
from the houses' own `state/*` topics; nothing goes through the ward. Only sensors: a house is not
to be pressed from a living room.
"""

from __future__ import annotations

import logging
import threading
from typing import Any, Protocol

from appliance.sync.protocol import State, dump, state_topic
from ward.board import Board, House

log = logging.getLogger("ward.home_assistant")

LOOK_EVERY_S = 5.0
SENT_MOST = 200  # of a large fleet, as many as this at each look
NAME_MOST = 80

# What -1 or nothing means is said to Home Assistant as it says it itself: None, "unknown".
VALUE = (
    "{{% set v = value_json.{key} | default(-1) %}}"
    "{{{{ v if v is number and v != -1 else 'None' }}}}"
)
Component = dict[str, Any]


def _sensor(
    name: str, state: State, key: str, unit: str = "", device_class: str = "", icon: str = ""
) -> tuple[State, str, Component]:
    out: Component = {"p": "sensor", "name": name, "state_class": "measurement"}
    for k, v in (("unit_of_measurement", unit), ("device_class", device_class), ("icon", icon)):
        if v:
            out[k] = v
    return state, key, out


def _problem(
    name: str, state: State, key: str, bad: str, good: str
) -> tuple[State, str, Component]:
    return state, key, {
        "p": "binary_sensor", "name": name, "device_class": "problem",
        "payload_on": bad, "payload_off": good,
    }  # fmt: skip


COMPONENTS: dict[str, tuple[State, str, Component]] = {
    "waiting": _sensor("Đang chờ", "queue", "waiting", icon="mdi:account-multiple"),
    "longest_wait": _sensor("Chờ lâu nhất", "queue", "longest_wait_s", "s", "duration"),
    "calls": _sensor("Lời gọi giúp chưa ai nhận", "help", "open", icon="mdi:hand-wave"),
    "temperature": _sensor("Nhiệt độ máy", "health", "soc_temp_c", "°C", "temperature"),
    "disk_free": _sensor("Thẻ nhớ trống", "health", "disk_free_mib", "MiB", "data_size"),
    "wifi": _sensor("Sóng Wi-Fi", "health", "wifi_rssi_dbm", "dBm", "signal_strength"),
    "outbox": _sensor("Báo cáo chưa gửi", "health", "outbox_rows", icon="mdi:tray-full"),
    "printer": _problem("Máy in", "health", "printer_ok", "0", "1"),
    "camera": _problem("Camera", "health", "camera_ok", "0", "1"),
    "power": _problem("Nguồn điện", "health", "undervolt_now", "1", "0"),
}


def discovery(house: House, console: str = "") -> dict[str, Any]:
    """The payload for one house."""
    hello = house.peek("hello")
    device: dict[str, Any] = {
        "ids": [f"hien_{house.house}"],
        "name": str(hello.get("name") or house.house)[:NAME_MOST],
        "mf": "Hiên",
    }
    for ours, theirs in (("model", "mdl"), ("sw", "sw")):
        if isinstance(hello.get(ours), str):
            device[theirs] = str(hello[ours])[:NAME_MOST]
    if console:
        device["cu"] = f"{console}/house/{house.house}"
    return {
        "dev": device,
        "o": {"name": "Hiên"},
        "availability": [
            {
                "topic": state_topic(house.house, "status"),
                "payload_available": "online",
                "payload_not_available": "offline",
            }
        ],
        "qos": 1,
        "cmps": {
            name: {
                **component,
                "unique_id": f"hien_{house.house}_{name}",
                "state_topic": state_topic(house.house, state),
                "value_template": VALUE.format(key=key),
            }
            for name, (state, key, component) in COMPONENTS.items()
        },
    }


class Says(Protocol):
    def publish(self, topic: str, payload: bytes, *, retain: bool = False) -> bool: ...


class HomeAssistant:
    """One thread; `turn` may be called without it."""

    def __init__(self, board: Board, prefix: str, console: str = "") -> None:
        self._board, self._prefix, self._console = board, prefix, console.rstrip("/")
        self.birth_topic = f"{prefix}/status"
        self._told: dict[str, bytes] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, link: Says) -> None:
        self._thread = threading.Thread(
            target=self._run, args=(link,), name="ward-home-assistant", daemon=True
        )
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join(5)

    def born(self, payload: bytes) -> None:
        """Home Assistant has started: it may know nothing of any house."""
        if payload == b"online":
            self.all_again()

    def all_again(self) -> None:
        with self._lock:
            self._told.clear()

    def turn(self, link: Says) -> int:
        """Tell of the houses that are new or changed; how many messages."""
        sent = 0
        for house, _, _ in self._board.houses():
            if sent >= SENT_MOST:
                break
            payload = dump(discovery(house, self._console)).encode()
            with self._lock:
                if self._told.get(house.house) == payload:
                    continue
            topic = f"{self._prefix}/device/{house.house}/config"
            if not link.publish(topic, payload, retain=True):
                break
            sent += 1
            with self._lock:
                self._told[house.house] = payload
        return sent

    def _run(self, link: Says) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            try:
                self.turn(link)
            except Exception:  # nobody is helped by a thread that has ended
                log.exception("Home Assistant could not be told")
