"""This file tries the devices out for `hien doctor --hardware`, and claims only what it measured.

Each step is {"step", "state": ok | bad | unknown, "code", "measured": {numbers with units},
"look": what only a person can see}. A step nobody could measure is "unknown", never "ok". No
picture and nothing about any person goes into the report.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from typing import Any

from appliance import __version__
from appliance.commands.pi_checklist import by_hand
from appliance.config import Config
from appliance.core.box_checks import box_checks
from appliance.devices.camera import Camera, CameraError, open_camera
from appliance.devices.health import Health
from appliance.devices.panel import Panel, PanelError, open_panel
from appliance.devices.printer import Printer, open_printer

Say = Callable[[str], Any]
Step = dict[str, Any]

PHOTOS = 3
PREVIEW_S = 3.0
LAMP_S = 2.0
WRITES = 10
# A focus lock as libcamera reports it (AfState): 2 focused, 3 failed; absent for a fixed lens.
_AF = {2: "ok", 3: "bad"}


def examine(config: Config, press_s: float, say: Say) -> dict[str, Any]:
    """Try each device of the settings, one after the other; the whole report."""
    health = Health(config.data_dir)
    before = health.numbers()
    steps: list[Step] = []

    def done(step: Step, virtual: bool = False) -> None:
        if virtual and step["state"] == "ok":  # nothing real was measured
            step |= {"state": "unknown", "code": "virtual"}
        steps.append(step)
        say(f"{step['step']}: {step['state']} {step['code']} {_plain(step['measured'])}".rstrip())
        if step["look"]:
            say(f"   → {step['look']}")

    with contextlib.closing(open_camera(config["devices.camera"])) as camera:
        for step in _camera(camera, config["devices.mat"]):
            done(step, camera.virtual)
    with contextlib.closing(open_printer(config["devices.printer"])) as printer:
        done(_printer(printer, config), printer.virtual)
    for step in _panel(config["devices.panel"], press_s, say):
        done(step, "panel" in config.virtual())
    done(_card(config))
    after = health.numbers()
    for check in box_checks(after):
        done(_step(f"box_{check.name}", check.state, check.code))
    return {
        "hien": __version__,
        "house": config["house.id"],
        "words": health.words(),
        "devices": {kind: config[f"devices.{kind}"] for kind in ("camera", "printer", "panel")},
        "virtual": config.virtual(),
        "steps": steps,
        "by_hand": by_hand(steps),
        "numbers_before": before,
        "numbers_after": after,
    }


def _camera(camera: Camera, mat: str) -> list[Step]:
    if camera.url.startswith("none:"):
        return [_step("photo", "unknown", "none")]
    took_ms, photo = [], None
    try:
        for _ in range(PHOTOS):
            began_s = time.monotonic()
            photo = camera.capture(15)
            took_ms.append(round((time.monotonic() - began_s) * 1000))
    except CameraError as error:
        return [_step("photo", "bad", error.code, {"photos": len(took_ms)})]
    assert photo is not None
    measured = {
        "photos": PHOTOS,
        "photo_ms": int(statistics.median(took_ms)),
        "width_px": photo.size_px[0],
        "height_px": photo.size_px[1],
        "jpeg_kib": len(photo.jpeg) // 1024,
    }
    meta = {name: photo.meta[name] for name in ("ExposureTime", "Lux") if name in photo.meta}
    steps = [_step("photo", "ok", "", measured | meta), _focus(photo.meta)]
    return [*steps, _page(photo.jpeg, mat), _preview(camera)]


def _focus(meta: dict[str, Any]) -> Step:
    """What the lens itself said; a camera that says nothing was not measured."""
    if "AfState" not in meta:
        return _step("focus", "unknown", "not_told")
    measured: dict[str, Any] = {
        name: meta[name] for name in ("LensPosition", "FocusFoM") if name in meta
    }
    state = _AF.get(int(meta["AfState"]), "unknown")
    return _step("focus", state, "not_focused" if state == "bad" else "", measured)


def _page(jpeg: bytes, mat: str) -> Step:
    """What the page's own judge makes of the last photo; a bare table is no fault."""
    from appliance.errors import BadInput
    from appliance.paper.scan.page import make_page

    try:
        began_s = time.monotonic()
        page = make_page(jpeg, mat="dark" if mat == "dark" else "any")
    except BadInput as error:
        return _step("page", "bad", error.code)
    measured: dict[str, Any] = {"page_ms": round((time.monotonic() - began_s) * 1000)}
    measured |= {name: word.state for name, word in page.checks.items()}
    sharp = page.checks.get("sharp")
    state = sharp.state if sharp is not None else "unknown"
    look = "" if state == "ok" else "Đặt một tờ giấy có chữ dưới máy ảnh rồi chạy lại."
    return _step("page", "ok" if state == "ok" else "unknown", "", measured, look)


