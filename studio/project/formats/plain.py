"""A picture for programs that know neither layer masks nor clipping: its layers with both worked into their pixels.

What is drawn through a soft mask layer by layer is not quite what is drawn together and masked then. Where the two
differ by more than `CLOSE`, the group becomes one layer.
"""

from __future__ import annotations

import numpy as np

from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import TILE, Pixels, Plane, tile_rect
from studio.project.paint.render import compose_plane

CLOSE = 2
"""Of 255: what rounding and eyes forgive."""


class Plain:
    """The plain version of a picture.

    Attributes:
        layers: without masks and clipping. A layer whose pixels had not to be touched keeps its plane.
        worked_in: how many layers had to be touched.
        merged: names of the groups that became one layer.
    """

    def __init__(self, picture: Picture) -> None:
        self._board = picture.rect
        self.worked_in = 0
        self.merged: list[str] = []
        self.layers = self._all(picture.layers, None)

    def _all(self, layers: tuple[Layer, ...], mask: Plane | None) -> tuple[Layer, ...]:
        """Some siblings; `mask` is that of all groups around them, in document coordinates."""
        stacks: list[list[Layer]] = []
        for layer in layers:
            if layer.clipped and stacks:
                stacks[-1].append(layer)
            else:
                stacks.append([layer.with_(clipped=False)])
        return tuple(self._clipped(stack[0], stack[1:], mask) if len(stack) > 1 else self._one(stack[0], mask)
                     for stack in stacks)

    def _one(self, layer: Layer, mask: Plane | None) -> Layer:
        own = layer.mask if layer.mask_on else None
        shape = mask if own is None else within(Plane.empty(1, 255) if mask is None else mask, own, layer.dx, layer.dy)
        bare = layer.with_(mask=None, mask_on=True)
        if layer.kind == "group":
            made = bare.with_(children=self._all(layer.children, shape))
            return made if shape is None else self._checked(made, (_alone(layer),), mask)
        if shape is None:
            return bare
        self.worked_in += 1
        return bare.with_(plane=masked(layer.plane, shape, layer.dx, layer.dy))

    def _clipped(self, base: Layer, clipped: list[Layer], mask: Plane | None) -> Layer:
        """A layer and those clipped to it as a group that is drawn as the layer is."""
        shape = within(self._shape(base), mask)
        below = self._one(_alone(base), mask)
        above = tuple(self._one(layer.with_(clipped=False), shape) for layer in clipped)
        group = Layer(f"{base.id}+", f"{base.name} (clipped)", "group", opacity=base.opacity, blend=base.blend,
                      visible=base.visible, children=(below, *above))
        return self._checked(group, (_alone(base), *clipped), mask)

    def _checked(self, made: Layer, truth: tuple[Layer, ...], mask: Plane | None) -> Layer:
        """`made` where it looks as `truth` does through `mask`, else one layer of what it should look like."""
        bounds = truth[0].bounds()
        if bounds is None or not made.visible:
            return made
        rect = bounds.intersected(self._board)
        wanted = compose_plane(truth, rect)
        if mask is not None:
            wanted = masked(wanted, mask)
        found = compose_plane((_alone(made),), rect)
        for key in wanted.changed(found):
            if _differs(wanted, found, key):
                self.merged.append(made.name)
                return made.with_(kind="pixels", plane=wanted, children=())
        return made

    def _shape(self, base: Layer) -> Plane:
        """The alpha of a layer as it is drawn, its opacity left aside, in the tiles of the artboard."""
        bounds = base.bounds()
        if bounds is None:
            return Plane.empty(1)
        drawn = compose_plane((_alone(base),), bounds.intersected(self._board))
        return Plane.empty(1).with_tiles({key: np.array(tile[..., 3]) for key, tile in drawn.tiles.items()})


def _alone(layer: Layer) -> Layer:
    return layer.with_(opacity=1.0, blend="normal", visible=True, clipped=False)


def _differs(one: Plane, other: Plane, key: tuple[int, int]) -> bool:
    place = tile_rect(key)
    step = np.abs(one.read(*place).astype(np.int16) - other.read(*place))
    return bool((step > CLOSE).any())


def masked(plane: Plane, mask: Plane, dx: int = 0, dy: int = 0) -> Plane:
    """A colour plane that lies at (dx, dy), times a mask in document coordinates."""
    return plane.with_tiles({
        key: product(tile, mask.read(key[0] * TILE + dx, key[1] * TILE + dy, TILE, TILE)[..., None])
        for key, tile in plane.tiles.items()})


def within(shape: Plane, mask: Plane | None, dx: int = 0, dy: int = 0) -> Plane:
    """The product of two masks in document coordinates; `mask` lies at (dx, dy)."""
    if mask is None:
        return shape
    keys = set(shape.tiles) | {key for own in mask.tiles for key in tile_rect(own).translated(dx, dy).tiles()}
    made = {}
    for key in keys:
        x, y = key[0] * TILE, key[1] * TILE
        made[key] = product(shape.read(x, y, TILE, TILE), mask.read(x - dx, y - dy, TILE, TILE))
    return Plane.empty(1, shape.default * mask.default // 255).with_tiles(made)


def product(one: Pixels, other: Pixels) -> Pixels:
    """The product of two arrays of shares of 255, rounded."""
    wide = one.astype(np.uint16) * other + 128
    result: Pixels = ((wide + (wide >> 8)) >> 8).astype(np.uint8)
    return result
