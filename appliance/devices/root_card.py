"""This file looks whether a power cut could hurt the root, and whether the data really lies apart.

A house from a card has its root under an overlay in RAM, and an ext4 with a journal at /data (see
provisioning/overlay). Overlays can fail open: then all looks normal and everything is written. So
nothing is assumed: what the kernel says is mounted is what counts.
"""

from __future__ import annotations

from pathlib import Path

MARK = ",x-hien "


def root_numbers(root: Path) -> dict[str, float]:
    """root_overlay, data_wanted, data_safe, data_missing, root_shut_next; absent where not known.

    data_wanted: 1 when the card was divided, 0 when it could not be; absent where nobody tried.
    data_safe: ext4, writable, with its journal. data_missing: folders that should be on it and are
    not. root_shut_next: the next start has the overlay.
    """
    out: dict[str, float] = {}
    mounts = _mounts(root)
    if "/" not in mounts:
        return {}
    out["root_overlay"] = float(mounts["/"][0] == "overlay")
    said = _text(root / "var/lib/hien-box/data_partition.txt").strip()
    # That word lies on /data itself; where this did not come with the start, fstab still wants it.
    if not said and _marked(root):
        said = "data"
    if said:
        out["data_wanted"] = float(said == "data")
    if said != "data":
        return out
    kind, source, options = mounts.get("/data", ("", "", ()))
    journal = any((root / "proc/fs/jbd2").glob(f"{Path(source).name}-*")) if source else False
    out["data_safe"] = float(kind == "ext4" and "rw" in options and journal)
    out["data_missing"] = float(_missing(root))
    out["root_shut_next"] = float("tmpfs" in _text(root / "etc/overlayroot.local.conf"))
    return out


def _mounts(root: Path) -> dict[str, tuple[str, str, tuple[str, ...]]]:
    """Mount point -> kind, source, options of the file system itself; the last of several.

    Not the mount's own options: a room sees all but its folders read-only.
    """
    found = {}
    for line in _text(root / "proc/self/mountinfo").splitlines():
        place, _, system = line.partition(" - ")
        fields, of_system = place.split(), system.split()
        if len(fields) > 4 and len(of_system) > 2:
            found[fields[4]] = (of_system[0], of_system[1], tuple(of_system[2].split(",")))
    return found


def _missing(root: Path) -> int:
    """How many of fstab's folders do not lie on the same file system as /data."""
    places = [line.split()[1] for line in _marked(root)]
    data = _device(root / "data")
    return (
        sum(_device(root / place.lstrip("/")) != data for place in places) if data else len(places)
    )


def _marked(root: Path) -> list[str]:
    """The lines of fstab that the first boot wrote."""
    return [line for line in _text(root / "etc/fstab").splitlines() if MARK in line]


def _device(path: Path) -> int:
    try:
        return path.stat().st_dev
    except OSError:
        return 0


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:
        return ""
