"""This file makes a fresh Raspberry Pi OS a house, step by step, from what lies on the card.

The system's Python and its standard library only: nothing of ours is installed yet. Each step is
safe to do again, and what was done is remembered, so the power may go anywhere. Which step failed,
and what to do, is said on the card, on paper, by the board's light, and on a page at port 80.
"""

from __future__ import annotations

import hashlib
import html
import json
import os
import shutil
import subprocess
import sys
import tarfile
import threading
import tomllib
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from plainly import light, print_plainly, write_status

STATE = Path("/var/lib/hien-box/first-boot")
# data_partition.py: the card was divided before, and its part for the data does not open.
NOT_OPENED = 4
DIVIDE = Path(__file__).with_name("data_partition.py")
SHUT = Path("/opt/hien/current/provisioning/overlay/night.py")
KEYS = Path("/etc/hien/update-keys")
HIEN = Path("/usr/local/bin/hien")
CURRENT = Path("/opt/hien/current")
UPTIME = Path("/proc/uptime")
ROOMS = ("hien-web", "hien-devices", "hien-sync")
PORT = 80
# A card that is full is told as such, before the installer meets it.
ROOM_BYTES = 1_200_000_000


class StepFailed(Exception):
    """A step cannot be done; the message says what to do, in Vietnamese."""


def main(card: Path) -> None:
    opened = divide()
    STATE.mkdir(parents=True, exist_ok=True)
    page = _Page.open()
    if not opened:
        # Nothing is laid beside it: it would be a second house, gone with the next start.
        fail(card, page, "Chưa mở được phần dữ liệu trên thẻ. Máy tự thử lại sau 1 phút.")
    hold(card, page)
    number, name = 0, ""
    steps: list[tuple[str, Callable[[], None]]] = [
        ("đọc thẻ", lambda: check_card(card)),
        ("chép phần mềm", lambda: unpack(card)),
        ("cài đặt", lambda: install(page, start=not waits_for_old_data(card))),
        ("đưa dữ liệu cũ về", lambda: restore(card, page)),
        ("ghi danh với phường", lambda: join(card)),
    ]
    try:
        for number, (name, step) in enumerate(steps, 1):
            tell(card, page, f"Bước {number}/{len(steps)}: {name}…")
            step()
    except StepFailed as failed:
        fail(card, page, f"Bước {number}/{len(steps)} ({name}) chưa xong. {failed}")
    except Exception as error:  # noqa: BLE001 -- whatever it is, somebody must be told
        fail(card, page, f"Bước {number}/{len(steps)} ({name}) hỏng: {error!r}. Gọi phường.")
    (STATE / "done").touch()
    shut()
    tell(card, page, "Xong. Máy đã sẵn sàng.")
    light("mmc0")


def divide() -> bool:
    """A part of the card for the data, before anything is laid on it. A house without one works too
    (and says so, at the desk and at the ward); False only when there is one that does not open."""
    if release().exists() or not DIVIDE.exists():
        return True
    try:
        done = _run("/usr/bin/python3", str(DIVIDE))
    except OSError as error:
        sys.stdout.write(f"card: {error}\n")
        return True
    sys.stdout.write(f"card: {(done.stdout + done.stderr).strip()[-500:]}\n")
    return done.returncode != NOT_OPENED


def shut() -> None:
    """The root under RAM from the next start on, where the card has a part for the data. Without a
    network its packages are missing; then the box tries again by itself (hien-overlay.timer)."""
    said = STATE.parent / "data_partition.txt"
    if said.exists() and said.read_text().strip() == "data" and SHUT.exists():
        done = _run("/usr/bin/python3", "-I", str(SHUT), "on")
        sys.stdout.write((done.stdout + done.stderr)[-500:])


