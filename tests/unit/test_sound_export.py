"""Sound as files: what is in them, what they say about themselves, and what happens when they cannot be written."""

from __future__ import annotations

import errno
import io
import json
import shutil
import subprocess
from dataclasses import replace
from io import FileIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import soundfile
from PIL import Image
from sound_kit import noise
from test_sound_measures import sine, speechlike
from test_sound_source import encoded, film, tone

from studio.project.inspect import inspect_file
from studio.project.rows import ResultRow
from studio.project.sound import (
    Arrangement,
    Label,
    SoundError,
    captions,
    edits,
    exporting,
    importing,
    midi,
    tags,
    whole,
)
from studio.project.sound.exporting import Cancelled, ExportOptions, bounce, export_mix, export_stems
from studio.project.sound.loudness import measure
from studio.project.sound.media import ArrayMedia, ArraySource
from studio.project.sound.mixer import Mixer
from studio.project.sound.score import Note, Part, Score
from studio.project.sound.tags import Tags

RATE = 48000
TAGS = Tags("Über “Stars”", "Ada", "2026", {"params": {"prompt": "höhere Töne", "seed": 7}}, "model")


def quiet(*channels: np.ndarray) -> ArrayMedia:
    return ArrayMedia(*(np.ascontiguousarray(c, np.float32) for c in channels))


@pytest.fixture
def source() -> ArraySource:
    speech = speechlike(4) * 0.5
    return ArraySource({"a": quiet(speech[:, 0], speech[:, 1]), "b": quiet(*(
        c * 0.2 for c in noise(1, 3.0, rate=RATE).read(0, RATE * 3))), "loud": quiet(sine(1, 6)[:, 0])}, RATE)


@pytest.fixture
def made() -> Arrangement:
    arrangement, track = edits.add_track(Arrangement(), "voice", "Ada: one/two")
    arrangement, _ = edits.add_clip(arrangement, track, 0.5, edits.Piece("a", "", 4.0))
    arrangement, other = edits.add_track(arrangement)
    arrangement, _ = edits.add_clip(arrangement, other, 1.0, edits.Piece("b", "", 3.0))
    return edits.set_track(arrangement, other, pan=0.3, gain=-4.0)


def mix(made: Arrangement, source: ArraySource) -> np.ndarray:
    mixer = Mixer(made, source)
    return mixer.read(0, mixer.frames)


@pytest.mark.parametrize(("ending", "depth", "tolerance"), [
    (".wav", "16", 6e-5), (".wav", "24", 2e-7), (".wav", "float", 0), (".flac", "16", 6e-5), (".flac", "24", 2e-7),
    (".ogg", "16", 0.25), (".mp3", "16", 0.2)])
def test_every_format_holds_the_mix_and_its_tags(tmp_path: Path, made: Arrangement, source: ArraySource, ending: str,
                                                 depth: str, tolerance: float) -> None:
    path, again = tmp_path / f"mix{ending}", tmp_path / f"again{ending}"
    shares: list[float] = []
    done = export_mix(made, source, path, ExportOptions(depth, tags=TAGS), progress=shares.append)
    export_mix(made, source, again, ExportOptions(depth, tags=TAGS))
    assert path.read_bytes() == again.read_bytes()  # the same again, dice or not
    wanted = mix(made, source)
    heard, rate = soundfile.read(path, dtype="float32")
    assert rate == RATE
    if ending == ".mp3":
        assert abs(len(heard) - len(wanted)) < 3000
        assert np.sqrt((heard ** 2).mean()) == pytest.approx(np.sqrt((wanted ** 2).mean()), rel=0.1)
    else:
        assert heard.shape == wanted.shape
        assert np.abs(heard - wanted).max() <= tolerance
    assert (shares[-1], done.notes, done.seconds) == (1.0, (), len(wanted) / RATE)
    assert shares == sorted(shares)
    said = tags.read(path)
    assert (said["title"], said["artist"], said["date"]) == (TAGS.title, "Ada", "2026")
    assert json.loads(said["comment"]) == TAGS.recipe
    assert said["source_type"].endswith("trainedAlgorithmicMedia")
    seen = inspect_file(path)
    assert (seen["kind"], seen["recipe"], seen["marks"]["title"]) == ("audio", TAGS.recipe, TAGS.title)
    assert seen["marks"]["digital_source_type"] == said["source_type"]
    assert sorted(p.name for p in tmp_path.iterdir()) == sorted((path.name, again.name))


