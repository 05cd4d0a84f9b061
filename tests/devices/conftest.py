"""This file hands the device tests their devices: ours, or real ones given by URL."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from appliance.devices.printer import Printer, open_printer
from tests.devices.printers_for_tests import PtyPrinter, TcpPrinterServer, quick

PRINTERS = ("virtual", "tcp", "usblp")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """`any_printer` runs over every adapter, or over `--printer URL` alone."""
    if "any_printer" in metafunc.fixturenames:
        url = metafunc.config.getoption("--printer")
        metafunc.parametrize("any_printer", [url] if url else PRINTERS, indirect=True)


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
    else:
        yield open_printer(kind)
