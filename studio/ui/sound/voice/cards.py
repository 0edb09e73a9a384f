"""Cards of speakers, two in a row: who there is, who is chosen, and how each sounds."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from studio.ui.sound.voice.voices import Voice
from studio.ui.theme import Theme
from studio.ui.widgets.base import blend, box
from studio.ui.widgets.buttons import BaseButton

COLUMNS, HEIGHT, DISC, GAP = 2, 52, 32, 8
AT_ONCE = 10
"""Cards that are laid down in one go: those that are seen."""
HUES = ("music", "voice", "notes", "ambience", "iris", "sky")


class VoiceCard(BaseButton):
    """A round icon, a name, a few words. A click chooses; on the icon it lets the voice be heard."""

    focus_radius = 8.0

    def __init__(self, theme: Theme, voice: Voice, hue: str, grid: VoiceGrid) -> None:
        self.voice, self.hue, self.grid = voice, hue, grid
        self.state = ""
        """"": quiet; "waiting": a sample is being made; "sounding"."""
        super().__init__(theme, voice.title, checkable=True, parent=grid)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setMouseTracking(True)
        said = ", ".join(part for part in (voice.title, voice.about, voice.language) if part)
        self.setAccessibleName(said)
        self.setAccessibleDescription("Enter chooses this voice, Space lets it be heard.")
        self.setToolTip(f"{said}\nSpace, or a click on the icon: hear it")

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(120), self.theme.dp(HEIGHT))

    def minimumSizeHint(self) -> QSize:
        return QSize(self.theme.dp(90), self.theme.dp(HEIGHT))

    def disc(self) -> QRectF:
        """Where the icon lies."""
        side = self.theme.dp(DISC)
        return QRectF(8, (self.height() - side) / 2, side, side)

    def show_state(self, state: str) -> None:
        if state != self.state:
            self.state = state
            self.update()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        inside = self.rect().contains(event.position().toPoint())
        on_disc = self.disc().adjusted(-4, -4, 4, 4).contains(event.position())
        self.setDown(False)
        if event.button() != Qt.MouseButton.LeftButton or not inside:
            return
        if on_disc:
            self.grid.heard.emit(self.voice.key)
        else:
            self.grid.take(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self.grid.key_pressed(self, event):
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on = self.isChecked()
        rest = theme.color("spring_t") if on else blend(theme.color("control"), theme.color("hover"), self._fade.amount)
        box(painter, self.rect(), 8, theme.color("press") if self.isDown() else rest)
        if on:
            box(painter, self.rect(), 8, None, theme.color("spring"), 1.5)
        disc = self.disc()
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(blend(theme.color("canvas"), theme.color(self.hue), 0.62) if theme.is_dark
                         else theme.color(self.hue))
        painter.drawEllipse(disc)
        self._paint_glyph(painter, disc)
        self._paint_words(painter, disc.right() + 8)

    def _paint_glyph(self, painter: QPainter, disc: QRectF) -> None:
        theme = self.theme
        over = self.underMouse() or self.hasFocus()
        name = {"sounding": "stop", "waiting": "dots-three"}.get(self.state, "play" if over else "waveform")
        glyph = QRectF(0, 0, theme.dp(16), theme.dp(16))
        glyph.moveCenter(disc.center())
        theme.icons.paint(painter, glyph, name, "on_badge", weight="fill" if name in ("play", "stop") else "bold")
        if self.state == "sounding":
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.color("t1"), 1.5))
            painter.drawEllipse(disc.adjusted(-2, -2, 2, 2))

    def _paint_words(self, painter: QPainter, x: float) -> None:
        theme, room = self.theme, self.width() - x - 6
        lines = [(self.voice.title, "strong", "t1")]
        if self.voice.about:
            lines.append((self.voice.about, "caption", "t2" if self.isChecked() else "t3"))
        heights = [theme.line_height(role) for _, role, _ in lines]  # type: ignore[arg-type]
        y = (self.height() - sum(heights)) / 2
        for (text, role, tone), height in zip(lines, heights, strict=True):
            painter.setFont(theme.font(role))  # type: ignore[arg-type]
            painter.setPen(theme.color(tone))
            shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, int(room))
            painter.drawText(QRectF(x, y, room + 2, height), Qt.AlignmentFlag.AlignVCenter, shown)
            y += height


class VoiceGrid(QWidget):
    """Arrows walk, Enter chooses, Space lets it be heard. Tab comes to the chosen card, and leaves the grid. Of many
    voices the cards are laid down a few at a time.

    Attributes: cards, those that are made, by key."""

    picked = Signal(str)
    """The key of a voice that the person has chosen."""
    heard = Signal(str)
    """The key of a voice that is to be heard, or to be silent again."""
    walked = Signal(QRect)
    """Where the card lies that the keys have come to."""

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme = theme
        self.cards: dict[str, VoiceCard] = {}
        self._voices: list[Voice] = []
        self._found: list[Voice] = []
        self._shown: list[VoiceCard] = []
        self._chosen = ""
        self._state = ("", "")
        self._later = QTimer(self, singleShot=True, interval=0)
        self._later.timeout.connect(self._fill)
        self.setAccessibleName("Speakers")
        theme.changed.connect(self._place)

    @property
    def count(self) -> int:
        """How many voices there are."""
        return len(self._voices)

    def set_voices(self, voices: Sequence[Voice]) -> None:
        """Show these and no others."""
        if self._voices == list(voices):
            return
        for card in self.cards.values():
            card.hide()
            card.deleteLater()
        self.cards, self._shown, self._voices, self._found = {}, [], list(voices), []
        self.find("", "")

    def find(self, words: str, language: str) -> int:
        """Show those that a search finds; how many these are."""
        found = [voice for voice in self._voices if voice.fits(words, language)]
        if found != self._found:
            first = {voice.key for voice in found[:AT_ONCE]}
            for card in self._shown:
                if card.voice.key not in first:
                    card.hide()
            self._found, self._shown = found, []
            self._place()
            self._fill()
        return len(found)

    def _fill(self) -> None:
        """Lay down the next few of the cards that were found."""
        for voice in self._found[len(self._shown):len(self._shown) + AT_ONCE]:
            card = self.cards.get(voice.key) or self._make(voice)
            card.setGeometry(self._place_of(len(self._shown)))
            card.show()
            self._shown.append(card)
        if len(self._shown) < len(self._found):
            self._later.start()
        self._rove()

    def _place_of(self, number: int) -> QRect:
        row, column = divmod(number, COLUMNS)
        left, right = (round(at * (self.width() + GAP) / COLUMNS) for at in (column, column + 1))
        high = self.theme.dp(HEIGHT)
        return QRect(left, row * (high + GAP), right - left - GAP, high)

    def _place(self) -> None:
        """Give the cards their places, and have room for all that were found. A layout would go through all cards
        again for each that comes."""
        rows = -(-len(self._found) // COLUMNS)
        self.setFixedHeight(max(rows * (self.theme.dp(HEIGHT) + GAP) - GAP, 0))
        for number, card in enumerate(self._shown):
            card.setGeometry(self._place_of(number))

    def resizeEvent(self, event: QResizeEvent) -> None:
        if event.size().width() != event.oldSize().width():
            self._place()

    def _make(self, voice: Voice) -> VoiceCard:
        card = VoiceCard(self.theme, voice, HUES[self._voices.index(voice) % len(HUES)], self)
        card.setChecked(voice.key == self._chosen)
        card.show_state(self._state[1] if voice.key == self._state[0] else "")
        self.cards[voice.key] = card
        return card

    def choose(self, key: str) -> None:
        """Show which is chosen; silent."""
        self._chosen = key
        for name, card in self.cards.items():
            card.setChecked(name == key)
        self._rove()

    def chosen(self) -> str:
        return self._chosen if any(voice.key == self._chosen for voice in self._voices) else ""

    def show_state(self, key: str, state: str) -> None:
        """Which one is being made or sounds; the others are quiet."""
        self._state = (key, state)
        for name, card in self.cards.items():
            card.show_state(state if name == key else "")

    def take(self, card: VoiceCard) -> None:
        self.choose(card.voice.key)
        self.picked.emit(card.voice.key)

    def key_pressed(self, card: VoiceCard, event: QKeyEvent) -> bool:
        """Whether the grid knows what to do with a key."""
        key = Qt.Key(event.key())
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1, Qt.Key.Key_Up: -COLUMNS, Qt.Key.Key_Down: COLUMNS,
                 Qt.Key.Key_Home: -len(self._shown), Qt.Key.Key_End: len(self._shown)}
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if key in steps and card in self._shown:
            self._walk(self._shown.index(card), steps[key], ends=key in (Qt.Key.Key_Home, Qt.Key.Key_End))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.take(card)
        elif key == Qt.Key.Key_Space:
            self.heard.emit(card.voice.key)
        else:
            return False
        return True

    def _walk(self, at: int, by: int, *, ends: bool) -> None:
        last = len(self._shown) - 1
        to = min(max(at + by, 0), last) if ends else at + by
        if 0 <= to <= last:
            self._shown[to].setFocus(Qt.FocusReason.TabFocusReason)
            self.walked.emit(self._shown[to].geometry())

    def enter(self) -> None:
        """The keyboard goes to the first card that was found."""
        if self._shown:
            self._shown[0].setFocus(Qt.FocusReason.TabFocusReason)

    def _rove(self) -> None:
        """Only one card is a stop for Tab."""
        stop = next((card for card in self._shown if card.isChecked()), self._shown[0] if self._shown else None)
        for card in self._shown:
            card.setFocusPolicy(Qt.FocusPolicy.StrongFocus if card is stop else Qt.FocusPolicy.ClickFocus)
