"""The card under a selected stretch or clip: what generators do with it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QHBoxLayout

from studio.ui.sound.makers import asking
from studio.ui.sound.pane import SoundPane
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.popup import Card

Run = Callable[[], object]
GAP = 8


class RegionCard(Card):
    """Floats over the timeline. Its buttons are told what is chosen when they are pressed."""

    def __init__(self, pane: SoundPane, actions: dict[str, Run]) -> None:
        """actions: for "regenerate", "vary", "extend", "denoise"."""
        super().__init__(pane.theme, surface="raised", edge="line2", radius=8, parent=pane.timeline)
        self.pane, theme = pane, pane.theme
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
        pane.document.chosen_changed.connect(self.place)
        pane.document.changed.connect(self.place)
        pane.axis.changed.connect(self.place)
        pane.timeline.scrolled.connect(self.place)
        self.hide()

    def place(self) -> None:
        """Under what is selected, inside the timeline; hidden where nothing is, and while something is dragged."""
        document, timeline = self.pane.document, self.pane.timeline
        chosen = document.chosen
        notes = asking.clip_of(document.shown, chosen, notes=True)
        sound = asking.clip_of(document.shown, chosen)
        if document.previewing or (notes is None and sound is None) or (len(chosen.clips) > 1):
            self.hide()
            return
        self.buttons["regenerate"].set_text("Regenerate region" if chosen.region is not None else "Regenerate")
        self.buttons["extend"].setVisible(notes is not None)
        self.buttons["denoise"].setVisible(notes is None)
        clip = sound or notes
        assert clip is not None
        rect = timeline.region_rect() if chosen.region is not None else timeline.clip_rect(clip)
        if rect.isEmpty() or not rect.intersects(QRectF(timeline.rect())):
            self.hide()
            return
        self.adjustSize()
        x = min(max(rect.center().x() - self.width() / 2, GAP), max(timeline.width() - self.width() - GAP, GAP))
        y = rect.bottom() + GAP
        if y + self.height() > timeline.height() - GAP:
            y = rect.top() - self.height() - GAP
        self.move(round(x), round(max(y, GAP)))
        self.show()
        self.raise_()
