"""This package is the appliance in the room: three rooms (web, devices, sync) around one table."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("hien")
except PackageNotFoundError:  # run from a checkout, as ./hien does
    __version__ = "0.1.0"
