"""This file makes small releases and a box to take them in, for the tests of the updater."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from provisioning.update import bundle, keys
from provisioning.update.apply import Box
from provisioning.update.slots import Slots, version_of

NIGHT = datetime(2026, 11, 22, 19, 0, tzinfo=UTC)  # 2 o'clock in Vietnam
DAY = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
ADDS = "CREATE TABLE IF NOT EXISTS more (x)"

HIEN = """#!/bin/sh
set -eu
here=$(dirname "$0")
mkdir -p "$here/.venv/bin"
cat >"$here/.venv/bin/python" <<'END'
#!/bin/sh
if [ "$3" = config ]; then
    ! grep -q "wants $(cat "$PYTHONPATH/appliance/unknown")" "$5" || { echo unknown >&2; exit 1; }
    exit 0
fi
[ "$2" = compileall ] || exec python3 "$PYTHONPATH/appliance/selftest.py" "$@"
END
chmod +x "$here/.venv/bin/python"
"""
SELFTEST = """
import sqlite3, sys
table = sqlite3.connect(sys.argv[-1] + "/hien.db")
{does}
table.commit()
print('{{"ok": true}}')
"""


@dataclass
class Machine:
    """A box of folders, with a stand-in for its installer and its rooms."""

    folder: Path
    sick: set[str] = field(default_factory=set)
    """Versions whose rooms never become well."""
    at_install: Callable[[str], None] = lambda name: None
    installed: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.key_file = self.folder / "signing.pem"
        public = keys.make_key(self.key_file)
        for name in ("opt/releases", "state", "keys", "data"):
            (self.folder / name).mkdir(parents=True)
        (self.folder / "keys/current.pem").write_bytes(public)
        self.slots = Slots(self.folder / "opt", self.folder / "state")
        self.database = self.folder / "data/hien.db"
        with sqlite3.connect(self.database) as table:
            table.execute("CREATE TABLE visits (state TEXT, opened_at TEXT)")
            table.execute("CREATE TABLE tickets (state TEXT, taken_at TEXT)")
        table.close()
        (self.folder / "hien.toml").write_text("wants old\n")
        first = self.slots.releases / "1.0.0+first"
        self._lay_first(first)
        self.slots.switch(first.name)
        self.box = Box(
            self.slots,
            self.folder / "keys",
            self.database,
            "Asia/Ho_Chi_Minh",
            self._install,
            self._healthy,
            self.folder / "hien.toml",
        )

    @property
    def key(self) -> Ed25519PrivateKey:
        return keys.private_key(self.key_file)

    def release(
        self,
        version: str,
        *,
        does: str = "",
        min_from: str = "0.1.0",
        allow_downgrade: bool = False,
        key: Ed25519PrivateKey | None = None,
        unknown: str = "nothing",
    ) -> Path:
        """A signed bundle; `does` is what its self-test does to the copy of the table; `unknown`: a
        setting it does not know."""
        source = self.folder / f"source-{version}"
        (source / "appliance").mkdir(parents=True, exist_ok=True)
        (source / "hien").write_text(HIEN)
        (source / "hien").chmod(0o755)
        (source / "appliance/selftest.py").write_text(SELFTEST.format(does=does))
        (source / "appliance/unknown").write_text(unknown)
        files = [(p.relative_to(source).as_posix(), p) for p in source.rglob("*") if p.is_file()]
        path = self.folder / f"{version}.hien"
        bundle.write(path, (version, min_from, allow_downgrade), files, key or self.key)
        return path

    def runs(self) -> str:
        return version_of(self.slots.current())

    def _install(self, name: str) -> None:
        self.at_install(name)
        assert self.slots.is_whole(name)
        self.slots.switch(name)
        self.installed.append(version_of(name))

    def _healthy(self, version: str) -> bool:
        return version == self.runs() and version not in self.sick

    def _lay_first(self, slot: Path) -> None:
        (slot / "appliance").mkdir(parents=True)
        (slot / ".venv/bin").mkdir(parents=True)
        (slot / "appliance/selftest.py").write_text(
            SELFTEST.format(does='assert not table.execute("PRAGMA user_version").fetchone()[0]')
        )
        python = slot / ".venv/bin/python"
        python.write_text('#!/bin/sh\nexec python3 "$PYTHONPATH/appliance/selftest.py" "$@"\n')
        python.chmod(0o755)
        (slot / ".whole").touch()
