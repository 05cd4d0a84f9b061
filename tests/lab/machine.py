"""This file boots a lab machine: a real Debian kernel in QEMU, with no network unless given one.

    run = Machine(images(ROOT, SITE), work).run("python3 -m pytest ...", files={...}, limit_s=300)
    run.status, run.out / "junit.xml", run.said

What the task prints comes over a console of its own, at once; what it leaves in /lab/out is in
`run.out` when the machine is off. A line "@host WORDS" from the task is a wish to the host: it
calls `on_wish(WORDS)`, which may press the machine's power button or pull its plug.
`start` and `finish` are `run` in two, for a test that does something from outside meanwhile.
"""

from __future__ import annotations

import contextlib
import json
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.lab.accelerator import accelerator
from tests.lab.images import Images
from tests.lab.roots import HERE

# Of one size always: a machine that is woken later finds the disks it fell asleep with.
TASK_MIB, RESULTS_MIB = 32, 64
_OF_ARCH = {
    # Without a screen, and without what guards against Meltdown: emulated, each call of the kernel
    # would empty all tables.
    "amd64": (
        ["qemu-system-x86_64", "-M", "q35", "-vga", "none"],
        "console=ttyS0 mitigations=off audit=0 random.trust_cpu=on",
    ),
    "arm64": (
        ["qemu-system-aarch64", "-M", "virt"],
        "console=ttyAMA0",
    ),
}
PROGRAMS = {
    "qemu-system-x86_64": "qemu-system-x86",
    "qemu-system-aarch64": "qemu-system-arm",
    "qemu-img": "qemu-utils",
    "mke2fs": "e2fsprogs",
    "cpio": "cpio",
    "depmod": "kmod",
}


@dataclass(frozen=True)
class Run:
    """How it ended. `status`: the task's exit code, None when the power went before its end."""

    status: int | None
    said: str
    console: str
    out: Path
    took_s: float


