"""This file proves that the supervisor restarts the dead, kills the hung, leaves nobody behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from appliance.supervisor import Program, Supervisor

SPEAK = """
import os, signal, socket, sys, time
def say(text):
    s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
    s.connect("\\0" + os.environ["NOTIFY_SOCKET"][1:])
    s.send(text.encode())
"""


def script(name: str, body: str, *, speaks: bool = True) -> Program:
    """A child that runs `body` as Python, with say() to hand."""
    return Program(name, (sys.executable, "-c", SPEAK + body), speaks=speaks)


STEADY = 'say("READY=1\\nSTATUS=ổn")\nwhile True: say("WATCHDOG=1"); time.sleep(0.1)'


def turn_until(supervisor: Supervisor, happened: Callable[[], bool]) -> None:
    """Drive the loop until `happened`; fails after 20 s so that a fault does not hang the run."""
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end, supervisor.status()
        supervisor.turn(0.2)


def is_alive(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def assert_gone(pid: int) -> None:
    """A killed process we are not the parent of takes a moment to go."""
    end = time.monotonic() + 10
    while is_alive(pid) and time.monotonic() < end:
        time.sleep(0.02)
    assert not is_alive(pid)


@pytest.fixture
def watched() -> Iterator[Callable[..., Supervisor]]:
    """Builds started supervisors and stops them at the end, whatever happened."""
    made: list[Supervisor] = []

    def make(*programs: Program, watchdog_s: float = 30.0) -> Supervisor:
        supervisor = Supervisor(programs, watchdog_s=watchdog_s)
        made.append(supervisor)
        supervisor.start()
        return supervisor

    yield make
    for supervisor in made:
        supervisor.stop(grace_s=1)


def test_the_dead_are_restarted_and_the_others_never_notice(
    watched: Callable[..., Supervisor],
) -> None:
    """kill -9 of one program gives it a new process and leaves its neighbour's alone."""
    supervisor = watched(script("a", STEADY), script("b", STEADY))
    turn_until(supervisor, supervisor.is_ready)
    before = supervisor.pids()
    os.kill(before["a"], signal.SIGKILL)
    turn_until(supervisor, lambda: not supervisor.is_ready())
    turn_until(supervisor, supervisor.is_ready)
    after = supervisor.pids()
    assert after["a"] != before["a"]
    assert after["b"] == before["b"]
    assert supervisor.status() == "a: ổn; b: ổn"


def test_back_off_grows_and_stays_bounded(watched: Callable[..., Supervisor]) -> None:
    """A program that dies at once is not started in a busy loop."""
    supervisor = watched(script("a", "sys.exit(3)", speaks=False))
    child = supervisor.children["a"]
    turn_until(supervisor, lambda: child.deaths >= 3)
    assert child.again_mono_s is not None
    assert child.again_mono_s - child.started_mono_s >= 1.2
    assert not supervisor.is_ready()


def test_the_hung_are_killed_and_restarted(watched: Callable[..., Supervisor]) -> None:
    """A program that was ready and fell silent is replaced."""
    supervisor = watched(script("a", 'say("READY=1")\ntime.sleep(600)'), watchdog_s=1.0)
    turn_until(supervisor, supervisor.is_ready)
    first = supervisor.pids()["a"]
    turn_until(supervisor, lambda: supervisor.pids().get("a", first) != first)


def test_stop_kills_who_does_not_listen(watched: Callable[..., Supervisor]) -> None:
    """A program that ignores SIGTERM, and what it started itself, is gone after stop()."""
    stubborn = "signal.signal(signal.SIGTERM, signal.SIG_IGN)\nimport subprocess\n"
    stubborn += 'p = subprocess.Popen(["sleep", "600"])\nsay(f"STATUS={p.pid}\\nREADY=1")\n'
    supervisor = watched(script("a", stubborn + "time.sleep(600)"))
    turn_until(supervisor, supervisor.is_ready)
    pids = [supervisor.pids()["a"], int(supervisor.children["a"].status)]
    supervisor.stop(grace_s=0.3)
    for pid in pids:
        assert_gone(pid)


def test_kill_9_of_the_supervisor_leaves_no_orphan(tmp_path: Path) -> None:
    """The kernel takes the programs down with a supervisor that could not do it itself."""
    main = (
        "import sys\n"
        "from appliance.supervisor import Program, Supervisor\n"
        f"s = Supervisor([Program('a', (sys.executable, '-c', {SPEAK + STEADY!r}))])\n"
        "s.start()\n"
        "while not s.is_ready(): s.turn(1)\n"
        "print(s.pids()['a'], flush=True)\n"
        "s.run()\n"
    )
    with subprocess.Popen([sys.executable, "-c", main], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_alive(pid)
        parent.kill()
    assert_gone(pid)


def test_run_tells_systemd_and_returns_on_request(
    watched: Callable[..., Supervisor], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """READY=1 is passed on once everybody is ready; request_stop() ends run()."""
    said: list[str] = []
    monkeypatch.setattr("appliance.notify.notify", lambda *lines: said.extend(lines) or True)
    supervisor = watched(script("a", STEADY))
    supervisor.run(lambda: "READY=1" in said and supervisor.request_stop())
    assert "READY=1" in said and "STATUS=a: ổn" in said
