"""OpenRaster: our own files come back whole, other programs see the same pixels, hostile ones get one sentence."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from painting_kit import colours, painting, ramp, same

from studio.project.formats import files, ora
from studio.project.formats.limits import FormatError
from studio.project.formats.orastack import OPS, mode_of
from studio.project.paint.blend import BLEND_IDS
from studio.project.paint.compositor import compose
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Pixels, Plane, from_qimage


def shown(picture: Picture) -> Pixels:
    return from_qimage(compose(picture, picture.rect))


def apart(one: Picture, other: Picture) -> int:
    """The largest difference of a pixel's value."""
    return int(np.abs(shown(one).astype(int) - shown(other)).max())


def rewritten(path: Path, change: dict[str, bytes | None]) -> Path:
    """The archive with some parts replaced (None: taken out) under a new name, as another program would save it."""
    target = path.with_name("changed.ora")
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            if name not in change:
                new.writestr(name, old.read(name))
        for name, data in change.items():
            if data is not None:
                new.writestr(name, data)
    return target


def as_others_see_it(path: Path) -> Picture:
    return ora.read(rewritten(path, {ora.OWN: None})).picture


# ---------------------------------------------------------------- both ways

def test_a_painting_comes_back_whole(tmp_path: Path) -> None:
    made = painting()
    assert "masks and clipping" in files.write(made, tmp_path / "x.ora")[0]
    back, notes = files.read(tmp_path / "x.ora")
    assert notes == []
    assert same(back, made)


def test_the_archive_is_what_the_standard_asks_for(tmp_path: Path) -> None:
    made = painting()
    files.write(made, tmp_path / "x.ora")
    files.write(made, tmp_path / "y.ora")
    assert (tmp_path / "x.ora").read_bytes() == (tmp_path / "y.ora").read_bytes()
    with zipfile.ZipFile(tmp_path / "x.ora") as archive:
        first = archive.infolist()[0]
        assert (first.filename, first.compress_type) == ("mimetype", zipfile.ZIP_STORED)
        assert archive.read("mimetype") == b"image/openraster"
        assert max(PIL.Image.open(io.BytesIO(archive.read("Thumbnails/thumbnail.png"))).size) <= 256
        stack = archive.read("stack.xml")
        assert b'selected="true"' in stack
        assert b'edit-locked="true"' in stack
        (tmp_path / "merged.png").write_bytes(archive.read("mergedimage.png"))
    assert np.array_equal(shown(files.read(tmp_path / "merged.png").picture), shown(made))


def test_other_programs_see_the_same(tmp_path: Path) -> None:
    made = painting()
    group = made.find("group")
    assert group is not None
    files.write(made.replace(group.with_(mask=None)), tmp_path / "x.ora")
    seen = as_others_see_it(tmp_path / "x.ora")
    assert [layer.name for layer, _ in seen.walk()] == [
        "Empty", "Words", "Group", "Hidden", "Base (clipped)", "Clip", "Base", "Soft", "Hintergrund 🍎"]
    assert apart(seen, made.replace(group.with_(mask=None))) <= 2


def test_what_masks_cannot_be_worked_into_is_merged_for_others(tmp_path: Path) -> None:
    """Through a soft mask, layers that lie over each other look otherwise together than one by one."""
    made = painting()
    notes = files.write(made, tmp_path / "x.ora")
    assert "one layer" in notes[1]
    seen = as_others_see_it(tmp_path / "x.ora")
    assert [layer.name for layer, _ in seen.walk()] == [
        "Empty", "Words", "Group", "Hidden", "Base (clipped)", "Soft", "Hintergrund 🍎"]
    assert apart(seen, made) <= 2


def test_without_masks_and_clipping_other_programs_see_the_same(tmp_path: Path) -> None:
    layers = tuple(Layer(mode, mode, plane=Plane.from_array(colours(40, 30, i)), dx=3 * i - 20, opacity=0.7, blend=mode)
                   for i, mode in enumerate(sorted(BLEND_IDS)))
    inner = Layer("g", "Inner", "group", children=layers, opacity=0.5, blend="multiply")
    made = Picture(90, 40, (Layer("b", "B", plane=Plane.from_array(colours(90, 40, 9, soft=False))), inner), "g")
    assert files.write(made, tmp_path / "x.ora") == []
    seen = as_others_see_it(tmp_path / "x.ora")
    assert [layer.blend for layer, _ in seen.walk()] == [layer.blend for layer, _ in made.walk()]
    assert np.array_equal(shown(seen), shown(made))


