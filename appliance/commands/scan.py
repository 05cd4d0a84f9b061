"""This file is `hien scan`: any photos, or folders of them, to clean pages and one PDF."""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from appliance.errors import HienError

if TYPE_CHECKING:
    from appliance.paper.scan.find import Mat
    from appliance.paper.scan.page import Page

SUFFIXES = frozenset({".jpg", ".jpeg", ".jpe", ".png", ".webp", ".tif", ".tiff", ".bmp", ".mpo"})
EXIT_BAD_FILE = 1
EXIT_NEEDS_HAND = 3
EMPTY: dict[str, Any] = {"checks": {}, "qr": [], "ms": 0}

_HELP = """Make clean pages and one PDF from photos of papers.

PHOTO is an image file or a folder (its images are taken in the order of their names).

\b
--json prints one JSON object per line, one per photo:
  file        the name as given
  quad        corners of the sheet [[x,y] x 4], clockwise from the one nearest the top left
              of the photo; null when no crop was sure: the page is then the whole photo
  size_px     [width, height] of the photo, the frame that quad is given in: the photo as
              displayed, that is after its EXIF orientation has been applied
  page_px     [width, height] of the page made
  checks      sharp, complete, unharmed: each {"state": "ok"|"bad"|"unknown", "value", "code"}
  qr          texts of the QR codes on the paper
  ms          milliseconds spent on this photo
  confidence  0 to 1, the chance that the crop is right; needs_hand; guess (corners to start
              from when quad is null); paper; turns (clockwise quarter turns made after the
              crop); upright_sure; page (file name of the page, with --pages); and, for a file
              that could not be taken, error {"code", "message"}.

\b
Exit code: 0 all pages made; 3 some page needs a hand (quad is null); 1 some file could not be
taken (the other photos still went on); 2 wrong usage.
"""


@click.command("scan", help=_HELP)
@click.argument("photos", nargs=-1, required=True, metavar="PHOTO...", type=click.Path())
@click.option("--out", type=click.Path(dir_okay=False), help="The PDF to write.")
@click.option("--small", is_flag=True, help="Layers in the PDF: about 30 kB a page, not 150.")
@click.option("--pages", type=click.Path(file_okay=False), help="Write each page there as JPEG.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object per photo.")
@click.option(
    "--mat",
    type=click.Choice(["dark", "any"]),
    default="any",
    show_default=True,
    help="What the papers lie on: a dark matte mat, or any table.",
)
@click.option(
    "--field-mm",
    type=click.FloatRange(50, 5000),
    help="How much of the table a photo's long side shows: tells A5 and A6 from A4.",
)
@click.option("--debug", type=click.Path(file_okay=False), help="Write the steps as pictures.")
@click.option("--title", default="Giấy tờ", show_default=True, help="Title of the PDF.")
def scan(
    photos: tuple[str, ...],
    out: str | None,
    small: bool,
    pages: str | None,
    as_json: bool,
    mat: str,
    field_mm: float | None,
    debug: str | None,
    title: str,
) -> None:
    if small and not out:
        raise click.UsageError("--small is about the PDF: give --out FILE.pdf too.")
    if not (out or pages or as_json):
        raise click.UsageError("Nothing to do: give --out FILE.pdf, --pages DIR or --json.")
    import cv2

    cv2.setNumThreads(1)
    names = list(_files_of(photos))
    made: list[bytes] = []
    failed = by_hand = 0
    hidden = as_json or not sys.stderr.isatty()
    with click.progressbar(names, label="Pages", file=sys.stderr, hidden=hidden) as bar:
        for number, name in enumerate(bar, start=1):
            try:
                page = _page_of(name, number, mat, field_mm, debug)
            except HienError as error:
                failed += 1
                _tell_failure(name, error, as_json)
                continue
            except (OSError, MemoryError) as error:
                failed += 1
                if isinstance(error, MemoryError):
                    reason = HienError("not enough memory for this photo", code="too_large")
                else:
                    reason = HienError(f"{error.strerror or error}", code="unreadable")
                _tell_failure(name, reason, as_json)
                continue
            made.append(page.jpeg)
            by_hand += page.needs_hand
            written = _write_page(pages, number, page) if pages else None
            _tell(name, page, written, as_json)
    if out and made:
        from appliance.paper.pdf.pdf import make_pdf

        _replace(Path(out), make_pdf(made, title=title, made_at=_now(), small=small))
    if failed or not names:
        if not names:
            click.echo("No photo found.", err=True)
        sys.exit(EXIT_BAD_FILE)
    if by_hand:
        sys.exit(EXIT_NEEDS_HAND)


