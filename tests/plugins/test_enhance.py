"""The picture tools: sizes, alpha, tiles without seams, the same bytes, Stop, and broken files."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins_builtin.enhance import Cutout, Denoise, Style, Upscale, studio_generators
from plugins_builtin.enhance.cutout import foreground, refined
from plugins_builtin.enhance.pixels import LARGEST, Pixels, tiled, tiles
from plugins_builtin.enhance.style import NAMES
from studio.models.packs import find_pack, load_catalogue
from studio.plugins import Cancelled, Generator, GeneratorError, Image, InputError, ModelFiles
from tests.plugins.tiny_models import Recorder, write_onnx

WEIGHTS = Path(__file__).parents[2] / "plugins_builtin" / "enhance" / "weights"
FFDNET = ModelFiles("ffdnet", "ffdnet", WEIGHTS / "ffdnet")
FAST = ModelFiles("realesrgan-fast", "realesrgan", WEIGHTS / "realesrgan-fast")


def loaded(generator: type[Generator], files: ModelFiles, folder: Path) -> Any:
    instance = generator()
    instance.load(Recorder(files, folder))
    return instance


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Each tool with a network: the shipped ones for real, stand-ins of the same form for those that are fetched."""
    folder = tmp_path_factory.mktemp("onnx")
    matte = ModelFiles("u2net", "u2net", write_onnx(folder / "u2net.onnx", "matte"))
    style = ModelFiles("style", "style-transfer", write_onnx(folder / "style.onnx", "style"))
    return {"upscale": loaded(Upscale, FAST, folder), "denoise": loaded(Denoise, FFDNET, folder),
            "cutout": loaded(Cutout, matte, folder), "style": loaded(Style, style, folder)}


def run(tool: Any, ctx: Recorder | None = None, **params: Any) -> Image:
    return tool.run(type(tool).Params(**params), ctx or Recorder(FAST, Path()))


def image(array: np.ndarray, mode: str | None = None) -> Image:
    picture = PIL.Image.fromarray(array)
    return Image.from_pil(picture.convert(mode) if mode else picture)


def photo(width: int = 60, height: int = 44, bands: int = 3) -> np.ndarray:
    """Smooth colours with a bright disc in the middle; a fourth band is the disc's outline."""
    y, x = np.mgrid[0:height, 0:width]
    disc = np.hypot(x - width / 2, y - height / 2) < min(width, height) / 3
    rgb = np.dstack([60 + 60 * x / width, 90 + 40 * y / height, np.full((height, width), 120)])
    rgb[disc] = (240, 200, 60)
    rgba = np.dstack([rgb, np.where(disc, 255, 0)])
    return rgba[..., :bands].astype(np.uint8)


def test_the_plugin_offers_its_tools_and_each_field_says_what_it_is_for() -> None:
    assert [g.id for g in studio_generators()] == [
        "enhance.upscale", "enhance.cutout", "enhance.denoise", "enhance.style", "control.edges", "control.hed",
        "control.pose"]
    for generator in studio_generators()[:4]:
        schema = generator.Params.model_json_schema()
        assert generator.requires.memory > 0
        for name, field in schema["properties"].items():
            assert field.get("description"), name
        packs = load_catalogue()
        default = find_pack(packs, schema["properties"]["model"]["default"])
        assert default is not None
        assert default.generator == generator.id
        assert default.kind in schema["properties"]["model"]["x-studio"]["kinds"]


def test_the_weights_in_the_repository_are_those_that_were_checked_in() -> None:
    for folder in WEIGHTS.iterdir():
        assert (folder / "LICENSE").is_file()
        for line in (folder / "SHA256SUMS").read_text("utf-8").splitlines():
            digest, name = line.split("  ")
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "CMYK"])
@pytest.mark.parametrize("name", ["upscale", "denoise", "cutout", "style"])
def test_every_tool_takes_every_kind_of_picture(tools: dict[str, Any], name: str, mode: str) -> None:
    times = 2 if name == "upscale" else 1
    picture = PIL.Image.fromarray(photo(21, 13)).convert(mode)
    from io import BytesIO

    buffer = BytesIO()
    picture.save(buffer, "TIFF" if mode == "CMYK" else "PNG")
    made = run(tools[name], image=Image(buffer.getvalue())).pil()
    assert made.size == (21 * times, 13 * times)
    assert made.mode == ("RGBA" if name == "cutout" or mode in ("RGBA", "LA") else "RGB")


