"""Spark's scenes: what is planned, painted, said, and how little is lost on the way to another model."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from training.spark import backgrounds, captions, colours, looks, plan, scenes, scope, smoke
from training.spark.data import STYLES, Row

THINGS = {
    "red apple": "apple",
    "star": "star",
    "cat": "cat",
    "house": "house",
    "flying saucer": "ufo",
    "chair": "chair",
}
ROWS = [
    Row(label, label, (name,), (), style, "train", 1.0, ("red", "yellow", "blue")[i % 3], 0.8)
    for i, (label, name) in enumerate(THINGS.items())
    for style in STYLES
]
PICTURES = np.stack([smoke.picture(i / 7, STYLES.index(row.style)) for i, row in enumerate(ROWS)])
SCOPE = replace(scope.SMOKE, plain=3, coloured=4, placements=1, behind=2, pairs=60, counts=12)
PLANNED = plan.Planner(ROWS, SCOPE).all()


def test_the_plan_is_the_same_each_time_and_its_kinds_get_their_shares() -> None:
    assert plan.Planner(ROWS, SCOPE).all() == PLANNED
    for kind, share in SCOPE.shares.items():
        assert sum(s.weight for s in PLANNED if s.kind == kind) == pytest.approx(share)
    assert [scenes.Scene.of(s.plain()) for s in PLANNED] == PLANNED
    assert {s.style for s in PLANNED} == set(scenes.STYLES)


@given(st.sampled_from(PLANNED), st.integers(0, 1000))
@settings(max_examples=60, deadline=None)
def test_a_caption_is_true_of_its_scene(scene: scenes.Scene, seed: int) -> None:
    text = captions.Speaker(ROWS, np.random.default_rng(seed)).say(scene)
    for item in scene.items:
        assert ROWS[item.row].names[0] in text
        if item.must:
            assert item.colour is not None
            assert any(word in text for word in captions.COLOUR_WORDS.get(item.colour, (item.colour,)))
    assert not any(f" {c} " in f" {text} " for c in set(colours.NAMES) - colours_of(scene)), text
    if scene.kind == "count":
        assert text.count(captions.NUMBERS[len(scene.items)]) == 1
    assert ("sketch" in text or "pencil" in text) == (scene.style == "sketch")


def colours_of(scene: scenes.Scene) -> set[str]:
    """Every colour word that a caption of the scene may use."""
    own = {item.colour for item in scene.items if item.colour} | {scene.background, "white"}
    return own | {word for c in own for word in captions.COLOUR_WORDS.get(str(c), ())} | {"blue", "green"}


@pytest.mark.parametrize("relation", ["left", "above", "on", "in"])
def test_things_lie_as_the_relation_says(relation: str) -> None:
    found = [s for s in PLANNED if s.relation == relation]
    assert found
    for scene in found:
        a, b = scene.items
        assert (a.x < b.x - 0.3) if relation == "left" else (a.y < b.y - 0.1)
        assert a.row != b.row


def test_a_scene_is_painted_the_same_again_and_shows_its_things() -> None:
    for scene in PLANNED[:: max(1, len(PLANNED) // 25)]:
        shown = scenes.paint(scene, PICTURES)
        assert shown.shape == (256, 256, 3)
        assert shown.dtype == np.float32
        assert 0 <= shown.min() <= shown.max() <= 1
        assert np.array_equal(shown, scenes.paint(scene, PICTURES))
        assert shown.std() > 0.01


def test_two_things_side_by_side_are_on_their_sides() -> None:
    a = scenes.Item(0, None, False, None, x=0.25, size=0.4)
    b = scenes.Item(4 * len(STYLES), None, False, None, x=0.75, size=0.4)
    shown = scenes.paint(scenes.Scene("pair", (a, b), "white", "3d", "left", 1.0, 0), PICTURES)
    assert shown[128, 64, 0] > shown[128, 64, 2]  # the red apple
    assert shown[128, 192, 2] > shown[128, 192, 0]  # the blue ufo
    assert np.allclose(shown[4, 4], 1)


@pytest.mark.parametrize("name", backgrounds.NAMES)
def test_each_background_is_a_picture(name: str) -> None:
    canvas = backgrounds.paint(name, np.random.default_rng(1), 64)
    assert canvas.shape == (64, 64, 3)
    assert 0 <= canvas.min() <= canvas.max() <= 1


def test_materials_and_sketches() -> None:
    rng = np.random.default_rng(0)
    wooden = looks.repaint(PICTURES[0], "red", "wooden", rng)
    assert colours.dominant(wooden)[0] == "brown"
    assert colours.dominant(looks.repaint(PICTURES[0], "red", "golden", rng))[0] in ("golden", "yellow", "orange")
    drawn = looks.sketch(PICTURES[0][..., :3].astype(np.float32) / 255, rng)
    assert np.allclose(drawn[..., 0], drawn[..., 1])


@pytest.mark.parametrize(
    ("one", "more"),
    [("star", "stars"), ("cup of coffee", "cups of coffee"), ("butterfly", "butterflies"), ("fish", "fish"),
     ("bus", "buses"), ("cherries", "cherries"), ("key", "keys")],
)  # fmt: skip
def test_plurals(one: str, more: str) -> None:
    assert captions.many(one) == more


@pytest.mark.model
@pytest.mark.timeout(600)
def test_the_whole_recipe_runs_on_made_up_pictures(tmp_path: Path) -> None:
    root = Path(__file__).resolve().parents[2]
    env = {**os.environ, "SPARK_BUILD": str(tmp_path), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "training.spark", "--smoke"], cwd=root, env=env, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr[-2000:]
    for part in ("unet", "vae", "text_encoder", "tokenizer", "scheduler", "draft"):
        assert any((tmp_path / "spark" / part).iterdir()), part
