"""Paintings in the project file: whole, by their changes alone, and however they come out of older or broken files."""

from __future__ import annotations

import json
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from painting_kit import colours, painting, same, same_plane
from project_kit import add_picture, png

from studio.project import CanvasItem, Project, ProjectError, migration
from studio.project.check import check
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import TILE, Plane
from studio.project.paint.store import BadTile, decode_tile, delta, encode_tile, picture_of, tree_of

GOLDEN = Path(__file__).parent / "golden"


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    with Project.create(tmp_path / "work.pieria", "Work") as made:
        yield made


def canvas(project: Project) -> str:
    return project.documents("canvas")[0].id


def tiles(project: Project) -> dict[tuple[str, int, int], bytes]:
    with project._read() as connection:
        return {row[:3]: row[3] for row in connection.execute("SELECT plane, tx, ty, data FROM paint_tile")}


# ---------------------------------------------------------------- tiles

@settings(max_examples=30, deadline=None)
@given(arrays(np.uint8, (4, 8), elements=st.integers(0, 255)), st.sampled_from([1, 4]))
def test_tiles_come_back_to_the_bit(seed: np.ndarray, channels: int) -> None:
    tile = np.resize(seed, (TILE, TILE, 4) if channels == 4 else (TILE, TILE)).astype(np.uint8)
    back = decode_tile(encode_tile(tile), channels)
    assert np.array_equal(back, tile)
    assert not back.flags.writeable


@settings(max_examples=60, deadline=None)
@given(st.one_of(st.binary(max_size=300), st.binary(max_size=60).map(lambda b: b"\x01\x28\xb5\x2f\xfd" + b)))
def test_hostile_tiles_are_refused(data: bytes) -> None:
    with pytest.raises(BadTile):
        decode_tile(data, 4)


def test_a_tile_cut_off_or_of_another_size_is_refused() -> None:
    data = encode_tile(np.full((TILE, TILE), 7, np.uint8))
    assert len(data) < 64
    for bad in (data[:-3], b"\x02" + data[1:], b""):
        with pytest.raises(BadTile):
            decode_tile(bad, 1)
    with pytest.raises(BadTile):
        decode_tile(data, 4)


# ---------------------------------------------------------------- in a project

def test_a_new_canvas_is_empty_and_ready_to_paint(project: Project) -> None:
    picture = project.paint(canvas(project))
    assert [layer.name for layer in picture.layers] == ["Layer 1"]
    assert picture.active_layer is picture.layers[0]
    with pytest.raises(KeyError):
        project.paint("unknown")
    with pytest.raises(KeyError):
        project.paint(project.documents("manuscript")[0].id)


def test_a_painting_comes_back_whole(project: Project) -> None:
    made = painting()
    project.put_paint(canvas(project), None, made).result()
    assert same(project.paint(canvas(project)), made)
    project.close()
    with Project.open(project.path) as again:
        back, notes = again.paint_with_notes(canvas(again))
        assert notes == []
        assert same(back, made)
        assert again.stats()["paintings"] == 1
        assert again.save_copy(project.path.with_name("copy.pieria")).result()
    assert check(project.path).problems == []
    with Project.open(project.path.with_name("copy.pieria")) as copy:
        assert same(copy.paint(canvas(copy)), made)


def test_a_stroke_writes_its_tiles_alone(project: Project) -> None:
    document = canvas(project)
    layers = tuple(Layer(f"l{i}", f"L{i}", plane=Plane.from_array(colours(600, 600, i))) for i in range(3))
    before = Picture(600, 600, layers, "l1")
    project.put_paint(document, None, before).result()
    stroke = layers[1].plane.write(np.full((64, 64, 4), 255, np.uint8), 270, 270)
    after = before.replace(layers[1].with_(plane=stroke, name="Painted"))
    change = delta(before, after)
    assert [row[:3] for row in change.put] == [("l1", 1, 1)]
    assert (change.removed, change.gone) == ([], [])
    old = tiles(project)
    project.put_paint(document, before, after).result()
    new = tiles(project)
    assert [place for place in new if new[place] != old.get(place)] == [("l1", 1, 1)]
    assert same(project.paint(document), after)


def test_layers_and_tiles_that_go_leave_the_file(project: Project) -> None:
    document, before = canvas(project), painting()
    project.put_paint(document, None, before).result()
    back = before.find("back")
    assert back is not None
    after = before.replace(back.with_(plane=back.plane.with_tiles({(0, 0): None})))
    after = after.with_(layers=(*after.layers[:2], after.layers[3]), active="", selection=None, mask=None)
    project.put_paint(document, before, after).result()
    assert {place[0] for place in tiles(project)} == {"back", "soft", "soft/mask", "words"}
    assert same(project.paint(document), after)
    assert check(project.path).problems == []


