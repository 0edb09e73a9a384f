"""What sound refuses, as one sentence for the person."""

from __future__ import annotations


class SoundError(ValueError):
    """An edit that cannot be made, or a file that cannot be read or written. `str(error)` says what is in the way and
    what to do."""
