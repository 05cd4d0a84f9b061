"""This file proves the page of what still needs a real Pi: one page, ticked only by proof."""

from __future__ import annotations

from appliance.commands.pi_checklist import ITEMS, by_hand, page


def test_it_is_one_page_and_each_line_once() -> None:
    text = page(by_hand([]))
    assert len(text.splitlines()) <= 40
    assert max(map(len, text.splitlines())) <= 100
    assert len({name for name, _, _ in ITEMS}) == len(ITEMS)
    assert "[x]" not in text.partition(":")[2]


def test_only_what_was_measured_well_is_ticked() -> None:
    """What a virtual device showed is "unknown", and stays for a person."""
    steps = [
        {"step": "photo", "state": "ok"},
        {"step": "print", "state": "bad"},
        {"step": "lamp", "state": "unknown"},
    ]
    seen = {item["id"]: item["seen"] for item in by_hand(steps)}
    assert (seen["camera_photo"], seen["printer_slip"]) == (True, False)
    assert (seen["lamp"], seen["power_cut"]) == (None, None)


def test_every_step_it_leans_on_is_one_that_is_made() -> None:
    """A step renamed in doctor_hardware would leave its line unticked for ever."""
    from pathlib import Path

    import appliance.commands.doctor_hardware as hardware
    from appliance.core.box_checks import BOX

    source = Path(hardware.__file__).read_text("utf-8")
    for _, step, _ in ITEMS:
        if step.startswith("box_"):
            assert step.removeprefix("box_") in BOX
        elif step:
            assert f'"{step}"' in source, step
