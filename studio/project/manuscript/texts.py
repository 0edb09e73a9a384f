"""The text of scenes in the project: read, written, split, joined, searched; and snapshots of it."""

from __future__ import annotations

import time
from collections.abc import Iterable, Mapping
from concurrent.futures import Future
from sqlite3 import Connection
from typing import Any

from studio.project.documents import touch
from studio.project.manuscript import finding, nodes
from studio.project.manuscript.nodes import Nodes
from studio.project.manuscript.prose import join, split
from studio.project.manuscript.rows import (
    Columns,
    Hit,
    Node,
    Prose,
    Replaced,
    Snapshot,
    from_columns,
    new_id,
    to_columns,
)
from studio.project.manuscript.words import count_words
from studio.project.search import clean

Kept = tuple[Columns, int]
"""Columns and words."""


def kept(prose: Prose) -> Kept:
    columns = to_columns(prose)
    return columns, count_words(columns[0])


def read(connection: Connection, node: str) -> tuple[Prose, int]:
    """The prose of a scene and its cursor. Raises ProjectError."""
    row = connection.execute("SELECT text, blocks, marks, spans, cursor FROM manuscript_prose WHERE node = ?",
                             (node,)).fetchone()
    if row is None:
        nodes.find_scene(connection, node)
        return Prose(), 0
    return from_columns(*row[:4]), row[4]


def write(connection: Connection, node: str, made: Kept, cursor: int | None, now: float) -> None:
    """Replace the text of a scene; cursor None: where it was, inside the text. Raises ProjectError."""
    scene = nodes.find_scene(connection, node)
    columns, words = made
    place = "min(cursor, ?)" if cursor is None else "?"
    at = len(columns[0]) if cursor is None else max(0, min(int(cursor), len(columns[0])))
    connection.execute(f"UPDATE manuscript_prose SET text = ?, blocks = ?, marks = ?, spans = ?, cursor = {place} "
                       "WHERE node = ?", (*columns, at, node))
    connection.execute("UPDATE manuscript_node SET words = ?, updated = ? WHERE id = ?", (words, now, node))
    touch(connection, scene.document, now)


