"""Captions out of words with times, and sound in other formats."""

from __future__ import annotations

import io
import itertools
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given
from hypothesis import strategies as st

from studio.project import ProjectError, soundfiles
from studio.project.captions import LINE, captioned, captions, srt, vtt
from studio.project.export import export_result
from studio.project.rows import ResultRow
from studio.project.sound import tags


def words(text: str, each: float = 0.4, start: float = 0.0) -> list[dict[str, Any]]:
    return [{"text": word, "start": start + n * each, "end": start + (n + 1) * each - 0.05}
            for n, word in enumerate(text.split())]


def test_words_become_captions_at_sentences_and_pauses() -> None:
    meta = {"words": [*words("Dr. Hall came late. Nobody saw him."), *words("Then it rained", start=9)]}
    made = captions(meta)
    assert [c.text for c in made] == ["Dr. Hall came late.", "Nobody saw him.", "Then it rained"]
    assert (made[0].start, made[0].end) == pytest.approx((0, 1.55))
    assert made[2].start == 9


def test_formats() -> None:
    meta = {"words": words("a < b & c", start=3725.5), "language": "en"}
    lines = captions(meta)
    assert srt(lines) == "1\n01:02:05,500 --> 01:02:07,450\na < b & c\n"
    assert vtt(lines) == "WEBVTT\n\n01:02:05.500 --> 01:02:07.450\na &lt; b &amp; c\n"
    assert json.loads(captioned("a", meta, ".json") or "")["language"] == "en"
    assert captioned("a", meta, ".txt") is None
    assert captioned("a", {}, ".srt") is None


def test_segments_and_spoken_sentences_serve_too() -> None:
    part = {"text": "Hello there.", "start": 1, "end": 2}
    for name in ("segments", "sentences"):
        assert "Hello there." in (captioned("", {name: [part]}, ".vtt") or "")


@pytest.mark.parametrize("bad", [None, 5, [5], [{"text": "a"}], [{"text": "a", "start": "x", "end": 1}],
                                 [{"text": "", "start": 0, "end": 1}],
                                 [{"text": "a", "start": float("nan"), "end": 1}]])
def test_what_is_no_time_is_left_out(bad: Any) -> None:
    assert captions({"words": bad}) == []


@given(st.lists(st.text("abcdefghij.,!", min_size=1, max_size=14), min_size=1, max_size=80))
def test_captions_are_short_and_whole(parts: list[str]) -> None:
    made = captions({"words": words(" ".join(parts))})
    assert " ".join(c.text for c in made).split() == " ".join(parts).split()
    assert all(len(line) <= LINE and c.text.count("\n") < 3 for c in made for line in c.text.split("\n"))
    assert all(a.end <= b.start for a, b in itertools.pairwise(made))
    assert all(c.end - c.start <= 7 for c in made)


