"""PSD: what is written looks the same to another reader (psd-tools' own compositor) and comes back with its layers."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from painting_kit import colours, painting, ramp, same_plane
from psd_tools import PSDImage
from psd_tools.constants import BlendMode

from studio.project.formats import files, psd
from studio.project.formats.common import WriteOptions, premultiplied
from studio.project.formats.limits import FormatError
from studio.project.paint.blend import BLEND_IDS
from studio.project.paint.compositor import compose
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Pixels, Plane, from_qimage


def shown(picture: Picture) -> Pixels:
    return from_qimage(compose(picture, picture.rect))


def apart(one: Pixels, other: Pixels) -> int:
    return int(np.abs(one.astype(int) - other).max())


# ---------------------------------------------------------------- both ways

def test_layers_come_back(tmp_path: Path) -> None:
    made = painting()
    notes = files.write(made, tmp_path / "x.psd")
    assert len(notes) == 2
    assert "text" in notes[0]
    assert "Prompts" in notes[1]
    back, notes = files.read(tmp_path / "x.psd")
    assert notes == []
    properties = ("name", "opacity", "blend", "visible", "locked", "alpha_locked", "clipped", "mask_on", "folded")
    for (was, depth), (now, there) in zip(made.walk(), back.walk(), strict=True):
        assert depth == there
        assert [getattr(was, name) for name in properties] == [getattr(now, name) for name in properties]
        assert (now.kind == "group") == (was.kind == "group")
        assert same_plane(moved(now.plane, now), moved(was.plane, was))
        assert (now.mask is None) == (was.mask is None)
        if was.mask is not None and now.mask is not None:
            assert same_plane(moved(now.mask, now), moved(was.mask, was))
    assert np.array_equal(shown(back), shown(made))


def moved(plane: Plane, layer: Layer) -> Plane:
    """The plane in document coordinates."""
    bounds = plane.bounds()
    if bounds is None:
        return plane
    return Plane.from_array(plane.read(*bounds), bounds.x + layer.dx, bounds.y + layer.dy, plane.default)


def test_another_compositor_sees_the_same(tmp_path: Path) -> None:
    made = painting()
    files.write(made, tmp_path / "x.psd")
    document = PSDImage.open(tmp_path / "x.psd")
    assert apart(premultiplied(document.composite(ignore_preview=True)), shown(made)) <= 3
    assert np.array_equal(premultiplied(document.topil()), shown(made))  # the picture that other programs preview


@pytest.mark.parametrize("mode", sorted(BLEND_IDS))
def test_every_mode_looks_the_same_to_another_compositor(tmp_path: Path, mode: str) -> None:
    back = Layer("b", "B", plane=Plane.from_array(colours(40, 30, 9, soft=False)))
    front = Layer("f", "F", plane=Plane.from_array(colours(40, 30, 2)), opacity=0.8, blend=mode)
    made = Picture(40, 30, (back, front))
    files.write(made, tmp_path / "x.psd")
    seen = premultiplied(PSDImage.open(tmp_path / "x.psd").composite(ignore_preview=True))
    # "plus" adds light before it clips, Photoshop's Linear Dodge clips before it mixes; dark colours make divisions
    # coarse
    assert apart(seen, shown(made)) <= {"plus": 60, "vivid-light": 10, "divide": 8, "hue": 8}.get(mode, 4)
    assert files.read(tmp_path / "x.psd").picture.layers[1].blend == mode


def test_the_same_picture_gives_the_same_bytes_and_xmp_gets_in(tmp_path: Path) -> None:
    options = WriteOptions(metadata={"xmp": b"<x:xmpmeta/>"})
    for name in ("1.psd", "2.psd"):
        files.write(painting(), tmp_path / name, options)
    assert (tmp_path / "1.psd").read_bytes() == (tmp_path / "2.psd").read_bytes()
    assert b"<x:xmpmeta/>" in (tmp_path / "1.psd").read_bytes()
    assert files.read(tmp_path / "1.psd").notes == []


def test_a_clipped_group_and_masks_of_groups(tmp_path: Path) -> None:
    base = Layer("base", "Base", plane=Plane.from_array(colours(50, 50, 3, soft=False)))
    leaf = Layer("leaf", "Leaf", plane=Plane.from_array(colours(80, 60, 2)))
    group = Layer("g", "G", "group", children=(leaf,), clipped=True, mask_on=False,
                  mask=Plane.from_array(ramp(60, 60), 3, 0, 0))
    made = Picture(80, 60, (base, group), "g")
    files.write(made, tmp_path / "x.psd")
    back = files.read(tmp_path / "x.psd").picture
    assert (back.layers[1].clipped, back.layers[1].mask_on) == (True, False)
    assert np.array_equal(shown(back), shown(made))


names = st.text(max_size=300)
layers = st.builds(
    lambda i, name, dx, dy, opacity, seed, size, mask: Layer(
        f"l{i}", name, plane=Plane.from_array(colours(*size, seed)) if size else Plane.empty(), dx=dx, dy=dy,
        opacity=opacity, mask=mask),
    st.uuids(), names, st.integers(-300, 300), st.integers(-300, 300), st.floats(0, 1), st.integers(1, 9),
    st.none() | st.tuples(st.integers(1, 40), st.integers(1, 40)),
    st.none() | st.builds(Plane.empty, st.just(1), st.sampled_from([0, 255])))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(layers, max_size=4), st.lists(layers, max_size=3))
def test_any_tree_looks_the_same_again(tmp_path: Path, flat: list[Layer], grouped: list[Layer]) -> None:
    made = Picture(64, 48, (*flat, Layer("g", "G", "group", children=tuple(grouped))), "g")
    files.write(made, tmp_path / "x.psd")
    assert apart(shown(files.read(tmp_path / "x.psd").picture), shown(made)) <= 2


# ---------------------------------------------------------------- other programs' files

@pytest.mark.parametrize(("mode", "depth", "word"), [
    ("RGB", 16, "16 bits"), ("CMYK", 8, "CMYK"), ("L", 8, "grey"), ("RGB", 32, "32 bits")])
def test_other_colours_and_depths(tmp_path: Path, mode: str, depth: int, word: str) -> None:
    document = PSDImage.new(mode, (40, 30), depth=depth)
    picture = PIL.Image.new("RGB", (20, 10), (200, 30, 40)).convert("RGBA")
    document.create_pixel_layer(picture, name="Red", top=4, left=3)
    document.save(tmp_path / "x.psd")
    back, notes = files.read(tmp_path / "x.psd")
    assert any(word in note for note in notes)
    (layer,) = back.layers
    assert layer.bounds() == (3, 4, 20, 10)
    blue, green, red, alpha = layer.plane.read(5, 5, 1, 1)[0, 0].tolist()
    assert alpha == 255
    assert mode == "L" or (red > 150 and green < 90 and blue < 90)


def test_a_file_without_layers(tmp_path: Path) -> None:
    PSDImage.frompil(PIL.Image.new("RGB", (20, 10), (200, 30, 40))).save(tmp_path / "x.psd")
    back, notes = files.read(tmp_path / "x.psd")
    assert notes == []
    assert back.layers[0].plane.read(0, 0, 1, 1).tolist() == [[[40, 30, 200, 255]]]


def test_what_is_not_known_is_said(tmp_path: Path) -> None:
    document = PSDImage.new("RGBA", (40, 30))
    group = document.create_group(name="Through", blend_mode=BlendMode.PASS_THROUGH)
    group.create_pixel_layer(PIL.Image.new("RGBA", (8, 8)), name="M", blend_mode=BlendMode.MULTIPLY)
    document.create_pixel_layer(PIL.Image.new("RGBA", (8, 8)), name="Dots", blend_mode=BlendMode.DISSOLVE)
    document.save(tmp_path / "x.psd")
    back, notes = files.read(tmp_path / "x.psd")
    assert [layer.blend for layer in back.layers] == ["normal", "normal"]
    assert len(notes) == 2
    assert "isolated" in notes[0]
    assert "dissolve" in notes[1]


# ---------------------------------------------------------------- bad input

def refused(tmp_path: Path, data: bytes) -> str:
    path = tmp_path / "bad.psd"
    path.write_bytes(data)
    with pytest.raises(FormatError) as caught:
        files.read(path)
    assert str(caught.value).endswith(".")
    return str(caught.value)


def test_hostile_headers(tmp_path: Path) -> None:
    head = struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, 60_000, 60_000, 8, 3)
    assert "16,384" in refused(tmp_path, head + bytes(100))
    assert "damaged" in refused(tmp_path, head[:20])
    assert "damaged" in refused(tmp_path, struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, 0, 5, 8, 3) + bytes(50))
    assert "not what its name says" in refused(tmp_path, b"GIF89a and more")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_flipped_and_missing_bytes(tmp_path: Path, data: st.DataObject) -> None:
    source = tmp_path / "small.psd"
    if not source.exists():
        layer = Layer("a", "A", plane=Plane.from_array(colours(20, 20, 1)), mask=Plane.from_array(ramp(9, 9)))
        files.write(Picture(20, 20, (layer, Layer("g", "G", "group", children=(layer.with_(id="b"),)))), source)
    content = bytearray(source.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=5)):
        content[place] = data.draw(st.integers(0, 255))
    (tmp_path / "hurt.psd").write_bytes(bytes(content[:len(content) - data.draw(st.integers(0, 600))]))
    try:
        picture = psd.read(tmp_path / "hurt.psd").picture
    except FormatError:
        return
    assert picture.width >= 1
