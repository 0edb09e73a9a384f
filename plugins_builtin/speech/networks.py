"""The speaking networks of transformers: VITS and MMS, SpeechT5, Bark. Each turns a sentence into samples."""

from __future__ import annotations

import json
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any

from plugins_builtin.weights import check_folder, first_line, quiet
from studio.plugins import Context, Device, GeneratorError, InputError, ModelFiles

SPEAKERS = "speakers"
"""Folder in a SpeechT5 model with one .npy for each speaker: 512 numbers, an x-vector."""
XVECTOR = 512
DRAWN = "Drawn from the seed"
"""The voice of a model without speakers."""


class Network(ABC):
    """rate: of its samples, in Hz. own_pace: whether it can speak faster and slower by itself. longest: characters that
    it says in one go."""

    rate: int
    own_pace = False
    longest = 400

    @abstractmethod
    def voices(self) -> list[str]:
        """The names of its voices, never none."""

    @abstractmethod
    def spoken(self, text: str, voice: str, speed: float) -> Any:
        """float32 (frames,); none where nothing of the text can be said."""

    def check_text(self, text: str) -> None:  # noqa: B027  (most know all letters)
        """Raise `InputError` where it does not know the letters of the text."""


def open_network(files: ModelFiles, vocoder: Path | None, device: Device) -> tuple[Network, Any]:
    """The network and its torch module. Raises `GeneratorError`, naming the model."""
    check_folder(files)
    quiet()
    try:
        if files.kind == "vits":
            return _made(Vits(files, device))
        if files.kind == "speecht5":
            return _made(SpeechT5(files, vocoder, device))
        return _made(Bark(files, device))
    except GeneratorError:
        raise
    except Exception as error:  # transformers raises whatever its parts do
        raise GeneratorError(f"The model {files.name} cannot be loaded ({first_line(error)}). Install it "
                             "again, or choose another.") from error


def speakers_of(files: ModelFiles) -> list[str]:
    """The names of a model's voices, from its files alone. Raises `GeneratorError`, naming the model."""
    check_folder(files)
    try:
        if files.kind == "vits":
            return numbered(_json(files.path / "config.json").get("num_speakers"))
        if files.kind == "speecht5":
            return [path.stem for path in speaker_files(files.path)] or [DRAWN]
        path = files.path / "speaker_embeddings_path.json"
        return [DRAWN, *presets_of(_json(path) if path.exists() else None)]
    except (OSError, ValueError, AttributeError, TypeError) as error:
        raise GeneratorError(f"The voices of the model {files.name} cannot be read ({first_line(error)}). Install it "
                             "again, or choose another.") from error


def numbered(count: Any) -> list[str]:
    """Names of speakers that have only numbers."""
    return [f"Speaker {number}" for number in range(1, int(count or 1) + 1)]


def speaker_files(folder: Path) -> list[Path]:
    return sorted((folder / SPEAKERS).glob("*.npy"))


def presets_of(embeddings: Any) -> list[str]:
    """The speakers among a processor's embeddings."""
    return sorted(name for name in embeddings or {} if name != "repo_or_path")


def _json(path: Path) -> Any:
    return json.loads(path.read_text("utf-8"))


def _made(network: Any) -> tuple[Network, Any]:
    return network, network.model


class Vits(Network):
    """Source: Kim et al. 2021, "Conditional Variational Autoencoder with Adversarial Learning for End-to-End
    Text-to-Speech"; Pratap et al. 2023, "Scaling Speech Technology to 1,000+ Languages" (MMS)."""

    own_pace = True

    def __init__(self, files: ModelFiles, device: Device) -> None:
        from transformers import VitsModel, VitsTokenizer

        self._tokens = VitsTokenizer.from_pretrained(files.path, local_files_only=True)
        if getattr(self._tokens, "phonemize", False):
            raise GeneratorError(f"The model {files.name} reads phonemes that only eSpeak makes, which Pieria does not "
                                 "ship; choose a voice that reads letters, such as one of MMS.")
        if getattr(self._tokens, "is_uroman", False):
            raise GeneratorError(f"The model {files.name} reads its language in Latin letters made by uroman, which "
                                 "Pieria does not have; choose another voice.")
        self.model = VitsModel.from_pretrained(files.path, local_files_only=True, use_safetensors=True)
        self.model.to(device.type).eval()
        self.rate = int(self.model.config.sampling_rate)
        self._english = str(getattr(self._tokens, "language", None) or "eng")[:2] == "en"

    def voices(self) -> list[str]:
        return numbered(self.model.config.num_speakers)

    def check_text(self, text: str) -> None:
        known = {sign.lower() for sign in self._tokens.get_vocab()}
        letters = [sign for sign in text.lower() if sign.isalpha()]
        if letters and sum(sign in known for sign in letters) < len(letters) / 2:
            raise InputError("This voice does not know the letters of this text; choose one for its language.",
                             "prompt")

    def spoken(self, text: str, voice: str, speed: float) -> Any:
        import numpy as np

        from plugins_builtin.speech.spoken import spelled_out

        inputs = self._tokens(spelled_out(text) if self._english else text, return_tensors="pt")
        if inputs["input_ids"].shape[1] < 2:
            return np.zeros(0, np.float32)
        self.model.speaking_rate = speed
        many = len(self.voices()) > 1
        speaker = {"speaker_id": self.voices().index(voice)} if many else {}
        inputs = {name: value.to(self.model.device) for name, value in inputs.items()}
        return self.model(**inputs, **speaker).waveform[0].float().cpu().numpy()


