"""A real window in which takes are made and gone through. Run by test_sound_takes; prints a line of JSON a step."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from PySide6.QtWidgets import QApplication

from studio.app import Studio
from studio.project import Project
from studio.project.sound import midi
from studio.settings import Paths
from studio.shots import settle, wait
from studio.ui.sound.document import Region

TEXT = "The last chart in the drawer had no stars on it. The cat turned it over twice."


def say(**facts: Any) -> None:
    os.write(1, (json.dumps(facts) + "\n").encode())


def run(studio: Studio) -> Any:
    bench = studio.window.workbench
    bench.show_workspace("sound")
    room, session = bench.room("sound"), studio.desk.session
    document, takes = room.pane.document, room.generating.takes
    wait(lambda: bool(session.discovery.generators) and not document.closed_because)

    def until(what: Any) -> None:
        wait(lambda: bool(what()) or bench.error.isVisible())
        assert not bench.error.isVisible(), bench.error.message.text()

    def generate(generator: str, text: str, count: int) -> None:
        bench.composer.pick_generator(generator)
        assert bench.bar.count_chip.isVisible()
        bench.bar.prompt.set_text(text)
        bench.bar._set_count(count)
        bench.composer.generate()

    def spoken() -> list[Any]:
        return [clip for clip in document.arrangement.clips if clip.text]

    generate("speech.hibari", TEXT, 3)
    until(lambda: [len(clip.takes) for clip in spoken()] == [3, 3])
    say(step="speak", takes=[len(c.takes) for c in spoken()], held=[c.take for c in spoken()],
        entries=len(document.history.entries), media=[len({t.media for t in c.all_takes}) for c in spoken()])
    first, second = spoken()
    before, played = second.start - first.end, list[bool]()
    room.pane.player.playing_changed.connect(played.append)
    takes.step(1)
    until(lambda: True in played)
    room.pane.player.stop()
    first, second = spoken()
    say(step="next", held=[c.take for c in spoken()], played=True in played, gap=second.start - first.end,
        **{"gap before": before})
    room.generating.respeak(first, first.text)
    until(lambda: len(spoken()[0].takes) == 4)
    say(step="again", takes=[len(c.takes) for c in spoken()], held=[c.take for c in spoken()])
    document.choose(cursor=0.0, clips=frozenset())
    generate("music.transformer", "a slow waltz in D minor, 8 bars", 3)
    until(lambda: any(clip.score and len(clip.takes) == 3 for clip in document.arrangement.clips))
    tune = next(clip for clip in document.arrangement.clips if clip.score)
    document.choose(clips=frozenset({tune.id}))
    takes.step(1)
    until(lambda: document.arrangement.clip(tune.id).media and document.arrangement.clip(tune.id).take == 1)
    held = document.arrangement.clip(tune.id)
    say(step="music", takes=len(held.takes), scores=len({t.score for t in held.all_takes}), rendered=bool(held.media))
    room.generating.compose(held, "fill", first=3, last=4)
    until(lambda: len(document.arrangement.clip(tune.id).takes) == 4)
    now = document.arrangement.clip(tune.id)
    old, new = (midi.read(session.project.media(sha)[0])[0] for sha in (held.score, now.score))
    start, end = old.bar_tick(2), old.bar_tick(4)
    kept = [[[n for n in part.notes if not start <= n.start < end] for part in score.parts] for score in (old, new)]
    say(step="bars", takes=len(now.takes), **{"elsewhere same": kept[0] == kept[1]})
    until(lambda: not room.generating.places)
    clip = spoken()[1]
    document.choose(region=Region(clip.start + 0.3, clip.start + 0.9, (clip.track,)), clips=frozenset())
    room.generating.apply("sound.normalise", {}, clip)
    until(lambda: len(document.arrangement.on(clip.track)) == 4)
    whole = document.arrangement.on(clip.track)
    sides = sum(one.media == clip.media for one in (whole[1], whole[3]))
    say(step="region", takes=len(whole[2].takes), **{"both sides": sides})
    until(lambda: not room.generating.places)
    final, steps = document.arrangement, document.history.index
    for _ in range(steps):
        document.undo()
    empty = len(document.arrangement.clips)
    for _ in range(steps):
        document.redo()
    say(step="undo", clips=empty, same=document.arrangement.equals(final))
    settle(200)
    return final, room.document


def main() -> None:
    app = QApplication(sys.argv)
    studio = Studio(app, Paths.from_env())
    studio.theme.set_reduced_motion(True)
    studio.window.resize(1440, 900)
    path = Path(sys.argv[1])
    assert studio.desk.open_project(path, create=True)
    studio.window.show()
    try:
        final, document = run(studio)
    finally:
        studio.window.close()
        app.processEvents()
    with Project.open(path) as project:
        say(step="reopened", same=project.sound(document).clips == final.clips)


if __name__ == "__main__":
    main()
