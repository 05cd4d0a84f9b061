"""This file proves that a card's code is read where the card is small in the photo."""

from __future__ import annotations

import pytest

from appliance.demo.papers import CARD_CODE, birth_form, identity_card
from appliance.demo.photo import Pose, photograph
from appliance.paper.scan.card import read_card
from appliance.paper.scan.photo import BadPhoto


@pytest.mark.parametrize(
    "pose",
    [
        Pose(fill=0.17, turn_deg=183, blur_px=0.6),
        pytest.param(Pose(fill=0.24, turn_deg=4), marks=pytest.mark.slow),
        pytest.param(Pose(fill=0.19, turn_deg=-12, lean=0.03), marks=pytest.mark.slow),
    ],
)
def test_a_card_among_much_table(pose: Pose) -> None:
    """From 11 down to 8 pixels a millimetre: the last is below what reads plainly."""
    assert read_card(photograph(identity_card(), pose)) == [CARD_CODE]


@pytest.mark.slow
def test_a_paper_without_a_code() -> None:
    assert read_card(photograph(birth_form(), Pose())) == []


def test_no_photo() -> None:
    with pytest.raises(BadPhoto):
        read_card(b"")
