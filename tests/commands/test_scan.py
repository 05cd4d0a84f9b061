"""This file proves `hien scan` from outside: files in, pages, one PDF, JSON and exit codes out."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from click.testing import CliRunner, Result
from PIL import Image

from appliance.commands.scan import scan
from bench.accuracy import jaccard
from bench.scenes import Scene, make_scene


def run(*words: object) -> Result:
    return CliRunner().invoke(scan, [str(word) for word in words])


@pytest.fixture(scope="module")
def scene() -> Scene:
    return make_scene(3, paper="A5", table="mat", turn_deg=4)


def test_good_photos_give_pages_one_pdf_and_exit_code_0(tmp_path: Path, scene: Scene) -> None:
    """Two photos make a PDF of two pages; the JSON has every bound key, one line per photo."""
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(scene.jpeg())
    out = tmp_path / "out" / "file.pdf"
    result = run(
        tmp_path / "a.jpg", tmp_path / "b.jpg", "--out", out, "--pages", tmp_path / "p", "--json"
    )
    assert result.exit_code == 0, result.output
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [Path(line["file"]).name for line in lines] == ["a.jpg", "b.jpg"]
    for line in lines:
        assert jaccard(line["quad"], scene.quad) > 0.98
        assert line["size_px"] == [2028, 1520]
        assert set(line["checks"]) == {"sharp", "complete", "unharmed"}
        assert line["qr"] == []
        assert line["ms"] > 0
        with Image.open(tmp_path / "p" / line["page"]) as page:
            assert list(page.size) == line["page_px"]
    with pikepdf.open(out) as pdf:
        assert len(pdf.pages) == 2


def test_a_bad_file_is_told_and_the_others_go_on(tmp_path: Path, scene: Scene) -> None:
    """Exit code 1, an error with a stable code, and still a PDF of the good photo."""
    good, odd = tmp_path / "tốt.jpg", tmp_path / "không\nphải ảnh.jpg"
    good.write_bytes(scene.jpeg())
    odd.write_bytes(b"hello")
    (tmp_path / "empty.jpg").write_bytes(b"")
    out = tmp_path / "o.pdf"
    missing = tmp_path / ".." / "gone.jpg"
    result = run(odd, tmp_path / "empty.jpg", missing, good, "--out", out, "--json")
    assert result.exit_code == 1
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    codes = [line.get("error", {}).get("code") for line in lines]
    assert codes == ["not_an_image", "empty", "unreadable", None]
    assert lines[0]["file"] == str(odd)
    assert len(result.stderr.splitlines()) == 3
    with pikepdf.open(out) as pdf:
        assert len(pdf.pages) == 1


def test_a_photo_there_is_no_memory_for_does_not_stop_the_others(
    tmp_path: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Told like any other bad file; the next one is still made."""
    from appliance.paper.scan import page as pages

    real, calls = pages.decode, []

    def decode(data: bytes) -> object:
        calls.append(1)
        if len(calls) == 1:
            raise MemoryError
        return real(data)

    monkeypatch.setattr(pages, "decode", decode)
    for name in ("a.jpg", "b.jpg"):
        (tmp_path / name).write_bytes(scene.jpeg())
    result = run(tmp_path / "a.jpg", tmp_path / "b.jpg", "--json")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert [line.get("error", {}).get("code") for line in lines] == ["too_large", None]
    assert result.exit_code == 1


def test_a_page_that_needs_a_hand_gives_exit_code_3(tmp_path: Path) -> None:
    """An empty grey table: quad is null, the page is the whole photo."""
    Image.fromarray(np.full((600, 800, 3), 120, np.uint8)).save(tmp_path / "grey.png")
    result = run(tmp_path / "grey.png", "--out", tmp_path / "o.pdf", "--json")
    assert result.exit_code == 3
    line = json.loads(result.stdout)
    assert line["quad"] is None
    assert line["needs_hand"] is True
    assert (tmp_path / "o.pdf").exists()


def test_a_folder_is_taken_in_the_order_of_its_numbers(tmp_path: Path, scene: Scene) -> None:
    """IMG_2 comes before IMG_10, and what is no photo by its name is left out."""
    for name in ("IMG_10.jpg", "IMG_2.jpg", "notes.txt"):
        (tmp_path / name).write_bytes(scene.jpeg())
    result = run(tmp_path, "--json")
    names = [Path(json.loads(line)["file"]).name for line in result.stdout.splitlines()]
    assert names == ["IMG_2.jpg", "IMG_10.jpg"]


def test_the_same_photo_at_a_fixed_time_gives_the_same_pdf(
    tmp_path: Path, scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SOURCE_DATE_EPOCH fixes the clock, as build tools do."""
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    (tmp_path / "a.jpg").write_bytes(scene.jpeg())
    for name in ("1.pdf", "2.pdf"):
        assert run(tmp_path / "a.jpg", "--out", tmp_path / name).exit_code == 0
    assert (tmp_path / "1.pdf").read_bytes() == (tmp_path / "2.pdf").read_bytes()


def test_small_pages_are_a_fraction_of_the_plain_ones(tmp_path: Path, scene: Scene) -> None:
    """--small: the same pages in layers; without --out there is nothing to make small."""
    (tmp_path / "a.jpg").write_bytes(scene.jpeg())
    for name, more in (("plain.pdf", []), ("small.pdf", ["--small"])):
        assert run(tmp_path / "a.jpg", "--out", tmp_path / name, *more).exit_code == 0
    assert (tmp_path / "small.pdf").stat().st_size < 40_000
    assert (tmp_path / "small.pdf").stat().st_size < (tmp_path / "plain.pdf").stat().st_size / 2
    assert run(tmp_path / "a.jpg", "--small", "--json").exit_code == 2


def test_debug_writes_the_steps_as_pictures(tmp_path: Path, scene: Scene) -> None:
    """Found, flat, even, page: four pictures per photo."""
    (tmp_path / "a.jpg").write_bytes(scene.jpeg())
    run(tmp_path / "a.jpg", "--json", "--debug", tmp_path / "d")
    assert len(list((tmp_path / "d").glob("001-*.jpg"))) == 4


def test_a_device_file_or_a_pipe_does_not_hang(tmp_path: Path) -> None:
    """A named pipe has no end: it is refused without being opened."""
    os.mkfifo(tmp_path / "pipe.jpg")
    result = run(tmp_path / "pipe.jpg", "--json")
    assert result.exit_code == 1


def test_nothing_to_do_is_wrong_usage(tmp_path: Path) -> None:
    """Without --out, --pages or --json there would be no result: exit code 2."""
    assert run(tmp_path / "x.jpg").exit_code == 2