def test_every_mode_has_a_name_of_its_own() -> None:
    assert set(OPS) == BLEND_IDS
    assert {mode_of(operator) for operator in OPS.values()} == BLEND_IDS
    assert mode_of("svg:unheard-of") is None


def test_masks_of_groups_reach_the_layers_inside(tmp_path: Path) -> None:
    leaf = Layer("leaf", "Leaf", plane=Plane.from_array(colours(60, 60, 1, soft=False)), dx=5)
    inner = Layer("inner", "Inner", "group", children=(leaf,), mask=Plane.from_array(ramp(60, 60), 0, 0, 0))
    outer = Layer("outer", "Outer", "group", children=(inner,), dx=0, mask=Plane.from_array(ramp(30, 60), 10, 0, 255))
    made = Picture(80, 60, (outer,))
    files.write(made, tmp_path / "x.ora")
    assert apart(as_others_see_it(tmp_path / "x.ora"), made) <= 2


def test_what_another_program_changed_counts(tmp_path: Path) -> None:
    files.write(painting(), tmp_path / "x.ora")
    with zipfile.ZipFile(tmp_path / "x.ora") as archive:
        stack = archive.read("stack.xml").replace(b'name="Soft"', b'name="Weich"')
    back = ora.read(rewritten(tmp_path / "x.ora", {"stack.xml": stack})).picture
    assert "Weich" in [layer.name for layer, _ in back.walk()]


names = st.text(max_size=12)
layers = st.builds(
    lambda i, name, dx, dy, opacity, blend, visible, locked, seed, size: Layer(
        f"l{i}", name, plane=Plane.from_array(colours(*size, seed)) if size else Plane.empty(), dx=dx, dy=dy,
        opacity=opacity, blend=blend, visible=visible, locked=locked),
    st.uuids(), names, st.integers(-300, 300), st.integers(-300, 300), st.floats(0, 1),
    st.sampled_from(sorted(BLEND_IDS)), st.booleans(), st.booleans(), st.integers(1, 9),
    st.none() | st.tuples(st.integers(1, 40), st.integers(1, 40)))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(layers, max_size=4), st.lists(layers, max_size=3), st.booleans())
def test_any_tree_survives(tmp_path: Path, flat: list[Layer], grouped: list[Layer], clip: bool) -> None:
    flat = [layer.with_(clipped=clip and bool(index)) for index, layer in enumerate(flat)]
    made = Picture(64, 48, (*flat, Layer("g", "G", "group", children=tuple(grouped))), "g")
    files.write(made, tmp_path / "x.ora")
    assert same(files.read(tmp_path / "x.ora").picture, made)
    assert apart(as_others_see_it(tmp_path / "x.ora"), made) <= 4


# ---------------------------------------------------------------- other programs' files

def foreign(tmp_path: Path, stack: str, parts: dict[str, bytes] | None = None) -> Path:
    path = tmp_path / "foreign.ora"
    image = io.BytesIO()
    PIL.Image.new("RGBA", (8, 8), (255, 0, 0, 255)).save(image, "PNG")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", f"<?xml version='1.0'?><image w='40' h='30'>{stack}</image>")
        archive.writestr("data/a.png", image.getvalue())
        for name, data in (parts or {}).items():
            archive.writestr(name, data)
    return path


def test_a_file_of_another_program(tmp_path: Path) -> None:
    path = foreign(tmp_path, """<stack><layer name="Top" src="data/a.png" x="-3" y="4.0" opacity="0.5" selected="true"
        composite-op="svg:multiply" visibility="hidden" edit-locked="true"/><stack name="G" isolation="auto">
        <layer src="data/a.png" composite-op="svg:screen"/></stack><filter name="blur"/>
        <layer name="Odd" src="data/a.png" composite-op="my:mode" opacity="nan"/></stack>""")
    picture, notes = files.read(path)
    assert (picture.width, picture.height) == (40, 30)
    odd, group, top = picture.layers
    assert (top.name, top.opacity, top.blend, top.visible, top.locked) == ("Top", 0.5, "multiply", False, True)
    assert top.bounds() == (-3, 4, 8, 8)
    assert picture.active == top.id
    assert (group.kind, group.children[0].blend, odd.blend, odd.opacity) == ("group", "screen", "normal", 1.0)
    assert len(notes) == 3


