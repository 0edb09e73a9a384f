"""Layers, selected pixels and texts after affine maps."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QTransform
from pytestqt.qtbot import QtBot

from studio.project.paint.compositor import compose
from studio.project.paint.errors import PaintError
from studio.project.paint.layer import Layer
from studio.project.paint.lettering import add_text, set_text, text_box, title_of
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane, Rect, from_qimage
from studio.project.paint.selecting import rectangle, select_path
from studio.project.paint.transform import Lifted, box_transform, carried, transform_layer

SIDE = 400


def spotted(seed: int = 1, **layer: Any) -> Picture:
    """A layer with smooth colours in a rectangle that crosses tiles, half of them soft."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (10, 12, 4)).astype(np.uint8)
    array = np.kron(small, np.ones((16, 16, 1), np.uint8))
    array[..., :3] = np.minimum(array[..., :3], array[..., 3:])
    return Picture(SIDE, SIDE, (Layer("a", "Sky", plane=Plane.from_array(array, 150, 170), **layer),), active="a")


def pixels(picture: Picture) -> np.ndarray:
    return from_qimage(compose(picture, picture.rect))


def bounds(picture: Picture, layer: str = "a") -> Rect:
    found = picture.layer(layer).bounds()
    assert found is not None
    return found


def test_whole_moves_touch_no_pixel() -> None:
    base = spotted(mask=Plane.empty(1, 255))
    after = transform_layer(base, "a", QTransform.fromTranslate(-30, 45))
    assert after.layer("a").plane is base.layer("a").plane
    assert bounds(after) == bounds(base).translated(-30, 45)


@pytest.mark.parametrize("smooth", [True, False])
def test_quarter_turns_and_mirrors_are_exact(smooth: bool) -> None:
    base = spotted()
    box = bounds(base)
    array = base.layer("a").plane.read(*box)
    mirrored = transform_layer(base, "a", box_transform(box, box.x + box.w, box.y, -box.w, box.h, 0), smooth=smooth)
    assert (mirrored.layer("a").plane.read(*box) == array[:, ::-1]).all()
    turned = transform_layer(base, "a", box_transform(box, box.x, box.y, box.w, box.h, 180), smooth=smooth)
    assert (turned.layer("a").plane.read(*box) == array[::-1, ::-1]).all()
    quarter = transform_layer(base, "a", box_transform(box, box.x, box.y, box.w, box.h, 90), smooth=smooth)
    place = bounds(quarter)
    assert (place.w, place.h) == (box.h, box.w)
    assert (quarter.layer("a").plane.read(*place) == np.rot90(array, -1)).all()


def test_growing_and_shrinking_keep_the_mean_colour() -> None:
    base = spotted()
    box = bounds(base)
    mean = base.layer("a").plane.read(*box).reshape(-1, 4).mean(axis=0)
    for share in (0.1, 0.25, 0.5, 2.0, 3.0):
        w, h = round(box.w * share), round(box.h * share)
        after = transform_layer(base, "a", box_transform(box, 20, 30, w, h, 0))
        place = bounds(after)
        assert (place.x, place.y) == pytest.approx((20, 30), abs=1)
        assert (place.w, place.h) == pytest.approx((w, h), abs=2)
        array = after.layer("a").plane.read(20, 30, w, h)
        assert array.reshape(-1, 4).mean(axis=0) == pytest.approx(mean, abs=4 if share >= 0.25 else 8)
        assert (array[..., :3] <= array[..., 3:]).all()
    nearest = transform_layer(base, "a", box_transform(box, 20, 30, box.w * 2, box.h * 2, 0), smooth=False)
    doubled = base.layer("a").plane.read(*box).repeat(2, axis=0).repeat(2, axis=1)
    assert (nearest.layer("a").plane.read(20, 30, box.w * 2, box.h * 2) == doubled).all()


