"""This package is the appliance in the room: three rooms (web, devices, sync) around one table."""

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

try:
    __version__ = version("hien")
except PackageNotFoundError:  # run from a checkout or a release's slot, as ./hien does
    _project = (Path(__file__).parents[1] / "pyproject.toml").read_text("utf-8")
    __version__ = _project.split('\nversion = "', 1)[1].split('"', 1)[0]
