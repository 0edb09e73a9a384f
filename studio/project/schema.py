"""The tables of the project file, their version, and the way from every past version to this one."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from studio.project.errors import ProjectError, damaged, not_a_project
from studio.project.migration import to_version_2
from studio.project.migration3 import add_first_scene, to_version_3

APPLICATION_ID = 0x50494552
"""“PIER”, in the header of every project file, so that `file` and this program know it."""

VERSION = 3

PAGE_SIZE = 8192
"""Larger than SQLite's default: most of a project is blobs of 100 kB and more."""

MIGRATIONS: Mapping[int, Callable[[sqlite3.Connection], None]] = {1: to_version_2, 2: to_version_3}
"""From version n to n + 1. Every version that was ever released keeps its entry and its golden file in the tests."""

_FIRST_TABLES = frozenset({"meta", "media", "result", "thumbnail", "result_fts", "document", "canvas_item",
                           "manuscript", "job"})
_PAINTED = _FIRST_TABLES | {"paint_document", "paint_tile"}
TABLES_OF = {1: _FIRST_TABLES, 2: _PAINTED, 3: _PAINTED - {"manuscript"} | {
    "manuscript_node", "manuscript_prose", "manuscript_snapshot", "manuscript_branch", "story_note", "chat",
    "chat_message", "sound_piece", "sound_peaks"}}
"""The tables that each version has."""

TABLES = TABLES_OF[VERSION]


def create_tables(connection: sqlite3.Connection) -> None:
    """Make the tables of the present version in an empty database, in one transaction."""
    connection.execute(f"PRAGMA page_size = {PAGE_SIZE}")
    script = Path(__file__).with_name("schema.sql").read_text(encoding="utf-8")
    connection.executescript(
        f"BEGIN IMMEDIATE; PRAGMA application_id = {APPLICATION_ID}; {script} PRAGMA user_version = {VERSION}; COMMIT;")


def version_of(connection: sqlite3.Connection, path: Path) -> int:
    """The schema version of the file.

    Raises:
        ProjectError: it is not a project, comes from a newer Pieria, or lacks tables ("damaged").
    """
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    if application != APPLICATION_ID:
        raise not_a_project(path)
    if version > VERSION:
        raise ProjectError(f"The project {path.name} was made by a newer Pieria; update Pieria to open it.",
                           kind="newer")
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if version < 1 or not names >= TABLES_OF[version]:
        raise damaged(path)
    return version


def migrate(connection: sqlite3.Connection, version: int,
            migrations: Mapping[int, Callable[[sqlite3.Connection], None]] = MIGRATIONS, target: int = VERSION) -> None:
    """Bring a file of an older version to `target`, all steps in one transaction: it ends in the old or the new."""
    if version >= target:
        return
    strict = connection.execute("PRAGMA foreign_keys").fetchone()[0]
    connection.execute("PRAGMA foreign_keys = 0")  # a table that others refer to may have to be made anew
    try:
        _run_steps(connection, version, migrations, target)
    finally:
        connection.execute(f"PRAGMA foreign_keys = {strict}")


def _run_steps(connection: sqlite3.Connection, version: int,
               migrations: Mapping[int, Callable[[sqlite3.Connection], None]], target: int) -> None:
    connection.execute("BEGIN IMMEDIATE")
    try:
        for step in range(version, target):
            migrations[step](connection)
        connection.execute(f"PRAGMA user_version = {target}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def fill(connection: sqlite3.Connection, project_id: str, title: str, created: float) -> None:
    """What a new project starts with: its name, a canvas and a manuscript."""
    connection.execute("BEGIN IMMEDIATE")
    connection.executemany("INSERT INTO meta VALUES (?, ?)",
                           [("id", project_id), ("title", title), ("created", repr(created))])
    canvas, manuscript = f"{project_id[:12]}-c1", f"{project_id[:12]}-m1"
    connection.executemany("INSERT INTO document VALUES (?, ?, ?, ?, '{}', ?)", [
        (canvas, "canvas", "Canvas 1", 0, created), (manuscript, "manuscript", "Manuscript", 1, created)])
    add_first_scene(connection, manuscript, created)
    connection.execute("COMMIT")