def wav(rate: int = 24000, channels: int = 1, subtype: str = "PCM_16") -> bytes:
    wave = 0.3 * np.sin(np.arange(rate // 2) * 2 * np.pi * 440 / rate)
    buffer = io.BytesIO()
    soundfile.write(buffer, np.repeat(wave[:, None], channels, axis=1), rate, format="WAV", subtype=subtype)
    return buffer.getvalue()


def row(kind: str = "audio", media_type: str = "audio/wav", meta: dict[str, Any] | None = None) -> ResultRow:
    return ResultRow(id="", created=0.0, kind=kind, media="0" * 64, media_type=media_type, generator="speech.hibari",
                     title="Hibari", prompt="Good  morning", seed=1, recipe={"seed": 1}, meta=meta or {}, batch="",
                     index=0, starred=False, liked=0, deleted=None, text_preview="")


@pytest.mark.parametrize(("ending", "kind"), [(".wav", "WAV"), (".flac", "FLAC"), (".ogg", "OGG"), (".mp3", "MP3"),
                                              (".FLAC", "FLAC")])
def test_sound_in_other_formats_keeps_its_title_and_recipe(tmp_path: Path, ending: str, kind: str) -> None:
    path = export_result(row(), wav(), tmp_path / f"a{ending}")
    with soundfile.SoundFile(path) as file:
        assert (file.format, file.samplerate, file.title) == (kind, 24000, "Good morning")
        assert json.loads(file.comment)["seed"] == 1
        assert len(file.read()) == pytest.approx(12000, abs=1200)
    assert tags.read(path)["source_type"].endswith("/trainedAlgorithmicMedia")
    assert export_result(row(), wav(), tmp_path / f"c{ending}").read_bytes() == path.read_bytes()
    assert (tmp_path / f"a{ending}.recipe.json").is_file()
    bare = export_result(row(), wav(), tmp_path / f"b{ending}", metadata=False)
    with soundfile.SoundFile(bare) as file:
        assert not file.title
        assert not file.comment
    assert not (tmp_path / f"b{ending}.recipe.json").exists()


def test_a_wav_stays_as_it_is_to_the_sample(tmp_path: Path) -> None:
    path = export_result(row(), wav(), tmp_path / "a.wav")
    assert (soundfile.read(path)[0] == soundfile.read(io.BytesIO(wav()))[0]).all()
    assert tags.read(path)["title"] == "Good morning"
    assert json.loads(tags.read(path)["comment"])["seed"] == 1
    assert export_result(row(), b"no wav", tmp_path / "b.wav").read_bytes()[:6] == b"no wav"
    assert export_result(row(), wav(), tmp_path / "c.wav", metadata=False).read_bytes() == wav()
    assert export_result(row(), wav(), tmp_path / "a").name == "a.wav"


def test_24_bits_are_kept_and_mp3_gets_a_rate_that_it_has() -> None:
    assert soundfile.info(io.BytesIO(soundfiles.converted(wav(subtype="PCM_24"), ".flac"))).subtype == "PCM_24"
    assert soundfile.info(io.BytesIO(soundfiles.converted(wav(96000), ".mp3"))).samplerate == 48000


def test_what_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ProjectError, match=r"^Sound is exported as \.wav, \.flac, \.ogg, \.mp3, not as “\.xyz”"):
        export_result(row(), wav(), tmp_path / "a.xyz")
    with pytest.raises(ProjectError, match="MP3 has two channels at most"):
        soundfiles.converted(wav(channels=6), ".mp3")
    with pytest.raises(ProjectError, match="could not be written as"):
        soundfiles.converted(b"no sound", ".ogg")
    with pytest.raises(ProjectError, match=r"This text has no times, which \.srt needs; write it as \.txt"):
        export_result(row("text", "text/plain"), b"a", tmp_path / "a.srt")
    assert not list(tmp_path.iterdir())


def test_a_transcript_as_captions(tmp_path: Path) -> None:
    made = row("text", "text/plain", {"words": words("Good morning to you.")})
    assert "Good morning to you." in export_result(made, b"Good morning to you.", tmp_path / "a.srt").read_text()
    assert export_result(made, b"Good morning", tmp_path / "a.txt").read_text() == "Good morning"


def test_the_command_knows_the_formats_before_anything_is_made() -> None:
    from studio.cli.output import CommandError
    from studio.cli.outputs import Destination

    Destination("x.OGG", several=False).check("audio")
    with pytest.raises(CommandError, match=r"^Sound is written as \.wav, \.flac, \.ogg, \.mp3, not as \.aac\.$"):
        Destination("x.aac", several=False).check("audio")


def test_speech_and_music_are_kinds() -> None:
    from types import SimpleNamespace as Some

    from studio.cli.generate import _is_kind

    speech, denoise = Some(id="speech.hibari", produces="audio"), Some(id="sound.denoise", produces="audio")
    assert _is_kind(speech, "speech")
    assert _is_kind(speech, "audio")
    assert not _is_kind(denoise, "speech")
    assert _is_kind(Some(id="music.transformer", produces="score"), "music")
