"""Layered pictures as immutable values: tiles shared between values, edits as functions, any thread. QtGui at most,
no widgets."""

from studio.project.paint.errors import PaintError
from studio.project.paint.history import History
from studio.project.paint.layer import Layer, new_id
from studio.project.paint.picture import MAX_SIDE, Picture
from studio.project.paint.plane import TILE, Plane, Rect, from_qimage, to_qimage

__all__ = ["MAX_SIDE", "TILE", "History", "Layer", "PaintError", "Picture", "Plane", "Rect", "from_qimage", "new_id",
           "to_qimage"]
