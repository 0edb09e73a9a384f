"""Composing: tasks on scores, what stays as it was, the same bytes again, and scores that are wrong."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import symusic
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plugins_builtin import music
from plugins_builtin.music import compose, sections, standard, words
from plugins_builtin.music import midi as files
from plugins_builtin.music import vocabulary as v
from plugins_builtin.music.piece import Piece
from plugins_builtin.music.symbolic import MusicLstm, MusicTransformer
from studio.plugins import Cancelled, Generator, GeneratorError, InputError, ModelFiles, Score
from studio.plugins.testing import RecordingContext
from tests.plugins import music_files as m

CLASSES = {"transformer": MusicTransformer, "lstm": MusicLstm}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("music")
    loaded = {}
    for kind, cls in CLASSES.items():
        loaded[kind] = cls()
        loaded[kind].load(RecordingContext({"model": m.model(kind, folder)}))
    return loaded


def run(generator: Any, ctx: RecordingContext | None = None, **params: Any) -> Score:
    return generator.run(generator.Params(**params), ctx or RecordingContext())


def notes(score: Score, track: int | None = None) -> list[tuple[int, ...]]:
    """(track, start, ticks, pitch, velocity) of all notes."""
    file = symusic.Score.from_midi(score.data)
    return [(number, n.time, n.duration, n.pitch, n.velocity) for number, t in enumerate(file.tracks)
            for n in t.notes if track in (None, number)]


@pytest.fixture(scope="module")
def tune(models: dict[str, Any]) -> Score:
    return run(models["transformer"], prompt="a waltz in D minor for flute and harp, 12 bars", seed=5)


def test_the_plugin_offers_its_generators_and_each_field_says_what_it_is_for() -> None:
    classes: list[type[Generator]] = music.studio_generators()
    assert {"music.transformer", "music.lstm", "music.render"} <= {cls.id for cls in classes}
    for cls in classes:
        for name, field in cls.Params.model_fields.items():
            assert field.description or name in ("seed", "prompt"), f"{cls.id}: {name}"


@pytest.mark.parametrize("kind", list(CLASSES))
@pytest.mark.parametrize("metre", ["2/4", "3/4", "4/4", "2/2", "3/2", "3/8", "6/8", "9/8", "12/8", "6/4"])
def test_bars_add_up_in_every_metre(models: dict[str, Any], kind: str, metre: str) -> None:
    ctx = RecordingContext()
    score = run(models[kind], ctx, metre=metre, bars=3, style="reel", texture="melody", seed=1)
    assert (score.meta["metre"], score.meta["bars"]) == (metre, 3)
    sheet = files.Sheet(score)
    assert len(sheet.bars) == 3
    voice = sheet.piece(0, 3).voices["melody"]
    assert all(a.start + a.ticks <= b.start for a, b in itertools.pairwise(voice))
    assert voice[-1].start + voice[-1].ticks == 3 * v.bar_ticks(metre)  # the last bar does not end in silence
    assert [p[:2] for p in ctx.steps] == [(1, 3), (2, 3), (3, 3)]


@pytest.mark.parametrize(("kind", "task"), [
    *[(kind, task) for kind in CLASSES for task in ("new", "continue", "vary", "fill")], ("transformer", "harmonise")])
def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(
    models: dict[str, Any], tune: Score, kind: str, task: str
) -> None:
    params = {"task": task, "bars": 4, "style": "jig", **({} if task == "new" else {"score": tune}),
              **({"first_bar": 3, "last_bar": 6} if task == "fill" else {})}
    made = [run(models[kind], seed=seed, **params) for seed in (1, 1, 2)]
    assert made[0].data == made[1].data
    assert made[0].data != made[2].data


@pytest.mark.parametrize("kind", list(CLASSES))
def test_filling_leaves_all_other_bars_as_they_are(models: dict[str, Any], tune: Score, kind: str) -> None:
    filled = run(models[kind], task="fill", score=tune, first_bar=5, last_bar=8, seed=9)
    bars = files.Sheet(tune).bars
    start, end = bars[4].start, bars[7].end
    outside = [n for n in notes(tune) if not start <= n[1] < end]
    assert [n for n in notes(filled) if not start <= n[1] < end] == outside
    inside = [n for n in notes(filled) if start <= n[1] < end]
    assert inside
    assert inside != [n for n in notes(tune) if start <= n[1] < end]
    assert all(n[1] + n[2] <= end for n in inside)
    was, now = symusic.Score.from_midi(tune.data), symusic.Score.from_midi(filled.data)
    assert (was.tempos, was.time_signatures, was.key_signatures) == (now.tempos, now.time_signatures,
                                                                     now.key_signatures)
    assert filled.meta["bars"] == tune.meta["bars"]


def test_filling_a_score_from_elsewhere_keeps_its_drums_and_its_other_bars(models: dict[str, Any]) -> None:
    piano = [*m.melody([60, 64, 67, 72] * 8, 240), (0, bytes([176, 64, 127]))]
    drums = m.melody([36, 38] * 16, 240, channel=9)
    held = [(0, bytes([0x91, 48, 70])), (480 * 20, bytes([0x81, 48, 0]))]
    score = Score(m.midi([[m.metre(4, 2), *piano], held, drums]))
    filled = run(models["transformer"], task="fill", score=score, first_bar=2, last_bar=2, seed=1)
    before, after = symusic.Score.from_midi(score.data), symusic.Score.from_midi(filled.data)
    assert [list(t.notes) for t in before.tracks if t.is_drum] == [list(t.notes) for t in after.tracks if t.is_drum]
    assert [n for n in notes(score) if not 1920 <= n[1] < 3840] == [n for n in notes(filled) if not 1920 <= n[1] < 3840]
    assert [list(t.controls) for t in before.tracks] == [list(t.controls) for t in after.tracks]


def test_going_on_adds_bars_after_the_end(models: dict[str, Any], tune: Score) -> None:
    longer = run(models["transformer"], task="continue", score=tune, bars=5, seed=2)
    assert longer.meta["bars"] == tune.meta["bars"] + 5
    end = files.Sheet(tune).bars[-1].end
    assert [n for n in notes(longer) if n[1] < end] == notes(tune)


def test_a_variation_keeps_the_first_and_the_last_bar(models: dict[str, Any], tune: Score) -> None:
    varied = run(models["transformer"], task="vary", score=tune, strength=1.0, seed=2)
    bars = files.Sheet(tune).bars
    for bar in (bars[0], bars[-1]):
        kept = [n for n in notes(tune) if bar.start <= n[1] < bar.end]
        assert kept == [n for n in notes(varied) if bar.start <= n[1] < bar.end]
    assert notes(varied) != notes(tune)


@pytest.mark.parametrize(("texture", "names"), [("chords", {"Chords", "Low part"}),
                                                ("four voices", {"Alto", "Tenor", "Bass"})])
def test_harmonising_adds_voices_and_leaves_the_melody(models: dict[str, Any], texture: str, names: set[str]) -> None:
    melody = Score(m.midi([[m.metre(4, 2), *m.melody([67, 69, 71, 72, 74, 72, 71, 69, 67, 66, 67, 74] * 4)]]))
    made = run(models["transformer"], task="harmonise", score=melody, texture=texture, seed=1)
    assert notes(made, 0) == notes(melody)
    file = symusic.Score.from_midi(made.data)
    assert {t.name for t in file.tracks[1:]} == names
    assert all(len(t.notes) > 4 for t in file.tracks[1:])
    tenor = next(t for t in file.tracks if t.name in ("Tenor", "Low part"))
    assert np.mean(tenor.notes.numpy()["pitch"]) < 67


@pytest.mark.parametrize("seed", range(4))
def test_a_piece_comes_home(models: dict[str, Any], seed: int) -> None:
    score = run(models["transformer"], style="reel", tonic="D", mode="minor", bars=2, seed=seed, texture="chords")
    last = notes(score, 0)[-1]
    assert last[3] % 12 == 2
    end = last[1] + last[2]
    assert {n[3] % 12 for n in notes(score, 1) if n[1] + n[2] == end} == {2, 5, 9}
    assert notes(score, 2)[-1][3] % 12 == 2


def test_strains_repeat_and_free_form_does_not_on_purpose(models: dict[str, Any]) -> None:
    def bar(score: Score, number: int) -> list[tuple[int, ...]]:
        found = files.Sheet(score)
        start, end = found.bars[number].start, found.bars[number].end
        return [(n[1] - start, *n[2:]) for n in notes(score, 0) if start <= n[1] < end]

    assert compose.strains(16) == {4: 0, 5: 1, 12: 8, 13: 9, 14: 6}
    assert compose.strains(7) == {}
    score = run(models["transformer"], style="reel", bars=16, seed=2, form="strains")
    same = [number for number, source in compose.strains(16).items() if bar(score, number) == bar(score, source)]
    free = run(models["transformer"], style="reel", bars=16, seed=2, form="free")
    assert len(same) >= 3  # all but those whose source begins with a note that is held
    assert not any(bar(free, number) == bar(free, source) for number, source in compose.strains(16).items())


def test_a_long_piece_is_written_past_what_the_model_can_see(models: dict[str, Any]) -> None:
    score = run(models["transformer"], style="chorale", bars=40, seed=1)
    assert len(files.Sheet(score).bars) == 40
    filled = run(models["transformer"], task="fill", score=score, first_bar=20, last_bar=34, seed=1)
    assert filled.meta["bars"] == 40


def test_a_stop_is_noticed_within_a_step(models: dict[str, Any]) -> None:
    with pytest.raises(Cancelled):
        run(models["transformer"], RecordingContext(stop_after=3), bars=16)


@pytest.mark.parametrize(("said", "facts"), [
    ("a slow waltz in D minor for flute and harp, 24 bars",
     {"style": "waltz", "tonic": 2, "mode": "minor", "bars": 24, "pace": "slow"}),
    ("Four-part hymn in B flat major", {"style": "chorale", "tonic": 10, "mode": "major", "texture": "four"}),
    ("quick F# dorian slip jig, 9/8, eight bars, 140 bpm",
     {"style": "slip jig", "tonic": 6, "mode": "dorian", "metre": "9/8", "bars": 8, "pace": "fast", "bpm": 140.0}),
    ("a march in A", {"style": "march", "tonic": 9}), ("a sad song", {"style": "air", "mode": "minor"}),
    ("in a 7/8 dream of B movies", {"tonic": None, "metre": "", "style": ""}), ("", {"style": "", "bars": 0}),
    ("a E♭ minor reel", {"tonic": 3, "mode": "minor"}), ("999 bars", {"bars": 64}),
])
def test_words_set_fields(said: str, facts: dict[str, Any]) -> None:
    wish = words.read_prompt(said)
    assert {name: getattr(wish, name) for name in facts} == facts


def test_instruments_are_found_by_their_longest_names_in_order() -> None:
    found = words.read_instruments("bass guitar, tin whistles and French horn over a double bass and a piano")
    assert [i.name for i in found] == ["bass guitar", "whistle", "horn", "double bass", "piano"]


@given(st.text(max_size=80))
@settings(max_examples=60, deadline=None)
def test_any_prompt_is_a_prompt(text: str) -> None:
    wish = words.read_prompt(text)
    assert 0 <= wish.bars <= words.MOST_BARS


def test_a_field_wins_over_the_words(models: dict[str, Any]) -> None:
    score = run(models["transformer"], prompt="a waltz in D minor, 24 bars", style="jig", tonic="Bb", mode="major",
                bars=2, tempo=99, instruments="oboe")
    meta = dict(score.meta)
    assert {k: meta[k] for k in ("style", "key", "bars", "bpm", "metre")} == {
        "style": "jig", "key": "Bb major", "bars": 2, "bpm": 99.0, "metre": "6/8"}
    assert meta["instruments"][0] == "oboe"
    with pytest.raises(InputError, match="theremin"):
        run(models["transformer"], instruments="theremin")


BAD = {
    "nothing": (b"", "not a MIDI file"), "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(60), "not a MIDI file"),
    "cut short": (m.midi([m.melody([60] * 30)])[:90], "not a MIDI file"),
    "no notes": (m.midi([[m.metre(4, 2)]]), "no notes"),
    "no tracks": (m.midi([]), "no notes"),
    "seven over eight": (m.midi([[m.metre(7, 3), *m.melody([60] * 20)]]), "does not know the metre 7/8"),
    "an absurd metre": (m.midi([[m.metre(255, 6), *m.melody([60] * 20)]]), "metre 255/64"),
    "a metre of nothing": (m.midi([[m.metre(0, 2), *m.melody([60] * 20)]]), "0/4 in this score cannot be counted"),
    "drums alone": (m.midi([m.melody([36] * 8, channel=9)]), "no notes"),
}


@pytest.mark.parametrize("name", list(BAD))
def test_a_score_that_is_wrong_is_named_in_a_sentence(models: dict[str, Any], name: str) -> None:
    data, said = BAD[name]
    with pytest.raises(InputError, match=said) as error:
        run(models["transformer"], task="fill", score=Score(data), first_bar=1, last_bar=1)
    assert str(error.value).endswith(".")


@pytest.mark.parametrize(("first", "last", "said"), [
    (0, 0, "Say which bars"), (5, 3, "comes after"), (11, 14, "has 12 bars"), (90, 95, "has 12 bars")])
def test_bars_outside_of_the_score_are_refused(tune: Score, models: dict[str, Any], first: int, last: int,
                                               said: str) -> None:
    with pytest.raises(InputError, match=said):
        run(models["transformer"], task="fill", score=tune, first_bar=first, last_bar=last)


def test_hanging_notes_end_with_their_track(models: dict[str, Any]) -> None:
    hanging = [(0, bytes([0x90, 55, 90]))]
    score = Score(m.midi([[m.metre(3, 2), *hanging, *m.melody([60, 62, 64] * 8)]]))
    assert [(n.time, n.end) for n in files.parse(score).tracks[0].notes if n.pitch == 55] == [(0, 24 * 480)]
    assert run(models["transformer"], task="fill", score=score, first_bar=2, last_bar=3).meta["bars"] == 8


def test_what_is_a_little_wrong_is_mended() -> None:
    odd = [(0, b"\xff\x51\x02\x07\xa1"), (0, b"\xff\x59\x02\x63\x09"), (0, b"\xff\x58\x01\x04"),
           (5, b"\xf0\x02\x01\xf7")]
    file = files.parse(Score(m.midi([odd, m.melody([60, 62])])))
    assert (len(file.tempos), len(file.time_signatures), len(file.key_signatures)) == (0, 0, 0)
    assert file.note_num() == 2


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(0, 15), st.integers(0, 127), st.integers(0, 127)),
                max_size=40))
@settings(max_examples=50, deadline=None)
def test_cleaning_changes_nothing_that_is_right(strikes: list[tuple[int, int, int, int]]) -> None:
    events = []
    for delta, channel, key, velocity in strikes:
        events += [(delta, bytes([0x90 | channel, key, velocity])), (delta // 2 + 1, bytes([0x80 | channel, key, 0]))]
    data = m.midi([events])
    assert standard.clean(data) == data
    assert standard.clean(standard.clean(data)) == data


def test_a_million_events_are_refused_soon(models: dict[str, Any]) -> None:
    many = symusic.Score(480)
    count = 500_000
    part = symusic.Track()
    part.notes = symusic.Note.from_numpy(
        time=np.arange(count, dtype=np.int32) * 3, duration=np.full(count, 3, np.int32),
        pitch=np.full(count, 60, np.int8), velocity=np.full(count, 90, np.int8))
    many.tracks.append(part)
    with pytest.raises(InputError, match="500,000 notes"):
        run(models["transformer"], task="continue", score=Score(bytes(many.dumps_midi())))


@given(st.binary(max_size=200), st.integers(-22, 30))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_rubbish_after_a_header_is_a_score_or_a_sentence(body: bytes, cut: int) -> None:
    data = m.midi([m.melody([60, 62, 64, 65])])
    try:
        sheet = files.Sheet(Score(data[: 22 + cut] + body))
    except InputError:
        return
    assert sheet.bars


def test_a_task_without_a_score_says_so(models: dict[str, Any]) -> None:
    with pytest.raises(InputError, match="Choose a score to continue"):
        run(models["transformer"], task="continue")


@pytest.mark.parametrize("harm", ["cut", "empty", "foreign", "no card"])
def test_broken_weights_are_named(tmp_path: Path, harm: str) -> None:
    found = m.model("transformer", tmp_path)
    weights = found.path / "weights.safetensors"
    if harm == "cut":
        weights.write_bytes(weights.read_bytes()[:-100])
    elif harm == "empty":
        weights.write_bytes(b"")
    elif harm == "no card":
        (found.path / "pieria.json").unlink()
    else:
        found = ModelFiles("music-lstm", "music-lstm", m.model("lstm", tmp_path).path)
    with pytest.raises(GeneratorError, match="cannot be loaded"):
        MusicTransformer().load(RecordingContext({"model": found}))


def test_voices_stay_where_they_can_be_sung(models: dict[str, Any]) -> None:
    score = run(models["transformer"], style="chorale", tonic="F#", bars=6, seed=3)
    file = symusic.Score.from_midi(score.data)
    for part in file.tracks:
        limits = compose.RANGES[part.name.lower()]
        pitches = part.notes.numpy()["pitch"]
        assert limits.low - 12 <= pitches.min()
        assert pitches.max() <= limits.high


@pytest.mark.parametrize(("text", "bars", "want"), [
    ("AABA", 0, [("A", 8, 0), ("A", 8, 8), ("B", 8, 0), ("A", 8, 8)]),
    ("AABA", 20, [("A", 4, 0), ("A", 4, 4), ("B", 8, 0), ("A", 4, 4)]),
    ("A A' B", 24, [("A", 8, 0), ("A", 8, 4), ("B", 8, 0)]),
    ("intro 4, theme, answer, theme", 0, [("intro", 4, 0), ("theme", 8, 0), ("answer", 8, 4), ("theme", 8, 8)]),
    ("Theme 6 bars; theme varied; coda", 16, [("theme", 6, 0), ("theme", 6, 4), ("coda", 4, 0)]),
])
def test_forms_are_read(text: str, bars: int, want: list[tuple[str, int, int]]) -> None:
    found = sections.plan(text, bars)
    assert [(s.name, s.last - s.first, len(s.kept)) for s in found.sections] == want
    assert found.bars == (bars or sum(count for _, count, _ in want))
    assert found.closes()[found.bars - 1] == "home"


@pytest.mark.parametrize(("text", "bars"), [("theme", 0), ("12, 13", 0), ("ABCDEFGH", 5), ("theme 40, answer 40", 0),
                                            (", ".join(f"part {chr(97 + n)}" for n in range(26)), 0)])
def test_what_is_no_form_is_said(models: dict[str, Any], text: str, bars: int) -> None:
    with pytest.raises(InputError):
        run(models["transformer"], sections=text, bars=bars, seed=1)


@pytest.mark.parametrize("kind", ["transformer", "lstm"])
def test_a_section_that_comes_again_is_the_same_to_the_note(models: dict[str, Any], kind: str) -> None:
    made = run(models[kind], style="reel", tonic="D", mode="major", sections="ABA", bars=24, seed=2)
    assert made.meta["sections"] == [["A", 8], ["B", 8], ["A", 8]]
    file = files.parse(made)
    bar = file.tpq * 4
    melody = [(n.time, n.duration, n.pitch) for n in file.tracks[0].notes]
    first, other, again = ([(t - k * 8 * bar, d, p) for t, d, p in melody if k * 8 * bar <= t < (k + 1) * 8 * bar]
                           for k in range(3))
    assert first == again
    assert first != other
    assert melody[-1][2] % 12 == 2  # home
    assert all(t + d <= (t // bar + 1) * bar for t, d, _ in melody if t % (8 * bar) >= 7 * bar)  # none over a seam
    for track in file.tracks[1:]:  # up to the last chord, which is held
        notes = [(n.time, n.duration, n.pitch) for n in track.notes]
        here = [n for n in notes if n[0] < 7 * bar]
        assert here == [(t - 16 * bar, d, p) for t, d, p in notes if 16 * bar <= t < 23 * bar]


def test_a_prompt_may_name_the_form() -> None:
    assert words.read_prompt("a waltz in AA'BA form, 32 bars").sections == "AA'BA"
    assert words.read_prompt("a song in the form of ABBA").sections == ""


@pytest.mark.parametrize(("form", "style", "inner"), [
    ("", "reel", True), ("", "chorale", False), ("strains", "chorale", True), ("free", "reel", False)])
def test_sections_have_strains_inside_as_pieces_have(form: str, style: str, inner: bool) -> None:
    wish = words.Wish(form=form, sections="AABA")
    found = compose.form_of(wish, Piece(style, "major", 0, "4/4", 32, "solo"))
    assert found is not None
    assert found.inner is inner