@pytest.mark.parametrize("ending", exporting.ENDINGS)
def test_other_programs_read_file_and_tags(tmp_path: Path, made: Arrangement, source: ArraySource, ending: str) -> None:
    path = tmp_path / f"mix{ending}"
    export_mix(made, source, path, ExportOptions(tags=TAGS))
    with av.open(str(path)) as container:
        found = {k.lower(): v for k, v in {**container.metadata, **container.streams.audio[0].metadata}.items()}
        frames: Any = sum(frame.samples for frame in container.decode(audio=0))
    assert found["title"] == TAGS.title
    assert json.loads(found["comment"]) == TAGS.recipe
    assert abs(frames - 4.5 * RATE) < 4000
    if ending != ".wav":
        assert found["digitalsourcetype"].endswith("trainedAlgorithmicMedia")
    if shutil.which("ffmpeg"):
        ran = subprocess.run(["ffmpeg", "-v", "error", "-i", str(path), "-f", "null", "-"], capture_output=True,
                             text=True, check=True)
        assert ran.stderr == ""


def test_a_very_long_recipe_and_none(tmp_path: Path, made: Arrangement, source: ArraySource) -> None:
    long = Tags("T", recipe={"params": {"prompt": "word " * 40_000}}, source="both")
    for ending in exporting.ENDINGS:
        path = tmp_path / f"long{ending}"
        export_mix(made, source, path, ExportOptions(tags=long))
        assert json.loads(tags.read(path)["comment"]) == long.recipe
        assert abs(soundfile.info(path).frames - 4.5 * RATE) < 3000
        export_mix(made, source, path, ExportOptions())
        assert tags.read(path) == {}
    assert tags.read(tmp_path / "nothing") == {}
    for name, data in (("id3", b"ID3\4\0\0\0\0\1\0"), ("riff", b"RIFF\0\0\0\0WAVELIST"), ("flac", b"fLaC\4"),
                       ("ogg", b"OggS" + b"\0" * 40)):
        (tmp_path / name).write_bytes(data)
        assert tags.read(tmp_path / name) == {}


def test_the_loudness_target_is_met_by_another_measure(tmp_path: Path, made: Arrangement, source: ArraySource) -> None:
    path = tmp_path / "mix.wav"
    done = export_mix(made, source, path, ExportOptions("24", loudness=-23.0))
    heard, _ = soundfile.read(path, dtype="float32")
    assert measure([heard], RATE).integrated == pytest.approx(-23, abs=0.1)
    assert done.loudness is not None
    assert done.gain == pytest.approx(-23 - done.loudness.integrated)
    if shutil.which("ffmpeg"):
        ran = subprocess.run(["ffmpeg", "-nostats", "-i", str(path), "-filter_complex", "ebur128", "-f", "null", "-"],
                             capture_output=True, text=True, check=True)
        summary = ran.stderr[ran.stderr.rfind("Summary"):]
        assert float(summary.split("I:")[1].split()[0]) == pytest.approx(-23, abs=0.1)
    loud = export_mix(made, source, path, ExportOptions(loudness=-1.0))
    assert "peaks allow" in loud.notes[0]
    heard, _ = soundfile.read(path, dtype="float32")
    assert measure([heard], RATE).true_peak == pytest.approx(-1, abs=0.1)


def test_dither_turns_distortion_into_noise(tmp_path: Path) -> None:
    soft = 10 ** (-95 / 20) * np.sin(2 * np.pi * 1000 * np.arange(RATE) / RATE)  # less than one step of 16 bits
    made, track = edits.add_track(Arrangement())
    made, _ = edits.add_clip(made, track, 0, edits.Piece("s", "", 1.0))
    source, path = ArraySource({"s": quiet(soft)}, RATE), tmp_path / "a.wav"
    strength = {}
    for seed in (None, 1):
        export_mix(made, source, path, ExportOptions(dither=seed))
        heard, _ = soundfile.read(path)
        strength[seed] = 2 * abs(np.fft.rfft(heard[:, 0])[1000]) / RATE
    assert strength[1] == pytest.approx(10 ** (-95 / 20), rel=0.25)
    assert abs(strength[None] - 10 ** (-95 / 20)) > abs(strength[1] - 10 ** (-95 / 20))


