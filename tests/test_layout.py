"""This file holds the shape of the house: who imports whom, how large files grow, what lies here.

The rules are design section 3. Each rule is first seen to fail on a small tree that breaks it,
then held against the real one.
"""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

ROOMS = ("web", "devices", "sync")
LEAVES = {"ask_root", "durable", "errors", "log", "no_links", "notify", "rtc", "seal"}
"""Root modules any room may use: they know nothing of the house."""

ALLOWED: dict[str, set[str]] = {
    "ask_root": {"errors"},
    "durable": set(),
    "errors": set(),
    "log": {"errors", "no_links"},
    "no_links": set(),
    "notify": {"errors"},
    "rtc": set(),
    "seal": {"errors"},
    "setting_checks": {"seal"},
    "config": {"errors", "setting_checks"},
    "clock": {"core", "rtc"},
    "supervisor": {"errors", "log", "notify"},
    "core": {"errors"},
    "paper": {"core", "errors"},
    "store": {"core", "errors", "log", "no_links"},
    "service": {"core", "store", "durable", "seal", "errors", "log", "no_links"},
    **{room: {"service", "store", "core", "paper"} | LEAVES for room in ROOMS},
    "demo": {"core", "paper", "store", "service", "clock", "config", "supervisor"} | LEAVES,
}
"""Ring -> the rings it may import besides itself. A ring not named knows all but the demo."""

PACKAGE = {"appliance", "appliance.__version__"}
"""The package itself: it holds its version and nothing else."""

IMPURE = {
    "asyncio", "http", "multiprocessing", "os", "pathlib", "random", "secrets", "shutil", "socket",
    "sqlite3", "subprocess", "tempfile", "threading", "time", "urllib", "uuid",
}  # fmt: skip
CLOCK_CALLS = {"now", "today", "utcnow"}


def python_files(root: Path) -> Iterator[Path]:
    """Every Python file of the appliance and the ward under `root`."""
    for top in ("appliance", "ward"):
        yield from sorted((root / top).rglob("*.py"))


def module_of(file: Path, root: Path) -> str:
    """`appliance/core/ticket.py` -> `appliance.core.ticket`."""
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(file: Path, root: Path) -> set[str]:
    """Dotted names a file imports anywhere in it, relative ones resolved, lazy ones included."""
    package = module_of(file, root).split(".")
    if file.name != "__init__.py":
        package = package[:-1]
    found: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            stem = ".".join([*base, *([node.module] if node.module else [])])
            # `from appliance import core` names a module, `from appliance.core import x` may.
            found |= {f"{stem}.{alias.name}" for alias in node.names}
        # Tables of adapters name modules as "appliance.devices.x:Class".
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and re.fullmatch(r"(appliance|ward)(\.\w+)+:\w+", node.value)
        ):
            found.add(node.value.split(":")[0])
    return found


def ring_of(module: str) -> str | None:
    """The ring a dotted name belongs to, or None when it is not ours."""
    top, _, rest = module.partition(".")
    if top == "ward":
        return "ward"
    return (rest.split(".")[0] or "appliance") if top == "appliance" else None


def wrong_imports(root: Path) -> list[str]:
    """Every import that points the wrong way, as `file -> module`."""
    wrong = []
    for file in python_files(root):
        name = module_of(file, root)
        ring = ring_of(name)
        for target in sorted(imports_of(file, root)):
            target_ring = ring_of(target)
            if target_ring is None or target_ring == ring:
                continue
            if ring == "ward":
                right = (target + ".").startswith("appliance.sync.protocol.")
                right |= name.split(".")[1:2] == ["commands"] and target == "appliance.errors"
            elif target_ring == "demo":
                right = name == "appliance.commands.demo"
            elif name == "appliance.sync.protocol":
                right = target_ring in {"core", "errors"}
            elif ring in ALLOWED:
                right = target_ring in ALLOWED[ring] or target in PACKAGE
            else:
                right = True
            if not right:
                wrong.append(f"{file.relative_to(root)} -> {target}")
    return wrong


