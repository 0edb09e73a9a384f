"""Wildcards in prompts."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.engine.wildcards import expand, has_wildcards, pieces


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "flowers.txt").write_text("a rose\na tulip\n# a comment\n", "utf-8")
    return tmp_path


def test_choices_are_made_and_the_same_seed_makes_the_same(folder: Path) -> None:
    made = {expand("a {red|blue|green} cat", seed, folder) for seed in range(40)}
    assert made == {"a red cat", "a blue cat", "a green cat"}
    assert expand("a {red|blue|green} cat", 7, folder) == expand("a {red|blue|green} cat", 7, folder)


def test_two_wildcards_choose_apart(folder: Path) -> None:
    made = {expand("{a|b} {a|b}", seed, folder) for seed in range(60)}
    assert made == {"a a", "a b", "b a", "b b"}


def test_files_nesting_and_several(folder: Path) -> None:
    assert {expand("__flowers__", seed, folder) for seed in range(40)} == {"a rose", "a tulip"}
    assert {expand("{__flowers__|{x|y}}", seed, folder) for seed in range(80)} == {"a rose", "a tulip", "x", "y"}
    assert set(expand("{2$$ and $$a|b|c}", 1, folder).split(" and ")) < {"a", "b", "c"}


@pytest.mark.parametrize("text", [
    "a cat", "(sharp:1.2) [fog] <lora:x:0.8>", "a { b", "a } b", "{plain}", "#1 dad, $5 | £4", "snake__case__name",
    "a__b__", "__no such file__", "", "{|", "print({x: 1})", "{a|b", "__", "____", "\ud800 {x",
])
def test_what_is_no_wildcard_stays(text: str, folder: Path) -> None:
    assert expand(text, 1, folder) == text


def test_words_around_a_wildcard_stay(folder: Path) -> None:
    assert expand("#1, $5 (x:1.2)\n{a|a} # end", 3, folder) == "#1, $5 (x:1.2)\na # end"


def test_a_missing_folder(tmp_path: Path) -> None:
    assert expand("{a|a} __flowers__", 1, tmp_path / "none") == "a __flowers__"


def test_files_outside_the_folder_are_out_of_reach(folder: Path) -> None:
    (folder / "inner").mkdir()
    assert expand("__../flowers__", 1, folder / "inner") == "__../flowers__"


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture,
                                                                  HealthCheck.too_slow])
@given(st.text(alphabet="ab{}|_$: ,#\\<>()[]0.5\n", max_size=60), st.integers(0, 2**32 - 1))
def test_any_text_gives_a_text(folder: Path, text: str, seed: int) -> None:
    assert "".join(piece for _, piece in pieces(text)) == text
    made = expand(text, seed, folder)
    assert isinstance(made, str)
    if not has_wildcards(text):
        assert made == text
