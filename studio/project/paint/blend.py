"""Blend modes by the formulas of W3C Compositing and Blending Level 1 (https://www.w3.org/TR/compositing-1/) and, for
those it does
not have, as the PSD format's blend modes are usually described. A formula B(cb, cs) takes colours of 0-1 that are not
premultiplied; it is written without branches, which on real pictures costs three times the arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from PySide6.QtGui import QPainter

from studio.project.paint.plane import Pixels

Floats: TypeAlias = Any
"""float32 planes; an `Any`, because numpy's stubs know the result of hardly any of these operations."""

Formula: TypeAlias = Callable[[Floats, Floats], Floats]
_Mode = QPainter.CompositionMode
_TINY = np.float32(1e-6)


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

QT_MODES: dict[str, QPainter.CompositionMode] = {
    "normal": _Mode.CompositionMode_SourceOver, "plus": _Mode.CompositionMode_Plus,
    "multiply": _Mode.CompositionMode_Multiply, "screen": _Mode.CompositionMode_Screen,
    "overlay": _Mode.CompositionMode_Overlay, "hard-light": _Mode.CompositionMode_HardLight,
    "darken": _Mode.CompositionMode_Darken, "lighten": _Mode.CompositionMode_Lighten,
    "difference": _Mode.CompositionMode_Difference,
}
"""The modes that QPainter draws within 1/255 of the formulas when its opacity is 1. Its Colour Dodge is off by up to
126/255 where the source is almost opaque white, Soft Light by 4 and Exclusion by 3, Colour Burn is slower than
numpy's, and
its opacity, kept in 8 bits, puts another 2/255 on top."""
FADED_FIRST = frozenset(("normal", "plus"))
"""The modes of which QPainter draws a source that was faded first within 1/255 or so."""


def _multiply(cb: Floats, cs: Floats) -> Floats:
    return cb * cs


def _screen(cb: Floats, cs: Floats) -> Floats:
    return cb + cs - cb * cs


def _hard_light(cb: Floats, cs: Floats) -> Floats:
    # multiply by 2 cs below the middle, screen with 2 cs - 1 above it; each is cb on the other's side
    return cb * np.minimum(2 * cs, 1) + _screen(cb, np.maximum(2 * cs - 1, 0)) - cb


def _overlay(cb: Floats, cs: Floats) -> Floats:
    return _hard_light(cs, cb)


def _color_dodge(cb: Floats, cs: Floats) -> Floats:
    return np.minimum(1, cb / np.maximum(1 - cs, _TINY))


def _color_burn(cb: Floats, cs: Floats) -> Floats:
    return 1 - np.minimum(1, (1 - cb) / np.maximum(cs, _TINY))


def _soft_light(cb: Floats, cs: Floats) -> Floats:
    low, high = np.minimum(cb, 0.25), np.maximum(cb, 0.25)
    d = ((16 * low - 12) * low + 4) * low + np.sqrt(high) - 0.5  # W3C's D(cb): the two parts meet at (0.25, 0.5)
    return cb - np.maximum(1 - 2 * cs, 0) * cb * (1 - cb) + np.maximum(2 * cs - 1, 0) * (d - cb)


def _difference(cb: Floats, cs: Floats) -> Floats:
    return np.abs(cb - cs)


def _exclusion(cb: Floats, cs: Floats) -> Floats:
    return cb + cs - 2 * cb * cs


def _linear_burn(cb: Floats, cs: Floats) -> Floats:
    return np.maximum(0, cb + cs - 1)


def _linear_light(cb: Floats, cs: Floats) -> Floats:
    return np.clip(cb + 2 * cs - 1, 0, 1)


def _vivid_light(cb: Floats, cs: Floats) -> Floats:
    return _color_burn(cb, np.minimum(2 * cs, 1)) + _color_dodge(cb, np.maximum(2 * cs - 1, 0)) - cb


def _pin_light(cb: Floats, cs: Floats) -> Floats:
    return np.maximum(np.minimum(cb, 2 * cs), 2 * cs - 1)


def _subtract(cb: Floats, cs: Floats) -> Floats:
    return np.maximum(0, cb - cs)


def _divide(cb: Floats, cs: Floats) -> Floats:
    return np.minimum(1, cb / np.maximum(cs, _TINY))


def _lum(c: Floats) -> Floats:
    """Luminosity of planes of blue, green and red, (3, n) to (n,)."""
    return 0.11 * c[0] + 0.59 * c[1] + 0.3 * c[2]


