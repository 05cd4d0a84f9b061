"""This file takes a release in while the power may go: the old one runs afterwards, or the new."""

from __future__ import annotations

import hashlib
from pathlib import Path

from appliance.errors import HienError
from provisioning.update import apply, bundle, keys
from provisioning.update.slots import Slots, version_of
from provisioning.update.trial import go_back
from tests.powercut.scene import Facts, Say
from tests.provisioning.update.releases import NIGHT, Machine

NEW = "1.1.0"


class Update:
    def prepare(self, card: Path) -> None:
        Machine(card).release(NEW)

    def act(self, card: Path, say: Say) -> None:
        apply.apply(card / f"{NEW}.hien", _box(card), NIGHT, asked_by_person=False)
        say("runs", NEW)

    def check(self, card: Path, facts: Facts) -> list[str]:
        box = _box(card)
        go_back(box.slots, box.install, cut_off=True)  # what the machine does first when it starts
        current = box.slots.current()
        wrong = []
        if ("runs", NEW) in facts and version_of(current) != NEW:
            wrong.append(f"{NEW} was said to run, and {current} does")
        if not box.slots.is_whole(current):
            wrong.append(f"{current} runs and is not whole")
        return wrong + _files(card, box.slots.releases / current) + _takes_it_now(card, current)


def _files(card: Path, slot: Path) -> list[str]:
    """Every file of the slot that runs is the one that was signed."""
    if version_of(slot.name) != NEW:
        first = slot / "appliance/selftest.py"
        return [] if first.exists() and first.stat().st_size else [f"{first.name} is gone"]
    signed = bundle.read_manifest(card / f"{NEW}.hien", keys.pinned(card / "keys"))
    wrong = []
    for name, file in signed.files.items():
        body = (slot / name).read_bytes() if (slot / name).exists() else b""
        if hashlib.sha256(body).hexdigest() != file.sha256:
            wrong.append(f"{name} has {len(body)} bytes that were not signed")
    if not (slot / ".venv/bin/python").read_bytes():
        wrong.append("the release has an empty Python")
    return wrong


def _takes_it_now(card: Path, current: str) -> list[str]:
    """A release that was cut off, and not tried yet, can be taken in now."""
    box = _box(card)
    if version_of(current) == NEW or box.slots.refused():
        return []
    try:
        name = apply.apply(card / f"{NEW}.hien", box, NIGHT, asked_by_person=False)
    except HienError as error:
        return [f"and now it is refused: {error}"]
    return [] if version_of(name) == NEW else [f"and now {name} runs"]


def _box(card: Path) -> apply.Box:
    slots = Slots(card / "opt", card / "state")
    return apply.Box(
        slots,
        card / "keys",
        card / "data/hien.db",
        "Asia/Ho_Chi_Minh",
        slots.switch,
        lambda version: version_of(slots.current()) == version,
    )
