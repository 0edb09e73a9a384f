"""The part of `Project` that keeps manuscripts."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import Future
from sqlite3 import Connection

from studio.project.errors import ProjectError
from studio.project.manuscript import texts
from studio.project.manuscript.nodes import COLUMNS, in_order, node_of
from studio.project.manuscript.notes import Branches, Chats, Notes
from studio.project.manuscript.prose import substitute
from studio.project.manuscript.rows import Prose
from studio.project.manuscript.texts import Texts
from studio.project.rows import Json, Manuscript


def _dressed(old: Prose, new: Prose) -> Prose:
    """The new text and authorship with the looks of the old text, where that is still the same."""
    head = _common(old.text, new.text)
    tail = _common(old.text[head:][::-1], new.text[head:][::-1])
    middle = Prose(new.text[head:len(new.text) - tail])
    looks = substitute(old, head, len(old.text) - tail, middle)
    return Prose(new.text, looks.blocks, looks.marks, new.spans)


def _common(a: str, b: str) -> int:
    """How many letters at the beginning are the same."""
    return next((n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


class Manuscripts(Texts, Notes, Branches, Chats):
    """Tree, texts, notes, branches and chats; and, for what knows but one text, the first scene as the whole."""

    def manuscript(self, document: str) -> Manuscript:
        """The text of the first scene with its spans and cursor. Raises KeyError."""
        scene = next((node.id for node in self.manuscript_nodes(document) if node.kind == "scene"), None)
        if scene is None:
            return Manuscript()
        prose, cursor = self.prose(scene)
        return Manuscript(prose.text, prose.spans, cursor)

    def set_manuscript(self, document: str, text: str, spans: Sequence[Json], cursor: int) -> Future[None]:
        """Replace the text of the first scene; looks stay where the text does. Spans and cursor are cut to it."""
        now, plain = time.time(), Prose(text, spans=tuple(spans))

        def apply(connection: Connection, made: texts.Kept) -> None:
            try:
                nodes = self._scenes(connection, document)
            except IndexError as error:
                raise ProjectError("This document is not a manuscript.", kind="missing") from error
            old, _ = texts.read(connection, nodes[0])
            if old.blocks or old.marks:
                made = texts.kept(_dressed(old, plain))
            texts.write(connection, nodes[0], made, cursor, now)

        return self._change(apply, lambda: texts.kept(plain))

    def _scenes(self, connection: Connection, document: str) -> list[str]:
        rows = connection.execute(f"SELECT {COLUMNS} FROM manuscript_node WHERE document = ? AND trashed IS NULL",
                                  (document,)).fetchall()
        return [node.id for node in in_order(node_of(row) for row in rows) if node.kind == "scene"]
