"""Join prompt bar and form to the session: one draft for each workspace, and one Generate."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer, Signal, Slot

from studio.engine.job import Discovery, GeneratorInfo, Job, JobState
from studio.project import ResultRow
from studio.ui.foreign import adopt
from studio.ui.formmemory import FormMemory
from studio.ui.grid import Grid, GridSheets, ask_grid
from studio.ui.inspector import Inspector
from studio.ui.prompt import PromptState, field_of_role, hint_of, is_listed
from studio.ui.promptbar import PromptBar
from studio.ui.requests import Ask, is_live
from studio.ui.session import Session
from studio.ui.styles import Style, StyleBook

SAVE_MS = 400
MAX_HISTORY = 200
"""Prompts that are remembered for each workspace."""


@dataclass(frozen=True)
class Bench:
    """A workspace as the composer sees it.

    Attributes:
        kinds: what generators of this workspace produce.
        ask: builds the request from the draft and the schema.
        default: the generator to begin with, where it is installed.
        unit: what a step of progress is called.
    """

    id: str
    kinds: tuple[str, ...]
    ask: Callable[[PromptState, dict[str, Any]], Ask | None]
    default: str
    placeholder: str
    unit: str = "Step"


class Composer(QObject):
    """Owns the drafts. The form and the bar are shared; each workspace finds them as it left them."""

    changed = Signal()
    """The draft in front says something else, or another one is in front."""

    def __init__(self, session: Session, bar: PromptBar, inspector: Inspector, benches: list[Bench],
                 parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.bar, self.inspector = session, bar, inspector
        self.benches = {bench.id: bench for bench in benches}
        self.current = benches[0].id
        read = session.project.get_state
        self.drafts = {b.id: PromptState.from_json(read(f"draft.{b.id}")) for b in benches}
        self.histories = {b.id: _prompts(read(f"prompts.{b.id}")) for b in benches}
        self.styles = StyleBook(None, self)
        self.memory = FormMemory(None, self)
        self.sheets = GridSheets(session, self)
        self._save = QTimer(self, singleShot=True, interval=SAVE_MS)
        self._save.timeout.connect(self.flush)
        self._idle = QTimer(self, singleShot=True, interval=0)  # finding a model reads files: once the window is there
        self._idle.timeout.connect(self._preload)
        bar.state_changed.connect(self._bar_changed)
        bar.generator_picked.connect(self.pick_generator)
        bar.style_named.connect(self._save_style)
        bar.grid_asked.connect(self.ask_grid)
        bar.style_removed.connect(lambda name: self.styles.remove(name))
        bar.generate.connect(self.generate)
        bar.stop.connect(self.stop)
        inspector.values_changed.connect(self._form_changed)
        session.discovered.connect(self._discovered)
        session.jobs_changed.connect(self._jobs_changed)

    # ------------------------------------------------------------ what the window calls

    @property
    def draft(self) -> PromptState:
        return self.drafts[self.current]

    @property
    def info(self) -> GeneratorInfo | None:
        return self.session.discovery.find(self.draft.generator)

    def expect(self, workspace: str) -> None:
        """This workspace will be shown first: no form is made for another."""
        if workspace in self.benches:
            self.current = workspace

    def show(self, workspace: str) -> None:
        """Bring a workspace's draft into the bar and the form."""
        self.current = workspace
        self.refresh()
        self._idle.start()

    def refresh(self) -> None:
        bench, info = self.benches[self.current], self.info
        choices = [g for g in self.session.discovery.generators if g.produces in bench.kinds and is_listed(g.schema)]
        self.bar.set_placeholder(bench.placeholder)
        self.bar.set_styles(self.styles.names(), [style.name for style in self.styles.own])
        self.bar.show_state(self.draft, info, choices, self._tag(info))
        self.bar.set_history(self.histories[self.current])
        if info is not None:
            seed = field_of_role(info.schema, "seed")
            values = {**self.draft.values, **({seed: self.draft.seed} if seed else {})}
            self.inspector.show_generator(info, values)
            self.inspector.show_seed_lock(self.draft.seed_locked)
        self._jobs_changed([*self.session.jobs])
        self.changed.emit()

    @Slot()
    def generate(self) -> None:
        """Queue what the draft says; a fresh seed unless it is locked."""
        info = self.info
        if info is None:
            return
        self._put(self.draft.rolled())
        self._remember(self.draft.prompt)
        self.refresh()
        ask = self.benches[self.current].ask(self.styled(), info.schema)
        if ask is not None:
            self.session.generate(ask)

    @Slot()
    def ask_grid(self) -> None:
        """Open the popup that asks for the axes of a grid."""
        info = self.info
        if info is not None:
            self._put(self.draft.rolled())
            ask = self.benches[self.current].ask(self.styled(), info.schema)
            if ask is not None:
                ask_grid(self.bar.theme, self.bar.count_chip, info, ask.params, lambda grid: self._make_grid(ask, grid))

    def _make_grid(self, ask: Ask, grid: Grid) -> None:
        self._remember(self.draft.prompt)
        self.session.generate(replace(ask, target=grid.target, cells=grid.cells))

    @Slot()
    def stop(self) -> None:
        """Stop what this workspace has running, and what waits of the same batch."""
        job = self._running()
        if job is not None:
            self.session.cancel_batch(job.request.batch)

    def styled(self) -> PromptState:
        """The draft as it is sent: with the words of its style."""
        draft, style = self.draft, self.styles.find(self.draft.style)
        if style is None or self.info is None or self.info.produces != "image":
            return draft
        prompt, negative = style.apply(draft.prompt, draft.negative)
        return replace(draft, prompt=prompt, negative=negative)

    def use_styles(self, styles: StyleBook) -> None:
        """Take the person's own styles from where they are kept."""
        self.styles = styles
        styles.changed.connect(self.refresh)
        self.refresh()

    def use_memory(self, memory: FormMemory) -> None:
        """Begin with forms as they were left in other projects, and remember how they are left here."""
        self.memory = memory

    def _save_style(self, name: str) -> None:
        self.styles.save(Style(name, self.draft.prompt, self.draft.negative))
        self.session.notice.emit(f"Saved the style “{name}”; it is in the Style menu.")

    def _remember(self, prompt: str) -> None:
        """Put a prompt at the head of the history."""
        if not prompt.strip():
            return
        others = [other for other in self.histories[self.current] if other != prompt]
        self.histories[self.current] = [prompt, *others][:MAX_HISTORY]
        if not self.session.project.read_only:
            self.session.store(self.session.project.set_state(f"prompts.{self.current}",
                                                              self.histories[self.current]))

    def pick_generator(self, generator: str) -> None:
        self._put(self._begun(self.draft, generator))
        self.refresh()

    def take(self, row: ResultRow) -> None:
        """Put a result's prompt and settings into the draft, with its seed locked."""
        info = self.session.discovery.find(row.generator)
        if info is None:
            return
        bench = next((b for b in self.benches.values() if info.produces in b.kinds), None)
        if bench is None:
            return
        self.current = bench.id
        params = dict(row.recipe.get("params", {}))
        texts = {role: params.pop(field_of_role(info.schema, role), "") or "" for role in ("prompt", "negative")}
        seed = params.pop(field_of_role(info.schema, "seed"), 0)
        plain = {name: v for name, v in params.items() if not (isinstance(v, dict) and "media" in v)
                 and hint_of(info.schema, name, "role") != "part"}
        self._put(replace(self.draft, generator=info.id, values=plain, seed=int(seed or 0), seed_locked=True,
                          prompt=texts["prompt"], negative=texts["negative"]))
        self.refresh()

    def adopt(self, found: Mapping[str, Any]) -> list[str]:
        """Put the settings of a picture from elsewhere into the canvas's draft; what was taken otherwise, a sentence
        each."""
        self.current = "canvas"
        if self.info is None:
            return []
        draft, notes = adopt(self.draft, found, self.info)
        self._put(draft)
        self.refresh()
        return notes

    def set_values(self, **values: Any) -> None:
        """Values that the document decides, such as the size of the frame."""
        self._put(replace(self.draft, values={**self.draft.values, **values}))
        if self.inspector.form is not None:
            self.inspector.form.blockSignals(True)
            self.inspector.form.set_values(values)
            self.inspector.form.blockSignals(False)

    def edit_values(self, **values: Any) -> None:
        """Values that the person has changed elsewhere than in the form; `changed` tells of it at once."""
        self.set_values(**values)
        self.memory.note(self.draft.generator, self.draft.values)

    @Slot()
    def flush(self) -> None:
        """Hand the drafts to the project."""
        self._save.stop()
        if self.session.project.read_only:
            return
        for name, draft in self.drafts.items():
            self.session.store(self.session.project.set_state(f"draft.{name}", draft.to_json()))

    # ------------------------------------------------------------ inside

    @Slot()
    def _preload(self) -> None:
        """Let an idle host load what Generate in this workspace will need."""
        if self.info is not None:
            self.session.preload(self.info.id, self.draft.params(self.info.schema))

    def _tag(self, info: GeneratorInfo | None) -> str:
        """Where the next request runs: the GPU, or the processor."""
        kind = str(self.session.discovery.device.get("type", "cpu"))
        return "" if info is None else "GPU" if kind in ("cuda", "mps") else "CPU"

    def _put(self, draft: PromptState) -> None:
        self.drafts[self.current] = draft
        self._save.start()
        self.changed.emit()

    @Slot(object)
    def _bar_changed(self, state: PromptState) -> None:
        self._put(replace(state, values=self.draft.values, generator=self.draft.generator))
        self.inspector.show_seed_lock(state.seed_locked)

    @Slot(str, dict)
    def _form_changed(self, generator: str, values: dict[str, Any]) -> None:
        info = self.session.discovery.find(generator)
        if info is None or generator != self.draft.generator:
            return
        seed = field_of_role(info.schema, "seed")
        unseen = {k: v for k, v in self.draft.values.items() if hint_of(info.schema, k, "widget") == "none"}
        draft = replace(self.draft, values={**unseen, **{k: v for k, v in values.items() if k != seed}})
        if seed and values.get(seed) is not None and int(values[seed]) != draft.seed:
            draft = replace(draft, seed=int(values[seed]), seed_locked=True)
            self.inspector.show_seed_lock(True)
        self._put(replace(draft, seed_locked=self.inspector.seed_locked()))
        self.memory.note(generator, draft.values)
        self.bar.show_seed(self.draft)

    @Slot(object)
    def _discovered(self, discovery: Discovery) -> None:
        for name, bench in self.benches.items():
            if discovery.find(self.drafts[name].generator) is None:
                fitting = [g.id for g in discovery.generators if g.produces in bench.kinds and is_listed(g.schema)]
                first = bench.default if bench.default in fitting else (fitting[0] if fitting else "")
                self.drafts[name] = self._begun(self.drafts[name], first)
        self.refresh()
        self._idle.start()

    def _begun(self, draft: PromptState, generator: str) -> PromptState:
        """The draft with another generator, its form as it was last left."""
        info = self.session.discovery.find(generator)
        return replace(draft, generator=generator, values=self.memory.values(info) if info else {})

    def _mine(self, job: Job) -> bool:
        info = self.session.discovery.find(job.request.generator)
        return info is not None and info.produces in self.benches[self.current].kinds

    def _running(self) -> Job | None:
        mine = [job for job in self.session.jobs if self._mine(job) and not is_live(job.request.target)]
        active = [job for job in mine if job.state in (JobState.RUNNING, JobState.WAITING)]
        return next((j for j in active if j.state is JobState.RUNNING), active[0] if active else None)

    @Slot(list)
    def _jobs_changed(self, jobs: list[Job]) -> None:
        self.bar.show_running(self._running(), self.benches[self.current].unit)


def _prompts(kept: Any) -> list[str]:
    """The history as the project keeps it; what is no prompt is passed over."""
    return [prompt for prompt in kept if isinstance(prompt, str)][:MAX_HISTORY] if isinstance(kept, list) else []
