"""This file proves that devices are chosen by URL: no typing error becomes a fake device."""

from __future__ import annotations

import pytest

from appliance.devices import camera, panel, printer
from appliance.devices.url import parse_url
from appliance.errors import ConfigError


def test_addresses_come_apart() -> None:
    tcp = parse_url("tcp://10.0.0.9:9101?stall_s=20")
    assert (tcp.host, tcp.port, tcp.number("stall_s", 10, 0, 60)) == ("10.0.0.9", 9101, 20)
    assert parse_url("usblp:/dev/usb/lp0").path == "/dev/usb/lp0"
    assert parse_url("folder:/srv/gi%E1%BA%A5y").path == "/srv/giấy"
    assert parse_url("none:").scheme == "none"


@pytest.mark.parametrize("text", ["", "virtual", "/dev/usb/lp0", "tcp://host:port", ":x"])
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError):
        printer.open_printer(text)


@pytest.mark.parametrize(
    ("open_device", "text", "meant"),
    [
        (camera.open_camera, "picamera:", "picamera2"),
        (camera.open_camera, "v4l:/dev/video0", "v4l2"),
        (printer.open_printer, "usbpl:/dev/usb/lp0", "usblp"),
        (printer.open_printer, "virtaul:", "virtual"),
        (panel.open_panel, "gpoi:?button=17", "gpio"),
    ],
)
def test_an_unknown_scheme_says_what_was_meant(open_device, text, meant) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ConfigError, match=f"did you mean '{meant}'"):
        open_device(text)


def test_an_unknown_option_is_refused() -> None:
    """A misspelt fault or limit must not pass in silence."""
    with pytest.raises(ConfigError, match="did you mean 'paper_out'"):
        printer.open_printer("virtual:?paperout=1")
    with pytest.raises(ConfigError, match="stall_s"):
        printer.open_printer("tcp://127.0.0.1:9100?stall_s=soon")
    with pytest.raises(ConfigError, match="size"):
        camera.open_camera("virtual:?size=big")
