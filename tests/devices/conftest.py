"""This file hands the device tests their devices: ours, or real ones given by URL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from appliance.demo.printer import VirtualPrinter as DemoPrinter
from appliance.devices.camera import Camera, open_camera
from appliance.devices.panel import Panel, open_panel
from appliance.devices.printer import Printer, open_printer
from tests.devices.cameras_for_tests import drop, film_camera, paper_jpeg, sane_test_url
from tests.devices.printers_for_tests import PtyPrinter, TcpPrinterServer, quick

ADAPTERS = {
    "printer": ("virtual", "tcp", "usblp", "serial", "demo"),
    "camera": ("virtual", "scene", "folder", "v4l2", "sane"),
    "live_camera": ("virtual", "scene", "folder", "v4l2"),
    "panel": ("virtual", "gpio"),
}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`any_printer` and the like run over every adapter, or over `--printer URL` alone."""
    for device, kinds in ADAPTERS.items():
        name = f"any_{device}"
        if name in metafunc.fixturenames:
            url = metafunc.config.getoption(f"--{device.removeprefix('live_')}")
            metafunc.parametrize(name, [url] if url else kinds, indirect=True)


@pytest.fixture
def any_printer(request: pytest.FixtureRequest) -> Iterator[Printer]:
    kind = str(request.param)
    if kind == "virtual":
        yield open_printer(quick("virtual:"))
    elif kind == "tcp":
        with TcpPrinterServer() as server:
            yield open_printer(quick(server.url))
    elif kind == "usblp":
        with PtyPrinter() as pty:
            yield open_printer(quick(f"usblp:{pty.node}"))
    elif kind == "serial":
        with PtyPrinter() as pty:
            yield open_printer(quick(f"serial:{pty.node}?baud=115200"))
    elif kind == "demo":
        with DemoPrinter(port=0, speed_mm_s=float("inf")) as demo:
            yield open_printer(quick(f"tcp://127.0.0.1:{demo.port}"))
    else:
        yield open_printer(kind)


@pytest.fixture
def any_camera(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Camera]:
    yield from _camera(str(request.param), tmp_path, monkeypatch)


@pytest.fixture
def any_live_camera(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Camera]:
    """A camera one can look through: all but the scanner."""
    if str(request.param).startswith("sane:"):
        pytest.skip("a scanner has no live picture")
    yield from _camera(str(request.param), tmp_path, monkeypatch)


def _camera(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Camera]:
    camera: Camera
    if kind == "virtual":
        camera = open_camera("virtual:?size=1280x960")
    elif kind == "scene":
        scene = drop(tmp_path, "scene.jpg", paper_jpeg())
        camera = open_camera(f"virtual:?scene={scene}")
    elif kind == "folder":
        for number in range(9):
            drop(tmp_path, f"{number}.jpg", paper_jpeg(str(number)), at_ns=(1 + number) * 10**17)
        camera = open_camera(f"folder:{tmp_path}")
    elif kind == "v4l2":
        camera = film_camera(tmp_path)
    elif kind == "sane":
        camera = open_camera(sane_test_url(tmp_path, monkeypatch))
    else:
        camera = open_camera(kind)
    yield camera
    camera.close()


@pytest.fixture
def any_panel(request: pytest.FixtureRequest) -> Iterator[Panel]:
    kind = str(request.param)
    panel: Panel
    if kind == "virtual":
        panel = open_panel("virtual:?hold_s=0.3")
    elif kind == "gpio":
        panel = mock_gpio_panel()
    else:
        panel = open_panel(kind)
    yield panel
    panel.close()


def mock_gpio_panel() -> Panel:
    """The adapter of the real pins over gpiozero's mock ones (a virtual panel's way to press)."""
    from gpiozero.pins.mock import MockFactory

    from appliance.devices.panel.gpio import GpioPanel
    from appliance.devices.url import parse_url

    return GpioPanel(parse_url("gpio:?button=5&lamp=6&buzzer=13&hold_s=0.3"), MockFactory())