def _preview(camera: Camera) -> Step:
    """How many different live pictures came in a few seconds; the first may take a while."""
    end_s = time.monotonic() + PREVIEW_S
    last, frames = None, 0
    while time.monotonic() < end_s:
        frame = camera.preview()
        if frame is not None and frame is not last:
            last, frames = frame, frames + 1
        time.sleep(0.02)
    state = "ok" if frames else "unknown"
    return _step("preview", state, "", {"new_frames_per_s": round(frames / PREVIEW_S, 1)})


def _printer(printer: Printer, config: Config) -> Step:
    """The calibration slip; "ok" only when the printer itself said that it is through."""
    if printer.url.startswith("none:"):
        return _step("print", "unknown", "none")
    from appliance.bootstrap import house
    from appliance.core.slip_texts import test_slip
    from appliance.paper.slip.layout import draw_slip
    from appliance.paper.slip.raster import to_escpos
    from appliance.paper.slip.sheet import to_sheet

    at = house(config)
    slip = test_slip(at.name, at.address, phone=at.phone, printer=printer.url)
    image = draw_slip(slip, config["devices.printer_dots"])
    data = to_sheet(image) if printer.language == "pdf" else to_escpos(image)
    began_s = time.monotonic()
    outcome = printer.print_job(data)
    measured = {
        "outcome": outcome.state,
        "bytes_sent": outcome.bytes_sent,
        "job_bytes": len(data),
        "print_ms": round((time.monotonic() - began_s) * 1000),
    }
    state = {"printed": "ok", "sent_unconfirmed": "unknown"}.get(outcome.state, "bad")
    look = "Xem phiếu: đủ hai vạch đậm hai bên, chữ rõ dấu, điện thoại đọc được mã."
    return _step("print", state, outcome.code, measured, look if outcome.bytes_sent else "")


def _panel(url: str, press_s: float, say: Say) -> list[Step]:
    try:
        panel: Panel = open_panel(url)
    except PanelError as error:
        return [_step("lamp", "bad", error.code)]
    with contextlib.closing(panel):
        if url.startswith("none:"):
            return [_step("lamp", "unknown", "none")]
        pressed = threading.Event()
        panel.on_press = pressed.set
        panel.lamp("blink")
        panel.buzz()
        time.sleep(LAMP_S)
        panel.lamp("on")
        # A pin that was driven is not a lamp that was seen.
        lamp = _step("lamp", "unknown", "not_seen", {}, "Đèn có nháy rồi sáng, còi có kêu không?")
        say(f"Bấm nút gọi giúp một cái ({press_s:g} giây)…")
        came = pressed.wait(press_s)
        panel.lamp("off")
        check = panel.check()
    if check.state == "bad":
        return [lamp, _step("button", "bad", check.code)]
    return [lamp, _step("button", "ok" if came else "unknown", "" if came else "not_pressed")]


def _card(config: Config) -> Step:
    """What one durable write costs in the data folder; the file is gone again afterwards."""
    took_ms = []
    try:
        with tempfile.NamedTemporaryFile(dir=config.data_dir, prefix=".hien-doctor-") as file:
            for _ in range(WRITES):
                began_s = time.monotonic()
                file.write(os.urandom(4096))
                file.flush()
                os.fsync(file.fileno())
                took_ms.append((time.monotonic() - began_s) * 1000)
    except OSError as error:
        return _step("card", "bad", "not_written", {"errno": error.errno})
    return _step(
        "card",
        "ok",
        "",
        {"write_ms": round(statistics.median(took_ms), 1), "slowest_ms": round(max(took_ms), 1)},
    )


def _step(
    step: str, state: str, code: str, measured: dict[str, Any] | None = None, look: str = ""
) -> Step:
    return {"step": step, "state": state, "code": code, "measured": measured or {}, "look": look}


def _plain(measured: dict[str, Any]) -> str:
    return ", ".join(f"{name} {value}" for name, value in measured.items())
