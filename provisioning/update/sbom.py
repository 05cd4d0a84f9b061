"""This file lists what a release is made of: CycloneDX 1.5, from the hashed locks, nothing else.

Whoever hears of a hole in a package can look up in a second which houses have it. The same locks
give the same bytes. Source: CycloneDX 1.5 JSON; package URLs as purl-spec has them for PyPI.
"""

from __future__ import annotations

import json
import re
import uuid
from pathlib import Path
from typing import Any

NAME = "sbom.cdx.json"
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)==([^\s;\\]+)", re.M)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
# What apt gives on a Pi (see provisioning/install) has no pin here, and is said to be so.
FROM_APT = ("picamera2", "libcamera", "lgpio", "numpy", "opencv")


def make(version: str, lock: str) -> bytes:
    """The list of one lock's packages, each with every hash its file may have."""
    components = [_component(name, pin, hashes) for name, pin, hashes in _pins(lock)]
    whole: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        # Of the content, so that the same release is the same list.
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_OID, version + lock)}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": f"hien@{version}",
                "name": "hien",
                "version": version,
            },
            "properties": [{"name": "hien:from-apt", "value": name} for name in FROM_APT],
        },
        "components": components,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False).encode() + b"\n"


def write(source: Path, version: str, folder: Path) -> Path:
    """The list of the Pi's own lock in the checkout `source`, written into `folder`."""
    path = folder / NAME
    path.write_bytes(make(version, (source / "requirements.lock").read_text("utf-8")))
    return path


def _pins(lock: str) -> list[tuple[str, str, list[str]]]:
    found = []
    for block in re.split(r"\n(?=[A-Za-z0-9])", lock):
        if match := _PIN.match(block):
            found.append((match[1].lower().replace("_", "-"), match[2], _HASH.findall(block)))
    return found


def _component(name: str, version: str, hashes: list[str]) -> dict[str, Any]:
    purl = f"pkg:pypi/{name}@{version}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        # One file of these is what is installed; which, depends on the machine.
        "hashes": [{"alg": "SHA-256", "content": one} for one in hashes],
    }
