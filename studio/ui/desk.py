"""The desk: opens and closes projects, and shows what lies over the window: palette, models, settings, help."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QFileDialog

from studio.engine.job import Discovery
from studio.project import Project, ProjectError
from studio.ui.commandset import CommandSet
from studio.ui.deskcommands import MENU, window_commands
from studio.ui.firstrun import MAKINGS
from studio.ui.installer import Installer
from studio.ui.models import ModelsPanel
from studio.ui.modelshelf import ModelShelf
from studio.ui.openproject import ENDING, OpenProject
from studio.ui.palette import CommandPalette
from studio.ui.session import Engine, Session
from studio.ui.settingspanel import SettingsPanel
from studio.ui.shortcuts import ShortcutsPanel
from studio.ui.startparts import Ready
from studio.ui.theme import Mode, Theme
from studio.ui.window import StudioWindow


class Desk(QObject):
    """One window, at most one open project.

    Args:
        settings: a `studio.settings.SettingsFile`.
        paths: a `studio.settings.Paths`.
        library: a `studio.models.library.Library`.
        make_worker: starts an inference worker that reads media from the given project.
        known: what the last run knew of the generators, or None.
        diagnose: collects the text for Help > Collect diagnostics.
    """

    opened = Signal()
    """A project is in the window."""
    closed = Signal()
    """A project has been closed."""

    def __init__(self, theme: Theme, window: StudioWindow, settings: Any, paths: Any, library: Any,
                 make_worker: Callable[[Project], Engine], known: Callable[[], Discovery | None],
                 diagnose: Callable[[Discovery], dict[str, Any]]) -> None:
        super().__init__(window)
        self.theme, self.window, self.settings, self.paths = theme, window, settings, paths
        self._make_worker, self._known, self._diagnose = make_worker, known, diagnose
        self.open: OpenProject | None = None
        self.installer = Installer(library, self)
        self.models = ModelShelf(library, paths.cache / "models.json", self)
        self.commands = CommandSet(settings.value.shortcuts, self)
        self.commands.add(*window_commands(self))
        self.commands.rebound.connect(lambda keys: self.settings.update(shortcuts=keys))
        window.addActions(self.commands.actions())
        self.palette = CommandPalette(theme, self.commands, window)
        self._connect()

    def _connect(self) -> None:
        top, start = self.window.top, self.window.start
        top.menu_button.clicked.connect(self.show_menu)
        top.command.clicked.connect(self.show_palette)
        top.queue.clicked.connect(lambda: self.open and self.open.show_queue())
        top.device.clicked.connect(self.show_models)
        top.undo.clicked.connect(lambda: self.open and self.open.undo())
        top.redo.clicked.connect(lambda: self.open and self.open.redo())
        top.title.renamed.connect(lambda title: self.open and self.open.rename(title))
        start.made.connect(self.make_first)
        start.entered.connect(self.go)
        start.open_wanted.connect(lambda path: self.open_project(Path(path)) if path else self.choose_project())
        start.shortcuts_wanted.connect(self.show_shortcuts)
        start.install_wanted.connect(self.install)
        self.installer.finished.connect(self._installed)
        self.models.changed.connect(self._models_changed)
        self.models.folder_added.connect(self._folder_added)
        QTimer.singleShot(0, self, self.models.look)  # reads the catalogue on a thread: not while the window is made
        self.installer.removed.connect(lambda _: self.models.look(tell=True))
        self.installer.failed.connect(lambda _, sentence: sentence and self.say(sentence))
        self.window.page_changed.connect(self.commands.refresh)
        self.window.closing.connect(self.close)

    # ------------------------------------------------------------ projects

    @property
    def session(self) -> Session:
        """Of the open project. Raises RuntimeError without one."""
        if self.open is None:
            raise RuntimeError("no project is open")
        return self.open.session

    def has_project(self) -> bool:
        return self.open is not None and not self.window.at_start

    def open_project(self, path: Path, *, create: bool = False) -> bool:
        """Open a project in this window; where that fails a sentence says why, and what is open stays."""
        if self.open is not None and self.open.project.path == path:
            self.window.show_workspace(self.open.workbench.workspace)
            return True
        try:
            project = Project.create(path, path.stem) if create else Project.open(path)
        except ProjectError as error:
            if self.open is None:
                self.show_start()
            self.say(str(error))
            return False
        self.close_project()
        self.open = OpenProject(self, project, self._make_worker(project))
        self.settings.remember_project(project.path)
        self.open.start(self._known())
        self.opened.emit()
        return True

    def new_project(self) -> bool:
        """An empty project in the projects folder, with a name that is free."""
        folder = self.paths.projects
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.say(f"The folder for projects cannot be made: {error.strerror}.")
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

    def close_project(self) -> None:
        self.window.dismiss_popup()
        if self.open is not None:
            self.open.close()
            self.open = None
            self.closed.emit()

    def close(self) -> None:
        """The window is closing."""
        self.settings.update(geometry=self.window.geometry_text())
        self.close_project()
        self.installer.close()
        self.models.close()

    def show_start(self) -> None:
        self._show_ready()
        self.window.start.show_recent([p for p in self.settings.value.recent_projects if Path(p).exists()])
        self.window.start.show_problem("")
        self.window.show_start()

    def _show_ready(self) -> None:
        """What the machine can make, as far as is known."""
        found = {model.kind for model in self.models.installed()}

        def there(*kinds: str) -> bool | None:
            return not found.isdisjoint(kinds) if self.models.known else None

        self.window.start.show_ready([
            Ready("Spark", "Pictures", "paint-brush", "iris", "spark", there("stable-diffusion")),
            Ready("SmolLM2", "Text", "pen-nib", "spring", "smollm2-135m", there("gguf", "causal-lm")),
            Ready("Hibari", "Speech", "microphone", "voice", "hibari", there("hibari")),
            Ready("Pieria tunes", "Music", "music-notes", "notes", "fluidr3-mono", there("soundfont")),
        ])

    def go(self, workspace: str) -> None:
        """To a workspace; without a project, of a new one."""
        self.settings.update(first_run_done=True)
        if self.open is not None or self.new_project():
            self.window.show_workspace(workspace)

    def make_first(self, kind: str, prompt: str) -> None:
        """The start screen's Generate: a project, the right workspace, and the prompt on its way."""
        making = MAKINGS[kind]
        self.go(making.workspace)
        if self.open is not None:
            self.open.make(prompt, making.generator)

    # ------------------------------------------------------------ over the window

    def show_menu(self) -> None:
        def fill(menu: Any) -> None:
            for name in MENU:
                if name:
                    menu.addAction(self.commands.action(name))
                else:
                    menu.addSeparator()

        self.commands.refresh()
        self.window.show_menu(fill)

    def show_palette(self) -> None:
        self.palette.open()

    def show_models(self) -> None:
        panel = ModelsPanel(self.theme, self.models.records, self.installer)
        self.models.changed.connect(panel.fill)
        self.models.look()
        self.models.folder_refused.connect(panel.show_problem)
        panel.add_folder.connect(self._add_folder)
        self.window.popup(self.window.top.device, panel, place="centre", dim=True)

    def _add_folder(self) -> None:
        path = QFileDialog.getExistingDirectory(self.window, "A folder with models")
        if path:
            self.models.add_folder(path)

    def _folder_added(self, path: str) -> None:
        others = [folder for folder in self.settings.value.model_folders if folder != path]
        self.settings.update(model_folders=[*others, path])

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

    def set_theme(self, mode: Mode) -> None:
        self._set({"theme": mode})

    def show_shortcuts(self) -> None:
        self.window.popup(self.window.top.command, ShortcutsPanel(self.theme, self.commands), place="centre", dim=True)

    def show_about(self) -> None:
        from studio.ui.about import AboutPanel  # its lists of licences are not wanted at start

        self.window.popup(self.window.top.command, AboutPanel(self.theme), place="centre", dim=True)

    def collect_diagnostics(self) -> None:
        path, _ = QFileDialog.getSaveFileName(self.window, "Collect diagnostics", "pieria-diagnostics.json",
                                              "JSON (*.json)")
        if not path:
            return
        facts = self._diagnose(self.open.session.discovery if self.open else Discovery())
        try:
            Path(path).write_text(json.dumps(facts, indent=2, ensure_ascii=False), "utf-8")
        except OSError as error:
            self.say(f"The diagnostics could not be written: {error.strerror}.")
        else:
            self.say(f"Wrote {Path(path).name}; it holds no prompts, pictures or paths of yours.")

    # ------------------------------------------------------------ small things

    def say(self, text: str, undo: Callable[[], object] | None = None, *, action: str = "Undo",
            seconds: float = 6.0) -> None:
        """One sentence: over the document, or on the start screen."""
        if self.open is not None and not self.window.at_start:
            self.open.workbench.notice.show_message(text, undo, action=action, seconds=seconds)
        else:
            self.window.start.show_problem(text)

    def install(self, pack: str) -> None:
        self.installer.install(pack)
        self.show_models()

    def _installed(self, pack: str) -> None:
        self.models.look(tell=True)
        self.say(f"{pack} is ready.")

    def _models_changed(self) -> None:
        if self.window.at_start:
            self._show_ready()
        if self.open is not None and self.open.workbench.inspector.form is not None:
            self.open.workbench.inspector.form.refresh_models()
