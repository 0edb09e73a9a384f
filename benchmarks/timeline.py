"""The timeline with a recording of 2 hours and 31 tracks more: frames while scrolling and zooming, waveforms and
spectrogram, and frames of sound that were not mixed in time while a model writes in the host.

Frames are given as the CPU time of the window's thread from the change of the view to the end of the repaint. Sound is
taken at the pace of a clock, as where there is no device.
"""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import soundfile
from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtWidgets import QApplication

from benchmarks.common import host, options, passage_request, percentiles, report, run
from benchmarks.sound_mix import memory
from studio.project import Project
from studio.project.sound import Arrangement, Clip, Track, edits
from studio.project.sound.importing import bring
from studio.ui.sound.pane import SoundPane
from studio.ui.sound.sinks import SilentSink
from studio.ui.theme import Theme, load_fonts

RATE, TRACKS, HOURS, FRAMES, PLAYED = 48000, 32, 2, 240, 20
"""PLAYED: seconds, unless --seconds says otherwise."""
BUDGET = "scroll and zoom: p99 under 16 ms; no frame of sound late while a model runs"


def recording(path: Path) -> None:
    """2 hours in which something comes and goes."""
    rng = np.random.default_rng(1)
    noise = (rng.normal(size=RATE * 60) * 0.1).astype(np.float32)
    swell = np.repeat(rng.random(60 * 4).astype(np.float32), RATE // 4)
    with soundfile.SoundFile(path, "w", RATE, 1, "PCM_16", format="FLAC") as file:
        for minute in range(HOURS * 60):
            file.write(noise * np.roll(swell, minute * RATE))


def arrangement(long: str, short: str) -> Arrangement:
    """The recording on the first track, a clip for each 20 seconds of 10 minutes on the others."""
    made = Arrangement(rate=RATE)
    tracks = tuple(Track(f"t{n}", f"Track {n + 1}", ("voice", "music", "ambience")[n % 3], gain=-12.0, height=64)
                   for n in range(TRACKS))
    clips = [Clip("long", "t0", 0.0, HOURS * 3600.0, long, "audio/flac", 0.0, HOURS * 3600.0, name="Recording")]
    clips += [Clip(f"t{n}c{at}", f"t{n}", at * 20.0 + n % 7, 18.0, short, "audio/flac", 0.0, 60.0, name=f"Clip {at}",
                   fade_in=1.0, fade_out=1.0) for n in range(1, TRACKS) for at in range(30)]
    return made.with_(tracks=tracks, clips=clips)


def frames(app: QApplication, move: Callable[[int], object]) -> dict[str, float]:
    found = []
    for number in range(FRAMES):
        begun = time.thread_time()
        move(number)
        app.processEvents()
        found.append((time.thread_time() - begun) * 1000)
        time.sleep(0.002)
    return percentiles(found)


def wait(until: Callable[[], bool], most: float = 240.0) -> None:
    loop, timer, end = QEventLoop(), QTimer(interval=20), time.monotonic() + most
    timer.timeout.connect(lambda: loop.quit() if until() or time.monotonic() > end else None)
    timer.start()
    loop.exec()
    timer.stop()


def playing(pane: SoundPane, seconds: float) -> dict[str, Any]:
    """Seconds played while the host writes passages, and what was late."""
    done, passages = threading.Event(), [0]

    def write() -> None:
        with host() as supervisor:
            while not done.is_set():
                run(supervisor, passage_request())
                passages[0] += 1

    writer = threading.Thread(target=write)
    writer.start()
    wait(lambda: passages[0] > 0)
    pane.player.play(0.0)
    begun = time.monotonic()
    wait(lambda: time.monotonic() - begun > seconds, seconds * 2)
    played = pane.player.position
    pane.player.pause()
    done.set()
    writer.join()
    return {"seconds played": round(played, 1), "frames of sound late": pane.player.late, "passages": passages[0]}


def anywhere(pane: SoundPane) -> dict[str, float]:
    """From a press of Play at 30 places of the two hours to the first frame of sound that was mixed for it."""
    found, dice = [], np.random.default_rng(5)
    for place in dice.uniform(0, HOURS * 3600 - 60, 30):
        begun = time.perf_counter()
        pane.player._core.play(round(place * RATE))
        assert pane.player._core.wait_filled(1)
        found.append((time.perf_counter() - begun) * 1000)
    pane.player.pause()
    return percentiles(found)


def main() -> None:
    parser = options("timeline", __doc__)
    parser.add_argument("--seconds", type=float, default=PLAYED, help="how long it plays beside a model")
    parser.parse_args()
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    load_fonts()
    theme = Theme("dark", reduced_motion=True)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        place = Path(folder)
        recording(place / "long.flac")
        soundfile.write(place / "short.flac", np.random.default_rng(2).normal(0, 0.1, (RATE * 60, 2)), RATE)
        project = Project.create(place / "a.pieria")
        pane = SoundPane(theme, project, project.sound_source(RATE, place / "decoded"), sink=SilentSink)
        pane.resize(1440, 800)
        pane.show()
        begun = time.perf_counter()
        keep = lambda data, kind: project.put_media(data, kind).result()  # noqa: E731
        media = [bring(place / f"{name}.flac", keep).pieces[0].media for name in ("long", "short")]
        pane.document.load(arrangement(*media))
        pane.loudness.hold(True)
        app.processEvents()
        wait(lambda: len(pane.shapes._peaks) == 2)
        figures: dict[str, Any] = {"2 hours taken in and drawn, seconds": round(time.perf_counter() - begun, 1)}
        axis, width = pane.axis, pane.timeline.width()
        axis.set(0.0, 20.0)
        figures["scroll, ms"] = frames(app, lambda _: axis.scroll(24))
        figures["zoom, ms"] = frames(app, lambda n: axis.zoom(0.95 if n < FRAMES / 2 else 1 / 0.95, width / 2))
        figures["scroll at a sample's width, ms"] = frames(
            app, lambda n: axis.set(60.0 + n * 0.002, 12_000.0))
        pane.document.edit("View", lambda old: edits.set_track(old, "t0", view="spectrogram"))
        axis.set(0.0, 20.0)
        figures["scroll a spectrogram, ms"] = frames(app, lambda _: axis.scroll(24))
        figures["memory without what is mapped, MB"] = round(memory())
        figures["ms until a place is heard"] = anywhere(pane)
        pane.player.play(0.0)
        axis.set(0.0, 20.0)
        figures["scroll while it plays, ms"] = frames(app, lambda _: axis.scroll(24))
        figures["zoom while it plays, ms"] = frames(
            app, lambda n: axis.zoom(0.95 if n < FRAMES / 2 else 1 / 0.95, width / 2))
        pane.player.pause()
        figures.update(playing(pane, parser.parse_args().seconds))
        pane.close_document()
        project.close()
        report("timeline", figures, BUDGET, parser)


if __name__ == "__main__":
    main()
