"""This file runs several programs as one: starts them, restarts what dies or hangs, stops all."""

from __future__ import annotations

import contextlib
import logging
import os
import secrets
import selectors
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from appliance import notify
from appliance.errors import HienError

log = logging.getLogger("hien.supervisor")

BACK_OFF_S = (0.3, 0.6, 1.2, 2.4, 5.0)
START_LIMIT_S = 90.0
"""A program that speaks must be ready by then; systemd's own default."""
STEADY_S = 10.0
"""A program that lived this long starts again from the shortest back-off."""

# The kernel kills the child when we are gone, however we went (PR_SET_PDEATHSIG is 1). This runs in
# the child, before the program: a fork hook in this process would not be safe beside threads.
TETHER = (
    "import ctypes, os, signal, sys\n"
    "ctypes.CDLL(None).prctl(1, signal.SIGKILL, 0, 0, 0)\n"
    "if os.getppid() == int(sys.argv[1]):\n"
    "    os.execvp(sys.argv[2], sys.argv[2:])\n"
)


class StartError(HienError):
    """A program could not be started, or ended before it was ready."""

    default_code = "start_failed"


@dataclass(frozen=True)
class Program:
    """One child. `speaks`: it reports READY=1 and WATCHDOG=1 as systemd wants it to."""

    name: str
    argv: tuple[str, ...]
    speaks: bool = True
    log_file: Path | None = None
    env: Mapping[str, str] = field(default_factory=dict)


def own_environment() -> dict[str, str]:
    """What a program of ours needs to find our code from whatever folder we were started in."""
    root = str(Path(__file__).resolve().parents[1])
    path = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH", ""))))
    return {"PYTHONPATH": path, "PYTHONUNBUFFERED": "1"}


def own_program(name: str, *arguments: str, **more: Any) -> Program:
    """A command of ours as a program: `own_program("web", "web", "--config", path)`."""
    argv = (sys.executable, "-m", "appliance", *arguments)
    return Program(name, argv, env=own_environment(), **more)


