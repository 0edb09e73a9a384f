"""Rectangles, ellipses, lines, polygons and stars, filled and outlined."""

from __future__ import annotations

import math
from typing import Literal, TypeAlias

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker, QPolygonF

from studio.project.paint.filling import lay_cover
from studio.project.paint.picture import Picture
from studio.project.paint.selecting import Point, path_plane
from studio.project.paint.targets import Target

ShapeKind: TypeAlias = Literal["rectangle", "ellipse", "line", "polygon"]


def shape_path(kind: ShapeKind, start: Point, end: Point, *, radius: float = 0.0, sides: int = 5,
               star: float = 1.0) -> QPainterPath:
    """The outline of a shape between two corners; of a line from one to the other.

    radius: of a rectangle's corners. A polygon fills its box with one corner on top; `star` is the share of the radius
    of the corners between, 1 for none.
    """
    path = QPainterPath(QPointF(*start))
    box = QRectF(QPointF(*start), QPointF(*end)).normalized()
    if kind == "line":
        path.lineTo(QPointF(*end))
    elif kind == "ellipse":
        path.addEllipse(box)
    elif kind == "polygon":
        path.addPolygon(_polygon(box, sides, star))
        path.closeSubpath()
    elif radius > 0:
        round_by = min(radius, box.width() / 2, box.height() / 2)
        path.addRoundedRect(box, round_by, round_by)
    else:
        path.addRect(box)
    return path


def outline(path: QPainterPath, width: float) -> QPainterPath:
    """The area that a pen of `width` pixels draws along a path; joins and ends of a line are round."""
    stroker = QPainterPathStroker()
    stroker.setWidth(width)
    stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
    stroker.setJoinStyle(Qt.PenJoinStyle.MiterJoin)
    area = stroker.createStroke(path)
    area.setFillRule(Qt.FillRule.WindingFill)
    return area


def draw_shape(picture: Picture, path: QPainterPath, inside: Target | None, line: Target | None,
               width: float) -> Picture:
    """A path filled by one target and outlined by the other, each None for not at all. Both paint the same plane."""
    if inside is not None:
        picture = lay_cover(picture, inside, path_plane(path, picture.rect))
    if line is not None:
        line.plane = line.current(picture)
        picture = lay_cover(picture, line, path_plane(outline(path, width), picture.rect))
    return picture


def _polygon(box: QRectF, sides: int, star: float) -> QPolygonF:
    """Corners on the ellipse in `box`, the first on top."""
    centre, points = box.center(), []
    for index in range(sides * 2 if star < 1 else sides):
        turn = math.pi * index / sides if star < 1 else 2 * math.pi * index / sides
        reach = star if star < 1 and index % 2 else 1.0
        points.append(QPointF(centre.x() + box.width() / 2 * reach * math.sin(turn),
                              centre.y() - box.height() / 2 * reach * math.cos(turn)))
    return QPolygonF(points)
