"""Selections: the algebra of soft masks, shapes, growing and feathering, and the wand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from studio.project.paint import selecting
from studio.project.paint.errors import PaintError
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane, Rect
from studio.project.paint.selecting import Mode, ellipse, polygon, rectangle, select_path

SIDE = 300


def empty(side: int = SIDE) -> Picture:
    return Picture(side, side, (Layer("a", "Sky"),), active="a")


def array_of(picture: Picture, of: str = "selection") -> np.ndarray:
    plane = getattr(picture, of)
    return np.zeros((picture.height, picture.width), np.uint8) if plane is None else plane.read(*picture.rect)


def selected(array: np.ndarray) -> Picture:
    picture = Picture(array.shape[1], array.shape[0], (Layer("a", "Sky"),), active="a")
    return picture.with_selection(Plane.from_array(array))


# A mask of 300 x 300 from a grid of 6 x 6 values: it crosses tiles, and has empty ones.
masks = arrays(np.uint8, (6, 6), elements=st.sampled_from([0, 0, 0, 1, 90, 128, 200, 255, 255])).map(
    lambda small: np.kron(small, np.ones((50, 50), np.uint8)))


@settings(max_examples=60, deadline=None)
@given(one=masks, two=masks)
def test_soft_selections_are_combined_as_fuzzy_sets(one: np.ndarray, two: np.ndarray) -> None:
    rules: dict[Mode, Callable[[Any, Any], Any]] = {
        "replace": lambda _, b: b, "add": np.maximum, "subtract": lambda a, b: np.minimum(a, 255 - b),
        "intersect": np.minimum}
    for mode, rule in rules.items():
        after = selecting.select_plane(selected(one), Plane.from_array(two), mode)
        assert (array_of(after) == rule(one, two)).all(), mode


@settings(max_examples=40, deadline=None)
@given(one=masks, two=masks)
def test_laws_of_the_algebra(one: np.ndarray, two: np.ndarray) -> None:
    def take(a: np.ndarray, b: np.ndarray, mode: Mode) -> np.ndarray:
        return array_of(selecting.select_plane(selected(a), Plane.from_array(b), mode))

    assert (take(one, two, "add") == take(two, one, "add")).all()
    assert (take(one, two, "intersect") == take(two, one, "intersect")).all()
    assert (take(one, one, "add") == one).all()
    both = selecting.select_plane(selected(one), Plane.from_array(two), "add")
    if both.selection is not None:  # De Morgan
        assert (array_of(selecting.invert(both)) == np.minimum(255 - one, 255 - two)).all()
    if one.any() and not (one == 255).all():
        assert (array_of(selecting.invert(selecting.invert(selected(one)))) == one).all()


def test_all_none_and_invert() -> None:
    picture = empty()
    everything = selecting.select_all(picture)
    assert (array_of(everything) == 255).all()
    assert everything.selection is not None
    assert everything.selection.bounds() == picture.rect
    assert selecting.invert(everything).selection is None
    assert (array_of(selecting.invert(picture)) == 255).all()
    assert selecting.select_none(everything).selection is None
    assert selecting.select_none(picture) is picture


def test_shapes_cover_their_area_and_stay_on_the_canvas() -> None:
    box = array_of(select_path(empty(), rectangle(50, 60, 100, 40)))
    assert box.sum() == 255 * 100 * 40
    assert box[60:100, 50:150].min() == 255
    back = array_of(select_path(empty(), rectangle(150, 100, -100, -40)))
    assert (back == box).all()
    round_ = array_of(select_path(empty(), ellipse(50, 50, 200, 100)))
    assert round_.sum() / 255 == pytest.approx(np.pi * 100 * 50, rel=0.01)
    hard = array_of(select_path(empty(), ellipse(50, 50, 200, 100), antialias=False))
    assert set(np.unique(hard)) == {0, 255}
    triangle = array_of(select_path(empty(), polygon([(0, 0), (300, 0), (0, 300)])))
    assert triangle.sum() / 255 == pytest.approx(300 * 300 / 2, rel=0.01)
    over = select_path(empty(), rectangle(-500, -500, 2000, 520))
    assert over.selection is not None
    assert over.selection.bounds() == Rect(0, 0, 300, 20)


@pytest.mark.parametrize("path", [rectangle(10, 10, 0, 50), ellipse(10, 10, 0, 0), polygon([]),
                                  polygon([(1, 1), (9, 9)]), rectangle(-90, 10, 50, 50), rectangle(1e6, 1e6, 5, 5)])
def test_a_selection_of_no_size(path: Any) -> None:
    before = select_path(empty(), rectangle(50, 60, 100, 40))
    assert select_path(before, path).selection is None
    assert select_path(empty(), path).selection is None
    assert select_path(before, path, "add") is before
    assert select_path(before, path, "subtract") is before
    assert select_path(before, path, "intersect").selection is None


def test_growing_shrinking_and_bordering() -> None:
    picture = select_path(empty(), rectangle(100, 100, 100, 100))
    for radius in (1, 5, 20, 60):
        wide = selecting.grow(picture, radius).selection
        assert wide is not None
        assert wide.bounds() == Rect(100 - radius, 100 - radius, 100 + 2 * radius, 100 + 2 * radius)
        corner = wide.read(100 - radius, 100 - radius, 1, 1)[0, 0]
        assert corner == 0 or radius == 1  # round corners
    small = selecting.grow(picture, -30).selection
    assert small is not None
    assert small.bounds() == Rect(130, 130, 40, 40)
    assert selecting.grow(picture, -60).selection is None
    band = array_of(selecting.border(picture, 10))
    assert (band[150, 150], band[100, 150], band[103, 150], band[106, 150]) == (0, 255, 255, 0)
    whole = selecting.select_all(empty())
    assert (array_of(selecting.grow(whole, -10)) == 255).all()  # the canvas's edge is no rim


def test_feathering_is_soft_about_the_rim() -> None:
    soft = array_of(selecting.feather(select_path(empty(), rectangle(100, 0, 200, 300)), 20))[150].astype(int)
    assert soft[100] == pytest.approx(134, abs=8)
    assert (np.diff(soft) >= 0).all()
    assert (soft[60], soft[140]) == (0, 255)
    wide = array_of(selecting.feather(select_path(empty(), rectangle(100, 0, 200, 300)), 60))[150].astype(int)
    assert wide[100] == pytest.approx(130, abs=8)
    assert (array_of(selecting.feather(selecting.select_all(empty()), 40)) == 255).all()
    direct = select_path(empty(), rectangle(100, 0, 200, 300), feather=20)
    assert (array_of(direct)[150] == soft).all()


@pytest.mark.parametrize("act", [lambda p: selecting.feather(p, 4), lambda p: selecting.grow(p, 4),
                                 lambda p: selecting.border(p, 4)])
def test_nothing_selected_is_said(act: Any) -> None:
    with pytest.raises(PaintError, match="Nothing is selected"):
        act(empty())


def islands() -> Picture:
    """Two red squares on blue, one 10 levels darker."""
    array = np.zeros((SIDE, SIDE, 4), np.uint8)
    array[:] = (200, 0, 0, 255)
    array[20:80, 20:80] = (0, 0, 220, 255)
    array[150:280, 150:280] = (0, 0, 210, 255)
    return Picture(SIDE, SIDE, (Layer("a", "Sky", plane=Plane.from_array(array)),), active="a")


def test_the_wand_takes_what_is_alike_and_connected() -> None:
    wand: dict[str, Any] = {"antialias": False}
    one = selecting.select_similar(islands(), 30, 30, tolerance=5, **wand)
    assert one.selection is not None
    assert one.selection.bounds() == Rect(20, 20, 60, 60)
    near = selecting.select_similar(islands(), 30, 30, tolerance=10, **wand)
    assert array_of(near).sum() == 255 * 60 * 60
    both = selecting.select_similar(islands(), 30, 30, tolerance=10, contiguous=False, **wand)
    assert array_of(both).sum() == 255 * (60 * 60 + 130 * 130)
    exact = selecting.select_similar(islands(), 30, 30, tolerance=0, contiguous=False, **wand)
    assert array_of(exact).sum() == 255 * 60 * 60
    rest = selecting.select_similar(one, 5, 5, "add", tolerance=0, **wand)
    assert array_of(rest).sum() == 255 * (SIDE * SIDE - 130 * 130)
    with pytest.raises(PaintError, match="outside the canvas"):
        selecting.select_similar(islands(), -1, 5)


def test_the_wand_looks_at_one_layer_or_at_all() -> None:
    cover = np.zeros((SIDE, SIDE, 4), np.uint8)
    cover[:, :50] = (0, 255, 0, 255)
    top = Layer("b", "Cover", plane=Plane.from_array(cover))
    picture = islands().with_(layers=(*islands().layers, top))
    seen = selecting.select_similar(picture, 60, 60, tolerance=5, antialias=False)
    assert array_of(seen).sum() == 255 * 30 * 60
    alone = selecting.select_similar(picture, 60, 60, tolerance=5, antialias=False, all_layers=False)
    assert array_of(alone).sum() == 255 * 60 * 60


def test_selecting_by_layer_and_by_mask() -> None:
    array = np.zeros((100, 100, 4), np.uint8)
    array[:, :, 3] = 128
    layer = Layer("a", "Sky", plane=Plane.from_array(array), dx=40, dy=-20, opacity=0.3, visible=False)
    picture = Picture(SIDE, SIDE, (layer,), active="a")
    by_layer = selecting.select_layer(picture, "a")
    assert by_layer.selection is not None
    assert by_layer.selection.bounds() == Rect(40, 0, 100, 80)
    assert array_of(by_layer).max() == 128
    mask = selecting.select_plane(by_layer, by_layer.selection, of="mask")
    assert (array_of(mask, "mask") == array_of(mask)).all()
    assert array_of(selecting.invert(mask, "mask"), "mask")[200, 200] == 255
