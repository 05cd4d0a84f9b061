"""This file gives the demo's ward a door for sealed papers, and its house the keys to it.

All of it by the ward's own commands, as in life, at the first start in a folder: an authority, a
certificate for the house, and the identity that opens what comes.
"""

from __future__ import annotations

import os
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path

from appliance.errors import HienError
from appliance.supervisor import Program, own_program

NAMES = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Door:
    """What the demo's house needs to hand papers in, and where the ward keeps what opens them."""

    url: str
    recipient: str
    identity: Path
    keys: Path

    def settings(self) -> dict[str, str]:
        """For the table [sync] of the house's settings."""
        files = {f"{n}_file": str(self.keys / f) for n, f in
                 (("ca", "ca.crt"), ("cert", "house.crt"), ("key", "house.key"))}  # fmt: skip
        return {"intake": self.url, "ward_recipient": self.recipient, **files}


def made(ward: Path, keys: Path, house: str, address: tuple[str, int]) -> Door:
    """The door as the house reaches it at `address`. Raises HienError when it cannot be made."""
    ward.mkdir(parents=True, exist_ok=True)
    ours = ("--dir", str(ward))
    if not (ward / "tls" / "ca.key").exists():
        _ward("init", *ours, *(word for name in NAMES for word in ("--host", name)))
    identity, kept = ward / "identity", ward / "recipient"
    if not kept.exists():
        identity.unlink(missing_ok=True)
        kept.write_text(_ward("identity", "--out", str(identity)))
    mine = keys / house
    if not (mine / "sync" / "house.key").exists():
        bundle = keys / f"{house}.tar"
        keys.mkdir(mode=0o700, parents=True, exist_ok=True)
        _ward("enrol", house, *ours, "--out", str(bundle))
        with tarfile.open(bundle) as tar:
            tar.extractall(mine, filter="data")
        bundle.unlink()
    url = f"https://{address[0]}:{address[1]}"
    return Door(url, kept.read_text().strip(), identity, mine / "sync")


def program(ward: Path, host: str, port: int, log_file: Path) -> Program:
    """`hien ward intake`."""
    return own_program(
        "intake",
        *("ward", "intake", "--dir", str(ward), "--host", host, "--port", str(port)),
        speaks=False,
        log_file=log_file,
    )


def _ward(*words: str) -> str:
    """What a command of the ward said."""
    asked = own_program("ward", "ward", *words)
    said = subprocess.run(
        asked.argv, env=os.environ | asked.env, capture_output=True, text=True, check=False
    )
    if said.returncode:
        raise HienError(f"hien ward {words[0]} did not work: {said.stderr.strip()[-300:]}")
    return said.stdout
