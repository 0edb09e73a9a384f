"""What drives a real window: waiting on its event loop, and a pen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtCore import QEvent, QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QInputDevice, QPointingDevice, QPointingDeviceUniqueId, QTabletEvent
from PySide6.QtWidgets import QApplication


class Timeout(RuntimeError):
    pass


def wait(until: Callable[[], bool], seconds: float = 180.0) -> None:
    """Run the event loop until `until()` holds. Raises Timeout."""
    loop = QEventLoop()
    poll, limit = QTimer(interval=20), QTimer(singleShot=True, interval=int(seconds * 1000))
    poll.timeout.connect(lambda: until() and loop.quit())
    limit.timeout.connect(lambda: loop.exit(1))
    poll.start()
    limit.start()
    code = 0 if until() else loop.exec()
    poll.stop()
    limit.stop()
    if code:
        raise Timeout("the studio did not get there in time")


def settle(milliseconds: int = 250) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


class Pen:
    """A pen on the canvas of a real window: what it does are tablet events. `canvas` is a `CanvasPane`."""

    def __init__(self, canvas: Any) -> None:
        self.canvas = canvas
        can = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
        self._device = QPointingDevice("pen", 7, QInputDevice.DeviceType.Stylus, QPointingDevice.PointerType.Pen, can,
                                       1, 3, "", QPointingDeviceUniqueId())
        self._time = 0

    def stroke(self, points: Sequence[tuple[float, float]], pressure: float = 0.7, *, ms: int = 5) -> None:
        """Press, move through document points, lift; `ms` lie between two events by their own clock."""
        self.press(*points[0], pressure, ms=ms)
        for point in points[1:]:
            self.move(*point, pressure, ms=ms)
        self.lift(*points[-1], ms=ms)

    def press(self, x: float, y: float, pressure: float = 0.7, *, ms: int = 5) -> None:
        self._send(QEvent.Type.TabletPress, x, y, pressure, ms)

    def move(self, x: float, y: float, pressure: float = 0.7, *, ms: int = 5) -> None:
        self._send(QEvent.Type.TabletMove, x, y, pressure, ms)

    def lift(self, x: float, y: float, *, ms: int = 5) -> None:
        self._send(QEvent.Type.TabletRelease, x, y, 0.0, ms)

    def _send(self, kind: QEvent.Type, x: float, y: float, pressure: float, ms: int) -> None:
        view, left, none = self.canvas.view, Qt.MouseButton.LeftButton, Qt.MouseButton.NoButton
        at = view.camera.to_screen(QPointF(x, y))
        moving, lifting = kind == QEvent.Type.TabletMove, kind == QEvent.Type.TabletRelease
        event = QTabletEvent(kind, self._device, at, QPointF(view.mapToGlobal(at)), pressure, 0.0, 0.0, 0.0, 0.0, 0.0,
                             Qt.KeyboardModifier.NoModifier, none if moving else left, none if lifting else left)
        self._time += ms
        event.setTimestamp(self._time)
        QApplication.sendEvent(view, event)
