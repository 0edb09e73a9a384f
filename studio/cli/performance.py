"""`studio generate --kind music -o x.wav`: a score that is asked for as sound is played once it is composed.

The score is written beside the sound, because the sound's recipe refers to it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from studio.cli.engine import Engine
from studio.cli.output import CommandError, Output
from studio.cli.outputs import SOUNDS, Keeper
from studio.engine.job import Discovery, GeneratorInfo, Job, Request, Result, new_id

PLAYER = "music.render"
SCORES = (".mid", ".midi")


def wanted(produces: str, given: str) -> bool:
    """Whether a score is to be written as sound. Raises CommandError for an ending that is neither."""
    if produces != "score" or not given or given == "-" or Path(given).is_dir():
        return False
    suffix = Path(given).suffix.lower()
    if suffix and suffix not in (*SCORES, *SOUNDS):
        raise CommandError(f"Music is written as {', '.join((SCORES[0], *SOUNDS))}, not as {suffix}.", field="--output")
    return suffix in SOUNDS


def player(discovery: Discovery) -> GeneratorInfo:
    """The generator that plays scores. Raises CommandError where it is not installed."""
    info = discovery.find(PLAYER)
    if info is None:
        raise CommandError(f"The generator {PLAYER} is missing, so music can only be written as .mid.",
                           kind="unknown-generator", field="--output")
    return info


class Performance:
    """Keeps scores, and plays them once they are all there: a host runs one job at a time."""

    def __init__(self, info: GeneratorInfo, models: Mapping[str, dict[str, Any]], scores: Keeper,
                 sounds: Keeper) -> None:
        self._info, self._models, self._scores, self._sounds = info, dict(models), scores, sounds
        self._waiting: list[Result] = []

    def keep(self, event: Result, job: Job) -> None:
        """Store and write one score. Raises CommandError."""
        self._scores.keep(event, job)
        self._waiting.append(event)

    def play(self, engine: Engine, out: Output) -> None:
        """Play all scores. Raises CommandError where one cannot be played."""
        batch = new_id()
        for index, score in enumerate(self._waiting):
            sha256 = hashlib.sha256(score.data).hexdigest()
            engine.media[sha256] = (score.data, score.media_type)
            params = {"score": {"media": sha256, "type": score.media_type}}
            engine.run(Job(Request(self._info.id, params, self._models, batch=batch, index=index)), self._sounds, out,
                       self._info.title)
        self._waiting.clear()
