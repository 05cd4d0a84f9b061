"""This file is a receipt printer on a TCP port: real bytes in, pictures of paper out.

It keeps what makes real ones hard: paper, buffer and pace are finite, a full buffer stops the
sender, one sender at a time is heard, a half-sent command swallows the next job, and status
questions may be answered late, twice or never. Known and shown as virtual everywhere.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping

from appliance.demo.paper_roll import Paper
from appliance.demo.printer_engine import Engine
from appliance.demo.printer_port import PrinterPort
from appliance.demo.printer_state import NEAR_END_MM, PrinterState, set_faults

ROLL_MM = 30_000.0
DEFAULT_PORT = 9100


class VirtualPrinter:
    """A printer at `host:port` (port 0: any free one, then `.port`).

    `dots` per line, `speed_mm_s` of paper (float("inf") for tests), `paper_mm` left on the roll,
    `buffer_bytes` it takes ahead of the head. `on_paper(paper)` is called in the printer's thread.
    """

    def __init__(
        self,
        host: str = "127.0.0.1",
        port: int = DEFAULT_PORT,
        *,
        dots: int = 576,
        speed_mm_s: float = 150.0,
        paper_mm: float = ROLL_MM,
        buffer_bytes: int = 32_768,
        keep_papers: int = 50,
        on_paper: Callable[[Paper], None] | None = None,
        faults: Mapping[str, str] | None = None,
    ) -> None:
        self.host = host
        self.port = port
        self.on_paper = on_paper
        self.state = PrinterState(paper_mm=paper_mm)
        set_faults(self.state, faults or {})
        self._papers: deque[Paper] = deque(maxlen=keep_papers)
        self._engine = Engine(
            self.state,
            dots=dots,
            speed_mm_s=speed_mm_s,
            buffer_bytes=buffer_bytes,
            on_paper=self._keep,
        )
        self._changed = self._engine.changed
        self._port = PrinterPort(host, port, self._engine)

    def start(self) -> VirtualPrinter:
        """Bind and serve; raises OSError when the port is taken."""
        self.port = self._port.bind()
        self._engine.start()
        self._port.start()
        return self

    def stop(self) -> None:
        self._port.stop()
        self._engine.stop()

    def __enter__(self) -> VirtualPrinter:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    # --- what came out

    @property
    def papers(self) -> list[Paper]:
        """The newest pieces, oldest first."""
        with self._changed:
            return list(self._papers)

    @property
    def papers_made(self) -> int:
        """Pieces since it was built, forgotten ones included."""
        return self._engine.papers_made

    @property
    def received_bytes(self) -> int:
        return self._engine.received_bytes

    @property
    def buffered_bytes(self) -> int:
        return self._engine.buffered_bytes

    def wait_for_papers(self, count: int, timeout_s: float = 10.0) -> bool:
        """Wait until `count` pieces were made in all."""
        with self._changed:
            return self._changed.wait_for(lambda: self.papers_made >= count, timeout_s)

    def wait_until(self, condition: Callable[[], bool], timeout_s: float = 10.0) -> bool:
        """Wait until `condition()`, looked at whenever anything changes inside."""
        with self._changed:
            return self._changed.wait_for(condition, timeout_s)

    # --- what people do to it

    def take_out_paper(self) -> None:
        """The roll is taken out, and what hung from it comes along."""
        with self._changed:
            self.state.paper_in = False
            self._engine.tear_off()
            self._engine.tell_change()

    def put_in_paper(self, paper_mm: float = ROLL_MM) -> None:
        """A roll is put in; what was left of the old one is torn off first."""
        with self._changed:
            self._engine.tear_off()
            self.state.paper_in, self.state.paper_mm = True, paper_mm
            self._engine.tell_change()

    def put_in_old_roll(self) -> None:
        """What is left of a roll: enough for some slips, and the sensor sees its end."""
        self.put_in_paper(NEAR_END_MM * 0.8)

    def tear_off(self) -> None:
        self._engine.tear_off()

    def open_cover(self) -> None:
        self.set_faults({"cover_open": "1"})

    def close_cover(self) -> None:
        self.set_faults({"cover_open": "0"})

    def turn_off(self) -> None:
        """Reset the sender, refuse new ones, forget what is not on paper."""
        self.set_faults({"off": "1"})

    def turn_on(self) -> None:
        self.set_faults({"off": "0"})

    def set_faults(self, faults: Mapping[str, str]) -> None:
        """Set faults by the names of `printer_state.set_faults`; returns when they are in force."""
        with self._changed:
            had_power = self.state.power
            set_faults(self.state, faults)
            if had_power and not self.state.power:
                self._engine.forget()
            self._engine.tell_change()
        self._port.follow_power()

    def _keep(self, paper: Paper) -> None:
        self._papers.append(paper)
        if self.on_paper is not None:
            self.on_paper(paper)
