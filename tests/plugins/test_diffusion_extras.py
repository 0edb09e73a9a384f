"""Weights in prompts, LoRAs and drafts, and regions, with tiny models."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from plugins_builtin.diffusion import Picture
from plugins_builtin.diffusion.loras import draft_of
from plugins_builtin.diffusion.params import Region
from plugins_builtin.diffusion.regions import shares
from studio.models import scan
from studio.plugins import GeneratorError, Image, Mask, ModelFiles
from tests.plugins.tiny_models import Recorder, write_controlnet, write_lora, write_stable_diffusion

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """tiny: a model with a draft LoRA; control: a ControlNet for it; ink.safetensors: a LoRA; eight: another model."""
    root = tmp_path_factory.mktemp("sd")
    write_stable_diffusion(root / "tiny")
    write_controlnet(root / "control", root / "tiny")
    write_lora(root / "ink.safetensors", root / "tiny")
    (root / "tiny" / "draft").mkdir()
    write_lora(root / "tiny" / "draft" / "pytorch_lora_weights.safetensors", root / "tiny", seed=9)
    return root


def context(folder: Path, **others: ModelFiles) -> Recorder:
    files = {name.replace("__", ":"): found for name, found in others.items()}
    return Recorder(ModelFiles("tiny", "stable-diffusion", folder / "tiny"), folder, others=files)


@pytest.fixture(scope="module")
def picture(folder: Path) -> Picture:
    generator = Picture()
    generator.load(context(folder))
    return generator


def draw(generator: Picture, ctx: Recorder, **params: Any) -> Image:
    params = {"width": 64, "height": 64, "steps": 2, "seed": 7, "prompt": "a red apple"} | params
    return generator.run(Picture.Params(**params), ctx)


def disc() -> Image:
    y, x = np.mgrid[0:64, 0:64]
    return Image.from_pil(PIL.Image.fromarray(((np.hypot(x - 32, y - 32) < 20) * 255).astype(np.uint8)))


def half() -> Mask:
    values = np.zeros((64, 64), np.uint8)
    values[:, 32:] = 255
    found = Mask.from_pil(PIL.Image.fromarray(values))
    assert isinstance(found, Mask)
    return found


# ---------------------------------------------------------------- weights


def test_weights_change_the_picture_and_one_of_1_does_not(picture: Picture, folder: Path) -> None:
    ctx = context(folder)
    bare = draw(picture, ctx)
    assert draw(picture, ctx, prompt="a (red:1.0) apple").data == bare.data
    heavy, light = (draw(picture, ctx, prompt=f"a (red:{w}) apple").data for w in (2.5, 0.3))
    assert len({bare.data, heavy, light}) == 3
    assert draw(picture, ctx, prompt="a (red:2.5) apple").data == heavy
    assert draw(picture, ctx, negative_prompt="(red:2.5)").data != draw(picture, ctx, negative_prompt="red").data


@pytest.mark.parametrize("prompt", ["(((", "a (red apple", "[]", "(:2)", "(" * 500, "(a:2)" * 400, "[a] (b:1.4) " * 90,
                                    "( :1.5)", "(🦊:2)", "a (\x00:3)", "<lora:", "(<lora:x:1>:2)"])  # fmt: skip
def test_any_syntax_draws(picture: Picture, folder: Path, prompt: str) -> None:
    assert draw(picture, context(folder), prompt=prompt, negative_prompt=prompt, steps=1).pil().size == (64, 64)


# ---------------------------------------------------------------- LoRAs


def test_a_lora_that_the_prompt_names_counts_in_that_run_alone(picture: Picture, folder: Path) -> None:
    ink = ModelFiles("ink", "lora", folder / "ink.safetensors")
    ctx = context(folder, lora__ink=ink)
    bare = draw(picture, ctx).data
    full = draw(picture, ctx, prompt="a red apple<lora:ink>").data
    assert full != bare
    assert draw(picture, ctx, prompt="a red apple<lora:ink:0.4>").data not in (full, bare)
    assert draw(picture, ctx).data == bare
    assert draw(picture, ctx, prompt="a red apple<lora:ink:1>").data == full


def test_a_lora_that_is_not_there_is_left_out_and_said_to_be(picture: Picture, folder: Path) -> None:
    ctx = context(folder)
    made = draw(picture, ctx, prompt="a red apple<lora:gone:0.5>")
    assert made.data == draw(picture, ctx).data
    assert made.meta["loras_missing"] == ["gone"]
    assert "“gone”" in ctx.logs[0]


def test_a_lora_of_another_model_is_refused_in_a_sentence(picture: Picture, folder: Path, tmp_path: Path) -> None:
    ctx = context(folder)
    bare = draw(picture, ctx).data
    write_stable_diffusion(tmp_path / "other", width=16)
    write_lora(tmp_path / "other.safetensors", tmp_path / "other")
    (tmp_path / "cut.safetensors").write_bytes((folder / "ink.safetensors").read_bytes()[:-9])
    for name, said in (("other", "does not fit this model"), ("cut", "is cut short")):
        ctx = context(folder, **{f"lora__{name}": ModelFiles(name, "lora", tmp_path / f"{name}.safetensors")})
        with pytest.raises(GeneratorError, match=said) as error:
            draw(picture, ctx, prompt=f"x <lora:{name}>")
        assert "\n" not in str(error.value)
    assert draw(picture, context(folder)).data == bare


def test_the_library_finds_loras_and_controlnets(folder: Path) -> None:
    found = {(m.name, m.kind) for m in scan.scan(folder)}
    assert {("tiny", "stable-diffusion"), ("control", "controlnet"), ("ink", "lora")} == found


# ---------------------------------------------------------------- drafts


def test_a_draft_takes_the_models_own_lora_and_says_what_it_ran_with(picture: Picture, folder: Path) -> None:
    ctx = context(folder)
    card = folder / "tiny" / "draft" / "pieria.json"
    plain = draw(picture, ctx, steps=4)
    draft = picture.run(Picture.Params(width=64, height=64, seed=7, prompt="a red apple", quality="Draft"), ctx)
    assert draft.meta["steps"] == 4
    assert draft.meta["draft"] == "lora"
    assert draft.data != plain.data
    card.write_text(json.dumps({"guidance_scale": 1.5, "sampler": "LCM"}), "utf-8")
    try:
        tuned = picture.run(Picture.Params(width=64, height=64, seed=7, prompt="a red apple", quality="Draft"), ctx)
    finally:
        card.unlink()
    assert (tuned.meta["guidance_scale"], tuned.meta["sampler"]) == (1.5, "LCM")
    assert tuned.data != draft.data
    assert draw(picture, ctx, steps=4).data == plain.data


@pytest.mark.parametrize("card", ["", "[]", "{", '{"guidance_scale": "much", "sampler": 3}', '{"guidance_scale": 99}'])
def test_a_damaged_card_counts_for_nothing(folder: Path, tmp_path: Path, card: str) -> None:
    copy = tmp_path / "tiny"
    shutil.copytree(folder / "tiny" / "draft", copy / "draft")
    (copy / "draft" / "pieria.json").write_text(card, "utf-8")
    found = draft_of(copy)
    assert found is not None
    assert (found.guidance_scale, found.sampler) == (None, None)
    assert draft_of(tmp_path) is None


# ---------------------------------------------------------------- regions


def test_a_region_draws_its_own_prompt_where_its_mask_is(picture: Picture, folder: Path) -> None:
    ctx = context(folder)
    bare = draw(picture, ctx, steps=4)
    parts = draw(picture, ctx, steps=4, regions=[Region(prompt="a (blue:1.5) sea", mask=half())])
    assert parts.data != bare.data
    change = np.abs(np.asarray(parts.pil()).astype(int) - np.asarray(bare.pil())).mean((0, 2))
    assert change[40:].mean() > change[:24].mean()
    everywhere = Mask.from_pil(PIL.Image.new("L", (8, 8), 255))
    same = draw(picture, ctx, prompt="x", steps=4, regions=[Region(prompt="a red apple", mask=everywhere)])
    gap = np.abs(np.asarray(same.pil()).astype(int) - np.asarray(bare.pil())).max()
    assert gap <= 2
    assert draw(picture, ctx, steps=4).data == bare.data


def test_regions_work_with_masks_control_and_guidance_off(picture: Picture, folder: Path) -> None:
    ctx = context(folder, control_model=ModelFiles("control", "controlnet", folder / "control"))
    made = draw(picture, ctx, init_image=disc(), mask=half(), strength=1.0, control="Edges (soft)",
                control_image=disc(), guidance_scale=1.0, regions=[Region(prompt="sea", mask=half())])
    assert made.pil().size == (64, 64)


def test_shares_of_regions_sum_to_one() -> None:
    import torch

    full, left = np.ones((8, 8), np.float32), np.zeros((8, 8), np.float32)
    left[:, :4] = 0.5
    found = shares([full, left], 4)
    assert found.shape == (3, 1, 1, 2, 2)
    assert torch.allclose(found.sum(0), torch.ones(1, 1, 2, 2))
    assert found[-1].max() == 0
