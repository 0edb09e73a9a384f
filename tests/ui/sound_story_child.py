"""A real window in which a paragraph is spoken and music is made. Run by test_sound_story.

Prints a line of JSON for each step, then one with "saved" once everything is in the project file, and waits to be
killed.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.app import Studio
from studio.project.sound import edits, notes
from studio.settings import Paths
from studio.shots import wait
from studio.ui.sound.makers import arriving

TEXT = ("The last chart in the drawer had no stars on it. The cat turned it over twice. "
        "Then she sailed into the night.")
AGAIN = "The old cat turned it over three more times."


def say(**facts: Any) -> None:
    os.write(1, (json.dumps(facts) + "\n").encode())


def errors(said: str, heard: str) -> float:
    """The word error rate: edits between two texts for each word that was said."""
    want, got = (["".join(c for c in w.lower() if c.isalnum()) for w in text.split()] for text in (said, heard))
    row = list(range(len(got) + 1))
    for i, word in enumerate(want, 1):
        last, row[0] = row[0], i
        for j, other in enumerate(got, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (word != other))
    return row[-1] / len(want)


def run(studio: Studio) -> None:
    bench = studio.window.workbench
    bench.show_workspace("sound")
    room, session = bench.room("sound"), studio.desk.session
    document = room.pane.document
    wait(lambda: bool(session.discovery.generators) and not document.closed_because)

    def until(what: Any) -> None:
        wait(lambda: bool(what()) or bench.error.isVisible())
        assert not bench.error.isVisible(), bench.error.message.text()

    def generate(generator: str, text: str) -> None:
        bench.composer.pick_generator(generator)
        bench.bar.prompt.set_text(text)
        bench.composer.generate()

    clips = lambda: document.arrangement.clips  # noqa: E731
    generate("speech.hibari", TEXT)
    until(lambda: len(clips()) == 3)
    spoken = list(clips())
    say(step="speak", texts=[clip.text for clip in spoken])
    room.generating.respeak(spoken[1], AGAIN)
    until(lambda: document.arrangement.find(spoken[1].id).text == AGAIN)
    shift = document.arrangement.find(spoken[2].id).start - spoken[2].start
    grown = document.arrangement.find(spoken[1].id).length - spoken[1].length
    say(step="respeak", shift=shift, grown=grown)
    written: list[Any] = []
    session.result_stored.connect(lambda row, _: row.kind == "text" and written.append(row))
    for number, clip in enumerate(clips(), 1):
        room.generating.apply("sound.transcribe", {}, clip)
        until(lambda n=number: len(written) == n)
    until(lambda: len(document.arrangement.labels) >= len(written))
    heard = [row.text_preview for row in written]
    whole = " ".join(clip.text for clip in clips())
    say(step="read back", rate=errors(whole, " ".join(heard)), heard=heard)
    document.choose(cursor=0.0, clips=frozenset())
    generate("music.transformer", "a slow waltz in D minor, 16 bars")
    until(lambda: any(clip.score and clip.media for clip in clips()))
    tune = next(clip for clip in clips() if clip.score)
    room.makers.open(tune.id)
    roll = room.makers.roll
    until(lambda: roll.score.note_count)
    first = roll.score.parts[0].notes[0]
    roll.edit("Transpose", lambda score: notes.move(score, 0, [first], 0, 12))
    until(lambda: document.arrangement.find(tune.id).score != tune.score)
    before = roll.score
    edited = document.arrangement.find(tune.id)
    room.generating.compose(edited, "fill", first=5, last=8)
    until(lambda: document.arrangement.find(tune.id).score != edited.score)
    until(lambda: roll.score is not before)
    start, end = before.bar_tick(4), before.bar_tick(8)
    kept = [[[n for n in part.notes if not start <= n.start < end] for part in score.parts]
            for score in (before, roll.score)]
    inside = [[n for part in score.parts for n in part.notes if start <= n.start < end]
              for score in (before, roll.score)]
    say(step="music", bars=before.bars, same=kept[0] == kept[1], other=inside[0] != inside[1])
    roll.close_roll()
    until(lambda: not room.generating.places and not any(arriving.is_stale(clip) for clip in clips()))
    document.edit("Fade", lambda old: edits.set_fade_out(old, [tune.id], 3.0))
    document.edit("Gain", lambda old: edits.set_track(old, edited.track, gain=-9.0))
    final, steps = document.arrangement, document.history.index
    for _ in range(steps):
        document.undo()
    say(step="undo", clips=len(clips()))
    for _ in range(steps):
        document.redo()
    say(step="redo", same=document.arrangement.equals(final), clips=len(clips()))
    room.save()
    wait(lambda: not session._pending)
    say(saved=True, document=room.document, clips=[[c.id, c.start, c.media, c.score] for c in clips()])


def main() -> None:
    app = QApplication(sys.argv)
    studio = Studio(app, Paths.from_env())
    studio.theme.set_reduced_motion(True)
    studio.window.resize(1440, 900)
    assert studio.desk.open_project(Path(sys.argv[1]), create=True)
    studio.window.show()
    run(studio)
    QTest.qWait(600_000)


if __name__ == "__main__":
    main()
