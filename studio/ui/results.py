"""The results strip: every result of the project, to choose from, star, search, drag and delete."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QKeySequence, QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from studio.ui.preview import PreviewOverlay
from studio.ui.resultlist import SOUNDS, ResultsView
from studio.ui.resultmodel import ResultsModel, matches, words_of
from studio.ui.resultshead import ResultsHead
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader
from studio.ui.widgets.base import Themed
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.labels import Label
from studio.ui.widgets.popup import Menu

HEIGHT, COLLAPSED = 132, 37


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
    vary_requested = Signal(str, bool)
    """Result; only a little."""
    copy_requested = Signal(str)
    play_requested = Signal(str)
    """Space on a sound or on notes."""
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
        self._preview: PreviewOverlay | None = None
        self.view = ResultsView(theme, loader, self.model, self)
        self._build(theme)
        self._connect()
        self.setAccessibleName("Results")
        self.setFocusProxy(self.view)
        self.init_theme(theme)
        self._show_state()

    # ------------------------------------------------------------ building

    def _build(self, theme: Theme) -> None:
        self.head = ResultsHead(theme)
        self.chips, self.search = self.head.chips, self.head.search
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
        column.addWidget(self.head)
        self._inner = QHBoxLayout()
        self._inner.addWidget(self._body)
        column.addLayout(self._inner)

    def _connect(self) -> None:
        self.view.key_pressed.connect(self._key)
        self.view.menu_asked.connect(self.show_menu)
        self.view.button_clicked.connect(self._button)
        self.view.doubleClicked.connect(lambda _: self._activate())
        self.view.current_moved.connect(self._moved)
        self.model.more_wanted.connect(self.more_wanted)
        self.head.query_changed.connect(self.query_changed)
        self.head.searched.connect(self.view.setFocus)
        self.head.fold_pressed.connect(lambda: self.set_collapsed(not self.collapsed))
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
        if matches(result, self.head.query()):
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
        if not matches({**(self.result(str(result["id"])) or {}), **result}, self.head.query()):
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

    def show_playing(self, result: str, share: float) -> None:
        """A result is heard, and so far it is, 0 to 1; "" where none is."""
        self.view.show_playing(result, share)

    def _decoded(self, media: str) -> QImage | None:
        return self.loader.image(media)

    # ------------------------------------------------------------ query

    def query(self) -> dict[str, Any]:
        return self.head.query()

    def focus_search(self) -> None:
        self.set_collapsed(False)
        self.head.focus_search()

    def _empty_pressed(self) -> None:
        if self.head.filtered():
            self.head.clear_query()
        else:
            self.make_requested.emit()

    def _show_state(self) -> None:
        self.head.show_count(self.model.total)
        filtered = self.head.filtered()
        self._empty.setText("Nothing fits this search." if filtered else "Everything you make will be here.")
        self._empty_button.set_text("Show all" if filtered else "Write a prompt")
        self._empty_button.set_icon("x" if filtered else "sparkle")
        self._stack.setCurrentIndex(0 if self.model.rows else 1)
        if any(row.get("kind") in SOUNDS for row in self.model.rows[:200]):
            self.chips["audio"].show()
        self._body.setVisible(not self.collapsed)
        self._inner.setContentsMargins(*((0, 0, 0, 0) if self.collapsed else (12, 2, 0, 12)))
        self.setFixedHeight(self.theme.dp(COLLAPSED) if self.collapsed else
                            max(HEIGHT, HEIGHT - COLLAPSED + self.theme.dp(COLLAPSED)))

    def retheme(self) -> None:
        self._show_state()
        super().retheme()

    def set_collapsed(self, collapsed: bool) -> None:
        if collapsed != self.collapsed:
            self.collapsed = collapsed
            self.head.show_fold(collapsed)
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
        if result.get("kind") in SOUNDS:
            self.play_requested.emit(str(result["id"]))
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
            entries += [("Use as start picture", "", lambda: self.use_as_input.emit(current)),
                        ("Vary this", "", lambda: self.vary_requested.emit(current, False)),
                        ("Vary it a little", "", lambda: self.vary_requested.emit(current, True))]
        entries += [
            ("Play" if result.get("kind") in SOUNDS else "Show large", "Space", self.show_preview), None,
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
