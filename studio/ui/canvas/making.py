"""How items of the pasteboard come about: from a result, a file, or another item."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import uuid4

from PySide6.QtCore import QPointF, QRect, QRectF, QSize
from PySide6.QtWidgets import QWidget

from studio.ui.canvas.board import Board, Item
from studio.ui.canvas.frame import GenerationFrame, fitted
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader
from studio.ui.widgets.popup import Menu


def make_item(board: Board, loader: ImageLoader, picture: Mapping[str, Any], rect: QRect,
              at: QPointF | None = None) -> Item:
    """An item on top of all others: in its own size about `at`, or without `at` fitted into `rect`.

    picture: media, and as known result, name, width, height.
    """
    size = QSize(int(picture.get("width") or 0), int(picture.get("height") or 0))
    if size.isEmpty():
        image = loader.image(str(picture.get("media", "")))
        size = image.size() if image is not None else rect.size()
    if at is None:
        place = fitted(size, rect)
    else:
        place = QRectF(round(at.x() - size.width() / 2), round(at.y() - size.height() / 2), size.width(), size.height())
    record = {"id": uuid4().hex[:16], "media": picture.get("media", ""), "name": picture.get("name") or "",
              "result": picture.get("result") or "", "z": board.top_z() + 1}
    return Item.from_dict(record).at(place)


def copies_of(board: Board) -> list[Item]:
    """Copies of the selected items, a little aside and on top."""
    top = board.top_z() + 1
    return [replace(item, id=uuid4().hex[:16], x=item.x + 16, y=item.y + 16, z=top + n, locked=False)
            for n, item in enumerate(board.selection())]


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
