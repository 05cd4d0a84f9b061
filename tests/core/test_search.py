"""This file proves the search: what people say finds what the state calls it."""

from __future__ import annotations

import unicodedata

import pytest

from appliance.core.search import MOST_FOUND, find, fold, index
from tests.core.guide_for_tests import built_in

INDEX = index(built_in())


def found(typed: str) -> list[str]:
    return [one.id for one in find(INDEX, typed)]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("có em bé", "co-em-be"), ("co em be", "co-em-be"), ("CÓ EM BÉ", "co-em-be"),
        ("làm giấy khai sinh", "khai-sinh"), ("mat giay khai sinh", "lai-khai-sinh"),
        ("hộ khẩu", "thuong-tru"), ("ho khau", "thuong-tru"), ("cắt khẩu", "xoa-thuong-tru"),
        ("lấy vợ", "dang-ky-ket-hon"), ("độc thân", "doc-than"), ("ma chay", "mai-tang-bao-tro"),
        ("tiền già", "huu-tri-xa-hoi"), ("công chứng", "chung-thuc-ban-sao"),
        ("sao y", "chung-thuc-ban-sao"), ("thẻ bảo hiểm", "the-bhyt"), ("cccd", "lam-can-cuoc"),
        ("mở quán", "mo-quan"), ("khách ngủ lại", "luu-tru"), ("phòng trọ", "tam-tru"),
        ("1.001193", "khai-sinh"), ("75 tuổi", "75-tuoi"), ("nộp phạt", "nop-tien"),
        ("Thủ tục đăng ký khai tử", ""), ("đăng ký khai tử", "khai-tu"),
        ("birth certificate", "khai-sinh"), ("lý lịch tư pháp", "ly-lich-tu-phap"),
        ("tra cứu", "tra-cuu"), ("bao tu", "khai-tu"),
    ],
)  # fmt: skip
def test_people_are_understood(typed: str, first: str) -> None:
    """Everyday and official names and codes, with and without accents; composed or not."""
    for form in ("NFC", "NFD"):
        got = found(unicodedata.normalize(form, typed))
        assert (got[0] if got and first else first) == first, got


def test_accents_tell_words_apart() -> None:
    """Typed with accents, the word with the same ones comes first."""
    assert fold("Đăng Ký") == fold("đăng ký") == "dang ky"
    assert found("tạm vắng")[0] == "tam-vang"


def test_old_words() -> None:
    """What was level 3 and 4 is in part or wholly online now."""
    guide = built_in()
    for typed, level in (("mức độ 4", "full"), ("muc do 4", "full"), ("toàn trình", "full"),
                         ("mức độ 3", "part"), ("dịch vụ công một phần", "part")):  # fmt: skip
        got = found(typed)
        assert got and all(guide.procedure(one).level == level for one in got), typed
    assert found("cấp huyện")


def test_a_word_only_begun() -> None:
    assert "ket-hon" in found("kết h") and "ket-hon" in found("ket ho")


@pytest.mark.parametrize("typed", ["", "   ", "🙂", "…", "xyzzy", "'; DROP TABLE", "a" * 5000])
def test_nothing_found_is_no_error(typed: str) -> None:
    assert found(typed) == []


def test_not_too_many() -> None:
    assert 0 < len(found("đăng ký")) <= MOST_FOUND
