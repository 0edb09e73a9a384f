"""What control nets are shown, as generators: edges, outlines by HED, poses by BlazePose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.ImageDraw
import pytest

from plugins_builtin.control import pose, skeleton
from plugins_builtin.control.generators import EdgePicture, HedPicture, PosePicture
from plugins_builtin.control.hed import BLOCKS
from studio.plugins import GeneratorError, Image, InputError, ModelFiles
from tests.plugins.tiny_models import Recorder

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def context(path: Path, kind: str = "hed") -> Recorder:
    return Recorder(ModelFiles(kind, kind, path), path.parent)


def disc(side: int = 96) -> Image:
    y, x = np.mgrid[0:side, 0:side]
    inside = np.hypot(x - side / 2, y - side / 2) < side / 3
    return Image.from_pil(PIL.Image.fromarray(np.where(inside[..., None], (30, 60, 200), 255).astype(np.uint8)))


def array(image: Image) -> Any:
    return np.asarray(image.pil())


def write_hed(path: Path, wide: int = 4) -> Path:
    """Random weights in the layout of the package, a few channels wide."""
    import h5py

    rng, inner = np.random.default_rng(3), 3
    with h5py.File(path, "w") as file:
        def put(where: str, shape: tuple[int, ...]) -> None:
            file[f"{where}/vars/0"] = rng.normal(0, 0.5, shape).astype(np.float32)
            file[f"{where}/vars/1"] = np.zeros(shape[-1], np.float32)

        for block, count in enumerate(BLOCKS, 1):
            for number in range(count):
                put(f"block{block}/layers/conv2d{f'_{number}' if number else ''}", (3, 3, inner, wide))
                inner = wide
            put(f"dsn{block}", (1, 1, wide, 1))
        put("fuse", (1, 1, 5, 1))
    return path


# ---------------------------------------------------------------- edges


@pytest.mark.parametrize("method", ["Canny", "Soft"])
def test_edges_lie_where_the_picture_changes(method: str, tmp_path: Path) -> None:
    made = array(EdgePicture().run(EdgePicture.Params(image=disc(), method=method), context(tmp_path)))
    y, x = np.mgrid[0:96, 0:96]
    away = np.abs(np.hypot(x - 48, y - 48) - 32)
    assert made.shape == (96, 96)
    assert made[away < 0.7].mean() > 80
    assert made[away > 8].max() == 0


def test_lines_only_are_black_on_nothing(tmp_path: Path) -> None:
    made = array(EdgePicture().run(EdgePicture.Params(image=disc(), output="Lines only"), context(tmp_path)))
    assert made.shape == (96, 96, 4)
    assert made[..., :3].max() == 0
    assert set(np.unique(made[..., 3])) == {0, 255}


def test_paint_on_a_transparent_layer_has_edges(tmp_path: Path) -> None:
    sheet = PIL.Image.new("RGBA", (64, 64))
    sheet.paste((0, 0, 0, 255), (10, 20, 50, 40))
    made = array(EdgePicture().run(EdgePicture.Params(image=Image.from_pil(sheet)), context(tmp_path)))
    assert made[18:22, 15:45].max() == 255
    assert made[28:32, 25:35].max() == 0


def test_thresholds_may_come_the_wrong_way_round_and_texture_can_be_smoothed(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(100, 160, (64, 64, 3), np.uint8)
    image, ctx = Image.from_pil(PIL.Image.fromarray(noise)), context(tmp_path)

    def count(**given: Any) -> int:
        return int((array(EdgePicture().run(EdgePicture.Params(image=image, **given), ctx)) > 0).sum())

    assert count(low=200, high=100) == count(low=100, high=200)
    assert count(smooth=3) < count() / 4


@pytest.mark.parametrize("cls", [EdgePicture, HedPicture, PosePicture])
def test_what_is_no_picture_is_refused(cls: Any, tmp_path: Path) -> None:
    generator = cls()
    generator._network = lambda rgb: rgb[..., 0]
    with pytest.raises(InputError) as error:
        generator.run(cls.Params(image=Image(b"no picture")), context(tmp_path))
    assert error.value.field == "image"


# ---------------------------------------------------------------- outlines


def test_hed_gives_a_grey_picture_of_the_same_size_and_the_same_bytes(tmp_path: Path) -> None:
    generator, ctx = HedPicture(), context(write_hed(tmp_path / "tiny.h5"))
    generator.load(ctx)
    odd = Image.from_pil(disc().pil().resize((75, 51)))
    made = generator.run(HedPicture.Params(image=odd), ctx)
    assert array(made).shape == (51, 75)
    assert array(made).std() > 0
    assert made.data == generator.run(HedPicture.Params(image=odd), ctx).data
    generator.unload()
    with pytest.raises(GeneratorError, match="not loaded"):
        generator.run(HedPicture.Params(image=odd), ctx)


@pytest.mark.parametrize("content", [b"", b"\x89HDF\r\n\x1a\n" + b"\0" * 64, b"something else"])
def test_damaged_networks_are_one_sentence(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "hed.h5").write_bytes(content)
    for name in (pose.DETECTOR, pose.LANDMARKS):
        (tmp_path / name).write_bytes(content)
    for generator, ctx in ((HedPicture(), context(tmp_path / "hed.h5")), (PosePicture(), context(tmp_path, "pose"))):
        with pytest.raises(GeneratorError, match="missing or damaged") as error:
            generator.load(ctx)
        assert "\n" not in str(error.value)


@pytest.mark.model
def test_hed_finds_outlines_and_no_texture(starter_home: Path, tmp_path: Path) -> None:
    path = starter_home / "data" / "models" / "hed" / "hed_bsds500.weights.h5"
    if not path.is_file():
        pytest.skip("the pack hed is not installed")
    generator, ctx = HedPicture(), context(path)
    generator.load(ctx)
    made = array(generator.run(HedPicture.Params(image=disc(128)), ctx))
    y, x = np.mgrid[0:128, 0:128]
    away = np.abs(np.hypot(x - 64, y - 64) - 128 / 3)
    assert made[away < 1.5].mean() > 150
    assert made[(away > 16) & (np.hypot(x - 64, y - 64) < 50)].mean() < 25


# ---------------------------------------------------------------- poses


def test_the_anchors_are_those_of_the_detector() -> None:
    found = pose.anchors()
    assert found.shape == (2254, 2)
    assert found[0].tolist() == pytest.approx([0.5 / 28, 0.5 / 28])
    assert found[2].tolist() == pytest.approx([1.5 / 28, 0.5 / 28])
    assert found[1568].tolist() == pytest.approx([0.5 / 14, 0.5 / 14])
    assert (found[1960:1966] == found[1960]).all()
    assert found[-1].tolist() == pytest.approx([6.5 / 7, 6.5 / 7])


def test_a_skeleton_has_the_colours_of_its_joints_and_leaves_out_what_is_not_seen() -> None:
    joints: list[skeleton.Joint] = [None] * 18
    assert not skeleton.drawn([joints], 64, 64).any()
    joints[skeleton.NOSE], joints[skeleton.NECK] = (32.0, 10.0), (32.0, 40.0)
    made = skeleton.drawn([joints], 64, 64)
    assert made[10, 32].tolist() == [255, 0, 0]
    assert made[40, 32].tolist() == [255, 85, 0]
    assert made[25, 32].max() in range(140, 160)
    assert not made[:, :20].any()
    far: list[skeleton.Joint] = [(1e4, -1e4)] * 18
    assert skeleton.drawn([far], 64, 64).shape == (64, 64, 3)


@pytest.mark.model
def test_nobody_in_a_picture_of_a_disc_and_a_sentence_about_it(starter_home: Path) -> None:
    folder = starter_home / "data" / "models" / "blazepose"
    if not folder.is_dir():
        pytest.skip("the pack blazepose is not installed")
    generator, ctx = PosePicture(), context(folder, "blazepose")
    generator.load(ctx)
    made = generator.run(PosePicture.Params(image=disc()), ctx)
    assert not array(made).any()
    assert made.meta["people"] == 0
    assert ctx.logs == ["No person was found in this picture."]


@pytest.mark.model
def test_a_drawn_person_is_found_with_head_above_feet(starter_home: Path) -> None:
    folder = starter_home / "data" / "models" / "blazepose"
    if not folder.is_dir():
        pytest.skip("the pack blazepose is not installed")
    network = pose.Pose(ModelFiles("blazepose", "blazepose", folder), context(folder).device)
    (joints,) = network.people(np.asarray(person()))
    nose, ankle = joints[skeleton.NOSE], joints[skeleton.LEFT_ANKLE]
    left, right = joints[skeleton.LEFT_SHOULDER], joints[skeleton.RIGHT_SHOULDER]
    assert nose is not None and ankle is not None and left is not None and right is not None  # noqa: PT018
    assert nose[1] < left[1] < ankle[1]
    assert right[0] < left[0]


def person() -> PIL.Image.Image:
    """A simple figure that faces us."""
    page = PIL.Image.new("RGB", (320, 320), (235, 240, 245))
    pen = PIL.ImageDraw.Draw(page)
    skin, shirt, trousers, hair = (224, 172, 138), (60, 90, 170), (50, 50, 60), (60, 40, 30)
    pen.rounded_rectangle((150, 78, 170, 100), 4, fill=skin)
    pen.ellipse((136, 34, 184, 92), fill=skin)
    pen.pieslice((133, 28, 187, 84), 180, 360, fill=hair)
    for x in (150, 170):
        pen.ellipse((x - 4, 58, x + 4, 65), fill="white")
        pen.ellipse((x - 2, 60, x + 2, 64), fill="black")
    pen.arc((150, 68, 170, 82), 20, 160, fill=(150, 60, 60), width=2)
    pen.rounded_rectangle((122, 96, 198, 186), 16, fill=shirt)
    for side in (-1, 1):
        pen.line([(160 + side * 34, 108), (160 + side * 50, 150), (160 + side * 54, 188)], fill=shirt, width=18)
        pen.ellipse((160 + side * 54 - 9, 182, 160 + side * 54 + 9, 202), fill=skin)
        pen.line([(160 + side * 18, 182), (160 + side * 20, 238), (160 + side * 22, 290)], fill=trousers, width=24)
        pen.ellipse((160 + side * 24 - 15, 284, 160 + side * 24 + 15, 302), fill=(30, 30, 30))
    return page