def test_a_selection_stems_and_a_bounce(tmp_path: Path, made: Arrangement, source: ArraySource) -> None:
    whole = mix(made, source)
    export_mix(made, source, tmp_path / "part.wav", ExportOptions("float"), start=1.0, end=2.0)
    part, _ = soundfile.read(tmp_path / "part.wav", dtype="float32")
    assert np.array_equal(part, whole[RATE:2 * RATE])
    bounced = bounce(made, source, 1.0, 2.0)[0]
    assert np.array_equal(bounced, part)
    for samples, kind, tolerance in ((bounced, "audio/flac", 2e-7), (bounced * 9, "audio/wav", 0)):
        data, media_type = exporting.encode(samples, RATE)
        assert media_type == kind
        assert np.abs(soundfile.read(io.BytesIO(data), dtype="float32")[0] - samples).max() <= tolerance
    stems = export_stems(made, source, tmp_path / "stems", ".wav", ExportOptions("float", loudness=-9))
    assert [one.path.name for one in stems] == ["01 Ada_ one_two.wav", "02 Music.wav"]
    total = sum(soundfile.read(one.path, dtype="float32")[0] for one in stems)
    assert np.abs(total - whole).max() < 1e-6
    slower = export_mix(made, source, tmp_path / "slow.wav", ExportOptions(rate=22050))
    assert soundfile.info(slower.path).frames == round(4.5 * 22050)


def test_clipping_and_damaged_recordings_are_said(tmp_path: Path, made: Arrangement, source: ArraySource) -> None:
    loud, track = edits.add_track(Arrangement())
    loud, _ = edits.add_clip(loud, track, 0, edits.Piece("loud", "", 1.0))
    loud, _ = edits.add_clip(loud, track, 1, edits.Piece("gone", "", 1.0))
    done = export_mix(loud, source, tmp_path / "a.wav")
    assert "louder than full scale" in done.notes[0]
    assert "no longer in the project" in done.notes[1]
    done = export_mix(loud, source, tmp_path / "a.wav", ExportOptions("float"))
    assert len(done.notes) == 1
    assert np.abs(soundfile.read(tmp_path / "a.wav")[0]).max() > 1.9


