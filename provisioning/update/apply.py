"""This file takes a release in: proved, laid beside, rehearsed, tried; or refused with a reason."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from appliance.errors import BadInput, Conflict, HienError
from provisioning.update import alone, bundle, keys, moment, rehearsal
from provisioning.update.manifest import Manifest, numbers
from provisioning.update.slots import Slots, newer, version_of
from provisioning.update.trial import Healthy, Install, try_release


@dataclass(frozen=True)
class Box:
    """Where things are on this machine, and its two ways to act."""

    slots: Slots
    keys_dir: Path
    database: Path
    zone: str
    install: Install
    healthy: Healthy
    settings: Path | None = None


def check(path: Path, box: Box) -> Manifest:
    """The manifest of a release this house may take. Raises with the reason when it may not."""
    found = bundle.read_manifest(path, keys.pinned(box.keys_dir))
    now = version_of(box.slots.current())
    if numbers(found.version) <= numbers(now) and not found.allow_downgrade:
        raise Conflict(
            f"{found.version} is not newer than {now}, which runs here. Nothing was changed.",
            code="not_newer",
        )
    if numbers(now) < numbers(found.min_from):
        raise Conflict(
            f"{found.version} wants at least {found.min_from} before it; {now} runs here. "
            "Install a release in between.",
            code="too_old",
        )
    if slot_of(found) in box.slots.refused():
        raise Conflict(
            f"{found.version} was tried here and was not well. Ask the ward for another.",
            code="refused_before",
        )
    return found


def slot_of(found: Manifest) -> str:
    return f"{found.version}+{hashlib.sha256(found.dump()).hexdigest()[:12]}"


def apply(path: Path, box: Box, now: datetime, *, asked_by_person: bool) -> str:
    """Take in the release at `path`; the name of its slot. Raises when it was refused or went back.

    Whatever happens, a whole release runs afterwards: this one, or the one before.
    """
    with alone.alone(box.slots.state):
        return _apply(path, box, now, asked_by_person=asked_by_person)


def _apply(path: Path, box: Box, now: datetime, *, asked_by_person: bool) -> str:
    if box.slots.pending():
        raise Conflict("an update is under way, or was cut off: start the machine anew.")
    found = check(path, box)
    name = slot_of(found)
    overdue = moment.overdue(path, now)
    moment.check(box.database, now, box.zone, asked_by_person=asked_by_person, overdue=overdue)
    before = box.slots.current()
    if name == before:
        raise Conflict(f"{name} runs here already.", code="not_newer")
    box.slots.tidy()
    for left in box.slots.state.glob("rehearsal-*"):
        shutil.rmtree(left, ignore_errors=True)
    # As much again for the .venv, and a copy of the table.
    wanted = 3 * sum(f.size for f in found.files.values())
    if rehearsal.free_bytes(box.slots.home) < wanted:
        raise Conflict("there is not enough room on the card for a release.", code="disk_full")
    try:
        _lay(path, box, name)
        slot, forerunner = box.slots.releases / name, box.slots.releases / before
        rehearsal.prepare(slot, forerunner)
        rehearsal.rehearse(slot, forerunner, box.database, box.slots.state, box.settings)
        box.slots.seal(name)
    except BaseException:
        box.slots.discard(name)
        raise
    # It took minutes: somebody may have come in.
    moment.check(box.database, now, box.zone, asked_by_person=asked_by_person, overdue=overdue)
    if not try_release(box.slots, name, box.install, box.healthy):
        raise HienError(
            f"{found.version} was not well within a minute; {version_of(before)} runs again. "
            "Nothing was lost.",
            code="went_back",
        )
    box.slots.tidy(before)
    return name


def newest(paths: Iterable[Path], box: Box) -> Path | None:
    """Of these files, the newest release that this house may take; others are passed over."""
    best: tuple[str, Path] | None = None
    for path in sorted(paths):
        try:
            name = slot_of(check(path, box))
        except (BadInput, Conflict):
            continue
        if best is None or newer(name, best[0]):
            best = name, path
    return best[1] if best else None


def _lay(path: Path, box: Box, name: str) -> None:
    part = box.slots.releases / f"{name}.part"
    shutil.rmtree(part, ignore_errors=True)
    box.slots.discard(name)
    try:
        # Verified again as it is written: a stick may answer differently the second time.
        again = bundle.unpack(path, keys.pinned(box.keys_dir), part)
        if slot_of(again) != name:
            raise BadInput("the file changed while it was read. Copy it again.", code="tampered")
        part.rename(box.slots.releases / name)
    finally:
        shutil.rmtree(part, ignore_errors=True)
