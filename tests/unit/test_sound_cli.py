"""Sound in `studio project import` and `export`, and scores as MusicXML."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from test_sound_score import scores
from test_sound_source import encoded, tone

from studio.cli import main
from studio.cli.documents import SOUND_IN
from studio.project import Project
from studio.project.check import check
from studio.project.sound import TempoMap, captions, importing, midi, musicxml, tags
from studio.project.sound.loudness import measure
from studio.project.sound.score import TICKS, Note, Part, Score
from studio.project.sound.values import Label

RATE = 48000


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, list[dict[str, Any]], str]:
    code = main([*map(str, arguments), "--json"])
    captured = capsys.readouterr()
    return code, [json.loads(line) for line in captured.out.splitlines()], captured.err


def tune() -> Score:
    melody = Part("Melody", 40, notes=tuple(Note(n * 240, 60 + n, 240) for n in range(12)))
    return Score((melody, Part("Bass", 32, notes=(Note(0, 40, 1440), Note(1440, 43, 1440)))), TempoMap.constant(90, 3,
                 4), -1, True, "Waltz")


def test_sound_goes_in_and_comes_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, wave, song = tmp_path / "p.pieria", tmp_path / "one.wav", tmp_path / "two.mp3"
    wave.write_bytes(encoded(tone(2, RATE, 2), RATE))
    song.write_bytes(encoded(tone(1.5, 44100), 44100, "MP3"))
    code, said, _ = run(capsys, "project", "import", project, wave, song, "--title", "Mine")
    assert (code, said[0]["tracks"], said[0]["clips"], said[-1]) == (0, 2, 2, {"event": "done"})
    mix, stems = tmp_path / "mix.wav", f"{tmp_path / 'stems'}/"
    code, said, _ = run(capsys, "project", "export", project, "-o", mix, "--loudness", -16, "--depth", "24")
    heard, _ = soundfile.read(mix, dtype="float32")
    assert measure([heard], RATE).integrated == pytest.approx(-16, abs=0.1)
    assert said[0]["loudness"] == pytest.approx(-16, abs=0.01)
    assert tags.read(mix)["title"] == "Mine"
    assert tags.read(mix)["source_type"].endswith("digitalCreation")
    code, said, _ = run(capsys, "project", "export", project, "-o", stems, "--no-metadata")
    names = sorted(path.name for path in Path(stems).iterdir())
    assert names == ["01 one.wav", "02 two.wav"]
    first, _ = soundfile.read(Path(stems, names[0]))
    assert np.abs(first[:RATE] - tone(2, RATE, 2)[:RATE]).max() < 1e-4
    assert tags.read(Path(stems, names[0]))["title"] == "one"
    assert check(project).ok


def test_notes_and_captions_go_in_and_come_out(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, score = tmp_path / "p.pieria", tune()
    (tmp_path / "waltz.mid").write_bytes(midi.write(score))
    (tmp_path / "film.srt").write_text(captions.write([Label("x", 1, 2, "Hello.")], ".srt"))
    assert run(capsys, "project", "import", project, tmp_path / "waltz.mid", "--title", "Music")[0] == 0
    code, said, _ = run(capsys, "project", "import", project, tmp_path / "film.srt", "--document", "Music")
    assert (code, said[0]["labels"], said[0]["clips"]) == (0, 1, 1)
    for name in ("out.mid", "out.musicxml", "out.srt", "out.vtt"):
        code, said, _ = run(capsys, "project", "export", project, "-o", tmp_path / name)
        assert code == 0, name
    assert (tmp_path / "out.mid").read_bytes() == (tmp_path / "waltz.mid").read_bytes()
    assert b"<work-title>Waltz" in (tmp_path / "out.musicxml").read_bytes()
    assert captions.read_file(tmp_path / "out.vtt")[0].text == "Hello."
    with Project.open(project, read_only=True) as opened:
        assert opened.sound(opened.documents("sound")[0].id).tempo.bpm_at(0) == 90


def test_what_is_wrong_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    project, bad = tmp_path / "p.pieria", tmp_path / "bad.wav"
    bad.write_bytes(b"no sound")
    Project.create(project).close()
    for arguments, said in (
            (("import", project, bad), "damaged or not sound"), (("import", project, tmp_path / "gone.mp3"), "no file"),
            (("export", project, "-o", tmp_path / "a.wav"), "no sound document")):
        code, _, err = run(capsys, "project", *arguments)
        assert code != 0
        assert said in err
    with Project.open(project) as opened:
        opened.add_document("sound", "A").result()
        opened.add_document("sound", "B").result()
    for more, said in (((), "name one with --document"), (("--document", "C"), "no sound document called"),
                       (("--document", "A"), "nothing to export")):
        code, _, err = run(capsys, "project", "export", project, "-o", tmp_path / "a.wav", *more)
        assert code != 0
        assert said in err
    for name in ("a.mid", "a.srt", "stems/"):
        assert run(capsys, "project", "export", project, "-o", f"{tmp_path}/{name}", "--document", "A")[0] != 0


def test_the_command_knows_every_kind_that_is_read() -> None:
    assert frozenset(importing.READS) == SOUND_IN


# ---------------------------------------------------------------- MusicXML

def read_back(data: bytes) -> Any:
    music21 = pytest.importorskip("music21", reason="music21 is not installed")
    return music21.converter.parseData(data.decode(), format="musicxml")


def sounding(part: Any) -> list[tuple[float, int, float]]:
    """Onset, pitch and length in quarters, ties joined."""
    found = []
    for element in part.flatten().stripTies().notes:
        found += [(float(element.offset), pitch.midi, float(element.quarterLength)) for pitch in element.pitches]
    return sorted(found)


def test_another_program_reads_the_score() -> None:
    score = tune()
    back = read_back(musicxml.write(score))
    assert back.metadata.title == "Waltz"
    for part, wanted in zip(back.parts, score.parts, strict=True):
        assert part.partName == wanted.name
        assert sounding(part) == [(n.start / TICKS, n.pitch, n.length / TICKS) for n in wanted.notes]
    first = back.parts[0]
    assert first.flatten().getTimeSignatures()[0].ratioString == "3/4"
    assert (first.flatten().keySignature.sharps, first.flatten().keySignature.mode) == (-1, "minor")
    assert back.parts[1].flatten().clef.sign == "F"
    assert len(first.getElementsByClass("Measure")) == score.bars


def test_ties_triplets_chords_rests_and_voices() -> None:
    notes = [Note(0, 60, TICKS * 5), Note(0, 64, TICKS * 5), Note(TICKS, 72, TICKS // 2), *(
        Note(TICKS * 2 + n * 160, 74 + n, 160) for n in range(3)), Note(TICKS * 9, 67, 120), Note(TICKS * 9 + 120, 69,
        840)]
    score = Score((Part("Piano").with_notes(notes),), TempoMap.constant(100).with_metre(1, 3, 4))
    data = musicxml.write(score)
    part = read_back(data).parts[0]
    wanted = sorted((n.start / TICKS, n.pitch, n.length / TICKS) for n in notes)
    for bar in part.getElementsByClass("Measure"):
        total = {voice.id: sum(float(e.quarterLength) for e in voice.notesAndRests) for voice in bar.voices}
        length = float(bar.barDuration.quarterLength)
        assert all(abs(one - length) < 1e-6 for one in total.values()) or not total
    from music21 import stream
    found = []
    for element in part.voicesToParts().stripTies().flatten().notes if isinstance(part, stream.Part) else ():
        found += [(round(float(element.offset), 4), pitch.midi, round(float(element.quarterLength), 4))
                  for pitch in element.pitches]
    assert sorted(found) == [(round(a, 4), b, round(c, 4)) for a, b, c in wanted]
    assert data == musicxml.write(score)
    assert b"time-modification" in data


@settings(max_examples=25, deadline=None)
@given(scores())
def test_every_measure_of_every_voice_is_full(score: Score) -> None:
    from xml.etree import ElementTree as ET

    root = ET.fromstring(musicxml.write(score))
    assert len(root.findall("part")) == len(score.parts)
    for part in root.findall("part"):
        for bar, found in enumerate(part.findall("measure")):
            length = round(score.tempo.metre_at_bar(bar).quarters * musicxml.DIVISIONS)
            filled: dict[str, int] = {}
            for note in found.findall("note"):
                if note.find("chord") is None:
                    voice = note.findtext("voice") or ""
                    filled[voice] = filled.get(voice, 0) + int(note.findtext("duration") or 0)
            assert set(filled.values()) == {length}
