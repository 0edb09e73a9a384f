"""One open project in the window: its session, workbench, results and queue, and what a person does with them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from studio.engine.job import Discovery, Job, JobState
from studio.project import Compaction, Project, ResultRow, compact
from studio.project.inspect import inspect_file
from studio.ui.foreign import program
from studio.ui.form import FormPickers
from studio.ui.formmemory import FormMemory
from studio.ui.models import megabytes
from studio.ui.queueview import QueueView
from studio.ui.results import ResultsStrip
from studio.ui.resultscontrol import ResultsControl
from studio.ui.rooms import room_of_kind
from studio.ui.session import Engine, Session
from studio.ui.soundtiles import SoundTiles
from studio.ui.styles import StyleBook
from studio.ui.thumbnails import ImageLoader
from studio.ui.workbench import Workbench

if TYPE_CHECKING:
    from studio.ui.desk import Desk
    from studio.ui.room import Room

ENDING = ".pieria"
LAYERED = (".ora", ".psd", ".psb")
"""Files that become a canvas of their own; other pictures become a layer."""


def read_picture(path: Path) -> tuple[QImage | None, list[str]]:
    """A picture file in one layer, and what is to be said of it; no picture, and why, where it cannot be read."""
    from studio.project.paint.compositor import compose
    from studio.ui.canvas.shelf import read

    picture, notes = read(path)
    return (None if picture is None else compose(picture, picture.rect)), notes


class OpenProject(QObject):
    """Made when a project is opened, closed with it. The desk owns it."""

    def __init__(self, desk: Desk, project: Project, worker: Engine) -> None:
        super().__init__(desk)
        self.desk, self.window, self.theme, self.project = desk, desk.window, desk.theme, project
        self.loader = ImageLoader(lambda sha: project.media(sha)[0], draw=SoundTiles(project))
        self.session = Session(project, worker, desk.models, self, desk.paths.wildcards)
        self.session.export_metadata = lambda: bool(desk.settings.value.export_metadata)
        strip = ResultsStrip(self.theme, self.loader)
        pickers = FormPickers(models=self._models, fetch=project.media,
                              store=lambda data, kind: project.put_media(data, kind).result(),
                              install=lambda _: desk.show_models())
        self.workbench = Workbench(self.theme, self.session, pickers, strip, self.loader)
        self.workbench.composer.use_styles(StyleBook(desk.settings, self))
        self.forms = FormMemory(desk.settings, self)
        self.workbench.composer.use_memory(self.forms)
        self.results = ResultsControl(self.session, strip, self.workbench)
        self.queue = QueueView(self.theme)
        self.current: ResultRow | None = None
        self.paused = False
        self._closed = False
        self._join_session()
        self._join_workbench()

    # ------------------------------------------------------------ life

    def start(self, known: Discovery | None) -> None:
        """Show it in the window and wake the engine."""
        project, value = self.project, self.desk.settings.value
        self.workbench.inspector.setVisible(value.inspector_visible)
        self.workbench.results.set_collapsed(not value.results_visible)
        self.window.show_workbench(self.workbench)
        self.window.show_project(project.title, project.path)
        self.window.top.show_saved("Read only" if project.read_only else "All changes saved",
                                   "warn" if project.read_only else "ok")
        workspace = str(project.get_state("workspace", "canvas"))
        self.workbench.composer.expect(workspace)
        self.session.start(known)
        self.workbench.show_workspace(workspace)
        self._show_undo()
        if self.session.interrupted:
            self.workbench.make_rooms()
            QTimer.singleShot(0, self, self._offer_interrupted)

    def close(self) -> None:
        """Everything goes into the file; jobs that still run are offered again when it is opened."""
        self._closed = True
        self.forms.flush()
        self.workbench.close_documents()
        self.workbench.end()
        self.session.close()
        self.session.worker.shut_down()
        self.session.worker.wait(10_000)
        self.results.close()
        self.loader.close()
        self.queue.deleteLater()
        self.window.drop_workbench()
        self.project.close()
        self.deleteLater()

    # ------------------------------------------------------------ wiring

    def _join_session(self) -> None:
        session, queue, top = self.session, self.queue, self.window.top
        if not self.project.read_only:
            session.saved.connect(lambda done: top.show_saved(
                "All changes saved" if done else "Saving…", "ok" if done else "warn"))
        session.jobs_changed.connect(self._jobs_changed)
        session.discovered.connect(self._discovered)
        queue.cancelled.connect(session.cancel)
        queue.retried.connect(session.retry)
        queue.discarded.connect(session.discard)
        queue.moved.connect(session.move)
        queue.paused.connect(self.set_paused)

    def _join_workbench(self) -> None:
        results, workbench, details = self.results, self.workbench, self.workbench.inspector.details
        results.picked.connect(self.show_recipe)
        results.place_wanted.connect(self.place)
        results.start_wanted.connect(self.start_from)
        results.recipe_wanted.connect(lambda row: self.show_recipe(row, front=True))
        results.notice.connect(lambda text, undo: self.desk.say(text, undo))
        workbench.results.make_requested.connect(self.focus_prompt)
        workbench.results.collapsed_changed.connect(lambda on: self.desk.settings.update(results_visible=not on))
        details.run_again.connect(lambda _: self.run_again())
        details.use_settings.connect(lambda _: self.use_settings())
        details.export.connect(lambda _: self.export_current())
        details.copy_recipe.connect(lambda _: self.current is not None and results.copy_recipe(self.current))
        workbench.workspace_changed.connect(self._workspace_changed)
        workbench.settings_wanted.connect(self.desk.show_settings)
        workbench.error.action.connect(self.mend)
        workbench.room_made.connect(self._join_room)
        results.undo.canUndoChanged.connect(lambda _: self._show_undo())
        results.undo.canRedoChanged.connect(lambda _: self._show_undo())

    def _join_room(self, room: Room) -> None:
        room.pane.undo_changed.connect(lambda *_: self._show_undo())
        room.move_in(self.desk)
        if room.id == "canvas":
            room.pane.files_dropped.connect(self.take_files)

    # ------------------------------------------------------------ what comes up

    def _jobs_changed(self, jobs: list[Job]) -> None:
        self.queue.set_jobs(jobs)
        self.window.top.show_queue(jobs, self.paused)

    def _discovered(self, discovery: Discovery) -> None:
        self.window.top.show_device(discovery.device)
        self.queue.set_generators({g.id: g for g in discovery.generators})
        for report in discovery.errors:
            self.desk.say(report.message)

    def _offer_interrupted(self) -> None:
        count = len(self.session.interrupted)
        what = "1 job was" if count == 1 else f"{count} jobs were"
        self.desk.say(f"{what} interrupted.", self._run_interrupted, action="Run again", seconds=0)

    def _run_interrupted(self) -> None:
        for job in list(self.session.interrupted):
            self.session.retry(job.id)

    def _workspace_changed(self, name: str) -> None:
        if not self.project.read_only:
            self.session.store(self.project.set_state("workspace", name))
        self.desk.commands.set_scope(name)
        self._show_undo()

    def _show_undo(self) -> None:
        if self._closed:
            return  # the undo stacks report once more as they are destroyed
        pane, top = self.workbench.front.pane, self.window.top
        top.undo.set_available(pane.can_undo(), "Nothing to undo")
        top.redo.set_available(pane.can_redo(), "Nothing to redo")

    # ------------------------------------------------------------ results

    def show_recipe(self, row: ResultRow, *, front: bool = False) -> None:
        """The result in front: its recipe goes into the Details tab."""
        self.current = row
        if front and not self.workbench.inspector.isVisible():
            self.toggle_inspector()
        self.workbench.inspector.show_details(row, front=front)

    def place(self, row: ResultRow) -> None:
        """Put a result into the document it fits."""
        spec = room_of_kind(row.kind)
        if spec is not None:
            self.workbench.show_workspace(spec.id)
            self.workbench.room(spec.id).place_result(row)

    def start_from(self, row: ResultRow) -> None:
        """Put a picture into the frame and let the next one start from it."""
        self.place(row)
        self.workbench.bar.start_chip.setChecked(True)
        self.focus_prompt()

    def run_again(self) -> None:
        """Replay the recipe in front; a picture comes as a candidate where the frame is."""
        if self.current is None:
            return
        spec = room_of_kind(self.current.kind)
        self.session.run_again(self.current, self.workbench.room(spec.id).target() if spec else {})

    def use_settings(self) -> None:
        """Put prompt, settings, seed and size of the result in front into the form."""
        if self.current is None:
            return
        self.workbench.composer.take(self.current)
        self.workbench.show_workspace(self.workbench.composer.current)
        self.workbench.front.take_settings(self.current.recipe.get("params", {}))
        self.workbench.inspector.show_tab("generate")

    def export_current(self) -> None:
        if self.current is None:
            self.desk.say("Pick a result first, then export it.")
        else:
            self.results.export(self.current)

    # ------------------------------------------------------------ pictures from elsewhere

    def take_files(self, files: list[str], at: QPointF) -> None:
        """Put picture files onto the canvas; each that cannot be read gets a sentence, beside those of the others."""
        said: list[str] = []
        for name in files:
            self._take_file(Path(name), at, said)

    def _take_file(self, path: Path, at: QPointF, said: list[str]) -> None:
        if path.suffix.lower() in LAYERED:
            self.workbench.canvas_room.shelf.bring(path)
        else:
            self.session.read(lambda: read_picture(path), lambda read: self._add_file(path, at, said, *read))

    def _add_file(self, path: Path, at: QPointF, said: list[str], image: QImage | None, notes: list[str]) -> None:
        if notes:
            said += notes
            self.desk.say(" ".join(said))
        if image is not None:
            self.workbench.canvas.add_image(image, path.stem, at)
            self.session.read(lambda: inspect_file(path), lambda found: self._offer_settings(path.name, found))

    def _offer_settings(self, name: str, found: dict[str, Any]) -> None:
        """A picture that came in says how it was made: offer to make more like it."""
        if program(found):
            self.desk.say(f"{name} carries its settings ({program(found)}).", lambda: self._adopt(found),
                          action="Use them", seconds=12)

    def _adopt(self, found: dict[str, Any]) -> None:
        notes = self.workbench.composer.adopt(found)
        self.workbench.show_workspace("canvas")
        self.workbench.canvas_room.take_settings(self.workbench.composer.draft.values)
        self.workbench.inspector.show_tab("generate")
        if notes:
            self.desk.say(" ".join(notes), seconds=12)

    # ------------------------------------------------------------ commands

    def make(self, prompt: str, generator: str = "") -> None:
        """Generate `prompt` in the workspace in front, as soon as the generators are known. generator: "" for the
        workspace's own."""
        composer = self.workbench.composer
        self.workbench.bar.prompt.set_text(prompt)

        def go() -> None:
            if self.session.discovery.find(generator) is not None:
                composer.pick_generator(generator)
            self.workbench.front.when_open(composer.generate)

        if composer.info is not None:
            go()
        else:
            self.session.discovered.connect(lambda _: go(), Qt.ConnectionType.SingleShotConnection)

    def generate(self) -> None:
        self.workbench.composer.generate()

    def stop(self) -> None:
        self.workbench.composer.stop()

    def focus_prompt(self) -> None:
        self.workbench.bar.focus_prompt()

    def toggle_negative(self) -> None:
        self.workbench.bar.negative_chip.toggle()

    def toggle_seed(self) -> None:
        self.workbench.bar.seed_chip.toggle()

    def search(self) -> None:
        """Ctrl+F: in the text where that has the focus, else in the results."""
        if not self.workbench.front.find(QApplication.focusWidget()):
            self.workbench.results.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def toggle_results(self) -> None:
        strip = self.workbench.results
        strip.set_collapsed(not strip.collapsed)

    def toggle_inspector(self) -> None:
        inspector = self.workbench.inspector
        inspector.setVisible(not inspector.isVisible())
        self.desk.settings.update(inspector_visible=inspector.isVisible())

    def toggle_panels(self) -> None:
        workbench = self.workbench
        hide = workbench.inspector.isVisible() or not workbench.results.collapsed
        workbench.inspector.setVisible(not hide)
        workbench.results.set_collapsed(hide)
        workbench.strips.setVisible(not hide)

    def undo(self) -> None:
        self._undo_target("undo")

    def redo(self) -> None:
        self._undo_target("redo")

    def _undo_target(self, what: str) -> None:
        """The results strip's own history while it has the focus, else the document's."""
        focused = QApplication.focusWidget()
        in_results = focused is not None and self.workbench.results.isAncestorOf(focused)
        getattr(self.results.undo if in_results else self.workbench.front.pane, what)()
        self._show_undo()

    def set_paused(self, paused: bool) -> None:
        self.paused = paused
        self.session.set_paused(paused)
        self.queue.set_paused(paused)
        self.window.top.show_queue(self.session.jobs, paused)

    def toggle_pause(self) -> None:
        self.set_paused(not self.paused)

    def show_queue(self) -> None:
        self.window.popup(self.window.top.queue, self.queue, width=self.theme.dp(420))

    def rename(self, title: str) -> None:
        self.session.store(self.project.set_title(title))
        self.window.show_project(title, self.project.path)

    def save_copy(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self.window, "Save a copy", f"{self.project.title} copy{ENDING}",
                                              f"Pieria projects (*{ENDING})")
        if path:
            self.workbench.close_documents()
            self.session.store(self.project.save_copy(Path(path).with_suffix(ENDING)),
                               lambda where: self.desk.say(f"Saved a copy as {Path(where).name}."))

    def compact(self, days: float = compact.DAYS) -> None:
        """Make the file small: what was thrown away more than `days` days ago goes for good."""
        self.desk.say("Compacting the project; changes are saved when it is done.", seconds=0)
        self.session.store(self.project.compact(days), self._compacted)

    def empty_bin(self) -> None:
        """Make the file small: all that was thrown away before the project was opened goes for good."""
        self.compact(0)

    def _compacted(self, done: Compaction) -> None:
        went = ", ".join(f"{count} {what}{'' if count == 1 else 's'}" for count, what in (
            (done.results, "result"), (done.media, "file")) if count)
        self.desk.say(f"Compacted: {went or 'nothing'} went, {megabytes(done.won)} won." if went or done.won > 1e5
                      else "There was nothing to throw out.")

    def mend(self) -> None:
        """The button of the error card: install what is missing, or try the failed job again."""
        card = self.workbench.error
        card.hide()
        text = card.button.text()
        if text.startswith("Install "):
            self.desk.install(text.removeprefix("Install "))
            return
        failed = next((job for job in reversed(self.session.jobs) if job.state is JobState.FAILED), None)
        if failed is not None:
            self.session.retry(failed.id)

    def _models(self, kinds: list[str]) -> list[tuple[str, str, str]]:
        installed = self.desk.models.installed()
        return [(m.name, m.title, m.licence) for m in installed if not kinds or m.kind in kinds]
