"""Prompt syntax: weights, LoRA tags, and that nothing a person types is an error."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins_builtin.diffusion.prompts import DEEPEST, HEAVIEST, Fragment, LoraTag, fragments, loras, plain


def pairs(prompt: str) -> list[tuple[str, float]]:
    return [(f.text, round(f.weight, 3)) for f in fragments(prompt)]


@pytest.mark.parametrize(
    ("prompt", "expected"),
    [
        ("", []),
        ("a cat", [("a cat", 1)]),
        ("a (cat)", [("a ", 1), ("cat", 1.1)]),
        ("a (cat:1.5) here", [("a ", 1), ("cat", 1.5), (" here", 1)]),
        ("a [cat]", [("a ", 1), ("cat", 0.909)]),
        ("((a))", [("a", 1.21)]),
        ("(a (b:2) c:0.5)", [("a ", 0.5), ("b", 1), (" c", 0.5)]),
        ("[(a:2)]", [("a", 1.818)]),
        ("((a:1.5))", [("a", 1.65)]),
        ("(a: 1.5 )", [("a", 1.5)]),
        ("(a:.5)", [("a", 0.5)]),
        ("(time 10:30:1.2)", [("time 10:30", 1.2)]),
        ("(((weights:1.3)))", [("weights", 1.573)]),
        ("(a)(b)", [("ab", 1.1)]),
        # what is not well formed stays
        ("a (cat", [("a (cat", 1)]),
        ("a cat)", [("a cat)", 1)]),
        ("smile :)", [("smile :)", 1)]),
        ("(a]", [("(a]", 1)]),
        ("[a)", [("[a)", 1)]),
        ("(a [b)", [("(a [b)", 1)]),
        ("(a:b)", [("a:b", 1.1)]),
        ("(:1.5)", [(":1.5", 1.1)]),
        ("()", []),
        ("((a)", [("(", 1), ("a", 1.1)]),
        (r"a \(cat\)", [("a (cat)", 1)]),
        (r"\[a\] (b\):2)", [("[a] ", 1), ("b)", 2)]),
        # beyond bounds
        ("(a:99)", [("a", HEAVIEST)]),
        ("(a:-3)", [("a", 0)]),
        ("(" * 34 + "a" + ")" * 34, [("((a", HEAVIEST), ("))", 1)]),
    ],
)
def test_weights(prompt: str, expected: list[tuple[str, float]]) -> None:
    assert pairs(prompt) == [(text, pytest.approx(weight)) for text, weight in expected]
    assert DEEPEST == 32


@given(st.text(alphabet="ab ()[]:.\\0123456789<>lora", max_size=60))
def test_any_text_is_a_prompt(prompt: str) -> None:
    found = fragments(prompt)
    assert all(f.text and 0 <= f.weight <= HEAVIEST for f in found)
    assert all(one.weight != two.weight for one, two in itertools.pairwise(found))
    assert plain(prompt) == "".join(f.text for f in found)
    loras(prompt)


@given(st.text(alphabet=st.characters(blacklist_characters="()[]\\"), max_size=60))
def test_plain_text_stays_as_it_is(prompt: str) -> None:
    assert fragments(prompt) == ([Fragment(prompt)] if prompt else [])


def test_a_long_prompt_of_brackets_is_read_at_once() -> None:
    assert plain("(" * 20_000).count("(") == 20_000
    assert len(pairs("(a)[b]" * 3_000)) == 6_000


@pytest.mark.parametrize(
    ("prompt", "said", "tags"),
    [
        ("a cat", "a cat", []),
        ("a cat <lora:Ink drawing:0.8>", "a cat ", [LoraTag("Ink drawing", 0.8)]),
        ("<lora:a><lora:b:-0.5>x", "x", [LoraTag("a", 1), LoraTag("b", -0.5)]),
        ("<lora:>", "<lora:>", []),
        ("<lora:a:b>", "<lora:a:b>", []),
        ("<lora:a:1", "<lora:a:1", []),
        ("<Lora:a:1>", "<Lora:a:1>", []),
    ],
)
def test_lora_tags(prompt: str, said: str, tags: list[LoraTag]) -> None:
    assert loras(prompt) == (said, tags)
