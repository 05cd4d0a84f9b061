"""This file finds a USB printer's node: by its path, or wherever the same printer came back."""

from __future__ import annotations

from pathlib import Path

from appliance.devices.printer.transport import TransportError
from appliance.devices.url import DeviceUrl

SYS_PRINTERS = Path("/sys/class/usbmisc")
DEV_PRINTERS = Path("/dev/usb")


class NodeFinder:
    """Finds the node anew each time. A printer that was unplugged may come back as another one:

    with `?serial=` it is looked for by that number alone; with a path, by who answered there
    before, once the path is gone. Nothing is taken for it that was never seen there.
    """

    def __init__(
        self, url: DeviceUrl, root: Path = SYS_PRINTERS, nodes: Path = DEV_PRINTERS
    ) -> None:
        self._serial = url.option("serial")
        self._path = url.path or str(nodes / "lp0")
        self._root, self._nodes = root, nodes
        self._seen = ""

    def __call__(self) -> str:
        """The node; TransportError(off) when the printer is not plugged in."""
        if self._serial:
            for entry in self._plugged():
                if self._serial in serials(entry):
                    return str(self._nodes / entry.name)
            raise TransportError(f"no printer with serial {self._serial} is plugged in", code="off")
        if Path(self._path).exists():
            self._seen = who(self._root / Path(self._path).name) or self._seen
            return self._path
        for entry in self._plugged():
            if self._seen and who(entry) == self._seen:
                return str(self._nodes / entry.name)
        return self._path

    def _plugged(self) -> list[Path]:
        return sorted(self._root.glob("lp*"))


def serials(entry: Path) -> set[str]:
    """The USB device's own serial number (two levels above the usblp node in sysfs), and the
    SERN or SN field of its IEEE 1284 identity."""
    found = {_read(entry / "device" / ".." / "serial")}
    for part in _read(entry / "device" / "ieee1284_id").split(";"):
        key, _, value = part.partition(":")
        if key.strip().upper() in ("SN", "SERN", "SERIALNUMBER"):
            found.add(value.strip())
    return found - {""}


def who(entry: Path) -> str:
    """What tells this printer from others: its serial number, else its IEEE 1284 identity."""
    return min(serials(entry), default="") or _read(entry / "device" / "ieee1284_id")


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace").strip()
    except OSError:
        return ""
