"""Decoding: every kind of file that people have, and those that are broken; and the drawn shape of it."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.project.sound import SoundError
from studio.project.sound.decode import STEP, Decoder, fold
from studio.project.sound.media import ArrayMedia
from studio.project.sound.peaks import BASE, PeakBuilder, Peaks, of_media, of_samples
from studio.project.sound.source import DecodedSource

RATE = 48000


def tone(seconds: float, rate: int, channels: int = 1) -> np.ndarray:
    at = np.arange(round(seconds * rate))
    return np.stack([0.5 * np.sin(2 * np.pi * 440 * (n + 1) * at / rate) for n in range(channels)], axis=1)


def encoded(samples: np.ndarray, rate: int, form: str = "WAV", subtype: str | None = None) -> bytes:
    out = io.BytesIO()
    soundfile.write(out, samples, rate, subtype, format=form)
    return out.getvalue()


def film(seconds: float, rate: int, form: str = "mp4") -> bytes:
    """A film with one grey picture and a tone."""
    out = io.BytesIO()
    with av.open(out, "w", format=form) as container:
        picture: Any = container.add_stream("mpeg4", rate=5)
        picture.width, picture.height, picture.pix_fmt = 64, 48, "yuv420p"
        sound: Any = container.add_stream("aac", rate=rate, layout="stereo")
        for number in range(max(int(seconds * 5), 1)):
            image = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 99, np.uint8), format="rgb24")
            image.pts = number
            container.mux(picture.encode(image))
        container.mux(picture.encode(None))
        samples = np.ascontiguousarray(tone(seconds, rate, 2).T, np.float32)
        frame = av.AudioFrame.from_ndarray(samples, format="fltp", layout="stereo")
        frame.rate = rate
        container.mux([*sound.encode(frame), *sound.encode(None)])
    return out.getvalue()


def source(tmp_path: Path, **files: bytes) -> DecodedSource:
    return DecodedSource(lambda sha: (files[sha], ""), RATE, tmp_path / "cache")


def read(opened: DecodedSource, sha: str) -> np.ndarray:
    media = opened.open(sha)
    return np.stack(media.read(0, media.frames), axis=1)


@pytest.mark.parametrize(("rate", "channels", "form", "subtype", "tolerance"), [
    (48000, 2, "WAV", "PCM_16", 4e-5), (48000, 1, "WAV", "PCM_24", 1e-6), (48000, 2, "WAV", "FLOAT", 1e-7),
    (44100, 2, "FLAC", "PCM_24", 0.003), (192000, 1, "WAV", "PCM_24", 0.003), (8000, 2, "WAV", "PCM_16", 0.01),
    (48000, 2, "OGG", None, 0.1), (44100, 1, "MP3", None, 0.1), (22050, 1, "AIFF", None, 0.01),
])
def test_every_kind_of_file_gives_the_sound_at_the_projects_rate(
        tmp_path: Path, rate: int, channels: int, form: str, subtype: str | None, tolerance: float) -> None:
    data = encoded(tone(0.7, rate, channels), rate, form, subtype)
    with source(tmp_path, a=data) as opened:
        heard, facts = read(opened, "a"), opened.facts("a")
    assert heard.shape[1] == channels
    assert abs(len(heard) - 0.7 * RATE) <= (2400 if form == "MP3" else 0)
    assert (facts.rate, facts.channels) == (rate, channels)
    if form != "MP3":
        middle = slice(2000, len(heard) - 2000)
        assert np.abs(heard[middle] - tone(0.7, RATE, channels)[middle]).max() < tolerance
    assert list((tmp_path / "cache").iterdir()) == []  # nothing is left on the disk


def test_the_sound_of_a_film(tmp_path: Path) -> None:
    with source(tmp_path, a=film(1.0, 44100)) as opened:
        heard = read(opened, "a")
        assert opened.facts("a").channels == 2
    assert abs(len(heard) / RATE - 1.0) < 0.1
    assert 0.2 < np.sqrt((heard[10000:30000] ** 2).mean()) < 0.5


def test_broken_files_are_said_and_never_raise_anything_else(tmp_path: Path) -> None:
    mp3 = encoded(tone(4, 44100), 44100, "MP3")
    wave = encoded(tone(4, 44100), 44100)
    odd = tone(0.5, RATE).astype(np.float32)
    odd[100:110], odd[200] = np.nan, np.inf
    files = {"half": mp3[:len(mp3) // 2], "wave": wave[:len(wave) // 2], "text": b"no sound at all" * 99, "none": b"",
             "odd": encoded(odd, RATE, "WAV", "FLOAT"), "eight": encoded(tone(0.2, RATE, 8), RATE),
             "empty": encoded(tone(0, RATE), RATE), "head": wave[:30]}
    with source(tmp_path, **files) as opened:
        assert 1 < opened.facts("half").seconds < 3
        assert opened.open("wave").frames > RATE
        for name in ("text", "none", "head"):
            with pytest.raises(SoundError, match="damaged or not sound"):
                opened.open(name)
            with pytest.raises(SoundError, match="damaged or not sound"):
                opened.peek(name)
        with pytest.raises(SoundError, match="no longer in the project"):
            opened.open("gone")
        heard = read(opened, "odd")
        assert np.isfinite(heard).all()
        assert not heard[100:110].any()
        assert opened.facts("odd").notes == ("11 samples of this recording were no numbers and are silent now.",)
        assert opened.open("eight").channels == 2
        assert opened.facts("eight").notes == ("This recording has 8 channels; they were folded to two.",)
        assert opened.open("empty").frames == 0
        assert opened.peaks("empty").view(0, 100, 10).any() == 0


def test_an_mp3_of_many_pieces_is_decoded_without_a_crack(tmp_path: Path) -> None:
    seconds = 3.2 * STEP / RATE
    with source(tmp_path, a=encoded(tone(seconds, RATE), RATE, "MP3")) as opened:
        heard = read(opened, "a")[:, 0]
    assert len(heard) == pytest.approx(seconds * RATE, abs=2400)
    assert np.abs(np.diff(heard[2000:-2000])).max() < 0.5 * 2 * np.pi * 440 / RATE * 1.2  # as steep as the tone


def test_a_wave_file_that_was_cut_says_what_is_missing() -> None:
    data = encoded(tone(4, 44100), 44100)

    def said(data: bytes) -> list[str]:
        with Decoder(data, RATE) as decoder:
            assert sum(len(block[0]) for block in decoder.blocks())
        return decoder.notes

    assert said(data) == []
    assert said(data[:len(data) // 2]) == ["This recording is cut off: 2.0 of its 4.0 seconds are missing."]
    place = data.index(b"data") + 4
    for unknown in (b"\xff\xff\xff\xff", b"\xff\xff\xff\x7f"):  # as programs write it that do not know the end
        assert said(data[:place] + unknown + data[place + 4:]) == []


@given(st.integers(3, 12))
def test_folding_never_clips_and_drops_no_channel(channels: int) -> None:
    every = fold(np.ones((1, channels), np.float32))
    assert every == pytest.approx(np.ones((1, 2)))
    for channel in range(channels):
        assert fold(np.eye(channels, dtype=np.float32)[channel:channel + 1]).max() > 0


@settings(max_examples=15, deadline=None)
@given(st.integers(0, STEP * 2 + 999), st.sampled_from([8000, 44100, 96000]))
def test_a_resampled_file_has_the_length_it_should(frames: int, rate: int) -> None:
    data = encoded(np.zeros((frames, 1)), rate)
    with Decoder(data, RATE) as decoder:
        made = sum(len(block[0]) for block in decoder.blocks())
    assert made == round(frames * RATE / rate)


def test_each_medium_is_decoded_once_and_old_ones_leave_the_disk(tmp_path: Path) -> None:
    fetched: list[str] = []
    data = encoded(tone(1, RATE), RATE)

    def fetch(sha: str) -> tuple[bytes, str]:
        fetched.append(sha)
        return data, ""

    with DecodedSource(fetch, RATE, tmp_path, budget=RATE * 4 * 2) as opened:
        assert opened.peek("a") is None
        threads = [threading.Thread(target=opened.open, args=("a",)) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert fetched == ["a"]
        held = opened.open("a")
        for name in "bcd":
            opened.open(name)
        assert opened.peek("a") is None
        assert opened.peek("d") is not None
        folder = next(path for path in tmp_path.iterdir() if path.is_dir())
        assert sum(path.stat().st_size for path in folder.iterdir()) <= RATE * 4 * 2
        assert held.read(1000, 1001)[0][0] != 0  # what somebody holds goes on
    with pytest.raises(SoundError, match="is closed"):
        opened.open("x")


def test_large_files_are_laid_on_disk_and_what_the_dead_left_is_removed(tmp_path: Path) -> None:
    data = encoded(tone(1, RATE), RATE)
    (tmp_path / "999999999-abc").mkdir()
    with DecodedSource(lambda _: (b"", ""), RATE, tmp_path, size=lambda _: 1 << 30,
                       fetch_to=lambda _, path: path.write_bytes(data)) as opened:
        assert opened.open("a").frames == RATE
        assert not (tmp_path / "999999999-abc").exists()


def test_a_full_disk_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.project.sound import source as module

    with source(tmp_path, a=encoded(tone(1, RATE), RATE)) as opened:
        monkeypatch.setattr(module, "ROOM", 1 << 60)
        with pytest.raises(SoundError, match="make room"):
            opened.open("a")


# ---------------------------------------------------------------- peaks

@settings(max_examples=25, deadline=None)
@given(st.integers(0, 9000), st.integers(1, 2), st.lists(st.integers(1, 3000), min_size=1, max_size=4))
def test_peaks_are_those_of_the_samples_however_they_come(frames: int, channels: int, sizes: list[int]) -> None:
    rng = np.random.default_rng(frames)
    arrays = [rng.uniform(-2, 2, frames).astype(np.float32) for _ in range(channels)]
    builder, at, number = PeakBuilder(channels, RATE), 0, 0
    while at < frames:
        size = sizes[number % len(sizes)]
        builder.add(*(array[at:at + size] for array in arrays))
        at, number = at + size, number + 1
    peaks = builder.peaks()
    whole = of_media(ArrayMedia(*arrays), RATE)
    for one, other in zip(peaks.levels, whole.levels, strict=True):
        assert np.allclose(one, other, atol=1e-6)
    for level, bins in enumerate(peaks.levels):
        size = BASE * 4 ** level
        for place in range(len(bins)):
            for channel, array in enumerate(arrays):
                part = array[place * size:(place + 1) * size]
                assert bins[place, channel, :2] == pytest.approx((part.min(), part.max()), abs=1e-6)
    back = Peaks.from_bytes(peaks.to_bytes())
    assert (back.frames, back.rate, back.channels) == (frames, RATE, channels)
    assert np.allclose(back.levels[0], peaks.levels[0], atol=2e-4)


def test_a_view_shows_each_peak_in_its_column() -> None:
    samples = np.zeros(100_000, np.float32)
    samples[[5_000, 61_000]] = 0.9, -0.7
    media = ArrayMedia(samples)
    peaks = of_media(media, RATE)
    view = peaks.view(0, 100_000, 100)
    assert view.shape == (100, 1, 3)
    assert view[[5, 61], 0] == pytest.approx(np.array([[0, 0.9, 0.9 / 16], [-0.7, 0, 0.7 / 16]]), abs=0.04)
    assert set(np.flatnonzero(np.abs(view[:, 0]).max(axis=1))) <= {4, 5, 6, 60, 61, 62}  # a bin may lie across two
    outside = peaks.view(-50_000, 150_000, 200)
    assert set(np.flatnonzero(outside[:, 0, 1])) & {55}
    assert not outside[:50].any()
    assert not outside[151:].any()
    assert not peaks.view(200_000, 300_000, 10).any()
    fine = of_samples(media, 4_990, 5_010, 20)
    assert np.flatnonzero(fine[:, 0, 1]).tolist() == [10]


def test_what_a_killed_process_left_on_the_disk_goes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with DecodedSource(lambda _: (b"", ""), RATE) as opened:
        folder = opened._folder.parent
        killed = subprocess.Popen([sys.executable, "-c", ""])
        killed.wait()
        (folder / f"{killed.pid}-abc").mkdir()
        (folder / f"{killed.pid}-abc" / "0.0").write_bytes(bytes(1000))
        (folder / "something else").mkdir()
        with DecodedSource(lambda _: (b"", ""), RATE) as another:
            assert another._folder.parent == folder
            assert not (folder / f"{killed.pid}-abc").exists()
            assert opened._folder.exists()
    assert [path.name for path in folder.iterdir()] == ["something else"]


def test_damaged_peaks_are_refused() -> None:
    data = of_media(ArrayMedia(np.ones(5000, np.float32)), RATE).to_bytes()
    for bad in (b"", data[:10], data[:40], b"\x09" + data[1:], data[:30] + b"\0" * 30):
        with pytest.raises(SoundError, match="made again"):
            Peaks.from_bytes(bad)
