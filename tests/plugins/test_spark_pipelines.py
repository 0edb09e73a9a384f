"""The shipped weights of Spark in the libraries they are made for: diffusers' pipelines, peft, and previews."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest
import safetensors
import torch
from diffusers import (
    StableDiffusionImg2ImgPipeline,
    StableDiffusionInpaintPipeline,
    StableDiffusionPipeline,
)
from peft.utils import get_peft_model_state_dict

from plugins_builtin.diffusion import Picture
from plugins_builtin.diffusion.params import ControlLayer
from studio.plugins import Image, ModelFiles
from tests.plugins.tiny_models import Recorder
from training.spark import lora

SPARK = Path(__file__).resolve().parents[2] / "plugins_builtin" / "diffusion" / "spark"
pytestmark = [
    pytest.mark.model,
    pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning"),
]


def load(kind: type[Any] = StableDiffusionPipeline) -> Any:
    pipe = kind.from_pretrained(SPARK, dtype=torch.float32, local_files_only=True)
    pipe.set_progress_bar_config(disable=True)
    return pipe


@pytest.fixture(scope="module")
def pipe() -> Any:
    return load()


@pytest.fixture(autouse=True)
def threads() -> Iterator[None]:
    """Training sets the number of threads; the other tests keep theirs."""
    before = torch.get_num_threads()
    yield
    torch.set_num_threads(before)


def draw(pipe: Any, prompt: str = "a red apple", seed: int = 3, steps: int = 4, **named: Any) -> PIL.Image.Image:
    generator = torch.Generator().manual_seed(seed)
    return pipe(prompt, num_inference_steps=steps, generator=generator, **named).images[0]


def pixels(picture: PIL.Image.Image) -> np.ndarray:
    return np.asarray(picture, np.float32)


def distance(first: PIL.Image.Image, second: PIL.Image.Image) -> float:
    """RMS over all pixels, in 0..255."""
    return float(np.sqrt(((pixels(first) - pixels(second)) ** 2).mean()))


def disc(colour: str, behind: str = "white") -> PIL.Image.Image:
    picture = PIL.Image.new("RGB", (256, 256), behind)
    PIL.ImageDraw.Draw(picture).ellipse((48, 48, 208, 208), fill=colour)
    return picture


def test_the_folder_is_small_and_its_parts_fit(pipe: Any) -> None:
    assert sum(path.stat().st_size for path in SPARK.rglob("*") if path.is_file()) <= 100e6
    assert pipe.unet.config.in_channels == pipe.unet.config.out_channels == pipe.vae.config.latent_channels
    assert pipe.unet.config.cross_attention_dim == pipe.text_encoder.config.hidden_size
    assert pipe.tokenizer.model_max_length == pipe.text_encoder.config.max_position_embeddings


@pytest.mark.parametrize(("width", "height"), [(256, 256), (192, 192), (320, 320), (320, 192), (208, 256)])
def test_sizes(pipe: Any, width: int, height: int) -> None:
    picture = draw(pipe, width=width, height=height, steps=2)
    assert picture.size == (width, height)
    assert pixels(picture).std() > 10


def test_the_same_seed_gives_the_same_bytes_and_another_seed_another_picture(pipe: Any) -> None:
    first = draw(pipe)
    assert draw(pipe).tobytes() == first.tobytes()
    assert distance(draw(pipe, seed=4), first) > 3


def test_the_prompt_guidance_and_the_negative_prompt_change_the_picture(pipe: Any) -> None:
    plain = draw(pipe, guidance_scale=5.0)
    assert distance(draw(pipe, guidance_scale=1.0), plain) > 2
    assert distance(draw(pipe, negative_prompt="red", guidance_scale=5.0), plain) > 2
    assert distance(draw(pipe, "a blue car", guidance_scale=5.0), plain) > 20


def test_a_colour_is_drawn(pipe: Any) -> None:
    red, blue = (pixels(draw(pipe, f"a {c} heart", steps=8)).mean((0, 1)) for c in ("red", "blue"))
    assert red[0] - red[2] > 10 > red[2] - red[0]
    assert blue[2] - blue[0] > 10


def test_image_to_image_keeps_more_at_low_strength() -> None:
    pipe, start = load(StableDiffusionImg2ImgPipeline), disc("red")
    weak, strong = (draw(pipe, "a blue balloon", image=start, strength=s, steps=6) for s in (0.3, 1.0))
    assert weak.size == strong.size == (256, 256)
    assert distance(weak, start) < distance(strong, start)


@pytest.mark.skipif(
    '"latent_channels": 4' not in (SPARK / "vae" / "config.json").read_text("utf-8"),
    reason="inpainting with diffusers needs weights with four latent channels",
)
def test_inpainting_changes_what_is_masked_and_keeps_the_rest() -> None:
    pipe, start = load(StableDiffusionInpaintPipeline), disc("blue")
    left = PIL.Image.new("L", (256, 256))
    left.paste(255, (0, 0, 128, 256))
    picture = draw(pipe, "a red heart", image=start, mask_image=left, strength=1.0, height=256, width=256, steps=6)
    change = np.abs(pixels(picture) - pixels(start)).mean(2)
    assert change[:, :112].mean() > 2 * change[:, 144:].mean()


def test_previews_come_in_between(tmp_path: Path) -> None:
    files = ModelFiles("spark", "stable-diffusion", SPARK)
    generator, ctx = Picture(), Recorder(files, tmp_path)
    generator.load(ctx)
    picture = generator.run(Picture.Params(prompt="a cat", width=256, height=256, steps=5, seed=1), ctx)
    generator.unload()
    assert ctx.steps[-1] == (5, 5)
    assert len(ctx.pictures) == 4
    last, final = (p.pil().convert("RGB").resize((64, 64)) for p in (ctx.pictures[-1], picture))
    assert distance(last, final) < distance(ctx.pictures[0].pil().convert("RGB").resize((64, 64)), final)


@pytest.mark.timeout(600)  # it trains: on a busy machine that takes minutes
def test_a_lora_trained_with_peft_is_saved_loaded_and_taken_off_again(tmp_path: Path) -> None:
    colours = ("teal", "navy", "olive", "purple")
    lessons = [(disc(colour, "black"), "a zorble") for colour in colours]
    settings = lora.Settings(steps=12, batch=4, rank=4, rate=3e-3)
    losses = lora.train(load(), lessons, tmp_path, settings)
    assert np.isfinite(losses).all()
    pipe = load()
    before = draw(pipe, "a zorble")
    pipe.load_lora_weights(tmp_path, adapter_name="zorble")
    with safetensors.safe_open(tmp_path / lora.NAME, "pt") as file:
        saved = {name.removeprefix("unet.") for name in file.keys()}  # noqa: SIM118  (it is no dictionary)
    assert saved == set(get_peft_model_state_dict(pipe.unet, adapter_name="zorble"))
    after = draw(pipe, "a zorble")
    assert pixels(after).mean() < pixels(before).mean()  # the lessons are black around the disc
    assert distance(after, before) > 1
    pipe.unload_lora_weights()
    assert draw(pipe, "a zorble").tobytes() == before.tobytes()


def test_a_folder_of_pictures_becomes_lessons(tmp_path: Path) -> None:
    disc("red").save(tmp_path / "a_red_ball_01.png")
    disc("blue").save(tmp_path / "x.png")
    (tmp_path / "x.txt").write_text("a blue ball\n", "utf-8")
    PIL.Image.new("RGBA", (20, 40)).save(tmp_path / "nothing.webp")
    assert [caption for _, caption in lora.read(tmp_path)] == ["a red ball", "nothing", "a blue ball"]
    assert pixels(lora.read(tmp_path)[1][0]).min() == 255
    (tmp_path / "broken.png").write_bytes(b"no picture")
    with pytest.raises(ValueError, match=r"broken\.png cannot be read"):
        lora.read(tmp_path)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no PNG"):
        lora.read(tmp_path)


def test_a_sketch_says_where_the_thing_is_and_how_large(tmp_path: Path) -> None:
    generator, ctx = Picture(), Recorder(ModelFiles("spark", "stable-diffusion", SPARK), tmp_path)
    generator.load(ctx)

    def middle(x: int, radius: int) -> tuple[float, float]:
        """Where the made thing lies, as a share of the width, and the share of the picture that it takes."""
        page = PIL.Image.new("RGBA", (256, 256))
        PIL.ImageDraw.Draw(page).ellipse((x - radius, 128 - radius, x + radius, 128 + radius), outline="black", width=3)
        params = Picture.Params(prompt="a red apple", steps=8, seed=4, controls=[
            ControlLayer(kind="Drawing", image=Image.from_pil(page)),
        ])  # fmt: skip
        solid = pixels(generator.run(params, ctx).pil()).min(-1) < 200
        return float(np.nonzero(solid)[1].mean() / 256), float(solid.mean())

    (left, _), (right, small), (_, large) = middle(102, 62), middle(154, 62), middle(128, 94)
    assert left < 0.49 < 0.55 < right
    assert large > 1.6 * small
