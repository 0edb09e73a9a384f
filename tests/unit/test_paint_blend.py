"""Every blend mode against its formula in float64."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtGui import QPainter

from studio.project.paint.blend import BLEND_MODES, FORMULAS, QT_MODES, blend, faded, is_opaque, multiply, opaque
from studio.project.paint.plane import to_qimage
from tests.unit.paint_kit import Array, noise, reference_blend

EDGES = [0, 1, 2, 127, 128, 253, 254, 255]
MODES = [mode.id for mode in BLEND_MODES]


def edges(seed: int) -> Array:
    """Premultiplied pixels of the values at which formulas change their course."""
    out = np.random.default_rng(seed).choice(EDGES, (96, 96, 4))
    out[..., :3] = (out[..., :3] * out[..., 3:] + 127) // 255
    return out.astype(np.uint8)


PAIRS = {
    "mixed": (noise(1, 96, 96), noise(2, 96, 96)), "opaque backdrop": (noise(3, 96, 96, alpha=255), noise(4, 96, 96)),
    "opaque": (noise(5, 96, 96, alpha=255), noise(6, 96, 96, alpha=255)), "edges": (edges(7), edges(8)),
    "faint": (noise(9, 96, 96, alpha=4), noise(10, 96, 96, alpha=6)),
}


def qt_blend(mode: str, backdrop: Array, source: Array) -> Array:
    target = backdrop.copy()
    image = to_qimage(target)
    painter = QPainter(image)
    painter.setCompositionMode(QT_MODES[mode])
    painter.drawImage(0, 0, to_qimage(source))
    painter.end()
    return target


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("mode", sorted(FORMULAS))
@pytest.mark.parametrize("opacity", [1.0, 0.3])
def test_a_formula_is_drawn_to_half_a_step(mode: str, pair: str, opacity: float) -> None:
    backdrop, source = PAIRS[pair]
    target = backdrop.copy()
    blend(mode, target, source, opacity)
    assert np.abs(target - reference_blend(mode, backdrop, source, opacity)).max() <= 0.51
    assert (target[..., :3] <= target[..., 3:]).all(), "no colour may exceed its alpha"


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("mode", sorted(QT_MODES))
def test_what_qpainter_draws_is_the_formula(mode: str, pair: str) -> None:
    backdrop, source = PAIRS[pair]
    assert np.abs(qt_blend(mode, backdrop, source) - reference_blend(mode, backdrop, source)).max() <= 1


@pytest.mark.parametrize("mode", ["normal", "plus"])
@pytest.mark.parametrize("opacity", [0.99, 0.5, 0.3, 0.01])
def test_fading_first_is_opacity(mode: str, opacity: float) -> None:
    for backdrop, source in PAIRS.values():
        drawn = qt_blend(mode, backdrop, faded(source, opacity))
        assert np.abs(drawn - reference_blend(mode, backdrop, source, opacity)).max() <= 1.5


@pytest.mark.parametrize("mode", MODES)
def test_a_transparent_source_changes_nothing(mode: str) -> None:
    backdrop = noise(11, 64, 64)
    source = np.zeros_like(backdrop)
    target = backdrop.copy()
    if mode in FORMULAS:
        blend(mode, target, source)
    else:
        target = qt_blend(mode, backdrop, source)
    assert np.array_equal(target, backdrop)


def test_few_pixels_blend_as_many_do() -> None:
    backdrop, source = noise(12, 64, 64), noise(13, 64, 64, alpha=200)
    whole = backdrop.copy()
    blend("soft-light", whole, source)
    source[:, 20:] = 0
    part = backdrop.copy()
    blend("soft-light", part, source)
    assert np.array_equal(part[:, :20], whole[:, :20])
    assert np.array_equal(part[:, 20:], backdrop[:, 20:])


def test_the_menu_has_each_mode_once_and_draws_it() -> None:
    assert len(MODES) == len(set(MODES)) >= 17
    assert set(MODES) == set(QT_MODES) | set(FORMULAS)


def test_masks_and_opaque_colours() -> None:
    source = noise(14, 64, 64)
    mask = np.arange(64 * 64, dtype=np.uint32).astype(np.uint8).reshape(64, 64)
    assert np.abs(multiply(source, mask) - source * (mask[..., None] / 255.0)).max() <= 0.51
    assert np.array_equal(multiply(source, np.full((64, 64), 255, np.uint8)), source)
    assert not is_opaque(source)
    assert is_opaque(opaque(source))
    solid = noise(15, 64, 64, alpha=255)
    assert np.array_equal(opaque(solid), solid)
