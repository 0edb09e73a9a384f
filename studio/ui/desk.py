"""The desk: what the commands of the window do. It opens and closes projects and the popups over them."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QPointF, Qt, QTimer
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QFileDialog

from studio.engine.job import Discovery, Job, JobState
from studio.project import Project, ProjectError, ResultRow
from studio.ui.about import AboutPanel
from studio.ui.canvas.controller import png_bytes
from studio.ui.commandset import CommandSet
from studio.ui.deskcommands import MENU, window_commands
from studio.ui.firstrun import Ready
from studio.ui.form import FormPickers
from studio.ui.installer import Installer
from studio.ui.models import ModelsPanel, model_records
from studio.ui.palette import CommandPalette
from studio.ui.queueview import QueueView
from studio.ui.relay import Relay
from studio.ui.results import ResultsStrip
from studio.ui.resultscontrol import ResultsControl
from studio.ui.session import Session
from studio.ui.settingspanel import SettingsPanel
from studio.ui.shortcuts import ShortcutsPanel
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader
from studio.ui.window import StudioWindow
from studio.ui.workbench import Workbench

ENDING = ".pieria"
PICTURE_LIMIT = 64 * 1024 * 1024
"""Largest picture file in bytes that a drop onto the canvas takes."""


class Desk(QObject):
    """One window, at most one open project.

    Args:
        settings: a `studio.settings.SettingsFile`.
        paths: a `studio.settings.Paths`.
        library: a `studio.models.library.Library`.
        make_worker: starts an inference worker that reads media from the given project.
        known: what the last run knew of the generators, or None.
        diagnose: collects the text for Help > Collect diagnostics; called off the UI thread.
    """

    def __init__(self, theme: Theme, window: StudioWindow, settings: Any, paths: Any, library: Any,
                 make_worker: Callable[[Project], QObject], known: Callable[[], Discovery | None],
                 diagnose: Callable[[Discovery], dict[str, Any]]) -> None:
        super().__init__(window)
        self.theme, self.window, self.settings, self.paths, self.library = theme, window, settings, paths, library
        self._make_worker, self._known, self._diagnose = make_worker, known, diagnose
        self.session: Session | None = None
        self.results: ResultsControl | None = None
        self.queue: QueueView | None = None
        self._loader: ImageLoader | None = None
        self._current: ResultRow | None = None
        self._paused = False
        self._pending: tuple[str, str] | None = None
        self._relay = Relay(self)
        self.installer = Installer(library, self)
        self.commands = CommandSet(getattr(settings.value, "shortcuts", None), self)
        self.commands.add(*window_commands(self))
        window.addActions(self.commands.actions())
        self.palette = CommandPalette(theme, self.commands, window)
        self._connect()

    def _connect(self) -> None:
        top, start = self.window.top, self.window.start
        top.menu_button.clicked.connect(self.show_menu)
        top.command.clicked.connect(self.show_palette)
        top.queue.clicked.connect(self.show_queue)
        top.device.clicked.connect(self.show_settings)
        top.undo.clicked.connect(self.undo)
        top.redo.clicked.connect(self.redo)
        top.title.renamed.connect(self._rename)
        start.made.connect(self.make_first)
        start.entered.connect(self.go)
        start.open_wanted.connect(lambda path: self.open_project(Path(path)) if path else self.choose_project())
        start.shortcuts_wanted.connect(self.show_shortcuts)
        start.install_wanted.connect(self._install)
        self.installer.finished.connect(self._installed)
        self.installer.failed.connect(lambda _, sentence: sentence and self.say(sentence))
        self.window.closing.connect(self.close)

    # ------------------------------------------------------------ projects

    def has_project(self) -> bool:
        return self.session is not None and not self.window.at_start

    def open_project(self, path: Path, *, create: bool = False) -> bool:
        """Open a project in this window; where that fails the start screen says why and nothing is lost."""
        if self.session is not None and self.session.project.path == path:
            self.window.show_workspace(self.window.workbench.workspace)
            return True
        try:
            project = Project.create(path, path.stem) if create else Project.open(path)
        except ProjectError as error:
            if self.session is None:
                self.show_start()
                self.window.start.show_problem(str(error))
            else:
                self.say(str(error))
            return False
        self.close_project()
        self._settle(project)
        return True

    def new_project(self) -> bool:
        """An empty project in the projects folder, with a name that is free."""
        folder = self.paths.projects
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.window.start.show_problem(f"The folder for projects cannot be made: {error}.")
            return False
        number = 1
        while (path := folder / (f"Untitled {number}{ENDING}" if number > 1 else f"Untitled{ENDING}")).exists():
            number += 1
        return self.open_project(path, create=True)

    def choose_project(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self.window, "Open a project", str(self.paths.projects),
                                              f"Pieria projects (*{ENDING})")
        if path:
            self.open_project(Path(path))

    def save_copy(self) -> None:
        project = self.session.project
        path, _ = QFileDialog.getSaveFileName(self.window, "Save a copy", f"{project.title} copy{ENDING}",
                                              f"Pieria projects (*{ENDING})")
        if path:
            self.window.workbench.close_documents()
            self.session.store(project.save_copy(Path(path).with_suffix(ENDING)),
                               lambda where: self.say(f"Saved a copy as {Path(where).name}."))

    def close_project(self) -> None:
        """Everything goes into the file; jobs that still run are offered again when it is opened."""
        if self.session is None:
            return
        self.window.dismiss_popup()
        workbench, session = self.window.workbench, self.session
        workbench.close_documents()
        session.close()
        session.worker.shut_down()
        session.worker.wait(10_000)
        self.results.close()
        self._loader.close()
        self.window.drop_workbench()
        self.session = self.results = self.queue = None
        session.project.close()
        session.deleteLater()

    def close(self) -> None:
        """The window is closing."""
        self.settings.update(geometry=self.window.geometry_text())
        self.close_project()
        self.installer.close()
        self._relay.close()

    def _settle(self, project: Project) -> None:
        """Build the workbench of an open project."""
        loader = self._loader = ImageLoader(lambda sha: project.media(sha)[0])
        session = self.session = Session(project, self._make_worker(project), self.library, self.window)
        strip = ResultsStrip(self.theme, loader)
        pickers = FormPickers(models=self._models, fetch=lambda sha: project.media(sha)[0],
                              store=lambda data, kind: project.put_media(data, kind).result(),
                              install=lambda _: self.show_models())
        workbench = Workbench(self.theme, session, pickers, strip, loader)
        self.results = ResultsControl(session, strip, workbench)
        self.queue = QueueView(self.theme)
        self.queue.hide()
        self._join(session, workbench)
        value = self.settings.value
        workbench.inspector.setVisible(value.inspector_visible)
        strip.set_collapsed(not value.results_visible)
        self.window.show_workbench(workbench)
        self.window.show_project(project.title, project.path)
        self.window.top.show_saved("Read only" if project.read_only else "All changes saved",
                                         "warn" if project.read_only else "ok")
        self.settings.remember_project(project.path)
        session.start(self._known())
        workbench.show_workspace(str(project.get_state("workspace", "canvas")))
        if session.interrupted:
            QTimer.singleShot(0, self._offer_interrupted)

    def _join(self, session: Session, workbench: Workbench) -> None:
        results, queue, top = self.results, self.queue, self.window.top
        session.saved.connect(lambda done: top.show_saved(
            "All changes saved" if done else "Saving…", "ok" if done else "warn"))
        session.jobs_changed.connect(self._jobs_changed)
        session.discovered.connect(self._discovered)
        results.picked.connect(self._picked)
        workbench.results.make_requested.connect(self.focus_prompt)
        workbench.results.collapsed_changed.connect(lambda on: self.settings.update(results_visible=not on))
        results.place_wanted.connect(self._place)
        results.start_wanted.connect(self._start_from)
        results.recipe_wanted.connect(lambda row: self._picked(row, front=True))
        results.notice.connect(lambda text, undo: self.say(text, undo))
        details = workbench.inspector.details
        details.run_again.connect(lambda _: self._current and session.run_again(self._current, self._frame_target()))
        details.use_settings.connect(lambda _: self._use_settings())
        details.export.connect(lambda _: self.export_current())
        details.copy_recipe.connect(lambda _: results.copy_recipe(self._current))
        queue.cancelled.connect(session.cancel)
        queue.retried.connect(session.retry)
        queue.discarded.connect(session.discard)
        queue.moved.connect(session.move)
        queue.paused.connect(self._set_paused)
        workbench.workspace_changed.connect(self._workspace_changed)
        workbench.settings_wanted.connect(self.show_settings)
        workbench.error.action.connect(self._mend)
        workbench.canvas.files_dropped.connect(self._files_dropped)
        workbench.canvas.picture_pasted.connect(lambda image, at: self._add_picture(png_bytes(image), "image/png", at))
        workbench.write.result_dropped.connect(self._text_dropped)
        for stack in (workbench.canvas.undo_stack(), results.undo):
            stack.canUndoChanged.connect(lambda _: self._show_undo())
            stack.canRedoChanged.connect(lambda _: self._show_undo())
        workbench.write.undo_changed.connect(lambda *_: self._show_undo())
        self._show_undo()

    # ------------------------------------------------------------ what comes up

    def _jobs_changed(self, jobs: list[Job]) -> None:
        self.queue.set_jobs(jobs)
        self.window.top.show_queue(jobs, self._paused)

    def _discovered(self, discovery: Discovery) -> None:
        self.window.top.show_device(discovery.device)
        self.queue.set_generators({g.id: g for g in discovery.generators})
        for report in discovery.errors:
            self.say(report.message)

    def _offer_interrupted(self) -> None:
        count = len(self.session.interrupted)
        what = "1 job was" if count == 1 else f"{count} jobs were"
        self.say(f"{what} interrupted.", self._run_interrupted, action="Run again", seconds=0)

    def _run_interrupted(self) -> None:
        for job in list(self.session.interrupted):
            self.session.retry(job.id)

    def _picked(self, row: ResultRow, *, front: bool = False) -> None:
        self._current = row
        if front and not self.window.workbench.inspector.isVisible():
            self.toggle_inspector()
        self.window.workbench.inspector.show_details(row, front=front)

    def _place(self, row: ResultRow) -> None:
        workbench = self.window.workbench
        if row.kind == "image":
            workbench.show_workspace("canvas")
            workbench.canvas_control.place(row)
        elif row.kind == "text":
            workbench.show_workspace("write")
            data, _ = self.session.project.media(row.media)
            workbench.write.put_passage(data.decode("utf-8", "replace"), row.id)

    def _text_dropped(self, result: dict[str, Any], at: int) -> None:
        row = self.session.project.result(str(result.get("id", "")))
        data, _ = self.session.project.media(row.media)
        self.window.workbench.write.put_passage(data.decode("utf-8", "replace"), row.id, at)

    def _start_from(self, row: ResultRow) -> None:
        """Put a picture into the frame and let the next one start from it."""
        self._place(row)
        self.window.workbench.save_view()
        self.window.workbench.bar.start_chip.setChecked(True)
        self.focus_prompt()

    def _frame_target(self) -> dict[str, Any]:
        workbench = self.window.workbench
        if self._current is None or self._current.kind != "image":
            return {}
        rect = workbench.canvas.frame_rect()
        return {"document": workbench.canvas_control.document, "kind": "frame", "x": rect.x(), "y": rect.y(),
                "width": rect.width(), "height": rect.height()}

    def _use_settings(self) -> None:
        if self._current is not None:
            workbench = self.window.workbench
            workbench.composer.take(self._current)
            workbench.show_workspace(workbench.composer.current)
            meta = self._current.recipe.get("params", {})
            if meta.get("width") and meta.get("height"):
                workbench.canvas.set_frame_size(int(meta["width"]), int(meta["height"]))
            workbench.inspector.show_tab("generate")

    def _mend(self) -> None:
        """The button of the error card: install what is missing, or try the failed job again."""
        workbench = self.window.workbench
        text = workbench.error.button.text()
        workbench.error.hide()
        if text.startswith("Install "):
            self._install(text.removeprefix("Install "))
            return
        failed = next((job for job in reversed(self.session.jobs) if job.state is JobState.FAILED), None)
        if failed is not None:
            self.session.retry(failed.id)

    def _files_dropped(self, files: list[str], at: QPointF) -> None:
        for name in files:
            path = Path(name)
            try:
                if path.stat().st_size > PICTURE_LIMIT:
                    self.say(f"{path.name} is larger than 64 MB; make it smaller first.")
                    continue
                data = path.read_bytes()
            except OSError as error:
                self.say(f"{path.name} cannot be read: {error.strerror}.")
                continue
            image = QImage.fromData(data)
            if image.isNull():
                self.say(f"{path.name} is not a picture that can be read.")
                continue
            self._add_picture(data, f"image/{path.suffix.lstrip('.').lower() or 'png'}", at, image.size(), path.stem)

    def _add_picture(self, data: bytes, media_type: str, at: QPointF, size: Any = None, name: str = "") -> None:
        size = size or QImage.fromData(data).size()
        canvas = self.window.workbench.canvas
        self.session.store(self.session.project.put_media(data, media_type), lambda sha: canvas.add_picture(
            {"media": sha, "name": name, "width": size.width(), "height": size.height()}, at))

    # ------------------------------------------------------------ commands

    def go(self, workspace: str) -> None:
        if self.session is None and not self._open_last_or_new():
            return
        self.window.show_workspace(workspace)

    def _open_last_or_new(self) -> bool:
        return self.new_project()

    def make_first(self, kind: str, prompt: str) -> None:
        """The start screen's Generate: a project, the right workspace, and the prompt on its way."""
        self.settings.update(first_run_done=True)
        if self.session is None and not self.new_project():
            return
        self.window.show_workspace("canvas" if kind == "image" else "write")
        workbench = self.window.workbench
        workbench.bar.prompt.set_text(prompt)
        if workbench.composer.info is not None:
            workbench.composer.generate()
        else:
            once = Qt.ConnectionType.SingleShotConnection
            self.session.discovered.connect(lambda _: workbench.composer.generate(), once)

    def generate(self) -> None:
        self.window.workbench.composer.generate()

    def stop(self) -> None:
        self.window.workbench.composer.stop()

    def focus_prompt(self) -> None:
        self.window.workbench.bar.focus_prompt()

    def toggle_negative(self) -> None:
        self.window.workbench.bar.negative_chip.toggle()

    def toggle_seed(self) -> None:
        self.window.workbench.bar.seed_chip.toggle()

    def search(self) -> None:
        """Ctrl+F: in the text where that has the focus, else in the results."""
        workbench = self.window.workbench
        focused = QApplication.focusWidget()
        if workbench.workspace == "write" and focused is not None and workbench.write.isAncestorOf(focused):
            workbench.write.find()
        else:
            workbench.results.search.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def toggle_results(self) -> None:
        strip = self.window.workbench.results
        strip.set_collapsed(not strip.collapsed)

    def toggle_inspector(self) -> None:
        inspector = self.window.workbench.inspector
        inspector.setVisible(not inspector.isVisible())
        self.settings.update(inspector_visible=inspector.isVisible())

    def toggle_panels(self) -> None:
        workbench = self.window.workbench
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
        workbench = self.window.workbench
        focused = QApplication.focusWidget()
        in_results = focused is not None and workbench.results.isAncestorOf(focused)
        target = self.results.undo if in_results else workbench.panes[workbench.workspace]
        getattr(target, what)()
        self._show_undo()

    def _show_undo(self) -> None:
        workbench, top = self.window.workbench, self.window.top
        if workbench is None or self.results is None:
            return
        if workbench.workspace == "canvas":
            stack = workbench.canvas.undo_stack()
            can = (stack.canUndo(), stack.canRedo())
        else:
            can = (workbench.write.can_undo(), workbench.write.can_redo())
        top.undo.set_available(can[0], "Nothing to undo")
        top.redo.set_available(can[1], "Nothing to redo")

    def _workspace_changed(self, name: str) -> None:
        if not self.session.project.read_only:
            self.session.store(self.session.project.set_state("workspace", name))
        self._show_undo()

    def export_current(self) -> None:
        if self._current is None:
            self.say("Pick a result first, then export it.")
        else:
            self.results.export(self._current)

    def set_theme(self, mode: str) -> None:
        self.theme.set_mode(mode)
        self.settings.update(theme=mode)

    def _set_paused(self, paused: bool) -> None:
        self._paused = paused
        self.session.set_paused(paused)
        self.queue.set_paused(paused)
        self.window.top.show_queue(self.session.jobs, paused)

    def toggle_pause(self) -> None:
        self._set_paused(not self._paused)

    def _rename(self, title: str) -> None:
        self.session.store(self.session.project.set_title(title))
        self.window.show_project(title, self.session.project.path)

    # ------------------------------------------------------------ popups

    def show_menu(self) -> None:
        def fill(menu: Any) -> None:
            for name in MENU:
                if name:
                    menu.addAction(self.commands.action(name))
                else:
                    menu.addSeparator()

        self.window.show_menu(fill)

    def show_palette(self) -> None:
        self.palette.open()

    def show_queue(self) -> None:
        if self.queue is not None:
            self.window.popup(self.window.top.queue, self.queue, width=self.theme.dp(420))

    def show_models(self) -> None:
        panel = ModelsPanel(self.theme, lambda: model_records(self.library), self.installer)
        panel.add_folder.connect(lambda: self._add_folder(panel))
        self.window.popup(self.window.top.device, panel, place="centre", dim=True)

    def _add_folder(self, panel: ModelsPanel) -> None:
        path = QFileDialog.getExistingDirectory(self.window, "A folder with models")
        if not path:
            return
        try:
            self.library.add_folder(path)
        except Exception as error:  # whatever the folder holds, the sentence is for the person
            panel.problem.setText(str(error))
            panel.problem.show()
            return
        self.settings.update(model_folders=[*self.settings.value.model_folders, path])
        panel.fill()

    def show_settings(self) -> None:
        panel = SettingsPanel(self.theme, self.settings.value)
        panel.chosen.connect(self._set)
        self.window.popup(self.window.top.device, panel, place="centre", dim=True)

    def _set(self, changes: dict[str, Any]) -> None:
        self.settings.update(**changes)
        if "theme" in changes:
            self.theme.set_mode(changes["theme"])
        if "reduced_motion" in changes:
            self.theme.set_reduced_motion(changes["reduced_motion"])
        if "scale" in changes:
            self.theme.set_text_scale(changes["scale"])

    def show_shortcuts(self) -> None:
        self.window.popup(self.window.top.command, ShortcutsPanel(self.theme, self.commands), place="centre", dim=True)

    def show_about(self) -> None:
        self.window.popup(self.window.top.command, AboutPanel(self.theme), place="centre", dim=True)

    def collect_diagnostics(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self.window, "Collect diagnostics", "pieria-diagnostics.json",
                                              "JSON (*.json)")
        if not path:
            return
        facts = self._diagnose(self.session.discovery if self.session else Discovery())
        try:
            Path(path).write_text(json.dumps(facts, indent=2, ensure_ascii=False), "utf-8")
        except OSError as error:
            self.say(f"The diagnostics could not be written: {error.strerror}.")
        else:
            self.say(f"Wrote {Path(path).name}; it holds no prompts, pictures or paths of yours.")

    # ------------------------------------------------------------ small things

    def say(self, text: str, undo: Callable[[], object] | None = None, *, action: str = "Undo",
            seconds: float = 6.0) -> None:
        if self.window.workbench is not None and not self.window.at_start:
            self.window.workbench.notice.show_message(text, undo, action=action, seconds=seconds)
        else:
            self.window.start.show_problem(text)

    def show_start(self) -> None:
        found = {model.kind for model in self.library.installed()}
        self.window.start.show_ready([
            Ready("Spark", "Pictures", "paint-brush", "spark", "stable-diffusion" in found),
            Ready("SmolLM2", "Text", "pen-nib", "smollm2-135m", bool(found & {"gguf", "causal-lm"})),
        ])
        recent = [p for p in self.settings.value.recent_projects if Path(p).exists()]
        self.window.start.show_recent(recent)
        self.window.show_start()

    def _models(self, kinds: list[str]) -> list[tuple[str, str, str]]:
        return [(m.name, m.title, m.licence) for m in self.library.installed() if not kinds or m.kind in kinds]

    def _install(self, pack: str) -> None:
        self.installer.install(pack)
        self.say(f"Installing {pack}…")
        self.show_models()

    def _installed(self, pack: str) -> None:
        self.say(f"{pack} is ready.")
        if self.window.at_start:
            self.show_start()
        workbench = self.window.workbench
        if workbench is not None and workbench.inspector.form is not None:
            workbench.inspector.form.refresh_models()


