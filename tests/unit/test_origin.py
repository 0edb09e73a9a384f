"""What an exported painting says of its origin."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import PIL.Image
import pytest

from studio.project import ResultRow
from studio.project.export import exif_comment
from studio.project.formats import files
from studio.project.formats.common import WriteOptions, premultiplied
from studio.project.inspect import inspect_file
from studio.project.origin import origin
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane

RECIPE = {"schema": "pieria.recipe/1", "generator": {"id": "diffusion.image", "title": "Picture"},
          "params": {"prompt": "a fox", "seed": 7, "steps": 20, "width": 32, "height": 24},
          "models": {"model": {"name": "spark", "sha256": "ab" * 32, "path": "/home/anna/x"}}}


def made() -> tuple[ResultRow, bytes, Plane]:
    rng = np.random.default_rng(1)
    image = PIL.Image.fromarray(rng.integers(0, 256, (24, 32, 3), np.uint8))
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    row = ResultRow("r1", 0.0, "image", "sha", "image/png", "diffusion.image", "Picture", "a fox", 7, RECIPE, {}, "", 0,
                    False, 0, None, "")
    return row, buffer.getvalue(), Plane.from_array(premultiplied(image))


def exported(tmp_path: Path, picture: Picture, ending: str) -> dict[str, object]:
    row, data, _ = made()
    marks = origin(picture, {"r1": row}.__getitem__, lambda _: data)
    place = tmp_path / f"a{ending}"
    files.write(picture, place, WriteOptions(metadata=marks))
    assert b"/home/anna" not in place.read_bytes()
    return inspect_file(place)


def source(found: dict[str, object]) -> str:
    marks = found["marks"]
    assert isinstance(marks, dict)
    return str(marks["digital_source_type"]).rpartition("/")[2]


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp"])
def test_who_made_it(tmp_path: Path, ending: str) -> None:
    plane = made()[2]
    layer = Layer("a", "fox", "pixels", plane, result="r1")
    paint = Layer("b", "paint", "pixels", Plane.from_array(np.full((4, 4, 4), 255, np.uint8)))
    alone = exported(tmp_path, Picture(32, 24, (layer,), "a"), ending)
    assert (source(alone), alone["dialect"], alone["seed"]) == ("trainedAlgorithmicMedia", "pieria", 7)
    both = exported(tmp_path, Picture(32, 24, (layer, paint), "b"), ending)
    assert (source(both), both["dialect"], both["prompt"]) == (
        "compositeWithTrainedAlgorithmicMedia", "pieria", "a fox")
    person = exported(tmp_path, Picture(32, 24, (paint,), "b"), ending)
    assert (source(person), person["dialect"], person["recipe"]) == ("digitalCreation", "", None)


def test_a_result_that_was_painted_on_is_a_composite(tmp_path: Path) -> None:
    plane = made()[2]
    touched = plane.write(np.zeros((2, 2, 4), np.uint8) + 255, 3, 3)
    for layer in (Layer("a", "fox", "pixels", touched, result="r1"),
                  Layer("a", "fox", "pixels", plane, result="r1", opacity=0.5),
                  Layer("a", "fox", "pixels", plane, result="r1", dx=4)):
        assert source(exported(tmp_path, Picture(32, 24, (layer,), "a"), ".png")).startswith("composite")


def test_a_result_of_another_project_says_nothing(tmp_path: Path) -> None:
    layer = Layer("a", "fox", "pixels", made()[2], result="elsewhere")
    assert source(exported(tmp_path, Picture(32, 24, (layer,), "a"), ".png")) == "digitalCreation"


def test_hidden_layers_say_nothing(tmp_path: Path) -> None:
    layer = Layer("a", "fox", "pixels", made()[2], result="r1")
    hidden = replace(layer, visible=False)
    group = Layer("g", "group", "group", Plane.empty(), children=(layer,), visible=False)
    for one in (hidden, group):
        assert source(exported(tmp_path, Picture(32, 24, (one,), "a"), ".png")) == "digitalCreation"


def test_a_comment_is_exif() -> None:
    assert exif_comment("a fox").startswith((b"Exif", b"II", b"MM"))
