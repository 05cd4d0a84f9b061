"""This file finds out what runs lab machines here: the processor itself (KVM), or emulation (TCG).

/dev/kvm may open and still not run Debian's kernel (nested or para-virtual hypervisors). So the
kernel is tried, up to our own first line; the answer is kept until kernel or QEMU change.
"""

from __future__ import annotations

import contextlib
import functools
import os
import platform
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.lab.images import Images
from tests.lab.roots import CACHE

TRY_S = 20
_KVM = ["-accel", "kvm", "-cpu", "host"]
_TCG = {
    # Not five levels of page tables, which are walked by hand here.
    "amd64": ["-accel", "tcg,thread=multi,tb-size=512", "-cpu", "max,la57=off"],
    "arm64": ["-accel", "tcg,thread=multi", "-cpu", "cortex-a72"],
}
_OWN = {"x86_64": "amd64", "aarch64": "arm64"}


def accelerator(images: Images) -> list[str]:
    """QEMU's options. HIEN_LAB_ACCEL=kvm or tcg says it without trying."""
    said = os.environ.get("HIEN_LAB_ACCEL", "")
    same = _OWN.get(platform.machine()) == images.arch and said != "tcg"
    if same and (said == "kvm" or _kvm_runs(images.kernel, images.initrd)):
        return _KVM
    return _TCG[images.arch]


@functools.cache
def _kvm_runs(kernel: Path, initrd: Path) -> bool:
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return _told("no /dev/kvm: the lab's machines are emulated (TCG)", runs=False)
    program = "qemu-system-x86_64" if platform.machine() == "x86_64" else "qemu-system-aarch64"
    version = subprocess.run([program, "--version"], capture_output=True, text=True, check=True)
    seen = f"{platform.release()} {kernel.name} {version.stdout.splitlines()[0]}"
    kept = CACHE / "kvm"
    if kept.exists():
        runs, _, of = kept.read_text("utf-8").partition(" ")
        if of == seen:
            return _told(f"KVM runs Debian's kernel: {runs} (as before)", runs=runs == "yes")
    with tempfile.TemporaryDirectory() as folder:
        console = Path(folder) / "console"
        console.touch()
        machine = "q35" if program.endswith("x86_64") else "virt"
        tty = "ttyS0" if program.endswith("x86_64") else "ttyAMA0"
        command = [program, "-M", machine, *_KVM, "-m", "512", "-nic", "none"]
        command += ["-display", "none", "-no-reboot", "-serial", f"file:{console}"]
        command += ["-kernel", str(kernel), "-initrd", str(initrd)]
        command += ["-append", f"console={tty} panic=-1 lab.probe"]
        with contextlib.suppress(subprocess.TimeoutExpired):
            subprocess.run(command, capture_output=True, timeout=TRY_S, check=False)
        runs = "yes" if "lab: it runs" in console.read_text("utf-8", "replace") else "no"
    kept.write_text(f"{runs} {seen}", "utf-8")
    return _told(f"KVM runs Debian's kernel here: {runs}", runs=runs == "yes")


def _told(text: str, *, runs: bool) -> bool:
    sys.stdout.write(f"  | {text}\n")
    return runs
