"""This file imports every module of the product with this machine's Python; names what fails."""

from __future__ import annotations

import importlib
import platform
import sys
import time
from pathlib import Path

# Brought by apt on a Raspberry Pi, or for a machine's own extras: not in the lock.
WITHOUT = ("picamera2", "libcamera", "lgpio", "usb", "cups", "sane", "apprise", "psycopg")


def main(root: Path) -> None:
    began_s, failed, seen = time.monotonic(), [], 0
    for path in sorted(file for top in ("appliance", "ward", "provisioning")
                       for file in (root / top).rglob("*.py")):  # fmt: skip
        parts = path.relative_to(root).with_suffix("").parts
        if "card" in parts or parts[-1] == "__main__":
            continue  # programs of their own
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        seen += 1
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if (error.name or "").split(".")[0] not in WITHOUT:
                failed.append(f"{name}: {error!r}")
        except Exception as error:  # noqa: BLE001 -- each is told
            failed.append(f"{name}: {error!r}")
    took_s = time.monotonic() - began_s
    print(f"imported {seen} modules in {took_s:.0f} s: Python {platform.python_version()}, "
          f"{platform.machine()}", flush=True)  # fmt: skip
    sys.exit("\n".join(failed) if failed else 0)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