class _Child:
    """A program's present life: process, notify socket, and when to try again."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.address = f"@hien-{os.getpid()}-{program.name}-{secrets.token_hex(4)}"
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC)
        self.ear.bind("\0" + self.address[1:])
        self.ear.setblocking(False)
        self.process: subprocess.Popen[bytes] | None = None
        self.pid_fd = -1
        self.ready = False
        self.status = ""
        self.deaths = 0
        self.started_mono_s = 0.0
        self.heard_mono_s = 0.0
        self.again_mono_s: float | None = None


class Supervisor:
    """Keeps `programs` running. One thread, woken only by a death, a word or a due restart."""

    def __init__(self, programs: Sequence[Program], *, watchdog_s: float = 30.0) -> None:
        self.watchdog_s = watchdog_s
        self.children = {p.name: _Child(p) for p in programs}
        self._selector = selectors.DefaultSelector()
        self._wake_out, self._wake_in = socket.socketpair()
        self._wake_out.setblocking(False)
        self._selector.register(self._wake_out, selectors.EVENT_READ, None)
        self._stopping = False

    def start(self) -> None:
        """Start every program; does not wait for them to be ready."""
        for child in self.children.values():
            self._selector.register(child.ear, selectors.EVENT_READ, child)
            self._spawn(child)

    def request_stop(self) -> None:
        """Make `run` return soon. Safe in a signal handler and from any thread."""
        self._stopping = True
        with contextlib.suppress(OSError):
            self._wake_in.send(b"x")

    @property
    def stop_requested(self) -> bool:
        return self._stopping

    def is_ready(self) -> bool:
        """True when every program that speaks has said READY=1 and none is down."""
        return all(c.process and (c.ready or not c.program.speaks) for c in self.children.values())

    def pids(self) -> dict[str, int]:
        """Process ids by program name, of those that run now."""
        return {n: c.process.pid for n, c in self.children.items() if c.process}

    def run(self, on_turn: Callable[[], None] | None = None) -> None:
        """Watch until a stop is requested. `on_turn` is called about once a second."""
        told_ready = False
        while not self._stopping:
            self.turn(1.0)
            if self.is_ready() and not told_ready:
                told_ready = True
                notify.ready(self.status())
            if told_ready:
                notify.alive(self.status())
            if on_turn:
                on_turn()

    def status(self) -> str:
        """One line for people: what each program last said."""
        return "; ".join(
            f"{n}: {c.status or ('chạy' if c.process else 'đang khởi động lại')}"
            for n, c in self.children.items()
        )

    def turn(self, timeout_s: float) -> None:
        """Wait at most `timeout_s` for something to happen, and act on it."""
        due = [c.again_mono_s for c in self.children.values() if c.again_mono_s is not None]
        wait_s = min([timeout_s, *(max(0.0, at - time.monotonic()) for at in due)])
        for key, _ in self._selector.select(wait_s):
            child: _Child | None = key.data
            if child is None:
                with contextlib.suppress(BlockingIOError):
                    self._wake_out.recv(64)
            elif key.fileobj is child.ear:
                self._listen(child)
            elif child.process:
                self._bury(child)
        now = time.monotonic()
        for child in self.children.values():
            if child.again_mono_s is not None and child.again_mono_s <= now and not self._stopping:
                self._spawn(child)
            elif self._is_hung(child, now):
                silent_s = now - child.heard_mono_s
                log.warning("%s has not spoken for %.0f s: killed", child.program.name, silent_s)
                self._signal(child, signal.SIGKILL)

    def stop(self, grace_s: float = 3.0) -> None:
        """Ask everybody to end, wait `grace_s` for all together, then kill who is left."""
        self._stopping = True
        notify.stopping()
        for child in self.children.values():
            self._signal(child, signal.SIGTERM)
        deadline = time.monotonic() + grace_s
        for child in self.children.values():
            if not child.process:
                continue
            try:
                child.process.wait(max(0.01, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("%s did not stop in %.0f s: killed", child.program.name, grace_s)
            self._signal(child, signal.SIGKILL)
            child.process.wait()
        self.close()

    def close(self) -> None:
        """Give the sockets back."""
        self._selector.close()
        for child in self.children.values():
            child.ear.close()
            if child.pid_fd >= 0:
                os.close(child.pid_fd)
                child.pid_fd = -1
        self._wake_in.close()
        self._wake_out.close()

    def _spawn(self, child: _Child) -> None:
        program = child.program
        left_out = {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"}
        env = {k: v for k, v in os.environ.items() if k not in left_out} | dict(program.env)
        if program.speaks:
            env["NOTIFY_SOCKET"] = child.address
            env["WATCHDOG_USEC"] = str(int(self.watchdog_s * 1e6))
        with contextlib.ExitStack() as stack:
            out = 2
            if program.log_file:
                program.log_file.parent.mkdir(parents=True, exist_ok=True)
                out = stack.enter_context(program.log_file.open("ab")).fileno()
            # A session of its own: Ctrl-C in the terminal reaches us alone; we stop it in order.
            child.process = subprocess.Popen(
                [sys.executable, "-I", "-S", "-c", TETHER, str(os.getpid()), *program.argv],
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=env,
                start_new_session=True,
            )
        child.pid_fd = os.pidfd_open(child.process.pid)
        self._selector.register(child.pid_fd, selectors.EVENT_READ, child)
        child.ready, child.status, child.again_mono_s = False, "", None
        child.started_mono_s = child.heard_mono_s = time.monotonic()

    def _listen(self, child: _Child) -> None:
        with contextlib.suppress(BlockingIOError):
            while True:
                for line in child.ear.recv(4096).decode("utf-8", "replace").splitlines():
                    child.heard_mono_s = time.monotonic()
                    if line == "READY=1":
                        child.ready = True
                    elif line.startswith("STATUS="):
                        child.status = line.removeprefix("STATUS=")[:200]

    def _bury(self, child: _Child) -> None:
        assert child.process is not None
        code = child.process.wait()
        self._signal(child, signal.SIGKILL)  # What it started itself goes with it.
        self._selector.unregister(child.pid_fd)
        os.close(child.pid_fd)
        child.pid_fd, child.process, child.ready = -1, None, False
        now = time.monotonic()
        child.deaths = 0 if now - child.started_mono_s >= STEADY_S else child.deaths
        pause_s = BACK_OFF_S[min(child.deaths, len(BACK_OFF_S) - 1)]
        child.deaths += 1
        child.again_mono_s = now + pause_s
        if not self._stopping:
            log.warning("%s ended (%d); again in %.1f s", child.program.name, code, pause_s)

    def _is_hung(self, child: _Child, now_mono_s: float) -> bool:
        if child.process is None or not child.program.speaks:
            return False
        limit_s = self.watchdog_s if child.ready else START_LIMIT_S
        return now_mono_s - child.heard_mono_s > limit_s

    def _signal(self, child: _Child, number: int) -> None:
        if child.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(child.process.pid, number)
