"""Brush strokes on pictures: what they cover, what they leave alone, and which tiles they make anew."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.project.paint.brush import PRESETS, Brush
from studio.project.paint.dabs import Dab, Pen, Sample, Stabiliser, Stamps, spline, stamp
from studio.project.paint.errors import PaintError
from studio.project.paint.grain import grain_tile
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane
from studio.project.paint.selecting import rectangle, select_path
from studio.project.paint.stroke import Stroke
from studio.project.paint.targets import ColourTarget, MaskTarget, grey_of

HARD = Brush(size=20, hardness=1.0, pressure_size=False, stabiliser=0.0)
RED = (200, 30, 40)


def picture(side: int = 600, **layer: object) -> Picture:
    return Picture(side, side, (Layer("a", "Sky", **layer),), active="a")  # type: ignore[arg-type]


def painted(base: Picture, brush: Brush, points: list[tuple[float, float]], colour: tuple[int, int, int] | None = RED,
            pressure: float = 1.0) -> Picture:
    stroke = Stroke(base, ColourTarget(base, colour, brush.opacity), brush)
    stroke.add([Sample(x, y, pressure, time=8.0 * i) for i, (x, y) in enumerate(points)])
    stroke.end()
    return stroke.picture


def pixels(of: Picture, layer: str = "a") -> np.ndarray:
    return of.layer(layer).plane.read(0, 0, of.width, of.height)


# ---------------------------------------------------------------- dabs


@pytest.mark.parametrize("size", [1.0, 1.5, 2.0, 3.0, 7.3, 20.0, 64.0])
@pytest.mark.parametrize("place", [(0.5, 0.5), (0.0, 0.25), (0.9, 0.1)])
def test_a_hard_dab_covers_its_own_area(size: float, place: tuple[float, float]) -> None:
    shape = stamp(size, 1.0, 0.0, 0.0, 1.0, 0.0, *place)
    assert shape.sum() == pytest.approx(math.pi * (size / 2) ** 2, rel=0.06)
    assert 0 <= shape.min() <= shape.max() <= 1
    rim = np.concatenate([shape[0], shape[-1], shape[:, 0], shape[:, -1]])
    assert rim.max() == 0  # nothing is cut off


def test_the_centre_of_a_dab_lies_between_pixels_too() -> None:
    shape = stamp(9.0, 1.0, 0.0, 0.0, 1.0, 0.0, 0.25, 0.75)
    ys, xs = np.mgrid[0:shape.shape[0], 0:shape.shape[1]] + 0.5
    half = shape.shape[0] // 2
    assert (xs * shape).sum() / shape.sum() == pytest.approx(half + 0.25, abs=0.03)
    assert (ys * shape).sum() / shape.sum() == pytest.approx(half + 0.75, abs=0.03)


def test_softness_falls_off_evenly_and_feather_reaches_outwards() -> None:
    soft = stamp(100.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.5, 0.5)
    line = soft[soft.shape[0] // 2, soft.shape[1] // 2:]
    assert (np.diff(line) <= 0).all()
    assert line[25] == pytest.approx(0.5, abs=0.02)
    feathered = stamp(40.0, 1.0, 12.0, 5.0, 1.0, 0.0, 0.5, 0.5)
    line = feathered[feathered.shape[0] // 2, feathered.shape[1] // 2:]
    assert line[25] == pytest.approx(0.5, abs=0.05)  # 20 + 5 is the middle of the rim
    assert line[18] == 1
    assert line[32] == 0


def test_a_flat_dab_is_turned() -> None:
    flat = stamp(40.0, 1.0, 0.0, 0.0, 0.25, 0.0, 0.5, 0.5)
    assert (flat.max(axis=0) > 0.5).sum() > 3 * (flat.max(axis=1) > 0.5).sum()
    upright = stamp(40.0, 1.0, 0.0, 0.0, 0.25, 90.0, 0.5, 0.5)
    assert np.allclose(upright, flat.T, atol=0.02)


def test_stamps_are_kept_within_their_budget() -> None:
    stamps = Stamps(budget=400_000)
    for size in range(20, 200, 5):
        stamps.get(HARD, Dab(100.3, 50.7, float(size), 1, 1, 0))
    assert sum(s.nbytes for s in stamps._kept.values()) <= 400_000
    shape, x, y = stamps.get(HARD, Dab(100.3, 50.7, 195.0, 1, 1, 0))
    assert stamps.get(HARD, Dab(100.3, 50.7, 195.0, 1, 1, 0))[0] is shape
    assert (x + shape.shape[1] // 2, y + shape.shape[0] // 2) == (100, 50)


# ---------------------------------------------------------------- the path


def test_dabs_lie_evenly_however_the_events_come() -> None:
    brush = HARD.with_(spacing=0.25)
    few = Pen(brush)
    dabs = few.add([Sample(0, 0), Sample(100, 0)]) + few.end()
    many = Pen(brush)
    others = many.add([Sample(x, 0, time=x) for x in range(101)]) + many.end()
    for found in (dabs, others):
        gaps = np.diff([dab.x for dab in found])
        assert gaps == pytest.approx(5, abs=0.05)
        assert found[-1].x > 94


def test_fast_strokes_are_curves() -> None:
    turns = [Sample(100 * math.cos(a), 100 * math.sin(a)) for a in np.linspace(0, math.pi, 9)]
    pen = Pen(HARD)
    dabs = pen.add(turns) + pen.end()
    reach = [math.hypot(dab.x, dab.y) for dab in dabs]
    assert min(reach) > 98.5  # a polygon would come within 98.1
    assert max(reach) < 101
    ends = spline(turns[0], turns[1], turns[2], turns[3], 8)
    assert ends[0] == pytest.approx(turns[1][:2])
    assert ends[-1] == pytest.approx(turns[2][:2])


def test_the_stabiliser_smooths_and_still_arrives() -> None:
    shaky = [Sample(5.0 * i, 8.0 * (-1) ** i, time=8.0 * i) for i in range(60)]
    steady = Stabiliser(0.8)
    followed = [steady.follow(s) for s in shaky]
    assert np.std([s.y for s in followed[20:]]) < 2
    assert steady.catch_up()[-1][:2] == shaky[-1][:2]
    direct = Stabiliser(0.0)
    assert [direct.follow(s) for s in shaky] == shaky
    assert direct.catch_up() == []


def test_pressure_and_tilt_shape_the_dab() -> None:
    brush = Brush(size=40, least_size=0.25, pressure_opacity=True, tilt=True, stabiliser=0.0)
    (light,) = Pen(brush).add([Sample(0, 0, 0.0)])
    (firm,) = Pen(brush).add([Sample(0, 0, 1.0, 40, 40)])
    assert (light.size, light.cap, light.roundness) == (10, 0, 1)
    assert (firm.size, firm.cap) == (40, 1)
    assert firm.roundness < 0.6
    assert firm.angle == pytest.approx(45, abs=5)


def test_scatter_strays_and_repeats() -> None:
    brush = Brush(size=10, scatter=1.0, stabiliser=0.0)
    one, two = Pen(brush, 3), Pen(brush, 3)
    line = [Sample(0, 0), Sample(200, 0)]
    assert (dabs := one.add(line) + one.end()) == two.add(line) + two.end()
    assert np.std([dab.y for dab in dabs]) > 2


# ---------------------------------------------------------------- strokes


def test_a_stroke_paints_its_colour_and_touches_only_its_tiles() -> None:
    base = picture(1200)
    after = painted(base, HARD, [(100, 100), (200, 100)])
    assert pixels(after)[100, 150].tolist() == [40, 30, 200, 255]
    assert pixels(after)[120, 150].tolist() == [0, 0, 0, 0]
    assert set(after.layer("a").plane.tiles) == {(0, 0)}
    again = painted(after, HARD, [(900, 900), (950, 900)])
    assert again.layer("a").plane.tiles[0, 0] is after.layer("a").plane.tiles[0, 0]


def test_opacity_holds_for_the_stroke_and_flow_builds_up() -> None:
    cross = [(100, 100), (200, 100), (200, 150), (150, 150), (150, 60)]
    half = painted(picture(), HARD.with_(opacity=0.5), cross)
    assert pixels(half)[..., 3].max() == 128
    slow = painted(picture(), HARD.with_(flow=0.05, spacing=0.05), cross)
    once, twice = pixels(slow)[100, 120, 3], pixels(slow)[100, 150, 3]
    assert 60 < once < twice <= 255


def test_light_pressure_is_light_but_does_not_take_away() -> None:
    brush = HARD.with_(pressure_opacity=True)
    firm = painted(picture(), brush, [(100, 100), (200, 100)])
    stroke = Stroke(picture(), ColourTarget(picture(), RED), brush)
    stroke.add([Sample(100, 100, 1.0), Sample(200, 100, 1.0, time=8), Sample(100, 100, 0.2, time=16)])
    stroke.end()
    assert np.abs(pixels(stroke.picture)[95:105, 110:180].astype(int) - pixels(firm)[95:105, 110:180]).max() <= 1
    light = pixels(painted(picture(), brush, [(100, 100), (200, 100)], pressure=0.3))
    assert 74 <= light[100, 150, 3] <= 78


def test_a_click_is_a_dot() -> None:
    dot = pixels(painted(picture(), HARD, [(50.5, 50.5)]))
    assert dot[50, 50, 3] == 255
    assert (dot[..., 3] > 128).sum() == pytest.approx(math.pi * 100, rel=0.05)


def test_erasing_and_alpha_lock() -> None:
    full = Plane.from_array(np.full((600, 600, 4), 255, np.uint8))
    erased = painted(picture(plane=full), HARD, [(100, 100), (200, 100)], colour=None)
    assert pixels(erased)[100, 150].tolist() == [0, 0, 0, 0]
    half = np.zeros((600, 600, 4), np.uint8)
    half[:, :150] = 255
    locked = painted(picture(plane=Plane.from_array(half), alpha_locked=True), HARD, [(100, 100), (200, 100)])
    assert pixels(locked)[100, 120].tolist() == [40, 30, 200, 255]
    assert (pixels(locked)[..., 3] == half[..., 3]).all()
    with pytest.raises(PaintError, match="transparency of “Sky” is locked"):
        ColourTarget(picture(alpha_locked=True), None)


def test_the_selection_is_kept_to_softly() -> None:
    base = select_path(picture(), rectangle(0, 0, 150, 600), feather=20)
    assert base.selection is not None
    soft = base.selection.read(0, 0, 600, 600)
    after = pixels(painted(base, HARD, [(60, 300), (300, 300)]))[300, :, 3]
    assert (np.abs(after[60:300].astype(int) - soft[300, 60:300]) <= 1).all()
    nothing = select_path(picture(), rectangle(0, 0, 20, 20))
    assert painted(nothing, HARD, [(300, 300), (400, 300)]) is nothing


@pytest.mark.parametrize("points", [[(-500, -500), (-400, -450)], [(5000, 20), (6000, 40)], [(1e6, 1e6)],
                                    [(-1e7, -30), (1e7, -30)]])
def test_a_stroke_off_the_canvas_changes_nothing(points: list[tuple[float, float]]) -> None:
    base = picture()
    assert painted(base, HARD, points) is base


def test_a_moved_layer_is_painted_where_the_pen_is() -> None:
    after = painted(picture(dx=37, dy=-300), HARD, [(100, 100), (200, 100)])
    layer = after.layer("a")
    assert layer.plane.read(150 - 37, 100 + 300, 1, 1)[0, 0, 3] == 255
    assert layer.bounds() is not None
    assert layer.bounds()[:2] == pytest.approx((90, 90), abs=1)


def test_layers_that_cannot_be_painted_on_say_why() -> None:
    for layer, words in (({"locked": True}, "“Sky” is locked"), ({"visible": False}, "“Sky” is hidden"),
                         ({"kind": "group"}, "A group has no pixels")):
        with pytest.raises(PaintError, match=words):
            ColourTarget(picture(**layer), RED)
    with pytest.raises(PaintError, match="Choose a layer first"):
        ColourTarget(Picture(10, 10), RED)
    with pytest.raises(PaintError, match="has no mask"):
        MaskTarget(picture(), "layer-mask", 0)


def test_masks_are_painted_on() -> None:
    base = picture(mask=Plane.empty(1, 255))
    brush = HARD.with_(feather=8, grow=4)
    for where in ("mask", "selection"):
        stroke = Stroke(base, MaskTarget(base, where, 255), brush)  # type: ignore[arg-type]
        stroke.add([Sample(100, 100), Sample(200, 100, time=8)])
        stroke.end()
        plane = getattr(stroke.picture, where)
        assert plane.read(150, 100, 1, 1)[0, 0] == 255
        assert 100 < plane.read(150, 114, 1, 1)[0, 0] < 156
    stroke = Stroke(base, MaskTarget(base, "layer-mask", grey_of((0, 0, 0))), brush)
    stroke.add([Sample(100, 100), Sample(200, 100, time=8)])
    stroke.end()
    mask = stroke.picture.layer("a").mask
    assert mask is not None
    assert (mask.read(150, 100, 1, 1)[0, 0], mask.read(150, 200, 1, 1)[0, 0]) == (0, 255)
    full = stroke.picture.with_mask(Plane.from_array(np.full((600, 600), 255, np.uint8)))
    stroke = Stroke(full, MaskTarget(full, "mask", 0), HARD.with_(size=1000))
    stroke.add([Sample(300, 300)])
    stroke.end()
    assert stroke.picture.mask is None  # all of it was taken away


def test_a_stroke_lands_on_a_picture_that_changed_meanwhile() -> None:
    base = picture()
    stroke = Stroke(base, ColourTarget(base, RED), HARD)
    stroke.add([Sample(100, 100), Sample(200, 100, time=8)])
    stroke.end()
    assert stroke.apply(base) is stroke.picture
    newer = base.replace(base.layer("a").with_(opacity=0.5))
    after = stroke.apply(newer)
    assert after.layer("a").opacity == 0.5
    assert after.layer("a").plane.read(150, 100, 1, 1)[0, 0, 3] == 255


@settings(max_examples=40, deadline=None)
@given(points=st.lists(st.tuples(st.floats(-300, 900), st.floats(-300, 900), st.floats(0, 1), st.integers(0, 60)),
                       min_size=1, max_size=12),
       brush=st.sampled_from(PRESETS), pieces=st.integers(1, 4))
def test_any_stroke_is_the_same_in_pieces_and_stays_premultiplied(
        points: list[tuple[float, float, float, int]], brush: Brush, pieces: int) -> None:
    time, samples = 0.0, []
    for x, y, pressure, wait in points:
        time += wait
        samples.append(Sample(x, y, pressure, 20, -10, time))
    base = picture(400)
    whole, parts = (Stroke(base, ColourTarget(base, RED, brush.opacity), brush) for _ in range(2))
    whole.add(samples)
    whole.end()
    for start in range(0, len(samples), pieces):
        parts.add(samples[start:start + pieces])
        assert parts.picture.width == 400  # as a preview shows it in between
    parts.end()
    one, two = pixels(whole.picture), pixels(parts.picture)
    assert (one == two).all()
    assert (one[..., :3] <= one[..., 3:]).all()


def test_brushes_are_kept_as_plain_data() -> None:
    for brush in PRESETS:
        assert Brush.from_json(brush.to_json()) == brush
    odd = Brush.from_json({"size": 1e9, "hardness": "soft", "grain": "gravel", "mode": 3, "flow": float("nan"), "x": 1})
    assert odd == Brush(size=1000.0)
    assert HARD.with_(opacity=7, spacing=-1) == HARD.with_(opacity=1, spacing=0.01)


@pytest.mark.parametrize("kind", ["paper", "chalk", "canvas"])
def test_grain_is_even_and_seamless(kind: str) -> None:
    tile = grain_tile(kind)  # type: ignore[arg-type]
    assert np.histogram(tile, 4, (0, 1))[0] == pytest.approx(tile.size / 4, rel=0.01)
    across = np.abs(np.diff(tile, axis=1)).mean()
    assert np.abs(tile[:, 0] - tile[:, -1]).mean() < 1.6 * across
