"""Planes: sparse tiles that values share."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage

from studio.project.paint import TILE, Plane, Rect, from_qimage, to_qimage
from studio.project.paint.plane import tile_rect
from tests.unit.paint_kit import Array, mask_noise, noise

writes = st.lists(st.tuples(st.integers(0, 50), st.integers(-270, 10), st.integers(-40, 280), st.integers(1, 280),
                            st.integers(1, 60), st.booleans()), max_size=4)


W, H = 600, 450


def canvas(x: int, y: int) -> tuple[slice, slice]:
    """Where document (x, y) lies in an array with (-300, -100) at its corner."""
    return slice(y + 100, None), slice(x + 300, None)


@settings(max_examples=60, deadline=None)
@given(writes, st.sampled_from([(4, 0), (1, 0), (1, 255)]))
def test_writing_is_writing_into_one_large_array(steps: list[tuple[int, int, int, int, int, bool]],
                                                 kind: tuple[int, int]) -> None:
    channels, default = kind
    plane = Plane.empty(channels, default)
    whole = np.full((H, W, 4) if channels == 4 else (H, W), default, np.uint8)
    for seed, x, y, w, h, wipe in steps:
        array: Array = noise(seed, w, h) if channels == 4 else mask_noise(seed, w, h)
        array = np.full_like(array, default) if wipe else array
        before, known = plane, plane.read(-300, -100, W, H)
        plane = plane.write(array, x, y)
        whole[canvas(x, y)][:h, :w] = array
        assert np.array_equal(before.read(-300, -100, W, H), known), "the old value has not changed"
        assert before.changed(plane) <= set(Rect(x, y, w, h).tiles())
    assert np.array_equal(plane.read(-300, -100, W, H), whole)
    content = np.argwhere((whole != default).reshape(H, W, -1).any(axis=2))
    if content.size:
        (top, left), (bottom, right) = content.min(axis=0) - (100, 300), content.max(axis=0) - (99, 299)
        assert plane.bounds() == Rect(left, top, right - left, bottom - top)
    else:
        assert plane.bounds() is None
        assert not plane.tiles
    moved = plane.translated(-37, 300)
    assert np.array_equal(moved.read(-337, 200, W, H), whole)
    assert moved.translated(37, -300).bounds() == plane.bounds()


def test_tiles_cannot_be_written_to() -> None:
    plane = Plane.from_array(noise(1, 300, 20), -10, -10)
    for tile in plane.tiles.values():
        assert not tile.flags.writeable
        assert tile.shape == (TILE, TILE, 4)
    with pytest.raises(TypeError):
        plane.tiles[0, 0] = np.zeros((TILE, TILE, 4), np.uint8)  # type: ignore[index]
    plane.read(0, 0, 5, 5)[:] = 7
    assert plane.bounds() is not None


def test_equal_tiles_stay_shared_and_empty_ones_go() -> None:
    plane = Plane.from_array(noise(1, 600, 600, alpha=255))
    again = plane.write(plane.read(0, 0, 600, 600), 0, 0)
    assert again is plane
    part = plane.write(noise(2, 5, 5, alpha=255), 0, 0)
    assert plane.changed(part) == {(0, 0)}
    assert part.nbytes == plane.nbytes == 9 * TILE * TILE * 4
    assert not plane.write(np.zeros((600, 600, 4), np.uint8), 0, 0).tiles
    assert plane.with_tiles({(0, 0): None, (50, 50): None}).changed(plane) == {(0, 0)}


def test_moving_by_whole_tiles_shares_them() -> None:
    plane = Plane.from_array(noise(1, 300, 300))
    moved = plane.translated(-TILE, 2 * TILE)
    assert {id(tile) for tile in moved.tiles.values()} == {id(tile) for tile in plane.tiles.values()}
    assert plane.translated(0, 0) is plane


def test_one_tile_many_times_counts_once() -> None:
    tile = np.full((TILE, TILE, 4), 255, np.uint8)
    assert Plane.empty().with_tiles({(n, 0): tile for n in range(50)}).nbytes == tile.nbytes


@pytest.mark.parametrize("array", [np.zeros((4, 4), np.uint8), np.zeros((4, 4, 3), np.uint8)])
def test_an_array_of_another_shape_is_refused(array: Array) -> None:
    with pytest.raises(ValueError, match="does not fit a plane of 4 channels"):
        Plane.empty().write(array, 0, 0)


@pytest.mark.parametrize("rect", [Rect(0, 0, 0, 5), Rect(3, 3, -2, 5)])
def test_nothing_in_an_empty_rectangle(rect: Rect) -> None:
    assert rect.empty
    assert list(rect.tiles()) == []
    assert Plane.from_array(noise(1, 9, 9)).read(*rect).size == 0
    assert rect.united(Rect(1, 2, 3, 4)) == Rect(1, 2, 3, 4)
    assert rect.intersected(Rect(-50, -50, 100, 100)).empty


def test_rectangles() -> None:
    assert Rect(0, 0, 10, 10).intersected(Rect(5, -5, 10, 10)) == Rect(5, 0, 5, 5)
    assert Rect(0, 0, 10, 10).united(Rect(20, -5, 1, 1)) == Rect(0, -5, 21, 15)
    assert set(Rect(-1, -1, 2, 2).tiles()) == {(-1, -1), (0, -1), (-1, 0), (0, 0)}
    assert tile_rect((-1, 2)) == Rect(-256, 512, 256, 256)


def test_images_share_memory_and_come_back() -> None:
    array = noise(1, 33, 20)
    image = to_qimage(array)
    assert image.format() == QImage.Format.Format_ARGB32_Premultiplied
    assert np.array_equal(from_qimage(image), array)
    array[0, 0] = (1, 2, 3, 255)
    assert image.pixelColor(0, 0) == QColor(3, 2, 1)
    mask = mask_noise(2, 31, 7)
    assert np.array_equal(from_qimage(to_qimage(mask)), mask)
    colour = QImage(5, 4, QImage.Format.Format_RGB888)
    colour.fill(QColor(10, 20, 30))
    assert from_qimage(colour)[2, 2].tolist() == [30, 20, 10, 255]
    assert np.array_equal(from_qimage(to_qimage(array[3:9, 4:11])), array[3:9, 4:11])
