"""How layers come about from pictures: kept candidates, files, the clipboard; and what goes back to the clipboard."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, QRect, QSize, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from studio.project.paint.compositor import compose
from studio.project.paint.edit import add_layer, crop
from studio.project.paint.layer import Layer, new_id
from studio.project.paint.picture import MAX_SIDE, Picture
from studio.project.paint.plane import Plane, Rect, from_qimage, to_qimage
from studio.ui.canvas.frame import GenerationFrame, fitted
from studio.ui.theme import Theme
from studio.ui.widgets.popup import Menu

STRETCH, SMOOTH = Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
FIRST_SIZE = (512, 512)
"""Artboard of a new canvas in pixels."""
NAME = 60
"""Longest name of a layer that a prompt gives."""


def rect_of(rect: QRect) -> Rect:
    return Rect(rect.x(), rect.y(), rect.width(), rect.height())


def new_picture(width: int = FIRST_SIZE[0], height: int = FIRST_SIZE[1]) -> Picture:
    """A transparent artboard with one layer to paint on."""
    layer = Layer(new_id(), "Layer 1")
    return Picture(width, height, (layer,), layer.id)


def is_blank(picture: Picture) -> bool:
    """Whether nothing has been painted or put there yet."""
    return all(not plane.tiles for plane in picture.planes().values())


def scaled_to(image: QImage, size: QSize) -> QImage:
    """The picture in exactly this size."""
    if image.size() == size:
        return image
    return image.convertToFormat(QImage.Format.Format_ARGB32_Premultiplied).scaled(size, STRETCH, SMOOTH)


def layer_at(image: QImage, place: QRect, name: str, result: str = "", mask: QImage | None = None) -> Layer:
    """A layer that shows `image` stretched over `place`, through `mask` (Alpha8) where there is one."""
    plane = Plane.from_array(from_qimage(scaled_to(image, place.size())), place.x(), place.y())
    layer_mask = None
    if mask is not None:
        values = from_qimage(scaled_mask(mask, place.size()))
        if not (values == 255).all():
            layer_mask = Plane.from_array(values, place.x(), place.y(), default=255)
    return Layer(new_id(), " ".join(name.split())[:NAME] or "Picture", plane=plane, result=result, mask=layer_mask)


def scaled_mask(mask: QImage, size: QSize) -> QImage:
    """An Alpha8 mask in exactly this size."""
    if mask.size() == size:
        return mask
    out = mask.copy()
    out.reinterpretAsFormat(QImage.Format.Format_Grayscale8)
    out = out.scaled(size, STRETCH, SMOOTH).convertToFormat(QImage.Format.Format_Grayscale8)
    out.reinterpretAsFormat(QImage.Format.Format_Alpha8)
    return out


def place_of(size: QSize, picture: Picture, frame: QRect, at: QPointF | None) -> QRect:
    """Where a picture comes to lie: about `at`, on the artboard and no larger than it, or else in the frame's place."""
    board = QSize(picture.width, picture.height)
    if at is None:
        return fitted(size, frame).toRect()
    if size.width() > board.width() or size.height() > board.height():
        size = size.scaled(board, Qt.AspectRatioMode.KeepAspectRatio)
    place = QRect(round(at.x() - size.width() / 2), round(at.y() - size.height() / 2), size.width(), size.height())
    place.moveLeft(max(min(place.left(), board.width() - size.width()), 0))
    place.moveTop(max(min(place.top(), board.height() - size.height()), 0))
    return place


def put_layer(picture: Picture, layer: Layer) -> Picture:
    """`layer` over the active one."""
    return add_layer(picture, layer, picture.active if picture.find(picture.active) is not None else None)


def grown(picture: Picture, place: QRect) -> Picture:
    """The artboard grown so that `place` lies on it, as far as a picture may grow."""
    board = picture.rect
    wanted = board.united(Rect(place.x(), place.y(), place.width(), place.height()))
    if wanted == board or wanted.w > MAX_SIDE or wanted.h > MAX_SIDE:
        return picture
    return crop(picture, wanted)


def copied(picture: Picture, *, merged: bool) -> QImage | None:
    """What Copy takes: the active layer (or all layers, `merged`) inside the selection; None where that is nothing."""
    layer = picture.active_layer
    if not merged and layer is None:
        return None
    area = picture.rect
    if picture.selection is not None:
        chosen = picture.selection.bounds()
        area = area.intersected(chosen) if chosen is not None else Rect(0, 0, 0, 0)
    elif not merged and layer is not None:
        bounds = layer.bounds()
        area = area.intersected(bounds) if bounds is not None else Rect(0, 0, 0, 0)
    if area.empty:
        return None
    shown = picture if merged or layer is None else picture.with_(layers=(
        layer.with_(visible=True, opacity=1.0, blend="normal", clipped=False),))
    image = compose(shown, area)
    if picture.selection is not None:
        painter = QPainter(image)
        painter.setCompositionMode(QPainter.CompositionMode.CompositionMode_DestinationIn)
        painter.drawImage(0, 0, to_qimage(picture.selection.read(*area)))
        painter.end()
    return image.copy()


def sizes_menu(theme: Theme, frame: GenerationFrame, parent: QWidget) -> Menu:
    """A menu of the frame's presets, and of the frame turned."""
    menu = Menu(theme, "Frame size", parent)
    rect = frame.rect
    for preset in frame.presets:
        action = menu.addAction(f"{preset.name}   {preset.width} × {preset.height}")
        action.setCheckable(True)
        action.setChecked((preset.width, preset.height) == (rect.width(), rect.height()))
        action.triggered.connect(lambda _=False, p=preset: frame.set_size(p.width, p.height))
    menu.addSeparator()
    turn = menu.addAction("Turn by 90°")
    turn.triggered.connect(lambda: frame.set_size(rect.height(), rect.width()))
    return menu


def png_bytes(image: QImage) -> bytes:
    """Encode as PNG."""
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())
