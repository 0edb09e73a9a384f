"""What stands in the Voice tab: the draft that the prompt bar will send, or the chosen sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from studio.engine.job import GeneratorInfo
from studio.project.sound import Clip
from studio.ui.form import SchemaForm
from studio.ui.prompt import PromptState
from studio.ui.sound.makers import asking
from studio.ui.sound.voice.book import VoiceBook
from studio.ui.sound.voice.panel import MANY, VoicePanel
from studio.ui.sound.voice.samples import Samples
from studio.ui.sound.voice.voices import ROLES, Voice, asked_by, assigned, field_of, languages, part_of, speaks
from studio.ui.timeaxis import clock

if TYPE_CHECKING:
    from studio.ui.sound.room import SoundRoom

CAST = "sound.cast"
"""Under this name the project keeps the voice of each name, by generator."""
ALL = "All languages"
SETTLE_MS = 150


def names_in(text: str) -> list[str]:
    """Names that stand before a colon. The window's start does not wait for the package that finds them."""
    if ":" not in text:
        return []
    from studio.plugins import dialogue

    return dialogue.names_in(text)


class VoiceControl(QObject):
    """Attributes: panel, samples, book (of voices), on_sentence (the chosen sentence is shown, not the draft)."""

    def __init__(self, room: SoundRoom) -> None:
        super().__init__(room)
        self.room, self.session, self.pane, self.generating = room, room.session, room.pane, room.generating
        self.composer = room.bench.composer
        self.panel = VoicePanel(room.theme)
        self.samples = Samples(room.session, room.pane.player, self)
        self.book = VoiceBook(room.session, self)
        kept = self.session.project.get_state(CAST)
        self.kept: dict[str, dict[str, str]] = kept if isinstance(kept, dict) else {}
        self.on_sentence = False
        self._clip: Clip | None = None
        self._own: dict[str, Any] = {}
        """Values of the sentence that the person has changed and not spoken yet."""
        self._schemas: dict[str, dict[str, Any]] = {}
        self._soon = QTimer(self, singleShot=True, interval=SETTLE_MS)
        self._soon.timeout.connect(self.refresh)
        self._connect()
        self.refresh()

    def _connect(self) -> None:
        panel, document = self.panel, self.pane.document
        self.composer.changed.connect(self._soon.start)
        room_bar = self.room.bench.bar
        room_bar.state_changed.connect(lambda _: self._show(False))
        self.session.discovered.connect(lambda _: (self.book.forget_problems(), self.refresh()))
        self.book.changed.connect(self.refresh)
        document.chosen_changed.connect(self._chosen)
        document.changed.connect(self._chosen)
        self.generating.changed.connect(self._show_making)
        self.samples.changed.connect(lambda: panel.grid.show_state(self.samples.voice, self.samples.state))
        self.samples.failed.connect(lambda report: self.room.bench.show_error(
            report.message, details=report.details, source=report.plugin or report.generator,
            action=f"Install {report.model}" if report.model else ""))
        panel.subject.changed.connect(lambda key: self._show(key == "sentence"))
        panel.grid.picked.connect(lambda key: self._take({self._name("voice"): key}))
        panel.grid.heard.connect(self.hear)
        panel.search.textChanged.connect(lambda _: self._find())
        panel.search.returnPressed.connect(panel.grid.enter)
        panel.language.chosen.connect(lambda _: self._find())
        panel.sentence.asked.connect(self.speak_again)
        panel.sentence.text.textChanged.connect(self._show_making)
        panel.instead.clicked.connect(lambda _=False: self._speak_instead())
        panel.cast.toggled.connect(lambda on: self._take({self._name("dialogue"): on}))
        panel.cast.picked.connect(self._cast)

    # ------------------------------------------------------------ whose voice

    @property
    def draft(self) -> PromptState:
        return self.composer.drafts["sound"]

    def sentence(self) -> Clip | None:
        """The one spoken sentence that is chosen."""
        clips = self.pane.document.chosen_clips
        return clips[0] if len(clips) == 1 and clips[0].text and not clips[0].score else None

    @property
    def info(self) -> GeneratorInfo | None:
        """The generator that speaks what is shown."""
        if self.on_sentence and self._clip is not None:
            return self.generating.speaker_of(self._clip)
        return self.generating.find(self.draft.generator)

    def values(self) -> dict[str, Any]:
        """What is shown: the draft's values, or those of the sentence, over the defaults."""
        info = self.info
        if info is None:
            return {}
        props = info.schema.get("properties", {})
        values = {name: prop["default"] for name, prop in props.items() if "default" in prop}
        if not self.on_sentence or self._clip is None:
            return values | {name: value for name, value in self.draft.values.items() if name in props}
        said = {**asking.said_with(info, self._clip), **self._own}
        return values | {name: value for name, value in said.items() if name in props}

    def voices(self) -> list[Voice]:
        info = self.info
        return self.book.voices(info, self.values()) if info is not None and speaks(info.schema) else []

    def voice(self) -> str:
        """The key of the voice that is shown; an empty value is the first."""
        return str(self.values().get(self._name("voice")) or next((v.key for v in self.voices()), ""))

    def _name(self, role: str) -> str:
        info = self.info
        return field_of(info.schema, role) if info is not None else ""

    def show_sentence(self, clip: Clip) -> None:
        """Bring the tab to the front with a sentence of the timeline, its words ready to be changed."""
        self.pane.document.choose(clips=frozenset({clip.id}), region=None)
        self._show(True)
        self.room.bench.inspector.show()
        self.room.bench.inspector.show_tab("voice")
        self.panel.sentence.text.setFocus()

    def _chosen(self) -> None:
        clip = self.sentence()
        before, self._clip = self._clip, clip
        if clip is None:
            self.on_sentence = False
        elif before is None or before.id != clip.id or before.media != clip.media:
            self._own = {}
            self.panel.sentence.text.set_text(clip.text)
            focused = QApplication.focusWidget()
            by_hand = not self.generating.landing.placing
            if by_hand and focused is not None and (focused is self.pane or self.pane.isAncestorOf(focused)):
                self.on_sentence = True
        if clip is not before:
            self.refresh()

    def _show(self, sentence: bool) -> None:
        sentence = sentence and self._clip is not None
        if sentence != self.on_sentence:
            self.on_sentence = sentence
            self.refresh()

    # ------------------------------------------------------------ showing it

    def refresh(self) -> None:
        """Take over what the draft, the sentence and the generators are now."""
        self._soon.stop()
        panel, info, clip = self.panel, self.info, self._clip
        panel.subject.setVisible(clip is not None)
        panel.subject.set_current("sentence" if self.on_sentence else "prompt")
        panel.show_sentence(self.on_sentence)
        able = info is not None and speaks(info.schema)
        panel.show_speaker(able)
        if info is None or not able:
            self._show_nobody(info)
            return
        voices = self.voices()
        self._mend(info, voices)
        panel.grid.set_voices(voices)
        panel.grid.choose(self.voice())
        panel.grid.show_state(self.samples.voice, self.samples.state)
        spoken = languages(voices)
        panel.language.set_options([ALL, *spoken])
        panel.language.setVisible(len(spoken) > 1)
        panel.note.setText(self._about_none(info, voices))
        panel.note.setVisible(not voices)
        self._find()
        self._show_form(info)
        self._show_cast(info, voices)
        if clip is not None:
            scene = str(clip.recipe.get("scene") or "")
            at = f"At {clock(clip.start, 0.1)}"
            panel.sentence.where.setText(f"{at} · from “{scene}”" if scene else at)
        self._show_making()

    def _mend(self, info: GeneratorInfo, voices: list[Voice]) -> None:
        """Another model has been chosen, which does not have the voice of the draft: it begins with its first."""
        if voices and asked_by(info.schema) and self.voice() not in {voice.key for voice in voices}:
            values = {self._name("voice"): voices[0].key}
            if self.on_sentence:
                self._own |= values
            elif self.composer.current == "sound":
                self.composer.edit_values(**values)

    def _about_none(self, info: GeneratorInfo, voices: list[Voice]) -> str:
        if voices:
            return ""
        return self.book.problem(info, self.values()) or "The voices of this model are being read…"

    def _show_nobody(self, info: GeneratorInfo | None) -> None:
        other = self.generating.speaker()
        self.panel.nobody.setText(f"{info.title} does not speak." if info is not None and other is not None
                                  else "No voice is installed.")
        self.panel.instead.setVisible(other is not None)
        if other is not None:
            self.panel.instead.set_text(f"Speak with {other.title}")

    def _speak_instead(self) -> None:
        if (other := self.generating.speaker()) is not None:
            self.composer.pick_generator(other.id)

    def _find(self) -> None:
        panel = self.panel
        language = panel.language.key() if not panel.language.isHidden() else ALL
        words = panel.search.text() if panel.grid.count > MANY else ""
        found = panel.grid.find(words, "" if language == ALL else language)
        panel.show_found(found, panel.grid.count)
        if panel.grid.count:
            panel.note.setText("No speaker fits; search for something else.")
            panel.note.setVisible(not found)

    def _show_form(self, info: GeneratorInfo) -> None:
        if self._schemas.get(info.id) != info.schema:
            self.panel.drop_form(info.id)
            self._schemas[info.id] = info.schema

        def make() -> SchemaForm:
            made = SchemaForm(part_of(info.schema), self.room.theme, self.room.bench.pickers)
            made.changed.connect(lambda: self._take(made.values()))
            return made

        form = self.panel.form(info.id, make)
        if form is not None:
            form.blockSignals(True)
            form.set_values(self.values())
            form.blockSignals(False)

    def _show_cast(self, info: GeneratorInfo, voices: list[Voice]) -> None:
        able = bool(self._name("dialogue") and self._name("speakers")) and not self.on_sentence and len(voices) > 1
        self.panel.show_cast(able)
        if able:
            on = self.values().get(self._name("dialogue")) is True
            cast = self._settle(info, self.draft) if on else {}
            self.panel.cast.show_cast(on, names_in(self.draft.prompt), cast, voices, self.voice())

    def _show_making(self) -> None:
        """Whether the sentence can be spoken again now."""
        clip, button = self._clip, self.panel.sentence.button
        if clip is None:
            return
        busy = any(place.target.get("clip") == clip.id and not place.error for place in self.generating.places.values())
        words = self.panel.sentence.words()
        button.set_available(not busy and bool(words), "It is being spoken." if busy else "Write some words first.")

    # ------------------------------------------------------------ changing it

    def _take(self, values: Mapping[str, Any]) -> None:
        """The person has changed something."""
        values = {name: value for name, value in values.items() if name}
        if self.on_sentence:
            self._own |= values
        elif self.composer.current == "sound":
            self.composer.edit_values(**values)
        self.refresh()

    def hear(self, key: str) -> None:
        """Let a voice be heard, or be silent again."""
        info = self.info
        voice = next((voice for voice in self.voices() if voice.key == key), None)
        if info is not None and voice is not None:
            self.samples.toggle(info, self.values(), voice)

    def speak_again(self) -> None:
        """Speak the sentence with the words, voice and speed that are shown; its neighbours stay."""
        clip, words = self._clip, self.panel.sentence.words()
        if clip is None or not words or not self.panel.sentence.button.isEnabled():
            return
        values, names = self.values(), [self._name(role) for role in ("voice", *ROLES)]
        self.generating.respeak(clip, words, **{name: values[name] for name in names if name in values})

    # ------------------------------------------------------------ the cast

    def _cast(self, name: str, key: str) -> None:
        info = self.info
        if info is None:
            return
        if not name:
            self._take({self._name("voice"): key})
            return
        self._remember(info, {name: key})
        self._settle(info, self.draft)
        self.refresh()

    def _remember(self, info: GeneratorInfo, cast: Mapping[str, str]) -> None:
        before = self.kept.get(info.id)
        now = {**(before if isinstance(before, dict) else {}), **cast}
        if now != before:
            self.kept[info.id] = now
            if not self.session.project.read_only:
                self.session.store(self.session.project.set_state(CAST, self.kept))

    def cast_of(self, info: GeneratorInfo, draft: PromptState, text: str) -> dict[str, str]:
        """The voice of each name in a text."""
        narrator = str(draft.values.get(field_of(info.schema, "voice")) or "")
        voices = self.book.voices(info, draft.values)
        kept = self.kept.get(info.id)
        return assigned(names_in(text), kept if isinstance(kept, dict) else {}, voices,
                        narrator or next((voice.key for voice in voices), ""))

    def _settle(self, info: GeneratorInfo, draft: PromptState) -> dict[str, str]:
        """Give each new name in the prompt a voice, and remember it."""
        cast = self.cast_of(info, draft, draft.prompt)
        self._remember(info, cast)
        name = self._name("speakers")
        if self.composer.current == "sound" and draft.values.get(name) != cast:
            self.composer.edit_values(**{name: cast})
        return cast

    def dressed(self, info: GeneratorInfo, state: PromptState, text: str) -> dict[str, Any]:
        """The values of a draft as they are sent with a text: with the cast of its names, or without any."""
        dialogue, speakers = field_of(info.schema, "dialogue"), field_of(info.schema, "speakers")
        values = {name: value for name, value in state.values.items() if name != speakers}
        if speakers and values.get(dialogue) is True:
            cast = self.cast_of(info, state, text)
            self._remember(info, cast)
            values[speakers] = cast
        return values

    def ready(self, state: PromptState) -> PromptState:
        """The draft as Generate sends it."""
        info = self.generating.find(state.generator)
        if info is None or not speaks(info.schema):
            return state
        return replace(state, values=self.dressed(info, state, state.prompt))
