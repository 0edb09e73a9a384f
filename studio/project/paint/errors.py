"""What a picture refuses, as one sentence for the person."""

from __future__ import annotations


class PaintError(ValueError):
    """An edit that cannot be made. `str(error)` says what is in the way and what to do."""