def test_undo_and_redo_write_the_way_back(project: Project) -> None:
    document, first = canvas(project), painting()
    second = first.with_(layers=first.layers[1:])
    project.put_paint(document, None, first)
    for before, after in ((first, second), (second, first), (first, second)):
        project.put_paint(document, before, after).result()
        assert same(project.paint(document), after)


@pytest.mark.parametrize("lost", [False, True])
def test_what_builds_on_something_else_is_written_whole(project: Project, lost: bool) -> None:
    """After a change that failed, the next one must not rely on it."""
    document, first = canvas(project), painting()
    project.put_paint(document, None, first).result()
    layer = first.layers[1]
    second = first.replace(layer.with_(plane=layer.plane.write(colours(9, 9, 7), 30, 30)))
    if not lost:
        project.put_paint(document, first, second)
    third = second.replace(second.layers[0].with_(visible=False))
    project.put_paint(document, second, third).result()
    assert same(project.paint(document), third)


def test_a_canvas_that_is_gone_refuses(project: Project) -> None:
    with pytest.raises(ProjectError, match="no longer"):
        project.put_paint("unknown", None, painting()).result()
    with pytest.raises(ProjectError, match="no longer"):
        project.put_paint(project.documents("manuscript")[0].id, None, painting()).result()


def test_layers_with_the_same_pixels_share_them(project: Project) -> None:
    plane = Plane.from_array(colours(300, 300, 3))
    made = Picture(300, 300, (Layer("a", "A", plane=plane), Layer("b", "B", plane=plane)), "a")
    project.put_paint(canvas(project), None, made).result()
    back = project.paint(canvas(project))
    assert back.nbytes == made.nbytes
    assert back.layers[0].plane.tiles[0, 0] is back.layers[1].plane.tiles[0, 0]


def test_broken_tiles_are_named_and_the_rest_is_there(project: Project) -> None:
    made = painting()
    project.put_paint(canvas(project), None, made).result()
    project.close()
    connection = sqlite3.connect(project.path)
    connection.execute("UPDATE paint_tile SET data = substr(data, 1, 20) WHERE plane = 'words'")
    connection.execute("INSERT INTO paint_tile SELECT document, 'nobody', 0, 0, data FROM paint_tile LIMIT 1")
    connection.commit()
    connection.close()
    problems = check(project.path).problems
    assert any("words" in problem for problem in problems)
    assert any("nobody" in problem for problem in problems)
    with Project.open(project.path) as again:
        back, notes = again.paint_with_notes(canvas(again))
    assert len(notes) == 1
    words, soft = back.find("words"), back.find("soft")
    assert words is not None
    assert words.plane.tiles == {}
    assert soft is not None
    assert same_plane(soft.plane, made.layers[1].plane)


def test_a_broken_tree_is_refused_and_left_alone(project: Project) -> None:
    project.put_paint(canvas(project), None, painting()).result()
    project.close()
    connection = sqlite3.connect(project.path)
    connection.execute("UPDATE paint_document SET tree = '{broken'")
    connection.commit()
    connection.close()
    with Project.open(project.path) as again, pytest.raises(ProjectError, match="damaged"):
        again.paint(canvas(again))
    assert any("layers" in problem for problem in check(project.path).problems)


junk = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(
                        ["id", "layers", "children", "mask", "selection", "opacity", "dx", "kind", "text", "source",
                         "active", "name", "default", "blend", "visible"]), inner, max_size=4), max_leaves=25)


@settings(max_examples=150, deadline=None)
@given(st.dictionaries(st.sampled_from(["layers", "active", "selection", "mask"]), junk, max_size=4))
def test_a_tree_of_rubbish_still_gives_a_picture(tree: dict) -> None:
    def source(_: dict) -> Plane:
        raise KeyError("media")

    picture = picture_of(10, 10, tree, [], source, [])
    again = picture_of(10, 10, json.loads(json.dumps(tree_of(picture))), [], source, [])
    assert tree_of(again) == tree_of(picture)


# ---------------------------------------------------------------- version 1

