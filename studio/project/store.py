"""What the parts of `Project` share: a way to read and a way to change."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import AbstractContextManager
from sqlite3 import Connection
from typing import Any, TypeVar

from studio.project.writer import Change

T = TypeVar("T")


class Store(ABC):
    """Base of the mixins; `Project` implements it."""

    @abstractmethod
    def _read(self) -> AbstractContextManager[Connection]:
        """This thread's read-only connection."""

    @abstractmethod
    def _change(self, apply: Callable[..., T], prepare: Callable[[], Any] | None = None) -> Change[T]:
        """Queue a change for the writer."""
