"""This file measures the machines: tap to first byte, live picture, letters and codes on paper.

Each figure stands beside another of the same run: the answer to the tap, one viewer, the goal.
"""

from __future__ import annotations

import contextlib
import http.client
import secrets
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path
from urllib.parse import urlencode

import psutil

from bench.slip_codes import DAMAGED, measure_codes

TAPS = 20
VIEW_S = 8.0


def main(argv: list[str]) -> None:
    _letters()
    measure_codes(int(argv[0]) if argv else DAMAGED)
    with (
        tempfile.TemporaryDirectory(prefix="hien-bench-", dir="/var/tmp") as folder,
        tempfile.TemporaryDirectory(prefix="hien-bench-", dir=_ram()) as ram,
        _Head() as head,
    ):
        base = Path(folder)
        port, cookie = _settle(base, Path(ram), head.port)
        with _room(base, "web"), _room(base, "devices") as devices:
            _wait_for(port)
            _tap(port, head)
            for viewers in (1, 4):
                _preview(base, port, cookie, devices, viewers)


def _letters() -> None:
    from PIL import Image, ImageDraw

    from appliance.core.slip_texts import ACCENTED_LETTERS
    from appliance.paper.font import face

    for size_dots in (24, 30):
        drawn = {}
        for letter in ACCENTED_LETTERS:
            cell = Image.new("L", (64, 64), 255)
            font = face("medium", size_dots).font
            ImageDraw.Draw(cell).text((8, 48), letter, fill=0, font=font, anchor="ls")
            drawn[letter] = int.from_bytes(cell.point([1] * 128 + [0] * 128, "1").tobytes(), "big")
        least, pair = min(
            ((drawn[a] ^ drawn[b]).bit_count(), a + b) for a, b in combinations(drawn, 2)
        )
        print(
            f"{len(drawn)} letters, {size_dots} dots: the closest ({pair}) differ in {least} dots"
        )


class _Head:
    """A printer that is always well, and notes when a job's first byte came."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self.first_s = 0.0
        self.begun = threading.Event()

    def __enter__(self) -> _Head:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            with line, contextlib.suppress(OSError):
                while data := line.recv(65536):
                    if data[:2] == b"\x1b\x40":
                        self.first_s = time.perf_counter()
                        self.begun.set()
                    if data[:2] == b"\x10\x04" and len(data) == 3:
                        line.sendall(b"\x12")
                    elif data.endswith(b"\x1d\x72\x01"):
                        line.sendall(b"\x00")


def _settle(base: Path, ram: Path, printer_port: int) -> tuple[int, str]:
    """Settings, a volunteer signed in; (the house's port, the session's cookie)."""
    from appliance.clock import Clock
    from appliance.service import volunteers
    from appliance.store.opening import open_store
    from appliance.web.current import SESSION_COOKIE

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    (base / "hien.toml").write_text(
        f'[data]\ndir = "{base}/data"\nram_dir = "{ram}"\n'
        f'[web]\nhost = "127.0.0.1"\nport = {port}\ntickets_per_minute = 6000\n'
        f'[devices]\nprinter = "tcp://127.0.0.1:{printer_port}"\n'
        f'camera = "virtual:?scene={base}/scene.jpg"\n[log]\nlevel = "ERROR"\n'
    )
    store = open_store(base / "data")
    now = Clock().now()
    number = volunteers.add_volunteer(store, now, name="Chị Lan", pin="2468", shows_name=False)
    token, _ = volunteers.sign_in(store, now, volunteer_id=number, pin="2468", hours=1)
    store.close()
    return port, f"{SESSION_COOKIE}={token}"


def _ram() -> str:
    return "/dev/shm" if Path("/dev/shm").is_dir() else "/tmp"


@contextlib.contextmanager
def _room(base: Path, room: str) -> Iterator[subprocess.Popen[bytes]]:
    child = subprocess.Popen(
        [sys.executable, "-m", "appliance", room, "--config", str(base / "hien.toml")]
    )
    try:
        yield child
    finally:
        child.terminate()
        child.wait(15)


def _wait_for(port: int) -> None:
    for _ in range(400):
        with contextlib.suppress(OSError, http.client.HTTPException):
            check = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
            check.request("GET", "/healthz")
            if b'"devices":"ok"' in check.getresponse().read().replace(b" ", b""):
                return
        time.sleep(0.1)
    raise RuntimeError("the rooms did not begin")


def _tap(port: int, head: _Head) -> None:
    house = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    answer_ms, byte_ms = [], []
    for _ in range(TAPS):
        head.begun.clear()
        body = urlencode({"service": "co-em-be", "key": secrets.token_urlsafe(12)})
        began_s = time.perf_counter()
        house.request(
            "POST", "/tickets", body,
            {"Content-Type": "application/x-www-form-urlencoded",
             "Origin": f"http://127.0.0.1:{port}"},
        )  # fmt: skip
        house.getresponse().read()
        answer_ms.append((time.perf_counter() - began_s) * 1000)
        if not head.begun.wait(30):
            raise RuntimeError("no byte came to the printer")
        byte_ms.append((head.first_s - began_s) * 1000)
        time.sleep(0.5)
    answer, byte = sorted(answer_ms)[TAPS // 2], sorted(byte_ms)[TAPS // 2]
    print(
        f"tap to the printer's first byte: median {byte:.0f} ms, slowest {max(byte_ms):.0f};"
        f" {byte / answer:.1f} times the answer to the tap ({answer:.0f} ms)"
    )


def _preview(
    base: Path, port: int, cookie: str, devices: subprocess.Popen[bytes], viewers: int
) -> None:
    """A paper that moves under the camera, and people who watch it, each as visit.js does."""
    from appliance.devices.camera.sample_paper import table_jpeg

    scene = table_jpeg((2304, 1296), paper=True)
    stop = threading.Event()

    def move() -> None:
        while not stop.wait(0.05):
            (base / "scene.part").write_bytes(scene)
            (base / "scene.part").replace(base / "scene.jpg")

    seen = [0] * viewers

    def watch(number: int) -> None:
        house = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        last = ""
        while not stop.is_set():
            house.request("GET", f"/preview.jpg?after={last}", headers={"Cookie": cookie})
            answer = house.getresponse()
            answer.read()
            if answer.status == 200:
                seen[number] += 1
                last = answer.headers["X-Frame-At-Ms"]

    threads = [threading.Thread(target=move)]
    threads += [threading.Thread(target=watch, args=(n,)) for n in range(viewers)]
    for thread in threads:
        thread.start()
    time.sleep(2)
    before, process = list(seen), psutil.Process(devices.pid)
    used_s = sum(process.cpu_times()[:2])
    time.sleep(VIEW_S)
    cpu = (sum(process.cpu_times()[:2]) - used_s) / VIEW_S
    rates = [(now - then) / VIEW_S for now, then in zip(seen, before, strict=True)]
    stop.set()
    for thread in threads:
        thread.join()
    print(
        f"live picture, {viewers} watching: {min(rates):.1f} to {max(rates):.1f} frames a second"
        f" each; the devices room takes {cpu:.2f} of a core"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
