"""A recording on the disk while it comes: a kill loses a second at the most.

The file is a line of JSON (where it belongs, its rate and channels) and then float32 samples. It lies beside the
project and goes when the recording is in the project.
"""

from __future__ import annotations

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
class TakeFacts:
    """Where a recording belongs. start: seconds of the arrangement."""

    document: str
    track: str
    start: float
    rate: int
    channels: int


class Take:
    """A recording that is being written."""

    def __init__(self, project: Path, facts: TakeFacts) -> None:
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


def read(path: Path) -> tuple[TakeFacts, Any] | None:
    """A recording as it lies there, samples (frames, channels); None where the file is none or is empty. What is broken
    off in the middle of a frame is left out."""
    try:
        with path.open("rb") as file:
            head = json.loads(file.readline(4096))
            facts = TakeFacts(str(head["document"]), str(head["track"]), float(head["start"]), int(head["rate"]),
                              int(head["channels"]))
            data = file.read()
    except (OSError, ValueError, KeyError, TypeError):
        return None
    if not (1 <= facts.channels <= 64 and 1000 <= facts.rate <= 768_000 and 0 <= facts.start < 1e6):
        return None
    whole = len(data) // (4 * facts.channels) * 4 * facts.channels
    if not whole:
        return None
    return facts, np.nan_to_num(np.frombuffer(data[:whole], np.float32).reshape(-1, facts.channels))


def left_behind(project: Path) -> list[Path]:
    """Recordings beside a project that were cut short."""
    return sorted(project.parent.glob(f"{glob_safe(project.name)}.*{ENDING}"))


def glob_safe(name: str) -> str:
    import glob

    return glob.escape(name)
