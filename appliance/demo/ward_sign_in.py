"""This file decides who comes into the demo's ward console: all, or one account of its own.

On loopback it is open, and says so on every page. Where others can reach it there is an account
with a password made at the first start; only what programs read stays open, for there is nobody's
real data in a demo.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from pathlib import Path

from appliance.errors import HienError
from appliance.supervisor import own_program

NAME = "canbo"


def door(host: str) -> tuple[str, ...]:
    """The options of `hien ward serve`."""
    return ("--open",) if _alone(host) else ("--programs", "open")


def account(host: str, ward: Path) -> str:
    """How to sign in, empty when nobody has to. Makes the account at the first start."""
    if _alone(host):
        return ""
    kept = ward / "demo-password"
    if not kept.exists():
        password = "-".join(secrets.token_hex(3) for _ in range(3))
        ward.mkdir(parents=True, exist_ok=True)
        kept.touch(0o600)
        add = own_program(
            "account", "ward", "account", "add", NAME, "--role", "it",
            "--dir", str(ward), "--password-stdin",
        )  # fmt: skip
        said = subprocess.run(
            add.argv,
            env=os.environ | add.env,
            input=password,
            capture_output=True,
            text=True,
            check=False,
        )  # fmt: skip
        if said.returncode:
            kept.unlink()
            raise HienError(f"the ward's console got no account: {said.stderr.strip()}")
        kept.write_text(f"{password}\n", "utf-8")
    return f"{NAME}, password {kept.read_text('utf-8').strip()}"


def _alone(host: str) -> bool:
    return host in ("127.0.0.1", "::1", "localhost")
