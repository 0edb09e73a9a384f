"""The tree of a manuscript: parts, chapters and scenes."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from dataclasses import replace
from sqlite3 import Connection
from typing import Any

from studio.project.documents import touch
from studio.project.errors import ProjectError
from studio.project.manuscript.rows import RANK, STATUSES, Node, NodeKind, new_id
from studio.project.search import clean
from studio.project.store import Store

COLUMNS = "id, document, parent, kind, title, status, goal, synopsis, position, words, updated, trashed"
MAX_GOAL = 10_000_000


def node_of(row: tuple[Any, ...]) -> Node:
    key, document, parent, *rest = row
    return Node(key, document, parent or "", *rest)


def find(connection: Connection, node: str) -> Node:
    """Raises ProjectError ("missing")."""
    row = connection.execute(f"SELECT {COLUMNS} FROM manuscript_node WHERE id = ?", (node,)).fetchone()
    if row is None:
        raise ProjectError("This part of the manuscript is no longer in the project.", kind="missing")
    return node_of(row)


def find_scene(connection: Connection, node: str) -> Node:
    """Raises ProjectError ("missing", or "failed" where it is no scene)."""
    found = find(connection, node)
    if found.kind != "scene":
        raise ProjectError(f"“{found.title}” is a {found.kind}; only scenes have text, so choose one of its scenes.")
    return found


def insert(connection: Connection, node: Node, before: str = "") -> Node:
    """Add a node among its siblings, in front of `before` or behind them all. A scene comes with empty text."""
    connection.execute(f"INSERT INTO manuscript_node ({COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       (node.id, node.document, node.parent or None, node.kind, node.title, node.status, node.goal,
                        node.synopsis, 1 << 40, node.words, node.updated, node.trashed))
    if node.kind == "scene":
        connection.execute("INSERT INTO manuscript_prose VALUES (?, '', '[]', '[]', '[]', 0)", (node.id,))
    place(connection, node.id, node.document, node.parent, before)
    return find(connection, node.id)


def place(connection: Connection, node: str, document: str, parent: str, before: str) -> None:
    """Number the children of `parent` such that `node` comes in front of `before`, or last."""
    rows = connection.execute("SELECT id FROM manuscript_node WHERE document = ? AND parent IS ? ORDER BY position, id",
                              (document, parent or None)).fetchall()
    order = [row[0] for row in rows if row[0] != node]
    if before and before != node and before not in order:
        raise ProjectError("The place to put this is no longer in the manuscript.", kind="missing")
    at = order.index(before) if before in order else len(order)
    if before == node:  # it stays where it is
        at = [row[0] for row in rows].index(node)
    order.insert(at, node)
    connection.executemany("UPDATE manuscript_node SET position = ? WHERE id = ? AND position <> ?",
                           [(number, key, number) for number, key in enumerate(order)])


def check_parent(connection: Connection, document: str, kind: str, parent: str) -> None:
    """Raises ProjectError where a node of `kind` cannot lie in `parent`."""
    if not parent:
        return
    above = find(connection, parent)
    if above.document != document:
        raise ProjectError("Parts of a manuscript cannot be moved into another one; copy the text instead.")
    if RANK[above.kind] >= RANK[kind]:
        raise ProjectError(f"A {kind} cannot lie in a {above.kind}; put it beside it.")


def subtree(connection: Connection, node: str) -> list[str]:
    """The node and all below it."""
    rows = connection.execute("WITH RECURSIVE below(id) AS (VALUES (?) UNION SELECT n.id FROM manuscript_node n "
                              "JOIN below ON n.parent = below.id) SELECT id FROM below", (node,)).fetchall()
    return [row[0] for row in rows]


def in_order(nodes: Iterable[Node]) -> list[Node]:
    """Nodes as they are read: each followed by what lies in it; chapters and parts with the words of their scenes.
    Those whose parent is not among them come as if at the top."""
    every = {node.id: node for node in nodes}
    children: dict[str, list[Node]] = {}
    for node in every.values():
        children.setdefault(node.parent if node.parent in every else "", []).append(node)
    for siblings in children.values():
        siblings.sort(key=lambda n: (n.position, n.id))

    def words(node: Node) -> int:
        return node.words if node.kind == "scene" else sum(words(child) for child in children.get(node.id, ()))

    def walk(key: str) -> Iterator[Node]:
        for node in children.get(key, ()):
            yield replace(node, words=words(node))
            yield from walk(node.id)

    return list(walk(""))


class Nodes(Store):
    """The part of `Project` that keeps the tree."""

    def manuscript_nodes(self, document: str, trashed: bool = False) -> list[Node]:
        """What is in a manuscript, in reading order; with `trashed` what was thrown away instead. Raises KeyError where
        there is no such manuscript."""
        with self._read() as connection:
            if connection.execute("SELECT 1 FROM document WHERE id = ? AND kind = 'manuscript'",
                                  (document,)).fetchone() is None:
                raise KeyError(document)
            rows = connection.execute(f"SELECT {COLUMNS} FROM manuscript_node WHERE document = ? AND "
                                      "(trashed IS NOT NULL) = ?", (document, trashed)).fetchall()
        return in_order(node_of(row) for row in rows)

    def manuscript_node(self, node: str) -> Node:
        """One node. Raises KeyError."""
        with self._read() as connection:
            row = connection.execute(f"SELECT {COLUMNS} FROM manuscript_node WHERE id = ?", (node,)).fetchone()
        if row is None:
            raise KeyError(node)
        return node_of(row)

    def add_node(self, document: str, kind: NodeKind, title: str, parent: str = "", before: str = "", *,
                 status: str = "draft", synopsis: str = "") -> Future[Node]:
        """Add a part (at the top), a chapter (at the top or in a part) or a scene (anywhere but in a scene), in front
        of its sibling `before` or behind the others."""
        fresh = Node(new_id(), document, parent, kind, clean(title), status if status in STATUSES else "draft", 0,
                     clean(synopsis), updated=time.time())

        def apply(connection: Connection) -> Node:
            touch(connection, document, fresh.updated, "manuscript")
            check_parent(connection, document, kind, parent)
            return insert(connection, fresh, before)

        return self._change(apply)

    def move_node(self, node: str, parent: str, before: str = "") -> Future[Node]:
        """Put a node, with what lies in it, into `parent` ("": the top), in front of `before` or behind the others."""
        now = time.time()

        def apply(connection: Connection) -> Node:
            moved = find(connection, node)
            if parent in subtree(connection, node):
                raise ProjectError(f"“{moved.title}” cannot be moved into itself.")
            check_parent(connection, moved.document, moved.kind, parent)
            connection.execute("UPDATE manuscript_node SET parent = ?, position = ? WHERE id = ?",
                               (parent or None, moved.position if parent == moved.parent else 1 << 40, node))
            place(connection, node, moved.document, parent, before)
            touch(connection, moved.document, now)
            return find(connection, node)

        return self._change(apply)

    def change_node(self, node: str, *, title: str | None = None, status: str | None = None, goal: int | None = None,
                    synopsis: str | None = None) -> Future[Node]:
        """Change what is named. Raises ValueError for a status that does not exist."""
        if status is not None and status not in STATUSES:
            raise ValueError(status)
        now = time.time()
        values = {"title": None if title is None else clean(title), "status": status,
                  "goal": None if goal is None else min(max(0, int(goal)), MAX_GOAL),
                  "synopsis": None if synopsis is None else clean(synopsis)}
        given = {key: value for key, value in values.items() if value is not None}

        def apply(connection: Connection) -> Node:
            found = find(connection, node)
            if given:
                sets = ", ".join(f"{key} = ?" for key in given)
                connection.execute(f"UPDATE manuscript_node SET {sets}, updated = ? WHERE id = ?",
                                   (*given.values(), now, node))
                touch(connection, found.document, now)
            return find(connection, node)

        return self._change(apply)

    def trash_node(self, node: str) -> Future[list[str]]:
        """Throw a node away, with what lies in it; nothing is removed. Returns the ids of what went."""
        now = time.time()

        def apply(connection: Connection) -> list[str]:
            found = find(connection, node)
            gone = [key for key in subtree(connection, node) if find(connection, key).trashed is None]
            connection.executemany("UPDATE manuscript_node SET trashed = ? WHERE id = ?", [(now, key) for key in gone])
            touch(connection, found.document, now)
            return gone

        return self._change(apply)

    def restore_node(self, node: str) -> Future[list[str]]:
        """Bring a node back, with what was thrown away together with it, to where it was; to the top where that is
        itself thrown away. Returns the ids of what came back."""
        now = time.time()

        def apply(connection: Connection) -> list[str]:
            found = find(connection, node)
            if found.trashed is None:
                return []
            back = [key for key in subtree(connection, node) if find(connection, key).trashed == found.trashed]
            connection.executemany("UPDATE manuscript_node SET trashed = NULL WHERE id = ?", [(key,) for key in back])
            parent = found.parent
            while parent and find(connection, parent).trashed is not None:
                parent = find(connection, parent).parent
            if parent != found.parent:
                connection.execute("UPDATE manuscript_node SET parent = ?, position = ? WHERE id = ?",
                                   (parent or None, 1 << 40, node))
                place(connection, node, found.document, parent, "")
            touch(connection, found.document, now)
            return back

        return self._change(apply)
