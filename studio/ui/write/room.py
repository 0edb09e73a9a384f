"""The Write workspace on the workbench."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from studio.ui.room import InspectorTab, Room
from studio.ui.write.assist.coauthor import CoAuthor
from studio.ui.write.controller import WriteController
from studio.ui.write.pane import WritePane

if TYPE_CHECKING:
    from studio.project import ResultRow
    from studio.ui.prompt import PromptState
    from studio.ui.requests import Ask
    from studio.ui.workbench import Workbench


class WriteRoom(Room):
    """The page, joined to the manuscript."""

    id = "write"

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.pane = WritePane(self.theme)
        self.control = WriteController(self.session, self.pane, self.first_document("manuscript", "Manuscript"))
        self.coauthor = CoAuthor(self)
        self.pane.notice.connect(self.said)
        self.pane.result_dropped.connect(self._dropped)

    def ask(self, state: PromptState, schema: dict[str, Any]) -> Ask | None:
        return self.coauthor.ask(state, schema)

    def tabs(self) -> Sequence[InspectorTab]:
        return self.coauthor.tabs()

    def place_result(self, row: ResultRow) -> None:
        self.pane.put_passage(self._text(row), row.id)

    def set_bottom_inset(self, height: int, left: int) -> None:
        self.pane.set_bottom_inset(height)

    def find(self, focused: QWidget | None) -> bool:
        if focused is None or not self.pane.isAncestorOf(focused):
            return False
        self.pane.find()
        return True

    def save(self) -> None:
        self.coauthor.save()
        self.control.close()

    def end(self) -> None:
        self.coauthor.close()

    def _dropped(self, result: dict[str, Any], at: int) -> None:
        row = self.session.project.result(str(result.get("id", "")))
        self.pane.put_passage(self._text(row), row.id, at)

    def _text(self, row: ResultRow) -> str:
        return self.session.project.media(row.media)[0].decode("utf-8", "replace")
