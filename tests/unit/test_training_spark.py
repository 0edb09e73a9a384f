"""Spark's recipe: captions, colours, joining by codepoint, and the tokenizer's way there and back. No long training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from training.spark import captions, colours, compose, concepts, data

SPARK = Path(__file__).resolve().parents[2] / "plugins_builtin" / "diffusion" / "spark"


@pytest.mark.parametrize(
    ("name", "colour", "said"),
    [
        ("apple", "red", "a red apple"),
        ("star", "orange", "an orange star"),
        ("apple", None, "an apple"),
        ("cherries", "red", "red cherries"),
        ("bus", None, "a bus"),
        ("unicorn", None, "a unicorn"),
        ("cup of coffee", None, "a cup of coffee"),
    ],
)
def test_articles(name: str, colour: str | None, said: str) -> None:
    assert captions.thing(name, colour) == said


def test_codepoints_join_without_variation_selectors() -> None:
    assert data.normal("2764-FE0F") == data.normal("2764") == "2764"


def test_names_and_weights() -> None:
    assert concepts.names("deciduous tree")[0] == "tree"
    assert concepts.names("Zebra’s tail") == ("zebra's tail",)
    assert concepts.weight("red apple") > concepts.weight("abacus")
    assert not concepts.wanted("flag: Wales", "subdivision-flag")


@pytest.mark.parametrize("target", ["green", "blue", "pink", "black", "white", "brown"])
def test_a_recoloured_disc_is_called_by_its_new_colour(target: str) -> None:
    y, x = np.mgrid[0:256, 0:256] - 128
    shade = (200 + 40 * (x + y) / 256).astype(np.uint8)
    picture = np.dstack([shade, shade // 6, shade // 6, np.where(x * x + y * y < 90**2, 255, 0).astype(np.uint8)])
    assert colours.dominant(picture)[0] == "red"
    assert colours.dominant(colours.recolour(picture, "red", target))[0] == target


def test_hsv_and_back() -> None:
    rgb = np.random.default_rng(1).random((50, 3)).astype(np.float32)
    assert np.allclose(colours.to_rgb(colours.to_hsv(rgb)), rgb, atol=1e-5)


def test_a_cut_out_is_put_on_the_canvas() -> None:
    picture = np.zeros((256, 256, 4), np.uint8)
    picture[64:192, 64:192] = (255, 0, 0, 255)
    shown = compose.compose(picture, np.ones((256, 256, 3), np.float32), compose.Placement(scale=0.5))
    assert shown.shape == (256, 256, 3)
    assert np.allclose(shown[128, 128], (1, 0, 0), atol=0.01)
    assert np.allclose(shown[10, 10], 1)


@pytest.mark.skipif(not (SPARK / "tokenizer").exists(), reason="the weights of Spark are not here")
def test_the_tokenizer_gives_the_words_back() -> None:
    transformers = pytest.importorskip("transformers")
    tokenizer = transformers.CLIPTokenizer.from_pretrained(SPARK / "tokenizer")
    ids = tokenizer("A Red apple, flat icon").input_ids
    assert (ids[0], ids[-1]) == (tokenizer.bos_token_id, tokenizer.eos_token_id)
    assert tokenizer.decode(ids, skip_special_tokens=True).replace(" ,", ",") == "a red apple, flat icon"
