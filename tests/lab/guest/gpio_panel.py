"""This file runs, in an arm64 lab machine, the panel contract over a real GPIO chip.

The chip is a PL061 with eight lines. Line 3 is wired to the machine's power button: the host
presses it, and a real edge comes. The machine is no Pi, so /proc/cpuinfo is covered by one that
names a Pi; gpiozero then takes the lines by their Pi numbers.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.devices.panel import Panel, PanelError, open_panel
from tests.devices.test_panel_contract import *  # noqa: F403 - the contract itself

URL = "gpio:?button=3&lamp=5&buzzer=6&hold_s=1"


@pytest.fixture(scope="session", autouse=True)
def _a_pi(tmp_path_factory: pytest.TempPathFactory) -> None:
    info = tmp_path_factory.mktemp("pi") / "cpuinfo"
    info.write_text(Path("/proc/cpuinfo").read_text() + "\nRevision\t: c03115\n")
    subprocess.run(["/lab/busybox", "mount", "-o", "bind", info, "/proc/cpuinfo"], check=True)


@pytest.fixture
def any_panel() -> Iterator[Panel]:
    panel = open_panel(URL)
    yield panel
    panel.close()


def line(number: int) -> tuple[str, str]:
    """(who uses the line, in or out), as the kernel tells every program."""
    import lgpio

    chip = lgpio.gpiochip_open(0)
    try:
        _, _, flags, _, user = lgpio.gpio_get_line_info(chip, number)
    finally:
        lgpio.gpiochip_close(chip)
    return user, "out" if flags & 2 else "in"


def test_the_kernel_sees_who_holds_the_lines(any_panel: Panel) -> None:
    """In and out as they are wired; once the panel is closed nothing is driven any more."""
    assert [line(number)[1] for number in (3, 5, 6)] == ["in", "out", "out"]
    assert all(line(number)[0] for number in (3, 5, 6))
    any_panel.close()
    assert [line(number)[1] for number in (3, 5, 6)] == ["in", "in", "in"]


def test_the_lamp_drives_its_line(any_panel: Panel) -> None:
    """Read back from the pin itself, not from what was asked for."""
    lamp = any_panel._lamp  # type: ignore[attr-defined]
    for pattern, level in (("on", 1), ("off", 0), ("on", 1)):
        any_panel.lamp(pattern)  # type: ignore[arg-type]
        assert lamp.pin.state == level
    any_panel.lamp("blink")
    seen = set()
    end_s = time.monotonic() + 30
    while seen != {0, 1} and time.monotonic() < end_s:
        seen.add(lamp.pin.state)
        time.sleep(0.05)
    assert seen == {0, 1}


def test_a_pulse_on_the_line_is_an_edge_the_panel_hears(any_panel: Panel) -> None:
    """The line rests low here, so to the panel the button is down; the pulse lets go of it and
    presses it again: one press."""
    _press_until_heard(any_panel)


def test_a_button_that_stays_down_is_told(
    any_panel: Panel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from appliance.devices.panel import on_pins

    monkeypatch.setattr(on_pins, "STUCK_S", 0.5)
    time.sleep(1)
    assert (any_panel.check().state, any_panel.check().code) == ("bad", "button_stuck")


def test_a_panel_opened_again_still_hears_its_button() -> None:
    """Three panels one after the other: an edge for a closed one must not end the listening."""
    for _ in range(3):
        panel = open_panel(URL)
        _press_until_heard(panel)
        panel.close()


def test_a_line_that_another_program_holds() -> None:
    """Two owners of one pin: refused, and said in words."""
    hold = "import lgpio, sys; h = lgpio.gpiochip_open(0); lgpio.gpio_claim_output(h, 7);"
    hold += "print('held', flush=True); sys.stdin.read()"
    other = subprocess.Popen(
        [sys.executable, "-c", hold], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdout is not None
    assert other.stdout.readline() == b"held\n"
    with pytest.raises(PanelError, match="cannot be had"):
        open_panel("gpio:?button=3&lamp=7")
    other.communicate()


def _press_until_heard(panel: Panel) -> None:
    pressed = threading.Event()
    panel.on_press = pressed.set
    end_s = time.monotonic() + 60
    while not pressed.is_set() and time.monotonic() < end_s:
        with Path("/dev/hvc0").open("w") as console:
            console.write("@host press\n")
        pressed.wait(3)
    assert pressed.is_set()
