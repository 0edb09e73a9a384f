"""Fills, gradients and shapes on layers and masks."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from studio.project.paint.errors import PaintError
from studio.project.paint.filling import Gradient, fill, fill_area, gradient
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane
from studio.project.paint.selecting import ellipse, rectangle, select_path
from studio.project.paint.shapes import draw_shape, shape_path
from studio.project.paint.targets import ColourTarget, MaskTarget

SIDE = 400
RED, BLUE = (220, 20, 30), (10, 30, 230)
BGRA_RED = [30, 20, 220, 255]


def picture(**layer: Any) -> Picture:
    return Picture(SIDE, SIDE, (Layer("a", "Sky", **layer),), active="a")


def pixels(of: Picture, layer: str = "a") -> np.ndarray:
    found = of.layer(layer)
    return found.plane.read(-found.dx, -found.dy, of.width, of.height)


def ringed() -> Picture:
    """A closed white ring, 4 px wide, on nothing."""
    base = picture()
    return draw_shape(base, shape_path("rectangle", (100, 100), (300, 300)), None,
                      ColourTarget(base, (255, 255, 255)), 4)


def test_filling_stops_at_the_line() -> None:
    base = ringed()
    after = pixels(fill(base, ColourTarget(base, RED), 200, 200, tolerance=10))
    assert after[200, 200].tolist() == BGRA_RED
    assert after[105, 105].tolist() == BGRA_RED
    assert after[100, 200].tolist() == [255] * 4
    assert after[50, 50, 3] == 0
    everywhere = pixels(fill(base, ColourTarget(base, RED), 200, 200, tolerance=10, contiguous=False))
    assert everywhere[50, 50].tolist() == BGRA_RED
    under = pixels(fill(base, ColourTarget(base, RED), 200, 200, tolerance=10, grow=2))
    assert under[101, 200].tolist() == BGRA_RED


def test_filling_keeps_to_selection_and_alpha_lock() -> None:
    base = select_path(ringed(), rectangle(0, 0, 200, SIDE))
    after = pixels(fill(base, ColourTarget(base, RED), 150, 200, tolerance=10))
    assert (after[200, 199].tolist(), after[200, 200, 3]) == (BGRA_RED, 0)
    locked = ringed().replace(ringed().layer("a").with_(alpha_locked=True))
    kept = fill(locked, ColourTarget(locked, RED), 200, 200, tolerance=10)
    assert kept is locked  # there is nothing to colour where it is transparent
    with pytest.raises(PaintError, match="outside the canvas"):
        fill(base, ColourTarget(base, RED), SIDE, 5)


def test_filling_sees_other_layers_where_asked() -> None:
    base = ringed()
    two = base.with_(layers=(*base.layers, Layer("b", "Colour", dx=13, dy=-7)), active="b")
    after = fill(two, ColourTarget(two, RED), 200, 200, tolerance=10, all_layers=True)
    assert pixels(after, "b")[200, 200].tolist() == BGRA_RED
    assert pixels(after, "b")[50, 50, 3] == 0
    assert after.layer("a") is base.layer("a")
    alone = fill(two, ColourTarget(two, RED), 200, 200, tolerance=10)
    assert pixels(alone, "b")[0, 0].tolist() == BGRA_RED
    assert pixels(alone, "b")[-1, -1].tolist() == BGRA_RED


def test_filling_an_area_shares_its_tiles_and_honours_softness() -> None:
    wide = Picture(2000, 2000, (Layer("a", "Sky"),), active="a")
    whole = fill_area(wide, ColourTarget(wide, RED))
    assert pixels(whole).reshape(-1, 4).min(axis=0).tolist() == BGRA_RED
    soft = select_path(picture(), ellipse(100, 100, 200, 200), feather=30)
    after = pixels(fill_area(soft, ColourTarget(soft, RED, 0.5)))
    assert soft.selection is not None
    half = soft.selection.read(0, 0, SIDE, SIDE).astype(int) // 2
    assert np.abs(after[..., 3].astype(int) - half).max() <= 1


@pytest.mark.parametrize(("kind", "checks"), [
    ("linear", {(0, 50): 0, (200, 50): 128, (399, 300): 255}),
    ("reflected", {(200, 200): 128, (100, 10): 0, (0, 10): 64, (399, 399): 191}),
    ("radial", {(0, 0): 0, (200, 0): 128, (0, 200): 128, (399, 399): 255}),
    ("angle", {(300, 0): 0, (0, 399): 64}),
])
def test_gradients(kind: Any, checks: dict[tuple[int, int], int]) -> None:
    start = (100.0, 0.0) if kind == "reflected" else (0.0, 0.0)
    end = (500.0, 0.0) if kind == "reflected" else (400.0, 0.0)
    base = picture()
    what = Gradient(kind, start, end, (0, 0, 0, 255), (255, 255, 255, 255))
    after = pixels(gradient(base, ColourTarget(base, RED), what))
    assert (after[..., 3] == 255).all()
    for (x, y), value in checks.items():
        expected = 64 if kind == "reflected" and (x, y) in ((200, 200),) else value
        assert abs(int(after[y, x, 0]) - expected) <= 3, (x, y)


def test_gradients_to_nothing_and_through_a_selection() -> None:
    base = select_path(picture(), rectangle(0, 0, SIDE, 200))
    what = Gradient("linear", (0, 0), (400, 0), (*RED, 255), (*RED, 0))
    after = pixels(gradient(base, ColourTarget(base, RED), what))
    assert after[300:].max() == 0
    assert (after[..., :3] <= after[..., 3:]).all()
    assert np.diff(after[100, :, 3].astype(int)).max() <= 1
    flat = Gradient("linear", (0, 0), (400, 0), (*RED, 255), (*RED, 255))
    even = pixels(gradient(base, ColourTarget(base, RED), flat))[:200].reshape(-1, 4)
    assert np.unique(even, axis=0).tolist() == [BGRA_RED]
    point = Gradient("linear", (50, 50), (50, 50), (*RED, 255), (*BLUE, 255))
    assert pixels(gradient(base, ColourTarget(base, RED), point)).any()


def test_masks_take_greys() -> None:
    base = picture(mask=Plane.empty(1, 255))
    what = Gradient("linear", (0, 0), (400, 0), (0, 0, 0, 255), (255, 255, 255, 255))
    after = gradient(base, MaskTarget(base, "layer-mask", 0), what).layer("a").mask
    assert after is not None
    assert after.read(0, 10, SIDE, 1)[0, ::100].tolist() == pytest.approx([0, 64, 128, 191], abs=1)
    area = draw_shape(base, shape_path("ellipse", (50, 50), (350, 350)), MaskTarget(base, "mask", 255), None, 1).mask
    assert area is not None
    assert (area.read(200, 200, 1, 1)[0, 0], area.read(60, 60, 1, 1)[0, 0]) == (255, 0)


def test_shapes() -> None:
    base = picture()
    inside, line = ColourTarget(base, RED), ColourTarget(base, BLUE)
    box = pixels(draw_shape(base, shape_path("rectangle", (50, 60), (250, 160)), inside, line, 10))
    assert box[110, 150].tolist() == BGRA_RED
    assert [box[110, x].tolist() for x in (45, 54)] == [[230, 30, 10, 255]] * 2
    assert box[110, 56].tolist() == BGRA_RED
    assert box[110, 44, 3] == 0
    soft_box = shape_path("rectangle", (50, 50), (250, 250), radius=60)
    rounded = pixels(draw_shape(base, soft_box, ColourTarget(base, RED), None, 1))
    assert (rounded[52, 52, 3], rounded[52, 150, 3]) == (0, 255)
    stroke = pixels(draw_shape(base, shape_path("line", (50, 50), (350, 350)), None, ColourTarget(base, RED), 8))
    assert stroke[200, 200].tolist() == BGRA_RED
    assert (stroke[..., 3] > 128).sum() == pytest.approx(424 * 8 + 50, rel=0.03)
    star = shape_path("polygon", (0, 0), (200, 200), sides=5, star=0.4)
    whole = shape_path("polygon", (0, 0), (200, 200), sides=5)
    assert pixels(draw_shape(base, star, ColourTarget(base, RED), None, 1))[..., 3].sum() < \
        0.6 * pixels(draw_shape(base, whole, ColourTarget(base, RED), None, 1))[..., 3].sum()
    outside = shape_path("ellipse", (-500, -500), (-400, -400))
    assert draw_shape(base, outside, ColourTarget(base, RED), ColourTarget(base, BLUE), 4) is base
    nothing = shape_path("rectangle", (50, 50), (50, 50))
    assert draw_shape(base, nothing, ColourTarget(base, RED), None, 4) is base
