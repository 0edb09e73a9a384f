"""Throw out of a project file what nothing shows, needs or could bring back.

Of the results only those go that were thrown away long enough ago. Of these, and of the media, whatever is named
anywhere else stays: by another result's recipe, a layer, a text, a canvas of version 1, the queue, a draft. Names are
looked for as words in the stored JSON, wherever they stand in it, so that no place can be forgotten.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from sqlite3 import Connection

from studio.project.database import SIDECARS
from studio.project.errors import ProjectError
from studio.project.search import clean, indexed

DAYS = 30.0
"""Results stay in the bin for so long unless somebody says otherwise."""

_NAME = re.compile(r"[0-9A-Za-z_-]{8,}")
_NAMED_BY = (
    "SELECT value FROM meta", "SELECT state FROM document", "SELECT marks, spans FROM manuscript_prose",
    "SELECT marks, spans FROM manuscript_snapshot", "SELECT result FROM manuscript_branch",
    "SELECT picture, extra FROM story_note", "SELECT state FROM chat", "SELECT result, state FROM chat_message",
    "SELECT data FROM sound_piece",
    "SELECT tree FROM paint_document", "SELECT media FROM canvas_item", "SELECT result FROM canvas_item",
    "SELECT request FROM job WHERE state NOT IN ('done', 'cancelled')", "SELECT named_by FROM temp.as_opened",
)
_WATCHED = (
    ("manuscript_prose", ("node",), ("marks", "spans")), ("paint_document", ("document",), ("tree",)),
    ("manuscript_snapshot", ("id",), ("marks", "spans")), ("manuscript_branch", ("id",), ("result",)),
    ("story_note", ("id",), ("picture", "extra")), ("chat_message", ("id",), ("result", "state")),
    ("sound_piece", ("document", "kind", "id"), ("data",)),
)
"""Tables, their keys, and the columns that name results and media."""


@dataclass(frozen=True)
class Compaction:
    """What went: how many results and media. before, after: size of the file in bytes, its journal settled."""

    results: int
    media: int
    before: int
    after: int

    @property
    def won(self) -> int:
        """Bytes."""
        return max(0, self.before - self.after)


def watch(connection: Connection) -> None:
    """From now on remember of each text, painting, note, ... what it named when it was opened: Undo may go back there.

    Rows that come later name only what was put since, which stays in any case (`purge`, keep).
    """
    connection.execute("CREATE TEMP TABLE as_opened (what TEXT PRIMARY KEY, named_by TEXT NOT NULL)")
    for table, keys, columns in _WATCHED:
        what = " || ' ' || ".join([f"'{table}'", *(f"old.{key}" for key in keys)])
        named = " || ' ' || ".join(f"old.{column}" for column in columns)
        for event in (f"UPDATE OF {', '.join(columns)}", "DELETE"):
            connection.execute(
                # No OR IGNORE: the conflict clause of the statement that sets the trigger off would count in its place.
                f"CREATE TEMP TRIGGER watch_{table}_{event[:6]} BEFORE {event} ON main.{table} BEGIN INSERT INTO "
                f"as_opened SELECT {what}, {named} WHERE NOT EXISTS (SELECT 1 FROM as_opened WHERE what = {what}); END")


def size_of(path: Path) -> int:
    """Bytes of the project with what waits in its journal."""
    files = [path, path.with_name(path.name + SIDECARS[0])]
    return sum(file.stat().st_size for file in files if file.exists())


def check_room(path: Path) -> None:
    """Raises `ProjectError` where the disk cannot take the copy that is made on the way."""
    needed, free = 2 * size_of(path), shutil.disk_usage(path.parent).free
    if free < needed:
        raise ProjectError(f"Compacting {path.name} needs {needed / 1e6:,.0f} MB of free space on its disk for a "
                           f"moment, and {free / 1e6:,.0f} MB are free; make room and try again.", kind="full")


def purge(connection: Connection, before: float, keep: Iterable[str] = ()) -> tuple[int, int]:
    """Remove what nothing needs, inside the caller's transaction.

    Args:
        before: results thrown away earlier than this (seconds since 1970) may go.
        keep: ids of results and hashes of media that stay in any case.

    Returns:
        How many results and media went.
    """
    results, media = _unneeded(connection, before, keep)
    gone = [(name,) for name in sorted(results)]
    connection.executemany("DELETE FROM thumbnail WHERE result = ?", gone)
    connection.executemany("DELETE FROM result WHERE id = ?", gone)
    for table, key in (("sound_peaks", "media"), ("media", "sha256")):
        connection.executemany(f"DELETE FROM {table} WHERE {key} = ?", [(name,) for name in sorted(media)])
    if gone:
        _index_anew(connection)
    return len(results), len(media)


def squeeze(connection: Connection) -> None:
    """Give the room back to the disk. Outside a transaction; a kill meanwhile leaves the file as it was."""
    connection.execute("VACUUM")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _unneeded(connection: Connection, before: float, keep: Iterable[str]) -> tuple[set[str], set[str]]:
    run = connection.execute
    binned = {row[0] for row in run("SELECT id FROM result WHERE deleted < ?", (before,))}
    media = {row[0] for row in run("SELECT sha256 FROM media")}
    names = binned | media
    named = names.intersection(keep)
    for query in _NAMED_BY:
        named |= _named(run(query), names)
    named |= _named(run("SELECT media, recipe, meta FROM result WHERE deleted IS NULL OR deleted >= ?", (before,)),
                    names)
    seen: set[str] = set()
    while fresh := (named & binned) - seen:  # what stays needs what it names itself
        seen |= fresh
        for name in fresh:
            named |= _named(run("SELECT media, recipe, meta FROM result WHERE id = ?", (name,)), names)
    return binned - named, media - named


def _named(rows: Iterable[tuple[object, ...]], names: set[str]) -> set[str]:
    found: set[str] = set()
    for row in rows:
        for text in row:
            found.update(names.intersection(_NAME.findall(str(text))))
    return found


def _index_anew(connection: Connection) -> None:
    """The search index holds no texts, so single entries cannot be taken out of it."""
    connection.execute("INSERT INTO result_fts (result_fts) VALUES ('delete-all')")
    connection.executemany("INSERT INTO result_fts (rowid, prompt, text) VALUES (?, ?, ?)", _words(connection))


def _words(connection: Connection) -> Iterator[tuple[int, str, str]]:
    rows = connection.execute("SELECT seq, kind, prompt, text_preview, media FROM result ORDER BY seq")
    for seq, kind, prompt, preview, media in rows:
        text = preview
        if kind == "text":
            data = connection.execute("SELECT data FROM media WHERE sha256 = ?", (media,)).fetchone()[0]
            whole = clean(bytes(data).decode("utf-8", "replace"))
            text = whole if whole.startswith(preview) else preview
        yield seq, indexed(prompt), indexed(text)
