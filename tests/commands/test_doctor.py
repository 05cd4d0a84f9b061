"""This file proves `hien doctor`: with the rooms running and without, and what it measures."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from appliance.__main__ import cli
from appliance.clock import Clock
from appliance.store.opening import open_store
from appliance.store.ram import Ram
from tests.devices.printers_for_tests import TcpPrinterServer, quick


class Box:
    """A house's folders and settings; `doctor` runs the command."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data, self.ram = folder / "data", Ram(folder / "ram")
        open_store(self.data).close()
        self.ram.make_folders()
        self.settings = {
            "data.dir": str(self.data),
            "data.ram_dir": str(self.ram.root),
            "devices.printer": quick("virtual:"),
        }

    def doctor(self, *options: str) -> tuple[int, str]:
        file = self.folder / "hien.toml"
        lines = [f"{name} = {json.dumps(value)}" for name, value in self.settings.items()]
        file.write_text("\n".join(lines))
        done = CliRunner().invoke(cli, ["doctor", "--config", str(file), *options])
        return done.exit_code, done.output

    def checks(self) -> tuple[int, dict[str, dict[str, str]], dict[str, Any]]:
        code, text = self.doctor("--json")
        said = json.loads(text)
        return code, {check["name"]: check for check in said["checks"]}, said

    def rooms_say(self, **checks: str) -> None:
        """Every room is alive; the devices room reports each given kind as bad by that code."""
        at_ms = Clock().now().mono_ms
        for room in ("web", "sync"):
            self.ram.put_room(room, {"room": room, "pid": 1, "at_mono_ms": at_ms})
        listed = [
            {"name": name, "state": "bad", "code": code, "detail": ""}
            for name, code in checks.items()
        ]
        self.ram.put_room(
            "devices",
            {"room": "devices", "pid": 1, "at_mono_ms": at_ms, "checks": listed,
             "health": {"soc_temp_c": 50}, "words": {"model": "Pi"}},
        )  # fmt: skip


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path)


def test_without_rooms_it_looks_itself_and_finds_nothing_bad(box: Box) -> None:
    """A house not yet begun is no fault; the virtual printer is named as one."""
    code, checks, said = box.checks()
    assert (code, said["ok"], said["source"]) == (0, True, "own")
    assert (checks["printer"]["state"], checks["printer"]["code"]) == ("ok", "virtual")
    assert checks["room_web"]["code"] == "not_running"
    assert checks["table"]["state"] == "ok"
    assert checks["memory"]["state"] == "ok" and said["numbers"]["mem_avail_mib"] > 0


def test_what_is_bad_ends_in_1_with_the_one_thing_to_do(box: Box) -> None:
    box.settings["devices.printer"] = quick("virtual:?paper_out=1")
    code, text = box.doctor()
    assert code == 1
    assert "Máy in: Máy in hết giấy." in text and "→ Mở nắp, đặt cuộn giấy mới" in text
    assert text.rstrip().endswith("1 chỗ cần xem lại.")


def test_with_the_rooms_running_it_says_what_they_said(box: Box) -> None:
    """The devices belong to their room: doctor reads its heartbeat and opens nothing."""
    box.settings["devices.printer"] = "tcp://192.0.2.1:9100"  # would hang if it were opened
    box.rooms_say(printer="cover_open", power="undervolt")
    code, checks, said = box.checks()
    assert (code, said["source"]) == (1, "rooms")
    assert checks["printer"]["do"] == "Đóng nắp lại là máy in tiếp."
    assert "Điện yếu" in checks["power"]["means"]
    assert checks["room_devices"]["state"] == "ok"
    assert said["numbers"] == {"soc_temp_c": 50}


def test_a_room_that_fell_silent_is_bad(box: Box) -> None:
    box.rooms_say()
    box.ram.put_room("web", {"room": "web", "pid": 1, "at_mono_ms": 1})
    code, checks, _ = box.checks()
    assert (code, checks["room_web"]["code"]) == (1, "silent")
    assert checks["room_web"]["do"]


def test_a_lost_link_to_the_ward_is_told(box: Box) -> None:
    box.settings["sync.broker"] = "mqtt://192.0.2.1:1883"
    box.rooms_say()
    state = box.ram.room("sync")
    assert state is not None
    box.ram.put_room("sync", state | {"link": "down"})
    code, checks, _ = box.checks()
    assert (code, checks["link"]["code"]) == (1, "link_down")


