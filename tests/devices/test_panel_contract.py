"""This file is the contract every panel keeps, run over each adapter or over `--panel URL`."""

from __future__ import annotations

import pytest

from appliance.devices.panel import Panel, open_panel
from appliance.errors import ConfigError


def test_every_lamp_pattern_and_the_buzzer_can_be_asked_for(any_panel: Panel) -> None:
    """Also the same pattern twice, and after one another in any order."""
    for first in ("off", "blink", "on"):
        for second in ("off", "blink", "on"):
            any_panel.lamp(first)  # type: ignore[arg-type]
            any_panel.lamp(second)  # type: ignore[arg-type]
    any_panel.buzz()


def test_check_is_ok(any_panel: Panel) -> None:
    check = any_panel.check()
    assert (check.name, check.state) == ("panel", "ok")


def test_close_twice_is_no_error(any_panel: Panel) -> None:
    any_panel.close()
    any_panel.close()


def test_none_does_nothing_and_says_so() -> None:
    panel = open_panel("none:")
    panel.lamp("blink")
    panel.buzz()
    assert (panel.check().state, panel.check().code) == ("unknown", "none")


@pytest.mark.parametrize(
    "url", ["gpio:?button=99", "gpio:?button=x", "gpio:?button=5&lamp=5", "gpio:?lampe=4"]
)
def test_wrong_pins_are_refused_before_any_pin_is_touched(url: str) -> None:
    with pytest.raises(ConfigError):
        open_panel(url)
