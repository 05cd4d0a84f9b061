"""This file proves the help button: press, press again, hold, and what the lamp says meanwhile."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from appliance.core.moment import Moment, Sync
from appliance.devices.panel import on_pins, open_panel
from appliance.devices.panel.virtual import VirtualPanel
from appliance.devices.panel_worker import PanelWorker
from appliance.errors import StoreError
from appliance.service import help as service
from tests.devices.house_for_tests import SmallHouse, turn_until


class Porch:
    def __init__(self, folder: Path, **settings: str) -> None:
        self.house = SmallHouse(folder, more=settings)
        panel = open_panel(f"virtual:?hold_s=0.2&dir={folder / 'panel'}")
        assert isinstance(panel, VirtualPanel)
        self.panel = panel
        self.worker = PanelWorker(self.house.parts, panel)
        self._lamp = folder / "panel" / "lamp"
        self.worker.turn()

    def lamp(self) -> str:
        return self._lamp.read_text()

    def states(self) -> list[str]:
        rows = self.house.store.all("SELECT state FROM help_calls ORDER BY rowid")
        return [row["state"] for row in rows]

    def press(self) -> None:
        """Down and up again at once: no hold."""
        self.panel.press()
        self.panel.release()
        self.worker.turn()


@pytest.fixture
def porch(tmp_path: Path):  # type: ignore[no-untyped-def]
    porch = Porch(tmp_path)
    yield porch
    porch.panel.close()


def test_a_press_is_a_call_and_the_lamp_blinks(porch: Porch) -> None:
    assert porch.lamp() == "off"
    porch.press()
    assert porch.states() == ["open"]
    assert porch.lamp() == "blink"


def test_a_second_press_is_the_same_call(porch: Porch) -> None:
    porch.press()
    porch.worker._events.put(("press", "another-press"))
    porch.worker.turn()
    assert porch.states() == ["open"]


def test_the_lamp_is_steady_once_somebody_comes_and_dark_when_he_is_here(porch: Porch) -> None:
    """Answering happens elsewhere (desk, ward): the panel sees it on the table."""
    porch.press()
    call = porch.house.store.one("SELECT id FROM help_calls")
    assert call is not None
    service.answer(
        porch.house.store, porch.house.now(), call["id"], who="Anh Minh", eta_min=10, by_ward=False
    )
    turn_until(porch.worker.turn, lambda: porch.lamp() == "on")
    service.close(porch.house.store, porch.house.now(), call["id"])
    turn_until(porch.worker.turn, lambda: porch.lamp() == "off")


def test_holding_withdraws_the_call(porch: Porch) -> None:
    porch.press()
    time.sleep(2 * on_pins.BOUNCE_S)
    porch.panel.press()
    turn_until(porch.worker.turn, lambda: porch.states() == ["withdrawn"])
    porch.panel.release()
    assert porch.lamp() == "off"


def test_a_frightened_long_press_from_nothing_stays_a_call(porch: Porch) -> None:
    """Who clings to the button has not changed their mind: the lamp blinks on."""
    held = []
    told = porch.panel.on_hold
    assert told is not None
    porch.panel.on_hold = lambda: (held.append(1), told())  # type: ignore[func-returns-value]
    porch.panel.press()
    turn_until(porch.worker.turn, lambda: bool(held))
    porch.worker.turn()
    assert (porch.states(), porch.lamp()) == (["open"], "blink")
    porch.panel.release()
    # Pressed again and held: now there was a call to withdraw.
    time.sleep(2 * on_pins.BOUNCE_S)
    porch.panel.press()
    turn_until(porch.worker.turn, lambda: porch.states() == ["withdrawn"])
    porch.panel.release()


@pytest.mark.parametrize(("later_min", "states"), [(35, "withdrawn"), (41, "open")])
def test_a_call_answered_long_ago_takes_no_new_one_with_it(
    porch: Porch, later_min: int, states: str
) -> None:
    """Nobody closed it, its helper has long been here and gone. Whoever is frightened then, and
    clings to the button, gets help; who waited until just now can still withdraw."""
    store, now = porch.house.store, porch.house.now()
    call = service.call_help(store, now, key="first", source="tablet")
    service.answer(store, now, call["id"], who="", eta_min=10, by_ward=True)
    later = replace(
        now, at=now.at + timedelta(minutes=later_min), mono_ms=now.mono_ms + later_min * 60_000
    )
    porch.house.parts.clock.now = lambda: later  # type: ignore[method-assign]
    porch.worker._events.put(("press", "second"))
    porch.worker._events.put(("hold", ""))
    porch.worker.turn()
    assert porch.states()[-1] == states
    assert porch.lamp() == ("blink" if states == "open" else "off")


def test_holding_withdraws_an_answered_call_too(porch: Porch) -> None:
    """Whatever was on before the press ends, and what the press itself made goes along."""
    porch.press()
    call = porch.house.store.one("SELECT id FROM help_calls")
    assert call is not None
    service.answer(
        porch.house.store, porch.house.now(), call["id"], who="", eta_min=10, by_ward=True
    )
    time.sleep(2 * on_pins.BOUNCE_S)
    porch.panel.press()
    turn_until(porch.worker.turn, lambda: set(porch.states()) == {"withdrawn"})
    porch.panel.release()


@pytest.mark.parametrize(
    ("hours", "sync", "buzzes"),
    [
        ("00:00-23:59", "ntp", 0),
        ("", "ntp", 1),
        ("00:00-23:59", "none", 1),  # a clock nobody has set does not know the night
    ],
)
def test_the_buzzer_keeps_quiet_by_night_and_the_lamp_does_not(
    tmp_path: Path, hours: str, sync: Sync, buzzes: int
) -> None:
    porch = Porch(tmp_path, **{"devices.quiet_hours": hours})
    try:
        noon = datetime(2026, 11, 24, 5, tzinfo=UTC)
        moment = replace(porch.house.now(), at=noon, sync=sync)
        porch.worker._parts = replace(porch.house.parts, clock=_Still(moment))
        porch.press()
        assert (porch.states(), porch.lamp()) == (["open"], "blink")
        assert int((tmp_path / "panel" / "buzzer").read_text()) == buzzes
    finally:
        porch.panel.close()


class _Still:
    """A clock that stands."""

    def __init__(self, moment: Moment) -> None:
        self._moment = moment

    def now(self) -> Moment:
        return self._moment


def test_a_press_on_a_full_card_is_kept_until_it_is_a_call(
    porch: Porch, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lamp does not promise what is not on the card; the press is not lost either."""
    real, full = service.call_help, [True]

    def call_help(*args: object, **more: object) -> object:
        if full:
            full.pop()
            raise StoreError("the card is full", code="disk_full")
        return real(*args, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(service, "call_help", call_help)
    porch.press()
    assert (porch.states(), porch.lamp()) == ([], "off")
    turn_until(porch.worker.turn, lambda: porch.states() == ["open"])
    assert porch.lamp() == "blink"


def test_the_lamp_knows_an_open_call_after_a_restart(porch: Porch) -> None:
    """A call made before a power cut still blinks when the room is back."""
    porch.press()
    panel = open_panel("virtual:")
    assert isinstance(panel, VirtualPanel)
    PanelWorker(porch.house.parts, panel).turn()
    assert panel._pattern == "blink"
    panel.close()
