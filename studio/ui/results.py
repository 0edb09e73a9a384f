"""The results strip: every result of the project, to choose from, star, search, drag and delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from studio.ui.preview import PreviewOverlay
from studio.ui.resultlist import ResultsView
from studio.ui.resultmodel import ResultsModel, matches, words_of
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader
from studio.ui.widgets.base import Themed
from studio.ui.widgets.buttons import Chip, IconButton, PushButton
from studio.ui.widgets.labels import Label, Separator
from studio.ui.widgets.popup import Menu
from studio.ui.widgets.text import TextField

HEIGHT, COLLAPSED = 132, 37
KINDS = {"image": ["image"], "text": ["text"], "audio": ["audio", "score"]}
"""What the chips show, in kinds of results."""
SEARCH_MS = 150


class ResultsStrip(Themed, QWidget):
    """Rows come as dicts (see `ResultsModel`); what the person wants goes out as signals with the result's id."""

    activated = Signal(str)
    """Enter or a double-click: put it into the document."""
    starred = Signal(str, bool)
    liked = Signal(str, int)
    """1 like, -1 dislike, 0 neither."""
    deleted = Signal(str)
    recipe_requested = Signal(str)
    run_again = Signal(str)
    export_requested = Signal(str)
    use_as_input = Signal(str)
    copy_requested = Signal(str)
    query_changed = Signal(dict)
    """{"kinds": list of kinds (empty for all), "starred": bool, "text": str}; answer with `set_results`."""
    current_changed = Signal(str)
    collapsed_changed = Signal(bool)
    make_requested = Signal()
    """The button of the empty strip: go to the prompt."""
    more_wanted = Signal(int)
    """The end of the loaded rows is in sight: how many there are; answer with `append`."""

    def __init__(self, theme: Theme, loader: ImageLoader, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.loader = loader
        self.model = ResultsModel(self)
        self.model.image = self._decoded
        self.read_text: Callable[[str], str] | None = None
        """Whole text of a text result by id, for the preview; without it the beginning is shown."""
        self.collapsed = False
        self._query: dict[str, Any] = {"kinds": [], "starred": False, "text": ""}
        self._preview: PreviewOverlay | None = None
        self.view = ResultsView(theme, loader, self.model, self)
        self._build(theme)
        self._search_timer = QTimer(self, singleShot=True, interval=SEARCH_MS)
        self._search_timer.timeout.connect(self._searched)
        self._connect()
        self.setAccessibleName("Results")
        self.setFocusProxy(self.view)
        self.init_theme(theme)
        self._show_state()

    # ------------------------------------------------------------ building

    def _build(self, theme: Theme) -> None:
        self._count = Label(theme, "0", "body", "t3", tnum=True)
        self.chips: dict[str, Chip] = {}
        head = QHBoxLayout()
        head.setContentsMargins(12, 4, 10, 4)
        head.setSpacing(7)
        head.addWidget(Label(theme, "Results", "strong"))
        head.addWidget(self._count)
        head.addSpacing(4)
        head.addWidget(Separator(theme, vertical=True, length=18, tone="line2"))
        head.addSpacing(4)
        for key, text, icon in (("", "All", ""), ("image", "Pictures", "image"), ("text", "Text", "text-aa"),
                                ("audio", "Sound", "waveform"), ("starred", "Starred", "star")):
            chip = self.chips[key] = Chip(theme, text, icon=icon, name=f"Show {text.lower()}")
            chip.clicked.connect(lambda _=False, k=key: self._chip(k))
            head.addWidget(chip)
        self.chips["audio"].hide()
        self.chips[""].setChecked(True)
        head.addSpacing(8)
        head.addStretch(1)
        self.search = TextField(theme, "Search prompts and results", placeholder="Search prompts and results",
                                icon="magnifying-glass", clearable=True)
        self.search.setMinimumWidth(80)
        self.search.setMaximumWidth(theme.dp(232))
        head.addWidget(self.search, 2)
        self._fold = IconButton(theme, "caret-down", "Hide results", key="Ctrl+J")
        head.addWidget(self._fold)
        self._empty = Label(theme, "", "body", "t3")
        self._empty_button = PushButton(theme, "Write a prompt", variant="secondary", icon="sparkle")
        empty = QWidget()
        row = QHBoxLayout(empty)
        row.setContentsMargins(0, 0, 0, 12)
        row.setSpacing(12)
        row.addStretch(1)
        row.addWidget(self._empty)
        row.addWidget(self._empty_button)
        row.addStretch(1)
        self._body = QWidget()
        self._stack = QStackedLayout(self._body)
        self._stack.addWidget(self.view)
        self._stack.addWidget(empty)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 1, 0, 0)
        column.setSpacing(0)
        column.addLayout(head)
        inner = QHBoxLayout()
        inner.setContentsMargins(12, 2, 0, 12)
        inner.addWidget(self._body)
        column.addLayout(inner)

    def _connect(self) -> None:
        self.view.key_pressed.connect(self._key)
        self.view.menu_asked.connect(self.show_menu)
        self.view.button_clicked.connect(self._button)
        self.view.doubleClicked.connect(lambda _: self._activate())
        self.view.current_moved.connect(self._moved)
        self.model.more_wanted.connect(self.more_wanted)
        self.search.textChanged.connect(lambda _: self._search_timer.start())
        self.search.returnPressed.connect(self._search_now)
        self._fold.clicked.connect(lambda _=False: self.set_collapsed(not self.collapsed))
        self._empty_button.clicked.connect(self._empty_pressed)

    # ------------------------------------------------------------ rows

    def set_results(self, results: Sequence[Mapping[str, Any]], total: int | None = None) -> None:
        """Show these, the newest first. total: how many the query has in all, if these are only the first."""
        kept = self.current_id()
        self.model.set_results(results, total)
        row = self.model.row_of(kept) if kept else -1
        if self.model.rows:
            self.view.go_to(max(0, row))
        self._show_state()

    def append(self, results: Sequence[Mapping[str, Any]]) -> None:
        """Further rows, after `more_wanted`."""
        self.model.append(results)
        self._show_state()

    def prepend(self, result: Mapping[str, Any]) -> None:
        """A result has just been made; it shows if the query shows its like."""
        if matches(result, self._query):
            bar = self.view.horizontalScrollBar()
            at = bar.value()
            # Who looks at the newest goes on doing so; who has chosen another one, or walks the strip, keeps it.
            follow = self.view.currentIndex().row() <= 0 and not self.view.hasFocus()
            self.model.prepend(result)
            if follow:
                self.view.go_to(0)
            if at:
                bar.setValue(at + 88)  # what the person looks at stays where it is
        self._show_state()

    def update(self, *args: Any) -> None:
        """With a dict: change a row. Otherwise QWidget.update."""
        if len(args) == 1 and isinstance(args[0], Mapping):
            self.update_result(args[0])
        else:
            super().update(*args)

    def update_result(self, result: Mapping[str, Any]) -> None:
        """A result was starred, liked or renamed; one that no longer fits the query goes."""
        if not matches({**(self.result(str(result["id"])) or {}), **result}, self._query):
            self.remove(str(result["id"]))
            return
        self.model.update_result(result)
        self._show_state()

    def remove(self, result_id: str) -> None:
        row = self.model.row_of(result_id)
        was_current = self.current_id() == result_id
        self.model.remove(result_id)
        if was_current and self.model.rows:
            self.view.go_to(min(row, len(self.model.rows) - 1))
        self._show_state()

    def has(self, result_id: str) -> bool:
        return self.model.row_of(result_id) >= 0

    def result(self, result_id: str) -> dict[str, Any] | None:
        row = self.model.row_of(result_id)
        return self.model.rows[row] if row >= 0 else None

    def current(self) -> dict[str, Any] | None:
        return self.model.result(self.view.currentIndex())

    def current_id(self) -> str:
        current = self.current()
        return str(current["id"]) if current else ""

    def set_export_for_drag(self, export: Callable[[str], str]) -> None:
        """`export(id) -> path`: writes a temporary file when a drag is dropped outside."""
        self.model.export = export

    def _decoded(self, media: str) -> QImage | None:
        return self.loader.image(media)

    # ------------------------------------------------------------ query

    def query(self) -> dict[str, Any]:
        return dict(self._query)

    def _chip(self, key: str) -> None:
        if key == "starred":
            self._query["starred"] = self.chips["starred"].isChecked()
        else:
            self._query["kinds"] = KINDS.get(key, [])
        for kind, chip in self.chips.items():
            if kind != "starred":
                chip.setChecked(KINDS.get(kind, []) == self._query["kinds"])
        self.query_changed.emit(self.query())

    def _search_now(self) -> None:
        self._search_timer.stop()
        self._searched()
        self.view.setFocus()

    def _searched(self) -> None:
        text = self.search.text().strip()
        if text != self._query["text"]:
            self._query["text"] = text
            self.query_changed.emit(self.query())

    def focus_search(self) -> None:
        self.set_collapsed(False)
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    def clear_query(self) -> None:
        self._query = {"kinds": [], "starred": False, "text": ""}
        for key, chip in self.chips.items():
            chip.setChecked(key == "")
        self.search.clear()
        self._search_timer.stop()
        self.query_changed.emit(self.query())

    def _empty_pressed(self) -> None:
        if any(self._query.values()):
            self.clear_query()
        else:
            self.make_requested.emit()

    def _show_state(self) -> None:
        self._count.setText(f"{self.model.total:,}")
        filtered = any(self._query.values())
        self._empty.setText("Nothing fits this search." if filtered else "Everything you make will be here.")
        self._empty_button.set_text("Show all" if filtered else "Write a prompt")
        self._empty_button.set_icon("x" if filtered else "sparkle")
        self._stack.setCurrentIndex(0 if self.model.rows else 1)
        if any(row.get("kind") == "audio" for row in self.model.rows[:200]):
            self.chips["audio"].show()
        self._body.setVisible(not self.collapsed)
        self.setFixedHeight(self.theme.dp(COLLAPSED) if self.collapsed else
                            max(HEIGHT, HEIGHT - COLLAPSED + self.theme.dp(COLLAPSED)))

    def retheme(self) -> None:
        self._show_state()
        super().retheme()

    def set_collapsed(self, collapsed: bool) -> None:
        if collapsed != self.collapsed:
            self.collapsed = collapsed
            self._fold.set_icon("caret-up" if collapsed else "caret-down")
            self._fold.set_name("Show results" if collapsed else "Hide results")
            self._show_state()
            self.collapsed_changed.emit(collapsed)

    # ------------------------------------------------------------ what the person does

    def _moved(self) -> None:
        self.current_changed.emit(self.current_id())
        if self._preview is not None and self._preview.isVisible():
            self.show_preview()

    def _activate(self) -> None:
        if self.current_id():
            self.activated.emit(self.current_id())

    def _button(self, result_id: str, what: str) -> None:
        result = self.result(result_id)
        if result is None:
            return
        if what == "star":
            self.starred.emit(result_id, not result.get("starred"))
        else:
            value = 1 if what == "like" else -1
            self.liked.emit(result_id, 0 if result.get("liked") == value else value)

    def delete_current(self) -> None:
        if self.current_id():
            self.deleted.emit(self.current_id())

    def show_preview(self) -> None:
        """Show the current result as large as the window allows."""
        result = self.current()
        if result is None:
            return
        if self._preview is None:
            self._preview = PreviewOverlay(self.theme, self)
            self._preview.stepped.connect(lambda by: self.view.go_to(self.view.currentIndex().row() + by))
            self._preview.accepted.connect(self._activate)
            self._preview.closed.connect(self.view.setFocus)
            self.loader.ready.connect(self._preview_ready)
        words = words_of(result)
        if result.get("kind") == "text":
            whole = self.read_text(str(result["id"])) if self.read_text is not None else ""
            self._preview.show_text(whole or str(result.get("text_preview", "")), words)
        else:
            self._preview.show_image(self.loader.image(str(result.get("media", ""))) or QImage(), words)

    def _preview_ready(self, sha: str, image: QImage) -> None:
        current = self.current()
        if self._preview is not None and self._preview.isVisible() and current and current.get("media") == sha:
            self._preview.show_image(image, words_of(current))

    def _key(self, event: QKeyEvent) -> None:
        event.setAccepted(self._handle(event))

    def _handle(self, event: QKeyEvent) -> bool:
        if event.matches(QKeySequence.StandardKey.Find):
            self.focus_search()
            return True
        result_id = self.current_id()
        if not result_id:
            return False
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_requested.emit(result_id)
            return True
        if event.modifiers() & (Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier):
            return False
        match event.key():
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self._activate()
            case Qt.Key.Key_S:
                self._button(result_id, "star")
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self._button(result_id, "like")
            case Qt.Key.Key_Minus:
                self._button(result_id, "dislike")
            case Qt.Key.Key_Delete | Qt.Key.Key_Backspace:
                self.delete_current()
            case Qt.Key.Key_Space:
                self.show_preview()
            case _:
                return False
        return True

    def menu(self) -> Menu:
        """What can be done with the current result."""
        menu = Menu(self.theme, "Result", self)
        result, current = self.current() or {}, self.current_id()
        picture = result.get("kind") == "image"
        put = "Put on the canvas" if picture else "Put into the text" if result.get("kind") == "text" else "Use"
        liked = result.get("liked") or 0
        entries: list[tuple[str, str, Callable[[], object]] | None] = [(put, "Return", self._activate)]
        if picture:
            entries.append(("Use as start picture", "", lambda: self.use_as_input.emit(current)))
        entries += [
            ("Show large", "Space", self.show_preview), None,
            ("Show recipe", "", lambda: self.recipe_requested.emit(current)),
            ("Run again", "", lambda: self.run_again.emit(current)), None,
            ("Remove star" if result.get("starred") else "Star", "S", lambda: self._button(current, "star")),
            ("No longer like" if liked > 0 else "Like", "+", lambda: self._button(current, "like")),
            ("No longer dislike" if liked < 0 else "Dislike", "-", lambda: self._button(current, "dislike")), None,
            ("Copy", "Ctrl+C", lambda: self.copy_requested.emit(current)),
            ("Export…", "", lambda: self.export_requested.emit(current)), None,
            ("Delete", "Del", self.delete_current),
        ]
        for entry in entries:
            if entry is None:
                menu.addSeparator()
                continue
            text, key, slot = entry
            action = menu.addAction(text)
            action.setShortcut(QKeySequence(key))
            action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
            action.triggered.connect(lambda _=False, s=slot: s())
        return menu

    def show_menu(self, where: QPoint) -> None:
        if self.current_id():
            menu = self.menu()
            menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
            menu.popup(where)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.theme.color("chrome"))
        painter.fillRect(0, 0, self.width(), 1, self.theme.color("line"))
