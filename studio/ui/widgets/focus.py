"""The focus ring: one overlay for each window, drawn around whatever has the keyboard focus."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, Qt, QTimer
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed

GAP, WIDTH = 1, 2
REACH = GAP + WIDTH
MOVES = {QEvent.Type.Move, QEvent.Type.Resize, QEvent.Type.Show, QEvent.Type.Hide, QEvent.Type.ParentChange}


class FocusRing(Themed, QWidget):
    """2 px of spring with a gap of 1 px around the focused widget, only while the keyboard is in use.

    A widget says where its ring runs with `focus_rect()` and `focus_radius`; with the property "noFocusRing" it gets
    none (the prompt bar shows focus by its own border). Install one on each top-level window: ``FocusRing(theme, w)``.
    """

    def __init__(self, theme: Theme, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._target: QWidget | None = None
        self._watched: list[QWidget] = []
        self.by_keyboard = False
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_NoSystemBackground)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.setInterval(0)
        self._later.timeout.connect(self._follow)
        self.init_theme(theme)
        self.hide()
        window.installEventFilter(self)
        self._listen()
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.focusChanged.connect(self._focus_changed)

    def target(self) -> QWidget | None:
        """The widget it runs around now."""
        return self._target if self.isVisible() else None

    def _listen(self) -> None:
        """Watch the native window for the last kind of input: a few events, not those of every widget."""
        handle = self._window.windowHandle()
        if handle is not None:
            handle.removeEventFilter(self)
            handle.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.KeyPress:
            self._set_by_keyboard(True)
        elif kind == QEvent.Type.MouseButtonPress:
            self._set_by_keyboard(False)
        elif kind in MOVES:
            if kind == QEvent.Type.Show and watched is self._window:
                self._listen()
            self._later.start()
        return False

    def _set_by_keyboard(self, on: bool) -> None:
        if on != self.by_keyboard:
            self.by_keyboard = on
            self._later.start()

    def _focus_changed(self, _old: QWidget | None, now: QWidget | None) -> None:
        self._forget()
        if now is None or now.window() is not self._window:
            self._target = None
            self.hide()
            return
        if now.property("noFocusRing"):
            self._target = None
            self.hide()
            return
        # an embedded line edit stands for the field around it
        proxy = now.parentWidget()
        self._target = proxy if proxy is not None and now.property("bare") and proxy.focusProxy() is now else now
        widget: QWidget | None = self._target
        while widget is not None and widget is not self._window:
            widget.installEventFilter(self)
            self._watched.append(widget)
            widget = widget.parentWidget()
        self._later.start()

    def _forget(self) -> None:
        for widget in self._watched:
            try:
                widget.removeEventFilter(self)
            except RuntimeError:  # already deleted
                pass
        self._watched.clear()

    def _follow(self) -> None:
        target = self._target
        try:
            if target is None or not self.by_keyboard or not target.isVisible():
                self.hide()
                return
            window = self._window
            area = target.focus_rect() if isinstance(target, Themed) else target.rect()
            ring = QRect(target.mapTo(window, area.topLeft()), area.size()).adjusted(-REACH, -REACH, REACH, REACH)
            clip = self._clip(target).adjusted(-REACH, -REACH, REACH, REACH)
        except RuntimeError:  # it was deleted meanwhile
            self._target = None
            self.hide()
            return
        if not ring.intersects(clip):
            self.hide()
            return
        self.setGeometry(ring)
        self.setMask(QRect(clip.topLeft() - ring.topLeft(), clip.size()).intersected(QRect(QPoint(0, 0), ring.size())))
        self.raise_()
        self.show()
        self.update()

    def _clip(self, target: QWidget) -> QRect:
        """What scroll areas around the target leave of it, in window coordinates."""
        window = self._window
        clip = window.rect()
        parent = target.parentWidget()
        while parent is not None and parent is not window:
            if isinstance(parent, QAbstractScrollArea):
                view = parent.viewport()
                clip = clip.intersected(QRect(view.mapTo(window, QPoint(0, 0)), view.size()))
            parent = parent.parentWidget()
        return clip

    def paintEvent(self, event: QPaintEvent) -> None:
        radius = float(getattr(self._target, "focus_radius", 6.0))
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(self.theme.color("spring"), WIDTH))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        area = QRectF(self.rect()).adjusted(WIDTH / 2, WIDTH / 2, -WIDTH / 2, -WIDTH / 2)
        painter.drawRoundedRect(area, radius + GAP + WIDTH / 2, radius + GAP + WIDTH / 2)