def _files_of(photos: tuple[str, ...]) -> Iterator[str]:
    for photo in photos:
        if Path(photo).is_dir():
            inside = [path for path in Path(photo).iterdir() if path.suffix.lower() in SUFFIXES]
            yield from (str(path) for path in sorted(inside, key=_by_number))
        else:
            yield photo


def _by_number(path: Path) -> list[tuple[int, int, str]]:
    """Sort IMG_2 before IMG_10."""
    parts = re.split(r"(\d+)", path.name.lower())
    return [(0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts if p]


def _page_of(name: str, number: int, mat: str, field_mm: float | None, debug: str | None) -> Page:
    from appliance.paper.scan.page import make_page
    from appliance.paper.scan.photo import MAX_BYTES, BadPhoto

    path = Path(name)
    if path.exists() and not path.is_file():
        raise BadPhoto("not_an_image")
    if path.stat().st_size > MAX_BYTES:
        raise BadPhoto("too_large")
    data = path.read_bytes()
    watch = _watcher(Path(debug), number) if debug else None
    chosen: Mat = "dark" if mat == "dark" else "any"
    return make_page(data, mat=chosen, field_mm=field_mm, watch=watch)


def _watcher(folder: Path, number: int) -> Any:
    import cv2

    folder.mkdir(parents=True, exist_ok=True)

    def write(step: str, picture: Any) -> None:
        _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, 85])
        (folder / f"{number:03d}-{step}.jpg").write_bytes(data.tobytes())

    return write


def _write_page(folder: str, number: int, page: Page) -> str:
    Path(folder).mkdir(parents=True, exist_ok=True)
    path = Path(folder) / f"{number:03d}.jpg"
    _replace(path, page.jpeg)
    return path.name


def _replace(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.part")
    part.write_bytes(data)
    part.replace(path)


def _beside_the_bar() -> None:
    """Wipe the progress bar's line, so that what is told stands on a line of its own."""
    if sys.stderr.isatty():
        click.echo("\r\x1b[K", nl=False, err=True)


def _tell(name: str, page: Page, written: str | None, as_json: bool) -> None:
    _beside_the_bar()
    if as_json:
        click.echo(json.dumps(describe(name, page, written)))
        return
    words = [f"{word}: {check.state}" for word, check in page.checks.items()]
    if page.needs_hand:
        words.insert(0, "needs a hand: the corners are not sure, the whole photo was kept")
    click.echo(f"{_shown(name)}: {', '.join(words)}")


def describe(name: str, page: Page, written: str | None) -> dict[str, Any]:
    """Return what --json prints for one photo."""
    return {
        "file": name,
        "quad": page.quad,
        "size_px": page.photo_px,
        "page_px": page.size_px,
        "checks": {
            word: {"state": check.state, "value": check.value, "code": check.code}
            for word, check in page.checks.items()
        },
        "qr": page.qr,
        "ms": page.ms,
        "confidence": round(page.confidence, 3),
        "needs_hand": page.needs_hand,
        "guess": page.guess,
        "paper": page.paper,
        "turns": page.turns,
        "upright_sure": page.upright_sure,
        "page": written,
    }


def _tell_failure(name: str, error: HienError, as_json: bool) -> None:
    _beside_the_bar()
    if as_json:
        told = {"code": error.code, "message": str(error)}
        nothing: dict[str, Any] = {"quad": None, "size_px": None, "page_px": None}
        click.echo(json.dumps({"file": name, **nothing, **EMPTY, "error": told}))
    click.echo(f"{_shown(name)}: {error}", err=True)


def _shown(name: str) -> str:
    """Return a file name that cannot move the cursor or break the line."""
    readable = os.fsencode(name).decode("utf-8", "replace")
    return "".join(c if c.isprintable() else "?" for c in readable)


def _now() -> datetime:
    """Return the time, or SOURCE_DATE_EPOCH where somebody wants the same bytes again."""
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(fixed), UTC) if fixed.isdecimal() else datetime.now(UTC)
