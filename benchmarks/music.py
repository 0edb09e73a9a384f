"""Bars a second of both music models, and seconds of sound a second of playing: through Studio over bare calls."""

from __future__ import annotations

import hashlib
import time
from typing import Any

from benchmarks.common import host, library, median, report, run
from studio.engine.job import Event, Request, Result

ROUNDS = 3
BARS = 16


def main() -> None:
    found: dict[str, Any] = {}
    media: dict[str, tuple[bytes, str]] = {}
    score = b""
    with host(media) as supervisor:
        for kind in ("transformer", "lstm"):
            params = {"prompt": "a reel in D major", "bars": BARS, "seed": 7}
            models = {"model": library().resolve(f"music-{kind}", [f"music-{kind}"])}
            data, seconds = timed(supervisor, Request(f"music.{kind}", params, models))
            score = score or data
            bare = median([composed(kind, params, models["model"]) for _ in range(ROUNDS)])
            found |= {f"{kind}_bars_a_second": round(BARS / seconds, 1),
                      f"{kind}_bare_bars_a_second": round(BARS / bare, 1),
                      f"{kind}_ratio": round(bare / seconds, 3)}
        reference = hashlib.sha256(score).hexdigest()
        media[reference] = (score, "audio/midi")
        models = {"soundfont": library().resolve("fluidr3-mono", ["soundfont"])}
        asked = Request("music.render", {"score": {"media": reference, "type": "audio/midi"}}, models)
        data, seconds = timed(supervisor, asked)
        found["render_seconds_of_sound_a_second"] = round((len(data) - 44) / (48000 * 4) / seconds, 1)
    report("music", found, "composing: ratio at least 0.97; playing: well over 1")


def timed(supervisor: Any, asked: Request) -> tuple[bytes, float]:
    """The result, and the median seconds of a job once its model is loaded."""
    made: list[bytes] = []

    def note(event: Event) -> None:
        if isinstance(event, Result):
            made.append(event.data)

    run(supervisor, asked, note)
    return made[0], median([run(supervisor, asked) for _ in range(ROUNDS)])


def composed(kind: str, params: dict[str, Any], model: dict[str, Any]) -> float:
    """Seconds that the generator takes in this process, its model loaded."""
    from pathlib import Path

    from plugins_builtin.music.symbolic import MusicLstm, MusicTransformer
    from studio.plugins import ModelFiles
    from studio.plugins.testing import RecordingContext

    generator = {"transformer": MusicTransformer, "lstm": MusicLstm}[kind]()
    ctx = RecordingContext({"model": ModelFiles(kind, f"music-{kind}", Path(str(model["path"])))})
    generator.load(ctx)
    begun = time.perf_counter()
    generator.run(generator.Params(**params), ctx)
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
