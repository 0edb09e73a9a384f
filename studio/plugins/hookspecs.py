"""The hooks. Each is used by a plugin that ships; a new one comes together with the plugin that needs it."""

from __future__ import annotations

import pluggy

from studio.plugins.api import Generator

GROUP = "studio.v1"
"""Entry-point group: the name carries the API version, so it is known before anything is imported."""

hookspec = pluggy.HookspecMarker("studio")
hookimpl = pluggy.HookimplMarker("studio")


@hookspec
def studio_generators() -> list[type[Generator]]:  # type: ignore[empty-body]
    """Return this plugin's generator classes. Must be quick: import heavy libraries in `Generator.load`, not here."""
