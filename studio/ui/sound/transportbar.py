"""The context bar of the Sound workspace: transport, time, tempo, snapping, the level of the mix, export."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QWidget

from studio.project.sound import SoundError, edits
from studio.ui.sound.document import SoundDocument
from studio.ui.sound.heads import RecordButton
from studio.ui.sound.meters import NOTHING, Level, Meter
from studio.ui.sound.timeline import Timeline
from studio.ui.theme import Theme
from studio.ui.timeaxis import timecode
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.choice import Choice, Option
from studio.ui.widgets.labels import Label, Separator
from studio.ui.widgets.number import NumberField

METER, LOW_METER = 112, 56
"""Pixels of the meter of the mix, and where there is little room."""
METRES = ("4/4", "3/4", "2/4", "6/8", "5/4", "7/8", "12/8")
GRIDS = (("0", "Bar"), ("1", "Beat"), ("0.5", "1/2 beat"), ("0.25", "1/4 beat"), ("0.3333333333", "Triplet"))


class TransportBar(QWidget):
    """Emits what is asked of the player; tempo, metre and snapping it changes itself."""

    start_asked = Signal()
    play_asked = Signal()
    stop_asked = Signal()
    record_asked = Signal()
    record_menu_asked = Signal()
    loop_toggled = Signal(bool)
    metronome_toggled = Signal(bool)
    export_asked = Signal()

    def __init__(self, theme: Theme, document: SoundDocument, timeline: Timeline,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.theme, self.document, self.timeline = theme, document, timeline
        self._roomy: list[QWidget] = []
        """What is left out where there is little room, from the first on."""
        self.setAccessibleName("Transport")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(12, 0, 12, 0)
        self._row.setSpacing(4)
        self._build_transport()
        self.setTabOrder(self.to_start, self.play)
        self.setTabOrder(self.play, self.stop)
        self._line()
        self._build_tempo()
        self._line()
        self._build_snapping()
        self._row.addStretch(1)
        self._build_mix()
        self._roomy += [self.bar, self.meter, self.metre, self.grid, self.loudness, self.tempo]
        document.changed.connect(self.refresh)
        self.refresh()

    # ------------------------------------------------------------ parts

    def _build_transport(self) -> None:
        theme = self.theme
        self.to_start = self._button("skip-back", "Go to the start", "Home")
        self.play = PushButton(theme, "", variant="primary", icon="play", name="Play", key="Space")
        self.play.set_icon("play", "fill")
        self.stop = self._button("stop", "Stop", "Shift+Space")
        self.record = RecordButton(theme, "Record", key="R", always=True)
        self._row.addWidget(self.record)
        self.record_more = self._button("caret-down", "Input, count-in and latency", "")
        self.record_more.setFixedWidth(theme.dp(18))
        self.loop = self._button("repeat", "Loop", "L", checkable=True)
        self._row.insertWidget(1, self.play)
        for button, signal in ((self.to_start, self.start_asked), (self.play, self.play_asked),
                               (self.stop, self.stop_asked), (self.record, self.record_asked),
                               (self.record_more, self.record_menu_asked)):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # after a click Space still plays
            button.clicked.connect(lambda _=False, signal=signal: signal.emit())
        self.loop.toggled.connect(self.loop_toggled)
        self._row.addSpacing(8)
        self.time = Label(theme, timecode(0), "timecode", tnum=True)
        self.time.setAccessibleName("Time")
        self.bar = Label(theme, "bar 1.1", "mono", "t3", tnum=True)
        self._row.addWidget(self.time)
        self._row.addSpacing(6)
        self._row.addWidget(self.bar)
        self._row.addSpacing(8)

    def _build_tempo(self) -> None:
        theme = self.theme
        self._roomy.append(Label(theme, "Tempo", "body", "t3"))
        self._row.addWidget(self._roomy[-1])
        self.tempo = NumberField(theme, "Tempo", minimum=20, maximum=400, step=1, value=120, small=True)
        self.metre = Choice(theme, "Metre", [Option(metre, metre) for metre in METRES])
        self.metronome = self._button("metronome", "Metronome", "K", checkable=True, add=False)
        for widget in (self.tempo, self.metre, self.metronome):
            self._row.addWidget(widget)
        self.tempo.value_changed.connect(lambda bpm: self.document.edit(
            "Tempo", lambda old: edits.set_tempo(old, bpm), merge="tempo"))
        self.metre.chosen.connect(self._set_metre)
        self.metronome.toggled.connect(self.metronome_toggled)

    def _build_snapping(self) -> None:
        self.snap = self._button("magnet", "Snap to the grid and to edges", "N", checkable=True)
        self.grid = Choice(self.theme, "Grid", [Option(value, title) for value, title in GRIDS])
        self._row.addWidget(self.grid)
        self.snap.setChecked(self.timeline.snapping)
        self.grid.set_key("1")
        self.snap.toggled.connect(lambda on: setattr(self.timeline, "snapping", on))
        self.grid.chosen.connect(lambda value: setattr(self.timeline, "grid", float(value)))

    def _build_mix(self) -> None:
        theme = self.theme
        self._roomy.append(Label(theme, "Master", "body", "t3"))
        self._row.addWidget(self._roomy[-1])
        self.meter = Meter(theme, "Level of the mix", upright=False)
        self.meter.setFixedSize(theme.dp(METER), theme.dp(12))
        self.loudness = Label(theme, "", "strong", tnum=True)
        self.export = PushButton(theme, "Export", variant="secondary", icon="export", key="Ctrl+Shift+E")
        self.export.clicked.connect(lambda _=False: self.export_asked.emit())
        self._row.addSpacing(4)
        self._row.addWidget(self.meter)
        self._row.addSpacing(6)
        self._row.addWidget(self.loudness)
        self._line()
        self._row.addWidget(self.export)

    def _button(self, icon: str, name: str, key: str, *, checkable: bool = False, add: bool = True) -> IconButton:
        button = IconButton(self.theme, icon, name, key=key, checkable=checkable)
        if icon in ("skip-back", "stop"):
            button.set_icon(icon, "fill")
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        if add:
            self._row.addWidget(button)
        return button

    def _line(self) -> None:
        self._row.addSpacing(6)
        self._row.addWidget(Separator(self.theme, vertical=True, length=18, tone="line2"))
        self._row.addSpacing(6)

    # ------------------------------------------------------------ what it shows

    def refresh(self) -> None:
        """Take over tempo, metre and loop of the document."""
        shown = self.document.shown
        if not self.tempo.hasFocus():
            self.tempo.set_value(shown.tempo.bpm_at(0))
        metre = shown.tempo.metre_at_bar(0)
        self.metre.set_key(f"{metre.beats}/{metre.unit}")
        self.loop.blockSignals(True)
        self.loop.setChecked(shown.loop is not None and shown.loop.on)
        self.loop.blockSignals(False)

    def show_time(self, seconds: float) -> None:
        self.time.setText(timecode(seconds))
        bar, beat, _ = self.document.shown.tempo.position(seconds)
        self.bar.setText(f"bar {bar}.{beat}")

    def show_playing(self, playing: bool) -> None:
        self.play.set_icon("pause" if playing else "play", "fill")
        self.play.set_name("Pause" if playing else "Play", "Space")

    def show_level(self, level: Level | None) -> None:
        self.meter.show_level(level or NOTHING)

    def show_loudness(self, lufs: float | None) -> None:
        """Integrated loudness of the mix; None while it is not known."""
        self.loudness.setText("" if lufs is None else f"{lufs:.1f} LUFS".replace("-", "−"))
        self._fit()

    def _set_metre(self, value: str) -> None:
        beats, _, unit = value.partition("/")
        try:
            self.document.edit("Metre", lambda old: edits.set_metre(old, int(beats), int(unit)))
        except (ValueError, SoundError):
            self.refresh()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._fit()

    def _fit(self) -> None:
        """Leave out what there is no room for: words before values, nothing that something can be done with before
        what only shows something."""
        self.time.setMinimumWidth(self.time.sizeHint().width())
        self.meter.setFixedWidth(self.theme.dp(METER))
        self._row.invalidate()
        wanted = self._row.sizeHint().width() + sum(self._room(part) for part in self._roomy if part.isHidden())
        for part in self._roomy:
            if part is self.meter and wanted > self.width():
                wanted -= self.theme.dp(METER) - self.theme.dp(LOW_METER)
                self.meter.setFixedWidth(self.theme.dp(LOW_METER))
            fits = wanted <= self.width()
            part.setVisible(fits)
            wanted -= 0 if fits else self._room(part)
        self.export.set_compact(wanted > self.width())

    def _room(self, part: QWidget) -> int:
        """What a part takes in the row."""
        return (part.minimumWidth() if part is self.meter else part.sizeHint().width()) + 4

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.theme.dp(40))
