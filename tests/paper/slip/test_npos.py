"""This file proves that an independent decoder (npos, from npm) sees the picture we packed."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from appliance.core.slip_texts import test_slip
from appliance.demo.escpos_decode import Decoder, Raster
from appliance.paper.slip.layout import draw_slip
from appliance.paper.slip.metrics import WIDTHS, WidthDots
from appliance.paper.slip.raster import to_escpos

NPOS = "npos@0.1.19"
CACHE = Path(__file__).resolve().parents[3] / ".cache" / "npos"
# One line of JSON: the commands in order; the picture's size; its dots go to a file, 0 = black.
SCRIPT = """
const fs = require('fs');
require('npos').parser().parse(fs.readFileSync(process.argv[2])).then((seen) => {
  const picture = seen.entries.find((entry) => entry.type === 'raster').data;
  fs.writeFileSync(process.argv[3], picture._data);
  const commands = seen.tree.map((node) => node.ascii + ' ' + node.fn);
  const fault = seen.error ? String(seen.error) : null;
  console.log(JSON.stringify({commands, size: [picture._width, picture._height], fault}));
}).catch((fault) => { console.error(String(fault)); process.exit(1); });
"""


@pytest.fixture(scope="module")
def npos_dir() -> Path:
    """npos in a git-ignored folder; skips where there is no Node or no registry to be reached."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        pytest.skip("Node is not installed, so npos cannot decode our bytes")
    if not (CACHE / "node_modules" / "npos").is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        command = [npm, "install", "--prefix", str(CACHE), "--ignore-scripts", "--no-audit", NPOS]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=90)
        except subprocess.TimeoutExpired:
            pytest.skip("npm did not install npos within 90 s")
        if done.returncode:
            pytest.skip(f"npm could not install npos: {done.stderr.strip()[-200:]}")
    (CACHE / "decode.js").write_text(SCRIPT)
    return CACHE


def decode(npos_dir: Path, job: bytes, folder: Path) -> tuple[int, dict[str, Any], bytes]:
    """npos' exit code, what it saw, and the dots it drew, a byte each."""
    (folder / "job").write_bytes(job)
    command = ["node", str(npos_dir / "decode.js"), str(folder / "job"), str(folder / "dots")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    if done.returncode:
        return done.returncode, {}, b""
    return 0, json.loads(done.stdout), (folder / "dots").read_bytes()


@pytest.mark.parametrize("width", WIDTHS)
def test_npos_draws_the_very_dots_of_the_slip(
    npos_dir: Path, width: WidthDots, tmp_path: Path
) -> None:
    """Every dot; and the commands are the few that we mean to send."""
    image = draw_slip(test_slip("Nhà văn hóa Khu phố 3", "http://192.168.1.20:8080/"), width)
    exit_code, seen, dots = decode(npos_dir, to_escpos(image), tmp_path)
    assert exit_code == 0
    assert seen["fault"] is None
    strips = -(-image.height // 128)
    assert seen["commands"] == ["ESC @", *["GS v0"] * strips, "ESC d", "GS V"]
    drawn = Image.frombytes("L", tuple(seen["size"]), dots)
    assert drawn.crop((0, 0, *image.size)).tobytes() == image.tobytes()
    assert drawn.width == width


def test_npos_sees_the_same_as_the_virtual_printer(npos_dir: Path, tmp_path: Path) -> None:
    """Our own decoder is judged by one we did not write."""
    image = draw_slip(test_slip("Nhà văn hóa", "http://h/"), 576)
    job = to_escpos(image)
    _, seen, dots = decode(npos_dir, job, tmp_path)
    ours = b"".join(op.rows for op in Decoder().feed(job) if isinstance(op, Raster))
    drawn = Image.frombytes("L", tuple(seen["size"]), dots)
    assert drawn.point([1] + [0] * 255, "1").tobytes() == ours


def test_npos_notices_a_lost_byte(npos_dir: Path, tmp_path: Path) -> None:
    """So that its silence above means something."""
    job = to_escpos(draw_slip(test_slip("Nhà văn hóa", "http://h/"), 576))
    exit_code, seen, _ = decode(npos_dir, job[:5000] + job[5001:], tmp_path)
    assert exit_code or seen["fault"]
