"""This file cuts the power at many points of one scene and prints what was wrong afterwards.

    python -m tests.powercut.run SCENE [--points N] [--careless]

It takes a mount namespace of its own, so it needs root. The last line is JSON:
{"scene", "points" (how many there are), "cut" (how many were tried), "wrong": {point: [text]}}.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import signal
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.powercut.card import DROPPED, JOURNAL, Card, cut
from tests.powercut.day import Day
from tests.powercut.join import Join
from tests.powercut.points import DIED, Points, without_fsync
from tests.powercut.restore import Restore
from tests.powercut.scene import Facts, Scene
from tests.powercut.update import Update

SCENES: dict[str, Callable[[], Scene]] = {
    "day": Day,
    "update": Update,
    "join": Join,
    "restore": Restore,
}

WAYS = {"dropped": DROPPED, "journal": JOURNAL}


def main() -> None:
    ask = argparse.ArgumentParser()
    ask.add_argument("scene", choices=SCENES)
    ask.add_argument("--points", type=int, default=20)
    ask.add_argument("--timed", type=int, default=0, help="cuts by the clock besides")
    ask.add_argument("--careless", action="store_true", help="without any fsync: must go wrong")
    ask.add_argument("--seed", type=int, default=7)
    given = ask.parse_args()
    if os.environ.get("HIEN_OWN_MOUNTS") != "1":
        os.environ["HIEN_OWN_MOUNTS"] = "1"
        again = [sys.executable, "-m", "tests.powercut.run", *sys.argv[1:]]
        os.execvp("unshare", ["unshare", "--mount", "--propagation", "private", *again])
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None
    folder = Path(tempfile.mkdtemp(prefix="hien-card-", dir=base))
    # What houses that were cut off leave in RAM goes with the card.
    (folder / "ram").mkdir()
    tempfile.tempdir = str(folder / "ram")
    card = Card(folder)
    try:
        print(json.dumps(_cut_often(card, given)))
    finally:
        card.lose()


@dataclass(frozen=True)
class Cut:
    """Where the power goes: before the counted point `at`, or `after_s` into the scene."""

    way: str
    at: int | None = None
    after_s: float | None = None

    def __str__(self) -> str:
        where = f"point {self.at}" if self.at is not None else f"{self.after_s:.4f} s"
        return f"{where} {self.way}"


NEVER = Cut("dropped")


def _cut_often(card: Card, given: argparse.Namespace) -> dict[str, object]:
    scene = SCENES[given.scene]()
    card.make()
    _in_child(lambda: scene.prepare(card.root))
    card.keep()
    began_s = time.monotonic()
    total, _ = _play(card, scene, NEVER, careless=False)
    lasts_s = time.monotonic() - began_s
    if not total:
        raise SystemExit(f"{given.scene}: it does not even pass with the power on")
    chance = random.Random(given.seed)
    cuts = [Cut(way, at) for at in range(total) for way in WAYS]
    if given.points < len(cuts):
        cuts = chance.sample(cuts, given.points)
    # In the middle of what only the kernel sees, such as SQLite's own writes.
    cuts += [
        Cut(chance.choice(list(WAYS)), after_s=chance.uniform(0, lasts_s))
        for _ in range(given.timed)
    ]
    wrong = {str(c): found for c in cuts if (found := _cut_once(card, scene, c, given.careless))}
    return {"scene": given.scene, "points": total, "cut": len(cuts), "wrong": wrong}


def _cut_once(card: Card, scene: Scene, where: Cut, careless: bool) -> list[str]:
    card.back()
    _, facts = _play(card, scene, where, careless=careless)
    card.pull_out()
    card.plug_in()
    found = _in_child(lambda: scene.check(card.root, facts))
    card.pull_out()
    return [*found, *([said] if (said := card.check()) else [])]


def _play(card: Card, scene: Scene, where: Cut, *, careless: bool) -> tuple[int, Facts]:
    """The scene in a child that the power leaves; (points seen, what it had acknowledged)."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        _be_the_house(card, scene, where, write, careless=careless)
    os.close(write)
    with os.fdopen(read, encoding="utf-8") as pipe:
        lines = [json.loads(line) for line in pipe]
    os.waitpid(child, 0)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)  # the power leaves its children too
    facts = [(what, of) for what, of in lines if what != "points"]
    return next((int(of) for what, of in lines if what == "points"), 0), facts


def _be_the_house(card: Card, scene: Scene, where: Cut, write: int, *, careless: bool) -> None:
    os.setpgid(0, 0)
    gone = threading.Event()

    def say(what: str, of: str) -> None:
        # A write of the moment of the cut may be called good by the kernel although it is not on
        # the card (seen with bare write and fsync too). Without power nobody would hear of it, and
        # nothing would come after it.
        if gone.is_set():
            threading.Event().wait()
        os.write(write, (json.dumps([what, of]) + "\n").encode())

    def pull_the_plug() -> None:
        gone.set()
        cut(card.root, WAYS[where.way])
        os._exit(DIED)

    points = Points(card.root, where.at, WAYS[where.way])
    try:
        if careless:
            without_fsync()
        if where.after_s is not None:
            threading.Timer(where.after_s, pull_the_plug).start()
        else:
            points.watch()
        scene.act(card.root, say)
        say("points", str(points.count))
    except BaseException:  # noqa: BLE001 -- without power anything may go wrong
        if where is NEVER:
            traceback.print_exc()
    finally:
        os._exit(0)


def _in_child(work: Callable[[], list[str] | None]) -> list[str]:
    """Run in a process of its own, so that nothing of it holds the card; its list of texts."""
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(read)
        try:
            found = work()
        except BaseException as error:  # noqa: BLE001 -- it is what was found
            traceback.print_exc()
            found = [f"{type(error).__name__}: {error}"]
        os.write(write, json.dumps(found or []).encode())
        os._exit(0)
    os.close(write)
    with os.fdopen(read, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    return list(json.loads(said))


if __name__ == "__main__":
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    main()
