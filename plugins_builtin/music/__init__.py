"""Music made by symbolic models as scores, played through a soundfont, or made as sound by sampled models."""

from __future__ import annotations

from plugins_builtin.music.diffused import AudioLdm, StableAudio
from plugins_builtin.music.render import Render
from plugins_builtin.music.sampled import MusicGen
from plugins_builtin.music.symbolic import MusicLstm, MusicTransformer
from studio.plugins import Generator, hookimpl

__all__ = ["studio_generators"]


@hookimpl
def studio_generators() -> list[type[Generator]]:
    return [MusicTransformer, MusicLstm, Render, MusicGen, StableAudio, AudioLdm]
