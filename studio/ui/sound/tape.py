"""A recording on the disk while it comes: a kill loses a second at the most.

The file is a line of JSON (where it belongs, its rate and channels) and then float32 samples. It lies beside the
project and goes when the recording is in the project.
"""

from __future__ import annotations

import glob
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np

ENDING = ".recording"
SYNC_SECONDS = 0.5


@dataclass(frozen=True)
class TapeFacts:
    """Where a recording belongs.

    Attributes:
        start: seconds of the arrangement.
        skip: seconds at its beginning that are not wanted: what was counted in, and what the devices are late by.
        loop: seconds after which it began anew, 0 where it did not.
    """

    document: str
    track: str
    start: float
    rate: int
    channels: int
    skip: float = 0.0
    loop: float = 0.0


class Tape:
    """A recording that is being written."""

    def __init__(self, project: Path, facts: TapeFacts) -> None:
        self.facts, self.frames = facts, 0
        self.path = next(path for number in range(1000)
                         if not (path := project.with_name(f"{project.name}.{number}{ENDING}")).exists())
        self._file = self.path.open("xb", buffering=0)  # what was written outlives the process
        self._write(json.dumps(asdict(facts)).encode() + b"\n")
        self._synced = monotonic()
        self._sync()

    @property
    def seconds(self) -> float:
        return self.frames / self.facts.rate

    def add(self, samples: Any) -> None:
        """float32 (frames, channels). Raises OSError."""
        self._write(np.ascontiguousarray(samples, np.float32).tobytes())
        self.frames += len(samples)
        if monotonic() - self._synced >= SYNC_SECONDS:
            self._sync()

    def _write(self, data: bytes) -> None:
        view = memoryview(data)
        while len(view):
            view = view[self._file.write(view) or 0:]

    def _sync(self) -> None:
        os.fsync(self._file.fileno())
        self._synced = monotonic()

    def close(self) -> None:
        """Nothing more comes; the file stays."""
        if not self._file.closed:
            try:
                self._sync()
            finally:
                self._file.close()


def read(path: Path) -> tuple[TapeFacts, Any] | None:
    """A recording as it lies there, samples (frames, channels) without what is to be skipped; None where the file is
    none or nothing is left. What is broken off in the middle of a frame is left out."""
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline(4096))
            facts = TapeFacts(str(head["document"]), str(head["track"]), float(head["start"]), int(head["rate"]),
                              int(head["channels"]), float(head.get("skip", 0)), float(head.get("loop", 0)))
            data = file.read()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    sane = 1 <= facts.channels <= 64 and 1000 <= facts.rate <= 768_000
    if not sane or not all(0 <= value < 1e6 for value in (facts.start, facts.skip, facts.loop)):
        return None
    whole = len(data) // (4 * facts.channels) * 4 * facts.channels
    samples = np.frombuffer(data[:whole], np.float32).reshape(-1, facts.channels)[round(facts.skip * facts.rate):]
    return (facts, np.nan_to_num(samples)) if len(samples) else None


def left_behind(project: Path) -> list[Path]:
    """Recordings beside a project that were cut short."""
    return sorted(project.parent.glob(f"{glob.escape(project.name)}.*{ENDING}"))
