"""The Write workspace. Its commands are known at the start; the page is made when it is first shown."""

from __future__ import annotations

from typing import Any

__all__ = ["WritePane"]


def __getattr__(name: str) -> Any:
    if name == "WritePane":
        from studio.ui.write.pane import WritePane

        return WritePane
    raise AttributeError(name)
