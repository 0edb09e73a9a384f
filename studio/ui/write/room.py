"""The Write workspace on the workbench."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from studio.project.manuscript.rows import picture_value
from studio.ui.room import InspectorTab, Room
from studio.ui.widgets import ToolButton
from studio.ui.widgets.labels import Separator
from studio.ui.write.assist.coauthor import CoAuthor
from studio.ui.write.controller import WriteController
from studio.ui.write.desk import WriteDesk
from studio.ui.write.outline import Outline
from studio.ui.write.pane import WritePane

if TYPE_CHECKING:
    from studio.project import ResultRow
    from studio.ui.desk import Desk
    from studio.ui.prompt import PromptState
    from studio.ui.requests import Ask
    from studio.ui.workbench import Workbench


class WriteRoom(Room):
    """Attributes: pane, control (scenes), outline, deskwork (what acts on the manuscript), coauthor."""

    id = "write"

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.pane = WritePane(self.theme)
        self.control = WriteController(self.session, self.pane, self.first_document(
            "manuscript", "Manuscript", lambda _: self.control.structure.refresh()))
        self.outline = Outline(self.theme)
        self.pane.set_side(self.outline)
        self.strip_buttons: dict[str, ToolButton] = {}
        self.work = WriteDesk(self)
        self.coauthor = CoAuthor(self)
        self.pane.notice.connect(self.said)
        self.pane.result_dropped.connect(self._dropped)
        self.outline.installEventFilter(self)

    def move_in(self, desk: Desk) -> None:
        self.coauthor.key = desk.commands.shortcut
        self.coauthor.commands = desk.commands
        self.coauthor.plugin_data = desk.paths.plugins
        self.work.use_data(desk.paths.data)

    def ask(self, state: PromptState, schema: dict[str, Any]) -> Ask | None:
        return self.coauthor.ask(state, schema)

    def tabs(self) -> Sequence[InspectorTab]:
        return self.coauthor.tabs()

    def heads(self) -> list[QWidget]:
        out: list[QWidget] = []
        for id_, icon, name, key, checkable in self.work.strip_rows():
            if not id_:
                out.append(Separator(self.theme, length=20, tone="line2"))
                continue
            button = ToolButton(self.theme, icon, name, key=key, checkable=checkable)
            button.clicked.connect(lambda _=False, i=id_: self.work.strip_clicked(i))
            self.strip_buttons[id_] = button
            out.append(button)
        self.work.show_toggles()
        return out

    def bar_margin(self) -> int:
        return self.pane.side_width()

    def place_result(self, row: ResultRow) -> None:
        if row.kind == "image":
            self.pane.page.editing.insert_object("image", picture_value(row.media, row.prompt[:1000]))
        else:
            self.pane.put_passage(self._text(row), row.id)

    def set_bottom_inset(self, height: int, left: int) -> None:
        self.pane.set_bottom_inset(height if not self.bench.bar.isHidden() else 24)

    def find(self, focused: QWidget | None) -> bool:
        if focused is None or not self.pane.isAncestorOf(focused):
            return False
        self.work.find()
        return True

    def save(self) -> None:
        self.coauthor.save()
        self.control.close()

    def end(self) -> None:
        self.coauthor.close()
        self.work.close()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Show, QEvent.Type.Hide):
            self.pane.place()
            self.bench.place_bar()
        return False

    def _dropped(self, result: dict[str, Any], at: int) -> None:
        row = self.session.project.result(str(result.get("id", "")))
        if row.kind == "image":
            self.pane.set_cursor_position(at)
            self.place_result(row)
        else:
            self.pane.put_passage(self._text(row), row.id, at)

    def _text(self, row: ResultRow) -> str:
        return self.session.project.media(row.media)[0].decode("utf-8", "replace")
