"""This file reads every word residents and volunteers meet: short sentences, nothing abbreviated,
nothing left in the other language. Read off the pages as served, and from the sources of all texts.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.web.lived_in import LivedIn, live_in
from tests.web.test_i18n import catalogue, source_strings
from tests.web.words_on_pages import blocks_of, sentences, words

MOST_WORDS = 15
# Names of things people hold in their hands or hear every day, or that are said out right there.
KNOWN = {"VNeID", "OTP", "PDF", "CSV", "A4", "CT01", "AZ", "SHA", "QR", "USB", "PIN"}
# Set in capitals for weight, not shortened.
LOUD = {"ĐANG", "THỬ", "MẤT", "MẠNG", "MIỄN", "PHÍ", "TẬP", "DÙNG"}
SHORTENED = re.compile(r"[^\W\d_]*[A-ZĐĂÂÊÔƠƯ]{2,}[^\W\d_]*")
ENGLISH = re.compile(r"\b(the|and|you|your|with|from|please|error|not|is|are|this|that|for)\b")
# A decision of a ministry has no other name.
DECISION = re.compile(r"Quyết định \S+")
VIETNAMESE = re.compile(
    r"[ăâđêôơưàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ]", re.I
)
# Said by people or given to the house: no text of ours.
NAMES = (
    "Nhà văn hóa thôn Phú Đa",
    "họp thôn",
    "TẬP DÙNG",
    "Cổng Dịch vụ công Quốc gia",
    "Chị Lan",
    "Danh sách hộ nghèo",
    "Niêm yết",
    "Tiếng Việt",
)


@pytest.fixture
def lived_in(make_house: Any) -> LivedIn:
    return live_in(make_house(**{"devices.printer": "tcp://127.0.0.1:9"}))


def too_long(text: str) -> list[str]:
    return [s for s in sentences(text) if len(words(s)) > MOST_WORDS]


def shortened(text: str) -> list[str]:
    """Abbreviations nobody has explained. Codes with digits in them are no words."""
    found = []
    for word in re.findall(r"[\w./-]+", text):
        if re.search(r"\d", word) or word in KNOWN or word in LOUD:
            continue
        found += [w for w in SHORTENED.findall(word) if w not in KNOWN and w not in LOUD]
    return found


def pages(lived_in: LivedIn, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    lived_in.lan.client.get(f"/set/language/{language}")
    lived_in.house.client.get(f"/set/language/{language}")
    read = []
    for endpoint, _n, path in lived_in.listed():
        outside = endpoint in lived_in.of_residents
        client = lived_in.house.client if outside else lived_in.lan.client
        read.append((path, blocks_of(client.get(path).text)))
    return read


def test_what_people_read_in_vietnamese(lived_in: LivedIn) -> None:
    wrong = []
    codes = {row["code"] for row in lived_in.house.store.all("SELECT code FROM appointments")}
    codes |= {row["look_up"] for row in lived_in.house.store.all("SELECT look_up FROM dossiers")}
    for path, blocks in pages(lived_in, "vi"):
        for text, language in blocks:
            if language != "vi" or text.startswith(NAMES):
                continue
            wrong += [(path, "long", s) for s in too_long(text)]
            wrong += [
                (path, "shortened", word, text) for word in shortened(text) if word not in codes
            ]
            if ENGLISH.search(text):
                wrong.append((path, "English", text))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_people_read_in_english(lived_in: LivedIn) -> None:
    """Every word but names, and what the house or a person wrote, is English."""
    wrong = []
    for path, blocks in pages(lived_in, "en"):
        for text, language in blocks:
            left = DECISION.sub("", text)
            for name in NAMES:
                left = left.replace(name, "")
            if language == "en" and VIETNAMESE.search(left):
                wrong.append((path, text))
    assert not wrong, "\n".join(map(str, wrong))


def test_every_text_of_the_screens() -> None:
    """Also those no screen shows today: troubles, empty lists, states that are rare."""
    wrong: list[Any] = []
    for text in sorted(source_strings()):
        wrong += [("long", s) for s in too_long(text)]
        wrong += [("shortened", word, text) for word in shortened(text)]
        if ENGLISH.search(text):
            wrong.append(("English", text))
    assert not wrong, "\n".join(map(str, wrong))
    for source, english in catalogue("en").items():
        if VIETNAMESE.search(english) and not any(name in english for name in NAMES):
            wrong.append((source, english))
    assert not wrong, "\n".join(map(str, wrong))


def test_the_reader_itself() -> None:
    """What it must find, it finds."""
    long = "Bác " + "mang giấy " * 8 + "đến."
    assert too_long(long) == [long] and too_long("Một hai. Ba bốn.") == []
    assert shortened("Mang CCCD đến UBND, mở VNeID.") == ["CCCD", "UBND"]
    read = blocks_of('<p lang="vi">Mời <b>bác</b> vào<br><span>bàn 1</span></p><img alt="Hình">')
    assert [text for text, _language in read] == ["Mời bác vào", "bàn 1", "Hình"]
