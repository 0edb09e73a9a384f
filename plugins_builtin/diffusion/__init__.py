"""Pictures made by latent diffusion models."""

from __future__ import annotations

from plugins_builtin.diffusion.picture import Picture
from studio.plugins import Generator, hookimpl

__all__ = ["Picture", "studio_generators"]


@hookimpl
def studio_generators() -> list[type[Generator]]:
    return [Picture]
