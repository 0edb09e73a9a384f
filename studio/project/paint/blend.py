"""Blend modes by the formulas of W3C Compositing and Blending Level 1 (https://www.w3.org/TR/compositing-1/) and, for those it does
not have, of the PSD format's usual description. B(cb, cs) takes colours 0-1 that are not premultiplied."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QPainter

Floats: TypeAlias = NDArray[np.float32]
Formula: TypeAlias = Callable[[Floats, Floats], Floats]
_Mode = QPainter.CompositionMode


class BlendMode(NamedTuple):
    """One entry of the menu; `section` groups entries that do alike."""

    id: str
    title: str
    section: str


BLEND_MODES: tuple[BlendMode, ...] = (
    BlendMode("normal", "Normal", "normal"),
    BlendMode("darken", "Darken", "darken"),
    BlendMode("multiply", "Multiply", "darken"),
    BlendMode("color-burn", "Colour Burn", "darken"),
    BlendMode("linear-burn", "Linear Burn", "darken"),
    BlendMode("lighten", "Lighten", "lighten"),
    BlendMode("screen", "Screen", "lighten"),
    BlendMode("color-dodge", "Colour Dodge", "lighten"),
    BlendMode("plus", "Add", "lighten"),
    BlendMode("overlay", "Overlay", "contrast"),
    BlendMode("soft-light", "Soft Light", "contrast"),
    BlendMode("hard-light", "Hard Light", "contrast"),
    BlendMode("vivid-light", "Vivid Light", "contrast"),
    BlendMode("linear-light", "Linear Light", "contrast"),
    BlendMode("pin-light", "Pin Light", "contrast"),
    BlendMode("difference", "Difference", "inversion"),
    BlendMode("exclusion", "Exclusion", "inversion"),
    BlendMode("subtract", "Subtract", "inversion"),
    BlendMode("divide", "Divide", "inversion"),
    BlendMode("hue", "Hue", "component"),
    BlendMode("saturation", "Saturation", "component"),
    BlendMode("color", "Colour", "component"),
    BlendMode("luminosity", "Luminosity", "component"),
)
BLEND_IDS = frozenset(mode.id for mode in BLEND_MODES)

QT_MODES: dict[str, QPainter.CompositionMode] = {"normal": _Mode.CompositionMode_SourceOver}
"""The modes that QPainter draws within 1/255 of the formulas."""


def _multiply(cb: Floats, cs: Floats) -> Floats:
    return cb * cs


def _screen(cb: Floats, cs: Floats) -> Floats:
    return cb + cs - cb * cs


def _hard_light(cb: Floats, cs: Floats) -> Floats:
    return np.where(cs <= 0.5, cb * (2 * cs), _screen(cb, 2 * cs - 1))


def _overlay(cb: Floats, cs: Floats) -> Floats:
    return _hard_light(cs, cb)


def _color_dodge(cb: Floats, cs: Floats) -> Floats:
    return np.where(cb <= 0, 0, np.where(cs >= 1, 1, np.minimum(1, cb / np.maximum(1 - cs, 1e-6))))


def _color_burn(cb: Floats, cs: Floats) -> Floats:
    return np.where(cb >= 1, 1, np.where(cs <= 0, 0, 1 - np.minimum(1, (1 - cb) / np.maximum(cs, 1e-6))))


def _soft_light(cb: Floats, cs: Floats) -> Floats:
    d = np.where(cb <= 0.25, ((16 * cb - 12) * cb + 4) * cb, np.sqrt(cb))
    return np.where(cs <= 0.5, cb - (1 - 2 * cs) * cb * (1 - cb), cb + (2 * cs - 1) * (d - cb))


def _difference(cb: Floats, cs: Floats) -> Floats:
    return np.abs(cb - cs)


def _exclusion(cb: Floats, cs: Floats) -> Floats:
    return cb + cs - 2 * cb * cs


def _linear_burn(cb: Floats, cs: Floats) -> Floats:
    return np.maximum(0, cb + cs - 1)


def _linear_light(cb: Floats, cs: Floats) -> Floats:
    return np.clip(cb + 2 * cs - 1, 0, 1)


def _vivid_light(cb: Floats, cs: Floats) -> Floats:
    return np.where(cs <= 0.5, _color_burn(cb, 2 * cs), _color_dodge(cb, np.clip(2 * cs - 1, 0, 1)))


def _pin_light(cb: Floats, cs: Floats) -> Floats:
    return np.where(cs <= 0.5, np.minimum(cb, 2 * cs), np.maximum(cb, 2 * cs - 1))


def _subtract(cb: Floats, cs: Floats) -> Floats:
    return np.maximum(0, cb - cs)


def _divide(cb: Floats, cs: Floats) -> Floats:
    return np.where(cb <= 0, 0, np.minimum(1, cb / np.maximum(cs, 1e-6)))


def _lum(c: Floats) -> Floats:
    """Luminosity of (..., B, G, R), kept as a last axis of 1."""
    return 0.11 * c[..., 0:1] + 0.59 * c[..., 1:2] + 0.3 * c[..., 2:3]


def _set_lum(c: Floats, lum: Floats) -> Floats:
    c = c + (lum - _lum(c))
    low, high = c.min(axis=-1, keepdims=True), c.max(axis=-1, keepdims=True)
    c = np.where(low < 0, lum + (c - lum) * lum / np.maximum(lum - low, 1e-6), c)
    return np.where(high > 1, lum + (c - lum) * (1 - lum) / np.maximum(high - lum, 1e-6), c)


def _sat(c: Floats) -> Floats:
    return c.max(axis=-1, keepdims=True) - c.min(axis=-1, keepdims=True)


def _set_sat(c: Floats, sat: Floats) -> Floats:
    low = c.min(axis=-1, keepdims=True)
    return (c - low) * (sat / np.maximum(_sat(c), 1e-6))


def _hue(cb: Floats, cs: Floats) -> Floats:
    return _set_lum(_set_sat(cs, _sat(cb)), _lum(cb))


def _saturation(cb: Floats, cs: Floats) -> Floats:
    return _set_lum(_set_sat(cb, _sat(cs)), _lum(cb))


def _color(cb: Floats, cs: Floats) -> Floats:
    return _set_lum(cs, _lum(cb))


def _luminosity(cb: Floats, cs: Floats) -> Floats:
    return _set_lum(cb, _lum(cs))


FORMULAS: dict[str, Formula] = {
    "multiply": _multiply, "screen": _screen, "overlay": _overlay, "darken": np.minimum, "lighten": np.maximum,
    "color-dodge": _color_dodge, "color-burn": _color_burn, "hard-light": _hard_light, "soft-light": _soft_light,
    "difference": _difference, "exclusion": _exclusion, "linear-burn": _linear_burn, "linear-light": _linear_light,
    "vivid-light": _vivid_light, "pin-light": _pin_light, "subtract": _subtract, "divide": _divide,
    "hue": _hue, "saturation": _saturation, "color": _color, "luminosity": _luminosity,
}


def blend(mode: str, backdrop: NDArray[np.uint8], source: NDArray[np.uint8], opacity: float = 1.0) -> NDArray[np.uint8]:
    """`source` over `backdrop`, both (h, w, 4) premultiplied BGRA, by the formula
    co = cs as (1 - ab) + cb ab (1 - as) + as ab B(cb, cs); "plus" is the operator of the same name."""
    b, s = backdrop.astype(np.float32) / 255, source.astype(np.float32) * np.float32(opacity / 255)
    ab, as_ = b[..., 3:], s[..., 3:]
    if mode == "plus":
        out = np.minimum(1, b + s)
    else:
        out = s + b * (1 - as_)
        formula = FORMULAS.get(mode)
        if formula is not None:
            cb, cs = b[..., :3] / np.maximum(ab, 1e-6), s[..., :3] / np.maximum(as_, 1e-6)
            mixed = formula(np.clip(cb, 0, 1), np.clip(cs, 0, 1))
            out[..., :3] = s[..., :3] * (1 - ab) + b[..., :3] * (1 - as_) + as_ * ab * mixed
    result: NDArray[np.uint8] = np.rint(out * 255).astype(np.uint8)
    return result
