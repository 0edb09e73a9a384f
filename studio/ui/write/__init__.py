"""The Write workspace."""

from studio.ui.write.pane import WritePane

__all__ = ["WritePane"]
