"""This file measures a slip, from words to bytes, against python-escpos' own path for a picture.

Processor time, not the clock: other work on the machine does not count. One run gives both sides
of each ratio, turn and turn about.
"""

from __future__ import annotations

import contextlib
import io
import statistics
import time
from collections.abc import Callable
from typing import Any

TURNS = 40
GOAL_WHOLE_MS = 50.0
GOAL_TIMES_LESS = 20.0


def main(argv: list[str]) -> None:
    turns = int(argv[0]) if argv else TURNS
    started_s = time.process_time()
    from appliance.commands.slip import sample_slip
    from appliance.paper.slip.layout import draw_slip
    from appliance.paper.slip.metrics import WIDTHS
    from appliance.paper.slip.raster import to_escpos, to_png

    first = to_escpos(draw_slip(sample_slip("ticket"), 576))
    cold_ms = (time.process_time() - started_s) * 1000
    print(f"the first slip of a process, imports and fonts included: {cold_ms:.0f} ms CPU")
    print(
        "milliseconds of CPU   draw   pack  whole   png | python-escpos image |"
        "  pack is x times less | bytes on the wire (python-escpos)"
    )
    other = _python_escpos()
    slowest_ms, least_times = 0.0, float("inf")
    for kind in ("ticket", "visit", "test"):
        for width in WIDTHS:
            slip = sample_slip(kind)
            image = draw_slip(slip, width)
            steps: dict[str, Callable[[], Any]] = {
                "draw": lambda slip=slip, width=width: draw_slip(slip, width),
                "pack": lambda image=image: to_escpos(image),
                "png": lambda image=image: to_png(image),
                "other": lambda image=image: other(image),
            }
            taken: dict[str, list[float]] = {name: [] for name in steps}
            for _ in range(turns):
                for name, step in steps.items():
                    begun_s = time.process_time()
                    step()
                    taken[name].append((time.process_time() - begun_s) * 1000)
            ms = {name: statistics.median(times) for name, times in taken.items()}
            whole_ms = ms["draw"] + ms["pack"]
            slowest_ms = max(slowest_ms, whole_ms)
            least_times = min(least_times, ms["other"] / ms["pack"])
            print(
                f"{kind:7} {width} dots    {ms['draw']:6.1f} {ms['pack']:6.2f} {whole_ms:6.1f}"
                f" {ms['png']:5.1f} | {ms['other']:19.1f} | {ms['other'] / ms['pack']:21.1f}x |"
                f" {len(to_escpos(image)):6} ({len(other(image))})"
            )
    verdict = "kept" if least_times >= GOAL_TIMES_LESS else "MISSED"
    print(f"packing: at least {least_times:.1f} times less; goal {GOAL_TIMES_LESS:.0f}: {verdict}")
    verdict = "kept" if slowest_ms <= GOAL_WHOLE_MS else "MISSED"
    print(
        f"slowest whole slip {slowest_ms:.1f} ms CPU; goal at most {GOAL_WHOLE_MS:.0f}: {verdict}"
    )
    print(f"a ticket at 150 mm/s: {len(first)} bytes, head busy {_rows(first) / 8 / 150:.2f} s")


def _python_escpos() -> Callable[[Any], bytes]:
    """python-escpos' image path as it comes: its defaults but for the strips' height."""
    from escpos.printer import Dummy

    def run(image: Any) -> bytes:
        with contextlib.redirect_stdout(io.StringIO()):  # it prints a remark for every strip
            printer = Dummy()
            printer.hw("INIT")
            printer.image(image, impl="bitImageRaster", fragment_height=128)
            printer.print_and_feed(3)
            printer.cut(feed=False)
        return bytes(printer.output)

    return run


def _rows(job: bytes) -> int:
    from appliance.demo.escpos_decode import Decoder, Raster

    return sum(len(op.rows) // op.row_bytes for op in Decoder().feed(job) if isinstance(op, Raster))
