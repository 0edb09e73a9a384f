"""What the Sound workspace remembers: the person's choices in the settings, the view of a project in the project."""

from __future__ import annotations

from dataclasses import asdict, fields, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from studio.ui.sound.choices import Choices
from studio.ui.sound.exportcard import DEPTHS, FORMATS, ExportPlan

if TYPE_CHECKING:
    from studio.ui.session import Session
    from studio.ui.sound.exporting import Exporting
    from studio.ui.sound.makers.loudnesscard import LoudnessCard
    from studio.ui.sound.pane import SoundPane

VIEW_MS = 3000
VIEW = "sound.view"
OF_A_PLAN = ("format", "depth", "loudness", "dither", "quality", "artist")
"""What of an export is the same the next time; title and part belong to the project."""


class SoundMemory(QObject):
    """Joins transport bar, export and loudness target to the choices, and the view to the project."""

    def __init__(self, session: Session, pane: SoundPane, exporting: Exporting, card: LoudnessCard,
                 choices: Choices) -> None:
        super().__init__(pane)
        self.session, self.pane, self.exporting, self.card, self.choices = session, pane, exporting, card, choices
        self._timer = QTimer(self, singleShot=True, interval=VIEW_MS)
        self._timer.timeout.connect(self._keep_view)
        self._first = QTimer(self, singleShot=True, interval=0)
        self._first.timeout.connect(self._show_view)
        self._shown = False
        """Whether the view of the project is shown, and what follows is the person's."""
        self._recall()
        self._watch()

    def _recall(self) -> None:
        bar, choices = self.pane.bar, self.choices
        if bar.grid.set_key(choices.get("grid", "1")):
            self.pane.timeline.grid = float(bar.grid.key())
        bar.snap.setChecked(choices.get("snap", True))
        bar.metronome.setChecked(choices.get("metronome", False))
        if self.card.target.set_key(choices.get("target", "-16")):
            self.card.show_loudness(self.card.found)
        self.exporting.plan = recalled(self.exporting.plan, choices.get("export", {}))

    def _watch(self) -> None:
        bar, choices = self.pane.bar, self.choices
        bar.grid.chosen.connect(lambda key: choices.put("grid", key))
        bar.snap.toggled.connect(lambda on: choices.put("snap", on))
        bar.metronome.toggled.connect(lambda on: choices.put("metronome", on))
        self.card.target.chosen.connect(lambda key: choices.put("target", key))
        self.exporting.planned.connect(lambda plan: choices.put(
            "export", {name: value for name, value in asdict(plan).items() if name in OF_A_PLAN}))
        for signal in (self.pane.axis.changed, self.pane.timeline.scrolled, self.pane.document.chosen_changed):
            signal.connect(self._moved)

    # ------------------------------------------------------------ the view of a project

    def show_view(self) -> None:
        """The document has been opened: show what was seen of it last, once the pane has its size."""
        self._first.start()

    def _show_view(self) -> None:
        kept, pane = self.session.project.get_state(VIEW), self.pane
        view = kept if isinstance(kept, dict) else {}
        cursor = _number(view.get("cursor"), 0.0)
        if cursor:
            pane.document.choose(cursor=cursor)
            pane.player.seek(cursor)
        if pane.document.arrangement.find_track(str(view.get("track", ""))) is not None:
            pane.document.choose(track=str(view["track"]))
        if view:
            pane.axis.set(_number(view.get("start"), 0.0), _number(view.get("scale"), pane.axis.scale))
            pane.timeline.scroll_lanes(round(_number(view.get("scroll"), 0.0)) - pane.lanes.scroll)
        self._shown = True

    def _moved(self) -> None:
        if self._shown and not self.session.project.read_only and not self._timer.isActive():
            self._timer.start()

    def _keep_view(self) -> None:
        axis, chosen = self.pane.axis, self.pane.document.chosen
        # a view is no work: nobody is told while it is written
        self.session.project.set_state(VIEW, {"start": axis.start, "scale": axis.scale, "track": chosen.track,
                                              "scroll": self.pane.lanes.scroll, "cursor": chosen.cursor})

    def flush(self) -> None:
        """Write at once what still waits."""
        self.choices.flush()
        if self._timer.isActive():
            self._timer.stop()
            self._keep_view()

    def end(self) -> None:
        """The project is closed."""
        self.choices.flush()
        self._timer.stop()
        self._first.stop()
        self._shown = False


def recalled(plan: ExportPlan, kept: dict[str, Any]) -> ExportPlan:
    """A plan with what was chosen last; what is of another kind, or is not offered any more, is left aside."""
    usual = {field.name: getattr(plan, field.name) for field in fields(plan)}
    found = {name: kept[name] for name in OF_A_PLAN if name in kept and (
        isinstance(kept[name], type(usual[name])) or (name == "loudness" and isinstance(kept[name], (int, float))))}
    if found.get("format") not in dict(FORMATS["mix"]):
        found.pop("format", None)
    if found.get("depth") not in dict(DEPTHS):
        found.pop("depth", None)
    if "quality" in found:
        found["quality"] = min(max(found["quality"], 0.0), 1.0)
    return replace(plan, **found)


def _number(value: Any, default: float) -> float:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else default
