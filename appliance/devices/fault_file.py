"""This file lets a virtual device break while it runs: faults from its URL and from a small file.

The file (`faults=PATH` in the URL) holds the same words as the URL's query, for example
`paper_out=1&stall=1`; `&`, spaces and new lines part them. It is read again whenever it changes;
missing or empty means no further fault. A value of "0" or "" switches a fault off again.
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path
from urllib.parse import parse_qsl

from appliance.devices.url import DeviceUrl


class Faults:
    """The faults in force at the moment of asking."""

    def __init__(self, url: DeviceUrl, known: Collection[str]) -> None:
        self._known = frozenset(known)
        self._fixed = {name: value for name, value in url.options.items() if name in self._known}
        self._path = Path(url.option("faults")) if url.option("faults") else None
        self._seen: tuple[int, int] | None = None
        self._live: dict[str, str] = {}

    def text(self, name: str) -> str:
        """The fault's value, "" when it is off."""
        self._look()
        value = self._live.get(name, self._fixed.get(name, ""))
        return "" if value == "0" else value

    def on(self, name: str) -> bool:
        return self.text(name) != ""

    def count(self, name: str) -> int | None:
        """The fault's value as a whole number, None when it is off."""
        value = self.text(name)
        return int(value) if value.isdigit() else None

    def set(self, name: str, value: str) -> None:
        """Switch a fault from within the same process ("" or "0" = off)."""
        self._fixed[name] = value

    def _look(self) -> None:
        if self._path is None:
            return
        try:
            stat = self._path.stat()
            stamp = (stat.st_mtime_ns, stat.st_size)
            if stamp == self._seen:
                return
            words = self._path.read_text("utf-8").replace("&", " ").split()
        except OSError:
            self._seen, self._live = None, {}
            return
        pairs = parse_qsl("&".join(words), keep_blank_values=True)
        self._seen = stamp
        self._live = {name: value for name, value in pairs if name in self._known}