def items_of_version_1(tmp_path: Path, items: list[CanvasItem], state: dict, media: bytes) -> Path:
    """A file of version 1 with these items."""
    path = Path(shutil.copy(GOLDEN / "v1.pieria", tmp_path / "old.pieria"))
    connection = sqlite3.connect(path)
    document = connection.execute("SELECT id FROM document WHERE kind = 'canvas'").fetchone()[0]
    connection.execute("DELETE FROM canvas_item")
    connection.execute("INSERT INTO media VALUES ('m', 'image/png', ?, ?)", (len(media), media))
    connection.execute("INSERT INTO media VALUES ('broken', 'image/png', 3, 'abc')")
    connection.execute("UPDATE document SET state = ? WHERE id = ?", (json.dumps(state), document))
    for i in items:
        connection.execute("INSERT INTO canvas_item VALUES (?, ?, ?, NULL, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                           (i.id, document, i.media or None, i.x, i.y, i.width, i.height, i.z, i.name, i.opacity,
                            i.visible, i.locked))
    connection.commit()
    connection.close()
    return path


def test_pictures_of_version_1_become_layers(tmp_path: Path) -> None:
    path = items_of_version_1(tmp_path, [
        CanvasItem("front", "", "m", -20.4, 10, 64, 48, 5, "Front", 0.5, locked=True),
        CanvasItem("behind", "", "m", 100, 200, 32, 24, 1, visible=False),
        CanvasItem("bad", "", "broken", 0, 0, 10, 10, 2, "Bad"),
    ], {"frame": [50, -30, 128, 128], "scale": 2.0, "x": 10.0, "y": 20.0, "more": 1}, png(200, 30, 40))
    with Project.open(path) as project:
        document = project.documents("canvas")[0]
        picture, notes = project.paint_with_notes(document.id)
        assert (picture.width, picture.height) == (198, 254)
        assert [layer.id for layer in picture.layers] == ["behind", "bad", "front"]
        behind, _, front = picture.layers
        assert (front.dx, front.dy, front.opacity, front.locked, front.name) == (0, 40, 0.5, True, "Front")
        assert front.bounds() == (0, 40, 64, 48)
        assert behind.bounds() == (120, 230, 32, 24)
        assert (behind.visible, behind.name) == (False, "Picture 1")
        assert behind.plane.read(0, 0, 1, 1).tolist() == [[[40, 30, 200, 255]]]
        assert len(notes) == 1
        assert "Bad" in notes[0]
        assert document.state == {"frame": [70, 0, 128, 128], "scale": 2.0, "x": 30.0, "y": 50.0, "more": 1}
        # The first change stores all pixels, and what was in the file stays there.
        project.put_paint(document.id, picture, picture.with_active("behind")).result()
        assert len(project.canvas_items(document.id)) == 3
    assert not [p for p in check(path).problems if "broken" not in p and " m " not in p]
    with Project.open(path) as project:
        back, notes = project.paint_with_notes(document.id)
        assert notes == []
        assert same(back, picture.with_active("behind"))


def test_an_empty_canvas_of_version_1_stays_empty(tmp_path: Path) -> None:
    path = items_of_version_1(tmp_path, [], {"frame": [-500, 0, 64, 64], "x": 3, "more": 1}, png())
    with Project.open(path) as project:
        document = project.documents("canvas")[0]
        assert document.state == {"more": 1}
        assert project.stats()["paintings"] == 0


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(*[st.floats(width=32) | st.integers(-10**6, 10**6)] * 4), min_size=1, max_size=5),
       st.none() | st.tuples(*[st.integers(-10**6, 10**6)] * 4))
def test_wild_places_give_a_bearable_artboard(places: list, frame: tuple | None) -> None:
    items = [CanvasItem(str(i), "d", "m", *place) for i, place in enumerate(places)]
    box = migration.frame_of({"frame": list(frame)} if frame else {})
    board = migration.artboard(items, box)
    assert board is not None
    assert 1 <= board.w <= migration.MAX_SIDE
    assert 1 <= board.h <= migration.MAX_SIDE
    if box is not None:
        assert board.x <= box.x
        assert board.x + board.w >= box.x + box.w
    json.dumps(migration.tree_of(items, board), allow_nan=False)


def test_a_canvas_with_pictures_but_no_painting_shows_them(project: Project) -> None:
    document = canvas(project)
    row = add_picture(project)
    project.put_canvas_items([CanvasItem("i", document, row.media, 5, 6, 32, 24, name="Apple", result=row.id)]).result()
    picture = project.paint(document)
    assert (picture.width, picture.height, picture.layers[0].name) == (32, 24, "Apple")
    assert picture.layers[0].result == row.id
