"""This file proves the reading of an identity card's code: seven fields or more, or nothing."""

from __future__ import annotations

import random
import unicodedata

import pytest

from appliance.core.identity_code import FIELDS, find_identity_code, read_identity_code
from appliance.errors import BadInput

# All invented; the number agrees with sex and year of birth.
CARD = "079198012345|023456789|Nguyễn Thị Mẫu|14071998|Nữ|Tổ 5, phường Bến Hiên|25122021"
GOOD = CARD.split("|")


def with_field(place: int, value: str) -> str:
    return "|".join([*GOOD[:place], value, *GOOD[place + 1 :]])


def test_a_card_of_2021() -> None:
    card = read_identity_code(CARD)
    assert card.as_dict() == {
        "number": "079198012345",
        "old_number": "023456789",
        "name": "Nguyễn Thị Mẫu",
        "born_on": "14/07/1998",
        "sex": "Nữ",
        "residence": "Tổ 5, phường Bến Hiên",
        "issued_on": "25/12/2021",
        "agrees": True,
    }
    assert tuple(card.as_dict())[:7] == FIELDS


@pytest.mark.parametrize("more", ["|", "||||", "|Trần Văn|Lê Thị|x|y", "|" * 30])
def test_what_follows_the_seventh_field_is_not_read(more: str) -> None:
    assert read_identity_code(CARD + more) == read_identity_code(CARD)


def test_decomposed_letters_and_spaces_are_put_right() -> None:
    found = read_identity_code(unicodedata.normalize("NFD", with_field(2, "  Nguyễn  Thị Mẫu ")))
    assert found.name == "Nguyễn Thị Mẫu" and unicodedata.is_normalized("NFC", found.residence)


def test_what_may_be_missing() -> None:
    assert read_identity_code(with_field(1, "")).old_number == ""
    assert read_identity_code(with_field(6, "")).issued_on == ""
    assert read_identity_code(with_field(3, "00001998")).born_on == "1998"
    assert read_identity_code(with_field(3, "00071998")).born_on == "07/1998"


@pytest.mark.parametrize(
    ("place", "value"),
    [(0, "079298012345"), (0, "079197012345"), (0, "079098012345"), (3, "14071999"), (4, "Nam")],
)
def test_a_number_that_does_not_agree_is_for_a_person_to_compare(place: int, value: str) -> None:
    assert read_identity_code(with_field(place, value)).agrees is False


@pytest.mark.parametrize("year", [1950, 1999, 2000, 2024])
@pytest.mark.parametrize("sex", ["Nam", "Nữ"])
def test_century_and_sex(year: int, sex: str) -> None:
    digit = 2 * (year // 100 - 19) + (sex == "Nữ")
    text = f"001{digit}{year % 100:02}000001||Lê Mẫu|0101{year}|{sex}|Hà Nội|01012024"
    assert read_identity_code(text).agrees


@pytest.mark.parametrize(
    "text",
    [
        "",
        "|" * 6,
        "|" * 10,
        "https://hien.local/t#AGE-SECRET-KEY-1",
        "|".join(GOOD[:6]),
        CARD + "|" * 60,
        CARD + "x" * 3000,
        with_field(0, "07919801234"),
        with_field(0, "0791980123456"),
        with_field(0, "07919801234x"),
        with_field(0, "٠٧٩١٩٨٠١٢٣٤٥"),
        with_field(1, "12345"),
        with_field(2, ""),
        with_field(2, "A" * 200),
        with_field(2, "<script>"),
        with_field(2, "Nguyễn\x00Mẫu"),
        with_field(3, "31021998"),
        with_field(3, "1998-07-14"),
        with_field(3, "14131998"),
        with_field(3, "14001998"),
        with_field(3, "14071798"),
        with_field(4, "X"),
        with_field(4, ""),
        with_field(5, ""),
        with_field(5, "ă" * 400),
        with_field(5, "Tổ 5\x1b[31m"),
        with_field(6, "99999999"),
    ],
)
def test_anything_else_is_refused_as_a_whole_and_not_repeated(text: str) -> None:
    """The message, which may reach a log, holds nothing of what was read."""
    with pytest.raises(BadInput) as refused:
        read_identity_code(text)
    assert refused.value.code == "not_a_card"
    assert not any(field and field in str(refused.value) for field in text.split("|"))


def test_two_thousand_damaged_codes_are_fields_or_a_refusal() -> None:
    """Nothing else comes out, and what is accepted has the shape of a card's fields."""
    dice = random.Random(20261122)
    letters = "0123456789|/-. aăâđeêNamữÄ\x00\n<>&'\"👵" + "\u0302"
    accepted = 0
    for _ in range(2000):
        text = list(CARD)
        for _ in range(dice.randrange(1, 6)):
            at = dice.randrange(len(text))
            kind = dice.randrange(3)
            text[at : at + (kind != 1)] = [] if kind == 0 else [dice.choice(letters)]
        try:
            card = read_identity_code("".join(text))
        except BadInput as refused:
            assert refused.code == "not_a_card"
            continue
        accepted += 1
        assert card.number.isdecimal() and len(card.number) == 12 and card.sex in ("Nam", "Nữ")
        assert all(
            unicodedata.category(c)[0] != "C" for v in (card.name, card.residence) for c in v
        )
    assert accepted > 50


def test_the_card_among_other_codes() -> None:
    assert find_identity_code([]) is None
    assert find_identity_code(["https://example.vn", "1|2|3"]) is None
    found = find_identity_code(["https://example.vn", CARD])
    assert found is not None and found.number == GOOD[0]


def test_it_does_not_show_itself() -> None:
    """Not in a log of the object, nor in a traceback."""
    assert "Mẫu" not in repr(read_identity_code(CARD)) and "0791" not in repr(
        read_identity_code(CARD)
    )
