"""Join the page to the session: scenes come from the project and go back; tokens become text."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.engine.job import Event, Failed, Job, Stopped, Token
from studio.project import ResultRow
from studio.project.manuscript.rows import Node, Prose
from studio.ui.prompt import PromptState, media_field
from studio.ui.requests import Ask
from studio.ui.session import Session
from studio.ui.write.pane import WritePane
from studio.ui.write.pictures import ProjectPictures
from studio.ui.write.structure import Structure

CONTEXT_CHARS = 24_000
"""How much of the text before the caret goes along; the generator drops what its window cannot hold."""
STATE = "write"
"""Where the project keeps what the workspace remembers."""


class WriteController(QObject):
    """One manuscript on the screen.

    Attributes:
        node: id of the scene on the page, "" where there is none.
        structure: its tree.
        memory: what the workspace remembers with the project; change it by `remember`.
    """

    scene_shown = Signal(str)

    def __init__(self, session: Session, pane: WritePane, document: str) -> None:
        super().__init__(pane)
        self.session, self.pane, self.document = session, pane, document
        self.memory: dict[str, Any] = dict(session.project.get_state(STATE, {}) or {})
        self._streaming: dict[str, bool] = {}
        self._wanted = ""
        pane.page.pictures = ProjectPictures(session, pane)
        self.structure = Structure(session, pane, document, self)
        self.structure.shown.connect(self.show)
        self.structure.changed.connect(self._nodes_read)
        self._keep = QTimer(self, singleShot=True, interval=500)
        self._keep.timeout.connect(self._store_memory)
        pane.changed.connect(self._changed)
        pane.passage_undone.connect(session.cancel)
        session.batch_queued.connect(self._queued)
        session.event.connect(self._event)
        session.result_stored.connect(self._stored)
        self._show_first()

    # ------------------------------------------------------------ scenes

    @property
    def node(self) -> str:
        return self.pane.node

    def _show_first(self) -> None:
        scenes = self.structure.scenes()
        last = self.memory.get("node")
        first = next((n.id for n in scenes if n.id == last), scenes[0].id if scenes else "")
        if first:
            prose, cursor = self.session.project.prose(first)
            self._put(first, prose, cursor)
        else:
            self._show_none()

    def show(self, node: str, cursor: int | None = None, length: int = 0) -> None:
        """Put a scene on the page; `cursor`, in characters, where not where it was left. length: what to select."""
        self._wanted = node
        if not node:
            self._show_none()
        elif node in self.pane.stories:
            self._put(node, None, cursor, length)
        else:
            project = self.session.project

            def read() -> tuple[Prose, int]:
                project.flush()
                return project.prose(node)

            self.session.read(read, lambda found: self._came(node, found, cursor, length))

    def _came(self, node: str, found: tuple[Prose, int], cursor: int | None, length: int) -> None:
        if node == self._wanted:
            self._put(node, found[0], found[1] if cursor is None else cursor, length)

    def _put(self, node: str, prose: Prose | None, cursor: int | None, length: int = 0) -> None:
        self.pane.page.setReadOnly(self.session.project.read_only)
        self._show_head(node)
        self.pane.show_scene(node, prose, cursor)
        if length and cursor is not None:
            self.pane.select(cursor, length)
            self.pane.page.ensureCursorVisible()
        self.remember(node=node)
        self.scene_shown.emit(node)

    def _show_none(self) -> None:
        self.pane.page.setReadOnly(True)
        self.pane.set_head("", "No scene is left")
        self.pane.show_scene("", Prose())
        self.scene_shown.emit("")

    def step(self, by: int) -> None:
        """The next or the previous scene."""
        scenes = [n.id for n in self.structure.scenes()]
        at = scenes.index(self.node) + by if self.node in scenes else 0
        if 0 <= at < len(scenes):
            self.show(scenes[at])

    def nodes_changed(self) -> None:
        """The tree was changed elsewhere: read it anew."""
        self.structure.refresh()

    def _nodes_read(self) -> None:
        scenes = [n.id for n in self.structure.scenes()]
        if self.node not in scenes:
            self.show(scenes[0] if scenes else "")
        else:
            self._show_head(self.node)

    def _show_head(self, key: str) -> None:
        self.pane.set_head(*head_of(self.structure.nodes, key))

    # ------------------------------------------------------------ memory

    def remember(self, **values: Any) -> None:
        """Keep with the project, soon."""
        self.memory |= values
        self._keep.start()

    def _store_memory(self) -> None:
        if not self.session.project.read_only:
            self.session.store(self.session.project.set_state(STATE, dict(self.memory)))

    # ------------------------------------------------------------ generating

    def ask(self, state: PromptState, schema: dict[str, Any]) -> Ask:
        """A continuation at the caret, with the prompt as the wish."""
        media: dict[str, tuple[bytes, str]] = {}
        before = self.pane.context_before_cursor(CONTEXT_CHARS)
        if before.strip() and (name := media_field(schema, "text")):
            media[name] = (before.encode("utf-8", "replace"), "text/plain; charset=utf-8")
        target = {"document": self.document, "kind": "passage", "position": self.pane.cursor_position(),
                  "node": self.node}
        return Ask(state.generator, state.params(schema), 1, media, (), target)

    def close(self) -> None:
        """Hand what was typed in the last moments to the project."""
        self.pane.flush()
        if self._keep.isActive():
            self._keep.stop()
            self._store_memory()

    @Slot(str, object, int)
    def _changed(self, node: str, prose: Prose, cursor: int) -> None:
        if node and not self.session.project.read_only:
            self.session.store(self.session.project.set_prose(node, prose, cursor))

    def _mine(self, job: Job) -> bool:
        return job.request.target.get("document") == self.document and job.request.target.get("kind") == "passage"

    @Slot(object)
    def _queued(self, jobs: list[Job]) -> None:
        for job in jobs:
            if self._mine(job):
                self._streaming[job.id] = False
                node = str(job.request.target.get("node", ""))
                self.pane.begin_passage(job.id, int(job.request.target.get("position", 0)), node)

    @Slot(object, object)
    def _event(self, event: Event, job: Job) -> None:
        if job.id not in self._streaming:
            return
        if isinstance(event, Token):
            self._streaming[job.id] = True
            self.pane.append_token(job.id, event.text)
        elif isinstance(event, (Failed, Stopped)):
            del self._streaming[job.id]
            self.pane.fail_passage(job.id)

    @Slot(object, object)
    def _stored(self, row: ResultRow, job: Job) -> None:
        if self._streaming.pop(job.id, None) is not None:
            self.pane.end_passage(job.id, row.id)


def head_of(nodes: list[Node], key: str) -> tuple[str, str]:
    """What stands above a scene: the number of its chapter and, where it begins it, the chapter's title."""
    node = next((n for n in nodes if n.id == key), None)
    if node is None:
        return "", ""
    chapters = [n for n in nodes if n.kind == "chapter"]
    number = next((i + 1 for i, n in enumerate(chapters) if n.id == node.parent), 0)
    if not number:
        return "", node.title
    chapter = chapters[number - 1]
    first = next((n for n in nodes if n.parent == chapter.id), None)
    plain = chapter.title.strip() == f"Chapter {number}"
    if first is not None and first.id == key:
        return ("" if plain else f"Chapter {number}", chapter.title)
    return (chapter.title if plain else f"Chapter {number} · {chapter.title}"), node.title
