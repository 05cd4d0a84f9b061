"""This file makes what a blank box is given: a ward of its own, and one house's card from it.

make_card.py RELEASE WHEELS OUT: the card's boot partition is OUT/boot, the ward's folder OUT/ward.
By the commands that ward IT types.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from provisioning.update import keys  # noqa: E402

HOUSE = "khu-pho-3"


def main() -> None:
    release, wheels, out = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    boot, ward = out / "boot", out / "ward"
    boot.mkdir(parents=True)
    secret, public, bundle = out / "signing.pem", out / "current.pem", out / "first.hien"
    public.write_bytes(keys.make_key(secret))
    hien("update", "make", release, "--wheels", wheels, "--key", secret, "--out", bundle)
    secret.unlink()
    hien("ward", "init", "--dir", ward, "--host", "127.0.0.1")
    hien(
        *("ward", "enrol", HOUSE, "--dir", ward, "--name", "Nhà văn hóa Khu phố 3"),
        *("--card", boot, "--release", bundle, "--update-key", public),
        *("--welcome", "https://127.0.0.1:8444", "--wifi", "Nhà văn hóa 5G"),
    )
    bundle.unlink()


def hien(*words: str | Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "appliance", *map(str, words)],
        check=True,
        cwd=ROOT,
        env=os.environ | {"HIEN_WIFI_PASSWORD": "12345678abc"},
    )


if __name__ == "__main__":
    main()
