"""The window: top bar over the start screen or a workbench, popups for palette, queue, models and settings."""

from __future__ import annotations

import base64
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QByteArray, QPoint, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QApplication, QMainWindow, QStackedWidget, QVBoxLayout, QWidget

from studio.ui.firstrun import StartScreen
from studio.ui.rooms import ROOMS
from studio.ui.theme import Theme
from studio.ui.topbar import TopBar
from studio.ui.widgets import FocusRing, Menu, Popup
from studio.ui.widgets.popup import Place
from studio.ui.workbench import Workbench

MINIMUM = QSize(900, 600)
DEFAULT = QSize(1440, 900)


class StudioWindow(QMainWindow):
    """The shell. It knows no engine and no project; the application fills it."""

    closing = Signal()
    page_changed = Signal()
    """The start screen or a workbench came to the front."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.setWindowTitle("Pieria")
        self.setWindowIcon(theme.icons.app_icon())
        self.setMinimumSize(MINIMUM)
        self.resize(DEFAULT)
        self.top = TopBar(theme, ROOMS)
        self.start = StartScreen(theme)
        self.workbench: Workbench | None = None
        self.pages = QStackedWidget()
        self.pages.addWidget(self.start)
        body = QWidget()
        column = QVBoxLayout(body)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.top)
        column.addWidget(self.pages, 1)
        self.setCentralWidget(body)
        self._popup: Popup | None = None
        self.ring = FocusRing(theme, self)
        self.top.workspace_picked.connect(self.show_workspace)
        theme.changed.connect(self._retheme)

    # ------------------------------------------------------------ pages

    def show_start(self) -> None:
        """The start screen; the top bar keeps only what makes sense without a project."""
        self.pages.setCurrentWidget(self.start)
        self._dress_top(False)
        self.start.prompt.setFocus()

    def show_workbench(self, workbench: Workbench) -> None:
        """Replace the open project's workbench."""
        self.drop_workbench()
        self.workbench = workbench
        self.pages.addWidget(workbench)
        self.pages.setCurrentWidget(workbench)
        workbench.workspace_changed.connect(self._workspace_changed)
        self._dress_top(True)

    def drop_workbench(self) -> None:
        if self.workbench is not None:
            self.pages.removeWidget(self.workbench)
            self.workbench.deleteLater()
            self.workbench = None

    def show_workspace(self, name: str) -> None:
        if self.workbench is not None:
            self.pages.setCurrentWidget(self.workbench)
            self._dress_top(True)
            self.workbench.show_workspace(name)

    @property
    def at_start(self) -> bool:
        return self.pages.currentWidget() is self.start

    def _dress_top(self, project: bool) -> None:
        top = self.top
        for widget in (top.switcher, top.title, top.state, top.rule, top.undo, top.redo, top.queue):
            widget.setVisible(project)
        top.brand.setVisible(not project)
        top.arrange()
        self.page_changed.emit()

    def _workspace_changed(self, name: str) -> None:
        self.top.switcher.set_current(name)

    # ------------------------------------------------------------ popups

    def popup(self, anchor: QWidget, content: QWidget, *, place: Place = "below", width: int = 0, dim: bool = False,
              margins: int = 6) -> Popup:
        """Open `content` over the window; one popup at a time."""
        self.dismiss_popup()
        popup = Popup(self.theme, anchor, content, place=place, width=width, dim=dim, margins=margins)
        self._popup = popup
        popup.closed.connect(lambda: self._closed(popup))
        popup.open()
        return popup

    def dismiss_popup(self) -> None:
        if self._popup is not None:
            self._popup.dismiss()

    def _closed(self, popup: Popup) -> None:
        if self._popup is popup:
            self._popup = None

    def show_menu(self, fill: Callable[[Menu], None]) -> Menu:
        """The main menu, under the mark."""
        menu = Menu(self.theme, "Menu", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill(menu)
        menu.popup(self.top.menu_button.mapToGlobal(QPoint(0, self.top.menu_button.height() + 4)))
        return menu

    # ------------------------------------------------------------ keyboard regions

    def next_region(self, step: int = 1) -> None:
        """F6: top bar, tool strip, context bar, document, prompt bar, inspector, results."""
        if self.workbench is None or self.at_start:
            return
        regions = [r for r in [self.top, *self.workbench.regions()] if r is not None and r.isVisible()]
        focused = QApplication.focusWidget()
        at = next((i for i, r in enumerate(regions) if focused and (r is focused or r.isAncestorOf(focused))), -1)
        for offset in range(1, len(regions) + 1):
            region = regions[(at + step * offset) % len(regions)]
            if self._enter(region):
                return

    def focusNextPrevChild(self, following: bool) -> bool:
        """Tab walks inside a region."""
        focused = self.focusWidget()
        region = self._region_of(focused)
        if focused is None or region is None:
            return super().focusNextPrevChild(following)
        widget: QWidget | None = focused
        while widget is not None:
            widget = widget.nextInFocusChain() if following else widget.previousInFocusChain()
            if widget is None or widget is focused:
                break
            if _takes_tab(widget) and (widget is region or region.isAncestorOf(widget)):
                reason = Qt.FocusReason.TabFocusReason if following else Qt.FocusReason.BacktabFocusReason
                widget.setFocus(reason)
                break
        return True

    def _region_of(self, widget: QWidget | None) -> QWidget | None:
        if self.workbench is None or self.at_start or widget is None:
            return None
        regions = [self.top, self.workbench.bar, *self.workbench.regions()]
        return next((r for r in regions if r is not None and (r is widget or r.isAncestorOf(widget))), None)

    @staticmethod
    def _enter(region: QWidget) -> bool:
        candidates = [region, *region.findChildren(QWidget)]
        for widget in candidates:
            if _takes_tab(widget):
                widget.setFocus(Qt.FocusReason.ShortcutFocusReason)
                return True
        return False

    # ------------------------------------------------------------ life

    def restore(self, geometry: str) -> None:
        """Take up the size and place of the last time; nonsense is passed over."""
        try:
            data = base64.b64decode(geometry, validate=True)
        except ValueError:
            return
        if data:
            self.restoreGeometry(QByteArray(data))

    def geometry_text(self) -> str:
        return base64.b64encode(self.saveGeometry().data()).decode()

    def show_project(self, title: str, path: Path | None) -> None:
        self.top.title.show_title(title)
        self.top.arrange()
        self.setWindowTitle(f"{title} – Pieria" if title else "Pieria")
        if path is not None:
            self.setWindowFilePath(str(path))

    def closeEvent(self, event: QCloseEvent) -> None:
        self.closing.emit()
        super().closeEvent(event)

    def _retheme(self) -> None:
        self.setWindowIcon(self.theme.icons.app_icon())
        QTimer.singleShot(0, self.top.arrange)


def _takes_tab(widget: QWidget) -> bool:
    return (widget.isVisible() and widget.isEnabled() and widget.focusProxy() is None
            and bool(widget.focusPolicy() & Qt.FocusPolicy.TabFocus))
