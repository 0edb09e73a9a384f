"""Story notes, branches and chats of a manuscript, in the project."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future
from dataclasses import replace
from sqlite3 import Connection
from typing import Any

from studio.project.documents import touch
from studio.project.manuscript.nodes import find_scene
from studio.project.manuscript.rows import NOTE_KINDS, Branch, Chat, Message, Note, new_id
from studio.project.rows import dumps, loads
from studio.project.search import clean
from studio.project.store import Store

_NOTE = "id, document, title, kind, keys, text, pinned, enabled, priority, position, picture, extra"
_BRANCH = "id, node, start, text, result, created, kept"
_CHAT = "id, document, title, character, system, created, state"
_MESSAGE = "id, chat, parent, role, text, created, result, state"


def _upsert(table: str, columns: str) -> str:
    """No INSERT OR REPLACE: it would not set off the triggers that remember what Undo may need (see `compact`)."""
    names = columns.split(", ")
    sets = ", ".join(f"{name} = excluded.{name}" for name in names[1:])
    return (f"INSERT INTO {table} ({columns}) VALUES ({', '.join('?' * len(names))}) "
            f"ON CONFLICT (id) DO UPDATE SET {sets}")


def _note_of(row: tuple[Any, ...]) -> Note:
    key, document, title, kind, keys, text, pinned, enabled, priority, position, picture, extra = row
    return Note(key, document, title, kind, tuple(str(k) for k in loads(keys, [])), text, bool(pinned), bool(enabled),
                priority, position, picture, loads(extra, {}))


def _note_values(note: Note) -> tuple[Any, ...]:
    kind = note.kind if note.kind in NOTE_KINDS else "other"
    return (note.id, note.document, note.title, kind, dumps([clean(str(key)) for key in note.keys]), note.text,
            int(note.pinned), int(note.enabled), int(note.priority), note.position, note.picture, dumps(note.extra))


def cleaned(note: Note) -> Note:
    return replace(note, id=note.id or new_id(), title=clean(note.title), text=clean(note.text),
                   picture=clean(note.picture))


def put_all(connection: Connection, notes: Sequence[Note], now: float) -> list[Note]:
    """Add or change notes inside a change."""
    last: dict[str, int] = {}
    for document in sorted({note.document for note in notes}):
        touch(connection, document, now, "manuscript")
        last[document] = connection.execute("SELECT coalesce(max(position), -1) FROM story_note WHERE document = ?",
                                            (document,)).fetchone()[0]
    kept = []
    for note in notes:
        if note.position < 0:
            last[note.document] += 1
            kept.append(replace(note, position=last[note.document]))
        else:
            kept.append(note)
    connection.executemany(_upsert("story_note", _NOTE), [_note_values(note) for note in kept])
    return kept


class Notes(Store):
    """The part of `Project` that keeps story notes."""

    def notes(self, document: str) -> list[Note]:
        """The story notes of a manuscript, in their order."""
        with self._read() as connection:
            rows = connection.execute(f"SELECT {_NOTE} FROM story_note WHERE document = ? ORDER BY position, id",
                                      (document,)).fetchall()
        return [_note_of(row) for row in rows]

    def put_note(self, note: Note) -> Future[Note]:
        """Add a note (id "": with a new one), or change it. The future holds it as it is kept."""
        now, fresh = time.time(), cleaned(note)
        return self._change(lambda connection: put_all(connection, [fresh], now)[0])

    def put_notes(self, notes: Sequence[Note]) -> Future[list[Note]]:
        """Add or change many notes at once."""
        now, fresh = time.time(), [cleaned(note) for note in notes]
        return self._change(lambda connection: put_all(connection, fresh, now))

    def remove_note(self, note: str) -> Future[None]:
        """Take a note away; an unknown id is no error."""
        return self.remove_notes([note])

    def remove_notes(self, notes: Iterable[str]) -> Future[None]:
        gone = [(key,) for key in notes]
        return self._change(lambda connection: _delete(connection, "DELETE FROM story_note WHERE id = ?", gone))


class Branches(Store):
    """The part of `Project` that keeps continuations that stand beside the text."""

    def branches(self, node: str) -> list[Branch]:
        """The branches of a scene, in the order of the text and then of their making."""
        with self._read() as connection:
            rows = connection.execute(f"SELECT {_BRANCH} FROM manuscript_branch WHERE node = ? "
                                      "ORDER BY start, created, id", (node,)).fetchall()
        return [Branch(key, of, start, text, result, created, bool(kept))
                for key, of, start, text, result, created, kept in rows]

    def put_branch(self, branch: Branch) -> Future[Branch]:
        """Add a branch (id "": with a new one), or change it."""
        fresh = replace(branch, id=branch.id or new_id(), start=max(0, int(branch.start)), text=clean(branch.text),
                        created=branch.created or time.time())

        def apply(connection: Connection) -> Branch:
            find_scene(connection, fresh.node)
            connection.execute(_upsert("manuscript_branch", _BRANCH),
                               (fresh.id, fresh.node, fresh.start, fresh.text, fresh.result, fresh.created,
                                int(fresh.kept)))
            return fresh

        return self._change(apply)

    def remove_branch(self, branch: str) -> Future[None]:
        """Take a branch away; an unknown id is no error."""
        return self._change(lambda connection: _delete(
            connection, "DELETE FROM manuscript_branch WHERE id = ?", [(branch,)]))


class Chats(Store):
    """The part of `Project` that keeps chats."""

    def chats(self, document: str) -> list[Chat]:
        """The chats of a manuscript, the oldest first."""
        with self._read() as connection:
            rows = connection.execute(f"SELECT {_CHAT} FROM chat WHERE document = ? ORDER BY created, id",
                                      (document,)).fetchall()
        return [Chat(key, of, title, character, system, created, loads(state, {}))
                for key, of, title, character, system, created, state in rows]

    def put_chat(self, chat: Chat) -> Future[Chat]:
        """Add a chat (id "": with a new one), or change it."""
        fresh = replace(chat, id=chat.id or new_id(), title=clean(chat.title), character=clean(chat.character),
                        system=clean(chat.system), created=chat.created or time.time())
        values = (fresh.id, fresh.document, fresh.title, fresh.character, fresh.system, fresh.created,
                  dumps(fresh.state))

        def apply(connection: Connection) -> Chat:
            connection.execute(_upsert("chat", _CHAT), values)
            return fresh

        return self._change(apply)

    def remove_chat(self, chat: str) -> Future[None]:
        """Take a chat away with all its messages; an unknown id is no error."""

        def apply(connection: Connection) -> None:
            connection.execute("DELETE FROM chat_message WHERE chat = ?", (chat,))
            connection.execute("DELETE FROM chat WHERE id = ?", (chat,))

        return self._change(apply)

    def messages(self, chat: str) -> list[Message]:
        """All messages of a chat with all their versions, the oldest first."""
        with self._read() as connection:
            rows = connection.execute(f"SELECT {_MESSAGE} FROM chat_message WHERE chat = ? ORDER BY created, rowid",
                                      (chat,)).fetchall()
        return [Message(key, of, parent, role, text, created, result, loads(state, {}))
                for key, of, parent, role, text, created, result, state in rows]

    def put_message(self, message: Message) -> Future[Message]:
        """Add a message (id "": with a new one), or change it."""
        fresh = replace(message, id=message.id or new_id(), text=clean(message.text),
                        created=message.created or time.time())
        values = (fresh.id, fresh.chat, fresh.parent, fresh.role, fresh.text, fresh.created, fresh.result,
                  dumps(fresh.state))

        def apply(connection: Connection) -> Message:
            connection.execute(_upsert("chat_message", _MESSAGE), values)
            return fresh

        return self._change(apply)


def _delete(connection: Connection, statement: str, gone: Sequence[tuple[str, ...]]) -> None:
    connection.executemany(statement, gone)
