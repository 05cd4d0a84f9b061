"""This file is what a visitor's hands can do in the virtual room: papers, button, roll, cable."""

from __future__ import annotations

import io
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal

from PIL import Image

from appliance.demo.network_switch import NetworkSwitch
from appliance.demo.paper_roll import Paper
from appliance.demo.papers import DRAWN
from appliance.demo.photo import Pose, photograph
from appliance.demo.printer import VirtualPrinter
from appliance.errors import BadInput, NotFound

PRESS_S = 0.25
HOLD_S = 3.6
"""A little over the 3 s that withdraw a call."""
STUCK_S = 15.0
"""A browser that goes away with the button down must not hold it for ever."""
THUMBNAIL_PX = (330, 330)
SLIP_MARGIN_PX = 24
SLIPS_SHOWN = 12


@dataclass(frozen=True)
class Sample:
    """A drawn paper, and how it is laid under the camera."""

    drawing: str
    pose: Pose


SAMPLES: dict[str, Sample] = {
    "birth-form": Sample("birth-form", Pose()),
    "birth-certificate": Sample("birth-certificate", Pose(turn_deg=-2)),
    "list": Sample("list", Pose(turn_deg=1)),
    "crooked": Sample("birth-certificate", Pose(turn_deg=-14, lean=0.14, light=0.6, fill=0.74)),
    "blurred": Sample("birth-certificate", Pose(blur_px=9)),
    "glare": Sample("birth-certificate", Pose(glare=True)),
    "cut-off": Sample("birth-certificate", Pose(cut=True)),
    "white-table": Sample("birth-certificate", Pose(white=True)),
    "card": Sample("card", Pose(turn_deg=4, lean=0.02, fill=0.24)),
}
Lamp = Literal["off", "blink", "on", "unknown"]


class Room:
    """The virtual room of one demo. Every method may be called from any thread."""

    def __init__(
        self,
        scene: Path,
        panel: Path,
        printer: VirtualPrinter,
        network: NetworkSwitch,
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._scene, self._panel = scene, panel
        self.printer, self.network = printer, network
        self._sleep = sleep
        self._button = threading.Lock()
        self._let_go: threading.Timer | None = None

    # --- under the camera

    def lay_sample(self, name: str) -> None:
        """Lay a drawn paper under the camera. Raises NotFound."""
        if name not in SAMPLES:
            raise NotFound(f"there is no sample called {name!r}", code="no_sample")
        self._lay(sample_photo(name))

    def lay_picture(self, data: bytes) -> None:
        """Lay the visitor's own picture there, as the camera's photo. Raises BadInput."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("error", Image.DecompressionBombWarning)
                with Image.open(io.BytesIO(data)) as picture:
                    picture.load()
                    if picture.format != "JPEG":
                        out = io.BytesIO()
                        picture.convert("RGB").save(out, "JPEG", quality=92)
                        data = out.getvalue()
        except (OSError, SyntaxError, ValueError, Image.DecompressionBombError, Warning) as error:
            raise BadInput("this file is no picture we can read", code="not_an_image") from error
        self._lay(data)

    def lay_slip(self, number: int) -> None:
        """Lay a printed slip there: the paper is the key. Raises NotFound."""
        slip = self.slip(number).image
        width, height = slip.width + 2 * SLIP_MARGIN_PX, slip.height + 2 * SLIP_MARGIN_PX
        sheet = Image.new("RGB", (width, height), (250, 249, 244))
        sheet.paste(slip, (SLIP_MARGIN_PX, SLIP_MARGIN_PX))
        self._lay(photograph(sheet, Pose(turn_deg=1.5, lean=0.02, fill=0.9)))

    def clear_table(self) -> None:
        self._scene.unlink(missing_ok=True)

    def scene(self) -> bytes | None:
        """The JPEG under the camera, None when the table is bare."""
        try:
            return self._scene.read_bytes()
        except FileNotFoundError:
            return None

    def scene_version(self) -> str:
        """Changes with the scene; "0" is the bare table."""
        try:
            return str(self._scene.stat().st_mtime_ns)
        except FileNotFoundError:
            return "0"

    def _lay(self, jpeg: bytes) -> None:
        part = self._scene.with_suffix(f".{threading.get_ident()}.part")
        part.write_bytes(jpeg)
        part.replace(self._scene)

    # --- the button and the lamp

    def press(self) -> None:
        """A short press."""
        self._down_for(PRESS_S)

    def hold(self) -> None:
        """Long enough to withdraw the call."""
        self._down_for(HOLD_S)

    def button_down(self) -> None:
        """A finger on the button; it comes off by itself after `STUCK_S`."""
        self._move_button("1")
        if self._let_go:
            self._let_go.cancel()
        self._let_go = threading.Timer(STUCK_S, self._move_button, ("0",))
        self._let_go.daemon = True
        self._let_go.start()

    def button_up(self) -> None:
        if self._let_go:
            self._let_go.cancel()
        self._move_button("0")

    def lamp(self) -> Lamp:
        """What the panel makes the lamp do; unknown until the devices room has started."""
        try:
            word = (self._panel / "lamp").read_text("utf-8").strip()
        except OSError:
            return "unknown"
        return word if word in ("off", "blink", "on") else "unknown"  # type: ignore[return-value]

    def buzzes(self) -> int:
        """How often the buzzer has sounded."""
        try:
            return int((self._panel / "buzzer").read_text("utf-8"))
        except (OSError, ValueError):
            return 0

    def _down_for(self, seconds: float) -> None:
        with self._button:
            self._move_button("1")
            self._sleep(seconds)
            self._move_button("0")
            self._sleep(0.1)  # the panel looks 50 times a second: let it see the button up

    def _move_button(self, value: str) -> None:
        self._panel.mkdir(parents=True, exist_ok=True)
        part = self._panel / f".button.{threading.get_ident()}"
        part.write_text(value, "utf-8")
        part.replace(self._panel / "button")

    # --- the printer

    def slips(self) -> list[Paper]:
        """The newest pieces that came out, newest first."""
        return self.printer.papers[: -SLIPS_SHOWN - 1 : -1]

    def slip(self, number: int) -> Paper:
        """One piece of paper. Raises NotFound."""
        for paper in self.printer.papers:
            if paper.number == number:
                return paper
        raise NotFound(f"there is no slip {number} here (any more)", code="no_slip")


@lru_cache(maxsize=len(SAMPLES))
def sample_photo(name: str) -> bytes:
    """The photo of a sample, as JPEG; about a second the first time."""
    sample = SAMPLES[name]
    return photograph(DRAWN[sample.drawing](), sample.pose)


@lru_cache(maxsize=len(SAMPLES))
def sample_thumbnail(name: str) -> bytes:
    """A small picture of a sample's photo, as JPEG. Raises NotFound."""
    if name not in SAMPLES:
        raise NotFound(f"there is no sample called {name!r}", code="no_sample")
    with Image.open(io.BytesIO(sample_photo(name))) as photo:
        photo.draft("RGB", THUMBNAIL_PX)
        photo.thumbnail(THUMBNAIL_PX)
        out = io.BytesIO()
        photo.save(out, "JPEG", quality=80)
    return out.getvalue()
