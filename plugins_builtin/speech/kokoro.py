"""`speech.kokoro`: English in many voices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import Field

from plugins_builtin.speech.english import check_script, clauses, phonemes
from plugins_builtin.speech.hibari import vocabulary
from plugins_builtin.speech.speaking import Speech, SpeechParams, voice_hints
from studio.plugins import Context, GeneratorError, ModelField, ui
from studio.plugins import Requirements as Needs

LONGEST = 400
"""Phonemes in one go; the network takes 510, and hurries in the last hundred."""
STYLE = 256

Voice = Literal[
    "Heart (American, f)", "Bella (American, f)", "Nicole (American, f, whispering)", "Aoede (American, f)",
    "Kore (American, f)", "Sarah (American, f)", "Nova (American, f)", "Sky (American, f)", "Alloy (American, f)",
    "Jessica (American, f)", "River (American, f)", "Michael (American, m)", "Fenrir (American, m)",
    "Puck (American, m)", "Echo (American, m)", "Eric (American, m)", "Liam (American, m)", "Onyx (American, m)",
    "Santa (American, m)", "Adam (American, m)", "Emma (British, f)", "Isabella (British, f)", "Alice (British, f)",
    "Lily (British, f)", "George (British, m)", "Fable (British, m)", "Lewis (British, m)", "Daniel (British, m)",
    "Dora (Spanish accent, f)", "Alex (Spanish accent, m)", "Santa (Spanish accent, m)", "Siwis (French accent, f)",
    "Alpha (Hindi accent, f)", "Beta (Hindi accent, f)", "Omega (Hindi accent, m)", "Psi (Hindi accent, m)",
    "Sara (Italian accent, f)", "Nicola (Italian accent, m)", "Alpha (Japanese accent, f)",
    "Gongitsune (Japanese accent, f)", "Nezumi (Japanese accent, f)", "Tebukuro (Japanese accent, f)",
    "Kumo (Japanese accent, m)", "Dora (Brazilian accent, f)", "Alex (Brazilian accent, m)",
    "Santa (Brazilian accent, m)", "Xiaobei (Chinese accent, f)", "Xiaoni (Chinese accent, f)",
    "Xiaoxiao (Chinese accent, f)", "Xiaoyi (Chinese accent, f)", "Yunjian (Chinese accent, m)",
    "Yunxi (Chinese accent, m)", "Yunxia (Chinese accent, m)", "Yunyang (Chinese accent, m)"]  # fmt: skip
_ACCENTS = {"American": "a", "British": "b", "Spanish": "e", "French": "f", "Hindi": "h", "Italian": "i",
            "Japanese": "j", "Brazilian": "p", "Chinese": "z"}


def file_of(voice: str) -> str:
    """The name of a voice's file: "Heart (American, f)" is af_heart."""
    name, _, about = voice.partition(" (")
    return f"{_ACCENTS[about.split(',')[0].split()[0]]}{about.split(', ')[1][0]}_{name.lower()}"


def told(voice: str) -> dict[str, str]:
    """What is known of a voice: "Bella (American, f)" is a woman called Bella."""
    name, _, about = voice.partition(" (")
    accent, sex, *more = about.rstrip(")").split(", ")
    own = {"American": "US", "British": "UK"}
    return {"title": name, "about": ", ".join(["woman" if sex == "f" else "man", *(
        more or [own.get(accent) or accent.split()[0]])]),
            "language": f"English ({own[accent]})" if accent in own else f"English, {accent}"}


class KokoroParams(SpeechParams):
    """What to say and how."""

    voice: Voice = Field("Heart (American, f)", description="Who speaks.",
                         json_schema_extra=voice_hints(choices={name: told(name) for name in get_args(Voice)}))
    accent: Literal["Voice's own", "American", "British"] = Field(
        "Voice's own", description="How English words are pronounced.",
        json_schema_extra=ui(role="language", widget="choice", label="English", group="Advanced"))
    model: Annotated[str, Field(description="The network that speaks.")] = ModelField("kokoro", default="kokoro")


class Kokoro(Speech):
    """Speaks English with Kokoro-82M. Voices that were taught another language speak English with its colour: their
    languages themselves would need pronunciation rules that come with eSpeak (GPL) only."""

    id = "speech.kokoro"
    title = "Kokoro"
    summary = "Reads English aloud in 54 voices of many characters."
    requires = Needs(memory=900 * 2**20)
    libraries = ("hibari-tts", "onnxruntime", "numpy", "python-stretch")
    said_to_be = "Kokoro"

    class Params(KokoroParams):
        """What to say and how."""

    def __init__(self) -> None:
        self._network: Any = None
        self._ids: dict[str, int] = {}
        self._styles: dict[str, Any] = {}
        self._folder: Any = None

    def load(self, ctx: Context) -> None:
        """Bring network and lexicon in. Raises `GeneratorError` for broken files."""
        from plugins_builtin.onnx import open_network

        ctx.check()
        files = ctx.model("model")
        try:
            self._ids = vocabulary(str(files.path / "vocab.json"))
        except (OSError, ValueError, AttributeError) as error:
            raise GeneratorError(f"The model {files.name} cannot be loaded: vocab.json is missing or damaged. "
                                 "Install it again.") from error
        self._network, self._folder = open_network(files, ctx.device), files.path / "voices"
        ctx.check()
        phonemes("ready")

    def unload(self) -> None:
        self._network, self._styles = None, {}

    def voices(self) -> Sequence[str]:
        return get_args(Voice)

    def known(self, voice: str, field: str) -> str:
        """Also by the first name alone, and by the name of the file."""
        asked = voice.strip().lower()
        for name in self.voices():
            if asked in (name.partition(" (")[0].lower(), file_of(name)):
                return name
        return super().known(voice, field)

    def check_text(self, text: str) -> None:
        check_script(text, self.said_to_be)

    def utter(self, text: str, voice: str, params: KokoroParams, ctx: Context) -> Any:
        import numpy as np

        from plugins_builtin.speech.waves import changed

        if self._network is None:
            raise GeneratorError("Kokoro's network is not loaded.")
        british = params.accent == "British" or (params.accent == "Voice's own" and "(British" in voice)
        style = self._style(voice)
        parts = [self._part(part, style, params.speed, ctx) for part in clauses(phonemes(text, british), LONGEST)]
        return changed(np.concatenate(parts), self.rate, 1.0, params.pitch) if parts else np.zeros(0, np.float32)

    def _part(self, text: str, style: Any, speed: float, ctx: Context) -> Any:
        import numpy as np

        from plugins_builtin.onnx import run_watched

        ids = [self._ids[sign] for sign in text if sign in self._ids]
        if not ids:
            return np.zeros(0, np.float32)
        feeds = {"tokens": np.asarray([[0, *ids, 0]], np.int64), "style": style[min(len(ids), len(style) - 1)][None],
                 "speed": np.asarray([speed], np.float32)}
        return np.asarray(run_watched(self._network, feeds, ctx)[0], np.float32).reshape(-1)

    def _style(self, voice: str) -> Any:
        """float32 (phonemes, 256): how the voice speaks sentences of each length."""
        import numpy as np

        if voice not in self._styles:
            path = self._folder / f"{file_of(voice)}.f32"
            try:
                data = np.fromfile(path, "<f4")
            except OSError as error:
                raise GeneratorError(f"The voice {voice} is missing in Kokoro's folder; install the model "
                                     "again.") from error
            if not len(data) or len(data) % STYLE:
                raise GeneratorError(f"The voice {voice} is damaged; install Kokoro again.")
            self._styles[voice] = data.reshape(-1, STYLE)
        return self._styles[voice]
