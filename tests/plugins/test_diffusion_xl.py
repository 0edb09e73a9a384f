"""Models with two text encoders (Stable Diffusion XL): every way of drawing, and weights as the pipeline's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from plugins_builtin.diffusion import Picture, words
from plugins_builtin.diffusion.params import Region
from studio.plugins import Image, Mask, ModelFiles
from tests.plugins.tiny_models import Recorder, write_clip_tokenizer

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def write_xl(folder: Path) -> Path:
    """A StableDiffusionXLPipeline folder: latents at a quarter of the size, a few thousand random weights."""
    import torch
    from diffusers import AutoencoderKL, DDIMScheduler, StableDiffusionXLPipeline, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer

    size = write_clip_tokenizer(folder / "tokenizer")
    write_clip_tokenizer(folder / "tokenizer_2")
    torch.manual_seed(1)
    text = CLIPTextConfig(vocab_size=size, hidden_size=16, intermediate_size=32, num_hidden_layers=3,
                          num_attention_heads=2, max_position_embeddings=16, eos_token_id=size - 1,
                          bos_token_id=size - 2, pad_token_id=size - 1, projection_dim=16)
    unet = UNet2DConditionModel(
        sample_size=16, in_channels=4, out_channels=4, block_out_channels=(8, 16), layers_per_block=1,
        norm_num_groups=4, down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), cross_attention_dim=32, attention_head_dim=2,
        addition_embed_type="text_time", addition_time_embed_dim=8, projection_class_embeddings_input_dim=16 + 6 * 8)
    vae = AutoencoderKL(
        block_out_channels=(8, 8, 8), down_block_types=("DownEncoderBlock2D",) * 3, latent_channels=4, sample_size=64,
        up_block_types=("UpDecoderBlock2D",) * 3, layers_per_block=1, norm_num_groups=4)
    StableDiffusionXLPipeline(
        vae=vae, unet=unet, text_encoder=CLIPTextModel(text), text_encoder_2=CLIPTextModelWithProjection(text),
        tokenizer=CLIPTokenizer.from_pretrained(folder / "tokenizer"), add_watermarker=False,
        tokenizer_2=CLIPTokenizer.from_pretrained(folder / "tokenizer_2"),
        scheduler=DDIMScheduler(beta_schedule="scaled_linear")).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def context(tmp_path_factory: pytest.TempPathFactory) -> Recorder:
    folder = tmp_path_factory.mktemp("xl")
    return Recorder(ModelFiles("xl", "stable-diffusion", write_xl(folder / "xl")), folder)


@pytest.fixture(scope="module")
def picture(context: Recorder) -> Picture:
    generator = Picture()
    generator.load(context)
    return generator


def test_it_draws_continues_inpaints_and_takes_weights_and_regions(picture: Picture, context: Recorder) -> None:
    red = Image.from_pil(PIL.Image.new("RGB", (64, 64), (200, 30, 30)))
    hole = np.zeros((64, 64), np.uint8)
    hole[:, 32:] = 255
    mask = Mask.from_pil(PIL.Image.fromarray(hole))

    def draw(**params: Any) -> Image:
        given = {"prompt": "a red x", "width": 64, "height": 64, "steps": 3} | params
        return picture.run(Picture.Params(**given), context)

    bare = draw()
    assert bare.data == draw().data
    others = [draw(prompt="a (red:1.4) x"), draw(init_image=red, strength=0.5),
              draw(regions=[Region(prompt="x", mask=mask)])]
    assert len({bare.data, *(other.data for other in others)}) == 4
    inpainted = np.asarray(draw(init_image=red, mask=mask, strength=1.0).pil())
    assert (inpainted[:, :32] == (200, 30, 30)).all()


def test_embeddings_without_weights_are_the_pipelines_own(picture: Picture) -> None:
    import torch

    pipeline = picture._model.text_to_image
    with torch.inference_mode():
        given, _, pooled, _ = pipeline.encode_prompt(prompt="a red x", negative_prompt="")
        assert torch.allclose(given, words.embedding_of(pipeline, "a red x"), atol=1e-5)
        assert torch.allclose(pooled, words._pooled(pipeline, "a red x"), atol=1e-5)
