"""What all speech generators share: parameters, the run from sentence to sentence, times, pauses, a dialogue."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar

from pydantic import Field

from plugins_builtin.speech import waves
from plugins_builtin.speech.dialogue import cast, turns
from plugins_builtin.speech.sentences import has_words
from studio.plugins import Audio, Cancelled, Context, Generator, InputError, Params, Seed, ui

LONGEST = 50_000
"""Characters: most of an hour of speech, which stays in memory."""
SAMPLE = "I could read the whole book to you, if you like."


def voice_hints(widget: str = "choice", **hints: Any) -> dict[str, Any]:
    """Hints of the field `voice`."""
    return ui(role="voice", widget=widget, label="Voice", sample=SAMPLE, **hints)


class SpeechParams(Params):
    """What to say and how. Engines add `voice` and `model`."""

    prompt: Annotated[str, Field(
        max_length=LONGEST, description="The text that is read.",
        json_schema_extra=ui(role="prompt", widget="multiline", label="Text"))]
    speed: float = Field(1.0, ge=0.5, le=2, description="How fast it is spoken.",
                         json_schema_extra=ui(role="speed", widget="slider", label="Speed", unit="×", step=0.05))
    pitch: float = Field(0.0, ge=-12, le=12, description="Higher or lower, in semitones.",
                         json_schema_extra=ui(role="pitch", widget="slider", label="Pitch", unit="st", step=0.5))
    pause: float = Field(0.35, ge=0, le=3, description="Silence between sentences; twice as long between paragraphs.",
                         json_schema_extra=ui(widget="slider", label="Pause", unit="s", step=0.05))
    dialogue: bool = Field(
        False, description="Lines that begin with a name and a colon are spoken by a voice for each name.",
        json_schema_extra=ui(role="dialogue", widget="switch", label="Dialogue"))
    speakers: dict[str, str] = Field(
        default_factory=dict, max_length=64, description="Names in a dialogue and their voices.",
        json_schema_extra=ui(role="speakers", widget="none", label="Speakers"))
    sentences: int = Field(
        0, ge=0, description="Only so many sentences are spoken, 0 for all: what was there when it was stopped.",
        json_schema_extra=ui(role="part", widget="none", label="Sentences"))
    seed: Seed = 0


@dataclass(frozen=True)
class Line:
    """One sentence to be spoken. text: as written; pause: seconds of silence behind it."""

    text: str
    speaker: str
    voice: str
    pause: float


class Speech(Generator):
    """Reads text sentence by sentence: each is heard as soon as it is there, and its place in time is kept.

    A sentence sounds the same whatever stands around it, so that one can be spoken again on its own.
    """

    produces = "audio"
    icon = "user-sound"
    rate: int = 24_000
    said_to_be: ClassVar[str] = "This voice"
    """How errors call it."""

    @abstractmethod
    def voices(self) -> Sequence[str]:
        """The names of the voices that can be asked for."""

    @abstractmethod
    def utter(self, text: str, voice: str, params: Any, ctx: Context) -> Any:
        """float32 (frames,) at `self.rate`: one sentence with `params.speed` and `params.pitch`; empty where nothing
        of it can be spoken. Raises `Cancelled` in the middle of a long one."""

    def check_text(self, text: str) -> None:
        """Raise `InputError` where the text is in a language or script that this voice cannot read."""

    def run(self, params: Any, ctx: Context) -> Audio:
        """Speak it all; after Stop, what had been spoken. Raises `InputError` for text without words, in another
        script, or an unknown voice."""
        lines = self._lines(params)
        spoken: list[tuple[int, Any]] = []
        done, total = 0, sum(len(line.text) for line in lines)
        try:
            for number, line in enumerate(lines):
                ctx.progress(done, total)
                samples = waves.trimmed(self.utter(line.text, line.voice, params, ctx), self.rate)
                done += len(line.text)
                if len(samples):
                    spoken.append((number, samples))
                    ctx.audio(self._with_pause(samples, line, lines), self.rate)
                else:
                    ctx.log("A sentence had nothing that this voice can say, and was left out.")
            ctx.progress(total, total)
        except Cancelled:
            if not spoken:
                raise
            return self._joined(spoken, lines[:spoken[-1][0] + 1], {"sentences": spoken[-1][0] + 1})
        if not spoken:
            raise InputError(f"{self.said_to_be} can say nothing of this text; write words of its language, or choose "
                             "another voice.", "prompt")
        return self._joined(spoken, lines, {})

    def _with_pause(self, samples: Any, line: Line, lines: Sequence[Line]) -> Any:
        import numpy as np

        silence = np.zeros(round(line.pause * self.rate) if line is not lines[-1] else 0, np.float32)
        return np.concatenate([samples, silence])

    def _joined(self, spoken: Sequence[tuple[int, Any]], lines: Sequence[Line], made_with: Mapping[str, Any]) -> Audio:
        """One sound of the sentences, with their times. spoken: places in `lines`, and samples."""
        import numpy as np

        parts, said, at = [], [], 0
        for number, samples in spoken:
            line = lines[number]
            said.append({"text": line.text, "start": round(at / self.rate, 4),
                         "end": round((at + len(samples)) / self.rate, 4), "voice": line.voice,
                         **({"speaker": line.speaker} if line.speaker else {})})
            parts.append(self._with_pause(samples, line, lines))
            at += len(parts[-1])
        return replace(Audio.from_samples(np.concatenate(parts), self.rate, sentences=said), made_with=made_with)

    def _lines(self, params: Any) -> list[Line]:
        if not has_words(params.prompt):
            raise nothing_to_say()
        self.check_text(params.prompt)
        narrator, voices = self.known(params.voice, "voice"), self.voices()
        chosen = {name: self.known(voice, "speakers") for name, voice in params.speakers.items()}
        if params.dialogue:
            chosen = cast(params.prompt, chosen, voices, narrator)
        names = {name.lower(): name for name in chosen} if chosen or params.dialogue else None
        lines = [Line(sentence.text, speaker, chosen.get(speaker, narrator), params.pause * (1 + sentence.last))
                 for speaker, sentence in turns(params.prompt, names) if has_words(sentence.text)]
        return lines[:params.sentences] if params.sentences else lines

    def known(self, voice: str, field: str) -> str:
        """The voice of that name, however it is capitalised. Raises `InputError`."""
        for name in self.voices():
            if name.lower() == voice.strip().lower():
                return name
        raise InputError(f"There is no voice “{voice}”; there is {', '.join(self.voices())}.", field)


def nothing_to_say() -> InputError:
    return InputError("There is nothing to speak in this text; write some words.", "prompt")
