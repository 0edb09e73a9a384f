"""What a plugin author imports: generators, their parameters, the context they run in, and what they return.

Nothing here imports Qt, torch or numpy at module level, so that a plugin's manifest is cheap to read.
"""

from __future__ import annotations

import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

from studio.plugins.errors import Cancelled, GeneratorError, InputError, ModelMissing, OutOfMemory

if TYPE_CHECKING:
    import numpy as np
    import PIL.Image

    from studio.plugins.sound import SoundReader

__all__ = [
    "API_VERSION", "Artifact", "Audio", "Cancelled", "Context", "Count", "Device", "Generator", "GeneratorError",
    "Image", "InputError", "Kind", "Mask", "Mesh", "ModelField", "ModelFiles", "ModelMissing", "NegativePrompt",
    "OutOfMemory", "Params", "Prompt", "Requirements", "Score", "Seed", "Text", "Video", "ui",
]

API_VERSION = 1
"""Major version of this API; a plugin registers under the entry-point group ``studio.v1``."""

Kind = Literal["image", "text", "audio", "score", "video", "mesh"]

MAX_PROMPT = 20_000
"""Longest prompt, in characters, that a `Prompt` field takes."""


# ---------------------------------------------------------------- artifacts: what goes in and what comes out


@dataclass(frozen=True)
class Artifact:
    """One finished thing as encoded bytes.

    As a field of `Params` the same classes are media inputs: the request carries a content hash, and the host hands
    the generator the bytes.

    Attributes:
        data: the encoded file (PNG, UTF-8, WAV, ...).
        media_type: IANA media type of `data`.
        meta: JSON-able facts about it, e.g. ``{"width": 256, "height": 256}``.
        made_with: parameters of the recipe that differ from what was asked: of what a generator gives after Stop,
            those that make just this again.
    """

    kind: ClassVar[Kind]
    default_type: ClassVar[str] = "application/octet-stream"

    data: bytes
    media_type: str = ""
    meta: Mapping[str, Any] = field(default_factory=dict)
    made_with: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not isinstance(self.data, bytes):
            raise TypeError(f"{type(self).__name__} takes bytes, got {type(self.data).__name__}")
        if not self.media_type:
            object.__setattr__(self, "media_type", self.default_type)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        # In the host the value is already an artifact; as JSON it is {"media": sha256, "type": media type}.
        return core_schema.is_instance_schema(
            cls, serialization=core_schema.plain_serializer_function_ser_schema(lambda a: a.reference())
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        return {
            "type": "object",
            "properties": {"media": {"type": "string"}, "type": {"type": "string"}},
            "required": ["media"],
            "x-studio": {"media": getattr(cls, "role", cls.kind)},
        }

    def reference(self) -> dict[str, str]:
        """The JSON form that requests and recipes carry: content hash and media type."""
        import hashlib

        return {"media": hashlib.sha256(self.data).hexdigest(), "type": self.media_type}


@dataclass(frozen=True)
class Image(Artifact):
    """A picture; `data` is an encoded file, PNG from `Image.from_pil`."""

    kind: ClassVar[Kind] = "image"
    default_type: ClassVar[str] = "image/png"

    @classmethod
    def from_pil(cls, picture: PIL.Image.Image, **meta: Any) -> Image:
        """Encode a Pillow picture as PNG. The bytes depend on the pixels alone."""
        buffer = io.BytesIO()
        picture.save(buffer, format="PNG", compress_level=4)
        return cls(buffer.getvalue(), "image/png", {"width": picture.width, "height": picture.height, **meta})

    def pil(self) -> PIL.Image.Image:
        """Decode to a Pillow picture. Raises `InputError` where the bytes are no picture."""
        import PIL.Image

        try:
            picture = PIL.Image.open(io.BytesIO(self.data))
            picture.load()
        except (OSError, SyntaxError, ValueError, PIL.Image.DecompressionBombError) as error:
            raise InputError("This file is not a picture that can be read.") from error
        return picture


@dataclass(frozen=True)
class Mask(Image):
    """A greyscale picture, white (255) where the generator may change pixels; soft values are honoured."""

    role: ClassVar[str] = "mask"


@dataclass(frozen=True)
class Text(Artifact):
    """Text as UTF-8."""

    kind: ClassVar[Kind] = "text"
    default_type: ClassVar[str] = "text/plain; charset=utf-8"

    @classmethod
    def of(cls, text: str, **meta: Any) -> Text:
        """Encode a string; lone surrogates become U+FFFD."""
        whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        return cls(whole.encode("utf-8"), meta=meta)

    @property
    def text(self) -> str:
        return self.data.decode("utf-8", "replace")


@dataclass(frozen=True)
class Audio(Artifact):
    """Sound as an encoded file (WAV from `Audio.from_samples`)."""

    kind: ClassVar[Kind] = "audio"
    default_type: ClassVar[str] = "audio/wav"

    @classmethod
    def from_samples(cls, samples: np.ndarray, rate: int, *, bits: int = 16, **meta: Any) -> Audio:
        """Encode float samples as WAV; what is louder than 1 is clipped.

        Args:
            samples: shape (frames,) or (frames, channels), range -1 to 1.
            rate: sample rate in Hz.
            bits: of a sample, 16 or 24.
        """
        import wave

        import numpy as np

        frames = np.nan_to_num(np.atleast_2d(samples.T).T)
        most = 2 ** (bits - 1) - 1
        whole = (np.clip(frames, -1, 1) * np.float64(most)).round().astype("<i4" if bits == 24 else "<i2")
        packed = np.ascontiguousarray(whole).view(np.uint8).reshape(-1, 4)[:, :3] if bits == 24 else whole
        buffer = io.BytesIO()
        with wave.open(buffer, "wb") as out:
            out.setnchannels(frames.shape[1])
            out.setsampwidth(bits // 8)
            out.setframerate(rate)
            out.writeframes(packed.tobytes())
        facts = {"rate": rate, "channels": frames.shape[1], "seconds": frames.shape[0] / rate}
        return cls(buffer.getvalue(), "audio/wav", {**facts, **meta})

    def samples(self, longest: float = 3600) -> tuple[np.ndarray, int]:
        """Decode all of it, from any format that soundfile or FFmpeg reads.

        Returns:
            float32 samples (frames, channels) in the file's own rate and channels, and the rate in Hz. NaN and
            infinities are 0; of a file that was cut comes what is there.

        Raises:
            InputError: it is no sound, or there are more than `longest` seconds of it (or more than 2 GB).
        """
        from studio.plugins.sound import whole

        with self.reader() as reader:
            return whole(reader, longest), reader.rate

    def reader(self) -> SoundReader:
        """Decode it piece by piece, for sound of any length: `with audio.reader() as sound: sound.read(frames)`.
        Raises `InputError` where it is no sound that can be read."""
        from studio.plugins.sound import open_sound

        return open_sound(self.data)


@dataclass(frozen=True)
class Score(Artifact):
    """Music as notes: a standard MIDI file."""

    kind: ClassVar[Kind] = "score"
    default_type: ClassVar[str] = "audio/midi"


@dataclass(frozen=True)
class Video(Artifact):
    """Moving pictures, with or without sound."""

    kind: ClassVar[Kind] = "video"
    default_type: ClassVar[str] = "video/mp4"


@dataclass(frozen=True)
class Mesh(Artifact):
    """A 3D mesh: binary glTF."""

    kind: ClassVar[Kind] = "mesh"
    default_type: ClassVar[str] = "model/gltf-binary"


# ---------------------------------------------------------------- parameters


@dataclass(frozen=True)
class ModelFiles:
    """Weights that a request resolved to.

    Attributes:
        name: name in the model library, e.g. "spark".
        kind: layout, e.g. "stable-diffusion", "gguf", "causal-lm".
        path: the model's file or folder on this machine.
        sha256: hash over the names and hashes of all its files; part of the recipe.
    """

    name: str
    kind: str
    path: Path
    sha256: str = ""


def ui(**hints: Any) -> dict[str, Any]:
    """Hints for the form, for `Field(json_schema_extra=ui(...))`.

    role: "prompt", "negative", "seed", "steps", "guidance", "strength", "width", "height", "model", "context",
        "part" (which part of the whole was made; new requests leave it out); of speech "voice", "speed", "pitch",
        "language", "dialogue" (a bool) and "speakers" (names and their voices).
    widget: "slider", "number", "text", "multiline", "choice", "switch", "seed", "chips", "none" (not in the form).
    label: shown name. unit: "px", "s". step: slider step.
    group: "" (always shown) or the title of a section that starts folded, such as "Advanced".
    choices: what is known of the values of a choice, each with any of "title", "about" (a few words), "language"
        (of a voice, as people say it) and "sample" (what lets a voice be heard): {"Ada": {"about": "warm, low"}}.
    choices_by: id of a generator that gives the values where they depend on the model: it takes this one's model
        fields and returns Text, JSON as of `choices`.
    sample: of a voice: the sentence that lets it be heard.
    presets: for some values of a choice, those of other fields that the form sets with it: {"Draft": {"steps": 4}}.
    auto: the value that leaves the field to the generator, such as 0 or ""; the form shows "Auto" for it.
    usual: of a number with `auto`: where a person begins who steps away from it.
    when: {"task": ["fill", "vary"]}: the field is shown and sent only while each of these fields has one of the values.
    names: what "chips" are picked from, a list of names or of pairs ("Family", [names]); the field is a list of
        strings, or a string in which commas part them.
    listed: of Params as a whole (`ConfigDict(json_schema_extra=ui(listed=False))`): False for a generator that other
        parts of the window call, and that a person does not choose for the prompt bar.
    """
    return {"x-studio": hints}


Prompt = Annotated[str, Field(max_length=MAX_PROMPT, json_schema_extra=ui(role="prompt", widget="multiline"))]
NegativePrompt = Annotated[str, Field(max_length=MAX_PROMPT, json_schema_extra=ui(role="negative", widget="multiline"))]
Seed = Annotated[int, Field(ge=0, le=2**32 - 1, json_schema_extra=ui(role="seed", widget="seed"))]
Count = Annotated[int, Field(ge=1, le=64, json_schema_extra=ui(role="count", widget="number"))]


def ModelField(*kinds: str, default: str = "", optional: bool = False, **hints: Any) -> Any:
    """A `str` field of Params that names weights of one of `kinds`; the files come as `ctx.model(field_name)`.

    With `optional` the empty name means none, and `ctx.model` raises `ModelMissing`; without, the default of the kinds.
    """
    hints |= {"optional": True} if optional else {}
    return Field(default=default, json_schema_extra=ui(role="model", widget="model", kinds=list(kinds), **hints))


class Params(BaseModel):
    """Base of every generator's nested ``Params``. Unknown fields, NaN and infinities are refused."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, frozen=True, arbitrary_types_allowed=True)


# ---------------------------------------------------------------- context and generator


@dataclass(frozen=True)
class Device:
    """Where tensors live. type: "cuda", "mps" or "cpu"; dtype: "bfloat16", "float16" or "float32"."""

    type: str = "cpu"
    dtype: str = "float32"
    name: str = "CPU"
    threads: int = 1


@dataclass(frozen=True)
class Requirements:
    """What a generator needs. memory: bytes of RAM (or VRAM on a GPU) with its default model loaded."""

    memory: int = 0
    gpu: bool = False


class Context(ABC):
    """The generator's line to the studio. Every push raises `Cancelled` once the person has pressed Stop."""

    device: Device
    data_dir: Path
    """A folder of this plugin's own, kept between runs."""

    @abstractmethod
    def model(self, name: str = "model") -> ModelFiles:
        """The weights that the `ModelField` called `name` resolved to. Raises `ModelMissing`."""

    @abstractmethod
    def check(self) -> None:
        """Raise `Cancelled` if the job was stopped. Call it at least once a model step."""

    @abstractmethod
    def progress(self, step: int, of: int, preview: Image | None = None, message: str = "") -> None:
        """Report that `step` of `of` steps are done (0 <= step <= of), with a picture of the work so far if cheap."""

    @abstractmethod
    def wants_preview(self) -> bool:
        """False while the last preview is so fresh that another would be wasted work."""

    @abstractmethod
    def token(self, text: str) -> None:
        """Push a piece of text; the pieces joined are the text so far."""

    @abstractmethod
    def audio(self, samples: np.ndarray, rate: int) -> None:
        """Push sound to be heard now: float samples of shape (frames,) or (frames, channels), `rate` in Hz."""

    @abstractmethod
    def log(self, text: str) -> None:
        """Write a line to the studio's log."""


class Generator(ABC):
    """One way of making something. Subclass it, give it an `id`, a `title`, what it `produces`, and `Params`.

    One instance serves one set of weights: `load` is called once, `run` many times, `unload` when memory is wanted.
    """

    id: ClassVar[str]
    """"plugin.name", e.g. "diffusion.image": lower case, digits and underscores, one dot."""
    title: ClassVar[str]
    produces: ClassVar[Kind]
    summary: ClassVar[str] = ""
    """One sentence on what it is good for."""
    version: ClassVar[str] = "1"
    """Raise it when the same parameters no longer give the same result."""
    requires: ClassVar[Requirements] = Requirements()
    icon: ClassVar[str] = "sparkle"
    """Name of a Phosphor icon."""
    libraries: ClassVar[tuple[str, ...]] = ()
    """Distributions whose versions belong in the recipe, e.g. ("torch", "diffusers")."""

    class Params(Params):
        """Replace it with your own subclass of `studio.plugins.Params`."""

    def load(self, ctx: Context) -> None:  # noqa: B027  (optional)
        """Bring weights into memory. May take long; call `ctx.progress` and `ctx.check`."""

    @abstractmethod
    def run(self, params: Any, ctx: Context) -> Artifact | Iterable[Artifact] | Iterator[Artifact]:
        """Make it. `params` is this class's `Params`. Return artifacts, or yield each as it is finished."""

    def unload(self) -> None:  # noqa: B027  (optional)
        """Let go of weights."""