@settings(max_examples=30, deadline=None)
@given(angle=st.floats(-180, 180), share=st.floats(0.6, 1.6))
def test_there_and_back_again_is_nearly_the_same(angle: float, share: float) -> None:
    base = spotted()
    by = box_transform(bounds(base), 120, 140, 192 * share, 160 * share, angle)
    back, _ = by.inverted()
    after = transform_layer(transform_layer(base, "a", by), "a", back)
    inner = Rect(158, 178, 176, 144)
    one, two = (p.layer("a").plane.read(*inner).astype(int) for p in (base, after))
    assert np.abs(one - two).mean() < 12


def test_a_draft_shows_the_same_on_the_canvas() -> None:
    base = spotted(dx=60, mask=Plane.empty(1, 255).write(np.zeros((60, 60), np.uint8), 150, 170))
    by = box_transform(bounds(base), 200, 120, 400, 360, 20)
    draft, full = transform_layer(base, "a", by, draft=True), transform_layer(base, "a", by)
    assert np.abs(pixels(draft).astype(int) - pixels(full)).mean() < 3
    assert bounds(draft).right <= SIDE < bounds(full).right
    selected = select_path(spotted(), rectangle(160, 180, 64, 64))
    lifted = Lifted(selected, "a")
    by = box_transform(lifted.bounds, 250, 180, 300, 300, 20)
    one, two = lifted.at(by, draft=True), lifted.at(by)
    assert np.abs(pixels(one).astype(int) - pixels(two)).mean() < 3


def test_masks_groups_and_offsets_go_along() -> None:
    mask = Plane.empty(1, 255).write(np.zeros((160, 96), np.uint8), 150, 170)
    child = spotted(mask=mask).layer("a").with_(dx=20, dy=-30)
    group = Layer("g", "Group", "group", children=(child, child.with_(id="b", dx=-60)))
    picture = Picture(SIDE, SIDE, (group,), active="g")
    before = pixels(picture)
    assert before[200, 250].any()
    by = QTransform.fromTranslate(SIDE, 0)
    by.scale(-1, 1)
    after = transform_layer(picture, "g", by)
    assert (pixels(after) == before[:, ::-1]).all()


def test_what_cannot_be_transformed_is_said() -> None:
    half = QTransform.fromScale(0.5, 0.5)
    locked = Layer("b", "Lamp", locked=True)
    for picture, layer, by, words in (
        (spotted(locked=True), "a", half, "“Sky” is locked"),
        (Picture(9, 9, (Layer("g", "Group", "group", children=(locked,)),)), "g", half, "“Lamp” is locked"),
        (Picture(9, 9, (Layer("a", "Sky"),)), "a", half, "nothing to transform"),
        (spotted(), "a", QTransform.fromScale(0, 1), "Nothing would be left"),
        (spotted(), "a", QTransform.fromScale(0.001, 1), "Nothing would be left"),
        (spotted(), "a", QTransform.fromScale(500, 1), "larger than 16,384 pixels"),
        (spotted(), "x", half, "no longer there"),
    ):
        with pytest.raises(PaintError, match=words):
            transform_layer(picture, layer, by)


def test_selected_pixels_are_lifted_and_set_down() -> None:
    base = select_path(spotted(), rectangle(160, 180, 64, 64))
    lifted = Lifted(base, "a")
    assert lifted.bounds == Rect(160, 180, 64, 64)
    assert lifted.at(QTransform()) is base
    after = lifted.at(QTransform.fromTranslate(-150, -170))
    old, new = base.layer("a").plane, after.layer("a").plane
    assert (new.read(10, 10, 64, 64) == old.read(160, 180, 64, 64)).all()
    assert new.read(160, 180, 64, 64).max() == 0
    assert (new.read(224, 180, 60, 64) == old.read(224, 180, 60, 64)).all()
    assert after.selection is not None
    assert after.selection.bounds() == Rect(10, 10, 64, 64)
    off = lifted.at(QTransform.fromTranslate(5000, 0))
    assert off.selection is None  # it lies wholly off the canvas, and so does what was selected
    turned = lifted.at(box_transform(lifted.bounds, 160, 180, 64, 64, 45))
    assert turned.selection is not None
    assert turned.selection.bounds()[2] == pytest.approx(91, abs=2)  # type: ignore[index]


