"""`studio project check`: is everything in a project file whole? It never writes to the file."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from studio.project import schema
from studio.project.database import check_header, check_place, connect_read_only, copy_with_journal, has_journal
from studio.project.errors import ProjectError
from studio.project.lock import is_locked

MAX_PROBLEMS = 200


@dataclass
class CheckReport:
    """ok: nothing is wrong. version: of the schema, 0 where it cannot be told. counts: rows of each table that can be
    counted. problems: one sentence each."""

    ok: bool = False
    version: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)


def check(path: str | Path) -> CheckReport:
    """Check a project file: structure, references, the hash of every medium, recipes, spans. Never raises over what is
    in the file, and never writes to it."""
    place = Path(path).expanduser().resolve()
    report = CheckReport()
    try:
        check_place(place)
        with _connection(place) as connection:
            report.version = schema.version_of(connection, place)
            _check(connection, report)
    except ProjectError as error:
        report.problems.append(_without_advice(error))
    except (sqlite3.Error, OSError) as error:
        report.problems.append(f"The file cannot be read to the end ({error}).")
    del report.problems[MAX_PROBLEMS:]
    report.ok = not report.problems
    return report


def _without_advice(error: ProjectError) -> str:
    if error.kind == "damaged":  # the advice is to run this check
        return "The file is damaged: it is cut off, overwritten or no longer a database."
    return str(error)


@contextmanager
def _connection(place: Path) -> Iterator[sqlite3.Connection]:
    """Reads the file itself where nothing waits beside it or a window has it open, else a copy with its journal."""
    if is_locked(place):
        connection = connect_read_only(place)
        try:
            yield connection
        finally:
            connection.close()
        return
    check_header(place)
    with tempfile.TemporaryDirectory(prefix="pieria-") as folder:
        waits = has_journal(place)
        source = copy_with_journal(place, Path(folder)) if waits else place
        connection = connect_read_only(source, immutable=not waits)
        try:
            yield connection
        finally:
            connection.close()


def _check(connection: sqlite3.Connection, report: CheckReport) -> None:
    steps = (_structure, _references, _counts, _media, _results, _manuscripts, _states, _paintings)
    for step in steps:
        try:
            step(connection, report)
        except sqlite3.Error as error:
            report.problems.append(f"A part of the file cannot be read ({error}).")


def _structure(connection: sqlite3.Connection, report: CheckReport) -> None:
    for (line,) in connection.execute("PRAGMA integrity_check(50)"):
        if line != "ok":
            report.problems.append(f"The structure is damaged: {str(line).splitlines()[0]}.")
    if connection.execute("SELECT count(*) FROM meta WHERE key IN ('id', 'title')").fetchone()[0] != 2:
        report.problems.append("The project's id or title is missing.")


def _references(connection: sqlite3.Connection, report: CheckReport) -> None:
    for table, row, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        report.problems.append(f"Row {row} of {table} refers to a {parent} that is not there.")


def _counts(connection: sqlite3.Connection, report: CheckReport) -> None:
    for table in sorted(schema.TABLES_OF[report.version] - {"result_fts", "meta"}):
        report.counts[table] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    words = connection.execute("SELECT count(*) FROM result_fts_docsize").fetchone()[0]
    if words != report.counts["result"]:
        report.problems.append("The search index does not cover every result.")


def _media(connection: sqlite3.Connection, report: CheckReport) -> None:
    for rowid, sha, size in connection.execute("SELECT rowid, sha256, size FROM media").fetchall():
        try:
            digest, length = hashlib.sha256(), 0
            with connection.blobopen("media", "data", rowid, readonly=True) as blob:
                while piece := blob.read(1 << 20):
                    digest.update(piece)
                    length += len(piece)
        except (sqlite3.Error, ValueError) as error:
            report.problems.append(f"Medium {sha[:12]} cannot be read ({error}).")
            continue
        if digest.hexdigest() != sha or length != size:
            report.problems.append(f"Medium {sha[:12]} is not what it was: its bytes have changed.")


def _is_object(text: str) -> bool:
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, TypeError, RecursionError):
        return False


def _results(connection: sqlite3.Connection, report: CheckReport) -> None:
    for key, recipe, meta in connection.execute("SELECT id, recipe, meta FROM result"):
        if not _is_object(recipe):
            report.problems.append(f"The recipe of result {key} cannot be read.")
        if not _is_object(meta):
            report.problems.append(f"The facts about result {key} cannot be read.")


def _manuscripts(connection: sqlite3.Connection, report: CheckReport) -> None:
    if report.version < 3:
        for document, text, spans in connection.execute("SELECT document, text, spans FROM manuscript"):
            if not _fits(text, spans):
                report.problems.append(f"Who wrote what in manuscript {document} does not fit its text.")
        return
    for table in ("manuscript_prose", "manuscript_snapshot"):
        for node, text, blocks, marks, spans in connection.execute(
                f"SELECT node, text, blocks, marks, spans FROM {table}"):
            if not _fits(text, spans):
                report.problems.append(f"Who wrote what in scene {node} does not fit its text.")
            if not (_is_list(blocks) and _is_list(marks)):
                report.problems.append(f"The styles of scene {node} cannot be read.")
    for (node,) in connection.execute("SELECT id FROM manuscript_node WHERE kind = 'scene' AND id NOT IN "
                                      "(SELECT node FROM manuscript_prose)"):
        report.problems.append(f"Scene {node} has lost its text.")
    _rings(connection, report)


def _fits(text: str, spans: str) -> bool:
    try:
        return all(span["start"] >= 0 and span["length"] > 0 and span["start"] + span["length"] <= len(text)
                   for span in json.loads(spans))
    except (ValueError, TypeError, KeyError, RecursionError):
        return False


def _is_list(text: str) -> bool:
    try:
        return isinstance(json.loads(text), list)
    except (ValueError, TypeError, RecursionError):
        return False


def _rings(connection: sqlite3.Connection, report: CheckReport) -> None:
    """Nodes that lie in themselves would never be shown."""
    lost = connection.execute(
        "WITH RECURSIVE seen(id) AS (SELECT id FROM manuscript_node WHERE parent IS NULL UNION SELECT n.id FROM "
        "manuscript_node n JOIN seen ON n.parent = seen.id) SELECT count(*) FROM manuscript_node WHERE id NOT IN seen"
    ).fetchone()[0]
    if lost:
        report.problems.append(f"{lost} parts of a manuscript lie in themselves.")


def _states(connection: sqlite3.Connection, report: CheckReport) -> None:
    for key, state in connection.execute("SELECT id, state FROM document"):
        if not _is_object(state):
            report.problems.append(f"The state of document {key} cannot be read.")
    if report.version >= 3:
        for table, column in (("story_note", "extra"), ("chat", "state"), ("chat_message", "state"),
                              ("sound_piece", "data")):
            for key, state in connection.execute(f"SELECT id, {column} FROM {table}"):
                if not _is_object(state):
                    report.problems.append(f"A {column} of {table.replace('_', ' ')} {key} cannot be read.")
    for key, request in connection.execute("SELECT id, request FROM job"):
        if not _is_object(request):
            report.problems.append(f"The request of job {key} cannot be read.")


def _paintings(connection: sqlite3.Connection, report: CheckReport) -> None:
    if "paint_tile" not in schema.TABLES_OF[report.version] or not report.counts.get("paint_document"):
        return
    from studio.project.paint.store import BadTile, decode_tile, masks_in, planes_in

    for document, text in connection.execute("SELECT document, tree FROM paint_document").fetchall():
        if not _is_object(text):
            report.problems.append(f"The layers of canvas {document} cannot be read.")
            continue
        tree = json.loads(text)
        masks, planes = masks_in(tree), planes_in(tree)
        for plane, tx, ty, data in connection.execute(
                "SELECT plane, tx, ty, data FROM paint_tile WHERE document = ?", (document,)):
            if plane not in planes:
                report.problems.append(f"Canvas {document} has pixels of a layer {plane} that is not there.")
                continue
            try:
                decode_tile(data, 1 if plane in masks else 4)
            except BadTile as error:
                report.problems.append(f"Pixels of canvas {document} at {tx}, {ty} in {plane} are damaged ({error}).")
