"""A chat as a tree: versions of a message are siblings, an earlier message said otherwise is a branch. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any


class ChatTree:
    """Messages (with id, parent, role, text) and the leaf of what is shown.

    A message whose parent is gone stands at the top; rings, which only a damaged file has, are cut.
    """

    def __init__(self, messages: Iterable[Any] = (), leaf: str = "") -> None:
        self.messages: dict[str, Any] = {}
        self._children: dict[str, list[str]] = {}
        self.leaf = ""
        for message in messages:
            self.put(message)
        self.leaf = leaf if leaf in self.messages else self._end("")

    def put(self, message: Any) -> None:
        """Add a message, or change it; it does not move."""
        if message.id not in self.messages:
            self._children.setdefault(message.parent, []).append(message.id)
        self.messages[message.id] = message

    def path(self, leaf: str | None = None) -> list[Any]:
        """From the first message to the leaf."""
        out: list[Any] = []
        at, seen = self.leaf if leaf is None else leaf, set[str]()
        while at in self.messages and at not in seen:
            seen.add(at)
            out.append(self.messages[at])
            at = self.messages[at].parent
        return out[::-1]

    def versions(self, message: str) -> list[str]:
        """All versions of a message, itself among them, in the order of their making."""
        found = self.messages.get(message)
        return list(self._children.get(found.parent, [message])) if found is not None else []

    def place(self, message: str) -> tuple[int, int]:
        """Which version of how many, from 1."""
        versions = self.versions(message)
        return (versions.index(message) + 1, len(versions)) if message in versions else (0, 0)

    def switch(self, message: str, by: int) -> bool:
        """Show another version of a message, and what was said after it last; False where there is none."""
        versions = self.versions(message)
        at = versions.index(message) + by if message in versions else -1
        if not 0 <= at < len(versions):
            return False
        self.leaf = self._end(versions[at])
        return True

    def _end(self, message: str) -> str:
        """The last message that was said after this one."""
        seen = {message}
        while children := [c for c in self._children.get(message, []) if c not in seen]:
            message = children[-1]
            seen.add(message)
        return message


def title_of(text: str) -> str:
    """What a chat is called: its first words."""
    words = " ".join(text.split())
    if len(words) <= 40:
        return words or "Chat"
    return words[:40].rsplit(" ", 1)[0].rstrip(",.;:") + "…"