class Texts(Nodes):
    """The part of `Project` that keeps the text of scenes."""

    def prose(self, node: str) -> tuple[Prose, int]:
        """The text of a scene and its cursor. Raises KeyError where there is no such scene."""
        with self._read() as connection:
            row = connection.execute("SELECT text, blocks, marks, spans, cursor FROM manuscript_prose WHERE node = ?",
                                     (node,)).fetchone()
        if row is None:
            raise KeyError(node)
        return from_columns(*row[:4]), row[4]

    def proses(self, document: str) -> dict[str, Prose]:
        """The text of every scene of a manuscript that was not thrown away, in reading order. Raises KeyError."""
        order = [node.id for node in self.manuscript_nodes(document) if node.kind == "scene"]
        with self._read() as connection:
            rows = connection.execute(
                "SELECT p.node, p.text, p.blocks, p.marks, p.spans FROM manuscript_prose p JOIN manuscript_node n "
                "ON n.id = p.node WHERE n.document = ? AND n.trashed IS NULL", (document,)).fetchall()
        found = {row[0]: from_columns(*row[1:]) for row in rows}
        return {key: found[key] for key in order if key in found}

    def set_prose(self, node: str, prose: Prose, cursor: int) -> Future[None]:
        """Replace the text of a scene. What does not fit its text is cut; words are counted on the writer's thread."""
        now = time.time()

        def apply(connection: Connection, made: Kept) -> None:
            write(connection, node, made, cursor, now)

        return self._change(apply, lambda: kept(prose))

    def set_proses(self, proses: Mapping[str, Prose]) -> Future[None]:
        """Replace the text of several scenes in one change; cursors stay."""
        now, wanted = time.time(), dict(proses)

        def apply(connection: Connection, made: dict[str, Kept]) -> None:
            for node, value in made.items():
                write(connection, node, value, None, now)

        return self._change(apply, lambda: {node: kept(prose) for node, prose in wanted.items()})

    # ------------------------------------------------------------ split and merge

    def split_scene(self, node: str, at: int, title: str) -> Future[Node]:
        """What is behind `at` becomes a scene of its own, right behind this one. `merge_scenes` undoes it."""
        fresh, now = new_id(), time.time()

        def apply(connection: Connection) -> Node:
            scene = nodes.find_scene(connection, node)
            prose, cursor = read(connection, node)
            left, right = split(prose, at)
            row = connection.execute("SELECT id FROM manuscript_node WHERE document = ? AND parent IS ? AND "
                                     "position > ? ORDER BY position LIMIT 1",
                                     (scene.document, scene.parent or None, scene.position)).fetchone()
            made = nodes.insert(connection, Node(fresh, scene.document, scene.parent, "scene", clean(title),
                                                 scene.status, updated=now), row[0] if row else "")
            write(connection, node, kept(left), cursor, now)
            write(connection, made.id, kept(right), 0, now)
            connection.execute("UPDATE manuscript_branch SET node = ?, start = max(0, start - ?) "
                               "WHERE node = ? AND start > ?",
                               (made.id, len(prose.text) - len(right.text), node, len(left.text)))
            return nodes.find(connection, made.id)

        return self._change(apply)

    def merge_scenes(self, first: str, second: str, joint: str = "\n") -> Future[Node]:
        """The text of `second` goes behind that of `first`, and `second` into the bin, where it keeps its text."""
        now = time.time()

        def apply(connection: Connection) -> Node:
            left, cursor = read(connection, first)
            right, _ = read(connection, second)
            scenes = [prose for prose in (left, right) if prose.text]
            write(connection, first, kept(join(scenes, joint)), cursor, now)
            offset = len(left.text) + len(joint) if left.text else 0
            connection.execute("UPDATE manuscript_branch SET node = ?, start = start + ? WHERE node = ?",
                               (first, offset, second))
            connection.execute("UPDATE manuscript_node SET trashed = ? WHERE id = ?", (now, second))
            return nodes.find(connection, first)

        return self._change(apply)

    # ------------------------------------------------------------ find and replace

    def find_prose(self, document: str, query: str, *, regex: bool = False, case: bool = False,
                   whole: bool = False, limit: int = finding.MAX_HITS) -> list[Hit]:
        """Where `query` occurs in the scenes of a manuscript, in reading order. case: capitals matter; whole: whole
        words alone. Raises ProjectError, one sentence, for a regular expression that is wrong or takes too long."""
        search = finding.Search(query, regex=regex, case=case, whole=whole)
        return search.hits(((node, prose.text) for node, prose in self._texts(document)), limit)

    def _texts(self, document: str) -> Iterable[tuple[str, Prose]]:
        order = [node.id for node in self.manuscript_nodes(document) if node.kind == "scene"]
        with self._read() as connection:
            texts = dict(connection.execute("SELECT p.node, p.text FROM manuscript_prose p JOIN manuscript_node n "
                                            "ON n.id = p.node WHERE n.document = ?", (document,)).fetchall())
        return [(key, Prose(texts.get(key, ""))) for key in order]

    def replace_prose(self, document: str, query: str, replacement: str, *, regex: bool = False, case: bool = False,
                      whole: bool = False, only: Iterable[str] | None = None) -> Future[Replaced]:
        """Replace all occurrences in all scenes (or those named in `only`) in one change. With `regex`, `replacement`
        may name groups as \\1 or \\g<name>. The future holds the changed scenes before and after: `set_proses` of the
        first takes it back. Raises ProjectError as `find_prose` does."""
        search = finding.Search(query, regex=regex, case=case, whole=whole)
        wanted = None if only is None else set(only)
        text, now = clean(replacement), time.time()

        def apply(connection: Connection) -> Replaced:
            rows: list[tuple[Any, ...]] = connection.execute(
                "SELECT p.node, p.text, p.blocks, p.marks, p.spans FROM manuscript_prose p JOIN manuscript_node n "
                "ON n.id = p.node WHERE n.document = ? AND n.trashed IS NULL ORDER BY p.node", (document,)).fetchall()
            every = {row[0]: from_columns(*row[1:]) for row in rows if wanted is None or row[0] in wanted}
            done = search.replace(every, text)
            for node, prose in done.after.items():
                write(connection, node, kept(prose), None, now)
            return done

        return self._change(apply)

    # ------------------------------------------------------------ snapshots

    def snapshots(self, node: str) -> list[Snapshot]:
        """The snapshots of a scene, the newest first."""
        with self._read() as connection:
            rows = connection.execute("SELECT id, node, created, title, words FROM manuscript_snapshot WHERE node = ? "
                                      "ORDER BY created DESC, id", (node,)).fetchall()
        return [Snapshot(*row) for row in rows]

    def add_snapshot(self, node: str, title: str) -> Future[Snapshot]:
        """Keep a scene as it is on disk at this place in the order of changes."""
        key, now, name = new_id(), time.time(), clean(title)

        def apply(connection: Connection) -> Snapshot:
            scene = nodes.find_scene(connection, node)
            connection.execute("INSERT INTO manuscript_snapshot SELECT ?, node, ?, ?, ?, text, blocks, marks, spans "
                               "FROM manuscript_prose WHERE node = ?", (key, now, name, scene.words, node))
            return Snapshot(key, node, now, name, scene.words)

        return self._change(apply)

    def snapshot_prose(self, snapshot: str) -> Prose:
        """What a snapshot holds. Raises KeyError."""
        with self._read() as connection:
            row = connection.execute("SELECT text, blocks, marks, spans FROM manuscript_snapshot WHERE id = ?",
                                     (snapshot,)).fetchone()
        if row is None:
            raise KeyError(snapshot)
        return from_columns(*row)

    def remove_snapshot(self, snapshot: str) -> Future[None]:
        """Remove it for good; an unknown id is no error."""

        def apply(connection: Connection) -> None:
            connection.execute("DELETE FROM manuscript_snapshot WHERE id = ?", (snapshot,))

        return self._change(apply)
