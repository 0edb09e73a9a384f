"""`sound.transcribe`: speech as text, with the time of each word."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from plugins_builtin.sound.fields import empty, sound_field
from plugins_builtin.sound.windows import mono_windows
from studio.plugins import Audio, Context, Generator, GeneratorError, InputError, ModelField, Params, Text, ui
from studio.plugins import Requirements as Needs

RATE = 16_000
LANGUAGES = {
    "Arabic": "ar", "Chinese": "zh", "Czech": "cs", "Danish": "da", "Dutch": "nl", "English": "en", "Finnish": "fi",
    "French": "fr", "German": "de", "Greek": "el", "Hebrew": "he", "Hindi": "hi", "Hungarian": "hu", "Italian": "it",
    "Japanese": "ja", "Korean": "ko", "Norwegian": "no", "Polish": "pl", "Portuguese": "pt", "Romanian": "ro",
    "Russian": "ru", "Spanish": "es", "Swedish": "sv", "Turkish": "tr", "Ukrainian": "uk", "Vietnamese": "vi"}
WITHOUT_SPACES = ("zh", "yue", "ja", "th", "lo", "my", "km")
Language = Literal[
    "Detect", "Arabic", "Chinese", "Czech", "Danish", "Dutch", "English", "Finnish", "French", "German", "Greek",
    "Hebrew", "Hindi", "Hungarian", "Italian", "Japanese", "Korean", "Norwegian", "Polish", "Portuguese", "Romanian",
    "Russian", "Spanish", "Swedish", "Turkish", "Ukrainian", "Vietnamese"]


class TranscribeParams(Params):
    """What to write down."""

    audio: Audio = sound_field("The speech to write down.")
    language: Language = Field("Detect", description="The language that is spoken.",
                               json_schema_extra=ui(widget="choice", label="Language"))
    translate: bool = Field(False, description="Write English, whatever is spoken; needs a multilingual model.",
                            json_schema_extra=ui(widget="switch", label="Into English"))
    skip_silence: bool = Field(True, description="Leave out what is no speech, in which a model hears words.",
                               json_schema_extra=ui(widget="switch", label="Skip silence", group="Advanced"))
    hint: str = Field("", max_length=500, description="Names and terms that occur, spelt as they should be.",
                      json_schema_extra=ui(widget="text", label="Names", group="Advanced"))
    model: Annotated[str, Field(description="The network that listens.")] = ModelField("whisper")


class Transcribe(Generator):
    """Whisper by faster-whisper. Source: Radford et al. 2022, "Robust Speech Recognition via Large-Scale Weak
    Supervision".

    The result's meta has "words" and "segments", lists of {"text", "start", "end"} in seconds, "language" and
    "seconds". Sound of any length is worked on in windows of five minutes, cut where it is quiet.
    """

    id = "sound.transcribe"
    title = "Transcribe"
    produces = "text"
    summary = "Writes down what is said, with the time of each word."
    icon = "subtitles"
    requires = Needs(memory=600 * 2**20)
    libraries = ("faster-whisper", "ctranslate2", "soxr")

    class Params(TranscribeParams):
        """What to write down."""

    def __init__(self) -> None:
        self._network: Any = None

    def load(self, ctx: Context) -> None:
        """Bring the network in. Raises `GeneratorError` for broken files."""
        from plugins_builtin.threads import share_cores

        share_cores(ctx.device)
        files = ctx.model("model")
        ctx.check()
        from faster_whisper import WhisperModel

        try:
            self._network = WhisperModel(str(files.path), device="cpu", compute_type="int8", local_files_only=True,
                                         cpu_threads=max(1, ctx.device.threads))
        except Exception as error:  # ctranslate2 and tokenizers raise RuntimeError, ValueError and plain Exception
            raise GeneratorError(
                f"The model {files.name} cannot be loaded: a file is missing or damaged. Install it again.") from error

    def unload(self) -> None:
        self._network = None

    def run(self, params: TranscribeParams, ctx: Context) -> Text:
        """Write it down. Raises `InputError` for what is no sound, and for a language that the model does not know."""
        if self._network is None:
            raise GeneratorError("The network that listens is not loaded.")
        language = self._language(params)
        total = float(params.audio.meta.get("seconds", 0)) or _seconds(params.audio)
        words: list[dict[str, Any]] = []
        segments: list[dict[str, Any]] = []
        heard, spoken = 0.0, language or ""
        ctx.progress(0, round(total * 10))
        for start, samples in mono_windows(params.audio, RATE, ctx):
            found, facts = self._network.transcribe(
                samples, language=spoken or None, task="translate" if params.translate else "transcribe",
                temperature=0.0, word_timestamps=True, condition_on_previous_text=False,
                vad_filter=params.skip_silence, initial_prompt=params.hint or None)
            for segment in found:
                text = segment.text.strip()
                ctx.check()
                if text:
                    ctx.token(text if not segments else " " + text)
                    segments.append(_timed(text, start + segment.start, start + segment.end))
                    words += _words(segment.words or (), start, facts.language)
                ctx.progress(round((start + segment.end) * 10), round(max(total, start + segment.end) * 10))
            heard = start + len(samples) / RATE
            spoken = spoken or (facts.language if segments else "")
        if not heard:
            raise empty()
        ctx.progress(1, 1)
        text = " ".join(segment["text"] for segment in segments)
        return Text.of(text, words=words, segments=segments, language=spoken, seconds=round(heard, 3))

    def _language(self, params: TranscribeParams) -> str | None:
        """The code of the language, None to detect it."""
        many = bool(self._network.model.is_multilingual)
        if not many and (params.translate or params.language not in ("Detect", "English")):
            raise InputError("This model knows English only; choose one for many languages, such as whisper-base.",
                             "model")
        return LANGUAGES.get(params.language) if many else "en"


def _words(found: Any, start: float, language: str) -> list[dict[str, Any]]:
    """Whisper's words; what it writes without a space before it ("$3", ".50") belongs to the word before."""
    words: list[dict[str, Any]] = []
    for word in found:
        text, end = word.word.strip(), start + word.end
        if not text:
            continue
        if words and not word.word[0].isspace() and language not in WITHOUT_SPACES:
            words[-1] = _timed(words[-1]["text"] + text, words[-1]["start"], end)
        else:
            words.append(_timed(text, start + word.start, end))
    return words


def _timed(text: str, start: float, end: float) -> dict[str, Any]:
    return {"text": text, "start": round(float(start), 3), "end": round(float(max(start, end)), 3)}


def _seconds(audio: Audio) -> float:
    try:
        with audio.reader() as reader:
            return reader.seconds
    except InputError as error:
        raise InputError(str(error), "audio") from error
