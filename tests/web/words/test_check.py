"""This file proves that whatever a machine can report has words of its own, in both languages.

The codes are found in the code of the devices room itself, so that a new one without words fails.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import appliance
from appliance.core.box_checks import BOX
from appliance.web import i18n
from appliance.web.words import check as check_words
from appliance.web.words import page as page_words
from appliance.web.words.check import WORDS, of_check

DEVICES = Path(appliance.__file__).parent / "devices"
PRINTER_CODES = {
    "paper_out", "paper_low", "cover_open", "off", "offline", "silent", "stalled", "lost",
    "printer_error", "busy", "denied", "cannot_draw", "no_barrier", "spooled", "interrupted",
    "none",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(PRINTER_CODES))
def test_each_printer_code_has_words(code: str) -> None:
    words = WORDS["printer"][code]
    assert str(words.means) and str(words.do)


def test_no_code_of_a_printer_or_transport_is_missing() -> None:
    """Every code="…" and Outcome code in the printer's folder is one of those with words."""
    text = "".join(path.read_text("utf-8") for path in (DEVICES / "printer").glob("*.py"))
    found = set(re.findall(r'\bcode="([a-z_]+)"', text))
    found |= set(re.findall(r'Outcome\([^)]*"([a-z_]+)"\)', text))
    found |= set(re.findall(r'Check\("printer", "(?:bad|unknown)", "([a-z_]+)"', text))
    assert found - {"virtual"} - set(WORDS["printer"]) == set()
    assert len(found) > 6


def test_no_code_of_a_camera_or_panel_is_missing() -> None:
    for kind in ("camera", "panel"):
        text = "".join(path.read_text("utf-8") for path in (DEVICES / kind).glob("*.py"))
        found = set(re.findall(r'\bcode="([a-z_]+)"', text))
        found |= set(re.findall(rf'Check\("{kind}", "bad", "([a-z_]+)"', text))
        found |= set(re.findall(r'default_code[^=]*= "([a-z_]+)"', text))
        assert found and found - set(WORDS[kind]) == set(), kind


@pytest.mark.parametrize(
    "code", ["page_failed", "not_written", "ram_full", "truncated", "not_an_image", "disk_full"]
)
def test_a_picture_that_failed_has_its_own_words(code: str) -> None:
    assert page_words.why_no_picture(code) != page_words.why_no_picture("never_heard_of")


def test_every_check_of_the_box_has_a_name_and_words_for_its_trouble() -> None:
    for name in (*BOX, "disk", "ram", "camera", "printer", "panel", "room_web", "link", "table"):
        assert check_words.name_of(name) != name
        assert WORDS["room" if name.startswith("room_") else name]


def test_a_code_nobody_has_heard_of_is_still_told() -> None:
    assert "trục trặc" in str(of_check("heat", "bad", "?!"))
    assert str(of_check("printer", "ok", "")) == "Tốt."
    assert str(of_check("nonsense", "unknown", "x")) == "Chưa rõ."


def test_a_silent_printer_whose_port_is_well_is_not_called_broken() -> None:
    assert "không trả lời" not in str(of_check("printer", "ok", "silent"))
    assert "không trả lời" in str(of_check("printer", "bad", "silent"))


def test_english_has_every_sentence() -> None:
    english = i18n.load("en")
    for table in WORDS.values():
        for words in table.values():
            for text in (str(words.means), str(words.do)):
                assert not text or english.gettext(text) != text, text
