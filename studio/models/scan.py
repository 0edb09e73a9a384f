"""Find models in folders of a person's own: read in place, never copied, never opened further than their headers."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from studio.models import safety
from studio.models.errors import UnsafeFile

MAX_DEPTH = 5
MAX_FOLDERS = 20_000
STABLE_DIFFUSION, GGUF, CAUSAL_LM = "stable-diffusion", "gguf", "causal-lm"
CONTROLNET, LORA, IP_ADAPTER = "controlnet", "lora", "ip-adapter"
WHISPER = "whisper"
SPEECH = {"VitsModel": "vits", "SpeechT5ForTextToSpeech": "speecht5", "BarkModel": "bark", "SpeechT5HifiGan": "hifigan"}
"""Classes of transformers that speak -> kind; "hifigan" is the vocoder of SpeechT5."""
MUSIC = {"MusicgenForConditionalGeneration": "musicgen", "StableAudioPipeline": "stable-audio",
         "AudioLDM2Pipeline": "audioldm2"}
"""Classes of transformers and diffusers that make music -> kind."""
MAX_LORA_HEADER = 4_000_000
"""Longest header, in bytes, that is read to see whether a file is a LoRA."""
CARD = "pieria.json"
"""A model folder's card; its "kind" says what no configuration file does."""


@dataclass(frozen=True)
class Found:
    """A model on disk. size: bytes. problem: one sentence if it cannot be used."""

    name: str
    kind: str
    path: Path
    size: int
    problem: str = ""


def scan(root: Path) -> list[Found]:
    """The models at or below `root` (at most five folders deep), in the order of their paths."""
    if root.is_file():
        if is_lora(root):
            return [_lora(root)]
        return [_gguf(root)] if root.suffix.lower() == ".gguf" else []
    return list(_walk(root))


def _walk(root: Path) -> Iterator[Found]:
    seen = 0
    for folder, below, names in os.walk(root):
        here = Path(folder)
        seen += 1
        depth = len(here.relative_to(root).parts)
        below[:] = sorted(d for d in below if not d.startswith(".")) if depth < MAX_DEPTH and seen < MAX_FOLDERS else []
        kind = folder_kind(here, names)
        if kind:
            below.clear()
            yield _folder(here, kind)
            continue
        for name in sorted(names):
            # Of a model in several files the first one names the rest.
            part = re.search(r"-(\d{5})-of-\d{5}\.gguf$", name.lower())
            if name.lower().endswith(".gguf") and (part is None or part[1] == "00001"):
                yield _gguf(here / name)
            elif is_lora(here / name):
                yield _lora(here / name)


def folder_kind(folder: Path, names: list[str] | None = None) -> str:
    """Which layout a folder has: "stable-diffusion" or "controlnet" (diffusers), "ip-adapter", "causal-lm", one of
    `SPEECH` or `MUSIC` (transformers, diffusers), "whisper" (CTranslate2), what its card says, or "".
    """
    names = [p.name for p in folder.iterdir()] if names is None else names
    if CARD in names:
        kind = _json(folder / CARD).get("kind", "")
        if isinstance(kind, str) and re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", kind):
            return kind
    if "model_index.json" in names:
        cls = _json(folder / "model_index.json").get("_class_name", "")
        if not isinstance(cls, str):
            return ""
        return STABLE_DIFFUSION if cls.startswith("StableDiffusion") else MUSIC.get(cls, "")
    if is_ip_adapter(folder, names):
        return IP_ADAPTER
    if "model.bin" in names and _is_whisper(folder / "model.bin"):
        return WHISPER
    if "config.json" in names:
        config = _json(folder / "config.json")
        if config.get("_class_name") == "ControlNetModel":
            return CONTROLNET
        classes = config.get("architectures") or []
        names = [c for c in classes if isinstance(c, str)] if isinstance(classes, list) else []
        if any(name.endswith(("ForCausalLM", "LMHeadModel")) for name in names):
            return CAUSAL_LM
        kinds = SPEECH | MUSIC
        return next((kinds[name] for name in names if name in kinds), "")
    return ""


def is_ip_adapter(folder: Path, names: list[str]) -> bool:
    """Whether a folder holds `ip-adapter*.safetensors` beside the `image_encoder` that it reads pictures with."""
    weights = any(name.startswith("ip-adapter") and name.endswith(".safetensors") for name in names)
    return weights and (folder / "image_encoder" / "config.json").is_file()


def _is_whisper(path: Path) -> bool:
    """Whether a file is a Whisper model of CTranslate2, as faster-whisper reads it."""
    try:
        with path.open("rb") as file:
            head = file.read(18)
    except OSError:
        return False
    return safety.is_ctranslate2(head) and head[6:] == b"WhisperSpec\0"


def is_lora(path: Path) -> bool:
    """Whether a file is a LoRA: safetensors with tensors named as such. Only its header is read."""
    if path.suffix.lower() != ".safetensors":
        return False
    try:
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if 2 <= length <= MAX_LORA_HEADER else {}
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(header, dict) and any(re.search(r"lora_(up|down|A|B)\b|\.lora\.", name) for name in header)


def _json(path: Path) -> dict[str, object]:
    try:
        data = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return data if isinstance(data, dict) else {}


def problem_of(path: Path) -> str:
    """One sentence on why a model file or folder cannot be used, or ""."""
    if path.is_file():
        return _problem([path])
    weights = [p for p in sorted(path.rglob("*")) if p.suffix.lower() in safety.WEIGHT_SUFFIXES]
    if not weights and _is_whisper(path / "model.bin"):
        weights = [path / "model.bin"]
    if not weights:
        pickled = any(p.suffix.lower() in safety.PICKLE_SUFFIXES for p in path.rglob("*"))
        return (f"{path.name} holds pickled weights only, which can run code when they are opened; "
                "get its safetensors version.") if pickled else f"{path.name} holds no weights; download it again."
    return _problem(weights)


def _problem(weights: list[Path]) -> str:
    try:
        for weight in weights:
            safety.check(weight)
    except UnsafeFile as error:
        return str(error)
    return ""


def _folder(path: Path, kind: str) -> Found:
    size = sum(p.stat().st_size for p in path.rglob("*") if p.is_file())
    return Found(_name(path), kind, path, size, problem_of(path))


def _gguf(path: Path) -> Found:
    name = re.sub(r"-00001-of-\d{5}$", "", path.stem)
    return Found(_slug(name), GGUF, path, path.stat().st_size, problem_of(path))


def _lora(path: Path) -> Found:
    return Found(_slug(path.stem), LORA, path, path.stat().st_size, problem_of(path))


def _name(path: Path) -> str:
    # A hub's cache keeps a model in models--owner--name/snapshots/<commit>.
    if path.parent.name == "snapshots" and path.parent.parent.name.startswith("models--"):
        return _slug(path.parent.parent.name.split("--")[-1])
    return _slug(path.name)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9._-]+", "-", name.lower()).strip("-._") or "model"