def test_lifting_needs_something_to_lift() -> None:
    with pytest.raises(PaintError, match="Nothing is selected"):
        Lifted(spotted(), "a")
    with pytest.raises(PaintError, match="empty inside the selection"):
        Lifted(select_path(spotted(), rectangle(0, 0, 20, 20)), "a")
    with pytest.raises(PaintError, match="locked"):
        Lifted(select_path(spotted(alpha_locked=True), rectangle(160, 180, 64, 64)), "a")
    assert carried(spotted(), "a", 3, 4).layer("a").dx == 3


# ---------------------------------------------------------------- texts


def test_text_is_drawn_where_it_stands_and_changes(qtbot: QtBot) -> None:
    base = Picture(SIDE, SIDE)
    one = add_text(base, {"string": "Hill", "size": 60, "x": 40, "y": 50, "colour": "#ff0000"})
    layer = one.layer(one.active)
    assert (layer.kind, layer.name) == ("text", "Hill")
    place = bounds(one, layer.id)
    assert layer.text is not None
    assert text_box(layer.text).adjusted(-2, -2, 2, 2).contains(place.x, place.y)
    assert place.h < 70
    array = layer.plane.read(*place)
    assert (array[..., 2] == array[..., 3]).all()
    assert array[..., :2].max() == 0
    two = set_text(one, layer.id, string="Hill\nand valley", size=30)
    assert two.layer(layer.id).name == "Hill and valley"
    assert bounds(two, layer.id).h > 40
    assert set_text(two, layer.id, string="").layer(layer.id).plane.tiles == {}
    named = one.replace(layer.with_(name="Title"))
    assert set_text(named, layer.id, string="x").layer(layer.id).name == "Title"


def test_text_alignment_and_turning(qtbot: QtBot) -> None:
    middles = []
    for align in ("left", "center", "right"):
        text = {"string": "wide line\nx", "size": 30, "x": 200, "y": 50, "align": align}
        picture = add_text(Picture(SIDE, SIDE), text)
        place = bounds(picture, picture.active)
        middles.append(place.x + place.w / 2)
    assert middles[0] > 220
    assert middles[1] == pytest.approx(200, abs=6)
    assert middles[2] < 180
    by = box_transform(place, place.x, place.y, place.w * 2, place.h * 2, 90)
    turned = transform_layer(picture, picture.active, by)
    layer = turned.layer(picture.active)
    assert layer.kind == "text"
    again = bounds(turned, layer.id)
    assert (again.w, again.h) == pytest.approx((place.h * 2, place.w * 2), abs=8)
    longer = set_text(turned, layer.id, string="wide line that is longer\nx")
    assert bounds(longer, layer.id).h > again.h * 1.3  # it still runs downwards


def test_texts_that_cannot_be(qtbot: QtBot) -> None:
    with pytest.raises(PaintError, match="larger than"):
        add_text(Picture(SIDE, SIDE), {"string": "W" * 900, "size": 2000})
    with pytest.raises(PaintError, match="at most"):
        add_text(Picture(SIDE, SIDE), {"string": "a" * 20_001})
    with pytest.raises(PaintError, match="is not a text"):
        set_text(spotted(), "a", string="x")
    odd = add_text(Picture(SIDE, SIDE), {"string": "ok", "colour": "no colour", "matrix": [1, 2], "family": "Nowhere"})
    assert bounds(odd, odd.active).w > 5
    assert title_of({"string": " a  b\n" + "c" * 50}) == "a b " + "c" * 27 + "…"
