"""Composition against a slow float reference, and what a compositor keeps against composing everything anew."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.project.paint import TILE, Layer, Picture, Plane, Rect, edit, new_id
from studio.project.paint.blend import BLEND_MODES
from studio.project.paint.compositor import (
    Compositor,
    compose,
    compose_plane,
    layer_thumbnail,
    mask_thumbnail,
    picture_thumbnail,
)
from tests.unit.paint_kit import Array, layers, mask_noise, noise, pictures, pixels, reference, shown

ALL_MODES = [mode.id for mode in BLEND_MODES]


def layer(array: Array, x: int = 0, y: int = 0, **fields: Any) -> Layer:
    return Layer(new_id(), "layer", plane=Plane.from_array(array, x, y), **fields)


def from_tiles(compositor: Compositor, picture: Picture) -> Array:
    """The picture put together from a compositor's tiles."""
    out = np.zeros((-(-picture.height // TILE) * TILE, -(-picture.width // TILE) * TILE, 4), int)
    for column, row in picture.rect.tiles():
        out[row * TILE:(row + 1) * TILE, column * TILE:(column + 1) * TILE] = pixels(compositor.tile(column, row))
    assert not out[picture.height:].any()
    assert not out[:, picture.width:].any()
    return out[:picture.height, :picture.width]


@settings(max_examples=150, deadline=None)
@given(pictures())
def test_it_is_the_reference(picture: Picture) -> None:
    # each layer is rounded once more, in a mask, a fade, a group and the drawing
    assert np.abs(shown(picture) - reference(picture)).max() <= 6


@pytest.mark.parametrize("mode", ALL_MODES)
def test_each_mode_is_the_reference_on_whole_tiles(mode: str) -> None:
    below, above = layer(noise(1, 300, 40)), layer(noise(2, 300, 40), blend=mode)
    picture = Picture(300, 40, (below, above))
    assert np.abs(shown(picture) - reference(picture)).max() <= 1


@settings(max_examples=80, deadline=None)
@given(pictures(ALL_MODES), st.integers(0, 40), st.integers(0, 30), st.integers(1, 40), st.integers(1, 30))
def test_a_part_is_a_part_of_the_whole(picture: Picture, x: int, y: int, w: int, h: int) -> None:
    whole = np.zeros((80 + h, 120 + w, 4), int)
    whole[:picture.height, :picture.width] = shown(picture)
    assert np.array_equal(pixels(compose(picture, Rect(x, y, w, h))), whole[y:y + h, x:x + w])


@settings(max_examples=120, deadline=None)
@given(st.data())
def test_a_compositor_shows_what_composing_anew_gives(data: st.DataObject) -> None:
    picture = data.draw(pictures(ALL_MODES))
    compositor = Compositor(budget=data.draw(st.sampled_from([1, 3 * TILE * TILE * 4, 1 << 26])))
    compositor.show(picture)
    for _ in range(data.draw(st.integers(1, 4))):
        before = from_tiles(compositor, picture)
        assert np.array_equal(before, shown(picture))
        changed = data.draw(changes(picture))
        dirty = compositor.show(changed)
        if (changed.width, changed.height) == (picture.width, picture.height):
            after = shown(changed)
            for y, x in np.argwhere((before != after).any(axis=2)):
                assert (x // TILE, y // TILE) in dirty
        picture = changed
    assert np.array_equal(from_tiles(compositor, picture), shown(picture))


@st.composite
def changes(draw: st.DrawFn, picture: Picture) -> Picture:
    """The picture after some edit."""
    ids = [one.id for one, _ in picture.walk()]
    kind = draw(st.sampled_from(["paint", "props", "mask", "active", "add", "remove", "order", "size"]))
    if kind == "add" or not ids:
        return edit.add_layer(picture, draw(layers(modes=ALL_MODES)), draw(st.sampled_from([None, *ids])))
    one = picture.layer(draw(st.sampled_from(ids)))
    if kind == "paint" and one.kind == "pixels":
        x, y = draw(st.integers(-20, 60)), draw(st.integers(-20, 40))
        stroke = noise(draw(st.integers(0, 99)), draw(st.integers(1, 30)), draw(st.integers(1, 30)))
        return edit.put_plane(picture, one.id, one.plane.write(stroke, x - one.dx, y - one.dy))
    if kind == "mask":
        mask = one.mask if one.mask is not None else Plane.empty(1, 255)
        return edit.set_mask(picture, one.id, mask.write(mask_noise(3, 20, 20), draw(st.integers(-20, 40)), 3))
    if kind == "active":
        return picture.with_active(one.id)
    if kind == "remove":
        return edit.remove(picture, one.id)
    if kind == "order":
        return edit.move_layer(picture, one.id, "", draw(st.integers(0, 5)))
    if kind == "size":
        return edit.resize_canvas(picture, draw(st.integers(1, 80)), draw(st.integers(1, 80)))
    name, value = draw(st.sampled_from([("opacity", 0.4), ("opacity", 1.0), ("blend", "hue"), ("blend", "normal"),
                                        ("visible", False), ("visible", True), ("clipped", True), ("clipped", False),
                                        ("dx", 7), ("mask_on", False), ("mask", None), ("name", "other")]))
    return edit.set_props(picture, one.id, **{name: value})


def test_a_stroke_dirties_its_tiles_and_no_more() -> None:
    base = layer(noise(1, 1000, 1000, alpha=255))
    painted = layer(noise(2, 30, 30), 300, 300)
    picture = Picture(1024, 1024, (base, painted), active=painted.id)
    compositor = Compositor()
    assert len(compositor.show(picture)) == 16
    from_tiles(compositor, picture)
    after = picture.replace(painted.with_(plane=painted.plane.write(noise(3, 4, 4, alpha=255), 305, 306)))
    assert compositor.differing(after) == {(1, 1): Rect(305, 306, 4, 4)}
    assert compositor.show(after) == set()
    assert np.array_equal(from_tiles(compositor, after), shown(after))


def test_a_tile_handed_out_stays_as_it_is() -> None:
    picture = Picture(256, 256, (layer(noise(1, 256, 256)),))
    compositor = Compositor()
    compositor.show(picture)
    image = compositor.tile(0, 0)
    before = pixels(image)
    plane = picture.layers[0].plane.write(noise(5, 9, 9, alpha=255), 4, 4)
    changed = picture.replace(picture.layers[0].with_(plane=plane))
    compositor.show(changed)
    assert not np.array_equal(pixels(compositor.tile(0, 0)), before)
    assert np.array_equal(pixels(image), before)


def test_only_draws_what_it_names_and_respects_groups() -> None:
    one, two = layer(noise(1, 20, 20)), layer(noise(2, 20, 20))
    group = Layer(new_id(), "group", "group", children=(two,), opacity=0.5)
    picture = Picture(20, 20, (one, group))
    assert np.array_equal(pixels(compose(picture, picture.rect, [one.id])), shown(Picture(20, 20, (one,))))
    assert np.array_equal(pixels(compose(picture, picture.rect, [group.id])), shown(Picture(20, 20, (group,))))
    assert np.array_equal(pixels(compose(picture, picture.rect, [two.id])), shown(Picture(20, 20, (group,))))
    assert not pixels(compose(picture, picture.rect, [])).any()


def test_a_clipped_layer_shows_alone_where_only_leaves_its_base_out() -> None:
    base, atop = layer(noise(1, 20, 20)), layer(noise(2, 20, 20), clipped=True)
    picture = Picture(20, 20, (base, atop))
    assert np.array_equal(pixels(compose(picture, picture.rect, [atop.id])), pixels(
        compose(Picture(20, 20, (atop,)), picture.rect)))


def test_an_empty_picture_and_a_hundred_layers() -> None:
    nothing = Picture(300, 5)
    compositor = Compositor()
    assert compositor.show(nothing) == {(0, 0), (1, 0)}
    assert not pixels(compositor.tile(0, 0)).any()
    many = Picture(30, 20, tuple(layer(noise(n, 30, 20), blend=ALL_MODES[n % len(ALL_MODES)]) for n in range(100)))
    compositor.show(many)
    assert np.array_equal(from_tiles(compositor, many), shown(many))
    assert compositor.tile(50, 50).width() == TILE


def test_memory_stays_in_the_budget() -> None:
    picture = Picture(2048, 1024, (layer(noise(1, 2048, 1024)), layer(noise(2, 2048, 1024))))
    picture = picture.with_active(picture.layers[1].id)
    compositor = Compositor(budget=10 * TILE * TILE * 4)
    compositor.show(picture)
    from_tiles(compositor, picture)
    assert 0 < compositor.nbytes <= compositor._cache.budget


def test_a_plane_of_layers_reaches_past_the_artboard() -> None:
    one = layer(noise(1, 40, 40, alpha=255), -20, -20)
    whole = compose_plane([one], Rect(-20, -20, 40, 40))
    assert np.array_equal(whole.read(-20, -20, 40, 40), one.plane.read(-20, -20, 40, 40))
    assert compose_plane([one], Rect(-5, -5, 10, 10)).bounds() == Rect(-5, -5, 10, 10)


def test_thumbnails_show_the_whole_artboard() -> None:
    half = np.zeros((600, 400, 4), np.uint8)
    half[...] = (0, 0, 255, 255)
    red = layer(half, visible=False, opacity=0.2)
    small = pixels(layer_thumbnail(red, (800, 600), 40))
    assert small.shape == (30, 40, 4)
    assert (small[:, :19] == (0, 0, 255, 255)).all()
    assert not small[:, 21:].any()
    mask = Plane.from_array(np.zeros((600, 400), np.uint8), default=255)
    grey = pixels(mask_thumbnail(mask, (800, 600), 40))
    assert (grey[:, :19, :3] == 0).all()
    assert (grey[:, 21:, :3] == 255).all()
    picture = Picture(800, 600, (red.with_(visible=True, opacity=1.0, dx=-300, mask=mask.translated(300, 0)),))
    assert not pixels(picture_thumbnail(picture, 40)).any()
    shifted = picture.replace(picture.layers[0].with_(mask=None))
    assert (pixels(picture_thumbnail(shifted, 40))[:, :4] == (0, 0, 255, 255)).all()
    assert not pixels(picture_thumbnail(shifted, 40))[:, 6:].any()