def impure_lines(root: Path) -> list[str]:
    """Where `core` or `paper` touches a file, the network, a clock or a thread."""
    impure = []
    for ring in ("core", "paper"):
        for file in sorted((root / "appliance" / ring).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                names: list[str] = []
                if isinstance(node, ast.Import):
                    names = [alias.name for alias in node.names]
                elif isinstance(node, ast.ImportFrom) and not node.level:
                    names = [node.module or ""]
                bad = [n for n in names if n.split(".")[0] in IMPURE]
                if ring == "paper":  # It measures how long a page took, and finds its font's file.
                    bad = [n for n in bad if n.split(".")[0] not in {"time", "pathlib"}]
                if isinstance(node, ast.Call):
                    called = node.func
                    if isinstance(called, ast.Attribute) and called.attr in CLOCK_CALLS:
                        bad.append(f".{called.attr}()")
                    elif isinstance(called, ast.Name) and called.id == "open":
                        bad.append("open()")
                line = getattr(node, "lineno", 0)
                impure += [f"{file.relative_to(root)}:{line} {what}" for what in bad]
    return impure


def test_arrows_point_inwards() -> None:
    """No module of the real tree imports what its ring may not know."""
    assert wrong_imports(ROOT) == []


def test_core_and_paper_are_pure() -> None:
    """Rules and pixels touch no file, network, clock or thread."""
    assert impure_lines(ROOT) == []


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("appliance/core/a.py", "from appliance.store import tickets"),
        ("appliance/core/a.py", "from ..store import tickets"),
        ("appliance/core/a.py", "from appliance import log"),
        ("appliance/paper/a.py", "def f():\n    import appliance.store.open"),
        ("appliance/store/a.py", "from appliance.service import tickets"),
        ("appliance/service/a.py", "from appliance.web import create_app"),
        ("appliance/web/a.py", "from appliance.devices.camera import open_camera"),
        ("appliance/devices/a.py", "TABLE = {'x': 'appliance.sync.courier:Courier'}"),
        ("appliance/sync/a.py", "from appliance import config"),
        ("appliance/web/a.py", "from appliance.demo import room"),
        ("appliance/bootstrap.py", "import appliance.demo.printer"),
        ("appliance/commands/all.py", "from appliance.demo import house"),
        ("ward/board.py", "from appliance.core import ticket"),
        ("ward/board.py", "from appliance.sync import courier"),
        ("appliance/sync/protocol.py", "from appliance.store import outbox"),
    ],
)
def test_a_wrong_arrow_is_seen(tmp_path: Path, file: str, text: str) -> None:
    """The arrow test is able to fail: each of these imports is found."""
    place = tmp_path / file
    place.parent.mkdir(parents=True)
    place.write_text(text, "utf-8")
    assert len(wrong_imports(tmp_path)) == 1


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("appliance/core/a.py", "from appliance.errors import BadInput"),
        ("appliance/web/a.py", "from appliance.paper.slip.raster import to_png\nimport flask"),
        ("appliance/commands/demo.py", "from appliance.demo import house"),
        ("appliance/bootstrap.py", "from appliance.web import create_app"),
        ("ward/listener.py", "from appliance.sync import protocol\nfrom . import store"),
    ],
)
def test_a_right_arrow_passes(tmp_path: Path, file: str, text: str) -> None:
    """The arrow test does not cry wolf."""
    place = tmp_path / file
    place.parent.mkdir(parents=True)
    place.write_text(text, "utf-8")
    assert wrong_imports(tmp_path) == []


@pytest.mark.parametrize(
    "text", ["import time", "from threading import Lock", "d.now()", "date.today()", "open('x')"]
)
def test_an_impure_core_is_seen(tmp_path: Path, text: str) -> None:
    """The purity test is able to fail."""
    place = tmp_path / "appliance" / "core" / "a.py"
    place.parent.mkdir(parents=True)
    place.write_text(text, "utf-8")
    assert len(impure_lines(tmp_path)) == 1


