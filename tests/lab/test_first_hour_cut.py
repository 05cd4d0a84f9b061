"""This file kills a blank machine again and again while it makes itself a house from its card."""

from __future__ import annotations

import json
import random
import shutil
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest

from tests.lab import house
from tests.lab.first_card import HOUSE, Ward, card_toml, status
from tests.lab.machine import Machine
from tests.lab.scenario import BOOTED, FILES, lab, printer, say
from tests.lab.test_power_goes import CUTS, SEED, check_disk, free_port
from tests.lab.visitor import Visitor

pytestmark = [pytest.mark.slow, pytest.mark.timeout(14400)]

# Most cuts come soon after a screen is there; every third lets a whole step pass.
SOON_S, LATE_S = 25.0, 240.0
TASK = "python3 -I as_cloud_init.py; exec sh sit"
MOST_S = 3600


def test_the_power_goes_while_a_card_makes_a_house(tmp_path: Path) -> None:
    """A blank Debian, a card by `hien ward enrol`, a clock that says 2001, the ward's door behind
    TLS. The power goes at CUTS points of reading, unpacking, installing, joining. After each there
    is a screen that says where it stands; at the end a house the ward knows, one slip that says
    ready, and no secret on the card. When a house is done before, another card begins anew."""
    chance = random.Random(SEED)
    with lab({"mkfs.vfat": "dosfstools", "mcopy": "mtools"}), printer() as paper:
        images, ward, port = house.bare(), Ward(tmp_path / "ward"), free_port()
        ward.open_door()
        people = Visitor(port)
        card, disk = tmp_path / "card.img", tmp_path / "disk.qcow2"
        machine = Machine(
            images,
            tmp_path,
            disk=disk,
            memory_mib=1536,
            options=(
                *house.lan(port, paper.port, page=80, door_port=ward.door_port),
                *("-rtc", "base=2001-01-01T00:00:00"),
                *("-drive", f"file={card},if=none,id=card,format=raw"),
                *("-device", "virtio-blk-pci,drive=card"),
            ),
            append=BOOTED,
        )
        cut, houses = 0, 0
        try:
            while cut < CUTS or not houses:
                ward.card(card)
                house.layer(images.disk, disk)
                papers = paper.papers_made
                while not (facts := _lives(machine, people, chance, may_cut=cut < CUTS)):
                    cut += 1
                    said = status(card)
                    say(f"cut {cut} of {CUTS}; the card says: {said or 'nothing yet'}")
                houses += 1
                machine.cut_power()
                _is_a_house(facts, card, paper.papers_made - papers)
            say(f"survived {cut} of {CUTS} cuts; {houses} houses made")
            check_disk(disk)
        finally:
            machine.cut_power()
            ward.close()
            shutil.rmtree(tmp_path / "ward", ignore_errors=True)


def _lives(
    machine: Machine, people: Visitor, chance: random.Random, *, may_cut: bool
) -> dict[str, Any] | None:
    """One life between two cuts; its facts when it became a house before the power went."""
    machine.start(TASK, files=FILES)
    most_s = chance.uniform(0, LATE_S if chance.random() < 1 / 3 else SOON_S)
    shown, since_s = "", 0.0
    while machine.is_on():
        now = people.usable()
        if now and now != shown:
            say(f"{machine.up_s():5.0f} s: {now}")
            since_s, shown = since_s or machine.up_s(), now
        for line in machine.lines():
            if line.startswith("facts "):
                return dict(json.loads(line.removeprefix("facts ")))
        if may_cut and since_s and machine.up_s() > since_s + most_s:
            machine.cut_power()
            return None
        assert machine.up_s() < MOST_S, f"not a house: {machine.finish().console[-3000:]}"
        time.sleep(0.3)
    raise AssertionError(f"it went off by itself: {machine.finish().console[-3000:]}")


def _is_a_house(facts: dict[str, Any], card: Path, papers: int) -> None:
    """The ward knows it, it said so on paper once, and the card is worth nothing any more."""
    assert facts["integrity"] == "ok" and not facts["failed"], facts
    assert facts["house"] == HOUSE, facts
    assert facts["ready"] == 1 and facts["slips"][-1][2] == "printed", facts
    printed = [state for _, _, state in facts["slips"]].count("printed")
    unsure = [state for _, _, state in facts["slips"]].count("needs_operator")
    # A plain slip of the first minutes, before our own program is there, is on no table.
    assert printed <= papers <= printed + unsure + 1, (facts, papers)
    assert "Xong" in status(card), status(card)
    assert tomllib.loads(card_toml(card))["word"] == ""
    say(f"a house: {facts['slips']}, {papers} papers; the card says: {status(card)}")
