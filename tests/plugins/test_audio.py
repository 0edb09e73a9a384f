"""Sound in and out of the plugin API: formats, rates, channels, bad values and files that were cut."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile

from studio.plugins import Audio, InputError
from studio.plugins import sound as sounds


def tone(seconds: float = 0.5, rate: int = 8000, channels: int = 1) -> np.ndarray:
    line = 0.5 * np.sin(np.arange(int(seconds * rate)) * 2 * np.pi * 440 / rate)
    return np.repeat(line[:, None], channels, axis=1).astype(np.float32)


def encoded(samples: np.ndarray, rate: int, kind: str, subtype: str | None = None) -> bytes:
    buffer = io.BytesIO()
    soundfile.write(buffer, samples, rate, format=kind, subtype=subtype)
    return buffer.getvalue()


def m4a(samples: np.ndarray, rate: int) -> bytes:
    buffer = io.BytesIO()
    with av.open(buffer, "w", format="mp4") as container:
        stream: Any = container.add_stream("aac", rate=rate, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(samples.T), format="fltp", layout="mono")
        frame.rate = rate
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            container.mux(packet)
    return buffer.getvalue()


@pytest.mark.parametrize(("bits", "step"), [(16, 2**-15), (24, 2**-23)])
@pytest.mark.parametrize("channels", [1, 2, 8])
def test_samples_come_back(bits: int, step: float, channels: int) -> None:
    made = tone(0.1, channels=channels)
    audio = Audio.from_samples(made, 8000, bits=bits)
    assert audio.meta == {"rate": 8000, "channels": channels, "seconds": 0.1}
    back, rate = audio.samples()
    assert rate == 8000
    assert back.dtype == np.float32
    assert back.shape == made.shape
    assert np.abs(back - made).max() < step * 2
    assert soundfile.info(io.BytesIO(audio.data)).subtype == f"PCM_{bits}"


def test_too_loud_is_clipped_and_not_wrapped() -> None:
    back, _ = Audio.from_samples(np.array([2.0, -2.0, np.nan]), 8000, bits=24).samples()
    assert back[:, 0] == pytest.approx([1, -1, 0], abs=1e-6)


@pytest.mark.parametrize(("kind", "subtype"), [
    ("WAV", "PCM_24"), ("WAV", "FLOAT"), ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("MP3", None), ("AIFF", "PCM_16")])
@pytest.mark.parametrize("rate", [8000, 48000])
def test_formats(kind: str, subtype: str | None, rate: int) -> None:
    back, found = Audio(encoded(tone(rate=rate, channels=2), rate, kind, subtype)).samples()
    assert (found, back.shape[1]) == (rate, 2)
    assert np.sqrt((back[len(back) // 4: len(back) // 2] ** 2).mean()) == pytest.approx(0.5 / 2**0.5, rel=0.05)


def test_what_only_ffmpeg_reads() -> None:
    audio = Audio(m4a(tone(0.5, 16000), 16000))
    back, rate = audio.samples()
    assert rate == 16000
    assert abs(len(back) / rate - 0.5) < 0.15
    assert np.abs(back).max() == pytest.approx(0.5, abs=0.1)
    with audio.reader() as reader:
        pieces = []
        while (piece := reader.read(1000)).size:
            pieces.append(piece)
    assert all(len(piece) == 1000 for piece in pieces[:-1])
    assert np.array_equal(np.concatenate(pieces), back)


def test_nan_and_infinity_are_silence() -> None:
    made = tone(0.1)
    made[10], made[20], made[30] = np.nan, np.inf, -np.inf
    back, _ = Audio(encoded(made, 8000, "WAV", "FLOAT")).samples()
    assert np.isfinite(back).all()
    assert not back[[10, 20, 30]].any()


def test_a_file_that_was_cut_gives_what_is_there() -> None:
    for kind in ("MP3", "FLAC", "WAV"):
        data = encoded(tone(3, 44100), 44100, kind)
        back, rate = Audio(data[:len(data) * 2 // 3]).samples()
        assert 1 < len(back) / rate < 3, kind


def test_no_sound_at_all_is_empty() -> None:
    back, rate = Audio(encoded(np.zeros((0, 1), np.float32), 22050, "WAV")).samples()
    assert (back.shape, rate) == ((0, 1), 22050)


@pytest.mark.parametrize("data", [b"", b"RIFF", b"no sound" * 100, b"\xff\xfb" * 40, b"ID3" + bytes(50)])
def test_what_is_no_sound_is_one_sentence(data: bytes) -> None:
    with pytest.raises(InputError, match=r"^This file is not sound that can be read\.$"):
        Audio(data).samples()


def test_a_picture_is_no_sound(tmp_path: Path) -> None:
    import PIL.Image

    buffer = io.BytesIO()
    PIL.Image.new("RGB", (8, 8)).save(buffer, "PNG")
    with pytest.raises(InputError, match="not sound"):
        Audio(buffer.getvalue()).samples()


def test_ten_hours_are_refused_before_they_fill_the_memory() -> None:
    # a header alone that claims ten hours of 8-bit mono
    size = 10 * 3600 * 8000
    claims = b"RIFF" + struct.pack("<I", size + 36) + b"WAVEfmt " + struct.pack("<IHHIIHH", 16, 1, 1, 8000, 8000, 1, 8)
    claims += b"data" + struct.pack("<I", size)
    back, _ = Audio(claims + bytes(800)).samples()  # it was cut: what is there is short
    assert len(back) == 800
    with pytest.raises(InputError, match=r"^This sound is longer than 10 seconds; select a shorter part of it\.$"):
        Audio.from_samples(np.zeros(8000 * 11), 8000).samples(longest=10)


def test_many_channels_are_bounded_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sounds, "MOST_VALUES", 50_000)
    with pytest.raises(InputError, match="too large to be worked on in one piece"):
        Audio.from_samples(np.zeros((8000, 8)), 8000).samples()
