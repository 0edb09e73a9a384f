"""Recipes are the same for the same inputs, hold no paths, and lead back to the request."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.job import Request
from studio.engine.recipe import build, media_in, to_request, versions
from studio.plugins import Device

FACTS = {"id": "a.b", "title": "A", "version": "2", "plugin": "a", "plugin_version": "1.0"}
MODELS = {"model": {"name": "spark", "kind": "sd", "path": "/home/someone/spark", "sha256": "f" * 64}}


def recipe(**changes: Any) -> dict[str, Any]:
    given: dict[str, Any] = {"generator": FACTS, "produces": "image", "params": {"seed": 7}, "models": MODELS,
                             "parents": (), "device": Device(), "libraries": ("pydantic",)}
    return build(**given | changes)


def test_no_path_and_no_time() -> None:
    written = json.dumps(recipe())
    assert "/home" not in written
    assert recipe() == recipe()
    assert list(recipe()) == ["schema", "generator", "produces", "params", "models", "inputs", "parents", "seed",
                              "device", "libraries", "studio"]


def test_inputs_are_the_hashes_of_all_media_once() -> None:
    one, two = ({"media": name * 64, "type": "image/png"} for name in "ab")
    made = recipe(params={"image": one, "list": [two, one], "deep": {"x": {"media": "c" * 64}}}, parents=["a" * 64])
    assert made["inputs"] == ["a" * 64, "b" * 64, "c" * 64]
    assert made["parents"] == ["a" * 64]
    assert made["seed"] is None
    assert dict(media_in(made["params"])) == {"a" * 64: "list.1", "b" * 64: "list.0", "c" * 64: "deep.x"}


@settings(deadline=None)
@given(st.dictionaries(st.text(min_size=1), st.integers() | st.text() | st.booleans() | st.none()),
       st.lists(st.text("0123456789abcdef", min_size=64, max_size=64), max_size=2))
def test_a_recipe_leads_back_to_the_request(params: dict[str, Any], parents: list[str]) -> None:
    stored = json.loads(json.dumps(recipe(params=params, parents=parents)))
    assert to_request(stored, MODELS) == Request("a.b", params, MODELS, parents=tuple(parents))


@pytest.mark.parametrize(("wrong", "words"), [
    ({}, "not a recipe"), ({"schema": "x"}, "not a recipe"), ({"schema": "pieria.recipe/2"}, "newer version"),
    ({"schema": "pieria.recipe/1"}, "damaged"),
    ({"schema": "pieria.recipe/1", "generator": {"id": ""}, "params": {}}, "damaged"),
])
def test_what_is_no_recipe(wrong: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words):
        to_request(wrong)


def test_versions_leave_out_what_is_not_installed() -> None:
    assert set(versions(["pydantic", "no-such-distribution"])) == {"pydantic"}
