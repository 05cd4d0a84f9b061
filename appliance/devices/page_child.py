"""This file is the child process that turns photos into pages: all heavy libraries live here.

It reads requests on stdin and answers on stdout, each a line of JSON ({"op", "mat", "bytes"}) and
then that many bytes. It ends by itself when nothing has been asked for five minutes, or when its
parent is gone. What crashes or hangs here costs one photo, never the room.
"""

from __future__ import annotations

import contextlib
import json
import os
import resource
import select
import signal
import sys
from pathlib import Path
from typing import Any, BinaryIO

from appliance.errors import HienError

IDLE_S = 300.0
NICER = 5
KILLED_FIRST = 800
"""Of 1000: when memory runs out, the kernel ends this process, and not the room."""


def main() -> None:
    """Serve until idle. Ctrl-C in a terminal is for the parent to act on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _stand_back()
    pipe_in, pipe_out = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    # whatever a library prints must not get between the answers
    os.dup2(2, 1)
    _import_heavy()
    while select.select([pipe_in], [], [], IDLE_S)[0]:
        request = read_message(pipe_in)
        if request is None:
            return
        write_message(pipe_out, *answer(*request))


def answer(head: dict[str, Any], jpeg: bytes) -> tuple[dict[str, Any], bytes]:
    """One request's answer; an error is an answer too: {"error": code}."""
    try:
        return OPERATIONS[head["op"]](head, jpeg)
    except HienError as error:
        return {"error": error.code}, b""
    except MemoryError:
        return {"error": "too_large"}, b""


def _page(head: dict[str, Any], jpeg: bytes) -> tuple[dict[str, Any], bytes]:
    """`corners`: four parts of width and height, where a person has placed them."""
    from dataclasses import asdict

    from appliance.paper.scan.page import make_page

    corners, field_mm = _in_pixels(head.get("corners"), jpeg), head.get("field_mm")
    page = make_page(jpeg, mat=head["mat"], quad=corners, field_mm=field_mm)
    checks = {word: asdict(check) for word, check in page.checks.items()}
    width, height = page.photo_px
    guess = page.guess and [[round(x / width, 4), round(y / height, 4)] for x, y in page.guess]
    found = {"size_px": page.size_px, "checks": checks, "ms": page.ms, "guess": guess}
    return found | {"sure": page.quad is not None}, page.jpeg


def _in_pixels(corners: list[list[float]] | None, jpeg: bytes) -> list[tuple[float, float]] | None:
    from appliance.paper.scan.photo import read_header

    if corners is None:
        return None
    width, height = read_header(jpeg).shown_px
    return [(x * width, y * height) for x, y in corners]


def _turn(head: dict[str, Any], jpeg: bytes) -> tuple[dict[str, Any], bytes]:
    from appliance.paper.scan.turned import turned_page

    page, size_px = turned_page(jpeg, head["turns"])
    return {"size_px": size_px}, page


def _codes(head: dict[str, Any], jpeg: bytes) -> tuple[dict[str, Any], bytes]:
    from appliance.paper.scan.qr import read_codes_of_photo

    return {"codes": read_codes_of_photo(jpeg)}, b""


def _card(head: dict[str, Any], jpeg: bytes) -> tuple[dict[str, Any], bytes]:
    from appliance.paper.scan.card import read_card

    return {"codes": read_card(jpeg, head["mat"])}, b""


def _signature(head: dict[str, Any], jpeg: bytes) -> tuple[dict[str, Any], bytes]:
    from appliance.paper.scan.glance import signature

    return {}, signature(jpeg)


def _glance(head: dict[str, Any], jpeg: bytes) -> tuple[dict[str, Any], bytes]:
    from appliance.paper.scan.glance import glance

    seen = glance(jpeg, head["mat"])
    return {"code": seen.code, "corners": seen.corners}, seen.face


OPERATIONS = {
    "page": _page,
    "turn": _turn,
    "codes": _codes,
    "card": _card,
    "signature": _signature,
    "glance": _glance,
}


def read_message(pipe: BinaryIO) -> tuple[dict[str, Any], bytes] | None:
    """(head, payload), or None when the other side is gone."""
    line = pipe.readline()
    if not line.endswith(b"\n"):
        return None
    head: dict[str, Any] = json.loads(line)
    payload = pipe.read(head["bytes"])
    return (head, payload) if len(payload) == head["bytes"] else None


def write_message(pipe: BinaryIO, head: dict[str, Any], payload: bytes) -> None:
    pipe.write(json.dumps(head | {"bytes": len(payload)}).encode() + b"\n" + payload)
    pipe.flush()


def _stand_back() -> None:
    """Printing and the live picture come first, and a crash writes no core file."""
    os.nice(NICER)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    adjustment = Path("/proc/self/oom_score_adj")
    with contextlib.suppress(OSError, ValueError):  # a kernel that does not let us
        if int(adjustment.read_text()) < KILLED_FIRST:
            adjustment.write_text(str(KILLED_FIRST))


def _import_heavy() -> None:
    """Now, while the resident still lays the paper down."""
    import appliance.paper.scan.page  # noqa: F401


if __name__ == "__main__":
    main()