def test_a_certificate_that_has_ended_is_told_with_the_cure(box: Box) -> None:
    """It cannot be renewed from here, and to look at cables would not help."""
    box.settings["sync.broker"] = "mqtts://192.0.2.1:8883"
    box.rooms_say()
    state = box.ram.room("sync")
    assert state is not None
    box.ram.put_room("sync", state | {"link": "down", "cert_ended": True})
    code, checks, _ = box.checks()
    assert (code, checks["link"]["code"]) == (1, "cert_ended")
    assert "phường cấp lại" in checks["link"]["do"]
    assert "hien ward enrol " in checks["link"]["detail"]


def test_a_damaged_table_is_told(box: Box) -> None:
    path = box.data / "hien.db"
    with sqlite3.connect(path) as table:
        table.execute("PRAGMA journal_mode=DELETE")
    data = bytearray(path.read_bytes())
    data[4096:12288] = b"\xff" * 8192
    path.write_bytes(data)
    code, checks, _ = box.checks()
    assert (code, checks["table"]["code"]) == (1, "damaged")


def test_settings_that_cannot_be_used_are_one_check_not_a_traceback(box: Box) -> None:
    box.settings["devices.printer"] = "usblpt:/dev/usb/lp0"
    code, checks, _ = box.checks()
    assert code == 1
    assert "did you mean" in checks["settings"]["detail"]
    box.settings["devices.printer"] = "serial:/dev/ttyUSB0?baud=9600"
    code, text = box.doctor()
    assert code == 1 and "Tệp cài đặt có chỗ sai" in text and "115200" in text


def test_looking_writes_nothing(box: Box) -> None:
    """Also not for somebody who is root: a folder or lock file of root's would stop the rooms."""

    def files() -> dict[str, int]:
        return {
            str(p): p.stat().st_mtime_ns for p in box.folder.rglob("*") if p.name[-5:] != ".toml"
        }

    before = files()
    box.doctor()
    after = files()
    before.pop(str(box.folder), None)
    after.pop(str(box.folder), None)
    assert after == before


def test_hardware_is_refused_while_the_devices_room_owns_it(box: Box) -> None:
    box.rooms_say()
    code, text = box.doctor("--hardware")
    assert code == 2 and "systemctl stop hien-devices" in text


def test_hardware_measures_a_printer_and_writes_a_report(box: Box, tmp_path: Path) -> None:
    """Over a real socket: "ok" because the answer came; the lamp was driven, and so not "ok"."""
    report = tmp_path / "report.json"
    with TcpPrinterServer() as server:
        box.settings |= {"devices.printer": quick(server.url), "devices.panel": "virtual:"}
        code, text = box.doctor("--hardware", "--press-s", "0.1", "--report", str(report))
        assert server.mechanism.slips
    steps = {step["step"]: step for step in json.loads(report.read_text())["steps"]}
    assert code == 0, text
    assert (steps["print"]["state"], steps["print"]["measured"]["outcome"]) == ("ok", "printed")
    assert (steps["lamp"]["state"], steps["button"]["code"]) == ("unknown", "not_pressed")
    assert (steps["photo"]["state"], steps["photo"]["code"]) == ("unknown", "none")
    assert steps["card"]["measured"]["write_ms"] >= 0


def test_hardware_claims_nothing_of_a_printer_that_never_answers(box: Box, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    with TcpPrinterServer(silent=True) as server:
        box.settings["devices.printer"] = quick(server.url)
        box.doctor("--hardware", "--report", str(report))
    steps = {step["step"]: step for step in json.loads(report.read_text())["steps"]}
    assert (steps["print"]["state"], steps["print"]["code"]) == ("unknown", "silent")


def test_hardware_of_pretended_devices_is_never_ok(box: Box, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    box.settings |= {"devices.camera": "virtual:?size=1200x900"}
    box.doctor("--hardware", "--report", str(report))
    steps = {step["step"]: step for step in json.loads(report.read_text())["steps"]}
    assert {steps[name]["code"] for name in ("photo", "page", "print")} == {"virtual"}
    assert "AGE-SECRET" not in report.read_text()


def test_hardware_that_fails_ends_in_1(box: Box, tmp_path: Path) -> None:
    box.settings["devices.camera"] = "virtual:?unplugged=1"
    code, _ = box.doctor("--hardware", "--json", "--report", str(tmp_path / "report.json"))
    assert code == 1