def _set_lum(c: Floats, lum: Floats) -> Floats:
    c = c + (lum - _lum(c))
    # towards the grey of the same luminosity, as far as the lowest and the highest channel need it
    down = lum / np.maximum(lum - np.minimum(_low(c), 0), _TINY)
    up = (1 - lum) / np.maximum(np.maximum(_high(c), 1) - lum, _TINY)
    return np.clip(lum + (c - lum) * np.minimum(down, up), 0, 1)


def _low(c: Floats) -> Floats:
    return np.minimum(np.minimum(c[0], c[1]), c[2])


def _high(c: Floats) -> Floats:
    return np.maximum(np.maximum(c[0], c[1]), c[2])


def _sat(c: Floats) -> Floats:
    return _high(c) - _low(c)


def _set_sat(c: Floats, sat: Floats) -> Floats:
    return (c - _low(c)) * (sat / np.maximum(_sat(c), _TINY))


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


def blend(mode: str, target: Pixels, source: Pixels, opacity: float = 1.0) -> None:
    """Draw `source` on `target`, both (h, w, 4) premultiplied BGRA of one size, into `target`, by the formula
    co = cs as (1 - ab) + cb ab (1 - as) + as ab B(cb, cs). Where `source` is transparent, no pixel changes."""
    shows = source[..., 3] != 0
    count = int(np.count_nonzero(shows))
    if count == 0:
        return
    if count * 4 > shows.size * 3:  # gathering costs more than it saves
        top, under = source.reshape(-1, 4), target.reshape(-1, 4)
        target[:] = _blended(mode, under, top, opacity).reshape(target.shape)
    else:
        target[shows] = _blended(mode, target[shows], source[shows], opacity)


def _blended(mode: str, backdrop: Pixels, source: Pixels, opacity: float) -> Pixels:
    """`blend` for pixels in a row: (n, 4) and (n, 4) to (n, 4)."""
    b, s = _planes(backdrop, 1.0), _planes(source, opacity)
    as_ = s[3]
    if backdrop[:, 3].min() == 255:
        out = b * (1 - as_)
        out[:3] += as_ * FORMULAS[mode](b[:3], _straight(s[:3], as_))
        out[3] = 1
    else:
        ab = b[3]
        both = as_ * ab
        out = s * (1 - ab)
        out += b * (1 - as_)
        out[:3] += both * FORMULAS[mode](_straight(b[:3], ab), _straight(s[:3], as_))
        out[3] += both
    out *= 255
    result: Pixels = np.ascontiguousarray(np.rint(out, out=out).astype(np.uint8).T)
    return result


def _planes(pixels: Pixels, opacity: float) -> Floats:
    """(n, 4) bytes as four contiguous planes of 0-1 times an opacity."""
    result: Floats = np.multiply(np.ascontiguousarray(pixels.T), np.float32(opacity / 255), dtype=np.float32)
    return result


def _straight(colours: Floats, alpha: Floats) -> Floats:
    """Colours that are not premultiplied; they may not exceed 1 even where a file said so."""
    return np.minimum(colours / np.maximum(alpha, _TINY), 1)


def faded(pixels: Pixels, opacity: float) -> Pixels:
    """Premultiplied pixels (or a mask) times an opacity of 0-1, rounded."""
    product = np.multiply(pixels, np.float32(opacity), dtype=np.float32)
    result: Pixels = np.rint(product, out=product).astype(np.uint8)
    return result


def multiply(pixels: Pixels, mask: Pixels) -> Pixels:
    """Premultiplied (h, w, 4) times a mask (h, w), rounded."""
    wide = np.repeat(mask, 4, axis=1).reshape(pixels.shape)
    product = np.multiply(pixels, wide, dtype=np.uint16)
    product += 128
    product += product >> 8
    product >>= 8
    result: Pixels = product.astype(np.uint8)
    return result


def opaque(pixels: Pixels) -> Pixels:
    """The colours of premultiplied pixels without their transparency; black where there is none."""
    alpha = np.maximum(pixels[..., 3:], 1).astype(np.float32)
    scaled = np.minimum(pixels * (np.float32(255) / alpha), 255)
    out: Pixels = np.rint(scaled, out=scaled).astype(np.uint8)
    out[..., 3] = 255
    return out


def is_opaque(pixels: Pixels) -> bool:
    """Whether every pixel of a contiguous (h, w, 4) array has alpha 255."""
    h, w = pixels.shape[:2]
    if not (pixels[0, 0, 3] == pixels[h // 2, w // 2, 3] == pixels[-1, -1, 3] == 255):  # says no at once nearly always
        return False
    return bool(np.bitwise_and.reduce(pixels.view(np.uint32), axis=None) >= 0xFF000000)
