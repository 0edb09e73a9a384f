"""Asks what of the arrangement is to be written, and how."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.theme import Theme
from studio.ui.widgets.buttons import PushButton
from studio.ui.widgets.choice import Check, Choice, Option
from studio.ui.widgets.labels import Label
from studio.ui.widgets.number import NumberField
from studio.ui.widgets.popup import close_popup
from studio.ui.widgets.text import TextField

SOUND = (("wav", "WAV"), ("flac", "FLAC"), ("ogg", "OGG Vorbis"), ("mp3", "MP3"))
FORMATS = {"mix": SOUND, "selection": SOUND, "stems": SOUND, "labels": (("srt", "SRT"), ("vtt", "WebVTT"),
           ("txt", "Audacity labels")), "notes": (("mid", "MIDI"), ("musicxml", "MusicXML"))}
PARTS = (("mix", "The mix"), ("selection", "The selection"), ("stems", "Stems, a file for each track"),
         ("labels", "Labels as captions"), ("notes", "Notes as a score"))
TARGETS = (("", "As it is"), ("-14", "−14 LUFS, streaming"), ("-16", "−16 LUFS, podcast"),
           ("-23", "−23 LUFS, broadcast"), ("own", "Another…"))
DEPTHS = (("16", "16 bit"), ("24", "24 bit"), ("float", "32 bit float"))


@dataclass(frozen=True)
class ExportPlan:
    """What was asked for. loudness: LUFS or None. track: only this one, "" for all."""

    part: str = "mix"
    format: str = "wav"
    depth: str = "24"
    loudness: float | None = None
    dither: bool = True
    quality: float = 0.7
    title: str = ""
    artist: str = ""
    told: bool = True
    """Whether the file says how it was made."""
    track: str = ""


class ExportCard(QWidget):
    """Signal ``chosen(ExportPlan)``. What there is none of is not offered."""

    delete_on_close = True
    chosen = Signal(object)

    def __init__(self, theme: Theme, plan: ExportPlan, missing: set[str], heading: str = "Export",
                 parent: QWidget | None = None) -> None:
        """missing: parts that there are none of."""
        super().__init__(parent)
        self.theme, self.plan = theme, plan
        self.setAccessibleName(heading)
        self.part = Choice(theme, "What", [Option(key, title) for key, title in PARTS if key not in missing])
        self.format = Choice(theme, "Format", [])
        self.bits = Choice(theme, "Bit depth", [Option(key, title) for key, title in DEPTHS])
        self.quality = NumberField(theme, "Quality", minimum=0, maximum=100, step=5, value=round(plan.quality * 100),
                                   unit="%")
        self.target = Choice(theme, "Loudness", [Option(key, title) for key, title in TARGETS])
        self.lufs = NumberField(theme, "Loudness target", minimum=-70, maximum=0, step=0.5, value=plan.loudness or -18,
                                unit="LUFS")
        self.dither = Check(theme, "Dither 16 bit", checked=plan.dither)
        self.told = Check(theme, "Say how it was made", checked=plan.told)
        self.title = TextField(theme, "Title", text=plan.title, placeholder="Title")
        self.artist = TextField(theme, "Artist", text=plan.artist, placeholder="Artist")
        self._rows: dict[str, list[QWidget]] = {}
        self._lay_out(heading)
        self.part.set_key("mix" if plan.part in missing else plan.part)
        self._offer_formats(plan.format)
        self.bits.set_key(plan.depth)
        target = "" if plan.loudness is None else f"{plan.loudness:g}"
        self.target.set_key(target if target in dict(TARGETS) else "own")
        self.part.chosen.connect(lambda _: self._offer_formats(""))
        for choice in (self.format, self.target):
            choice.chosen.connect(lambda _: self._fit())
        self._fit()

    def _lay_out(self, heading: str) -> None:
        theme, grid = self.theme, QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(8)
        grid.setColumnStretch(1, 1)
        rows: list[tuple[str, QWidget]] = [
            ("What", self.part), ("Format", self.format), ("Bit depth", self.bits), ("Quality", self.quality),
            ("Loudness", self.target), ("Target", self.lufs), ("", self.dither), ("Title", self.title),
            ("Artist", self.artist), ("", self.told)]
        for place, (name, widget) in enumerate(rows):
            label = Label(theme, name, "body", "t2")
            grid.addWidget(label, place, 0)
            grid.addWidget(widget, place, 1)
            self._rows[widget.accessibleName()] = [label, widget]
        column = QVBoxLayout(self)
        column.setContentsMargins(10, 8, 10, 8)
        column.setSpacing(12)
        column.addWidget(Label(theme, heading, "title"))
        column.addLayout(grid)
        foot = QHBoxLayout()
        foot.addStretch(1)
        cancel = PushButton(theme, "Cancel", variant="quiet")
        self.accept = PushButton(theme, "Export…", variant="primary", icon="export")
        foot.addWidget(cancel)
        foot.addWidget(self.accept)
        column.addLayout(foot)
        cancel.clicked.connect(lambda: close_popup(self))
        self.accept.clicked.connect(self.take)
        self.setFocusProxy(self.part)

    def sizeHint(self) -> QSize:
        return QSize(self.theme.dp(400), super().sizeHint().height())

    def take(self) -> None:
        """Tell the plan and close."""
        self.setFocus()
        target = self.target.key()
        loudness = self.lufs.value() if target == "own" else float(target) if target else None
        sound = self.part.key() in ("mix", "selection", "stems")
        plan = replace(self.plan, part=self.part.key(), format=self.format.key(), depth=self.bits.key(),
                       loudness=loudness if sound and self.part.key() != "stems" else None,
                       dither=self.dither.isChecked(), quality=self.quality.value() / 100,
                       title=self.title.text().strip(), artist=self.artist.text().strip(), told=self.told.isChecked())
        close_popup(self)
        self.chosen.emit(plan)

    def _offer_formats(self, wanted: str) -> None:
        formats = FORMATS[self.part.key() or "mix"]
        kept = wanted or self.format.key()
        self.format.set_options([Option(key, title) for key, title in formats])
        if not self.format.set_key(kept):
            self.format.set_key(formats[0][0])
        self._fit()

    def _fit(self) -> None:
        """Show what belongs to the part and the format."""
        part, form = self.part.key(), self.format.key()
        sound = part in ("mix", "selection", "stems")
        self._show("Bit depth", sound and form in ("wav", "flac"))
        if form == "flac" and self.bits.key() == "float":
            self.bits.set_key("24")
        self._show("Quality", sound and form in ("ogg", "mp3"))
        self._show("Loudness", sound and part != "stems" and not self.plan.track)
        self._show("Loudness target", sound and part != "stems" and self.target.key() == "own")
        self._show("Dither 16 bit", sound and form in ("wav", "flac") and self.bits.key() == "16")
        for name in ("Title", "Artist", "Say how it was made"):
            self._show(name, sound)

    def _show(self, name: str, on: bool) -> None:
        for widget in self._rows[name]:
            widget.setVisible(on)
