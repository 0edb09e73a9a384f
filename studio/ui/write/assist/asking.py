"""What the co-author asks the machine for: continuations, edits, branches, each with what it is told."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from studio.ui.prompt import PromptState, media_field
from studio.ui.requests import Ask
from studio.ui.session import Session
from studio.ui.write.assist import ghost as ghosts
from studio.ui.write.assist.actions import BY_ID, LENGTHS, SENSE_ICONS, Action
from studio.ui.write.assist.branches import Branches
from studio.ui.write.assist.cards import EDITOR, Cards
from studio.ui.write.assist.errands import TEXT, Errands
from studio.ui.write.assist.ghost import Ghost
from studio.ui.write.assist.joined import JoinedPage
from studio.ui.write.assist.steer import Steer
from studio.ui.write.assist.tab import AssistTab

if TYPE_CHECKING:
    from studio.ui.write.room import WriteRoom

EDIT_CALM = 0.375
"""A rewrite is calmer than free writing: the boldness is multiplied by this for the temperature of an edit."""
MOST_COUNT = 4


class Asking(QObject):
    """The part of the co-author that makes requests."""

    room: WriteRoom
    session: Session
    page: JoinedPage
    errands: Errands
    steer: Steer
    ghost: Ghost
    cards: Cards
    branches: Branches
    tab: AssistTab
    say: Callable[..., None]

    def params(self, generator: str, text: str) -> dict[str, Any]:
        """What goes with a request: the settings of the form, and what the notes say of a text."""
        values = dict(self.room.bench.composer.drafts["write"].values)
        if generator != ghosts.WRITER:
            values = {"temperature": round(self.tab.boldness.value() * EDIT_CALM, 3),
                      **({"model": values["model"]} if values.get("model") else {})}
        return {**values, **self.steer.params(text, synopsis=generator == ghosts.WRITER)}

    def chat_params(self, generator: str) -> dict[str, Any]:
        values = self.params(generator, "")
        values.pop("memory")
        return values | {"temperature": round(self.tab.boldness.value() * 0.75, 3)}

    def ask(self, state: PromptState, schema: dict[str, Any]) -> Ask | None:
        """Generate: the wish on what is selected, or a continuation at the caret, or several to compare."""
        self.ghost.clear()
        if self.page.selection()[1] and state.prompt.strip() and self.errands.known(EDITOR):
            return self.cards.ask_later(BY_ID["custom"], instruction=state.prompt.strip())
        ask = self.continuation(state, schema)
        return self._compared(ask, state.count) if state.count > 1 else ask

    def continuation(self, state: PromptState, schema: dict[str, Any]) -> Ask:
        """What continues the text at the caret, with the notes that apply."""
        ask = self.room.control.ask(state, schema)
        props = schema.get("properties", {})
        before = self.page.text(max(0, self.page.selection()[0] - ghosts.BEFORE), self.page.selection()[0])
        own = self.steer.params(f"{before}\n{state.prompt}", self.tab.state.tones)
        own |= {"alternatives": ghosts.ALTERNATIVES, "slot": "manuscript"}
        params = {**ask.params, **{name: value for name, value in own.items() if name in props}}
        behind = self.page.text(self.page.caret(), self.page.caret() + ghosts.AFTER)
        media = dict(ask.media)
        if "suffix" in props and behind.strip():
            media["suffix"] = (behind.encode("utf-8", "replace"), TEXT)
        return replace(ask, params=params, media=media)

    def _compared(self, ask: Ask, count: int) -> Ask | None:
        texts = {key: bytes(data).decode("utf-8") for key, (data, _) in ask.media.items() if not callable(data)}
        return self.branches.ask(ask.generator, ask.params, texts, min(count, MOST_COUNT))

    # ------------------------------------------------------------ acting

    def _act_from_tab(self, name: str) -> None:
        """A button; the keys of what comes are those of the page."""
        self.act(name)
        self.room.pane.page.setFocus()

    def act(self, name: str) -> None:
        """One of the buttons or commands."""
        if name == "continue":
            self.go_on()
            return
        action = BY_ID[name]
        self.ghost.clear()
        self.cards.ask(self._toned(action), **self._own(action))

    def _toned(self, action: Action) -> Action:
        """Rewriting while tones are chosen is a change of tone."""
        if action.id == "rewrite" and self.tab.state.tones:
            return replace(action, action="tone")
        return action

    def _own(self, action: Action) -> dict[str, Any]:
        state = self.tab.state
        match self._toned(action).action:
            case "tone":
                return {"tone": ", ".join(state.tones or ("plain",)).lower()}
            case "translate":
                return {"language": state.language}
            case "senses":
                chosen = [title.lower() for sense, _, title in SENSE_ICONS if sense in state.senses]
                return {"senses": ", ".join(chosen or ["sight"])}
        return {}

    def custom(self, instruction: str) -> bool:
        """An own instruction for the selection; False where nothing is selected."""
        if not self.page.selection()[1] or not instruction.strip():
            return False
        self.ghost.clear()
        return self.cards.ask(BY_ID["custom"], instruction=instruction.strip()) is not None

    def go_on(self, count: int = 1) -> None:
        """Continue at the caret: one streams into the text, several are compared."""
        composer = self.room.bench.composer
        info = composer.session.discovery.find(composer.drafts["write"].generator)
        if info is None:
            self.say("No generator that writes is installed; see Models.")
            return
        state = replace(composer.drafts["write"], prompt="").rolled()
        self.ghost.clear()
        ask = self.continuation(state, info.schema)
        name = media_field(info.schema, "text")
        if not name or name not in ask.media:
            self.say("There is nothing yet to continue: write a few words, or ask for a first line below.")
            return
        length = {"max_tokens": LENGTHS[self.tab.state.length]} if "max_tokens" in info.schema["properties"] else {}
        ask = replace(ask, params={**ask.params, **length})
        found = self._compared(ask, count) if count > 1 else ask
        if found is not None:
            self.session.generate(found)

    def compare(self) -> None:
        """Three continuations side by side."""
        self.go_on(3)
