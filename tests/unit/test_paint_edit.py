"""Edits: what each does to the pixels and to the tree, and what it refuses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.project.paint import TILE, Layer, PaintError, Picture, Plane, Rect, edit, new_id
from studio.project.paint.picture import MAX_SIDE
from studio.project.paint.tree import MAX_LAYERS
from tests.unit.paint_kit import Array, mask_noise, noise, pictures, shown

OPAQUE = noise(1, 60, 40, alpha=255)


def layer(name: str, array: Array | None = None, x: int = 0, y: int = 0, **fields: Any) -> Layer:
    plane = Plane.empty() if array is None else Plane.from_array(array, x, y)
    return Layer(name, name, plane=plane, **fields)


def group(name: str, *children: Layer, **fields: Any) -> Layer:
    return Layer(name, name, "group", children=children, **fields)


def tree(picture: Picture) -> list[Any]:
    """The names as nested lists, rearmost first."""
    def names(found: tuple[Layer, ...]) -> list[Any]:
        return [[one.name, *names(one.children)] if one.kind == "group" else one.name for one in found]
    return names(picture.layers)


def sample() -> Picture:
    """a, a group g of b and c, and d on top; 60 x 40."""
    return Picture(60, 40, (layer("a", OPAQUE), group("g", layer("b", noise(2, 30, 30), -10, -5), layer("c")),
                            layer("d", noise(3, 60, 40))), active="c")


# the tree


def test_finding_layers() -> None:
    picture = sample()
    assert [(one.name, depth) for one, depth in picture.walk()] == [("d", 0), ("g", 0), ("c", 1), ("b", 1), ("a", 0)]
    assert picture.path("b") == ("g", "b")
    assert picture.path("no") == ()
    assert picture.parent("b") == "g"
    assert picture.parent("d") == ""
    assert picture.find("no") is None
    assert picture.active_layer is picture.find("c")
    with pytest.raises(PaintError, match="Choose a layer first"):
        picture.layer("")
    with pytest.raises(PaintError, match="no longer there"):
        picture.with_active("no")
    assert set(picture.planes()) == {"a", "b", "c", "d"}


def test_replacing_shares_the_rest() -> None:
    picture = sample()
    after = edit.set_props(picture, "b", opacity=0.5)
    assert after.layers[0] is picture.layers[0]
    assert after.layers[2] is picture.layers[2]
    assert after.layer("c") is picture.layer("c")
    assert picture.layer("b").opacity == 1


def test_adding_removing_and_the_active_layer() -> None:
    picture = edit.add_layer(sample(), layer("x"), "b")
    assert tree(picture) == ["a", ["g", "b", "x", "c"], "d"]
    assert picture.active == "x"
    assert tree(edit.add_layer(sample(), layer("x"))) == ["a", ["g", "b", "c"], "d", "x"]
    assert edit.remove(picture, "x").active == "b"
    assert edit.remove(edit.remove(sample(), "c"), "b").active == "g"
    assert edit.remove(sample(), "g").active == "a"
    assert edit.remove(Picture(9, 9, (layer("a"), layer("b")), active="a"), "a").active == "b"
    assert edit.remove(Picture(9, 9, (layer("a"),), active="a"), "a").active == ""


def test_duplicating_a_group_copies_all_in_it() -> None:
    picture = edit.duplicate(sample(), "g")
    assert tree(picture) == ["a", ["g", "b", "c"], ["g copy", "b", "c"], "d"]
    ids = [one.id for one, _ in picture.walk()]
    assert len(ids) == len(set(ids))
    assert picture.active == picture.layers[2].id
    assert picture.layers[2].children[0].plane is picture.layers[1].children[0].plane


def test_grouping_takes_the_place_of_the_topmost_and_keeps_the_order() -> None:
    picture = edit.group(sample(), ["d", "a"], "new")
    assert tree(picture) == [["g", "b", "c"], ["new", "a", "d"]]
    assert picture.active == picture.layers[1].id
    assert tree(edit.group(sample(), ["b", "g", "c"], "new")) == ["a", ["new", ["g", "b", "c"]], "d"]
    assert tree(edit.group(sample(), ["b"], "new")) == ["a", ["g", ["new", "b"], "c"], "d"]
    whole = edit.group(sample(), ["a", "g", "d"])
    assert np.array_equal(shown(whole), shown(sample()))
    assert tree(edit.ungroup(whole, whole.active)) == tree(sample())


def test_moving_in_the_tree() -> None:
    assert tree(edit.move_layer(sample(), "a", "g", 1)) == [["g", "b", "a", "c"], "d"]
    assert tree(edit.move_layer(sample(), "b", "", 0)) == ["b", "a", ["g", "c"], "d"]
    assert tree(edit.move_layer(sample(), "b", "g", 99)) == ["a", ["g", "c", "b"], "d"]
    with pytest.raises(PaintError, match="into itself"):
        edit.move_layer(edit.group(sample(), ["b"], "inner"), "g", sample().layers[1].id, 0)
    with pytest.raises(PaintError, match="is not a group"):
        edit.move_layer(sample(), "b", "a", 0)


def test_moving_a_layer_moves_its_mask_and_its_children_and_no_pixel() -> None:
    picture = edit.set_mask(sample(), "b", Plane.from_array(mask_noise(1, 30, 30), -10, -5, 255))
    picture = picture.with_(layers=(picture.layer("g"),))
    moved = edit.translate(picture, "g", 7, 3)
    assert moved.layer("b").plane is picture.layer("b").plane
    assert moved.layer("b").mask is picture.layer("b").mask
    assert np.array_equal(shown(moved)[3:, 7:], shown(picture)[:-3, :-7])


@settings(max_examples=40, deadline=None)
@given(pictures(), st.data())
def test_merging_down_normal_layers_looks_the_same(picture: Picture, data: st.DataObject) -> None:
    ids = [one.id for one, _ in picture.walk()]
    if not ids:
        return
    chosen = data.draw(st.sampled_from(ids))
    try:
        merged = edit.merge_down(picture, chosen)
    except PaintError:
        return
    siblings = [one.id for one in (picture.layer(picture.parent(chosen)).children if picture.parent(chosen)
                                   else picture.layers)]
    upper, lower = picture.layer(chosen), picture.layer(siblings[siblings.index(chosen) - 1])
    above = picture.find(siblings[siblings.index(chosen) + 1]) if siblings.index(chosen) + 1 < len(siblings) else None
    if {upper.blend, lower.blend} == {"normal"} and not lower.clipped and not (above and above.clipped):
        assert np.abs(shown(merged) - shown(picture)).max() <= 4
    assert merged.active == lower.id
    assert len(list(merged.walk())) < len(ids)


def test_merging_keeps_what_lies_outside_the_artboard() -> None:
    picture = Picture(20, 20, (layer("a", OPAQUE, -30, -20), layer("b", noise(2, 10, 10, alpha=255), -100, 50)))
    assert edit.merge_down(picture, "b").layer("a").bounds() == Rect(-100, -20, 130, 80)
    assert edit.merge_visible(picture).layers[0].bounds() == Rect(-100, -20, 130, 80)
    assert edit.flatten(picture).layers[0].bounds() == Rect(0, 0, 20, 20)


@settings(max_examples=40, deadline=None)
@given(pictures())
def test_flattening_looks_the_same(picture: Picture) -> None:
    assert np.array_equal(shown(edit.flatten(picture)), shown(picture))
    if sum(one.visible for one in picture.layers) > 1:
        assert np.array_equal(shown(edit.merge_visible(picture)), shown(picture))
    for one in picture.layers:
        if one.kind == "group":
            assert np.array_equal(shown(edit.rasterize(picture, one.id)), shown(picture))


# pixels and masks


def test_pasting_makes_a_layer_where_it_is_told() -> None:
    picture = edit.paste_array(sample(), OPAQUE, -300, 250, "pasted", above="a", result="r1")
    made = picture.layers[1]
    assert (made.name, made.result, picture.active) == ("pasted", "r1", made.id)
    assert made.bounds() == Rect(-300, 250, 60, 40)


def test_a_painted_plane_respects_the_selection_softly() -> None:
    chosen = mask_noise(5, 60, 40)
    picture = sample().with_selection(Plane.from_array(chosen))
    old = picture.layer("a").plane.read(0, 0, 60, 40).astype(float)
    new = noise(9, 60, 40).astype(float)
    after = edit.put_plane(picture, "a", picture.layer("a").plane.write(noise(9, 60, 40), 0, 0), in_selection=True)
    wanted = old + (new - old) * chosen[..., None] / 255
    assert np.abs(after.layer("a").plane.read(0, 0, 60, 40) - wanted).max() <= 0.51
    free = edit.put_plane(picture, "a", picture.layer("a").plane.write(noise(9, 60, 40), 0, 0))
    assert np.array_equal(free.layer("a").plane.read(0, 0, 60, 40), noise(9, 60, 40))


def test_the_selection_lies_in_document_coordinates() -> None:
    picture = edit.translate(sample(), "a", 10, 0).with_selection(Plane.from_array(np.full((40, 15), 255, np.uint8)))
    after = edit.clear(picture, "a")
    assert after.layer("a").bounds() == Rect(15, 0, 55, 40)


def test_alpha_lock_keeps_transparency() -> None:
    picture = edit.set_props(sample(), "d", alpha_locked=True)
    old = picture.layer("d").plane.read(0, 0, 60, 40)
    after = edit.fill_plane(picture, "d", (255, 128, 0, 255)).layer("d").plane.read(0, 0, 60, 40)
    assert np.array_equal(after[..., 3], old[..., 3])
    assert (after[old[..., 3] == 255] == (0, 128, 255, 255)).all()
    with pytest.raises(PaintError, match="transparency of “d” is locked"):
        edit.clear(picture, "d")


def test_filling_covers_the_artboard_or_the_selection_and_shares_tiles() -> None:
    picture = Picture(1000, 700, (layer("a"),), active="a")
    filled = edit.fill_plane(picture, "a", (255, 0, 0, 128)).layer("a")
    assert filled.bounds() == Rect(0, 0, 1000, 700)
    assert filled.plane.read(999, 699, 1, 1).tolist() == [[[0, 0, 128, 128]]]
    assert filled.plane.nbytes < 12 * TILE * TILE * 4
    chosen = picture.with_selection(Plane.from_array(np.full((5, 5), 255, np.uint8), -3, 300))
    assert edit.fill_plane(chosen, "a", (1, 2, 3, 255)).layer("a").bounds() == Rect(-3, 300, 5, 5)
    assert edit.clear(edit.fill_plane(picture, "a", (9, 9, 9, 9)), "a").layer("a").bounds() is None


def test_masks_from_the_selection_and_into_the_pixels() -> None:
    chosen = mask_noise(5, 60, 40)
    picture = edit.translate(sample(), "a", 3, 2).with_selection(Plane.from_array(chosen))
    masked = edit.mask_from_selection(picture, "a")
    hidden = edit.mask_from_selection(picture, "a", hide=True)
    alpha = shown(masked.with_(layers=(masked.layer("a"),)))[..., 3]
    assert np.array_equal(alpha[2:, 3:], chosen[2:, 3:])
    assert (shown(hidden.with_(layers=(hidden.layer("a"),)))[2:, 3:, 3] == 255 - chosen[2:, 3:]).all()
    applied = edit.apply_mask(masked, "a")
    assert applied.layer("a").mask is None
    assert np.array_equal(shown(applied), shown(masked))
    everything = edit.mask_from_selection(sample(), "a")
    assert np.array_equal(shown(everything), shown(sample()))
    assert edit.set_mask(masked, "a", None).layer("a").mask is None


def test_a_selection_of_nothing_is_none() -> None:
    assert sample().with_selection(Plane.empty(1)).selection is None
    assert sample().with_mask(Plane.from_array(np.zeros((9, 9), np.uint8))).mask is None
    assert sample().with_selection(Plane.empty(1, 255)).selection is not None


# size and place


def alone(picture: Picture, *, size: int = 300) -> Array:
    """The layers on a large artboard with (0, 0) in its middle."""
    return shown(edit.crop(picture, Rect(-size, -size, 2 * size, 2 * size)))


@settings(max_examples=40, deadline=None)
@given(pictures(), st.integers(0, 3))
def test_flips_and_turns_are_those_of_the_composed_picture(picture: Picture, turns: int) -> None:
    picture = picture.with_selection(Plane.from_array(mask_noise(1, 40, 30), 3, 2))
    chosen = picture.selection
    assert chosen is not None
    whole = chosen.read(0, 0, picture.width, picture.height)
    for horizontal, axis in ((True, 1), (False, 0)):
        flipped = edit.flip(picture, horizontal)
        assert np.array_equal(shown(flipped), np.flip(shown(picture), axis))
        assert flipped.selection is not None
        assert np.array_equal(flipped.selection.read(0, 0, picture.width, picture.height), np.flip(whole, axis))
        assert np.array_equal(alone(edit.flip(flipped, horizontal)), alone(picture))
    turned = edit.rotate90(picture, turns)
    assert np.array_equal(shown(turned), np.rot90(shown(picture), -turns))
    assert np.array_equal(alone(edit.rotate90(turned, -turns)), alone(picture))


def test_a_layer_flips_and_turns_about_its_own_middle() -> None:
    mask = Plane.from_array(mask_noise(1, 60, 40), 31, -17, 255)
    picture = Picture(200, 200, (layer("a", OPAQUE, 31, -17, mask=mask),))
    box = picture.layer("a").bounds()
    for horizontal, axis in ((True, 1), (False, 0)):
        flipped = edit.flip(picture, horizontal, "a")
        assert flipped.layer("a").bounds() == box
        assert np.array_equal(alone(flipped)[283:323, 331:391], np.flip(alone(picture)[283:323, 331:391], axis))
    turned = edit.rotate90(picture, 1, "a").layer("a").bounds()
    assert turned == Rect(41, -27, 40, 60)
    assert np.array_equal(alone(edit.rotate90(picture, 1, "a"))[273:333, 341:381],
                          np.rot90(alone(picture)[283:323, 331:391], -1))
    assert np.array_equal(alone(edit.rotate90(picture, 4, "a")), alone(picture))


def test_cropping_moves_the_layers_and_deletes_when_asked() -> None:
    picture = sample().with_selection(Plane.from_array(mask_noise(1, 60, 40)))
    cropped = edit.crop(picture, Rect(10, 5, 20, 20))
    assert np.array_equal(shown(cropped), shown(picture)[5:25, 10:30])
    assert cropped.layer("a").bounds() == Rect(-10, -5, 60, 40)
    cut = edit.crop(picture, Rect(10, 5, 20, 20), delete=True)
    assert cut.layer("a").bounds() == Rect(0, 0, 20, 20)
    assert np.array_equal(shown(cut), shown(cropped))
    grown = edit.crop(picture, Rect(-10, -10, 100, 100))
    assert np.array_equal(shown(grown)[10:50, 10:70], shown(edit.crop(picture, Rect(0, 0, 60, 40))))
    assert np.array_equal(alone(grown)[310:350, 310:370], alone(picture)[300:340, 300:360])


@pytest.mark.parametrize(("anchor", "place"), [((0.0, 0.0), (0, 0)), ((1.0, 1.0), (40, 60)), ((0.5, 0.0), (20, 0))])
def test_the_canvas_grows_around_its_anchor(anchor: tuple[float, float], place: tuple[int, int]) -> None:
    picture = edit.resize_canvas(sample(), 100, 100, anchor)
    assert (picture.width, picture.height) == (100, 100)
    assert picture.layer("a").bounds() == Rect(*place, 60, 40)


def test_scaling_keeps_edges_averages_and_premultiplied_colours() -> None:
    big = np.repeat(np.repeat(noise(4, 40, 30, alpha=255), 2, axis=0), 2, axis=1)
    picture = Picture(80, 60, (layer("a", big), layer("b", noise(5, 30, 30), -40, 7, dx=5)))
    half = edit.resize_image(picture, 40, 30)
    assert np.array_equal(half.layer("a").plane.read(0, 0, 40, 30), noise(4, 40, 30, alpha=255))
    assert half.layer("a").bounds() == Rect(0, 0, 40, 30)
    back = edit.resize_image(edit.resize_image(picture, 173, 91), 80, 60)
    assert back.layer("a").bounds() == Rect(0, 0, 80, 60)
    assert np.abs(back.layer("a").plane.read(0, 0, 80, 60).astype(int) - big).mean() < 12
    for one in (half.layer("b"), back.layer("b"), edit.resize_image(picture, 160, 30).layer("b")):
        pixels = one.plane.read(-200, -200, 400, 400)
        assert (pixels[..., :3] <= pixels[..., 3:]).all()
    assert edit.resize_image(picture, 80, 60) is picture


def test_a_text_stays_a_text_where_it_can() -> None:
    text = layer("t", OPAQUE, text={"string": "Hi", "size": 20.0, "x": 5.0, "y": 10.0}, dx=10).with_(kind="text")
    picture = Picture(60, 40, (text,))
    scaled = edit.resize_image(picture, 120, 80).layer("t")
    assert scaled.kind == "text"
    assert scaled.text == {"string": "Hi", "size": 40.0, "x": 30.0, "y": 20.0}
    flipped = edit.flip(picture, True).layer("t")
    assert (flipped.kind, flipped.text) == ("pixels", None)
    assert edit.rasterize(picture, "t").layer("t").kind == "pixels"


# what is refused


def locked(name: str) -> Picture:
    return edit.set_props(sample(), name, locked=True)


@pytest.mark.parametrize(("attempt", "sentence"), [
    (lambda: edit.put_plane(locked("a"), "a", Plane.empty()), "“a” is locked; unlock it first."),
    (lambda: edit.put_plane(locked("g"), "b", Plane.empty()), "“g” is locked; unlock it first."),
    (lambda: edit.remove(locked("b"), "g"), "“b” is locked; unlock it first."),
    (lambda: edit.translate(locked("b"), "g", 1, 1), "“b” is locked; unlock it first."),
    (lambda: edit.flip(locked("a"), True, "a"), "“a” is locked; unlock it first."),
    (lambda: edit.merge_down(locked("a"), "g"), "“a” is locked; unlock it first."),
    (lambda: edit.set_mask(locked("a"), "a", None), "“a” is locked; unlock it first."),
    (lambda: edit.fill_plane(sample(), "g", (0, 0, 0, 0)), "A group has no pixels of its own; choose a layer in it."),
    (lambda: edit.clear(edit.set_props(sample(), "a", kind="text"), "a"),
     "A text has no pixels to paint on; turn it into pixels first."),
    (lambda: edit.merge_down(sample(), "a"), "There is no layer below this one to merge with."),
    (lambda: edit.merge_down(sample(), "d"), "The layer below is a group; merge the group first."),
    (lambda: edit.merge_down(edit.set_props(sample(), "b", visible=False), "c"),
     "Show both layers first; a hidden one cannot be merged."),
    (lambda: edit.merge_visible(Picture(9, 9)), "No layer is visible; show the layers to merge."),
    (lambda: edit.apply_mask(sample(), "a"), "“a” has no mask to apply."),
    (lambda: edit.ungroup(sample(), "a"), "“a” is not a group."),
    (lambda: edit.group(sample(), []), "Choose the layers to group first."),
    (lambda: edit.set_props(sample(), "a", blend="dissolve"), "There is no blend mode “dissolve”."),
    (lambda: edit.set_props(sample(), "a", control="sound"), "A layer cannot steer by “sound”."),
    (lambda: edit.crop(sample(), Rect(1, 1, 0, 5)), "The crop is empty; drag a rectangle with some width and height."),
    (lambda: edit.resize_canvas(sample(), 0, 5), "A picture is at least 1 pixel wide and high."),
    (lambda: edit.resize_image(sample(), MAX_SIDE + 1, 5),
     "A picture of 16,385 x 5 pixels is too large; a side has at most 16,384."),
    (lambda: edit.add_layer(sample(), layer("a")), "That layer is in the picture already."),
    (lambda: edit.add_layer(Picture(9, 9, tuple(layer(str(n)) for n in range(MAX_LAYERS))), layer("x")),
     "A picture has at most 1,000 layers; merge some first."),
])
def test_a_refusal_is_one_sentence(attempt: Callable[[], Picture], sentence: str) -> None:
    with pytest.raises(PaintError) as caught:
        attempt()
    assert str(caught.value) == sentence


def test_groups_go_so_deep_and_no_deeper() -> None:
    picture = Picture(9, 9, (layer("a"),))
    for _ in range(15):
        picture = edit.group(picture, [picture.layers[0].id])
    assert len(picture.path("a")) == 16
    with pytest.raises(PaintError, match="at most 16 deep"):
        edit.group(picture, [picture.layers[0].id])


def test_properties_are_kept_in_their_ranges() -> None:
    picture = edit.set_props(sample(), "a", opacity=7, control="edges", control_weight=-1)
    assert (picture.layer("a").opacity, picture.layer("a").control_weight) == (1.0, 0.0)
    with pytest.raises(TypeError, match="no colour"):
        edit.set_props(sample(), "a", colour="red")


def test_ids_are_new() -> None:
    assert len({new_id() for _ in range(100)}) == 100


def test_the_largest_size_is_no_trouble_while_it_is_empty() -> None:
    picture = Picture(MAX_SIDE, MAX_SIDE, (layer("a"),), active="a")
    picture = edit.put_plane(picture, "a", Plane.from_array(OPAQUE, MAX_SIDE - 30, MAX_SIDE - 20))
    assert edit.rotate90(picture, 1).layer("a").bounds() == Rect(-20, MAX_SIDE - 30, 40, 60)
    assert edit.flip(picture, True).layer("a").bounds() == Rect(-30, MAX_SIDE - 20, 60, 40)
