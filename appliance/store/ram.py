"""This file keeps what must not survive a power cut: clear pages, slip secrets, room heartbeats."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from appliance.errors import BadInput

PHOTO, CORNERS = ".photo", ".corners"
MOST_PHOTOS = 8
CARD_S = 300.0
"""What a card said goes by itself when nobody has looked at it or asked for more time since."""

_SAFE = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Ram:
    """The folder in RAM (tmpfs) the rooms share. Names are checked: no path from outside."""

    def __init__(self, root: Path) -> None:
        self.root = root

    @property
    def logs(self) -> Path:
        """The last lines of each room's log (appliance.log)."""
        return self.root / "logs"

    def make_folders(self) -> None:
        for name in ("pages", "slips", "preview", "rooms", "uploads"):
            (self.root / name).mkdir(parents=True, exist_ok=True)

    # Secrets of tickets whose slip is not on paper yet.

    def put_secret(self, ticket_id: str, secret: str) -> None:
        self._write(self._path("slips", ticket_id), secret.encode(), mode=0o660)

    def secret(self, ticket_id: str) -> str | None:
        try:
            return self._path("slips", ticket_id).read_text()
        except FileNotFoundError:
            return None

    def drop_secret(self, ticket_id: str) -> None:
        self._path("slips", ticket_id).unlink(missing_ok=True)

    def tickets_with_secrets(self) -> list[str]:
        folder = self.root / "slips"
        return sorted(p.name for p in folder.glob("[!.]*")) if folder.exists() else []

    # Pages of open visits, in the clear, for the screen and the PDF.

    def put_page(self, visit_id: str, page_id: str, jpeg: bytes) -> None:
        self._path("pages", visit_id).mkdir(parents=True, exist_ok=True)
        self._write(self.page_path(visit_id, page_id), jpeg, mode=0o660)

    def page_path(self, visit_id: str, page_id: str) -> Path:
        return self._path("pages", visit_id) / f"{_checked(page_id)}.jpg"

    def page(self, visit_id: str, page_id: str) -> bytes | None:
        try:
            return self.page_path(visit_id, page_id).read_bytes()
        except FileNotFoundError:
            return None

    def drop_page(self, visit_id: str, page_id: str) -> None:
        """The page, and the photo it was made from."""
        for suffix in (".jpg", PHOTO, CORNERS):
            self.page_path(visit_id, page_id).with_suffix(suffix).unlink(missing_ok=True)

    def wipe_visit(self, visit_id: str) -> None:
        shutil.rmtree(self._path("pages", visit_id), ignore_errors=True)

    def visits_with_pages(self) -> list[str]:
        folder = self.root / "pages"
        return sorted(p.name for p in folder.iterdir()) if folder.exists() else []

    # A telephone's picture on its way to the page maker.

    def put_upload(self, key: str, photo: bytes) -> None:
        """Keep a photo under its form's idempotency key until it has become a page."""
        self._write(self._upload_path(key), photo, mode=0o660)

    def upload(self, key: str) -> bytes | None:
        try:
            return self._upload_path(key).read_bytes()
        except FileNotFoundError:
            return None

    def drop_upload(self, key: str) -> None:
        self._upload_path(key).unlink(missing_ok=True)

    def drop_uploads_before(self, before_s: float) -> None:
        """Those whose capture never came to an end (`before_s` as time.time())."""
        for path in (self.root / "uploads").glob("*.photo"):
            with contextlib.suppress(FileNotFoundError):
                if path.stat().st_mtime < before_s:
                    path.unlink()

    def _upload_path(self, key: str) -> Path:
        return self.root / "uploads" / f"{hashlib.sha256(key.encode()).hexdigest()[:32]}.photo"

    # The photos of the newest pages, so that a person can place the corners better.

    def put_photo(
        self, visit_id: str, page_id: str, jpeg: bytes, corners: list[list[float]] | None
    ) -> None:
        """`corners`: where the sheet was taken to lie, as parts of the photo's width and height.

        The oldest photos beyond MOST_PHOTOS go: they are twenty times as large as their pages.
        """
        path = self.page_path(visit_id, page_id)
        self._write(path.with_suffix(CORNERS), json.dumps(corners).encode(), mode=0o660)
        self._write(path.with_suffix(PHOTO), jpeg, mode=0o660)
        photos = sorted(self.root.glob(f"pages/*/*{PHOTO}"), key=_mtime_ns)
        for old in photos[:-MOST_PHOTOS]:
            old.unlink(missing_ok=True)

    def photo_path(self, visit_id: str, page_id: str) -> Path:
        return self.page_path(visit_id, page_id).with_suffix(PHOTO)

    def photo(self, visit_id: str, page_id: str) -> bytes | None:
        try:
            return self.page_path(visit_id, page_id).with_suffix(PHOTO).read_bytes()
        except FileNotFoundError:
            return None

    def corners(self, visit_id: str, page_id: str) -> list[list[float]] | None:
        try:
            found = json.loads(self.page_path(visit_id, page_id).with_suffix(CORNERS).read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return found if isinstance(found, list) else None

    # What an identity card's code said, on the resident's request, until somebody is done with it.
    # In the visit's own folder, so that it goes with the pages at its end.

    def put_card(self, visit_id: str, fields: dict[str, str | bool]) -> None:
        self._path("pages", visit_id).mkdir(parents=True, exist_ok=True)
        self._write(self._card_path(visit_id), json.dumps(fields).encode(), mode=0o660)

    def card(self, visit_id: str, now_s: float) -> tuple[dict[str, Any], float] | None:
        """(fields, seconds left) at `now_s`, time.time(); None when there is none any more."""
        path = self._card_path(visit_id)
        try:
            left_s = CARD_S - abs(now_s - path.stat().st_mtime)
            if left_s > 0:
                return json.loads(path.read_bytes()), left_s
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        path.unlink(missing_ok=True)
        return None

    def touch_card(self, visit_id: str) -> None:
        """Somebody is still copying from it."""
        with contextlib.suppress(FileNotFoundError):
            os.utime(self._card_path(visit_id))

    def drop_card(self, visit_id: str) -> None:
        self._card_path(visit_id).unlink(missing_ok=True)

    def drop_old_cards(self, now_s: float) -> None:
        for visit_id in self.visits_with_pages():
            self.card(visit_id, now_s)

    def _card_path(self, visit_id: str) -> Path:
        return self._path("pages", visit_id) / "card.json"

    # The live picture of the camera: written only while somebody looks.

    def want_preview(self) -> None:
        path = self.root / "preview" / "wanted"
        path.touch()

    def preview_wanted_ago_s(self, now_s: float) -> float | None:
        """Seconds since somebody asked for the live picture (by `now_s`, time.time()), or None."""
        try:
            return now_s - (self.root / "preview" / "wanted").stat().st_mtime
        except FileNotFoundError:
            return None

    def put_preview(self, jpeg: bytes) -> None:
        self._write(self.root / "preview" / "latest.jpg", jpeg, mode=0o660)

    def preview(self) -> tuple[bytes, float] | None:
        """(JPEG, its mtime) of the newest live picture, or None."""
        path = self.root / "preview" / "latest.jpg"
        try:
            return path.read_bytes(), path.stat().st_mtime
        except FileNotFoundError:
            return None

    def put_hint(self, hint: dict[str, Any]) -> None:
        """What to do under the camera before the tap; see devices.shutter."""
        self._write(self.root / "preview" / "hint.json", json.dumps(hint).encode(), mode=0o660)

    def hint(self) -> dict[str, Any]:
        """The newest hint, {} without one."""
        try:
            found = json.loads((self.root / "preview" / "hint.json").read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):
            return {}
        return found if isinstance(found, dict) else {}

    def drop_preview(self) -> None:
        for name in ("latest.jpg", "hint.json", "wanted"):
            (self.root / "preview" / name).unlink(missing_ok=True)

    # What each room says of itself.

    def put_room(self, room: str, state: dict[str, Any]) -> None:
        self._write(self._path("rooms", room, ".json"), json.dumps(state).encode(), mode=0o660)

    def room(self, room: str) -> dict[str, Any] | None:
        try:
            state = json.loads(self._path("rooms", room, ".json").read_bytes())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return state if isinstance(state, dict) else None

    def rooms_changed_ns(self) -> int:
        """A number that changes when any room has said something new."""
        folder = self.root / "rooms"
        try:
            return sum(p.stat().st_mtime_ns for p in folder.glob("*.json"))
        except FileNotFoundError:
            return -1

    def _path(self, kind: str, name: str, suffix: str = "") -> Path:
        return self.root / kind / f"{_checked(name)}{suffix}"

    def _write(self, path: Path, data: bytes, mode: int) -> None:
        part = path.with_name(f".{path.name}.{os.getpid()}.part")
        try:
            with part.open("wb") as f:
                os.fchmod(f.fileno(), mode)
                f.write(data)
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)


def _checked(name: str) -> str:
    if not _SAFE.fullmatch(name):
        raise BadInput("that is not a name of ours", code="bad_name")
    return name


def _mtime_ns(path: Path) -> int:
    try:
        return path.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
