"""This file measures the machines: tap to first byte, live picture, letters and codes on paper.

Each figure stands beside another of the same run: the answer to the tap, one viewer, the goal.
"""

from __future__ import annotations

import contextlib
import http.client
import io
import random
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

TAPS = 20
VIEW_S = 8.0
DAMAGED = 100
# What a ticket's QR holds: an address and an age secret key.
CONTENT = "http://192.168.1.20:8080/t#AGE-SECRET-KEY-1"
CONTENT += ("QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L" * 2)[:58]


def main(argv: list[str]) -> None:
    _letters()
    _codes(int(argv[0]) if argv else DAMAGED)
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


def _codes(count: int) -> None:
    """On slips as they are printed: 5 dots a module at 58 mm, 6 at 80 mm. A white line cuts the
    code's eyes, which no error correction mends: so the house's own reader fills such lines, and a
    telephone, which looks many times a second, is given five looks at the same paper."""
    from appliance.core.slip import Qr, Slip
    from appliance.paper.layout import draw_slip
    from appliance.paper.metrics import WIDTHS
    from appliance.paper.slip_qr import MODULE_DOTS

    for width in WIDTHS:
        slip = draw_slip(Slip("ticket", (Qr(CONTENT, "Bác giữ phiếu."),)), width)
        for damage in ("worn", "worn, two rows lost", "worn, a white streak"):
            first = five = house = 0
            for seed in range(count):
                paper = _worn(slip, seed, damage)
                looks = [_looked(paper, 1000 * seed + n) for n in range(5)]
                read = [_plainly(look) for look in looks]
                first, five = first + read[0], five + any(read)
                house += _by_the_house(looks[0])
            goal = "kept" if house >= 0.98 * count else "MISSED"
            print(
                f"codes of {MODULE_DOTS[width]} dots a module, {damage}, of {count}: the house's"
                f" reader {house / count:.3f} (goal 0.98: {goal}); a plain reader, one look"
                f" {first / count:.3f}, one of five {five / count:.3f}"
            )


def _plainly(jpeg: bytes) -> bool:
    import zxingcpp
    from PIL import Image

    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(jpeg)))
    return [one.text for one in found] == [CONTENT]


def _by_the_house(jpeg: bytes) -> bool:
    """As it reads a slip held under the camera."""
    from appliance.paper.qr import read_codes_of_photo

    return read_codes_of_photo(jpeg) == [CONTENT]


def _worn(paper, seed: int, damage: str):  # type: ignore[no-untyped-def]
    """Ink that runs, two dead heating elements; rows that were lost on their way (the paper is
    shorter), or a white line across (the head had no power)."""
    from PIL import Image, ImageChops

    rng = random.Random(seed)
    bad = paper.copy()
    if seed % 2:
        run = Image.new("L", bad.size, 255)
        run.paste(bad, (1, 1))
        bad = ImageChops.darker(bad, run)
    for _ in range(2):
        x = rng.randrange(bad.width)
        bad.paste(255, (x, 0, x + 1, bad.height))
    y = rng.randrange(bad.height - 2)
    if "streak" in damage:
        bad.paste(255, (0, y, bad.width, y + 2))
    if "lost" in damage:
        bad.paste(bad.crop((0, y + 2, bad.width, bad.height)), (0, y))
    return bad


def _looked(paper, seed: int) -> bytes:  # type: ignore[no-untyped-def]
    """A photo of it: tilt, blur, noise, coarse JPEG."""
    from PIL import Image, ImageFilter

    rng = random.Random(seed)
    bad = paper.rotate(rng.uniform(-12, 12), Image.Resampling.BICUBIC, expand=True, fillcolor=255)
    bad = bad.resize((bad.width * 3 // 2, bad.height * 3 // 2), Image.Resampling.BILINEAR)
    bad = bad.filter(ImageFilter.GaussianBlur(rng.uniform(0.8, 2.0)))
    bad = Image.blend(bad, Image.effect_noise(bad.size, 40), 0.25)
    jpeg = io.BytesIO()
    bad.save(jpeg, "JPEG", quality=40)
    return jpeg.getvalue()


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