class Machine:
    """One machine in the folder `work`. `disk=None`: what it writes to its root is forgotten."""

    def __init__(
        self,
        images: Images,
        work: Path,
        *,
        disk: Path | None = None,
        memory_mib: int = 1024,
        options: tuple[str, ...] = (),
        append: str = "",
        cache: str = "writeback",
    ) -> None:
        self._images, self._work, self._disk, self._cache = images, work, disk, cache
        self._memory_mib, self._options, self._append = memory_mib, options, append
        self._process: subprocess.Popen[bytes] | None = None
        self._began_s, self._heard = 0.0, 0
        work.mkdir(parents=True, exist_ok=True)

    def run(
        self,
        command: str,
        *,
        files: Mapping[str, Path] | None = None,
        limit_s: float = 600,
        on_wish: Callable[[str], None] | None = None,
        on_line: Callable[[str], None] = lambda line: None,
        state: Path | None = None,
    ) -> Run:
        """Boot, do `command` (sh, in /lab) with `files` (name in /lab -> file or folder), and wait
        for the power to go off; after `limit_s` it is cut."""
        self.start(command, files=files, state=state)
        return self.watch(limit_s=limit_s, on_wish=on_wish, on_line=on_line)

    def watch(
        self,
        *,
        limit_s: float = 600,
        on_wish: Callable[[str], None] | None = None,
        on_line: Callable[[str], None] = lambda line: None,
    ) -> Run:
        """The second half of `run`, of a machine that was started."""
        try:
            while self.is_on() and time.monotonic() - self._began_s < limit_s:
                time.sleep(0.1)
                for line in self.lines():
                    on_line(line)
                    if line.startswith("@host ") and on_wish is not None:
                        on_wish(line.removeprefix("@host ").strip())
        finally:
            run = self.finish()
        for line in self.lines():
            on_line(line)
        return run

    def start(
        self,
        command: str,
        *,
        files: Mapping[str, Path] | None = None,
        state: Path | None = None,
    ) -> None:
        """Switch it on. `finish` switches it off, if it is not off by then. With the `state` of a
        machine that was put to `sleep`, it goes on from there, on that one's disk."""
        for name in ("said", "console"):
            (self._work / name).write_bytes(b"")
        self._heard = 0
        self._task(command, files or {})
        words = self._command()
        if state is not None:
            words += ["-incoming", f"exec:cat {state}"]
        self._began_s = time.monotonic()
        with (self._work / "qemu").open("wb") as qemu:
            self._process = subprocess.Popen(words, stdout=qemu, stderr=qemu)
        if state is not None:
            self._wait_for_status("paused", "running")
            self.monitor("cont")

    def sleep(self, state: Path) -> None:
        """Stand still at this instant: RAM and devices into `state`, and the power off. The disk it
        was given is the other half."""
        self.monitor("stop")
        self.monitor("migrate", uri=f"exec:cat > {state}")
        self._wait_for_status("postmigrate")
        self.cut_power()

    def _wait_for_status(self, *wanted: str) -> None:
        end_s = time.monotonic() + 300
        while time.monotonic() < end_s and self.is_on():
            with contextlib.suppress(OSError):
                if self.monitor("query-status")["status"] in wanted:
                    return
            time.sleep(0.2)
        raise RuntimeError((self._work / "qemu").read_text("utf-8", "replace")[-2000:])

    def is_on(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def up_s(self) -> float:
        """Seconds since the power came."""
        return time.monotonic() - self._began_s

    def lines(self) -> list[str]:
        """What the task has said since this was last asked, in whole lines."""
        whole = (self._work / "said").read_bytes()
        end = whole.rfind(b"\n") + 1
        new = whole[self._heard : end].decode("utf-8", "replace").splitlines()
        self._heard = max(self._heard, end)
        return new

    def finish(self) -> Run:
        """Cut the power, if it is still on, and see what there is. Raises RuntimeError when QEMU
        itself would not start."""
        self.cut_power()
        said, console = (
            (self._work / name).read_text("utf-8", "replace") for name in ("said", "console")
        )
        if not console and not said:
            # A negative code is a signal from outside; 0 and no word, a machine that reset itself.
            ended = self._process.returncode if self._process else None
            words = (self._work / "qemu").read_text("utf-8", "replace")[-2000:]
            raise RuntimeError(f"QEMU ended with {ended}: {words}")
        out = self._work / "out"
        status = self._results(out)
        return Run(status, said, console, out, time.monotonic() - self._began_s)

    def cut_power(self) -> None:
        """As when the plug is pulled: nothing is written any more."""
        if self._process is not None and self._process.poll() is None:
            self._process.kill()
        if self._process is not None:
            self._process.wait(30)

    def press_power_button(self) -> None:
        """A short press; on the arm64 machine a real edge on line 3 of its GPIO chip."""
        self.monitor("system_powerdown")

    def monitor(self, command: str, **arguments: object) -> Any:
        """One command of QEMU's machine protocol; its answer."""
        with socket.socket(socket.AF_UNIX) as way:
            way.settimeout(30)
            way.connect(str(self._work / "qmp"))
            stream = way.makefile("rw", encoding="utf-8")
            stream.readline()
            for name, given in (("qmp_capabilities", {}), (command, arguments)):
                stream.write(json.dumps({"execute": name, "arguments": given}) + "\n")
                stream.flush()
                while True:
                    answer = json.loads(stream.readline())
                    if "event" not in answer:
                        break
        if "error" in answer:
            raise RuntimeError(f"{command}: {answer['error']}")
        return answer["return"]

    def _task(self, command: str, files: Mapping[str, Path]) -> None:
        (self._work / "command").write_text(command + "\n", "utf-8")
        with tarfile.open(self._work / "task.tar", "w") as tar:
            # First, for its time tells one task from another (guest/house/sleeper).
            tar.add(self._work / "command", "command")
            tar.add(HERE / "guest/start", "start")
            for name, path in files.items():
                tar.add(path, name, filter=_without_caches)
        with (self._work / "task.tar").open("ab") as file:
            file.truncate(TASK_MIB << 20)
        with (self._work / "results.img").open("wb") as file:
            file.truncate(RESULTS_MIB << 20)

    def _results(self, out: Path) -> int | None:
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir()
        try:
            with tarfile.open(self._work / "results.img") as tar:
                tar.extractall(out, filter="data")
            return int((out / "status").read_text("ascii"))
        except (tarfile.TarError, OSError, ValueError):
            return None

    def _command(self) -> list[str]:
        words, console = _OF_ARCH[self._images.arch]
        disk = self._disk or self._images.disk
        kind = "qcow2" if disk.suffix == ".qcow2" else "raw"
        # What is forgotten needs no care; a disk that is kept is flushed when the guest asks.
        how = f"snapshot=off,cache={self._cache}" if self._disk else "snapshot=on,cache=unsafe"
        (self._work / "qmp").unlink(missing_ok=True)
        drives = (
            (f"{disk},{how},format={kind}", "root"),
            (f"{self._work}/task.tar,readonly=on,format=raw", "task"),
            (f"{self._work}/results.img,cache=unsafe,format=raw", "results"),
        )
        command = [
            *words,
            *accelerator(self._images),
            "-smp",
            "2",
            "-m",
            str(self._memory_mib),
            "-nic",
            "none",
        ]
        command += ["-display", "none", "-monitor", "none", "-no-reboot"]
        command += ["-serial", f"file:{self._work}/console"]
        command += [
            "-device",
            "virtio-serial-pci",
            "-chardev",
            f"file,id=said,path={self._work}/said",
        ]
        command += ["-device", "virtconsole,chardev=said"]
        command += ["-qmp", f"unix:{self._work}/qmp,server=on,wait=off"]
        command += ["-kernel", str(self._images.kernel), "-initrd", str(self._images.initrd)]
        command += ["-append", f"{console} panic=-1 oops=panic quiet {self._append}".strip()]
        for what, name in drives:
            command += ["-drive", f"file={what},if=none,id={name}"]
            command += ["-device", f"virtio-blk-pci,drive={name}"]
        return command + list(self._options)


def _without_caches(one: tarfile.TarInfo) -> tarfile.TarInfo | None:
    return None if "__pycache__" in one.name else one
