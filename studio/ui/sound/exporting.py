"""Write the arrangement to files: asked by a card, done on a thread, told in a sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog

from studio.ui.sound.choices import Choices
from studio.ui.sound.exportcard import FORMATS, ExportCard, ExportPlan
from studio.ui.widgets.popup import Popup

if TYPE_CHECKING:
    from studio.ui.session import Session
    from studio.ui.sound.pane import SoundPane


class Exporting(QObject):
    """Attributes: plan (how it was done last; the card begins with it)."""

    said = Signal(str)
    planned = Signal(object)
    """ExportPlan that was chosen."""

    def __init__(self, session: Session, pane: SoundPane) -> None:
        super().__init__(pane)
        self.session, self.pane = session, pane
        self.plan = ExportPlan(title=session.project.title)
        self.choices = Choices()

    def ask(self, track: str = "") -> ExportCard:
        """Open the card; for a single track with its name."""
        name = self._track_name(track)
        plan = replace(self.plan, part="mix", track=track, told=self.session.export_metadata()) if track else \
            replace(self.plan, track="", told=self.session.export_metadata())
        if not track and self.pane.document.chosen.region is not None:
            plan = replace(plan, part="selection")
        card = ExportCard(self.pane.theme, plan, self._missing(track), f"Export “{name}”" if track else "Export")
        card.chosen.connect(self._chosen)
        Popup(self.pane.theme, self.pane, card, place="centre", width=self.pane.theme.dp(420), dim=True).open()
        return card

    def _missing(self, track: str) -> set[str]:
        shown, chosen = self.pane.document.shown, self.pane.document.chosen
        there = {"mix": True, "selection": chosen.region is not None, "stems": not track,
                 "labels": not track and (bool(shown.labels) or any(clip.text for clip in shown.clips)),
                 "notes": not track and any(clip.score for clip in shown.clips)}
        return {part for part, any_ in there.items() if not any_}

    def ask_captions(self, ending: str) -> None:
        """Ask where captions are to be written to."""
        self._place(replace(self.plan, part="labels", format=ending, track=""))

    def _chosen(self, plan: ExportPlan) -> None:
        """The plan is made; ask where to."""
        self.plan = plan
        self.planned.emit(plan)
        self._place(plan)

    def _place(self, plan: ExportPlan) -> None:
        name = self._track_name(plan.track) or plan.title or "Sound"
        if plan.part == "stems":
            folder = QFileDialog.getExistingDirectory(self.pane, "Folder for the stems",
                                                      self.choices.folder("export_folder"))
            if folder:
                self.choices.put("export_folder", folder)
                self.write(plan, Path(folder))
            return
        title = dict(FORMATS[plan.part])[plan.format]
        path, _ = QFileDialog.getSaveFileName(self.pane, "Export",
                                              str(Path(self.choices.folder("export_folder"), f"{name}.{plan.format}")),
                                              f"{title} (*.{plan.format})")
        if path:
            place = Path(path)
            self.choices.put("export_folder", str(place.parent))
            self.write(plan, place if place.suffix.lower() == f".{plan.format}" else
                       place.with_name(f"{place.name}.{plan.format}"))

    def write(self, plan: ExportPlan, path: Path) -> None:
        """Do it; `said` tells how it went."""
        arrangement, region = self.pane.document.arrangement, self.pane.document.chosen.region
        span = (region.start, region.end) if plan.part == "selection" and region is not None else None
        work = {"labels": self._labels, "notes": self._notes}.get(plan.part, self._sound)
        words = "Exporting the stems" if plan.part == "stems" else f"Exporting {path.name}"
        self.pane.working.run(words, work(plan, arrangement, path, span), self.said.emit)

    def _track_name(self, track: str) -> str:
        found = self.pane.document.shown.find_track(track)
        return found.name if found is not None else ""

    def _sound(self, plan: ExportPlan, arrangement: Any, path: Path, span: Any) -> Callable[..., str]:
        source, project = self.pane.source, self.session.project

        def work(progress: Callable[[float], None], stopped: Callable[[], bool]) -> str:
            from studio.project.sound import exporting, tags, whole

            def origin(tracks: list[str] | None) -> dict[str, Any]:
                return whole.origin_of(arrangement, project.result, tracks=tracks, span=span) if plan.told else {}

            only = [plan.track] if plan.track else None
            options = exporting.ExportOptions(depth=plan.depth, loudness=plan.loudness, quality=plan.quality,
                                              dither=1 if plan.dither else None,
                                              tags=tags.Tags(plan.title, plan.artist, **origin(only)))
            if plan.part == "stems":
                written = exporting.export_stems(arrangement, source, path, f".{plan.format}", options,
                                                 origin=lambda track: origin([track]), progress=progress,
                                                 stopped=stopped)
                notes = [note for one in written for note in one.notes]
                return " ".join(dict.fromkeys([f"Exported {len(written)} stems to {path.name}.", *notes]))
            start, end = span or (0.0, None)
            done = exporting.export_mix(arrangement, source, path, options, start=start, end=end,
                                        tracks=only, progress=progress, stopped=stopped)
            return " ".join([f"Exported as {path.name}.", *done.notes])

        return work

    def _labels(self, plan: ExportPlan, arrangement: Any, path: Path, _span: Any) -> Callable[..., str]:
        def work(_progress: object, _stopped: object) -> str:
            from studio.project.sound import captions, whole

            _write(path, captions.write(whole.captions_of(arrangement), f".{plan.format}").encode())
            return f"Exported as {path.name}."

        return work

    def _notes(self, plan: ExportPlan, arrangement: Any, path: Path, _span: Any) -> Callable[..., str]:
        project = self.session.project

        def work(_progress: object, _stopped: object) -> str:
            from studio.project.sound import midi, musicxml, whole

            score = whole.score_of(arrangement, lambda sha: project.media(sha)[0], plan.title)
            _write(path, midi.write(score) if plan.format == "mid" else musicxml.write(score))
            return f"Exported as {path.name}."

        return work


def _write(path: Path, data: bytes) -> None:
    """All of it, or nothing and a sentence."""
    from studio.project.sound.exporting import told

    draft = path.with_name(path.name + ".part")
    try:
        draft.write_bytes(data)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise told(error, path) from error
