"""The card under a selected stretch or clip: what generators do with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, QRectF, Qt
from PySide6.QtWidgets import QHBoxLayout, QMenu, QWidget

from studio.ui.sound.makers import asking
from studio.ui.sound.makers.takes import Takes
from studio.ui.sound.pane import SoundPane
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.labels import Label, Separator
from studio.ui.widgets.popup import Card, Menu

Run = Callable[[], object]
GAP = 8


class RegionCard(Card):
    """Floats over the timeline. Its buttons are told what is chosen when they are pressed."""

    def __init__(self, pane: SoundPane, actions: dict[str, Run], takes: Takes) -> None:
        """actions: for "regenerate", "vary", "extend", "denoise"."""
        super().__init__(pane.theme, surface="raised", edge="line2", radius=8, parent=pane.timeline)
        self.pane, theme = pane, pane.theme
        self._fitted: tuple[object, ...] = ()
        self.setAccessibleName("What to do with the selection")
        row = QHBoxLayout(self)
        row.setContentsMargins(5, 5, 5, 5)
        row.setSpacing(4)
        self.buttons: dict[str, PushButton] = {}
        for key, title, icon, keys in (("regenerate", "Regenerate region", "arrows-clockwise", "Ctrl+Shift+R"),
                                       ("vary", "Vary", "shuffle", ""), ("extend", "Extend", "arrow-line-right", ""),
                                       ("denoise", "Denoise", "broom", "")):
            button = PushButton(theme, title, variant="primary" if key == "regenerate" else "quiet", icon=icon,
                                key=keys)
            button.clicked.connect(lambda _=False, key=key: actions[key]())
            self.buttons[key] = button
            row.addWidget(button)
        self.takes = TakesRow(pane, takes)
        row.addWidget(self.takes)
        takes.changed.connect(self.place)
        pane.document.chosen_changed.connect(self.place)
        pane.document.changed.connect(self.place)
        pane.axis.changed.connect(self.place)
        pane.timeline.scrolled.connect(self.place)
        self.hide()

    def place(self) -> None:
        """Under what is selected, inside the timeline; hidden where nothing is, and while something is dragged. Of
        several clips it has only the takes."""
        document, timeline = self.pane.document, self.pane.timeline
        chosen = document.chosen
        clip = asking.any_clip_of(document.shown, chosen)
        several = len(chosen.clips) > 1
        self.takes.show_takes()
        if document.previewing or clip is None or (several and self.takes.isHidden()):
            self.hide()
            return
        self.buttons["regenerate"].set_text("Regenerate region" if chosen.region is not None else "Regenerate")
        left_out = {"denoise" if clip.score else "extend"}
        if not (clip.result or clip.text or clip.score):  # a recording can only be repaired
            left_out |= {"regenerate", "vary"}
        for key, button in self.buttons.items():
            button.setVisible(not several and key not in left_out)
        self.takes.line.setVisible(not several)
        rects = [timeline.clip_rect(one) for one in document.chosen_clips] or [timeline.clip_rect(clip)]
        rect = timeline.region_rect() if chosen.region is not None else rects[0]
        for other in rects[1:] if chosen.region is None else ():
            rect = rect.united(other)
        if rect.isEmpty() or not rect.intersects(QRectF(timeline.rect())):
            self.hide()
            return
        self._put(rect.intersected(QRectF(timeline.rect().adjusted(0, -10_000, 0, 10_000))))

    def _put(self, rect: QRectF) -> None:
        timeline = self.pane.timeline
        self._fit(timeline.width() - 2 * GAP)
        x = min(max(rect.center().x() - self.width() / 2, GAP), max(timeline.width() - self.width() - GAP, GAP))
        y = rect.bottom() + GAP
        if y + self.height() > timeline.height() - GAP:
            y = rect.top() - self.height() - GAP
        self.move(round(x), round(max(y, GAP)))
        self.show()
        self.raise_()

    def _fit(self, room: int) -> None:
        """Buttons give up their words where there is little room."""
        shown = [button for button in self.buttons.values() if not button.isHidden()]
        key = (room, self.pane.theme.text_scale, len(shown), self.buttons["regenerate"].text(), self.takes.isHidden(),
               self.takes.label.text())
        if key != self._fitted:
            self._fitted = key
            for button in shown:
                button.set_compact(False)
            for button in reversed(shown):
                self.layout().activate()
                if self.sizeHint().width() > room:
                    button.set_compact(True)
        self.layout().activate()
        self.adjustSize()


class TakesRow(QWidget):
    """"Take 2 of 4" with what goes to the next and to the previous one."""

    def __init__(self, pane: SoundPane, takes: Takes) -> None:
        super().__init__()
        self.pane, self.takes, theme = pane, takes, pane.theme
        self.line = Separator(theme, vertical=True, length=20, tone="line2")
        self.previous = IconButton(theme, "caret-left", "Previous take", key=",")
        self.next = IconButton(theme, "caret-right", "Next take", key=".")
        self.more = IconButton(theme, "dots-three", "Takes")
        self.label = Label(theme, "", "strong", "t1", tnum=True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(2)
        for widget in (self.line, self.previous, self.label, self.next, self.more):
            row.addWidget(widget)
        for button in (self.previous, self.next, self.more):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click Space still plays
        self.previous.clicked.connect(lambda _=False: takes.step(-1))
        self.next.clicked.connect(lambda _=False: takes.step(1))
        self.more.clicked.connect(lambda _=False: self.menu().popup(self.more.mapToGlobal(QPoint(0, self.height()))))
        self.hide()

    def show_takes(self) -> None:
        """Those of the chosen clip, and how many more are on their way; hidden where there is only one."""
        clips = self.takes.chosen()
        names = {clip.id for clip in clips} or set(self.pane.document.chosen.clips)
        coming = max((self.takes.coming(name) for name in names), default=0)
        self.setVisible(bool(clips) or coming > 0)
        held = clips[0].take + 1 if clips else 1
        words = f"Take {held} of {len(clips[0].takes)}" if clips else "Take 1"
        self.label.setText(f"{words} · {coming} to come" if coming else words)
        self.updateGeometry()  # else the card is as wide as for the words before
        for button in (self.previous, self.next, self.more):
            button.setEnabled(bool(clips))
        self.setAccessibleName(self.label.text())

    def menu(self) -> Menu:
        menu = Menu(self.pane.theme, "Takes", self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        fill_menu(menu, self.takes)
        return menu


def fill_menu(menu: QMenu, takes: Takes) -> None:
    """What can be done with the takes of the chosen clips."""
    clips = takes.chosen()
    if not clips:
        return
    for place, take in enumerate(clips[0].all_takes):
        words = f"Take {place + 1}" + (f"  ·  {take.speaker}" if take.speaker else "")
        action = menu.addAction(words)
        action.setCheckable(True)
        action.setChecked(place == clips[0].take)
        action.triggered.connect(lambda _=False, at=place: takes.go(lambda clip: min(at, len(clip.takes) - 1)))
    menu.addSeparator()
    for title, run in (("Keep only this take", takes.keep), ("Delete this take", takes.remove),
                       ("Put takes on tracks of their own", takes.spread)):
        menu.addAction(title).triggered.connect(lambda _=False, run=run: run())
