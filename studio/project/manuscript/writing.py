"""A book that was read becomes a manuscript of the project."""

from __future__ import annotations

import secrets
import time
from concurrent.futures import Future
from dataclasses import replace
from sqlite3 import Connection
from typing import TYPE_CHECKING

from studio.project.manuscript import nodes, texts
from studio.project.manuscript.book import Book, Part, with_pictures
from studio.project.manuscript.notes import cleaned, put_all
from studio.project.manuscript.rows import Node, new_id
from studio.project.migration3 import add_first_scene
from studio.project.rows import DocumentRow, dumps
from studio.project.search import clean

if TYPE_CHECKING:
    from studio.project.file import Project


def add_book(project: Project, book: Book, title: str = "") -> Future[DocumentRow]:
    """Add a manuscript with everything in `book`, its notes included. Pictures are put first, so that nothing refers to
    what is not there; the rest is one change."""
    names = {name: project.put_media(picture.data, picture.media_type).result()
             for name, picture in book.pictures.items()}
    document, now = secrets.token_hex(8), time.time()
    told = clean(title or book.title or "Manuscript")
    state = {"book": {key: clean(value) for key, value in (("title", book.title), ("author", book.author),
                                                           ("language", book.language)) if value}}
    made = [(part, texts.kept(with_pictures(part.prose, names))) for part in book.parts]
    notes = [cleaned(replace(note, document=document, picture=names.get(note.picture, ""))) for note in book.notes]

    def apply(connection: Connection) -> DocumentRow:
        position = connection.execute("SELECT coalesce(max(position) + 1, 0) FROM document").fetchone()[0]
        kept = state if state["book"] else {}
        connection.execute("INSERT INTO document VALUES (?, 'manuscript', ?, ?, ?, ?)",
                           (document, told, position, dumps(kept), now))
        _add_parts(connection, document, made, now)
        put_all(connection, notes, now)
        return DocumentRow(document, "manuscript", told, position, kept, now)

    return project._change(apply)


def _add_parts(connection: Connection, document: str, made: list[tuple[Part, texts.Kept]], now: float) -> None:
    if not made:
        add_first_scene(connection, document, now)
        return
    above: list[str] = []
    counts: dict[str, int] = {}
    for part, kept in made:
        del above[part.depth:]
        parent = above[-1] if above else ""
        planned = part.kind == "scene" and bool(part.synopsis) and not part.prose.text.strip()
        node = Node(new_id(), document, parent, part.kind, clean(part.title), "planned" if planned else "draft",
                    synopsis=clean(part.synopsis), updated=now)
        connection.execute(f"INSERT INTO manuscript_node ({nodes.COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           (node.id, document, parent or None, node.kind, node.title, node.status, 0, node.synopsis,
                            counts.setdefault(parent, 0), kept[1] if part.kind == "scene" else 0, now, None))
        counts[parent] += 1
        if part.kind == "scene":
            connection.execute("INSERT INTO manuscript_prose VALUES (?, ?, ?, ?, ?, 0)", (node.id, *kept[0]))
        above.append(node.id)
