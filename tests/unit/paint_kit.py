"""Pictures for the tests of `studio.project.paint`, and a slow reference that composes them in floats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray
from PySide6.QtGui import QImage

from studio.project.paint import Layer, Picture, Plane, from_qimage, new_id
from studio.project.paint.blend import FORMULAS
from studio.project.paint.compositor import compose

Array = NDArray[Any]


def noise(seed: int, w: int, h: int, *, alpha: int | None = None) -> Array:
    """(h, w, 4) premultiplied noise with runs of transparent and of opaque pixels, or of one alpha."""
    rng = np.random.default_rng(seed)
    out = rng.integers(0, 256, (h, w, 4)).astype(np.uint16)
    out[..., 3] = rng.choice([0, 255, 255, 128, 3, 200], (h, w)) if alpha is None else alpha
    out[..., :3] = (out[..., :3] * out[..., 3:] + 127) // 255
    return out.astype(np.uint8)


def mask_noise(seed: int, w: int, h: int) -> Array:
    return np.random.default_rng(seed).choice(np.array([0, 255, 255, 90, 1], np.uint8), (h, w))


def pixels(image: QImage) -> Array:
    return from_qimage(image).astype(int)


def shown(picture: Picture) -> Array:
    """(h, w, 4): the whole picture, composed."""
    return pixels(compose(picture, picture.rect))


def reference_blend(mode: str, backdrop: Array, source: Array, opacity: float = 1.0) -> Array:
    """The compositing formula in float64; arrays of 0-255, (h, w, 4)."""
    b, s = backdrop.astype(float) / 255, source.astype(float) / 255 * opacity
    ab, as_ = b[..., 3:], s[..., 3:]
    if mode == "plus":
        return np.minimum(1, b + s) * 255
    out = s + b * (1 - as_)
    if mode != "normal":
        cb, cs = straight(b), straight(s)
        mixed = FORMULAS[mode](cb.reshape(-1, 3).T, cs.reshape(-1, 3).T).T.reshape(cb.shape)
        out[..., :3] = s[..., :3] * (1 - ab) + b[..., :3] * (1 - as_) + as_ * ab * mixed
    return out * 255


def straight(pixels: Array) -> Array:
    colours, alpha = pixels[..., :3], pixels[..., 3:]
    return np.minimum(np.divide(colours, alpha, out=np.zeros_like(colours), where=alpha > 0), 1)


def reference(picture: Picture) -> Array:
    """(h, w, 4) floats of 0-255: the whole picture by the definitions, without tiles, caches or rounding."""
    return _stack(picture.layers, picture)


def _stack(layers: Sequence[Layer], picture: Picture) -> Array:
    out = np.zeros((picture.height, picture.width, 4))
    at = 0
    while at < len(layers):
        base, end = layers[at], at + 1
        while end < len(layers) and layers[end].clipped:
            end += 1
        if base.visible:
            own = _own(base, picture)
            atop = np.where(own[..., 3:] > 0, own / np.maximum(own[..., 3:], 1e-9) * 255, 0)
            atop[..., 3] = 255
            for layer in layers[at + 1:end]:
                if layer.visible:
                    atop = reference_blend(layer.blend, atop, _own(layer, picture), layer.opacity)
            if end > at + 1:
                own = np.concatenate([atop[..., :3] * own[..., 3:] / 255, own[..., 3:]], axis=2)
            out = reference_blend(base.blend, out, own, base.opacity)
        at = end
    return out


def _own(layer: Layer, picture: Picture) -> Array:
    if layer.kind == "group":
        out = _stack(layer.children, picture)
    else:
        out = layer.plane.read(-layer.dx, -layer.dy, picture.width, picture.height).astype(float)
    if layer.mask is not None and layer.mask_on:
        out = out * layer.mask.read(-layer.dx, -layer.dy, picture.width, picture.height)[..., None] / 255
    return out


SMOOTH = ("normal", "normal", "multiply", "screen", "darken", "exclusion", "difference")
"""Modes in which a rounding of one layer stays one rounding in the next."""


@st.composite
def layers(draw: st.DrawFn, depth: int = 2, modes: Sequence[str] = SMOOTH) -> Layer:
    kind = "group" if depth and draw(st.integers(0, 4)) == 0 else "pixels"
    w, h, seed = draw(st.integers(1, 60)), draw(st.integers(1, 40)), draw(st.integers(0, 99))
    x, y = draw(st.integers(-300, 30)), draw(st.integers(-300, 30))
    mask = None
    if draw(st.booleans()):
        mask = Plane.from_array(mask_noise(seed, 50, 30), x + 5, y - 3, draw(st.sampled_from([0, 255])))
    return Layer(
        new_id(), "layer", kind,  # type: ignore[arg-type]
        plane=Plane.from_array(noise(seed, w, h), x, y) if kind == "pixels" else Plane.empty(),
        dx=-x + draw(st.integers(-20, 40)), dy=-y + draw(st.integers(-20, 30)),
        opacity=draw(st.sampled_from([1.0, 1.0, 0.5, 0.3, 0.0])), blend=draw(st.sampled_from(list(modes))),
        visible=draw(st.integers(0, 5)) > 0, clipped=draw(st.integers(0, 3)) == 0, mask=mask,
        mask_on=draw(st.integers(0, 5)) > 0,
        children=tuple(draw(st.lists(layers(depth - 1, modes), max_size=3))) if kind == "group" else ())


@st.composite
def pictures(draw: st.DrawFn, modes: Sequence[str] = SMOOTH) -> Picture:
    """Small pictures of up to five layers at the top, with an active one."""
    found = tuple(draw(st.lists(layers(modes=modes), max_size=5)))
    picture = Picture(draw(st.integers(1, 70)), draw(st.integers(1, 50)), found)
    ids = [layer.id for layer, _ in picture.walk()]
    return picture.with_active(draw(st.sampled_from(["", *ids])))