def test_what_cannot_be_written_is_one_sentence_and_leaves_nothing(
        tmp_path: Path, made: Arrangement, source: ArraySource, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "mix.wav"
    kept.write_bytes(b"old")
    for path, options, said in (
            (tmp_path / "a.doc", ExportOptions(), "cannot be written as"),
            (tmp_path / "gone" / "a.wav", ExportOptions(), "does not exist"),
            (tmp_path / "a.flac", ExportOptions("float"), "cannot have a depth"),
            (tmp_path / "a.wav", ExportOptions(loudness=5), "loudness target"),
            (tmp_path / "a.mp3", ExportOptions(rate=96000), "at most 48,000 Hz")):
        with pytest.raises(SoundError, match=said):
            export_mix(made, source, path, options)
    with pytest.raises(SoundError, match="nothing to export"):
        export_mix(Arrangement(), source, kept)
    with pytest.raises(SoundError, match="nothing to export"):
        export_stems(Arrangement(), source, tmp_path)
    with pytest.raises(Cancelled):
        export_mix(made, source, kept, stopped=lambda: True)

    class Full(exporting._Disk):
        def write(self, data: bytes) -> int:
            self._error = OSError(errno.ENOSPC, "No space left on device")
            return 0

    monkeypatch.setattr(exporting, "_Disk", Full)
    for ending in exporting.ENDINGS:
        with pytest.raises(SoundError, match="disk is full"):
            export_mix(made, source, tmp_path / f"mix{ending}")
    assert [p.name for p in tmp_path.iterdir()] == ["mix.wav"]
    assert kept.read_bytes() == b"old"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full disk here")
def test_a_really_full_disk_is_noticed(tmp_path: Path, made: Arrangement, source: ArraySource,
                                       monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(exporting._Disk):
        def __init__(self, path: Path) -> None:
            super().__init__(path)
            self._file.close()
            self._file = FileIO("/dev/full", "r+")

    monkeypatch.setattr(exporting, "_Disk", Full)
    with pytest.raises(SoundError, match="disk is full"):
        export_mix(made, source, tmp_path / "a.wav")
    assert list(tmp_path.iterdir()) == []


# ---------------------------------------------------------------- import

class Media(dict[str, bytes]):
    def keep(self, data: bytes, media_type: str) -> str:
        self[f"m{len(self)}"] = data
        return f"m{len(self) - 1}"


def test_files_of_every_kind_are_taken_in(tmp_path: Path) -> None:
    media = Media()
    (tmp_path / "a.mp3").write_bytes(encoded(tone(1, 44100), 44100, "MP3"))
    (tmp_path / "b.mp4").write_bytes(film(1.0, 44100))
    (tmp_path / "c.wav").write_bytes(encoded(tone(0.5, 8000, 8), 8000))
    song = importing.bring(tmp_path / "a.mp3", media.keep)
    assert media["m0"] == (tmp_path / "a.mp3").read_bytes()
    assert (song.pieces[0].media_type, song.pieces[0].name) == ("audio/mpeg", "a")
    assert song.pieces[0].length == pytest.approx(1, abs=0.1)
    of_film = importing.bring(tmp_path / "b.mp4", media.keep)
    assert media["m1"][:4] == b"fLaC"  # of a film only the sound is kept
    assert of_film.pieces[0].length == pytest.approx(1, abs=0.1)
    eight = importing.bring(tmp_path / "c.wav", media.keep)
    assert eight.pieces[0].length == 0.5
    assert "8 channels" in eight.notes[0]


def test_long_recordings_come_in_parts_that_go_on_in_each_other(
        tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "LONGEST", 2)
    monkeypatch.setattr(importing, "PART", 1)
    media, path = Media(), tmp_path / "long.wav"
    path.write_bytes(encoded(tone(3.5, 8000, 2), 8000, "WAV", "PCM_24"))
    brought = importing.bring(path, media.keep)
    assert [piece.length for piece in brought.pieces] == [1, 1, 1, 0.5]
    assert "taken in as 4 clips" in brought.notes[0]
    parts = [soundfile.read(tmp_path / "p", dtype="float32")[0] for data in media.values()
             if (tmp_path / "p").write_bytes(data)]
    assert np.abs(np.concatenate(parts) - tone(3.5, 8000, 2)).max() < 3e-7
    with pytest.raises(Cancelled):
        importing.bring(path, media.keep, stopped=lambda: True)


def test_what_a_model_made_is_still_known_after_it_was_taken_in_again(
        tmp_path: Path, made: Arrangement, source: ArraySource) -> None:
    def unknown(_: str) -> Any:
        raise KeyError

    def of(*pieces: Any, **more: Any) -> dict[str, Any]:
        arrangement, track = edits.add_track(Arrangement(), "voice")
        for piece in pieces:
            arrangement, _ = edits.add_clip(arrangement, track, 0.0, piece, **more)
        return whole.origin_of(arrangement, unknown)

    media = Media()
    for ending in exporting.ENDINGS:
        export_mix(made, source, tmp_path / f"model{ending}", ExportOptions(tags=TAGS))
        (model,) = importing.bring(tmp_path / f"model{ending}", media.keep).pieces
        assert of(model) == {"source": "model", "recipe": TAGS.recipe}
    (tmp_path / "mine.wav").write_bytes(encoded(tone(1, RATE), RATE))
    (mine,) = importing.bring(tmp_path / "mine.wav", media.keep).pieces
    assert of(mine) == {"source": "person"}
    assert of(mine, model) == {"source": "both", "recipe": TAGS.recipe}
    assert of(mine, recipe={"rendered": "s1"}) == {"source": "person"}  # notes of a person, played by a soundfont
    assert of(mine, recipe={"voice": "Heart"}) == {"source": "model", "recipe": {"voice": "Heart"}}
    tool = ResultRow("r", 0.0, "audio", "m", "audio/wav", "sound.denoise", "Denoise", "", None, {"params": {}}, {}, "",
                     0, False, 0, None, "")
    arrangement, track = edits.add_track(Arrangement(), "voice")
    arrangement, _ = edits.add_clip(arrangement, track, 0.0, edits.Piece("m", "", 1.0, result="r"))
    assert whole.origin_of(arrangement, lambda _: tool)["source"] == "both"


def test_a_recipe_in_a_file_that_cannot_be_read_is_left_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, media = tmp_path / "deep.wav", Media()
    for text in ("[" * 100_000, "{", "[1]"):
        path.write_bytes(encoded(tone(1, RATE), RATE))
        with monkeypatch.context() as patched:
            patched.setattr(Tags, "recipe_text", lambda _, text=text: text)
            tags.apply(path, ".wav", Tags(source="model"))
        assert tags.read(path)["comment"] == text
        assert importing.bring(path, media.keep).pieces[0].origin == {"source": "model"}


def test_each_file_tells_only_of_what_is_heard_in_it(tmp_path: Path, made: Arrangement, source: ArraySource) -> None:
    ada, other = (track.id for track in made.tracks)
    voice = made.on(ada)[0]
    made = made.replace_clips(voice.with_(recipe={"voice": "Heart"}))

    def origin(arrangement: Arrangement, **more: Any) -> str:
        return str(whole.origin_of(arrangement, {}.__getitem__, **more)["source"])

    assert origin(made) == "both"
    assert origin(edits.set_track(made, ada, mute=True)) == "person"
    assert origin(edits.set_track(made, ada, solo=True)) == "model"
    assert origin(made, span=(0.0, 0.9)) == "model"  # the other begins at 1
    export_stems(made, source, tmp_path / "stems", origin=lambda track: whole.origin_of(
        made, {}.__getitem__, tracks=[track]))
    told = [tags.read(path)["source_type"].rpartition("/")[2] for path in sorted((tmp_path / "stems").iterdir())]
    assert told == ["trainedAlgorithmicMedia", "digitalCreation"]
    assert origin(made, tracks=[other]) == "person"


def test_notes_without_sound_are_not_left_out_without_a_word(tmp_path: Path, made: Arrangement,
                                                             source: ArraySource) -> None:
    made, track = edits.add_track(made, "notes")
    for start, name in ((1.0, "Tune"), (1.5, "Bass")):
        made, _ = edits.add_clip(made, track, start, edits.Piece("", "", 2.0, name=name, score="s"))
    said = ("The notes of “Tune” and of 1 more have no sound yet and are silent; open the document in Sound first, "
            "where they are played.")
    assert export_mix(made, source, tmp_path / "a.wav").notes == (said,)
    assert export_mix(made, source, tmp_path / "a.wav", end=1.0).notes == ()
    assert export_mix(edits.set_track(made, track, mute=True), source, tmp_path / "a.wav").notes == ()


def test_what_is_louder_than_full_scale_is_kept_or_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    media = Media()
    (tmp_path / "a.wav").write_bytes(encoded(tone(1, RATE) * 4, RATE, "WAV", "FLOAT"))
    kept = importing.bring(tmp_path / "a.wav", media.keep)
    assert media[kept.pieces[0].media] == (tmp_path / "a.wav").read_bytes()
    assert kept.notes == ()
    monkeypatch.setattr(importing, "LARGEST", 1000)  # larger ones become FLAC, which holds no more than full scale
    assert importing.bring(tmp_path / "a.wav", media.keep).notes == (
        "Some of a.wav is louder than full scale and was cut off there; make it softer in the program that it comes "
        "from.",)


def test_scores_and_captions_are_taken_in(tmp_path: Path) -> None:
    media = Media()
    score = Score((Part("Melody", 5, notes=(Note(0, 60, 480), Note(480, 62, 480))),))
    (tmp_path / "tune.mid").write_bytes(midi.write(score))
    (tmp_path / "film.srt").write_text(captions.write([Label("x", 1, 2, "Hello.")], ".srt"))
    tune = importing.bring(tmp_path / "tune.mid", media.keep)
    assert tune.score == replace(score, parts=tune.score.parts if tune.score else ())
    assert (tune.pieces[0].score, tune.pieces[0].media, tune.pieces[0].length) == ("m0", "", 1.0)
    assert importing.bring(tmp_path / "film.srt", media.keep).labels[0].text == "Hello."


def silent_film() -> bytes:
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as container:
        stream: Any = container.add_stream("mpeg4", rate=5)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        image = av.VideoFrame.from_ndarray(np.full((48, 64, 3), 99, np.uint8), format="rgb24")
        container.mux([*stream.encode(image), *stream.encode(None)])
    return out.getvalue()


def test_bad_files_are_one_sentence(tmp_path: Path) -> None:
    media = Media()
    (tmp_path / "a.wav").write_bytes(b"no sound")
    (tmp_path / "b.wav").write_bytes(encoded(tone(0, 8000), 8000))
    (tmp_path / "c.mid").write_bytes(midi.write(Score()))
    for name, said in (("a.wav", "damaged or not sound"), ("b.wav", "is empty"), ("c.mid", "no notes"),
                       ("gone.wav", "no file gone.wav"), (".", "no file")):
        with pytest.raises(SoundError, match=said):
            importing.bring(tmp_path / name, media.keep)
    (tmp_path / "d.mp4").write_bytes(silent_film())
    Image.new("RGB", (20, 20)).save(tmp_path / "e.png")
    for name in ("d.mp4", "e.png"):
        with pytest.raises(SoundError, match=rf"^There is no sound in {name}; choose a file that has some\.$"):
            importing.bring(tmp_path / name, media.keep)
    assert media == {}
