"""This file proves that damaged and mutated photos give a clear error or a page, never a crash.

The photos go through the whole path in a child process, as on the box: what would crash, hang or
eat the memory is seen from outside, and the seed that did it is named.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import dataclass

import numpy as np
import pytest

from appliance.devices.page_child import write_message
from appliance.paper.scan.page import make_page
from appliance.paper.scan.photo import BadPhoto
from tests.paper.mutants import mutant

MOST_S = 10.0
MOST_MB = 600.0
_CHILD = """
import json, sys, time
import cv2
cv2.setNumThreads(1)
from appliance.devices.page_child import answer
from appliance.devices.page_child import read_message
from tests.paper.peak import peak_mb
while message := read_message(sys.stdin.buffer):
    print(json.dumps(message[0]), flush=True)
    started = time.process_time()
    head, page = answer({"op": "page", "mat": "any"}, message[1])
    cpu_s = time.process_time() - started
    good = bool(head.get("error")) or (page[:2] == b"\\xff\\xd8" and bool(head["size_px"]))
    told = {"error": head.get("error", ""), "good": good, "cpu_s": cpu_s, "mb": peak_mb()}
    print(json.dumps(told), flush=True)
"""


@dataclass(frozen=True)
class Told:
    """What the child said of one photo."""

    error: str
    good: bool
    cpu_s: float
    mb: float


def through_a_child(first: int, last: int, limit_s: float) -> list[Told]:
    with tempfile.TemporaryFile() as photos:
        for seed in range(first, last):
            write_message(photos, {"seed": seed}, mutant(seed))
        photos.seek(0)
        done = subprocess.run(
            [sys.executable, "-c", _CHILD],
            stdin=photos,
            capture_output=True,
            text=True,
            timeout=limit_s,
        )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"ended by {done.returncode} at {lines[-1]}: {done.stderr[-800:]}"
    return [Told(**line) for line in lines if "seed" not in line]


def judged(found: list[Told], count: int) -> None:
    assert len(found) == count
    assert all(told.good for told in found)
    assert max(told.cpu_s for told in found) < MOST_S
    assert max(told.mb for told in found) < MOST_MB
    assert any(told.error for told in found) and not all(told.error for told in found)


def test_sixty_mutated_photos_are_an_error_or_a_page() -> None:
    """JPEG of every make, PNG, WebP and TIFF: bytes changed, cut out, doubled and cut off."""
    judged(through_a_child(0, 60, 110), 60)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_thousand_mutated_photos_are_an_error_or_a_page() -> None:
    """The same with a thousand, some of 12 megapixels; none takes 10 s or 600 MB."""
    found = through_a_child(1000, 2000, 1700)
    judged(found, 1000)
    print(
        f"{sum(not t.error for t in found)} pages, worst {max(t.cpu_s for t in found):.2f} s,"
        f" {max(t.mb for t in found):.0f} MB"
    )


def test_random_bytes_behind_every_magic_number_are_refused() -> None:
    """Each format's first bytes, then noise."""
    rng = np.random.default_rng(4)
    for magic in (b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"GIF89a", b"BM"):
        for size in (0, 10, 3000):
            with pytest.raises(BadPhoto):
                make_page(magic + rng.bytes(size))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("JPEG", "RGB", {"progressive": True, "subsampling": 0}),
        ("JPEG", "CMYK", {"progressive": True}),
        ("PNG", "RGBA", {"compress_level": 1}),
        ("PNG", "LA", {"compress_level": 1}),
        ("PNG", "P", {"compress_level": 1}),
        ("PNG", "I;16", {"compress_level": 1}),
        ("TIFF", "RGB", {"compression": "tiff_lzw"}),
        ("WEBP", "RGBA", {"lossless": True, "method": 0}),
    ],
)
def test_the_largest_photos_taken_stay_below_the_limit(
    kind: str, mode: str, options: dict[str, object]
) -> None:
    """64 megapixels of a JPEG, 40 of another kind, 24 of a WebP: in a child, less than 600 MB."""
    asked = json.dumps({"kind": kind, "mode": mode, "options": options})
    code = (
        "import json, subprocess, sys\n"
        "from tests.paper.mutants import largest\n"
        "sys.stdout.buffer.write(largest(**json.loads(sys.argv[1])))"
    )
    made = subprocess.run([sys.executable, "-c", code, asked], capture_output=True, check=True)
    code = (
        "import sys\nfrom appliance.devices.page_child import answer\n"
        "from tests.paper.peak import peak_mb\n"
        "head, _ = answer({'op': 'page', 'mat': 'any'}, sys.stdin.buffer.read())\n"
        "print(head.get('error', ''), peak_mb(), sep='|')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=made.stdout, capture_output=True, check=True
    )
    error, mb = done.stdout.decode().strip().split("|")
    assert error == "" and float(mb) < MOST_MB, (error, mb)
