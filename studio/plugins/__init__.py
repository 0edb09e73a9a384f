"""The public plugin API, version 1. See docs/plugins.md."""

from studio.plugins.api import (
    API_VERSION,
    Artifact,
    Audio,
    Context,
    Count,
    Device,
    Generator,
    Image,
    Kind,
    Mask,
    Mesh,
    ModelField,
    ModelFiles,
    NegativePrompt,
    Params,
    Prompt,
    Requirements,
    Score,
    Seed,
    Text,
    Video,
    ui,
)
from studio.plugins.errors import Cancelled, GeneratorError, InputError, ModelMissing, OutOfMemory
from studio.plugins.hookspecs import hookimpl
from studio.plugins.sound import SoundReader

__all__ = [
    "API_VERSION", "Artifact", "Audio", "Cancelled", "Context", "Count", "Device", "Generator", "GeneratorError",
    "Image", "InputError", "Kind", "Mask", "Mesh", "ModelField", "ModelFiles", "ModelMissing", "NegativePrompt",
    "OutOfMemory", "Params", "Prompt", "Requirements", "Score", "Seed", "SoundReader", "Text", "Video", "hookimpl",
    "ui",
]
