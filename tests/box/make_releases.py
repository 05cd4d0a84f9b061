"""This file makes what the box is given beside the first release: newer ones, good and bad.

make_releases.py RELEASE OUT: the release as it is unpacked; the folder for bundles and the public
key. They bring no packages: those of the first release are taken, and so the bundles stay small.
"""

from __future__ import annotations

import shutil
import sys
import tarfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from provisioning.update import bundle, keys  # noqa: E402

TOPS = ("appliance", "ward", "provisioning", "systemd", "docs")
MIGRATION = """

@migrations(name="m999_box_test")
def m999(db: Database) -> None:
    db.execute("CREATE TABLE box_test (x)")
"""


def changed(release: Path, out: Path, version: str) -> Path:
    """A copy of the release that calls itself `version`."""
    source = out / f"source-{version}"
    shutil.copytree(release, source)
    project = source / "pyproject.toml"
    lines = project.read_text().splitlines()
    at = next(n for n, line in enumerate(lines) if line.startswith("version = "))
    lines[at] = f'version = "{version}"'
    project.write_text("\n".join(lines) + "\n")
    return source


def pack(source: Path, out: Path, version: str, key: Path, name: str = "") -> Path:
    """`source` as a signed bundle."""
    files = [(p.relative_to(source).as_posix(), p) for p in source.rglob("*") if p.is_file()]
    path = out / f"{name or version}.hien"
    bundle.write(path, (version, "0.1.0", False), files, keys.private_key(key))
    return path


def main() -> None:
    release, out = Path(sys.argv[1]), Path(sys.argv[2])
    out.mkdir(parents=True)
    key, stranger = out / "signing.pem", out / "stranger.pem"
    (out / "current.pem").write_bytes(keys.make_key(key))
    keys.make_key(stranger)

    # Good, and it adds to the table: the release before it must be able to go on with that.
    good = changed(release, out, "8.0.0")
    migrations = good / "appliance/store/migrations.py"
    migrations.write_text(migrations.read_text() + MIGRATION)
    path = pack(good, out, "8.0.0", key)
    pack(good, out, "8.0.0", stranger, "stranger")
    tampered = bytearray(path.read_bytes())
    with tarfile.open(path) as tar:  # within a file: what fills up between files is nobody's
        tampered[tar.getmember("appliance/web/room.py").offset_data + 10] ^= 1
    (out / "tampered.hien").write_bytes(tampered)

    # Passes every rehearsal, and its web room never answers: only the look afterwards finds that.
    sick = changed(release, out, "9.0.0")
    room = sick / "appliance/web/room.py"
    room.write_text(
        room.read_text().replace(
            "    server = make_server(", "    threading.Event().wait()\n    server = make_server("
        )
    )
    shutil.copy(migrations, sick / "appliance/store/migrations.py")
    pack(sick, out, "9.0.0", key)

    pack(changed(release, out, "0.0.9"), out, "0.0.9", key)
    for source in out.glob("source-*"):
        shutil.rmtree(source)
    key.unlink()
    stranger.unlink()


if __name__ == "__main__":
    main()
