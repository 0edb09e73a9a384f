"""Arrangements in the project file: only what differs is written, nothing acknowledged is lost, bad rows are said."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from project_kit import add_picture
from sound_child import counted, edited
from sound_kit import arrangements
from test_project_compact import has, reopened
from test_project_kill import _run_and_kill
from test_sound_source import encoded, tone

from studio.project import Project, ProjectError
from studio.project.check import check
from studio.project.sound import Arrangement, AutomationPoint, Clip, Label, Take, TempoMap, Track, edits
from studio.project.sound.mixer import Mixer
from studio.project.sound.store import arrangement_of, delta

CHILD = Path(__file__).with_name("sound_child.py")
ROUNDS = 4


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    made = Project.create(tmp_path / "p.pieria")
    made.add_document("sound", "Sound").result()
    yield made
    made.close()


def document(project: Project) -> str:
    return project.documents("sound")[0].id


def rich() -> Arrangement:
    """Something of everything."""
    made, track = edits.add_track(Arrangement(), "voice", "Ada")
    made = edits.set_track(made, track, gain=-3.0, pan=0.25, solo=True, colour="teal")
    made = edits.set_points(made, track, [AutomationPoint(0, 0), AutomationPoint(2, -6)])
    said = edits.Piece("f" * 64, "audio/wav", 1.5, 0.25, 4.0, "Narrator", "r1", "It is shy.", "Ada")
    made, clip = edits.add_clip(made, track, 0.5, said, recipe={"params": {"speed": 1.1}})
    made = edits.set_fade_in(made, [clip], 0.1, "smooth")
    made, _ = edits.add_track(made, "notes")
    made, _ = edits.add_marker(made, 1.0, "Here")
    made, _ = edits.add_label(made, 0.5, 1.5, "It is shy.", "Ada")
    made = edits.set_loop(made, 0.5, 1.5, on=False)
    made = edits.set_metre(edits.set_tempo(made, 92.5), 3, 4, 2)
    return edits.set_master(made, -1.5)


@settings(max_examples=20, deadline=None)
@given(arrangements(), arrangements())
def test_a_difference_leads_from_one_to_the_other(one: Arrangement, other: Arrangement) -> None:
    one, other = one.with_(rate=48000), other.with_(rate=48000)
    rows = {(kind, key): data for kind, key, data in delta(None, one, "r1").put}
    change = delta(one, other, "r2")
    for place in change.removed:
        del rows[place]
    rows |= {(kind, key): data for kind, key, data in change.put}
    notes: list[str] = []
    back, revision = arrangement_of([(*place, data) for place, data in rows.items()], notes)
    assert back.equals(other)
    assert (revision, notes) == ("r2", [])
    assert len(delta(other, other.with_(), "r3").put) == 1


json = st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5), lambda inner: (
    st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
        ["start", "length", "track", "gain", "volume", "name", "time", "rate", "tempos", "loop", "tracks", "recipe"]),
        inner, max_size=5)), max_leaves=12)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["track", "clip", "marker", "label", "arrangement", "odd"]),
                          st.sampled_from(["", "a", "b"]), json), max_size=8))
def test_whatever_is_in_the_rows_gives_an_arrangement(rows: list[tuple[str, str, Any]]) -> None:
    from studio.project.rows import dumps

    made, _ = arrangement_of([(kind, key, dumps(data)) for kind, key, data in rows], [])
    names = {track.id for track in made.tracks}
    assert all(clip.track in names for clip in made.clips)
    assert made.tempo.seconds(4) > 0
    assert not delta(made, made, "").removed


def test_everything_comes_back(project: Project) -> None:
    made = rich()
    project.put_sound(document(project), None, made).result()
    assert project.sound(document(project)).equals(made)
    assert project.arranged() == {document(project)}
    with reopened(project) as again:
        back, notes = again.sound_with_notes(document(again))
        assert back.equals(made)
        assert notes == []
        assert again.stats()["clips"] == 1
        assert check(again.path).ok


def test_only_the_rows_that_differ_are_written(project: Project) -> None:
    made, key = Arrangement(tracks=(Track("t", "T"),)), document(project)
    made = made.with_(clips=[Clip(f"c{n}", "t", float(n), 1.0, "m") for n in range(50)])
    project.put_sound(key, None, made).result()
    after = edits.set_gain(made, ["c7"], -6)
    assert {(kind, name) for kind, name, _ in delta(made, after, "").put} == {("arrangement", ""), ("clip", "c7")}
    project.put_sound(key, made, after).result()
    assert project.sound(key).equals(after)


def test_a_change_that_builds_on_something_else_is_written_whole(project: Project) -> None:
    key, made = document(project), rich()
    project.put_sound(key, None, made).result()
    lost = edits.split(made, 1.0)  # never put: as if that change had failed
    after = edits.set_master(lost, -9)
    project.put_sound(key, lost, after).result()
    assert project.sound(key).equals(after)
    with pytest.raises(ProjectError, match="no longer in the project"):
        project.put_sound("gone", None, made).result()
    with pytest.raises(KeyError):
        project.sound("gone")
    with pytest.raises(KeyError):
        project.sound(project.documents("canvas")[0].id)


def test_broken_rows_are_left_out_and_named(project: Project) -> None:
    key, made = document(project), rich()
    project.put_sound(key, None, made).result()
    project.close()
    with sqlite3.connect(project.path) as connection:
        connection.execute("DELETE FROM sound_piece WHERE kind = 'track' AND id = ?", (made.tracks[0].id,))
        connection.execute("UPDATE sound_piece SET data = '{' WHERE kind = 'label'")
        connection.execute("UPDATE sound_piece SET data = json_set(data, '$.tempos', 'x') WHERE kind = 'arrangement'")
    connection.close()
    assert not check(project.path).ok
    with Project.open(project.path) as again:
        back, notes = again.sound_with_notes(key)
        assert len(notes) == 3
        assert [track.name for track in back.tracks] == ["Notes", "Recovered"]
        assert len(back.clips) == 1
        again.put_sound(key, back, edits.set_master(back, -2)).result()
        assert again.sound_with_notes(key)[1] == []


def test_media_of_clips_are_not_thrown_out(project: Project) -> None:
    key = document(project)
    sound, score, loose, undone, aside = (project.put_media(bytes([n]) * 99, "audio/wav").result() for n in range(5))
    made = Arrangement(tracks=(Track("t", "T"),), clips=(
        Clip("c", "t", 0, 1, sound, score=score, takes=(Take(1, sound), Take(1, aside))),
        Clip("d", "t", 2, 1, undone)))
    project.put_sound(key, None, made).result()
    with reopened(project) as again:
        before = again.sound(key)
        again.put_sound(key, before, edits.delete(before, ["d"])).result()
        assert again.compact(0).result().media == 1
        assert [has(again, sha) for sha in (sound, score, loose, undone, aside)] == [True, True, False, True, True]
    with reopened(again) as later:
        assert later.compact(0).result().media == 1  # nothing can bring the clip back any more
        assert not has(later, undone)


def test_peaks_are_kept_beside_their_medium_and_go_with_it(project: Project) -> None:
    sha = project.put_media(encoded(tone(1, 48000), 48000), "audio/wav").result()
    with project.sound_source(48000) as source:
        made = project.peaks_of(sha, source)
    project.flush()
    kept = project.sound_peaks(sha)
    assert kept is not None
    assert np.allclose(kept.levels[0], made.levels[0], atol=1e-4)
    project.put_sound_peaks("0" * 64, made).result()
    assert project.sound_peaks("0" * 64) is None
    with reopened(project) as again:
        add_picture(again)
        assert again.compact(0).result().media == 1
        assert again.sound_peaks(sha) is None


def test_the_projects_media_are_mixed(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    from studio.project.sound import source as module

    monkeypatch.setattr(module, "IN_MEMORY", 1000)
    data = encoded(tone(1, 48000), 48000)
    sha = project.put_media(data, "audio/wav").result()
    assert project.media_size(sha) == len(data)
    made, track = edits.add_track(Arrangement())
    made, _ = edits.add_clip(made, track, 0, edits.Piece(sha, "audio/wav", 1.0))
    with project.sound_source(48000) as source:
        heard = Mixer(made, source).read(0, 48000)
    assert np.abs(heard[:, 0] - tone(1, 48000)[:, 0]).max() < 1e-4
    lent = project.lend_media(b"x" * 5, "audio/wav")
    project.media_to_file(lent, project.path.with_name("lent"))
    assert project.path.with_name("lent").read_bytes() == b"x" * 5
    with pytest.raises(KeyError):
        project.media_to_file("gone", project.path.with_name("gone"))


def test_tempo_is_read_as_it_was() -> None:
    tempo = TempoMap.constant(90).with_tempo(8, 120).with_metre(3, 7, 8)
    rows = delta(None, Arrangement(tempo=tempo, labels=(Label("l", 1, 1, "x"),)), "").put
    assert arrangement_of(rows, [])[0].tempo == tempo


def test_kills_while_arranging_lose_nothing_acknowledged(tmp_path: Path) -> None:
    path = tmp_path / "work.pieria"
    with Project.create(path) as project:
        key = project.add_document("sound", "Sound").result().id
    dice = random.Random(7)
    for _ in range(ROUNDS):
        said = _run_and_kill(path, dice.randint(1, 80), 0, CHILD)
        acknowledged = max((int(line.split()[1]) for line in said if line.startswith("sound")), default=0)
        with Project.open(path, read_only=True) as project:
            found, notes = project.sound_with_notes(key)
        assert notes == []
        number = counted(found)
        assert number >= acknowledged
        wanted = Arrangement()
        for done in range(1, number + 1):
            wanted = edited(wanted, done)
        assert found.equals(wanted)  # one change, whole
    assert number > ROUNDS
    assert check(path).ok
