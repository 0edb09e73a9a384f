"""Undo as a list of values."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.project.paint import TILE, History, Layer, Picture, Plane, edit
from tests.unit.paint_kit import layers, mask_noise, noise, pictures, shown

ONE = TILE * TILE * 4


def painted(picture: Picture, seed: int, column: int) -> Picture:
    layer = picture.layers[0]
    return edit.put_plane(picture, layer.id, layer.plane.write(noise(seed, 20, 20, alpha=255), column * TILE, 0))


def start() -> Picture:
    return Picture(2048, 256, (Layer("a", "a", plane=Plane.from_array(noise(0, 2048, 256, alpha=255))),), active="a")


class Step(NamedTuple):
    """What an edit is tried on: a picture, the id of a layer and some number."""

    p: Picture
    id: str
    n: int


@st.composite
def edits(draw: st.DrawFn, picture: Picture) -> Picture:
    """The picture after one edit of any kind, or as it was where the edit is refused."""
    ids = [one.id for one, _ in picture.walk()] or ["missing"]
    one, number = draw(st.sampled_from(ids)), draw(st.integers(0, 50))
    name = draw(st.sampled_from(sorted(EDITS)))
    if name == "add":
        return edit.add_layer(picture, draw(layers()), None)
    try:
        return EDITS[name](Step(picture, one, number))
    except edit.PaintError:
        return picture


EDITS: dict[str, Callable[[Step], Picture]] = {
    "add": lambda s: s.p,
    "paste": lambda s: edit.paste_array(s.p, noise(s.n, 20, 10), s.n - 30, s.n - 20, "pasted"),
    "paint": lambda s: edit.put_plane(s.p, s.id, s.p.layer(s.id).plane.write(noise(s.n, 9, 9), s.n, s.n),
                                      in_selection=True),
    "fill": lambda s: edit.fill_plane(s.p, s.id, (s.n, 200, 10, 4 * s.n)),
    "clear": lambda s: edit.clear(s.p, s.id),
    "select": lambda s: s.p.with_selection(Plane.from_array(mask_noise(s.n, 30, 30), s.n - 20, 3)),
    "deselect": lambda s: s.p.with_selection(None),
    "mask": lambda s: edit.mask_from_selection(s.p, s.id, hide=s.n % 2 == 0),
    "apply": lambda s: edit.apply_mask(s.p, s.id),
    "remove": lambda s: edit.remove(s.p, s.id),
    "duplicate": lambda s: edit.duplicate(s.p, s.id),
    "group": lambda s: edit.group(s.p, [s.id]),
    "ungroup": lambda s: edit.ungroup(s.p, s.id),
    "move": lambda s: edit.move_layer(s.p, s.id, "", s.n % 4),
    "translate": lambda s: edit.translate(s.p, s.id, s.n - 25, 25 - s.n),
    "merge": lambda s: edit.merge_down(s.p, s.id),
    "visible": lambda s: edit.merge_visible(s.p),
    "flatten": lambda s: edit.flatten(s.p),
    "rasterize": lambda s: edit.rasterize(s.p, s.id),
    "opacity": lambda s: edit.set_props(s.p, s.id, opacity=s.n / 50, blend="multiply"),
    "clip": lambda s: edit.set_props(s.p, s.id, clipped=s.n % 2 == 0),
    "lock": lambda s: edit.set_props(s.p, s.id, locked=s.n % 2 == 0, alpha_locked=s.n % 3 == 0),
    "flip": lambda s: edit.flip(s.p, s.n % 2 == 0, s.id if s.n % 3 else None),
    "turn": lambda s: edit.rotate90(s.p, s.n, s.id if s.n % 2 else None),
    "crop": lambda s: edit.crop(s.p, edit.Rect(s.n - 25, 3, 40, s.n), delete=s.n % 2 == 0),
    "canvas": lambda s: edit.resize_canvas(s.p, s.n + 1, 40, (0.0, 1.0)),
    "image": lambda s: edit.resize_image(s.p, s.n + 1, 51 - s.n),
}


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_undo_all_and_redo_all_give_the_same_pixels(data: st.DataObject) -> None:
    picture = data.draw(pictures())
    history = History(picture)
    seen = [shown(picture)]
    for step in range(data.draw(st.integers(1, 6))):
        picture = data.draw(edits(picture))
        history.push(f"step {step}", picture)
        seen.append(shown(picture))
        for layer, _ in picture.walk():
            pixels = layer.plane.read(-60, -60, 200, 200)
            assert (pixels[..., :3] <= pixels[..., 3:]).all(), "no colour may exceed its alpha"
    for index in range(len(seen) - 2, -1, -1):
        back = history.undo()
        assert back is not None
        assert np.array_equal(shown(back), seen[index])
    assert history.undo() is None
    for index in range(1, len(seen)):
        forth = history.redo()
        assert forth is not None
        assert np.array_equal(shown(forth), seen[index])
    assert history.redo() is None
    assert history.nbytes == counted(history)


def counted(history: History) -> int:
    """Bytes of the tiles of all values without those of the newest, the slow way."""
    newest, tiles = {}, {}
    for entry in history.entries:
        newest = {id(tile): tile.nbytes for plane in entry.value.planes().values() for tile in plane.tiles.values()}
        tiles |= newest
    return sum(tiles.values()) - sum(newest.values())


def test_only_touched_tiles_are_paid_for() -> None:
    picture = start()
    history = History(picture)
    for step in range(5):
        picture = painted(picture, step, step)
        history.push("Brush", picture)
    assert history.nbytes == 5 * ONE
    assert history.labels() == ["Open", *["Brush"] * 5]


def test_the_oldest_steps_go_when_the_budget_is_spent() -> None:
    picture = start()
    history = History(picture, budget=3 * ONE)
    for step in range(8):
        picture = painted(picture, step, step)
        history.push(f"Brush {step}", picture)
    assert history.nbytes <= 3 * ONE
    assert history.dropped == 5
    assert history.labels() == ["Brush 4", "Brush 5", "Brush 6", "Brush 7"]
    assert history.index == 3
    assert history.nbytes == counted(history)


def test_the_last_step_can_be_taken_back_whatever_it_costs() -> None:
    history = History(start(), budget=10)
    history.push("Clear", edit.clear(history.picture, "a"))
    assert history.nbytes > 10
    undone = history.undo()
    assert undone is not None
    assert undone.layers[0].plane.bounds() is not None


def test_a_new_step_forgets_what_was_ahead() -> None:
    picture = start()
    history = History(picture)
    history.push("one", painted(picture, 1, 0))
    history.push("two", painted(history.picture, 2, 1))
    history.undo()
    history.push("three", painted(history.picture, 3, 2))
    assert history.labels() == ["Open", "one", "three"]
    assert not history.can_redo
    assert history.nbytes == counted(history) == 2 * ONE


def test_steps_of_one_kind_merge_until_something_else_happens() -> None:
    picture = start()
    history = History(picture)
    for value in (0.9, 0.8, 0.7):
        history.push("Opacity", edit.set_props(picture, "a", opacity=value), merge="opacity a")
    assert history.labels() == ["Open", "Opacity"]
    assert history.picture.layers[0].opacity == 0.7
    history.settle()
    history.push("Opacity", edit.set_props(picture, "a", opacity=0.1), merge="opacity a")
    assert history.index == 2
    history.undo()
    history.redo()
    history.push("Opacity", edit.set_props(picture, "a", opacity=0.2), merge="opacity a")
    assert history.labels() == ["Open", "Opacity", "Opacity", "Opacity"]


def test_jumping() -> None:
    picture = start()
    history = History(picture)
    history.push("one", painted(picture, 1, 0))
    assert history.jump(0) is picture
    assert not history.can_undo
    with pytest.raises(IndexError):
        history.jump(2)
