"""This file listens to the box's voice: what a screen costs, and whether the six tones are six.

Pitch is measured in the sound itself (autocorrelation, 40 ms frames): the middle of the syllable's
voiced part at its beginning, middle and end. It says nothing about how pleasant the voice is.
"""

from __future__ import annotations

import io
import sys
import time
import wave

import numpy as np
from numpy.typing import NDArray

from appliance.web.resident.speech import Speech

TONES = {"ma": "level", "má": "rising", "mà": "falling", "mả": "dipping", "mã": "broken",
         "mạ": "heavy"}  # fmt: skip
VOICES = ("vi", "vi-vn-x-south", "vi-vn-x-central")
SCREEN = (
    "Bác cần làm việc gì?\nChưa có ai đợi.\nCó em bé.\nCó người mất.\nKết hôn.\n"
    "Chuyển nhà, tạm trú.\nBản sao, chứng thực.\nTrợ cấp, bảo hiểm y tế.\nHỏi việc khác.\n"
    "Mọi việc ở đây đều miễn phí. Không ai ở đây hỏi mật khẩu hay mã của bác."
)
FRAME_S, HOP_S = 0.040, 0.010
LOW_HZ, HIGH_HZ = 60, 350


def main(argv: list[str]) -> None:
    if not Speech().is_there():
        print("espeak-ng is not installed: nothing to listen to")
        return
    began = time.perf_counter()
    wav = Speech().wav(SCREEN, "vi")
    spent_s = time.perf_counter() - began
    sound, rate = _samples(wav)
    long_s = len(sound) / rate
    print(
        f"one screen: {long_s:.1f} s of sound made in {1000 * spent_s:.0f} ms"
        f" (ratio {spent_s / long_s:.4f}), {len(wav) / 2**20:.2f} MiB in RAM"
    )
    for voice in VOICES:
        speech = Speech()
        print(f"{voice}: pitch in Hz at the beginning, middle and end of each syllable")
        for word, name in TONES.items():
            start, middle, end, gaps = _contour(*_samples(speech.wav(word, voice)))
            print(f"  {word}  {name:8} {start:5.0f} {middle:5.0f} {end:5.0f}   breaks {gaps}")


def _samples(wav: bytes) -> tuple[NDArray[np.float64], int]:
    with wave.open(io.BytesIO(wav)) as sound:
        data = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(np.float64)
        return data, sound.getframerate()


def _contour(sound: NDArray[np.float64], rate: int) -> tuple[float, float, float, int]:
    """(beginning, middle, end in Hz, how often the voice breaks off in between)."""
    frame, hop = int(FRAME_S * rate), int(HOP_S * rate)
    found: list[float] = []
    for at in range(0, len(sound) - frame, hop):
        found.append(_pitch(sound[at : at + frame], rate))
    voiced = [n for n, hz in enumerate(found) if hz]
    if len(voiced) < 6:
        return 0.0, 0.0, 0.0, 0
    inside = np.array(found[voiced[0] : voiced[-1] + 1])
    gaps = int(np.sum((inside[1:] == 0) & (inside[:-1] > 0)))
    heard = inside[inside > 0]
    third = max(1, len(heard) // 6)
    middle = len(heard) // 2
    parts = (heard[:third], heard[middle - third // 2 : middle + third // 2 + 1], heard[-third:])
    start, mid, end = (float(np.median(part)) for part in parts)
    return start, mid, end, gaps


def _pitch(frame: NDArray[np.float64], rate: int) -> float:
    """The pitch of a frame in Hz, 0 where there is no voice."""
    frame = (frame - frame.mean()) * np.hanning(len(frame))
    if np.abs(frame).max() < 300:
        return 0.0
    alike = np.correlate(frame, frame, "full")[len(frame) - 1 :]
    shortest, longest = rate // HIGH_HZ, rate // LOW_HZ
    lag = shortest + int(np.argmax(alike[shortest:longest]))
    return rate / lag if alike[lag] > 0.35 * alike[0] else 0.0


if __name__ == "__main__":
    main(sys.argv[1:])
