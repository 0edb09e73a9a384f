"""Render every screen with real content: `python -m studio.shots FOLDER`. Pictures, text and sound are made on the spot
by the starter models, in a project that is thrown away afterwards."""

from studio.shots.driving import Pen, Timeout, settle, wait

__all__ = ["Pen", "Timeout", "settle", "wait"]
