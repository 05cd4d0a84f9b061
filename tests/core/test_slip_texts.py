"""This file proves what each slip says: in one order, kindly, with the two lines of trust."""

from __future__ import annotations

import re

import pytest

from appliance.core.slip import Banner, Big, Item, KeyValue, Qr, Slip, Text, Title
from appliance.core.slip_texts import (
    ACCENTED_LETTERS,
    FREE_LINE,
    NOT_OFFICIAL_LINE,
    test_slip,
    ticket_slip,
    visit_slip,
)

QR = "http://192.168.1.20:8080/t#AGE-SECRET-KEY-1QQQQ"


def ticket(**changes: object) -> Slip:
    given: dict[str, object] = {
        "number": 12,
        "service": "Đăng ký khai sinh",
        "bring": ["Giấy chứng sinh", "Thẻ căn cước"],
        "waiting_ahead": 3,
        "house_name": "Nhà văn hóa Khu phố 3",
        "phone": "0900 123 456",
        "taken_at_text": "8 giờ 15, thứ Ba, ngày 24 tháng 11",
        "qr": QR,
    }
    return ticket_slip(**(given | changes))  # type: ignore[arg-type]


def visit(**changes: object) -> Slip:
    given: dict[str, object] = {
        "number": 12,
        "done": ["Chụp 4 trang"],
        "missing": ["Giấy chứng nhận kết hôn"],
        "bring": ["Giấy chứng sinh"],
        "due_text": "thứ Ba, ngày 1 tháng 12, trước 3 giờ chiều",
        "dossier_code": "H29.18-251124-0012",
        "house_name": "Nhà văn hóa Khu phố 3",
        "phone": "0900 123 456",
        "qr": QR,
    }
    return visit_slip(**(given | changes))  # type: ignore[arg-type]


def words(slip: Slip) -> list[str]:
    """Everything a reader reads, in order."""
    found: list[str] = []
    for block in slip.blocks:
        if isinstance(block, Banner | Title | Big | Text | Item):
            found.append(block.text)
        elif isinstance(block, KeyValue):
            found += [block.key, block.value]
        elif isinstance(block, Qr):
            found.append(block.caption)
    return found


ALL = [ticket(), visit(), test_slip("Nhà văn hóa", "http://h/")]


@pytest.mark.parametrize("slip", ALL, ids=lambda slip: slip.kind)
def test_every_slip_is_free_unofficial_and_ends_with_its_qr(slip: Slip) -> None:
    """Both lines, in their order, word for word; the QR code is the last thing on the paper."""
    said = words(slip)
    assert said.index(FREE_LINE) < said.index(NOT_OFFICIAL_LINE)
    assert isinstance(slip.blocks[-1], Qr)


def test_a_visit_tells_in_the_order_of_every_slip() -> None:
    """Number, done, missing, bring, when, whom to call, free, not official."""
    said = words(visit())
    expected = [
        "Số 12",
        "Chụp 4 trang",
        "Giấy chứng nhận kết hôn",
        "Giấy chứng sinh",
        "thứ Ba, ngày 1 tháng 12, trước 3 giờ chiều",
        "0900 123 456",
        FREE_LINE,
        NOT_OFFICIAL_LINE,
    ]
    assert [line for line in said if line in expected] == expected


def test_the_ticket_number_comes_first_and_is_the_biggest() -> None:
    blocks = ticket().blocks
    assert isinstance(blocks[1], Big)
    assert blocks[1].text == "12"


def test_who_waits_is_told_truly() -> None:
    """Nobody ahead is not "0 người"."""
    assert any("còn 3 người" in line for line in words(ticket()))
    assert not any("0 người" in line for line in words(ticket(waiting_ahead=0)))


@pytest.mark.parametrize("make", [ticket, visit])
def test_a_reprint_says_so_at_the_top_and_a_first_print_does_not(make: object) -> None:
    again = make(copy_no=2)  # type: ignore[operator]
    assert again.blocks[0] == Banner("BẢN IN LẠI (lần 2)")
    assert not any(isinstance(block, Banner) for block in make().blocks)  # type: ignore[operator]


def test_nothing_missing_is_said_only_when_somebody_looked() -> None:
    """None: nobody looked, so the slip claims nothing; an empty list: all papers are there."""
    assert not any("đã đủ" in line for line in words(visit(missing=None)))
    assert any("đã đủ" in line for line in words(visit(missing=[])))
    assert not any("đã đủ" in line for line in words(visit()))


def test_a_visit_without_a_date_says_whom_to_ask() -> None:
    said = words(visit(due_text=None, dossier_code=None, bring=[], qr=None))
    assert any("Chưa có ngày hẹn" in line for line in said)
    assert "0900 123 456" in said
    assert not isinstance(visit(qr=None).blocks[-1], Qr)


def test_a_long_list_ends_with_how_many_more() -> None:
    """Nothing vanishes unsaid: 12 papers are 7 lines and "còn 5 giấy nữa"."""
    items = [
        b for b in ticket(bring=[f"Giấy {n}" for n in range(12)]).blocks if isinstance(b, Item)
    ]
    assert len(items) == 8
    assert "5 giấy nữa" in items[-1].text


@pytest.mark.parametrize("slip", ALL, ids=lambda slip: slip.kind)
def test_sentences_are_short_and_speak_no_english(slip: Slip) -> None:
    """At most 15 words a sentence; no abbreviation but the OTP that the warning is about."""
    for line in words(slip):
        if line == FREE_LINE or len(set(line)) > 60 or set(line) <= set(ACCENTED_LETTERS + " "):
            continue
        for sentence in re.split(r"[.!?] ", line):
            assert len(sentence.split()) <= 15, sentence
        assert not re.search(r"\b(TTHC|DVC|UBND|QR|PIN|scan|online|ticket|OTP)\b", line), line


def test_there_are_134_accented_letters() -> None:
    assert len(ACCENTED_LETTERS) == len(set(ACCENTED_LETTERS)) == 134