@pytest.mark.parametrize("name", ["upscale", "denoise", "cutout", "style"])
def test_the_same_picture_gives_the_same_bytes(tools: dict[str, Any], name: str) -> None:
    first = run(tools[name], image=image(photo(150, 44)))
    assert run(tools[name], image=image(photo(150, 44))).data == first.data


@pytest.mark.parametrize("name", ["upscale", "denoise", "cutout", "style"])
def test_stop_is_noticed_and_broken_pictures_are_named(tools: dict[str, Any], name: str) -> None:
    ctx = Recorder(FAST, Path(), stop_at_step=1)
    with pytest.raises(Cancelled):
        run(tools[name], ctx, image=image(photo(300, 300)))
    assert ctx.steps[-1][0] == 1
    with pytest.raises(InputError, match="cannot be read") as error:
        run(tools[name], image=Image(b"not a picture"))
    assert error.value.field == "image"


@pytest.mark.parametrize("name", ["upscale", "denoise", "style"])
def test_alpha_is_kept(tools: dict[str, Any], name: str) -> None:
    start = photo(bands=4)
    made = np.asarray(run(tools[name], image=image(start)).pil())
    times = made.shape[0] // start.shape[0]
    assert (made[::times, ::times, 3] == start[..., 3]).mean() > 0.95
    if times == 1:
        assert (made[..., 3] == start[..., 3]).all()


# ---------------------------------------------------------------- upscale


@pytest.mark.parametrize("scale", [2, 3, 4])
def test_upscaling_gives_that_size_and_the_same_picture(tools: dict[str, Any], scale: int) -> None:
    start = photo(41, 29)
    made = run(tools["upscale"], image=image(start), scale=scale)
    assert made.pil().size == (41 * scale, 29 * scale)
    back = np.asarray(made.pil().resize((41, 29), PIL.Image.Resampling.BOX)).astype(float)
    assert np.abs(back - start).mean() < 6
    assert made.meta["scale"] == scale


def test_tiles_leave_no_seam(tools: dict[str, Any]) -> None:
    start = np.random.default_rng(2).integers(0, 256, (30, 150, 3), dtype=np.uint8)
    whole = tiled(start, tools["upscale"]._network, Recorder(FAST, Path()), side=150, overlap=0, times=4)
    cut = tiled(start, tools["upscale"]._network, Recorder(FAST, Path()), side=64, overlap=20, times=4)
    assert np.abs(whole.astype(int) - cut).max() <= 1


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 90), st.integers(1, 90), st.integers(8, 64), st.integers(0, 20))
def test_tiles_cover_a_picture_once(width: int, height: int, side: int, overlap: int) -> None:
    seen = np.zeros((height, width), int)
    for part in tiles(width, height, side, overlap):
        seen[part.top : part.bottom, part.left : part.right] += 1
        left, top, right, bottom = part.wide
        assert 0 <= left <= part.left < part.right <= right <= width
        assert 0 <= top <= part.top < part.bottom <= bottom <= height
    assert (seen == 1).all()


def test_a_result_that_would_be_too_large_is_refused() -> None:
    side = int(LARGEST**0.5) // 4 + 10
    wide = Image.from_pil(PIL.Image.new("L", (side, side)))
    with pytest.raises(InputError, match="choose a smaller picture"):
        Pixels.of(wide, 4)
    assert Pixels.of(wide).rgb.shape == (side, side, 3)


# ---------------------------------------------------------------- denoise


def test_denoising_gains_decibels(tools: dict[str, Any]) -> None:
    clean = photo(160, 120).astype(float)
    noisy = (clean + np.random.default_rng(1).normal(0, 25, clean.shape)).clip(0, 255).astype(np.uint8)
    made = np.asarray(run(tools["denoise"], image=image(noisy), strength=25).pil())

    def psnr(pixels: np.ndarray) -> float:
        return float(10 * np.log10(255**2 / np.square(pixels - clean).mean()))

    assert psnr(made) > psnr(noisy) + 10
    lightness = np.asarray(run(tools["denoise"], image=image(noisy), strength=25, grey=True).pil())
    assert psnr(noisy) < psnr(lightness) < psnr(made)
    assert run(tools["denoise"], image=image(noisy), strength=0).pil().tobytes() == noisy.tobytes()


def test_a_grey_picture_stays_grey(tools: dict[str, Any]) -> None:
    noisy = np.random.default_rng(1).integers(90, 160, (30, 41), dtype=np.uint8)
    made = np.asarray(run(tools["denoise"], image=image(noisy, "RGB"), strength=40).pil())
    assert (made == made[..., :1]).all()
    assert made.std() < noisy.std() / 2


