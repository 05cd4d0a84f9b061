"""This file is the one-time words by which a new box shows that it is the house it says it is.

Only a word's hash is kept. A word lets one key in, for seven days: the same key again is the same
box trying once more after its line broke; another key is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from appliance.sync.protocol import check_house, utc_text
from ward.enrol.authority import TrustError, write

VALID_FOR = timedelta(days=7)
NAME = "tokens.json"
# No letter or digit that reads like another.
_SIGNS = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS, _LONG = 5, 5


@dataclass(frozen=True)
class Welcome:
    """What a house is told besides its certificate."""

    name: str
    broker: str
    recipient: str
    intake: str


class Tokens:
    """The words given out, below the authority's folder (0600). One process writes at a time."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / NAME

    def give(self, house: str, welcome: Welcome, now: datetime) -> str:
        """A new word for this house; one given before it is worth nothing any more."""
        check_house(house)
        word = "-".join(
            "".join(secrets.choice(_SIGNS) for _ in range(_LONG)) for _ in range(_GROUPS)
        )
        self._keep(
            {
                **self._live(now),
                house: {
                    "sha256": _digest(word),
                    "until": utc_text((now + VALID_FOR).replace(microsecond=0)),
                    "key_sha256": "",
                    "welcome": vars(welcome),
                },
            }
        )
        return word

    def spend(self, house: str, word: str, key_sha256: str, now: datetime) -> Welcome:
        """Let the holder of this key in. Raises TrustError for a wrong, old or spent word."""
        live = self._live(now)
        found = live.get(house)
        # Compared also when there is nothing: the time taken tells nobody which houses wait.
        right = hmac.compare_digest(
            str(found["sha256"]) if found else "", _digest(word) if found else "-"
        )
        if found is None or not right:
            raise TrustError(f"no word of this kind is open for {house}")
        if found["key_sha256"] not in ("", key_sha256):
            raise TrustError(f"the word for {house} was used by another box already")
        found["key_sha256"] = key_sha256
        self._keep(live)
        given = found["welcome"]
        assert isinstance(given, dict)
        return Welcome(**given)

    def withdraw(self, house: str, now: datetime) -> bool:
        """A lost card opens nothing any more. False when it opened nothing before either."""
        live = self._live(now)
        if live.pop(house, None) is None:
            return False
        self._keep(live)
        return True

    def _live(self, now: datetime) -> dict[str, dict[str, object]]:
        try:
            found = json.loads(self._file.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return {
            house: one
            for house, one in found.items()
            if datetime.fromisoformat(str(one["until"])) > now
        }

    def _keep(self, words: dict[str, dict[str, object]]) -> None:
        write(self._file, json.dumps(words, ensure_ascii=False, indent=1).encode(), 0o600)


def _digest(word: str) -> str:
    return hashlib.sha256(word.strip().lower().encode()).hexdigest()
