"""This file makes what a lab machine is made of: Debian roots, kernels, Python packages.

Everything is made once and kept under `.cache/lab`; another recipe makes it anew. `NotHere` says
why this machine cannot have one.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPO = HERE.parents[1]
CACHE = REPO / ".cache" / "lab"
PLATFORMS = {"amd64": "x86_64", "arm64": "aarch64"}


class NotHere(Exception):
    """This machine cannot run the lab; the text says what is missing."""


@dataclass(frozen=True)
class Root:
    """A Debian root by its recipe. `extract`: unpacked only, for any architecture, in seconds."""

    name: str
    packages: tuple[str, ...]
    arch: str = "amd64"
    suites: tuple[str, ...] = ("trixie",)
    extract: bool = False

    def path(self) -> Path:
        """The folder, made if need be (root rights, mmdebstrap, a Debian mirror)."""
        folder = CACHE / self.name
        CACHE.mkdir(parents=True, exist_ok=True)
        words: list[str] = []
        for suite in self.suites:
            words += ["--suite", suite]
        words += ["--arch", self.arch, *(["--extract"] if self.extract else [])]
        made = subprocess.run(
            [HERE / "make_root", folder, *words, "--", *self.packages],
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode == 77:
            raise NotHere(made.stdout.strip().rpartition("\n")[2])
        if made.returncode:
            raise RuntimeError(f"{self.name} could not be made:\n{made.stderr[-2000:]}")
        return folder

    def made_by(self) -> str:
        """What tells this root from one of another recipe."""
        return (CACHE / f"{self.name}.made-by").read_text("ascii").strip()


def kernel(arch: str) -> Root:
    """Debian 13's own kernel with all its modules, and a shell for the first seconds."""
    package = f"linux-image-{arch}"
    return Root(f"kernel-{arch}", (package, "busybox-static"), arch, extract=True)


@dataclass(frozen=True)
class Site:
    """Python packages for a guest, from wheels only: never compiled, so any architecture.

    Versions are those of `requirements-dev.lock`; a name with "==" brings its own.
    """

    name: str
    python: str
    arch: str
    packages: tuple[str, ...] = field(default=())

    def path(self) -> Path:
        folder = CACHE / self.name
        wanted = [one if "==" in one else f"{one}=={_locked(one, self.python)}" for one in
                  self.packages]  # fmt: skip
        recipe = hashlib.sha256(repr((self.python, self.arch, wanted)).encode()).hexdigest()
        stamp = CACHE / f"{self.name}.made-by"
        if folder.is_dir() and stamp.is_file() and stamp.read_text("ascii") == recipe:
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        stamp.unlink(missing_ok=True)
        machine = PLATFORMS[self.arch]
        platforms = [f"--platform=manylinux_2_{minor}_{machine}" for minor in (34, 28, 17)]
        subprocess.run(
            [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-compile",
             "--only-binary=:all:", f"--python-version={self.python}", *platforms,
             f"--platform=manylinux2014_{machine}", "--target", folder, *wanted],
            check=True,
        )  # fmt: skip
        stamp.write_text(recipe, "ascii")
        return folder

    def made_by(self) -> str:
        return (CACHE / f"{self.name}.made-by").read_text("ascii")


def _locked(name: str, python: str) -> str:
    """The version in the lock; where it differs by Python, the last that fits."""
    found = re.findall(
        rf"^{re.escape(name)}==(\S+)(?: ; python_full_version (<|>=) '([\d.]+)')?",
        (REPO / "requirements-dev.lock").read_text("utf-8"),
        re.MULTILINE,
    )
    for version, sign, limit in found:
        newer = not limit or _numbers(python) >= _numbers(limit)
        if not sign or newer == (sign == ">="):
            return str(version)
    raise LookupError(f"{name} is not in the lock")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def need(programs: dict[str, str]) -> None:
    """Install the Debian packages (program -> package) that are missing, or raise NotHere."""
    missing = sorted({package for name, package in programs.items() if shutil.which(name) is None})
    if not missing:
        return
    why = f"not installed: apt-get install {' '.join(missing)}"
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NotHere(why)
    done = subprocess.run(
        ["apt-get", "-o", "DPkg::Lock::Timeout=120", "install", "-y", "-qq",
         "--no-install-recommends", *missing],
        env=os.environ | {"DEBIAN_FRONTEND": "noninteractive"},
        capture_output=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        raise NotHere(why)
