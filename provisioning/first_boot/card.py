"""This file reads the house's card, and takes from it whatever a finder could use."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from appliance.errors import BadInput

VERSION = 1
# As ward.enrol.card writes them, or as a person would: in JSON, in YAML, in TOML. The word last:
# when it is gone after a power cut, all of them are.
_SECRETS = (
    ("../network-config", re.compile(rb'^(\s*"?password"?:\s*").*?("\s*)$', re.M)),
    ("card.toml", re.compile(rb'^(\s*(?:word|restore_key)\s*=\s*")[^"]*(")', re.M)),
)


@dataclass(frozen=True)
class Card:
    """The card's folder and what it says. `word` is empty once it was used."""

    folder: Path
    house: str
    name: str
    welcome: str
    until: str
    word: str
    restore_key: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)


def read(folder: Path) -> Card:
    """The card below `folder`, whatever editor saved it (BOM, CRLF). Raises BadInput."""
    try:
        found = tomllib.loads((folder / "card.toml").read_text("utf-8-sig").replace("\r\n", "\n"))
    except OSError as error:
        raise BadInput("Không đọc được thẻ. Cắm lại thẻ.", code="no_card") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _bad(f"có lỗi: {error}") from error
    if found.get("version") != VERSION:
        raise _bad("là của phiên bản khác")
    texts = {}
    for name in ("house", "name", "welcome", "until", "word", "restore_key"):
        value = found.get(name, "")
        if not isinstance(value, str):
            raise _bad(f"có mục {name} không đúng")
        texts[name] = value
    if not re.fullmatch(r"[a-z0-9-]{4,32}", texts["house"]):
        raise _bad("có mục house không đúng")
    if not re.fullmatch(r"https://[^/\s]+/?", texts["welcome"]):
        raise _bad("có mục welcome không đúng")
    settings = found.get("settings", {})
    if not isinstance(settings, dict) or not all(isinstance(v, str) for v in settings.values()):
        raise _bad("có phần settings không đúng")
    return Card(folder=folder, settings=settings, **texts)


def scrub(card: Card) -> None:
    """Write over the word and the network's key, in place, so that the old bytes are gone.

    (What a flash card keeps in cells it no longer shows is out of anybody's reach here: the word
    is spent, and the network's key can be changed.)
    """
    for name, secret in _SECRETS:
        path = card.folder / name
        if not path.exists():
            continue
        old = path.read_bytes()
        new = secret.sub(rb"\1\2", old)
        if new == old:
            continue
        with path.open("r+b") as f:
            f.write(new + b"\n" * (len(old) - len(new)))
            f.flush()
            os.fsync(f.fileno())


def forget_old_data(card: Card) -> None:
    """The backup it began with is in the table now; here it is of no use to anybody."""
    (card.folder / "restore.age").unlink(missing_ok=True)
    os.sync()


def _bad(what: str) -> BadInput:
    return BadInput(f"Tệp hien/card.toml {what}. Làm thẻ mới ở phường.", code="bad_card")
