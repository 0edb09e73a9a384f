"""Settings that other picture programs write into their files, each dialect in a file of its own.

A dialect is a function from the texts of a file to `PictureSettings`, or None where they are not its own. Texts come
from anywhere: they are bounded before they get here, and whatever is in them never raises.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from studio.project.dialects import a1111, comfyui, fooocus, invokeai, novelai, swarmui
from studio.project.dialects.samplers import nearest_sampler
from studio.project.dialects.settings import PictureSettings

Texts = Mapping[str, str]
"""Texts by where they stood: the keyword of a PNG text, "UserComment", "Make", "Model", "ImageDescription"."""

DIALECTS: tuple[Callable[[Texts], PictureSettings | None], ...] = (
    swarmui.read, fooocus.read, invokeai.read, novelai.read, comfyui.read, a1111.read)
"""The most particular first: several keep their settings under the keyword of another."""


def read_settings(texts: Texts) -> PictureSettings | None:
    """The settings of the first dialect that knows these texts."""
    for read in DIALECTS:
        try:
            found = read(texts)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, OverflowError, RecursionError):
            continue  # hostile or half-written: as if it were not there
        if found is not None:
            return found
    return None


__all__ = ["PictureSettings", "Texts", "nearest_sampler", "read_settings"]
