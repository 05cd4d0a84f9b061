"""This file speaks text by espeak-ng, on the box, without a network: WAV bytes, kept in RAM only.

The voice is the box's fallback: a machine's, flat, to be followed with some patience. Of the six
tones bench/voice.py hears the rising, falling, broken and heavy one in the northern voice, the
dipping one hardly; the central voice has nearly none and is not offered. A browser that brings a
Vietnamese voice of its own uses that instead, see static/read.js.
"""

from __future__ import annotations

import hashlib
import shutil
import struct
import subprocess
import threading
from collections import OrderedDict

from appliance.errors import DeviceError, NotFound, TooMany

WORDS_A_MINUTE = 130
"""A syllable counts as a word: slower than talk, as one reads to an elder."""
SYNTH_LIMIT_S = 20.0
QUEUE_LIMIT_S = 8.0
CACHE_MIB = 12
_HEADER_BYTES = 44


class Speech:
    """One text is spoken at a time; the newest texts are kept. Used from every thread."""

    def __init__(self, program: str = "espeak-ng") -> None:
        self._program = program
        self._one = threading.Lock()
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    def is_there(self) -> bool:
        return shutil.which(self._program) is not None

    def wav(self, text: str, voice: str) -> bytes:
        """Mono, 16 bit, 22.05 kHz. `voice` as espeak-ng names it, one of ours.

        Raises NotFound (no_voice), TooMany (voice_busy), DeviceError (voice_failed).
        """
        key = hashlib.sha256(f"{voice}\n{text}".encode()).hexdigest()
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key]
        if not self._one.acquire(timeout=QUEUE_LIMIT_S):
            raise TooMany("another screen is being read", retry_after_s=5, code="voice_busy")
        try:
            wav = self._spoken(text, voice)
        finally:
            self._one.release()
        with self._lock:
            self._kept[key] = wav
            while len(self._kept) > 1 and sum(map(len, self._kept.values())) > CACHE_MIB * 2**20:
                self._kept.popitem(last=False)
        return wav

    def _spoken(self, text: str, voice: str) -> bytes:
        program = shutil.which(self._program)
        if program is None:
            raise NotFound("espeak-ng is not installed", code="no_voice")
        try:
            # The text goes by the pipe: arguments can be seen by every program of the box.
            done = subprocess.run(
                [program, "-v", voice, "-s", str(WORDS_A_MINUTE), "-g", "4", "--stdout", "--stdin"],
                input=text.encode(),
                capture_output=True,
                timeout=SYNTH_LIMIT_S,
                check=True,
            )
        except (OSError, subprocess.SubprocessError) as e:
            # Not the exception itself: it holds what was to be read.
            raise DeviceError(
                f"espeak-ng did not speak ({type(e).__name__})", code="voice_failed"
            ) from None
        return _with_length(done.stdout)


def _with_length(wav: bytes) -> bytes:
    """espeak-ng writes the header before it knows the length; a player wants the true one."""
    if len(wav) < _HEADER_BYTES or wav[:4] != b"RIFF" or wav[36:40] != b"data":
        raise DeviceError("espeak-ng spoke something else than WAV", code="voice_failed")
    sound = wav[_HEADER_BYTES:]
    return (
        wav[:4] + struct.pack("<I", 36 + len(sound)) + wav[8:40]
        + struct.pack("<I", len(sound)) + sound
    )  # fmt: skip