def test_files_stay_small_and_say_what_they_are() -> None:
    """300 lines for code, 400 for tests; every module opens with what it is for."""
    capped = [(f, 300) for f in python_files(ROOT)]
    capped += [(f, 400) for f in sorted((ROOT / "tests").rglob("*.py"))]
    capped += [(f, 300) for f in sorted((ROOT / "bench").rglob("*.py"))]
    too_long, unnamed = [], []
    for file, cap in capped:
        text = file.read_text("utf-8")
        if text.count("\n") > cap:
            too_long.append(f"{file.relative_to(ROOT)}: {text.count(chr(10))} lines, cap {cap}")
        whole = file.name == "__init__.py"
        opening = ("This package", "This folder", "This file") if whole else "This file"
        if text.strip() and not (ast.get_docstring(ast.parse(text)) or "").startswith(opening):
            unnamed.append(str(file.relative_to(ROOT)))
    assert too_long == []
    assert unnamed == []


def our_files() -> list[Path]:
    """Files git tracks or would track; a copy without .git is taken whole but for what is built."""
    files: list[Path] = []
    if shutil.which("git") and (ROOT / ".git").exists():
        listing = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, check=False,
        )  # fmt: skip
        files = [ROOT / name for name in listing.stdout.decode().split("\0") if name]
    if not files:  # no git here, or it does not trust this folder's owner
        ignored = {line.strip("/\n") for line in (ROOT / ".gitignore").open(encoding="utf-8")}
        files = [
            path
            for path in ROOT.rglob("*")
            if path.suffix != ".pyc"
            and not ignored & set(path.relative_to(ROOT).parts)
            and (
                path.relative_to(ROOT).parts[0] == ".ci"
                or path.relative_to(ROOT).parts[0][0] != "."
            )
        ]
    return [p for p in files if p.is_file()]


def test_nothing_foreign_lies_in_the_tree() -> None:
    """No third-party file, no registry's address, no path of somebody's machine."""
    # Spelled in halves, so that this file does not find itself.
    hosts = ["pypi" + r"\.org", "python" + r"hosted\.org", "registry\\." + "npmjs"]
    hosts += [r"(deb|snapshot)\." + r"debian\.org"]
    paths = ["/work/" + "(main|shared|steering)", "/home/" + r"[a-z]+/[a-z]"]
    paths += [r"(?<![\w}])/root/" + r"[a-z.]"]  # not the home of root in a root of ours
    marks = re.compile("|".join(hosts + paths))
    foreign = re.compile(r"\.min\.(js|css)$|\.(ttf|otf|woff2?)$|(^|/)(vendor|node_modules)/")
    found = []
    for file in our_files():
        name = file.relative_to(ROOT).as_posix()
        if foreign.search(name):
            found.append(name)
        if file.suffix in {".png", ".jpg", ".pdf", ".age"}:
            continue
        for number, line in enumerate(file.read_text("utf-8", "replace").splitlines(), 1):
            if marks.search(line):
                found.append(f"{name}:{number}: {line.strip()[:80]}")
    assert found == []


@pytest.mark.parametrize("lock", sorted(p.name for p in ROOT.glob("requirements*.lock")))
def test_locks_are_hashed_and_portable(lock: str) -> None:
    """Every pin has a hash; none has an address; what must come from the Pi's apt is in none."""
    text = (ROOT / lock).read_text("utf-8")
    pins = re.split(r"\n(?=[^\s])", text.strip())
    names = [re.match(r"[a-z0-9.-]+(?===)", pin) for pin in pins if not pin.startswith("#")]
    assert names and all(names)
    assert [pin.split()[0] for pin in pins if "--hash=sha256:" not in pin] == []
    assert re.search(r"https?://|file:|--(extra-)?index-url|--find-links", text) is None
    native = {"lgpio", "rpi-lgpio", "picamera2", "rpi-kms", "pykms", "python-prctl"}
    assert {name.group() for name in names if name} & native == set()
    if lock == "requirements.lock":
        vision = {"numpy", "opencv-python", "opencv-python-headless", "simplejpeg"}
        assert {name.group() for name in names if name} & vision == set()
