"""Sound documents in the project: arrangements read and written, peaks, and media as files."""

from __future__ import annotations

import os
import time
from concurrent.futures import Future
from pathlib import Path
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any

from studio.project.errors import ProjectError
from studio.project.paintings import Revisions
from studio.project.results import Results

if TYPE_CHECKING:
    from studio.project.sound.arrangement import Arrangement
    from studio.project.sound.peaks import Peaks
    from studio.project.sound.source import DecodedSource
    from studio.project.sound.store import Delta

PIECE = 4 << 20
"""Bytes that are copied at once."""


class Sounds(Results):
    """The part of `Project` that keeps what is arranged."""

    _revisions: Revisions

    def sound(self, document: str) -> Arrangement:
        """The arrangement of a sound document. See `sound_with_notes`."""
        return self.sound_with_notes(document)[0]

    def sound_with_notes(self, document: str) -> tuple[Arrangement, list[str]]:
        """The arrangement of a sound document and what could not be read of it, one sentence each. An empty one where
        nothing was arranged yet. Raises KeyError where there is no such document."""
        from studio.project.sound.store import arrangement_of

        with self._read() as connection:
            connection.execute("BEGIN")  # all rows from the same moment
            try:
                known = connection.execute("SELECT 1 FROM document WHERE id = ? AND kind = 'sound'",
                                           (document,)).fetchone()
                rows = connection.execute("SELECT kind, id, data FROM sound_piece WHERE document = ?",
                                          (document,)).fetchall()
            finally:
                connection.execute("COMMIT")
        if known is None:
            raise KeyError(document)
        notes: list[str] = []
        arrangement, revision = arrangement_of(rows, notes)
        if not notes:  # else the next change writes everything, and what could not be read is gone
            self._revisions.note(arrangement, revision)
        return arrangement, notes

    def arranged(self) -> set[str]:
        """The sound documents in which there is a track."""
        with self._read() as connection:
            return {row[0] for row in connection.execute("SELECT DISTINCT document FROM sound_piece "
                                                         "WHERE kind = 'track'")}

    def put_sound(self, document: str, before: Arrangement | None, after: Arrangement) -> Future[None]:
        """Keep `after`. Only the rows in which it differs from `before` (what was last put or read; None: all) are
        written. Should the file hold something else than `before`, as after a change that failed, everything is."""
        base, revision, now = self._revisions.of(before), self._revisions.of(after), time.time()

        def prepare() -> Delta:
            return _delta(before, after, revision)

        def apply(connection: Connection, change: Delta) -> None:
            done = connection.execute("UPDATE document SET updated = ? WHERE id = ? AND kind = 'sound'",
                                      (now, document))
            if done.rowcount == 0:
                raise ProjectError("This sound document is no longer in the project.", kind="missing")
            row = connection.execute("SELECT json_extract(data, '$.revision') FROM sound_piece WHERE document = ? AND "
                                     "kind = 'arrangement' AND json_valid(data)", (document,)).fetchone()
            if before is None or row is None or row[0] != base:
                connection.execute("DELETE FROM sound_piece WHERE document = ?", (document,))
                change = _delta(None, after, revision)
            _apply(connection, document, change)

        return self._change(apply, prepare)

    # ------------------------------------------------------------ peaks

    def sound_peaks(self, sha: str) -> Peaks | None:
        """The drawn shape of a medium as it was kept; None where it is not (or is damaged) and has to be made."""
        with self._read() as connection:
            row = connection.execute("SELECT data FROM sound_peaks WHERE media = ?", (sha,)).fetchone()
        if row is None:
            return None
        from studio.project.sound.errors import SoundError
        from studio.project.sound.peaks import Peaks

        try:
            return Peaks.from_bytes(bytes(row[0]))
        except SoundError:
            return None

    def put_sound_peaks(self, sha: str, peaks: Peaks) -> Future[None]:
        """Keep the drawn shape of a medium. It is no error if the medium has gone."""

        def apply(connection: Connection, data: bytes) -> None:
            connection.execute("INSERT INTO sound_peaks SELECT sha256, ? FROM media WHERE sha256 = ? "
                               "ON CONFLICT (media) DO UPDATE SET data = excluded.data", (data, sha))

        return self._change(apply, peaks.to_bytes)

    def peaks_of(self, sha: str, source: DecodedSource) -> Peaks:
        """The drawn shape of a medium, decoded and kept where it is not there yet: call it on a thread of its own.
        Raises SoundError where the medium is damaged."""
        found = self.sound_peaks(sha)
        if found is None:
            found = source.peaks(sha)
            self.put_sound_peaks(sha, found)
        return found

    # ------------------------------------------------------------ media

    def media_size(self, sha: str) -> int:
        """Bytes of a medium. Raises KeyError."""
        with self._read() as connection:
            row = connection.execute("SELECT size FROM media WHERE sha256 = ?", (sha,)).fetchone()
        if row is not None:
            return int(row[0])
        return len(self.media(sha)[0])

    def media_to_file(self, sha: str, path: Path) -> None:
        """Lay a medium in a file, piece by piece. Raises KeyError, and OSError where it cannot be written."""
        with self._read() as connection:
            row = connection.execute("SELECT rowid FROM media WHERE sha256 = ?", (sha,)).fetchone()
            if row is not None:
                with connection.blobopen("media", "data", row[0], readonly=True) as blob, path.open("wb") as file:
                    while piece := blob.read(PIECE):
                        file.write(piece)
                return
        path.write_bytes(self.media(sha)[0])

    def sound_source(self, rate: int, folder: str | os.PathLike[str] | None = None, **more: Any) -> DecodedSource:
        """The project's media, decoded at a rate (`sound.source.DecodedSource`). Close it before the project."""
        from studio.project.sound.source import DecodedSource

        return DecodedSource(self.media, rate, Path(folder) if folder is not None else None, size=self.media_size,
                             fetch_to=self.media_to_file, **more)


def _delta(before: Arrangement | None, after: Arrangement, revision: str) -> Delta:
    from studio.project.sound.store import delta

    return delta(before, after, revision)


def _apply(connection: Connection, document: str, change: Delta) -> None:
    connection.executemany("DELETE FROM sound_piece WHERE document = ? AND kind = ? AND id = ?",
                           [(document, *place) for place in change.removed])
    connection.executemany("INSERT INTO sound_piece VALUES (?, ?, ?, ?) ON CONFLICT (document, kind, id) DO UPDATE SET "
                           "data = excluded.data", [(document, *row) for row in change.put])