def check_card(card: Path) -> None:
    """card.toml, whatever editor saved it (BOM, CRLF)."""
    path = card / "card.toml"
    try:
        found = tomllib.loads(path.read_text("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        raise StepFailed("Không đọc được thẻ. Cắm lại thẻ, hoặc làm thẻ mới ở phường.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise StepFailed(f"Tệp hien/card.toml có lỗi: {error}. Làm thẻ mới ở phường.") from error
    if found.get("version") != 1:
        raise StepFailed("Thẻ này của phiên bản khác. Làm thẻ mới ở phường.")
    for name in ("house", "welcome"):
        if not isinstance(found.get(name), str) or not found[name]:
            raise StepFailed(f"Tệp hien/card.toml thiếu mục {name}. Làm thẻ mới ở phường.")


def unpack(card: Path) -> None:
    """The release on the card, every file as its manifest says; laid beside, then renamed.

    Its signature is looked at by the updater from the next release on; this one is believed as far
    as the card is, which holds the keys as well.
    """
    target = STATE / "release"
    if release().exists():
        return
    releases = sorted(card.glob("*.hien"))
    if len(releases) != 1:
        raise StepFailed("Thẻ phải có đúng một tệp .hien. Làm thẻ mới ở phường.")
    if shutil.disk_usage(STATE).free < ROOM_BYTES:
        raise StepFailed("Thẻ quá nhỏ. Dùng thẻ từ 16 GB trở lên.")
    part = STATE / "release.part"
    shutil.rmtree(part, ignore_errors=True)
    try:
        with tarfile.open(releases[0], "r|") as tar:
            manifest = json.loads(_body(tar, "manifest.json"))
            _body(tar, "manifest.sig")
            left = dict(manifest["files"])
            while (member := tar.next()) is not None:
                listed = left.pop(member.name, None)
                body = tar.extractfile(member)
                if listed is None or body is None or ".." in member.name or member.name[0] == "/":
                    raise ValueError(f"{member.name!r} is not in the manifest")
                data = body.read()
                if hashlib.sha256(data).hexdigest() != listed["sha256"]:
                    raise ValueError(f"{member.name} is damaged")
                out = part / member.name
                out.parent.mkdir(parents=True, exist_ok=True)
                out.write_bytes(data)
                out.chmod(0o755 if listed.get("program") else 0o644)
            if left:
                raise ValueError(f"{min(left)} is missing")
    except (OSError, ValueError, KeyError, TypeError, tarfile.TarError) as error:
        raise StepFailed(f"Tệp phần mềm trên thẻ bị hỏng ({error}). Chép lại thẻ.") from error
    KEYS.mkdir(parents=True, exist_ok=True)
    for key in card.glob("update-keys/*.pem"):
        shutil.copyfile(key, KEYS / key.name)
    os.sync()
    part.rename(target)
    os.sync()


def release() -> Path:
    """What runs here already, from an update perhaps; before that, what the card brought."""
    return CURRENT if (CURRENT / ".whole").exists() else STATE / "release"


def waits_for_old_data(card: Path) -> bool:
    return (card / "restore.age").exists() and not (STATE / "restored").exists()


def hold(card: Path, page: _Page) -> None:
    """No room starts before the old data is there, with the machine either (their units look for
    this mark): a table that has counted takes no backup."""
    mark = STATE / "waits"
    if not waits_for_old_data(card):
        mark.unlink(missing_ok=True)
    elif not mark.exists():
        mark.touch()
        os.sync()
        if _run("systemctl", "is-active", "--quiet", *ROOMS).returncode == 0:  # it was reset
            tell(card, page, "Máy tự khởi động lại để đưa dữ liệu cũ về…")
            _run("systemctl", "--no-block", "reboot")
            sys.exit(1)


def restore(card: Path, page: _Page) -> None:
    """What the box before had, into a table that has counted nothing yet; then the rooms start."""
    if not waits_for_old_data(card):
        return
    if (done := _run(str(HIEN), "restore", "--card", str(card))).returncode != 0:
        raise StepFailed(f"Dữ liệu cũ chưa về được: {_last(done.stderr)}. Làm thẻ mới ở phường.")
    (STATE / "restored").touch()
    os.sync()
    hold(card, page)
    install(page, start=True)


def install(page: _Page, *, start: bool) -> None:
    """The release's own installer: it asks nothing, and does nothing twice."""
    done = _run(str(release() / "provisioning/install"), *([] if start else ["--no-start"]))
    (STATE / "install.log").write_text(done.stdout[-20000:] + done.stderr[-20000:])
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise StepFailed(f"Cài đặt không xong: {' '.join(said)[:160]}. Máy tự thử lại sau 1 phút.")
    if start:
        page.close()  # from here the house's own pages answer


def join(card: Path) -> None:
    """The house's own command: key, word, certificate, settings, and the slip that says so."""
    if (done := _run(str(HIEN), "join", "--card", str(card))).returncode != 0:
        raise StepFailed(_last(done.stderr))


def _run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(list(command), capture_output=True, text=True, check=False)


def _last(said: str) -> str:
    """Of all a command said, the sentence for people."""
    line = (said.strip() or "?").splitlines()[-1]
    return line.removeprefix("hien: ").removeprefix("Error: ")[:300]


def tell(card: Path, page: _Page, text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
    page.text = text
    write_status(card / "status.txt", text)


def fail(card: Path, page: _Page, text: str) -> None:
    tell(card, page, text)
    light("timer")
    said = STATE / "said"
    # On paper once for each trouble, not every minute.
    if not said.exists() or said.read_text("utf-8") != text:
        said.write_text(text, "utf-8")
        if not HIEN.exists():
            print_plainly("HIÊN - MÁY MỚI", text)
    # A FAT in which the kernel has found a fault: the check at the next start mends it.
    if not os.access(card, os.W_OK) and float(UPTIME.read_text().split()[0]) > 600:
        _run("systemctl", "--no-block", "reboot")
    sys.exit(1)


def _body(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.next()
    body = tar.extractfile(member) if member is not None and member.name == name else None
    if body is None:
        raise ValueError("this is not a release of Hiên")
    return body.read()


class _Page:
    """One page at port 80 that says how far it is. Where the port is taken, there is none."""

    def __init__(self, server: ThreadingHTTPServer | None) -> None:
        self.text = ""
        self._server = server

    @classmethod
    def open(cls) -> _Page:
        try:
            server = ThreadingHTTPServer(("", PORT), _Handler)
        except OSError:
            return cls(None)
        page = cls(server)
        server.page = page  # type: ignore[attr-defined]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return page

    def close(self) -> None:
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None


class _Handler(BaseHTTPRequestHandler):
    timeout = 10

    def do_GET(self) -> None:
        text: str = self.server.page.text  # type: ignore[attr-defined]
        body = (
            '<!doctype html><html lang="vi"><meta charset="utf-8">'
            '<meta name="viewport" content="width=device-width">'
            '<meta http-equiv="refresh" content="5"><title>Hiên</title>'
            '<body style="font:2rem/1.5 sans-serif;max-width:40rem;margin:12vh auto;padding:1rem">'
            f"<h1>Máy đang chuẩn bị</h1><p>{html.escape(text)}</p></body></html>"
        ).encode()
        self.send_response(503)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Nothing: who asks what is nobody's business."""


if __name__ == "__main__":
    main(Path(sys.argv[1]))
