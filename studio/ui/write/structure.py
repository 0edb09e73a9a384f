"""The tree of a manuscript as the window changes it: every change can be undone, in order with what is typed."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Signal

from studio.project.manuscript.prose import split
from studio.project.manuscript.rows import RANK, Node, NodeKind, Prose
from studio.ui.session import Session
from studio.ui.write.history import next_order
from studio.ui.write.pane import WritePane
from studio.ui.write.text import units

TITLES = {"part": "Part", "chapter": "Chapter", "scene": "Scene"}


@dataclass
class TreeStep:
    """One change. undo and redo return "" or the sentence that says why they cannot be done now."""

    undo: Callable[[], str]
    redo: Callable[[], str]
    order: int = field(default_factory=next_order)
    joined: str = ""
    """Steps that follow one another with the same word here are one."""


class Structure(QObject):
    """Attributes: nodes: of the manuscript in reading order, as last read."""

    changed = Signal()
    """The nodes were read anew."""
    said = Signal(str)
    shown = Signal(str)
    """A scene that is to be put on the page."""

    def __init__(self, session: Session, pane: WritePane, document: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.pane, self.document = session, pane, document
        self.nodes: list[Node] = session.project.manuscript_nodes(document)
        self._done: list[TreeStep] = []
        self._undone: list[TreeStep] = []
        pane.structure = self

    # ------------------------------------------------------------ reading

    def refresh(self) -> None:
        """Read the nodes anew, off the UI thread and behind all changes."""
        project, document = self.session.project, self.document

        def read() -> list[Node]:
            project.flush()
            return project.manuscript_nodes(document)

        self.session.read(read, self._read)

    def _read(self, nodes: list[Node]) -> None:
        self.nodes = nodes
        self.changed.emit()

    def node(self, key: str) -> Node | None:
        return next((n for n in self.nodes if n.id == key), None)

    def scenes(self) -> list[Node]:
        return [n for n in self.nodes if n.kind == "scene"]

    def children(self, parent: str) -> list[Node]:
        return [n for n in self.nodes if n.parent == parent]

    def behind(self, key: str) -> str:
        """The id of the sibling behind a node, "" for the last."""
        node = self.node(key)
        siblings = self.children(node.parent) if node else []
        at = next((i for i, n in enumerate(siblings) if n.id == key), len(siblings))
        return siblings[at + 1].id if at + 1 < len(siblings) else ""

    def inside(self, key: str) -> list[str]:
        """A node and all below it."""
        out = [key]
        for node in self.nodes:
            if node.parent in out:
                out.append(node.id)
        return out

    # ------------------------------------------------------------ undo

    def last_order(self) -> int:
        return self._done[-1].order if self._done else 0

    def next_order(self) -> int:
        return self._undone[-1].order if self._undone else 0

    def text_changed(self) -> None:
        self._undone.clear()

    def undo(self) -> None:
        self._step(self._done, self._undone, lambda step: step.undo())

    def redo(self) -> None:
        self._step(self._undone, self._done, lambda step: step.redo())

    def _step(self, source: list[TreeStep], target: list[TreeStep], run: Callable[[TreeStep], str]) -> None:
        if not source:
            return
        refusal = run(source[-1])
        if refusal:
            self.said.emit(refusal)
            return
        target.append(source.pop())
        self.refresh()
        self.pane.tell_undo()

    def _push(self, undo: Callable[[], str], redo: Callable[[], str], joined: str = "") -> None:
        if joined and self._done and self._done[-1].joined == joined:
            undo = self._done.pop().undo
        self._done.append(TreeStep(undo, redo, joined=joined))
        self._undone.clear()
        self.pane.tell_undo()

    def _store(self, future: Future[Any], done: Callable[[Any], object] | None = None) -> None:
        def ended(value: Any) -> None:
            if done is not None:
                done(value)
            self.refresh()

        self.session.store(future, ended)

    def _doing(self, make: Callable[[], Future[Any]]) -> Callable[[], str]:
        def run() -> str:
            self._store(make())
            return ""

        return run

    # ------------------------------------------------------------ changes

    def add(self, kind: NodeKind, near: str = "", title: str = "",
            done: Callable[[Node], object] | None = None) -> None:
        """Add a node behind the one named `near`, or in it, wherever its kind fits."""
        project = self.session.project
        parent, before = self._place(kind, near)
        count = sum(n.kind == kind and (kind != "scene" or n.parent == parent) for n in self.nodes) + 1

        def added(node: Node) -> None:
            def undo() -> str:
                if refusal := self._written_in(node.id, node.title):
                    return refusal
                self._store(project.trash_node(node.id))
                return ""

            self._push(undo, self._doing(lambda: project.restore_node(node.id)))
            if done is not None:
                done(node)

        self._store(project.add_node(self.document, kind, title or f"{TITLES[kind]} {count}", parent, before), added)

    def _place(self, kind: str, near: str) -> tuple[str, str]:
        node = self.node(near)
        if node is None:
            return "", ""
        if RANK[node.kind] < RANK[kind]:
            return node.id, ""
        while RANK[node.kind] > RANK[kind]:
            above = self.node(node.parent)
            if above is None or RANK[above.kind] < RANK[kind]:
                break
            node = above
        return node.parent, self.behind(node.id)

    def change(self, key: str, joined: str = "", **values: Any) -> None:
        """Title, status, goal or synopsis. joined: see `TreeStep`."""
        node, project = self.node(key), self.session.project
        if node is None:
            return
        before = {name: getattr(node, name) for name in values}
        if before == values:
            return
        self._store(project.change_node(key, **values))
        self._push(self._doing(lambda: project.change_node(key, **before)),
                   self._doing(lambda: project.change_node(key, **values)), joined)

    def move(self, key: str, parent: str, before: str = "") -> bool:
        """Put a node elsewhere; False where it cannot lie there."""
        node, project = self.node(key), self.session.project
        above = self.node(parent)
        if node is None or parent in self.inside(key) or (above is not None and RANK[above.kind] >= RANK[node.kind]):
            return False
        old = node.parent, self.behind(key)
        if (parent, before) == old or before == key:
            return False
        self._store(project.move_node(key, parent, before))
        self._push(self._doing(lambda: project.move_node(key, *old)),
                   self._doing(lambda: project.move_node(key, parent, before)))
        return True

    def shift(self, key: str, by: int) -> None:
        """Move a node up or down; past the first or last of its siblings into the neighbour of its parent."""
        node = self.node(key)
        if node is None:
            return
        siblings = [n.id for n in self.children(node.parent)]
        at = siblings.index(key)
        if 0 <= at + by < len(siblings):
            order = siblings[:at] + siblings[at + 1:]
            spot = at + by
            self.move(key, node.parent, order[spot] if spot < len(order) else "")
            return
        above = self.node(node.parent)
        if above is None:
            return
        uncles = [n for n in self.children(above.parent) if RANK[n.kind] < RANK[node.kind]]
        place = next((i for i, n in enumerate(uncles) if n.id == above.id), 0) + by
        if 0 <= place < len(uncles):
            kids = self.children(uncles[place].id)
            self.move(key, uncles[place].id, kids[0].id if by > 0 and kids else "")

    def trash(self, key: str) -> None:
        """Throw a node away; it can be brought back."""
        node, project = self.node(key), self.session.project
        if node is None:
            return
        self.pane.flush()
        gone = set(self.inside(key))
        if self.pane.node in gone:
            self.shown.emit(self._neighbour(gone))
        self._store(project.trash_node(key))
        self._push(self._doing(lambda: project.restore_node(key)), self._doing(lambda: project.trash_node(key)))

    def restore(self, key: str) -> None:
        """Bring back what was thrown away earlier."""
        project = self.session.project
        self._store(project.restore_node(key))
        self._push(self._doing(lambda: project.trash_node(key)), self._doing(lambda: project.restore_node(key)))

    def brought_in(self, tops: list[str]) -> None:
        """Nodes were added from a file: one step of undo."""
        project = self.session.project

        def each(change: Callable[[str], Future[Any]]) -> Callable[[], str]:
            def run() -> str:
                if self.pane.node in {key for top in tops for key in self.inside(top)}:
                    self.shown.emit(self._neighbour({key for top in tops for key in self.inside(top)}))
                for key in tops:
                    self._store(change(key))
                return ""

            return run

        self._push(each(project.trash_node), each(project.restore_node))
        self.refresh()

    def _neighbour(self, gone: set[str]) -> str:
        scenes = [n.id for n in self.scenes()]
        at = next((i for i, key in enumerate(scenes) if key in gone), 0)
        left = [key for key in scenes[:at] if key not in gone]
        right = [key for key in scenes[at:] if key not in gone]
        return right[0] if right else left[-1] if left else ""

    # ------------------------------------------------------------ split and merge

    def split(self) -> None:
        """What is behind the caret becomes a scene of its own."""
        story, key, project = self.pane.story, self.pane.node, self.session.project
        node = self.node(key)
        if node is None:
            return
        prose, at = story.prose(), self.pane.cursor_position()
        left, right = split(prose, at)
        if not right.text.strip():
            self.said.emit("There is nothing behind the caret to split off; put it where the new scene is to begin.")
            return
        self.pane.flush()
        future = project.split_scene(key, at, f"{node.title}, continued")
        tag = f"split:{next_order()}"
        story.replace(units(left.text), len(story.shadow), "", tag=tag)

        def made(fresh: Node) -> None:
            def undo() -> str:
                if refusal := self._written_in(fresh.id, fresh.title) or self._back({key: tag}):
                    return refusal
                self._store(project.trash_node(fresh.id))
                return ""

            def redo() -> str:
                self._store(project.restore_node(fresh.id))
                self._forth([key])
                return ""

            self._push(undo, redo)
            self.shown.emit(fresh.id)

        self._store(future, made)

    def merge(self, first: str) -> None:
        """The scene behind goes to the end of this one."""
        scenes = [n.id for n in self.scenes()]
        at = scenes.index(first) if first in scenes else len(scenes)
        if at + 1 >= len(scenes):
            self.said.emit("There is no scene behind this one to merge with.")
            return
        second, project = scenes[at + 1], self.session.project
        self.pane.flush()

        def read() -> dict[str, Prose]:
            project.flush()
            return {key: project.prose(key)[0] for key in (first, second)}

        self.session.read(read, lambda found: self._merge(first, second, found))

    def _merge(self, first: str, second: str, proses: dict[str, Prose]) -> None:
        project, tag = self.session.project, f"merge:{next_order()}"
        story = self.pane.open_story(first, proses[first])
        right = proses[second]
        if right.text:
            joint = "\n" if story.text() else ""
            end = len(story.shadow)
            blocks = (story.blocks[-1], *right.blocks) if joint else right.blocks
            by = len(joint)
            moved = Prose(joint + right.text, blocks, tuple(type(m)(m.start + by, m.length, m.kind, m.value)
                                                            for m in right.marks),
                          tuple({**s, "start": s["start"] + by} for s in right.spans))
            story.replace(end, end, moved, tag=tag)
        self._store(project.merge_scenes(first, second))
        self.pane.forget_scene(second)

        def undo() -> str:
            if right.text and (refusal := self._back({first: tag})):
                return refusal
            self._store(project.restore_node(second))
            return ""

        def redo() -> str:
            if right.text:
                self._forth([first])
            self._store(project.trash_node(second))
            return ""

        self._push(undo, redo)
        self.shown.emit(first)

    # ------------------------------------------------------------ several scenes at once

    def change_texts(self, changes: dict[str, list[tuple[int, int, str, str]]], proses: dict[str, Prose]) -> None:
        """Change the text of several scenes as one step: see `Story.change`; `proses` where they are not open yet."""
        tag = f"texts:{next_order()}"
        for key, each in changes.items():
            self.pane.open_story(key, proses.get(key, Prose())).change(each, tag)

        def redo() -> str:
            self._forth(list(changes))
            return ""

        self._push(lambda: self._back(dict.fromkeys(changes, tag)), redo)
        self.pane.flush()
        self.refresh()

    def _back(self, tags: dict[str, str]) -> str:
        """Undo the steps with these tags; a sentence where something was written behind one of them."""
        for key, tag in tags.items():
            story = self.pane.stories.get(key)
            steps = story.history.done if story is not None else []
            if not steps or steps[-1].tag != tag:
                node = self.node(key)
                self.shown.emit(key)
                return f"Take back first what was written in “{node.title if node else 'this scene'}” since then."
        for key in tags:
            self.pane.stories[key].undo()
        self.pane.flush()
        return ""

    def _written_in(self, key: str, title: str) -> str:
        """A sentence where something was written in a scene that is about to go; the scene is shown."""
        story = self.pane.stories.get(key)
        if story is None or not story.can_undo():
            return ""
        self.shown.emit(key)
        return f"Take back first what was written in “{title}” since then."

    def _forth(self, keys: list[str]) -> None:
        for key in keys:
            if (story := self.pane.stories.get(key)) is not None:
                story.redo()
        self.pane.flush()
