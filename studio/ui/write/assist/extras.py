"""What the co-author does over the page and for other workspaces: plans, dialogues, the context, the report, notes from
files, pictures and voices."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFileDialog, QWidget

from studio.engine.job import GeneratorInfo, Job, Result
from studio.project import ProjectError, ResultRow
from studio.project.manuscript.rows import NodeKind, Note
from studio.ui.prompt import field_of_role
from studio.ui.requests import LIVE
from studio.ui.widgets.popup import Popup
from studio.ui.write.assist import ghost as ghosts
from studio.ui.write.assist.actions import BY_ID
from studio.ui.write.assist.errands import Errand
from studio.ui.write.assist.planpanel import DialoguePanel, PlanItem, PlanPanel, items_of

if TYPE_CHECKING:
    from studio.ui.sound.room import SoundRoom
    from studio.ui.write.assist.coauthor import CoAuthor

PLANNER, CONTEXT = "language.plan", "language.context"
MOST_PICTURED = 1_000


class Extras(QObject):
    """Commands of the co-author that open a panel or lead to another workspace."""

    def __init__(self, coauthor: CoAuthor) -> None:
        super().__init__(coauthor)
        self.co, self.session, self.theme = coauthor, coauthor.session, coauthor.theme
        self._plan: Errand | None = None
        self.popup: Popup | None = None
        notes = coauthor.notes
        notes.import_asked.connect(self.ask_notes)
        notes.export_asked.connect(self.ask_export)
        notes.context_asked.connect(self.show_context)
        notes.prompts_asked.connect(self.open_prompts)
        coauthor.chat_panel.setup_asked.connect(self.ask_chat_setup)
        coauthor.figures.report.clicked.connect(self.show_report)

    def pop(self, content: QWidget, *, keep: bool = False) -> Popup:
        if self.popup is not None and self.popup.is_open():
            self.popup.dismiss()
        self.popup = Popup(self.theme, self.co.room.bench, content, place="centre", dim=True, keep=keep)
        self.popup.open()
        return self.popup

    def dismiss(self) -> None:
        if self.popup is not None and self.popup.is_open():
            self.popup.dismiss()

    # ------------------------------------------------------------ plans

    def show_plan(self, task: str = "outline") -> PlanPanel:
        """Plan: what is selected is the idea; without a selection the scene's text is what it has to fit."""
        start, length = self.co.page.selection()
        panel = PlanPanel(self.theme, task, self.co.page.text(start, start + length))  # type: ignore[arg-type]
        panel.asked.connect(lambda task, prompt, count: self._ask_plan(panel, task, prompt, count))
        panel.stopped.connect(self._stop_plan)
        panel.taken.connect(self._take_plan)
        self.pop(panel).closed.connect(self._stop_plan)
        return panel

    def _ask_plan(self, panel: PlanPanel, task: str, prompt: str, count: int) -> None:
        if not self.co.errands.known(PLANNER):
            panel.show_problem("No generator that plans is installed; see Models.")
            return
        params = {**self.co.params(PLANNER, prompt), "task": task, "prompt": prompt, "count": count}
        params["temperature"] = round(self.co.tab.boldness.value(), 3)
        panel.set_running(True)

        def result(_: int, row: ResultRow) -> None:
            text = self.session.project.media(row.media)[0].decode("utf-8", "replace")
            panel.show_items(items_of(row.meta, text))

        def ended(_: int, sentence: str) -> None:
            panel.set_running(False)
            if sentence or not panel.entries:
                panel.show_problem(sentence or "Nothing came of it; say more, or try again.")

        self._plan = self.co.errands.send(PLANNER, params, {}, kind="plan", token=lambda _, text: panel.append(text),
                                          result=result, ended=ended)
        panel.destroyed.connect(self._stop_plan)

    def _stop_plan(self) -> None:
        plan, self._plan = self._plan, None
        if plan is not None and self.co.errands.running(plan):
            plan.forget()  # the panel may be gone
            self.co.errands.cancel(plan)

    def _take_plan(self, task: str, items: list[PlanItem]) -> None:
        """Chosen entries become chapters, scenes or notes."""
        self.dismiss()
        plural = "" if len(items) == 1 else "s"
        if task == "names":
            for item in items:
                self.co.steer.add(lambda _: None, item.title, "character", item.text)
            self.co.say(f"Added {len(items)} story note{plural}.")
            return
        kind: NodeKind = "chapter" if task == "outline" else "scene"
        self.co.add_nodes(kind, [(item.title, item.text) for item in items])
        self.co.say(f"Added {len(items)} {kind}{plural} to the outline.")

    # ------------------------------------------------------------ dialogue

    def show_dialogue(self) -> DialoguePanel:
        """A dialogue in the voice of a character of the notes; it comes as a card."""
        characters = [(n.id, n.title or "Untitled") for n in self.co.steer.notes if n.kind == "character"]
        panel = DialoguePanel(self.theme, characters)
        panel.asked.connect(self._ask_dialogue)
        self.pop(panel)
        return panel

    def _ask_dialogue(self, note: str, about: str) -> None:
        found = self.co.steer.find(note)
        self.dismiss()
        if found is None:
            return
        told = f"The speaker is {found.title}. {' '.join(found.text.split())}"
        wish = f"{told} They speak of: {about.strip()}" if about.strip() else told
        self.co.ghost.clear()
        self.co.cards.ask(BY_ID["dialogue"], instruction=wish)

    # ------------------------------------------------------------ the context

    def show_context(self) -> None:
        """What Continue would be given, exactly."""
        from studio.ui.write.assist.contextview import ContextView

        view = ContextView(self.theme)
        self.pop(view)
        if not self.co.errands.known(CONTEXT):
            view.show_problem("No generator that shows its context is installed; see Models.")
            return
        page, at = self.co.page, self.co.page.selection()[0]
        before = page.text(max(0, at - ghosts.BEFORE), at)
        state = self.co.room.bench.composer.drafts["write"]
        params = {**self.co.params(ghosts.WRITER, f"{before}\n{state.prompt}"), "prompt": state.prompt}
        params |= self.co.steer.params(f"{before}\n{state.prompt}", self.co.tab.state.tones)
        open_ = {"view": view}
        view.destroyed.connect(lambda: open_.clear())

        def tried(_: int, result: Result, job: Job) -> None:
            from studio.engine.recipe import media_in

            self.session.project.return_media(sha for sha, _ in media_in(job.request.params))
            if "view" in open_:
                view.show_report(result.data.decode("utf-8", "replace"))

        def ended(_: int, sentence: str) -> None:
            if sentence and "view" in open_:
                view.show_problem(sentence)

        self.co.errands.send(CONTEXT, params, {"context": before, "suffix": page.text(at, at + ghosts.AFTER)},
                             kind=LIVE, tried=tried, ended=ended)

    def open_prompts(self) -> None:
        """The folder in which prompts may be changed."""
        folder = self.co.prompts_folder()
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            self.co.say(f"The folder of prompts cannot be made: {error.strerror}.")
            return
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))):
            self.co.say(f"No program shows folders here; the prompts are in {folder}.")

    # ------------------------------------------------------------ notes and files

    def ask_notes(self) -> None:
        path, _ = QFileDialog.getOpenFileName(self.co.room.bench, "A lorebook or a character card", str(Path.home()),
                                              "Lorebooks and character cards (*.json *.lorebook *.png);;All files (*)")
        if path:
            self.import_notes(Path(path))

    def import_notes(self, path: Path) -> None:
        """Notes of a lorebook or a character card; what cannot be read is said in one sentence."""
        project = self.session.project

        def read() -> list[Note] | str:
            from studio.project.manuscript.formats import files

            try:
                book = files.read(path)
            except (ProjectError, ValueError) as error:
                return str(error)
            if book.parts and not book.notes:
                return f"{path.name} is a text and holds no story notes; import it as a manuscript."
            kept = {name: project.put_media(picture.data, picture.media_type).result()
                    for name, picture in book.pictures.items()}
            return [replace(note, picture=kept.get(note.picture, "")) for note in book.notes]

        self.session.read(read, self._take_notes)

    def _take_notes(self, found: list[Note] | str) -> None:
        if isinstance(found, str):
            self.co.say(found)
        elif not found:
            self.co.say("There are no entries in this file.")
        else:
            self.co.steer.add_all(found, lambda count: self.co.say(
                f"Imported {count:,} story note{'' if count == 1 else 's'}."))

    def ask_export(self, what: str) -> None:
        note = self.co.steer.find(what)
        name = f"{note.title or 'Character'}.json" if note is not None else "Story notes.json"
        kinds = "JSON (*.json);;Picture with the character (*.png)" if note is not None else "JSON (*.json)"
        path, _ = QFileDialog.getSaveFileName(self.co.room.bench, "Export", str(Path.home() / name), kinds)
        if path:
            self.export_notes(what, Path(path))

    def export_notes(self, what: str, path: Path) -> None:
        """All notes as a lorebook, or one (its id) as a character card; a PNG carries it in the note's picture."""
        note, notes, project = self.co.steer.find(what), list(self.co.steer.notes), self.session.project

        def write() -> str:
            from studio.project.export import write_atomically
            from studio.project.manuscript.formats import card, lorebook

            try:
                if note is None:
                    data = lorebook.write(notes)
                elif path.suffix.lower() == ".png":
                    data = card.write_png(note, project.media(note.picture)[0] if note.picture else b"")
                else:
                    data = card.write(note)
                write_atomically(path, data)
            except OSError as error:
                return f"{path.name} could not be written: {error.strerror}."
            except (ProjectError, ValueError, KeyError) as error:
                return str(error)
            return f"Exported {path.name}."

        self.session.read(write, self.co.say)

    # ------------------------------------------------------------ chat, report

    def ask_chat_setup(self) -> None:
        """Who answers in this chat, and its standing instructions."""
        from studio.ui.write.assist.chatsetup import ChatSetup

        chat = self.co.chat.chat
        people = [(n.title, f"{n.title}\n{n.text}") for n in self.co.steer.notes if n.kind in ("character", "creature")]
        panel = ChatSetup(self.theme, chat.character if chat else "", chat.system if chat else "", people)

        def keep(character: str, system: str) -> None:
            self.dismiss()
            self.co.chat.setup(character, system)

        panel.kept.connect(keep)
        self.pop(panel)

    def show_report(self) -> None:
        """Who wrote what, scene by scene, with the models."""
        from studio.ui.write.assist.report import ReportView

        view = ReportView(self.theme)
        self.pop(view)
        project, document = self.session.project, self.co.document
        open_ = {"view": view}
        view.destroyed.connect(lambda: open_.clear())
        self.co.room.pane.flush()

        def show(report: Any) -> None:
            if "view" in open_:
                view.show_report(report)

        from studio.ui.write.assist.report import make_report

        self.session.read(lambda: make_report(project, document), show)

    # ------------------------------------------------------------ other workspaces

    def selected(self) -> str:
        """What is selected, or the paragraph of the caret."""
        start, length = self.co.page.selection()
        if not length:
            start, length = self.co.page.paragraph(start)
        return self.co.page.text(start, start + length).strip()

    def make_picture(self) -> None:
        """The passage becomes the canvas's prompt."""
        text = " ".join(self.selected().split())
        if not text:
            self.co.say("Select what the picture should show first.")
            return
        bench = self.co.room.bench
        bench.show_workspace("canvas")
        bench.bar.prompt.set_text(text[:MOST_PICTURED])
        bench.bar.focus_prompt()

    def voice(self) -> GeneratorInfo | None:
        """The first generator that speaks a text."""
        for info in self.session.discovery.generators:
            props = info.schema.get("properties", {})
            if info.produces in ("audio", "speech") and "voice" in props and field_of_role(info.schema, "prompt"):
                return info
        return None

    def read_aloud(self) -> None:
        """Let the voice of the Sound workspace speak the passage; it is heard while it comes, and lies on the timeline
        there, sentence by sentence."""
        text = self.selected()
        if self.voice() is None or not text:
            self.co.say("Select what should be read first." if self.voice() is not None else
                        "No voice is installed: nothing can be read aloud.")
            return
        cast("SoundRoom", self.co.room.bench.room("sound")).speak(text)
        self.co.say("Reading aloud begins; it can be stopped in the queue.")

    def plan_scenes(self) -> None:
        self.show_plan("scenes")

    def plan_names(self) -> None:
        self.show_plan("names")

    def edit_as_told(self) -> None:
        """The words of the prompt bar, for the selection; without words the bar asks for them."""
        bench = self.co.room.bench
        words = bench.composer.drafts["write"].prompt
        if not words.strip():
            bench.bar.focus_prompt()
            self.co.say("Say in the prompt bar what should be changed, then press Generate with the text selected.")
        elif not self.co.custom(words):
            self.co.say("Select the text that should be changed first.")
