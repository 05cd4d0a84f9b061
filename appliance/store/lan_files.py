"""This file names where the rooms meet over HTTPS in the house's own network.

The web room makes the key and asks (`request.pem`); the room for the ward carries the request out
and puts down what came. Below the data folder, in `https/`.
"""

from __future__ import annotations

from pathlib import Path

FOLDER = "https"
KEY, REQUEST, CERTIFICATE, AUTHORITY = "key.pem", "request.pem", "house.crt", "ca.crt"


def folder_of(data_dir: Path) -> Path:
    return data_dir / FOLDER
