"""This file proves the button's ways: one call a press, bounce filtered, hold, stuck, the lamp."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from gpiozero.pins.mock import MockFactory

from appliance.devices.panel import PanelError, on_pins, open_panel
from appliance.devices.panel.gpio import GpioPanel
from appliance.devices.panel.virtual import VirtualPanel
from appliance.devices.url import parse_url


class Calls:
    """Counts presses and holds, and lets a test wait for the next."""

    def __init__(self, panel: GpioPanel | VirtualPanel) -> None:
        self.presses, self.holds = 0, 0
        self._news = threading.Condition()
        panel.on_press = self._press
        panel.on_hold = self._hold

    def _press(self) -> None:
        with self._news:
            self.presses += 1
            self._news.notify_all()

    def _hold(self) -> None:
        with self._news:
            self.holds += 1
            self._news.notify_all()

    def wait(self, enough: Callable[[], bool]) -> None:
        with self._news:
            assert self._news.wait_for(enough, 20)


@pytest.fixture
def pins() -> MockFactory:
    return MockFactory()


@pytest.fixture
def panel(pins: MockFactory) -> GpioPanel:
    return GpioPanel(parse_url("gpio:?button=17&lamp=27&buzzer=22&hold_s=0.2"), pins)


def test_bouncing_contacts_are_one_press(panel: GpioPanel, pins: MockFactory) -> None:
    """Five closings within milliseconds, as a worn contact makes them, call once."""
    calls = Calls(panel)
    button = pins.pin(17)
    for _ in range(5):
        button.drive_low()
        button.drive_high()
    button.drive_low()
    assert calls.presses == 1


def test_two_presses_are_two(panel: GpioPanel, pins: MockFactory) -> None:
    """Presses further apart than the bounce time both count; which call they make is the rules'."""
    calls = Calls(panel)
    button = pins.pin(17)
    for _ in range(2):
        button.drive_low()
        button.drive_high()
        time.sleep(2 * on_pins.BOUNCE_S)
    assert calls.presses == 2


def test_hold_comes_once_however_long_it_lasts(panel: GpioPanel, pins: MockFactory) -> None:
    calls = Calls(panel)
    pins.pin(17).drive_low()
    calls.wait(lambda: calls.holds == 1)
    time.sleep(0.5)
    pins.pin(17).drive_high()
    assert (calls.presses, calls.holds) == (1, 1)


def test_a_button_down_for_long_is_said_to_be_stuck(
    panel: GpioPanel, pins: MockFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(on_pins, "STUCK_S", 0.0)
    assert panel.check().state == "ok"
    pins.pin(17).drive_low()
    time.sleep(0.01)
    assert (panel.check().state, panel.check().code) == ("bad", "button_stuck")
    pins.pin(17).drive_high()
    assert panel.check().state == "ok"


def test_lamp_patterns_on_the_pin(panel: GpioPanel, pins: MockFactory) -> None:
    """Steady is high, off is low, blink moves by itself; seen on the mock pin's own timeline."""
    lamp = pins.pin(27)
    panel.lamp("on")
    assert lamp.state
    panel.lamp("off")
    assert not lamp.state
    lamp.clear_states()
    panel.lamp("blink")
    end_s = time.monotonic() + 20
    while len(lamp.states) < 4 and time.monotonic() < end_s:
        time.sleep(0.02)
    panel.lamp("off")
    lamp.assert_states([False, True, False, True])
    assert not lamp.state


def test_virtual_panel_by_its_folder(tmp_path: Path) -> None:
    """The virtual room presses by writing a file and reads the lamp from another."""
    panel = open_panel(f"virtual:?dir={tmp_path / 'panel'}&hold_s=0.2")
    assert isinstance(panel, VirtualPanel)
    calls = Calls(panel)
    folder = tmp_path / "panel"
    assert (folder / "lamp").read_text() == "off"
    (folder / "button").write_text("1")
    calls.wait(lambda: calls.presses == 1 and calls.holds == 1)
    (folder / "button").write_text("0")
    panel.lamp("blink")
    assert (folder / "lamp").read_text() == "blink"
    panel.buzz()
    assert (folder / "buzzer").read_text() == "1"
    panel.close()


def test_pins_that_are_not_there_are_an_error_not_a_fallback() -> None:
    """This machine has no lgpio: gpiozero's other factories are never tried in silence."""
    try:
        panel = open_panel("gpio:?button=17")
    except OSError as error:
        assert "lgpio" in str(error)
    else:
        panel.close()
        pytest.skip("this machine has GPIO pins")


def test_a_line_that_another_program_holds_is_said_and_nothing_else_breaks() -> None:
    """lgpio says so by an error of no known kind; the room hears it as the panel's own."""

    class Held(MockFactory):
        def pin(self, name: object) -> object:
            raise Exception("GPIO busy")

    with pytest.raises(PanelError, match="GPIO busy"):
        GpioPanel(parse_url("gpio:?button=5&lamp=6"), Held())
