"""This file finds a USB printer's node: by its path, or by serial number wherever it came back."""

from __future__ import annotations

from pathlib import Path

from appliance.devices.printer.transport import TransportError
from appliance.devices.url import DeviceUrl

SYS_PRINTERS = Path("/sys/class/usbmisc")
DEV_PRINTERS = Path("/dev/usb")


def find_node(url: DeviceUrl, root: Path = SYS_PRINTERS, nodes: Path = DEV_PRINTERS) -> str:
    """The node of the printer the URL means; TransportError(off) when it is not plugged in.

    The serial number is the USB device's own (two levels above the usblp interface in sysfs), or
    the SERN/SN field of its IEEE 1284 identity.
    """
    serial = url.option("serial")
    if not serial:
        return url.path or str(nodes / "lp0")
    for entry in sorted(root.glob("lp*")):
        if serial in (_read(entry / "device" / ".." / "serial"), _ieee1284_serial(entry)):
            return str(nodes / entry.name)
    raise TransportError(f"no printer with serial {serial} is plugged in", code="off")


def _ieee1284_serial(entry: Path) -> str:
    for part in _read(entry / "device" / "ieee1284_id").split(";"):
        key, _, value = part.partition(":")
        if key.strip().upper() in ("SN", "SERN", "SERIALNUMBER"):
            return value.strip()
    return ""


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