# ---------------------------------------------------------------- cut out


def test_a_cut_out_is_opaque_where_the_network_says_and_its_mask_agrees(tools: dict[str, Any]) -> None:
    start = photo(160, 120)
    cut = np.asarray(run(tools["cutout"], image=image(start)).pil())
    mask = np.asarray(run(tools["cutout"], image=image(start), output="Mask").pil())
    assert mask.shape == (120, 160)
    assert (cut[..., 3] == mask).all()
    truth = photo(160, 120, 4)[..., 3] > 0
    assert (((mask > 127) & truth).sum() / ((mask > 127) | truth).sum()) > 0.9


def test_a_cut_out_keeps_what_was_transparent_already(tools: dict[str, Any]) -> None:
    start = photo(160, 120, 4)
    start[:, :80, 3] = 0
    cut = np.asarray(run(tools["cutout"], image=image(start)).pil())
    assert (cut[:, :80, 3] == 0).all()


def test_edges_follow_the_picture_and_lose_the_background_colour() -> None:
    import cv2

    start = photo(160, 120, 4)
    truth = start[..., 3].astype(np.float32) / 255
    blurred = cv2.GaussianBlur(truth, (0, 0), 2)
    assert np.abs(refined(blurred, start[..., :3].copy()) - truth).mean() < np.abs(blurred - truth).mean()
    soft = cv2.GaussianBlur(truth, (0, 0), 2)[..., None]
    mixed = np.rint((240, 200, 60) * soft + (20, 20, 200) * (1 - soft)).astype(np.uint8)
    edge = (soft[..., 0] > 0.3) & (soft[..., 0] < 0.9)
    found = foreground(mixed, soft[..., 0])
    assert np.abs(found[edge].astype(float) - (240, 200, 60)).mean() < 20
    assert np.abs(mixed[edge].astype(float) - (240, 200, 60)).mean() > 40


# ---------------------------------------------------------------- style


def test_style_takes_26_manners_and_strength_and_colours(tools: dict[str, Any]) -> None:
    assert len(set(NAMES)) == 26
    start = photo()
    full = np.asarray(run(tools["style"], image=image(start)).pil()).astype(int)
    other = np.asarray(run(tools["style"], image=image(start), style="Dusk").pil())
    half = np.asarray(run(tools["style"], image=image(start), strength=0.5).pil()).astype(int)
    assert (full != other).any()
    assert np.abs(half - (full + start) / 2).max() <= 1
    assert (np.asarray(run(tools["style"], image=image(start), strength=0).pil()) == start).all()
    kept = np.asarray(run(tools["style"], image=image(start), keep_colours=True).pil()).astype(float)
    assert np.abs(kept - start).mean() != np.abs(full - start).mean()


def test_a_large_picture_is_styled_at_its_own_size(tools: dict[str, Any]) -> None:
    wide = np.zeros((20, 1700, 3), np.uint8)
    assert run(tools["style"], image=image(wide)).pil().size == (1700, 20)


# ---------------------------------------------------------------- broken files


@pytest.mark.parametrize(
    ("generator", "files", "name", "data", "said"),
    [
        (Upscale, FAST, "network.txt", None, "network.txt is missing"),
        (Upscale, FAST, "network.ncnn", b"", "network.ncnn is missing or empty"),
        (Upscale, FAST, "network.ncnn", b"x" * 1000, "network.ncnn is cut short"),
        (Upscale, FAST, "network.txt", b"hello\n", "network.txt is no network"),
        (Denoise, FFDNET, "ffdnet.safetensors", b"", "ffdnet.safetensors is empty"),
        (Denoise, FFDNET, "ffdnet.safetensors", (2).to_bytes(8, "little") + b"{}", "no FFDNet"),
        (Cutout, FFDNET, "network.onnx", b"junk", "network.onnx is missing or damaged"),
        (Style, FFDNET, "other.txt", b"junk", "network.onnx is missing or damaged"),
    ],
)
def test_a_broken_network_is_refused_in_a_sentence(
    generator: type[Generator], files: ModelFiles, name: str, data: bytes | None, said: str, tmp_path: Path
) -> None:
    copy = shutil.copytree(files.path, tmp_path / "copy")
    (copy / name).unlink(missing_ok=True)
    if data is not None:
        (copy / name).write_bytes(data)
    with pytest.raises(GeneratorError) as error:
        loaded(generator, ModelFiles("broken", files.kind, copy), tmp_path)
    assert said in str(error.value)
    assert "broken" in str(error.value)
    assert "\n" not in str(error.value)
