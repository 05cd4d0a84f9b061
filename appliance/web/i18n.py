"""This file speaks Vietnamese, and English when asked: source strings are Vietnamese.

Each part keeps its own catalogue (messages.po, desk.po, …) in translations/<language>/LC_MESSAGES;
all of them are read. A compiled .mo is used when it is newer than its .po, otherwise the .po
itself, so that a checkout without compiled files speaks English too.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from flask import Flask, request
from flask_babel import Babel, Domain

LANGUAGES = ("vi", "en")
COOKIE = "hien_language"
FOLDER = Path(__file__).parent / "translations"


class Catalogues(Domain):  # type: ignore[misc]  # flask_babel has no types
    """Every .po of a language as one, read once."""

    def __init__(self) -> None:
        super().__init__(translation_directories=[str(FOLDER)])
        self._read: dict[str, Translations] = {}

    def get_translations(self) -> Any:
        language = chosen()
        if language not in self._read:
            self._read[language] = load(language)
        return self._read[language]


def load(language: str, folder: Path = FOLDER) -> Translations:
    """All catalogues of `language` merged; empty for one without any."""
    merged = Translations()
    for po in sorted((folder / language / "LC_MESSAGES").glob("*.po")):
        mo = po.with_suffix(".mo")
        # One that a power cut left empty is none.
        if mo.exists() and mo.stat().st_size and mo.stat().st_mtime >= po.stat().st_mtime:
            compiled = io.BytesIO(mo.read_bytes())
        else:
            compiled = io.BytesIO()
            with po.open("rb") as f:
                write_mo(compiled, read_po(f, locale=language))
            compiled.seek(0)
        merged.merge(Translations(compiled))
    return merged


def chosen() -> str:
    """The language of this request; Vietnamese outside of one."""
    if not request:
        return "vi"
    return "en" if request.cookies.get(COOKIE) == "en" else "vi"


def install(app: Flask) -> None:
    """Install first: an error page made by a later check is translated too."""
    Babel(app, locale_selector=chosen, default_locale="vi")
    catalogues = Catalogues()
    app.before_request(lambda: catalogues.as_default())
