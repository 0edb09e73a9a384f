"""The part of `Project` that keeps manuscripts."""

from __future__ import annotations

from studio.project.manuscript.notes import Branches, Chats, Notes
from studio.project.manuscript.texts import Texts


class Manuscripts(Texts, Notes, Branches, Chats):
    """Tree, texts, notes, branches and chats."""
