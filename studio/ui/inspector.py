"""The inspector, 320 px at the right: the form of the generator in front and the details of a result; below them
what the document is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from studio.engine.job import GeneratorInfo
from studio.project import ResultRow
from studio.ui.details import DetailsPanel
from studio.ui.form import FormPickers, SchemaForm
from studio.ui.prompt import field_of_role
from studio.ui.surface import Surface
from studio.ui.theme import Theme
from studio.ui.widgets.segmented import TabBar

if TYPE_CHECKING:
    from studio.ui.room import InspectorTab

WIDTH = 320
QWIDGETSIZE_MAX = (1 << 24) - 1
SHOWN_ELSEWHERE = ("prompt", "negative", "context", "mask")
"""Roles that the prompt bar and the document hold."""


class Inspector(Surface):
    """Forms are built once for each generator and kept."""

    values_changed = Signal(str, dict)
    """generator id and the form's values."""

    def __init__(self, theme: Theme, pickers: FormPickers, parent: QWidget | None = None) -> None:
        super().__init__(theme, "panel", "left", parent)
        self._pickers = pickers
        self._forms: dict[str, tuple[SchemaForm, QScrollArea, dict[str, Any]]] = {}
        self._below: QWidget | None = None
        self._aside = QWidget(self)
        """Holds what stands below no form at the moment."""
        self._aside.hide()
        self._folds: dict[str, bool] = {}
        self._shown = ""
        self.setFixedWidth(theme.dp(WIDTH))
        self.setAccessibleName("Inspector")
        self.tabs = TabBar(theme, "Inspector", [("generate", "Generate"), ("details", "Details")])
        self.details = DetailsPanel(theme)
        self._pages = QStackedWidget()
        self._form_pages = QStackedWidget()
        self._pages.addWidget(self._form_pages)
        self._pages.addWidget(self.details)
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 0, 0, 0)
        column.setSpacing(0)
        upper = QWidget()
        inside = QVBoxLayout(upper)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(0)
        inside.addWidget(self.tabs)
        inside.addWidget(self._pages, 1)
        upper.setMinimumHeight(theme.dp(120))
        self._halves = QSplitter(Qt.Orientation.Vertical)
        self._halves.setHandleWidth(1)
        self._halves.setChildrenCollapsible(False)
        self._halves.addWidget(upper)
        self._rooms: dict[str, tuple[list[InspectorTab], QWidget | None]] = {}
        self._room = ""
        self._last: dict[str, str] = {}
        """The tab that each workspace showed last."""
        self._heights: dict[str, int] = {}
        """And how high its lower half was."""
        self._lower = QStackedWidget()
        self._lower.hide()
        self._halves.addWidget(self._lower)
        self._halves.setStretchFactor(0, 1)
        self._halves.setStretchFactor(1, 0)
        column.addWidget(self._halves)
        self.tabs.changed.connect(self.show_tab)

    @property
    def form(self) -> SchemaForm | None:
        found = self._forms.get(self._shown)
        return found[0] if found else None

    def show_tab(self, tab: str) -> None:
        page = self._page(tab)
        if page is not None:
            self.tabs.set_current(tab)
            self._last[self._room] = tab
            self._pages.setCurrentWidget(page)

    def add_room(self, room: str, tabs: Sequence[InspectorTab], structure: QWidget | None) -> None:
        """Take what a workspace brings: tabs of its own, and for the lower half what its document is made of, such as
        layers."""
        self._rooms[room] = (list(tabs), structure)
        for number, tab in enumerate(tabs):
            self.tabs.add_tab(tab.id, tab.title, number)  # in front of Generate and Details
            self._pages.addWidget(tab.page)
        if structure is not None:
            self._lower.addWidget(structure)

    def show_room(self, room: str) -> None:
        """Show the tabs and the lower half of this workspace; without a lower half the tabs get the whole height."""
        tabs, structure = self._rooms.get(room, ([], None))
        for name, (others, _) in self._rooms.items():
            for tab in others:
                self.tabs.show_tab(tab.id, name == room)
        if self._lower.isVisible():
            self._heights[self._room] = self._lower.height()
        self._room = room
        self.show_tab(self._last.get(room, tabs[0].id if tabs else "generate"))
        if structure is not None:
            self._lower.setCurrentWidget(structure)
            self._fit_lower()
        self._lower.setVisible(structure is not None)

    def retheme(self) -> None:
        super().retheme()
        self.setFixedWidth(self.theme.dp(WIDTH))
        self._heights.clear()
        QTimer.singleShot(0, self, self._fit_lower)  # when what stands there has its new height

    def _fit_lower(self) -> None:
        """As high as it was in this workspace; what cannot grow gets no more than it needs."""
        structure = self._rooms.get(self._room, ([], None))[1]
        if structure is None:
            return
        wanted = structure.sizeHint().height()
        grows = structure.sizePolicy().verticalPolicy() != QSizePolicy.Policy.Maximum
        self._lower.setMinimumHeight(0 if grows else wanted)
        self._lower.setMaximumHeight(QWIDGETSIZE_MAX if grows else wanted)
        height = self._heights.get(self._room, wanted) if grows else wanted
        if self._lower.isVisible():
            self._halves.setSizes([max(self._halves.height() - height, 0), height])

    def _page(self, tab: str) -> QWidget | None:
        own = {"generate": self._form_pages, "details": self.details}
        return own.get(tab) or next((t.page for tabs, _ in self._rooms.values() for t in tabs if t.id == tab), None)

    def set_below_form(self, widget: QWidget) -> None:
        """Give the form of a generator with control layers what stands under it."""
        self._below = widget
        widget.setParent(self._aside)

    def show_generator(self, info: GeneratorInfo, values: dict[str, Any]) -> None:
        """Bring the form of `info` to the front and fill it without reporting a change."""
        kept = self._forms.get(info.id)
        if kept is not None and kept[2] != info.schema:
            if self._below is not None and kept[1].isAncestorOf(self._below):
                self.set_below_form(self._below)
            self._form_pages.removeWidget(kept[1])
            kept[1].deleteLater()
            kept = None
        form, page = (kept[0], kept[1]) if kept else self._build(info)
        form.blockSignals(True)
        form.set_values(values)
        form.blockSignals(False)
        self._shown = info.id
        if self._below is not None and field_of_role(info.schema, "controls"):
            holder = page.widget().layout()
            assert isinstance(holder, QVBoxLayout)
            holder.insertWidget(1, self._below)
            self._below.show()
        self._form_pages.setCurrentWidget(page)

    def show_details(self, row: ResultRow | None, *, front: bool = False) -> None:
        self.details.show_result(row)
        if front:
            self.show_tab("details")

    def show_error(self, field: str, message: str) -> bool:
        """Show a refused value at its field; False where the form has no such field."""
        if self.form is None or not field:
            return False
        self.show_tab("generate")
        return bool(self.form.set_error(field, message))

    def show_seed_lock(self, locked: bool) -> None:
        if self.form is not None:
            self.form.set_seed_locked(locked)

    def seed_locked(self) -> bool:
        return self.form is not None and self.form.seed_locked()

    def _build(self, info: GeneratorInfo) -> tuple[SchemaForm, QScrollArea]:
        form = SchemaForm(info.schema, self.theme, self._pickers, exclude_roles=SHOWN_ELSEWHERE,
                          memory=self._folds)
        form.changed.connect(lambda *_: self.values_changed.emit(info.id, form.values()))
        page = QScrollArea()
        page.setWidgetResizable(True)
        page.setFrameShape(QScrollArea.Shape.NoFrame)
        page.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(form)
        column.addStretch(1)
        page.setWidget(holder)
        self._form_pages.addWidget(page)
        self._forms[info.id] = (form, page, info.schema)
        return form, page
