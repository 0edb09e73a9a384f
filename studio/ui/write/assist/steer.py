"""The story notes and the steering of one manuscript, as the window holds them: read once, kept as they change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.project.manuscript.rows import Note
from studio.ui.session import Session
from studio.ui.write.assist.steering import Memory, Notebook, Steering

AT_ONCE = 300
"""So many notes are made ready on the UI thread, in less than a frame."""
MOST_SYNOPSIS = 1500
"""Characters that go along."""


class Steer(QObject):
    """What goes with each request. `say` shows one sentence, with what takes the change back."""

    changed = Signal()

    def __init__(self, session: Session, document: str, say: Callable[..., object],
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.document, self._say = session, document, say
        self._book: Notebook | None = None
        self._making = 0
        self.notes: list[Note] = session.project.notes(document)
        self.steering = Steering.read(session.project.get_state(self._key))
        self.scene: Callable[[], str] = lambda: ""
        """The synopsis of the scene on the page; the co-author gives it."""

    @property
    def _key(self) -> str:
        return f"steering.{self.document}"

    def memory(self, text: str) -> Memory:
        """The notes that apply to a text; of many notes those that applied last, while they are read anew."""
        if self._book is None:
            self._book = Notebook(self.notes if len(self.notes) <= AT_ONCE else ())
            if len(self.notes) > AT_ONCE:
                self._make()
        return self._book.memory(text)

    def memory_later(self, text: str, done: Callable[[Memory], object]) -> None:
        """The same off the UI thread, where there are so many notes that it may take longer than a frame."""
        if len(self.notes) <= AT_ONCE:
            done(self.memory(text))
            return
        self.memory("")
        book = self._book
        assert book is not None
        self.session.read(lambda: book.memory(text), done)

    def _make(self) -> None:
        """Make many notes ready, off the UI thread."""
        self._making += 1
        notes, number = list(self.notes), self._making

        def make() -> Notebook:
            book = Notebook(notes)
            book.memory("")
            return book

        def made(book: Notebook) -> None:
            if number == self._making:
                self._book = book
                self.changed.emit()

        self.session.read(make, made)

    def synopsis(self) -> str:
        """What happens in the scene on the page, where the machine is to know it."""
        told = " ".join(self.scene().split()) if self.steering.synopsis else ""
        return f"What happens in this scene: {told[:MOST_SYNOPSIS]}" if told else ""

    def _changed(self) -> None:
        if len(self.notes) > AT_ONCE:
            self._make()
        else:
            self._making += 1
            self._book = None
        self.changed.emit()

    def set_steering(self, steering: Steering) -> None:
        self.steering = steering
        self.session.store(self.session.project.set_state(self._key, steering.to_json()))

    def find(self, note: str) -> Note | None:
        return next((n for n in self.notes if n.id == note), None)

    # ------------------------------------------------------------ notes

    def read_again(self) -> None:
        self.session.read(lambda: self.session.project.notes(self.document), self._read)

    def _read(self, notes: list[Note]) -> None:
        self.notes = notes
        self._changed()

    def add(self, done: Callable[[Note], object], title: str = "", kind: str = "character", text: str = "") -> None:
        """A new note; `done` gets it once it is kept."""
        def kept(note: Note) -> None:
            self.notes.append(note)
            self._changed()
            done(note)

        self.session.store(self.session.project.put_note(Note("", self.document, title, kind, text=text)), kept)

    def add_all(self, notes: Sequence[Note], done: Callable[[int], object]) -> None:
        """Many notes at once, such as those of a lorebook."""
        mine = [replace(note, id="", document=self.document, position=-1) for note in notes]

        def kept(found: list[Note]) -> None:
            self.notes += found
            self._changed()
            done(len(found))

        self.session.store(self.session.project.put_notes(mine), kept)

    def put(self, note: Note) -> None:
        """Keep a note as it is now."""
        at = next((i for i, n in enumerate(self.notes) if n.id == note.id), -1)
        if at >= 0:
            self.notes[at] = note
            self.session.store(self.session.project.put_note(note))
            self._changed()

    def pin(self, note: str, on: bool) -> None:
        found = self.find(note)
        if found is not None:
            self.put(replace(found, pinned=on))

    def remove(self, note: str) -> None:
        """Take a note away; what takes that back is offered."""
        found = self.find(note)
        if found is None:
            return
        self.notes = [n for n in self.notes if n.id != note]
        self.session.store(self.session.project.remove_note(note))
        self._changed()
        self._say(f"Deleted the note “{found.title or 'Untitled'}”.", lambda: self._restore(found))

    def _restore(self, note: Note) -> None:
        self.session.store(self.session.project.put_note(note), lambda _: self.read_again())

    # ------------------------------------------------------------ parameters

    def params(self, text: str, tones: Sequence[str] = (), *, synopsis: bool = True) -> dict[str, Any]:
        """For a generator that is steered: the notes that apply to the text, the author's note, the style sample.
        synopsis: that of the scene goes before the notes."""
        wish = self.steering.author_note.strip()
        if tones:
            wish = f"{wish} Tone: {', '.join(tones).lower()}.".strip()
        memory = "\n".join(part for part in (self.synopsis() if synopsis else "", self.memory(text).text) if part)
        return {"memory": memory, "author_note": wish, "style_sample": self.steering.style_sample}