class SpeechT5(Network):
    """Source: Ao et al. 2022, "SpeechT5: Unified-Modal Encoder-Decoder Pre-Training"."""

    def __init__(self, files: ModelFiles, vocoder: Path | None, device: Device) -> None:
        from transformers import SpeechT5ForTextToSpeech, SpeechT5HifiGan, SpeechT5Tokenizer

        vocoder = vocoder or next((p for p in (files.path / "vocoder",) if p.is_dir()), None)
        if vocoder is None:
            raise GeneratorError(f"The model {files.name} makes spectra and needs a vocoder; add a folder of "
                                 "SpeechT5HifiGan in Models, and choose it as vocoder.")
        self._tokens = SpeechT5Tokenizer.from_pretrained(files.path, local_files_only=True)
        self.model = SpeechT5ForTextToSpeech.from_pretrained(files.path, local_files_only=True, use_safetensors=True)
        self.model.to(device.type).eval()
        self._vocoder = SpeechT5HifiGan.from_pretrained(vocoder, local_files_only=True, use_safetensors=True)
        self._vocoder.to(device.type).eval()
        self.rate = int(self._vocoder.config.sampling_rate)
        self._files = speaker_files(files.path)

    def voices(self) -> list[str]:
        return [path.stem for path in self._files] or [DRAWN]

    def spoken(self, text: str, voice: str, speed: float) -> Any:
        import numpy as np
        import torch

        from plugins_builtin.speech.spoken import spelled_out

        ids = self._tokens(spelled_out(text), return_tensors="pt")["input_ids"]
        if ids.shape[1] < 2:
            return np.zeros(0, np.float32)
        size = int(self.model.config.speaker_embedding_dim)
        path = next((path for path in self._files if path.stem == voice), None)
        speaker = torch.randn(size) if path is None else torch.from_numpy(_xvector(path, size))
        speaker = torch.nn.functional.normalize(speaker, dim=0)[None].to(self.model.device)
        made = self.model.generate_speech(ids.to(self.model.device), speaker, vocoder=self._vocoder)
        return made.float().cpu().numpy()


class Bark(Network):
    """Source: Suno 2023, Bark (https://github.com/suno-ai/bark); it samples, and may say more than is written."""

    longest = 180

    def __init__(self, files: ModelFiles, device: Device) -> None:
        from transformers import BarkModel, BarkProcessor

        self._reads = BarkProcessor.from_pretrained(files.path, local_files_only=True)
        self.model = BarkModel.from_pretrained(files.path, local_files_only=True, use_safetensors=True)
        self.model.to(device.type).eval()
        self.rate = int(self.model.generation_config.sample_rate)
        self._presets = presets_of(getattr(self._reads, "speaker_embeddings", None))

    def voices(self) -> list[str]:
        return [DRAWN, *self._presets]

    def spoken(self, text: str, voice: str, speed: float) -> Any:
        preset = voice if voice in self._presets else None
        inputs = self._reads(text, voice_preset=preset, return_tensors="pt").to(self.model.device)
        return self.model.generate(**inputs).reshape(-1).float().cpu().numpy()


def _xvector(path: Path, size: int) -> Any:
    import numpy as np

    try:
        found = np.load(path, allow_pickle=False).astype(np.float32).reshape(-1)
    except (OSError, ValueError) as error:
        raise GeneratorError(f"The speaker {path.stem} cannot be read; replace {path.name}.") from error
    if found.shape != (size,):
        raise GeneratorError(f"The speaker {path.stem} has {found.size} numbers and the model takes {size}.")
    return found


def watched(module: Any, ctx: Context) -> list[Any]:
    """Ask before each layer whether the person has pressed Stop; gives the hooks, to be removed."""
    return [part.register_forward_pre_hook(lambda *_: ctx.check()) for part in module.modules()]
