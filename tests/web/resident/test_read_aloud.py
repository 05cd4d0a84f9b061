"""This file proves that a resident's screen is read as it stands, and nothing else is."""

from __future__ import annotations

import io
import shutil
import wave
from collections.abc import Callable
from pathlib import Path

import pytest

from appliance.web.resident.page_text import MOST_CHARS, text_of
from appliance.web.resident.read_aloud import READABLE
from appliance.web.resident.speech import Speech
from tests.web.at_desk import Volunteer
from tests.web.conftest import House

needs_voice = pytest.mark.skipif(
    shutil.which("espeak-ng") is None, reason="espeak-ng is not installed (apt)"
)


def test_what_is_read_of_a_page() -> None:
    """Headings, buttons, labels and loud notices in order; no script, no fold, nothing hidden."""
    page = """<html><body><div id="notices" class="notices"><p class="notice trouble">Mất mạng</p>
    <p class="notice quiet">Máy in ảo</p><p class="notice trouble lost" hidden>Cũ</p></div>
    <nav>English</nav><main id="main"><h1>Số của <b>bác</b></h1><p>Số của bác.</p><br>
    <script>alert(1)</script><svg><title>hình</title></svg><p hidden>giấu</p>
    <p>Gọi 0236 3555 123 &amp; đợi!</p><ul><li>Giấy A</li><li>Giấy B<span class="only-spoken">
    : bản chính</span></li></ul><input value="bí mật"><p aria-hidden="true">30</p>
    <details><summary>Xem thêm</summary><p>gấp lại</p></details>
    <details open><summary>Đã mở</summary><p>mở ra</p></details>
    <button>In phiếu</button></main><footer>Gọi giúp</footer></body></html>"""
    assert text_of(page).split("\n") == [
        "Mất mạng.", "Số của bác.", "Gọi 0 2 3 6 3 5 5 5 1 2 3 & đợi!", "Giấy A.",
        "Giấy B : bản chính.", "Xem thêm.", "Đã mở.", "mở ra.", "In phiếu.",
    ]  # fmt: skip


def test_a_long_page_ends_with_a_sentence() -> None:
    """Nobody listens for ten minutes, and the box does not speak for ever."""
    lines = text_of("<main>" + "<p>Một câu không dài lắm.</p><p>Câu khác.</p>" * 500 + "</main>")
    assert len(lines) <= MOST_CHARS + 200 and lines.endswith(".")
    assert text_of("<main><p>" + "ă" * 9000 + "</p></main>").count("ă") == MOST_CHARS
    assert text_of("</main></div><p>không") == ""


def test_only_the_residents_screens(house: House) -> None:
    """Every readable screen exists and is open to all; anything else, of whatever shape, is not
    read: no volunteers' page even for a volunteer, no file, no other site, not itself."""
    views = house.app.view_functions
    assert set(views) >= READABLE
    lan = Volunteer(house)
    visit = lan.open_visit()
    paths = [f"/visits/{visit}", "/desk", "/live.json", "/static/hien.css", "/read", "/read.wav"]
    paths += ["//evil.example/", "http://evil.example/", "/nope", "/join/abc", "/set/fresh"]
    for path in paths:
        answer = lan.client.get("/read.txt", query_string={"of": path})
        # What is not a path of ours at all counts as the start page.
        own = path.startswith("/") and not path.startswith("//")
        assert answer.status_code == (404 if own else 200), path
        if not own:
            assert "Bác cần làm việc gì?" in answer.text


def test_it_reads_what_this_person_sees(house: House) -> None:
    """The number and its papers, in the language chosen."""
    ticket = house.take()
    of = {"of": f"/tickets/{ticket['id']}"}
    text = house.client.get("/read.txt", query_string=of).text
    assert f"Số của bác {ticket['number']}." in text and "Giấy chứng sinh." in text
    house.client.get("/set/language/en")
    english = house.client.get("/read.txt", query_string=of).text
    assert f"Your number {ticket['number']}." in english


def test_the_setting(make_house: Callable[..., House]) -> None:
    """Headphones first unless the house says otherwise; off is off, on every address."""
    plain = make_house()
    page = plain.client.get("/").text
    assert "data-listen" in page and 'data-ears="1"' in page
    assert "data-listen" not in plain.client.get("/desk/sign-in").text
    loud = make_house(**{"web.read_aloud": "loudspeaker"})
    assert "data-listen" in loud.client.get("/").text
    assert "data-ears" not in loud.client.get("/").text
    off = make_house(**{"web.read_aloud": "off"})
    assert "data-listen" not in off.client.get("/").text
    for address in ("/read", "/read.txt", "/read.wav"):
        assert off.client.get(address).status_code == 404


@needs_voice
def test_the_box_speaks(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Some seconds of sound with a true length; in parts too, as players ask; nothing in logs."""
    ticket = house.take()
    of = {"of": f"/tickets/{ticket['id']}"}
    answer = house.client.get("/read.wav", query_string=of)
    assert answer.mimetype == "audio/wav" and "no-store" not in answer.headers["Content-Type"]
    with wave.open(io.BytesIO(answer.data)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth()) == (1, 2)
        seconds = sound.getnframes() / sound.getframerate()
        assert len(answer.data) == 44 + 2 * sound.getnframes()
    assert 5 < seconds < 120
    part = house.client.get("/read.wav", query_string=of, headers={"Range": "bytes=0-99"})
    assert part.status_code == 206 and part.data == answer.data[:100]
    assert "Số của bác" not in caplog.text


@needs_voice
def test_spoken_once_and_kept_within_limits() -> None:
    """The same screen is spoken once; what is kept stays within a few MiB."""
    speech = Speech()
    one = speech.wav("Bác cần làm việc gì?", "vi")
    assert speech.wav("Bác cần làm việc gì?", "vi") is one
    assert speech.wav("Bác cần làm việc gì?", "vi-vn-x-south") != one
    for n in range(14):
        speech.wav(f"Số {n}. " * 150, "vi")
    assert sum(map(len, speech._kept.values())) <= 12 * 2**20


def test_no_voice_is_said_in_words(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without espeak-ng: a kind page and a person to call, never a broken player."""
    house.app.extensions["hien_speech"] = Speech("no-such-voice")
    answer = house.client.get("/read.wav?of=/")
    assert answer.status_code == 404 and "Gọi giúp" in answer.text
    assert "Máy này chưa đọc được" in house.client.get("/read?of=/").text


def test_a_voice_that_fails_tells_no_text(tmp_path: Path) -> None:
    """A voice that dies or prints nonsense ends in a code; the text is in no message."""
    for body in ("exit 3", "echo no sound"):
        bad = tmp_path / "voice"
        bad.write_text(f"#!/bin/sh\ncat >/dev/null\n{body}\n")
        bad.chmod(0o755)
        with pytest.raises(OSError) as e:
            Speech(str(bad)).wav("bí mật của bác", "vi")
        assert e.value.code == "voice_failed" and "bí mật" not in str(e.value)  # type: ignore[attr-defined]
