"""This file proves the drivers on a real kernel's devices, in machines booted for it (slow).

A USB printer through usblp and through libusb, a V4L2 camera, a GPIO chip: Debian's own kernel in
QEMU. Run by `./hien test-lab`. Skipped with the reason where no such machine can be had.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.lab.images import images
from tests.lab.machine import Machine, Run
from tests.lab.roots import HERE, REPO, Root, Site
from tests.lab.scenario import lab, say

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]

PYTEST = ("pytest", "pytest-timeout", "pluggy", "iniconfig", "packaging", "pygments")
HOUSE = Root(
    "root-devices",
    ("python3", "kmod", "mount", "udev", "libusb-1.0-0", "v4l-utils"),
)
HOUSE_SITE = Site(
    "site-devices",
    "3.13",
    "amd64",
    (*PYTEST, "numpy", "opencv-python-headless", "pillow", "python-escpos", "pyusb==1.3.1",
     "appdirs", "argcomplete", "importlib-resources", "python-barcode", "pyyaml", "qrcode",
     "setuptools", "six"),
)  # fmt: skip
# Python 3.11, for which there is a wheel of lgpio; nothing of Debian's is run before the task.
PI = Root(
    "root-gpio", ("python3", "libc-bin", "busybox-static"), "arm64", ("bookworm",), extract=True
)
PI_SITE = Site(
    "site-gpio",
    "3.11",
    "arm64",
    (*PYTEST, "gpiozero", "colorzero", "setuptools", "lgpio==0.2.2.0"),
)


def test_usb_printer_and_camera(tmp_path: Path) -> None:
    """The contracts and the faults of usblp, libusb and v4l2, on Debian 13's kernel."""
    with lab():
        machine = Machine(images(HOUSE, HOUSE_SITE), tmp_path, memory_mib=1536)
        udev = "/usr/lib/systemd/systemd-udevd --daemon; udevadm trigger; udevadm settle"
        run = _pytest(machine, ("usb_camera.py", "usb_printer.py"), first=udev)
    assert _failures(run) == []


def test_gpio_chip(tmp_path: Path) -> None:
    """The panel's contract, its edges and its faults, on the arm64 machine's PL061."""
    with lab():
        machine = Machine(images(PI, PI_SITE), tmp_path)
        run = _pytest(machine, ("gpio_panel.py",), lambda _: machine.press_power_button())
    assert _failures(run) == []


def _pytest(
    machine: Machine,
    names: tuple[str, ...],
    on_wish: Callable[[str], None] | None = None,
    *,
    first: str = ":",
) -> Run:
    """Our own tests, within the machine."""
    files = {f"guest/{path.name}": path for path in (HERE / "guest").glob("*.py")}
    files |= {
        f"hien/{name}": REPO / name for name in ("pyproject.toml", "appliance", "tests/devices")
    }
    command = (
        f"{first}\n"
        "export PYTHONPATH=/lab/hien:/lab/guest:/opt/site\n"
        "python3 -m pytest -q -rA --color=no -c /dev/null --rootdir /tmp --confcutdir /lab/guest"
        " --import-mode=importlib -p no:cacheprovider --timeout 240 --durations=8"
        f" --junitxml /lab/out/junit.xml {' '.join(f'/lab/guest/{name}' for name in names)}"
    )
    run = machine.run(command, files=files, limit_s=1500, on_wish=on_wish, on_line=say)
    print(f"the machine ran {run.took_s:.0f} s")
    return run


def _failures(run: Run) -> list[str]:
    """Every test that did not pass, and the machine's own end; skipped counts as not passed."""
    junit = run.out / "junit.xml"
    if not junit.exists():
        return [f"the machine said no results.\n{run.said[-3000:]}\n{run.console[-3000:]}"]
    cases = list(ElementTree.parse(junit).iter("testcase"))
    found = [
        f"{case.get('name')}: {child.tag} {child.get('message')}"
        for case in cases
        for child in case
        if child.tag in ("failure", "error", "skipped")
    ]
    if run.status != 0:
        found.append(f"the task ended with {run.status}")
    return found if cases else ["no test ran"]
