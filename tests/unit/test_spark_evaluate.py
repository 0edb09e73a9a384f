"""The evaluation's own arithmetic, on pictures made here whose answers are known."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from training.spark import album, classifier, classifier_data, evaluate, measures, prompts, sheet

WHITE = (255, 255, 255)


def blank(colour: Any = WHITE) -> PIL.Image.Image:
    return PIL.Image.new("RGB", (256, 256), colour)


def discs(*places: tuple[int, int, int], colour: str = "red", behind: Any = WHITE) -> PIL.Image.Image:
    """Discs at (x, y, radius)."""
    picture = blank(behind)
    for x, y, r in places:
        PIL.ImageDraw.Draw(picture).ellipse((x - r, y - r, x + r, y + r), fill=colour)
    return picture


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4])
def test_pieces_are_counted(count: int) -> None:
    places = [(64, 64, 40), (192, 64, 40), (64, 192, 40), (192, 192, 40)][:count]
    assert measures.pieces(discs(*places)) == count


def test_a_ring_is_one_piece_and_specks_are_none() -> None:
    ring = discs((128, 128, 100))
    PIL.ImageDraw.Draw(ring).ellipse((58, 58, 198, 198), fill=WHITE)
    assert measures.pieces(ring) == 1
    assert measures.pieces(discs((40, 40, 3), (200, 30, 4))) == 0


@pytest.mark.parametrize("behind", [WHITE, (20, 30, 90), (250, 220, 90)])
@pytest.mark.parametrize("colour", ["red", "green", "black"])
def test_the_colour_is_that_of_the_thing_whatever_lies_behind(colour: str, behind: Any) -> None:
    picture = discs((128, 128, 90), colour=colour, behind=behind)
    assert measures.colour(picture) == colour
    assert measures.colour_share(picture, colour) > 0.9
    assert measures.colour_share(picture, "pink") < 0.1
    assert measures.colour_share(blank(), "red") == 0


def test_overlap_and_spread() -> None:
    left, right = discs((64, 128, 50)), discs((192, 128, 50))
    assert measures.overlap(left, left) == 1
    assert measures.overlap(left, right) == 0
    assert measures.mean_overlap([left, left, right]) == pytest.approx(1 / 3)
    assert measures.spread([left, left]) == 0 < measures.spread([left, right])


def test_the_nearest_of_what_is_known() -> None:
    known = np.eye(4, dtype=np.float32)
    assert np.allclose(measures.nearest(known[:2], known), 0, atol=1e-3)
    assert np.allclose(measures.nearest(known[:1], known, 1), np.sqrt(2 / 4))


@given(st.floats(0.3, 3), st.floats(-2, 2))
def test_frechet_distance_of_two_normal_distributions(scale: float, shift: float) -> None:
    x = np.random.default_rng(0).standard_normal((600, 3))
    x = ((x - x.mean(0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(x.T)).T)).astype(np.float32)
    moved = (x * scale + shift).astype(np.float32)
    assert measures.frechet(x, moved) == pytest.approx(3 * (shift**2 + (1 - scale) ** 2), abs=0.01)


def test_prompts_ask_only_for_what_no_caption_says() -> None:
    things = prompts.scope()
    assert len({thing.name for thing in things}) == len(things) >= 50
    spoken = {"kitten", "tabby"}
    asks = prompts.objects(things, spoken)
    assert len(asks) == len({ask.text for ask in asks}) == 200
    assert asks == prompts.objects(things, spoken)
    cat = next(thing for thing in things if thing.name == "cat")
    assert not set(prompts.held_out_words(cat, spoken)) & spoken
    assert len(prompts.coloured()) == len(prompts.COLOURED) * len(prompts.COLOURS)
    assert {ask.kind for ask in prompts.pairs(things)} == set(prompts.RELATIONS)
    assert all(a.things[0] != a.things[1] for a in prompts.pairs(things))
    assert "three stars" in {ask.text for ask in prompts.counts(things)}


def test_a_scope_can_be_chosen_and_unknown_names_are_refused() -> None:
    assert [thing.name for thing in prompts.scope(["cat", "apple"])] == ["apple", "cat"]
    with pytest.raises(ValueError, match="zorble: not in the table"):
        prompts.scope(["zorble"])


def test_every_prompt_of_the_sheet_names_a_thing_in_scope() -> None:
    things = prompts.scope()
    assert len(sheet.PROMPTS) == 48
    asked = {text: sheet.shows(text, things) for text in sheet.PROMPTS}
    assert asked["a birthday cake"] == "cake"
    assert asked["a puppy"] == "dog"
    assert asked["a strawberry"] == "strawberry"
    with pytest.raises(ValueError, match="names nothing in scope"):
        sheet.shows("a zorble", things)


@pytest.fixture(scope="module")
def shapes() -> classifier_data.Store:
    """A disc and a bar in three styles, and crosses as strangers."""
    pictures = torch.zeros(9, 4, classifier_data.STORED, classifier_data.STORED, dtype=torch.uint8)
    y, x = torch.meshgrid(torch.arange(112) - 56, torch.arange(112) - 56, indexing="ij")
    forms = [x**2 + y**2 < 45**2, y.abs() < 14, (x - y).abs().minimum((x + y).abs()) < 12]
    for i in range(9):
        form = forms[i // 3].to(torch.uint8)
        pictures[i, i % 3] = form * 230
        pictures[i, 3] = form * 255
    return classifier_data.Store(pictures, torch.arange(9) // 3, ["3d", "clip art", "flat"] * 3, ["disc", "bar"])


@pytest.fixture(scope="module")
def judge(shapes: classifier_data.Store) -> classifier.Judge:
    before = torch.get_num_threads()
    torch.manual_seed(0)
    net = classifier.train(shapes, classifier.Settings(steps=50, batch=16))
    torch.set_num_threads(before)
    return classifier.Judge(net, shapes.things)


def test_training_pictures_are_what_they_say(shapes: classifier_data.Store) -> None:
    views = classifier_data.Views(shapes, classifier_data.Mix(ruined=0.3), seed=1)
    x, classes = views.batch(40)
    assert x.shape == (40, 3, 96, 96)
    assert -1 <= float(x.min()) <= float(x.max()) <= 1
    assert set(classes.tolist()) == {0, 1, 2}
    assert views.batch(3, torch.tensor([0, 3, 6]))[1].tolist() == [0, 1, 2]


def test_one_style_of_each_thing_is_held_out(shapes: classifier_data.Store) -> None:
    training, test = classifier.unseen_style(shapes)
    assert sorted(training + test) == list(range(9))
    assert [(int(shapes.classes[i]), shapes.styles[i]) for i in test] == [(0, "3d"), (1, "clip art")]


def test_the_judge_names_what_it_has_learnt(judge: classifier.Judge, shapes: classifier_data.Store) -> None:
    assert classifier.check(judge.net, shapes, views=4)["all"] > 0.8
    disc, nothing = judge.see([discs((128, 128, 100)), blank()])
    assert disc.name == "disc"
    assert disc.probability > nothing.probability or nothing.name != "disc"


@pytest.mark.parametrize(("x", "y"), [(64, 128), (192, 128), (128, 60), (128, 196)])
def test_a_search_finds_a_thing_where_it_is(judge: classifier.Judge, x: int, y: int) -> None:
    found = judge.search(discs((x, y, 55)))
    cx, cy = found.centres[judge.things.index("disc")]
    assert found.scores.shape == (2,)
    assert abs(cx * 256 - x) + abs(cy * 256 - y) < 60


def test_relations_follow_the_centres(judge: classifier.Judge) -> None:
    centres = np.array([[0.2, 0.5], [0.8, 0.45]], np.float32)
    found = classifier.Found(np.array([0.9, 0.8], np.float32), centres)
    assert judge.both(found, "disc", "bar")
    assert judge.related(found, "disc", "bar", "to the left of")
    assert not judge.related(found, "disc", "bar", "to the right of")
    assert not judge.related(found, "disc", "bar", "above")
    assert judge.related(found, "disc", "bar", "and")
    assert not judge.both(classifier.Found(np.array([0.9, 0.1], np.float32), centres), "disc", "bar")


def test_figures_are_rounded_for_reading() -> None:
    assert evaluate.rounded({"a": [0.123456, True, "x", 7]}) == {"a": [0.1235, True, "x", 7]}


class Painter:
    """Stands in for a pipeline: its latents are made of prompt and seed; it counts them."""

    device = "cpu"

    def __init__(self) -> None:
        self.drawn = 0
        self.vae = self.image_processor = self
        self.dtype, self.config = torch.float32, SimpleNamespace(scaling_factor=0.5)

    def set_progress_bar_config(self, **_: Any) -> None:
        return None

    def __call__(self, texts: list[str], **named: Any) -> Any:
        self.drawn += len(texts)
        unwanted = named["negative_prompt"] or [""] * len(texts)
        seeds = [generator.initial_seed() for generator in named["generator"]]
        made = [[len(t), s, len(u)] for t, s, u in zip(texts, seeds, unwanted, strict=True)]
        return SimpleNamespace(images=torch.tensor(made, dtype=torch.bfloat16)[..., None, None])

    def decode(self, x: torch.Tensor) -> Any:
        return SimpleNamespace(sample=x / 2)

    def postprocess(self, x: torch.Tensor) -> list[PIL.Image.Image]:
        return [blank(tuple(int(value) for value in one.flatten())) for one in x]


def test_an_album_draws_each_picture_once(tmp_path: Path) -> None:
    painter: Any = Painter()
    first = album.Album(painter, "weights", tmp_path)
    texts = ["a cat", "a dog and a cat", "a cat"]
    made = first.draw(texts, [1, 2, 3], steps=4)
    assert [picture.getpixel((0, 0)) for picture in made] == [(5, 1, 0), (15, 2, 0), (5, 3, 0)]
    assert painter.drawn == 3
    again = album.Album(painter, "weights", tmp_path).draw(texts[::-1], [3, 2, 1], steps=4, batch=2)
    assert painter.drawn == 3
    assert [p.tobytes() for p in again] == [p.tobytes() for p in made[::-1]]
    first.draw(["a cat"], [1], steps=5)
    assert first.draw(["a cat"], [1], ["red"], steps=4)[0].getpixel((0, 0)) == (5, 1, 3)
    first.draw(["a cat"], [1], steps=4, mode="draft")
    album.Album(painter, "others", tmp_path).draw(["a cat"], [1], steps=4)
    assert painter.drawn == 7


def test_other_weights_have_another_fingerprint(tmp_path: Path) -> None:
    (tmp_path / "unet").mkdir()
    (tmp_path / "unet" / "a.safetensors").write_bytes(b"1")
    before = album.fingerprint(tmp_path)
    (tmp_path / "vae").mkdir()
    (tmp_path / "vae" / "a.safetensors").write_bytes(b"another decoder")
    assert album.fingerprint(tmp_path) == before
    (tmp_path / "unet" / "a.safetensors").write_bytes(b"2")
    assert album.fingerprint(tmp_path) != before
