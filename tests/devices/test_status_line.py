"""This file proves the one line about the machines."""

from __future__ import annotations

from appliance.core.check import Check
from appliance.devices.status_line import status_line


def test_names_states_and_codes() -> None:
    checks = [
        Check("camera", "ok"),
        Check("printer", "bad", "paper_out"),
        Check("panel", "bad", "something_new"),
        Check("disk", "ok"),
    ]
    assert status_line(checks) == "máy chụp: tốt; máy in: hết giấy; nút gọi: có trục trặc"


def test_the_card_only_when_it_is_in_trouble() -> None:
    assert status_line([Check("disk", "bad", "disk_full")]) == "thẻ nhớ: đầy"