def test_missing_and_broken_layers_are_said(tmp_path: Path) -> None:
    path = foreign(tmp_path, """<stack><layer name="Gone" src="data/none.png"/><layer name="Bad" src="data/b.png"/>
        <layer name="Good" src="data/a.png"/></stack>""", {"data/b.png": b"\x89PNG nothing"})
    picture, notes = files.read(path)
    assert [layer.plane.bounds() is None for layer in picture.layers] == [False, True, True]
    assert len(notes) == 2


def refused(path: Path) -> str:
    with pytest.raises(FormatError) as caught:
        files.read(path)
    assert str(caught.value).endswith(".")
    return str(caught.value)


def test_hostile_xml(tmp_path: Path) -> None:
    path = foreign(tmp_path, "")
    laughs = b"<!DOCTYPE x [<!ENTITY a 'ha'>]><image w='4' h='4'><stack/></image>"
    assert "damaged" in refused(rewritten(path, {"stack.xml": laughs}))
    assert "damaged" in refused(rewritten(path, {"stack.xml": b"<image"}))
    assert "damaged" in refused(rewritten(path, {"stack.xml": b"<html/>"}))
    assert "16,384" in refused(rewritten(path, {"stack.xml": b"<image w='60000' h='60000'><stack/></image>"}))
    assert "no OpenRaster" in refused(rewritten(path, {"stack.xml": None}))
    deep = b"<image w='4' h='4'>" + b"<stack>" * 4000 + b"</stack>" * 4000 + b"</image>"
    assert ora.read(rewritten(path, {"stack.xml": deep})).notes
    many = b"<image w='4' h='4'><stack>" + b"<layer src='data/a.png'/>" * 3000 + b"</stack></image>"
    assert "2,000 layers" in refused(rewritten(path, {"stack.xml": many}))


def test_a_zip_bomb(tmp_path: Path) -> None:
    path = tmp_path / "bomb.ora"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stack.xml", b" " * (64 << 20))
    assert path.stat().st_size < 1 << 20
    assert "unpacks to more" in refused(path)


def test_layers_that_unpack_to_too_much(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.project.formats.limits.Budget.__init__.__defaults__", (1000,))
    path = foreign(tmp_path, "<stack>" + "<layer src='data/a.png'/>" * 8 + "</stack>")
    _, notes = files.read(path)
    assert any("unpacks to more" in note for note in notes)


@pytest.mark.parametrize("own", [
    b"{", b"[]", b"null", b'{"version": 1}', b'{"version": 2}', b'{"version":1,"of":"","width":1e99}'])
def test_broken_originals_are_passed_over(tmp_path: Path, own: bytes) -> None:
    files.write(painting(), tmp_path / "x.ora")
    assert len(ora.read(rewritten(tmp_path / "x.ora", {ora.OWN: own})).picture.layers) == 5


def test_originals_may_not_name_what_is_not_there(tmp_path: Path) -> None:
    files.write(painting(), tmp_path / "x.ora")
    with zipfile.ZipFile(tmp_path / "x.ora") as archive:
        data = json.loads(archive.read(ora.OWN))
    data["planes"]["back"]["file"] = "../../etc/passwd"
    back = ora.read(rewritten(tmp_path / "x.ora", {ora.OWN: json.dumps(data).encode()})).picture
    assert len(back.layers) == 5


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_flipped_and_missing_bytes(tmp_path: Path, data: st.DataObject) -> None:
    source = tmp_path / "small.ora"
    if not source.exists():
        files.write(Picture(20, 20, (Layer("a", "A", plane=Plane.from_array(colours(20, 20, 1))),)), source)
    content = bytearray(source.read_bytes())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=5)):
        content[place] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, 200))
    path = tmp_path / "hurt.ora"
    path.write_bytes(bytes(content[:len(content) - cut]))
    try:
        picture = ora.read(path).picture
    except FormatError:
        return
    assert picture.width >= 1
