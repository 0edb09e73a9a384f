"""What the painting tools paint on: the active layer's pixels, or its mask while that is chosen."""

from __future__ import annotations

from PySide6.QtGui import QColor

from studio.project.paint.edit import add_layer, new_id
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.targets import RGB, ColourTarget, MaskTarget, Target, grey_of
from studio.ui.canvas.tools.base import ToolHost


def rgb(colour: QColor) -> RGB:
    return colour.red(), colour.green(), colour.blue()


def with_layer(picture: Picture) -> Picture:
    """The picture with a first layer to paint on, where it has none."""
    return picture if picture.layers else add_layer(picture, Layer(new_id(), "Layer 1"))


def colour_target(host: ToolHost, picture: Picture, colour: QColor, opacity: float = 1.0) -> Target:
    """Paint in a colour; PaintError where the active layer cannot be painted on."""
    if host.document.painting_mask:
        return MaskTarget(picture, "layer-mask", grey_of(rgb(colour)), opacity)
    return ColourTarget(picture, rgb(colour), opacity)


def erase_target(host: ToolHost, picture: Picture, opacity: float = 1.0) -> Target:
    """Erase; PaintError where the active layer cannot be painted on."""
    if host.document.painting_mask:
        return MaskTarget(picture, "layer-mask", 0, opacity)
    layer = picture.active_layer
    locked = layer is not None and layer.alpha_locked
    return ColourTarget(picture, rgb(host.state.background) if locked else None, opacity)
