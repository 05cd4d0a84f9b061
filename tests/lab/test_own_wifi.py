"""This file boots a house without any network among three Wi-Fi radios."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lab import awake
from tests.lab.scenario import FILES, lab, must_pass, say

pytestmark = [pytest.mark.slow, pytest.mark.timeout(4800)]


def test_own_wifi_a_telephone_and_a_router(tmp_path: Path) -> None:
    """A house that knows no network makes its own Wi-Fi through NetworkManager. A telephone joins
    with the printed key, has an address, opens its sheet by itself (what Android, iOS, Windows and
    Firefox ask for), finds the house by name and number, and reaches the house's ports alone, with
    a control that the firewall is what holds. Then the house is given a router by root's helper,
    joins it, comes back to its own Wi-Fi when the router is off, and returns to it afterwards."""
    with lab():
        machine, state = awake.machine(tmp_path, 0, 9)
        # Out of the cable: a house that knows no network.
        machine.start("python3 -u own_wifi.py", files=FILES, state=state)
        machine.monitor("set_link", name="lan", up=False)
        run = machine.watch(limit_s=2400, on_line=say)
        must_pass(run)
