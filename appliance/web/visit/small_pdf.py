"""This file has a small PDF made in a process of its own, so that this room stays a small one.

OpenCV would add some 60 MB to the web room for good, for work that is done once in a visit.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import appliance

LIMIT_S = 90.0


def small_pdf(pages: Sequence[bytes], *, title: str, made_at: datetime) -> bytes:
    """Return make_pdf(..., small=True). Raises OSError or SubprocessError when that process fails
    or takes too long."""
    asked = {"title": title, "made_at": made_at.isoformat(), "sizes": [len(p) for p in pages]}
    home = str(Path(appliance.__file__).resolve().parents[1])
    env = {name: value for name, value in os.environ.items() if name != "NOTIFY_SOCKET"}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [home, env.get("PYTHONPATH", "")]))
    done = subprocess.run(
        [sys.executable, "-m", "appliance.web.visit.small_pdf_child"],
        input=json.dumps(asked).encode() + b"\n" + b"".join(pages),
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=env,
        timeout=LIMIT_S,
        check=True,
    )
    if not done.stdout.startswith(b"%PDF-"):
        raise OSError("no PDF came of it")
    return done.stdout
