"""This file makes what a blank box is given: a ward of its own, and one house's card from it.

make_card.py RELEASE WHEELS OUT: the card's boot partition is OUT/boot, the ward's folder OUT/ward.
By the commands that ward IT types. The house had a box before: the card has its last backup.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from appliance import seal  # noqa: E402
from appliance.clock import Clock  # noqa: E402
from appliance.service import backup, volunteers  # noqa: E402
from appliance.store.opening import open_store  # noqa: E402
from provisioning.update import keys  # noqa: E402

HOUSE = "khu-pho-3"
# What the box before had, and the new one must have.
VOLUNTEER, PHONE = "Chị Hạnh", "0236 111 222"


def last_backup(out: Path) -> tuple[Path, str]:
    """(the newest sealed backup of the box that is gone, the key on the house's printed page)."""
    secret, public = seal.new_identity()
    now = Clock().now()
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(Path(folder))
        volunteers.add_volunteer(store, now, name=VOLUNTEER, pin="2468", shows_name=True)
        settings = f'[house]\nid = "{HOUSE}"\nphone = "{PHONE}"\n'
        sealed = backup.make_backup(
            store, now, data_dir=Path(folder), settings=settings, house=HOUSE, to=[public]
        )
        store.close()
    path = out / "last.backup.age"
    path.write_bytes(sealed)
    return path, secret


def main() -> None:
    release, wheels, out = Path(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])
    boot, ward = out / "boot", out / "ward"
    boot.mkdir(parents=True)
    secret, public, bundle = out / "signing.pem", out / "current.pem", out / "first.hien"
    public.write_bytes(keys.make_key(secret))
    hien("update", "make", release, "--wheels", wheels, "--key", secret, "--out", bundle)
    secret.unlink()
    hien("ward", "init", "--dir", ward, "--host", "127.0.0.1")
    old, os.environ["HIEN_RESTORE_KEY"] = last_backup(out)
    hien(
        *("ward", "enrol", HOUSE, "--dir", ward, "--name", "Nhà văn hóa Khu phố 3"),
        *("--card", boot, "--release", bundle, "--update-key", public),
        *("--welcome", "https://127.0.0.1:8444", "--wifi", "Nhà văn hóa 5G"),
        *("--restore", old),
        *("--set", "devices.printer=tcp://127.0.0.9:9100"),
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
