"""Control layers with tiny models: several ControlNets, IP-Adapters, a model's own nets, and what cannot be."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest
from pydantic import ValidationError

from plugins_builtin.control.extract import control_picture, flattened
from plugins_builtin.diffusion import Picture
from plugins_builtin.diffusion.params import ControlLayer
from studio.plugins import GeneratorError, Image, InputError, Mask, ModelFiles
from tests.plugins.tiny_models import Recorder, write_controlnet, write_ip_adapter, write_stable_diffusion

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """tiny: a model; own: the same with nets in its folder; one, two: ControlNets; look: an IP-Adapter; other: theirs
    are made for another model."""
    root = tmp_path_factory.mktemp("sd")
    for name in ("tiny", "own"):
        write_stable_diffusion(root / name)
    write_controlnet(root / "one", root / "tiny")
    write_controlnet(root / "two", root / "tiny", seed=8)
    write_ip_adapter(root / "look", root / "tiny")
    shutil.copytree(root / "one", root / "own" / "control-edges")
    shutil.copytree(root / "look", root / "own" / "control-reference")
    return root


def context(folder: Path, *models: str, base: str = "tiny", **others: ModelFiles) -> Recorder:
    """models: names of the nets of controls 0, 1, ...; "" for none."""
    files = {f"controls.{n}.model": ModelFiles(name, "ip-adapter" if name == "look" else "controlnet", folder / name)
             for n, name in enumerate(models) if name}
    return Recorder(ModelFiles(base, "stable-diffusion", folder / base), folder, others=files | others)


@pytest.fixture(scope="module")
def picture(folder: Path) -> Picture:
    generator = Picture()
    generator.load(context(folder))
    return generator


def draw(generator: Picture, ctx: Recorder, **params: Any) -> bytes:
    params = {"width": 64, "height": 64, "steps": 4, "seed": 7, "prompt": "a red apple"} | params
    return generator.run(Picture.Params(**params), ctx).data


def disc(side: int = 64) -> Image:
    y, x = np.mgrid[0:side, 0:side]
    return Image.from_pil(PIL.Image.fromarray(((np.hypot(x - side / 2, y - side / 2) < side / 3) * 255).astype("u1")))


def half() -> Mask:
    values = np.zeros((64, 64), np.uint8)
    values[:, 32:] = 255
    found = Mask.from_pil(PIL.Image.fromarray(values))
    assert isinstance(found, Mask)
    return found


def layer(kind: str = "Edges (Canny)", **more: Any) -> ControlLayer:
    return ControlLayer(**({"kind": kind, "image": disc()} | more))


STARTS: list[dict[str, Any]] = [{}, {"init_image": disc(), "strength": 0.6},
                                {"init_image": disc(), "strength": 1.0, "mask": half()}]


# ---------------------------------------------------------------- ControlNets


@pytest.mark.parametrize("start", STARTS)
def test_nets_lead_from_noise_from_pictures_and_in_masks(picture: Picture, folder: Path, start: dict[str, Any]) -> None:
    ctx = context(folder, "one", "two")
    free = draw(picture, ctx, **start)
    one = draw(picture, ctx, controls=[layer()], **start)
    both = draw(picture, ctx, controls=[layer(), layer("Drawing")], **start)
    weak = draw(picture, ctx, controls=[layer(weight=0.3)], **start)
    assert len({free, one, both, weak}) == 4
    assert draw(picture, ctx, controls=[layer()], **start) == one
    assert draw(picture, ctx, controls=[layer(weight=0)], **start) == free
    if "mask" in start:
        left = np.asarray(Image(one).pil())[:, :32]
        assert (left == np.asarray(disc().pil().convert("RGB"))[:, :32]).all()


def test_begin_and_end_count_and_nothing_stays_behind(picture: Picture, folder: Path) -> None:
    ctx = context(folder, "one", "two")
    made = {draw(picture, ctx, controls=[layer(start=a, end=b)]) for a, b in ((0, 1), (0, 0.5), (0.5, 1))}
    assert len(made) == 3
    assert draw(picture, ctx) == draw(picture, context(folder))


def test_the_short_form_of_one_control_is_the_same_picture(picture: Picture, folder: Path) -> None:
    long = draw(picture, context(folder, "one"), controls=[layer(weight=0.7)])
    ctx = context(folder, control_model=ModelFiles("one", "controlnet", folder / "one"))
    short = draw(picture, ctx, control="Edges (Canny)", control_image=disc(), control_weight=0.7)
    assert short == long
    assert draw(picture, ctx, control_image=disc()) == draw(picture, ctx)


def test_a_models_own_net_needs_no_choice(folder: Path) -> None:
    ctx = context(folder, base="own")
    generator = Picture()
    generator.load(ctx)
    free, led = draw(generator, ctx), draw(generator, ctx, controls=[layer()])
    assert led != free
    assert led == draw(generator, context(folder, "one", base="own"), controls=[layer()])
    assert draw(generator, ctx, controls=[layer("Reference")]) not in (free, led)
    with pytest.raises(InputError, match="The model own has no control for poses"):
        draw(generator, ctx, controls=[layer("Pose")])
    with pytest.raises(InputError, match="no control that takes a picture as it is"):
        draw(generator, ctx, controls=[layer("As it is")])


# ---------------------------------------------------------------- references


@pytest.mark.parametrize("start", STARTS)
def test_references_count_with_their_weight_and_leave_nothing_behind(picture: Picture, folder: Path,
                                                                     start: dict[str, Any]) -> None:
    ctx = context(folder, "look", "look", "one")
    free = draw(picture, ctx, **start)
    noise = Image.from_pil(PIL.Image.fromarray(np.random.default_rng(1).integers(0, 255, (40, 60, 3), np.uint8)))
    looks = [
        draw(picture, ctx, controls=[layer("Reference", weight=1.5)], **start),
        draw(picture, ctx, controls=[layer("Reference", weight=0.6)], **start),
        draw(picture, ctx, controls=[layer("Reference", weight=1.5), layer("Reference", image=noise)], **start),
        draw(picture, ctx, controls=[layer("Reference", weight=1.5), layer("Reference", weight=0), layer()], **start),
    ]
    assert len({free, *looks}) == 5
    assert draw(picture, ctx, controls=[layer("Reference", weight=1.5)], **start) == looks[0]
    assert draw(picture, ctx, **start) == free


def test_a_reference_that_ends_early_counts_less(picture: Picture, folder: Path) -> None:
    ctx = context(folder, "look")
    made = [draw(picture, ctx, controls=[layer("Reference", weight=2, end=end)]) for end in (0.3, 1.0)]
    assert made[0] != made[1]


# ---------------------------------------------------------------- what cannot be


def test_what_cannot_be_is_refused_with_its_field(picture: Picture, folder: Path, tmp_path: Path) -> None:
    wrong: list[tuple[Recorder, dict[str, Any], str]] = [
        (context(folder), {"controls": [layer()]}, "controls.0.model"),
        (context(folder), {"controls": [layer("Reference")]}, "controls.0.model"),
        (context(folder, "look"), {"controls": [layer()]}, "controls.0.model"),
        (context(folder, "one"), {"controls": [layer("Reference")]}, "controls.0.model"),
        (context(folder, "one"), {"controls": [layer(image=Image(b"no picture"))]}, "controls.0.image"),
        (context(folder), {"control": "As it is"}, "control_image"),
        (context(folder), {"control": "As it is", "control_image": disc()}, "control_model"),
    ]
    for ctx, params, field in wrong:
        with pytest.raises(InputError) as error:
            draw(picture, ctx, **params)
        assert error.value.field == field
        assert str(error.value).count(". ") == 0
    free = draw(picture, context(folder))
    write_stable_diffusion(tmp_path / "other", width=16)
    write_controlnet(tmp_path / "net", tmp_path / "other")
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "ip-adapter.safetensors").write_bytes(b"\0" * 40)
    for name, kind, said in (("net", "controlnet", "made for another kind of model"),
                             ("cut", "ip-adapter", "needs ip-adapter.safetensors and a folder")):
        ctx = context(folder, **{"controls.0.model": ModelFiles(name, kind, tmp_path / name)})
        with pytest.raises(GeneratorError, match=said):
            draw(picture, ctx, controls=[layer("Reference" if kind == "ip-adapter" else "Drawing")])
    assert draw(picture, context(folder)) == free


def test_an_adapter_of_another_model_leaves_the_model_as_it_was(picture: Picture, folder: Path,
                                                                tmp_path: Path) -> None:
    from safetensors.torch import load_file, save_file

    free = draw(picture, context(folder))
    write_ip_adapter(tmp_path / "wide", folder / "tiny")
    path = tmp_path / "wide" / "ip-adapter_tiny.safetensors"
    save_file({name: weight[..., :7].contiguous() if "_ip." in name else weight
               for name, weight in load_file(path).items()}, path)
    ctx = context(folder, **{"controls.0.model": ModelFiles("wide", "ip-adapter", tmp_path / "wide")})
    with pytest.raises(GeneratorError, match="wide does not fit"):
        draw(picture, ctx, controls=[layer("Reference")])
    assert draw(picture, context(folder)) == free


@pytest.mark.parametrize("values", [{"start": 0.5, "end": 0.5}, {"weight": 3}, {"kind": "Depth"}, {"end": 1.2}])
def test_bad_values_are_refused(values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        layer(**values)


# ---------------------------------------------------------------- what a net sees


def test_control_pictures_are_white_on_black() -> None:
    start = disc().pil().convert("RGB")
    ring = np.hypot(*(np.mgrid[0:64, 0:64] - 32)) - 64 / 3
    for kind in ("Edges (Canny)", "Edges (soft)"):
        made = np.asarray(control_picture(start, kind))
        assert made.shape == (64, 64, 3)
        assert made[np.abs(ring) < 0.7].mean() > 80
        assert made[np.abs(ring) > 8].max() == 0
    assert control_picture(start, "As it is") is start
    assert not np.asarray(control_picture(PIL.Image.new("RGB", (40, 40), "red"), "Edges (soft)")).any()


@pytest.mark.parametrize(("ink", "paper"), [((0, 0, 0), (255, 255, 255)), ((250, 240, 200), (20, 40, 30))])
def test_a_drawing_becomes_white_lines_whatever_its_paper(ink: tuple[int, ...], paper: tuple[int, ...]) -> None:
    page = PIL.Image.new("RGB", (64, 64), paper)
    page.paste(ink, (20, 30, 44, 33))
    made = np.asarray(control_picture(page, "Drawing"))
    assert made[31, 30].min() == 255
    assert made[10, 10].max() == 0


def test_lines_on_nothing_lie_on_white_and_chalk_on_black() -> None:
    for ink, ground in (((10, 20, 30, 255), 255), ((255, 255, 250, 255), 0)):
        sheet = PIL.Image.new("RGBA", (32, 32))
        sheet.paste(ink, (4, 8, 28, 10))
        made = np.asarray(flattened(sheet))
        assert made[20, 20].tolist() == [ground] * 3
