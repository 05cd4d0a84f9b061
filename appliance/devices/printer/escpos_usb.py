"""This file is the USB printer through python-escpos and libusb (`escpos+usb:///04b8/0e15`).

For kernels without the usblp node; where there is one, `usblp:` is the better way. The address is
vendor and product in hexadecimal, `serial=` tells two alike apart. python-escpos resets a printer
each time it is opened, so the way stays open between jobs and looks, and is opened anew only after
a fault; where its end points are is read from the printer, not guessed.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import time
from typing import Any

from appliance.devices.printer.over_transport import LIMIT_OPTIONS, OverTransport
from appliance.devices.printer.transport import CHUNK_BYTES, TransportError
from appliance.devices.url import DeviceUrl
from appliance.errors import ConfigError

PRINTER_CLASS = 7
_BULK, _IN = 0x02, 0x80
_CODES = {errno.EBUSY: "busy", errno.EACCES: "denied", errno.EPERM: "denied"}
_TEXTS = {
    "busy": "another program holds the printer; stop it (a print server?)",
    "denied": "the printer may not be opened; put the service user in group lp",
    "off": "the printer is not there; is it on, is the cable in?",
}


class EscposUsbPrinter(OverTransport):
    """One printer by vendor and product number."""

    def __init__(self, url: DeviceUrl) -> None:
        url.only("serial", *LIMIT_OPTIONS)
        self._match: dict[str, Any] = _numbers(url)
        if url.option("serial"):
            self._match["serial_number"] = url.option("serial")
        _need_libusb(url)
        self._way: UsbTransport | None = None
        super().__init__(url, self._kept_open)

    def close(self) -> None:
        way, self._way = self._way, None
        if way is not None:
            way.let_go()

    def _kept_open(self) -> UsbTransport:
        if self._way is None or self._way.broken:
            self.close()
            self._way = UsbTransport(dict(self._match))
        return self._way


class UsbTransport:
    """The claimed device; `close` between jobs keeps it, `let_go` does not."""

    def __init__(self, match: dict[str, Any]) -> None:
        from escpos.exceptions import DeviceNotFoundError
        from escpos.printer import Usb

        self.broken = False
        self._printer: Any = Usb(usb_args=match)
        try:
            self._printer.open()
            self._in, self._out = _end_points(self._printer.device)
        except DeviceNotFoundError as error:
            inner = getattr(error.__context__, "errno", None)
            code = _CODES.get(inner or 0, "off")
            raise TransportError(_TEXTS[code], code=code) from error
        except TransportError:
            self.let_go()
            raise
        except OSError as error:
            self.let_go()
            raise self._gone(error, 0) from error

    def write(self, data: bytes, stall_s: float) -> None:
        """libusb does not say how much of a piece that failed got through: all of it may have."""
        sent = 0
        while sent < len(data):
            piece = data[sent : sent + CHUNK_BYTES]
            try:
                sent += int(self._printer.device.write(self._out, piece, int(stall_s * 1000)))
            except OSError as error:
                raise self._gone(error, sent + len(piece)) from error

    def drain(self, stall_s: float) -> None:
        return None  # each write returned when the printer had taken it

    def read(self, timeout_s: float) -> bytes:
        if self._in is None or timeout_s <= 0:
            time.sleep(max(0.0, timeout_s))
            return b""
        try:
            return bytes(self._printer.device.read(self._in, 64, max(1, int(timeout_s * 1000))))
        except OSError as error:
            if error.errno in (errno.ETIMEDOUT, errno.EAGAIN):
                return b""
            raise self._gone(error, 0) from error

    def port_check(self) -> str:
        """GET_PORT_STATUS of the printer class; clones may leave it out."""
        try:
            raw = self._printer.device.ctrl_transfer(0xA1, 1, 0, 0, 1, 1000)
        except OSError as error:
            if error.errno == errno.ENODEV:
                raise self._gone(error, 0) from error
            return ""
        if not len(raw):
            return ""
        if raw[0] & 0x20:
            return "paper_out"
        if not raw[0] & 0x08:
            return "printer_error"
        return "ok" if raw[0] & 0x10 else "offline"

    def close(self) -> None:
        pass

    def let_go(self) -> None:
        with contextlib.suppress(OSError):
            self._printer.close()

    def _gone(self, error: OSError, accepted: int) -> TransportError:
        self.broken = True
        if error.errno in (errno.ETIMEDOUT, errno.EAGAIN):
            text = "the printer takes no more"
            return TransportError(text, code="stalled", accepted=accepted)
        if error.errno in _CODES:
            code = _CODES[error.errno]
            return TransportError(_TEXTS[code], code=code, accepted=accepted)
        return TransportError(f"the printer is gone ({error})", code="lost", accepted=accepted)


def _end_points(device: Any) -> tuple[int | None, int]:
    """(from the printer, or None when it only listens; to the printer)."""
    for interface in device.get_active_configuration():
        if interface.bInterfaceClass != PRINTER_CLASS:
            continue
        bulk = [point.bEndpointAddress for point in interface if point.bmAttributes & 0x03 == _BULK]
        outs = [address for address in bulk if not address & _IN]
        ins = [address for address in bulk if address & _IN]
        if outs:
            return (ins[0] if ins else None), outs[0]
    raise TransportError("this USB device is no printer; check its numbers", code="off")


def _numbers(url: DeviceUrl) -> dict[str, Any]:
    parts = url.path.strip("/").split("/")
    try:
        vendor, product = (int(part, 16) for part in parts)
        if not (0 < vendor < 0x10000 and 0 <= product < 0x10000):
            raise ValueError
    except ValueError:
        raise ConfigError(
            f"{url}: say vendor and product as lsusb does, for example escpos+usb:///04b8/0e15"
        ) from None
    return {"idVendor": vendor, "idProduct": product}


def _need_libusb(url: DeviceUrl) -> None:
    """ConfigError naming the package that is not there: it is no part of the usual set."""
    try:
        backend = importlib.import_module("usb.backend.libusb1")
    except ImportError:
        raise ConfigError(
            f"{url}: the package pyusb is missing; on Debian and the Pi: apt install python3-usb. "
            "With the kernel's own node no package is needed: usblp:/dev/usb/lp0"
        ) from None
    if backend.get_backend() is None:
        raise ConfigError(f"{url}: libusb is missing; on Debian: apt install libusb-1.0-0")
