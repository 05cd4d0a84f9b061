"""This file proves that a certificate that cannot be asked for holds up nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from appliance.sync.door import Door
from appliance.sync.lan_carrier import LanCarrier

NOWHERE = Door("https://127.0.0.1:9", "hien-thu", lambda: ("", "", ""))


def test_a_card_that_cannot_be_looked_at_is_asked_again_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same thread carries the dossiers: it must not fall over this in each turn."""
    looks: list[Path] = []

    def fails(path: Path) -> bool:
        looks.append(path)
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(Path, "exists", fails)
    carrier = LanCarrier(NOWHERE, tmp_path)
    carrier.turn()
    carrier.turn()
    assert len(looks) == 1
