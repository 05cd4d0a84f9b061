"""This file proves that both languages are complete, and that every code has words."""

from __future__ import annotations

import re
from pathlib import Path

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from babel.messages.pofile import read_po

from appliance.web import i18n
from appliance.web.words import wording

WEB = Path(i18n.__file__).parent
PLACES = re.compile(r"%\(\w+\)s")


def source_strings() -> set[str]:
    """Every string a template or module passes through gettext."""
    found: set[str] = set()
    for pattern, method in (("*.py", "python"), ("templates/*.html", "jinja2")):
        for file in WEB.rglob(pattern):
            keywords = {**DEFAULT_KEYWORDS, "_l": None}
            for _line, message, _comments, _context in extract_from_file(
                method, str(file), keywords=keywords, comment_tags=()
            ):
                found.add(message if isinstance(message, str) else message[0])
    return found


def catalogue(language: str) -> dict[str, str]:
    strings: dict[str, str] = {}
    for po in (WEB / "translations" / language / "LC_MESSAGES").glob("*.po"):
        with po.open("rb") as f:
            for message in read_po(f, locale=language):
                if message.id:
                    assert "fuzzy" not in message.flags, message.id
                    strings[str(message.id)] = str(message.string)
    return strings


def test_english_is_complete() -> None:
    """Every source string has English with the same places to fill in."""
    english = catalogue("en")
    missing = {s for s in source_strings() if not english.get(s)}
    assert missing == set()
    for source, text in english.items():
        assert sorted(PLACES.findall(source)) == sorted(PLACES.findall(text)), source


def test_what_is_loaded_is_what_is_written() -> None:
    """Compiled or not, all catalogues of a language are read."""
    loaded = i18n.load("en")
    for source, text in catalogue("en").items():
        assert loaded.gettext(source) == text
    assert i18n.load("xx").gettext("Gọi giúp") == "Gọi giúp"


def test_vietnamese_is_the_source() -> None:
    """The vi catalogue never says anything else than the source."""
    for source, text in catalogue("vi").items():
        assert text in ("", source)


def test_words_for_every_error_code() -> None:
    """Codes with words of their own have all three parts: what happened, what is safe, what now."""
    for code, words in {**wording.ERROR, **{str(k): v for k, v in wording.STATUS.items()}}.items():
        assert all(str(part) for part in (words.title, words.text, words.now)), code
    assert wording.of_error("never_heard_of", 418) is wording.STATUS[400]
    assert wording.of_error("never_heard_of", 599) is wording.STATUS[500]


def test_a_catalogue_that_a_cut_left_empty_is_read_from_its_source(tmp_path: Path) -> None:
    """The compiled one is newer and empty: the words come from the .po all the same."""
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text('msgid "Lấy số"\nmsgstr "Take a number"\n', "utf-8")
    (folder / "messages.mo").write_bytes(b"")
    assert i18n.load("en", tmp_path).gettext("Lấy số") == "Take a number"
