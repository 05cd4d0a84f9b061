"""This file photographs: a page is made, sealed, put on the card, and only then a fact."""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import logging
import time
from collections.abc import Callable

from appliance import durable, seal
from appliance.core.identity_code import find_identity_code
from appliance.devices.camera import Camera, CameraError, Photo
from appliance.devices.duty import POLL_S
from appliance.devices.owed import Owed
from appliance.devices.page_maker import MadePage, PageMaker
from appliance.devices.parts import Parts
from appliance.errors import BadInput, DeviceError, HienError, NotFound
from appliance.service import capture as captures
from appliance.service import visits as visit_service
from appliance.service.unseal import open_pages
from appliance.store import visits
from appliance.store.database import Row

log = logging.getLogger("hien.devices.capture")

CAPTURE_S = 5.0
CARD_FOR_S = 2.0
OWED_S = 1.0
LOOK_AGAIN_S = 5.0


class CaptureWorker:
    """One turn: one capture at most. Whatever fails, the capture ends with a code and the room
    goes on."""

    def __init__(
        self,
        parts: Parts,
        camera: Camera,
        maker: PageMaker,
        taken: Callable[[str], None] = lambda visit_id: None,
    ) -> None:
        """`taken` is told the visit in which the sheet under the camera has been photographed, and
        then "" when there was no sheet in the photograph."""
        self._parts = parts
        self._camera = camera
        self._maker = maker
        self._taken = taken
        self._store = parts.store()
        self._owed = Owed()
        self._next_look_s = 0.0
        self._ways: dict[str, Callable[[Row], None]] = {
            "key": self._open_with_slip,
            "crop": self._crop,
            "turn": self._turn,
            "card": self._card,
        }

    def turn(self) -> float:
        if not self._owed.settle():
            return OWED_S
        if not self._store.changed() and time.monotonic() < self._next_look_s:
            return POLL_S
        self._next_look_s = time.monotonic() + LOOK_AGAIN_S
        row = captures.next_capture(self._store, self._parts.clock.now())
        if row is not None:
            self._next_look_s = 0.0
            self._work(row)
        return POLL_S

    def _work(self, row: Row) -> None:
        try:
            self._ways.get(row["kind"], self._page)(row)
        except (HienError, OSError) as error:
            self._failed(row, _code(error), error)
        except Exception as error:
            log.exception("capture %d failed", row["id"])
            self._failed(row, "page_failed", error)
        finally:
            if row["kind"] == "upload":
                self._parts.ram.drop_upload(row["key"])

    def _failed(self, row: Row, code: str, error: Exception) -> None:
        log.warning("capture %d failed: %s (%s)", row["id"], code, type(error).__name__)
        now = self._parts.clock.now()
        self._owed.pay(lambda: captures.failed(self._store, now, row["id"], code))

    def _photo(self) -> Photo:
        try:
            return self._camera.capture(CAPTURE_S)
        except CameraError as error:
            if error.code != "camera_bad_photo":
                raise
            return self._camera.capture(CAPTURE_S)  # a frame cut on its way is worth one more

    def _page(self, row: Row) -> None:
        jpeg = self._jpeg_of(row)
        made = self._maker.make(jpeg)
        if not made.sure:
            self._taken("")
        self._keep(row, made, jpeg)

    def _crop(self, row: Row) -> None:
        """From the photograph; where RAM has lost it, from the page as it is."""
        ram, visit_id, old = self._parts.ram, row["visit_id"], row["replaces"]
        jpeg = ram.photo(visit_id, old) or ram.page(visit_id, old)
        if jpeg is None:
            raise NotFound("the picture of this page is gone from RAM", code="photo_lost")
        corners = json.loads(row["task"])["corners"]
        self._keep(row, self._maker.make(jpeg, corners), jpeg)

    def _turn(self, row: Row) -> None:
        """A quarter turn changes nothing of what was judged, nor that somebody kept the page."""
        ram, visit_id = self._parts.ram, row["visit_id"]
        page, old = ram.page(visit_id, row["replaces"]), visits.page(self._store, row["replaces"])
        if page is None or old is None:
            raise NotFound("this page is locked; the slip opens it", code="page_locked")
        turned, size_px = self._maker.turn(page, json.loads(row["task"])["turns"])
        made = MadePage(
            turned, size_px, json.loads(old["checks"]), ram.corners(visit_id, old["id"])
        )
        self._keep(row, made, ram.photo(visit_id, old["id"]))

    def _card(self, row: Row) -> None:
        """The resident asked for it: the code's text goes to RAM, the photographs nowhere."""
        visit_id = row["visit_id"]
        seen: list[str] = []
        end_s = time.monotonic() + CARD_FOR_S
        while True:
            texts = self._maker.card(self._photo().jpeg)
            found = find_identity_code(texts)
            if found is not None:
                break
            seen += texts
            if time.monotonic() > end_s:
                code = "not_a_card" if seen else "no_card_code"
                raise BadInput("no identity card's code was read", code=code)
        self._parts.ram.put_card(visit_id, found.as_dict())
        captures.card_done(self._store, self._parts.clock.now(), row["id"])
        visit = visits.get(self._store, visit_id)
        if visit is None or visit["state"] != "open":
            self._parts.ram.wipe_visit(visit_id)  # closed or laid aside in the meantime

    def _keep(self, row: Row, made: MadePage, photo: bytes | None) -> None:
        """Seal the page, put it on the card, and only then make it a fact."""
        visit_id = row["visit_id"]
        visit = visits.get(self._store, visit_id)
        if visit is None:
            raise NotFound("this visit is not known", code="unknown_visit")
        ward = self._parts.config["sync.ward_recipient"]
        sealed = seal.seal(made.jpeg, [visit["recipient"], *([ward] if ward else [])])
        page_id = captures.new_page_id()
        path = self._parts.sealed_dir / visit_id / f"{page_id}.age"
        durable.create(path, sealed)
        page = captures.SealedPage(
            page_id=page_id,
            sealed_name=path.name,
            sealed_sha256=hashlib.sha256(sealed).hexdigest(),
            recipient=visit["recipient"],
            size_px=made.size_px,
            checks=made.checks,
        )
        try:
            # Before the row, so that the screen finds the picture as soon as it learns of it.
            self._show(visit_id, page_id, made.jpeg)
            gone = captures.page_done(self._store, self._parts.clock.now(), row["id"], page)
        except BaseException:
            path.unlink(missing_ok=True)
            self._parts.ram.drop_page(visit_id, page_id)
            raise
        if photo is not None and page_id not in gone:
            with contextlib.suppress(OSError):  # without it the page itself is cropped
                self._parts.ram.put_photo(visit_id, page_id, photo, made.guess)
        for old in gone:
            self._parts.ram.drop_page(visit_id, old)

    def _jpeg_of(self, row: Row) -> bytes:
        """From the camera, or as a telephone sent it: one that is gone is never taken anew."""
        if row["kind"] != "upload":
            photo = self._photo()
            self._taken(row["visit_id"])
            return photo.jpeg
        jpeg = self._parts.ram.upload(row["key"])
        if jpeg is None:
            raise NotFound("the telephone's picture is gone from RAM", code="photo_lost")
        return jpeg

    def _show(self, visit_id: str, page_id: str, jpeg: bytes) -> None:
        """Into RAM, whose being full is another trouble than the card's."""
        try:
            self._parts.ram.put_page(visit_id, page_id, jpeg)
        except OSError as error:
            if error.errno not in (errno.ENOSPC, errno.EDQUOT):
                raise
            raise DeviceError("the folder in RAM is full", code="ram_full") from error

    def _open_with_slip(self, row: Row) -> None:
        """The resident's slip lies under the camera: its QR is the key to the sealed pages."""
        visit_id = row["visit_id"]
        photo = self._photo()
        secrets = [seal.find_secret(text) for text in self._maker.codes(photo.jpeg)]
        secret = next((one for one in secrets if one), None)
        if secret is None:
            raise BadInput("no slip's QR code was found", code="no_key_in_photo")
        opened = open_pages(self._store, self._parts.sealed_dir, visit_id, secret)
        now = self._parts.clock.now()
        # The slip on the table is the resident come back: a visit laid aside goes on.
        visit_service.go_on(self._store, now, visit_id)
        for page_id, jpeg in opened:
            self._parts.ram.put_page(visit_id, page_id, jpeg)
        captures.key_done(self._store, self._parts.clock.now(), row["id"], len(opened))
        visit = visits.get(self._store, visit_id)
        if visit is None or visit["state"] != "open":
            self._parts.ram.wipe_visit(visit_id)  # closed or laid aside in the meantime


def _code(error: Exception) -> str:
    if isinstance(error, HienError):
        return error.code
    full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EDQUOT)
    return "disk_full" if full else "not_written"
