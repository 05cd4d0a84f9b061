"""This file is a release's manifest: what is in it, file by file, and what it may follow."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from appliance.errors import BadInput

FORMAT = 1
MOST_FILES = 20_000
MOST_BYTES = 1 << 30
VERSION = re.compile(r"\d{1,5}(\.\d{1,5}){1,3}")
_NAME = re.compile(r"[A-Za-z0-9._@+-]+(/[A-Za-z0-9._@+-]+)*")
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class File:
    """One file of the release. `size` in bytes; `program`: it may be executed."""

    sha256: str
    size: int
    program: bool


@dataclass(frozen=True)
class Manifest:
    """`min_from`: the oldest release it follows. `allow_downgrade`: it may follow a newer one."""

    version: str
    min_from: str
    allow_downgrade: bool
    files: Mapping[str, File]

    def dump(self) -> bytes:
        """The bytes that are signed."""
        files = {
            name: {"sha256": f.sha256, "size": f.size, "program": f.program}
            for name, f in sorted(self.files.items())
        }
        whole = {
            "format": FORMAT,
            "version": self.version,
            "min_from": self.min_from,
            "allow_downgrade": self.allow_downgrade,
            "files": files,
        }
        return json.dumps(whole, indent=1, sort_keys=True).encode()


def numbers(version: str) -> tuple[int, ...]:
    """`0.10.2` -> (0, 10, 2), to be compared. Raises BadInput."""
    if not VERSION.fullmatch(version):
        raise _bad(f"the version {version[:40]!r} is not of the form 1.2.3")
    return tuple(int(part) for part in version.split("."))


def parse(data: bytes) -> Manifest:
    """The manifest in `data`. Only ever called on bytes whose signature was found good.

    Raises BadInput (code bad_manifest) all the same: a signer makes mistakes too.
    """
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise _bad("it is not JSON") from error
    if not isinstance(found, dict) or found.get("format") != FORMAT:
        raise _bad("its format is not known here; install a release in between")
    version, min_from = found.get("version"), found.get("min_from")
    downgrade = found.get("allow_downgrade")
    if not (isinstance(version, str) and isinstance(min_from, str) and isinstance(downgrade, bool)):
        raise _bad("version, min_from or allow_downgrade is missing")
    numbers(version)
    numbers(min_from)
    return Manifest(version, min_from, downgrade, _files(found.get("files")))


def _files(found: Any) -> dict[str, File]:
    if not isinstance(found, dict) or not 0 < len(found) <= MOST_FILES:
        raise _bad("it lists no files, or too many")
    files = {name: _file(name, about) for name, about in found.items()}
    if sum(f.size for f in files.values()) > MOST_BYTES:
        raise _bad("the release is too large")
    return files


def _file(name: str, about: Any) -> File:
    if len(name) > 240 or not _NAME.fullmatch(name) or {".", ".."} & set(name.split("/")):
        raise _bad(f"{name[:60]!r} is not a name a release may hold")
    if not isinstance(about, dict) or set(about) != {"sha256", "size", "program"}:
        raise _bad(f"{name}: sha256, size and program are wanted")
    sha256, size, program = about["sha256"], about["size"], about["program"]
    if not (isinstance(sha256, str) and _SHA256.fullmatch(sha256)):
        raise _bad(f"{name}: that is no sha256")
    if type(size) is not int or size < 0 or not isinstance(program, bool):
        raise _bad(f"{name}: size or program is of the wrong kind")
    return File(sha256, size, program)


def _bad(what: str) -> BadInput:
    return BadInput(f"this release's manifest cannot be used: {what}.", code="bad_manifest")
