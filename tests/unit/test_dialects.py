"""Settings in the pictures of other programs, each as that program writes it."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import PIL.Image
import PIL.PngImagePlugin
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.project.dialects import DIALECTS, nearest_sampler, read_settings
from studio.project.inspect import inspect_file

SAMPLERS = ("Model's own", "DDIM", "Euler", "Euler a", "DPM++ 2M", "DPM++ 2M Karras", "DPM++ 2M SDE", "UniPC", "Heun",
            "DDPM", "LCM")

A1111 = ("a lighthouse,\noil painting\nNegative prompt: fog,\nrain\nSteps: 28, Sampler: DPM++ 2M, "
         "Schedule type: Karras, CFG scale: 6.5, Seed: 12345, Size: 640x512, Model hash: 0123456789, "
         "Model: dreamy, Denoising strength: 0.4, Version: v1.10.1")
COMFY: dict[str, Any] = {
    "3": {"class_type": "KSampler", "inputs": {
        "seed": ["20", 0], "steps": 25, "cfg": 8.0, "sampler_name": "dpmpp_2m", "scheduler": "karras", "denoise": 1.0,
        "model": ["30", 0], "positive": ["40", 0], "negative": ["7", 0], "latent_image": ["5", 0]}},
    "4": {"class_type": "CheckpointLoaderSimple", "inputs": {"ckpt_name": "dreamy.safetensors"}},
    "5": {"class_type": "EmptyLatentImage", "inputs": {"width": 640, "height": 512, "batch_size": 1}},
    "6": {"class_type": "CLIPTextEncode", "inputs": {"text": ["50", 0], "clip": ["4", 1]}},
    "7": {"class_type": "CLIPTextEncode", "inputs": {"text": "fog, rain", "clip": ["4", 1]}},
    "9": {"class_type": "SaveImage", "inputs": {"images": ["10", 0]}},
    "10": {"class_type": "VAEDecode", "inputs": {"samples": ["3", 0], "vae": ["4", 2]}},
    "20": {"class_type": "PrimitiveInt", "inputs": {"value": 12345}},
    "30": {"class_type": "LoraLoader", "inputs": {"lora_name": "x", "model": ["4", 0], "clip": ["4", 1]}},
    "40": {"class_type": "ControlNetApply", "inputs": {"conditioning": ["6", 0], "strength": 1.0}},
    "50": {"class_type": "StringConstant", "inputs": {"string": "a lighthouse"}},
}
FLUX: dict[str, Any] = {
    "1": {"class_type": "SamplerCustomAdvanced", "inputs": {
        "noise": ["2", 0], "guider": ["3", 0], "sampler": ["4", 0], "sigmas": ["5", 0], "latent_image": ["6", 0]}},
    "2": {"class_type": "RandomNoise", "inputs": {"noise_seed": 12345}},
    "3": {"class_type": "BasicGuider", "inputs": {"model": ["7", 0], "conditioning": ["8", 0]}},
    "4": {"class_type": "KSamplerSelect", "inputs": {"sampler_name": "euler"}},
    "5": {"class_type": "BasicScheduler", "inputs": {
        "scheduler": "simple", "steps": 25, "denoise": 1, "model": ["7", 0]}},
    "6": {"class_type": "EmptySD3LatentImage", "inputs": {"width": 640, "height": 512}},
    "7": {"class_type": "UNETLoader", "inputs": {"unet_name": "flux.safetensors"}},
    "8": {"class_type": "FluxGuidance", "inputs": {"guidance": 3.5, "conditioning": ["9", 0]}},
    "9": {"class_type": "CLIPTextEncode", "inputs": {"text": "a lighthouse", "clip": ["11", 0]}},
}
WORKFLOW: dict[str, Any] = {
    "nodes": [
        {"id": 1, "type": "KSampler", "widgets_values": [12345, "randomize", 25, 8.0, "euler", "normal", 1.0],
         "inputs": [{"name": "positive", "link": 1}, {"name": "negative", "link": 2}, {"name": "model", "link": 3},
                    {"name": "latent_image", "link": 4}]},
        {"id": 2, "type": "CLIPTextEncode", "widgets_values": ["a lighthouse"], "inputs": []},
        {"id": 3, "type": "CLIPTextEncode", "widgets_values": ["fog, rain"]},
        {"id": 4, "type": "CheckpointLoaderSimple", "widgets_values": ["dreamy.safetensors"]},
        {"id": 5, "type": "EmptyLatentImage", "widgets_values": [640, 512, 1]},
    ],
    "links": [[1, 2, 0, 1, 1, "C"], [2, 3, 0, 1, 2, "C"], [3, 4, 0, 1, 0, "M"], [4, 5, 0, 1, 3, "L"]],
}
INVOKE = {"positive_prompt": "a lighthouse", "negative_prompt": "fog, rain", "seed": 12345, "steps": 25,
          "cfg_scale": 8.0, "scheduler": "dpmpp_2m_k", "width": 640, "height": 512, "model": {"name": "dreamy"},
          "app_version": "5.6.0"}
OLD_INVOKE = {"model_weights": "dreamy", "image": {"prompt": [{"prompt": "a lighthouse [fog, rain]", "weight": 1}],
              "seed": 12345, "steps": 25, "cfg_scale": 8.0, "sampler": "k_dpmpp_2", "width": 640, "height": 512}}
SWARM = {"sui_image_params": {"prompt": "a lighthouse", "negativeprompt": "fog, rain", "model": "dreamy",
                              "seed": 12345, "steps": 25, "cfgscale": 8.0, "width": 640, "height": 512,
                              "sampler": "euler_ancestral", "scheduler": "normal", "swarm_version": "0.9.5"}}
FOOOCUS = {"base_model": "dreamy", "prompt": "a lighthouse", "negative_prompt": "fog, rain", "seed": "12345",
           "guidance_scale": 8.0, "resolution": "(640, 512)", "sampler": "dpmpp_2m_sde_gpu", "scheduler": "karras",
           "performance": "Speed", "styles": "['Fooocus V2']", "version": "Fooocus v2.5.5"}
NOVEL = {"prompt": "a lighthouse", "uc": "fog, rain", "seed": 12345, "steps": 25, "scale": 8.0, "width": 640,
         "height": 512, "sampler": "k_euler_ancestral", "noise_schedule": "karras"}


def png(path: Path, **texts: str) -> Path:
    info = PIL.PngImagePlugin.PngInfo()
    for key, value in texts.items():
        info.add_itxt(key.replace("__", "-"), value)
    PIL.Image.new("RGB", (8, 8)).save(path, "PNG", pnginfo=info)
    return path


def with_comment(path: Path, comment: str, **tags: str) -> Path:
    exif = PIL.Image.Exif()
    exif.get_ifd(0x8769)[0x9286] = b"UNICODE\0" + comment.encode("utf-16-be")
    for tag, value in tags.items():
        exif[{"Make": 0x010F, "Model": 0x0110}[tag]] = value
    buffer = io.BytesIO()
    PIL.Image.new("RGB", (8, 8)).save(buffer, "WEBP" if path.suffix == ".webp" else "JPEG", exif=exif)
    path.write_bytes(buffer.getvalue())
    return path


@pytest.mark.parametrize(("texts", "dialect", "different"), [
    ({"prompt": json.dumps(COMFY), "workflow": "{}"}, "comfyui", {"sampler": "dpmpp_2m karras",
                                                                    "model": "dreamy.safetensors", "strength": 1.0}),
    ({"workflow": json.dumps(WORKFLOW)}, "comfyui", {"sampler": "euler", "model": "dreamy.safetensors",
                                                     "strength": 1.0}),
    ({"invokeai_metadata": json.dumps(INVOKE)}, "invokeai", {"sampler": "dpmpp_2m_k"}),
    ({"sd__metadata": json.dumps(OLD_INVOKE)}, "invokeai", {"sampler": "k_dpmpp_2"}),
    ({"Dream": '"a lighthouse [fog, rain]" -s 25 -S 12345 -W 640 -H 512 -C 8.0 -A k_lms'}, "invokeai",
     {"sampler": "k_lms", "model": ""}),
    ({"parameters": json.dumps(SWARM)}, "swarmui", {"sampler": "euler_ancestral"}),
    ({"parameters": json.dumps(FOOOCUS), "fooocus_scheme": "fooocus"}, "fooocus",
     {"sampler": "dpmpp_2m_sde_gpu karras", "steps": 30}),
    ({"Comment": json.dumps(NOVEL), "Software": "NovelAI", "Description": "x", "Source": "dreamy"}, "novelai",
     {"sampler": "k_euler_ancestral karras"}),
])
def test_each_dialect(tmp_path: Path, texts: dict[str, str], dialect: str, different: dict[str, Any]) -> None:
    found = inspect_file(png(tmp_path / "a.png", **texts))
    expected = {"dialect": dialect, "prompt": "a lighthouse", "negative_prompt": "fog, rain", "seed": 12345,
                "steps": 25, "guidance_scale": 8.0, "width": 640, "height": 512, "model": "dreamy", **different}
    assert {key: found[key] for key in expected} == expected
    assert set(found["raw"]) == {key.replace("__", "-") for key in texts}


def test_a_comfyui_graph_of_custom_samplers(tmp_path: Path) -> None:
    found = inspect_file(png(tmp_path / "a.png", prompt=json.dumps(FLUX)))
    assert (found["prompt"], found["seed"], found["steps"], found["guidance_scale"], found["sampler"], found["width"],
            found["model"]) == ("a lighthouse", 12345, 25, 3.5, "euler", 640, "flux.safetensors")


@pytest.mark.parametrize("ending", [".jpg", ".webp"])
def test_settings_in_exif(tmp_path: Path, ending: str) -> None:
    found = inspect_file(with_comment(tmp_path / f"a{ending}", A1111))
    assert (found["dialect"], found["prompt"], found["negative_prompt"]) == (
        "a1111", "a lighthouse,\noil painting", "fog,\nrain")
    assert (found["sampler"], found["guidance_scale"], found["width"], found["height"], found["strength"]) == (
        "DPM++ 2M Karras", 6.5, 640, 512, 0.4)
    assert inspect_file(with_comment(tmp_path / f"b{ending}", json.dumps(SWARM)))["dialect"] == "swarmui"
    assert inspect_file(with_comment(tmp_path / f"c{ending}", "holiday 2024"))["dialect"] == ""
    comfy = with_comment(tmp_path / f"d{ending}", "", Make="workflow:{}", Model="prompt:" + json.dumps(COMFY))
    assert inspect_file(comfy)["seed"] == 12345


def test_version_four_of_novelai() -> None:
    caption = {"caption": {"base_caption": "a lighthouse", "char_captions": [{"char_caption": "a keeper"}]}}
    found = read_settings({"Comment": json.dumps(NOVEL | {"v4_prompt": caption}), "Software": "NovelAI"})
    assert found is not None
    assert found.prompt == "a lighthouse, a keeper"


@pytest.mark.parametrize(("theirs", "ours", "same"), [
    ("Euler a", "Euler a", True), ("euler_ancestral", "Euler a", True), ("k_euler_a", "Euler a", True),
    ("k_euler", "Euler", True), ("euler normal", "Euler", True), ("dpmpp_2m karras", "DPM++ 2M Karras", True),
    ("DPM++ 2M", "DPM++ 2M", True), ("uni_pc", "UniPC", True), ("UniPC", "UniPC", True), ("ddim", "DDIM", True),
    ("lcm", "LCM", True), ("dpmpp_2m_sde_gpu", "DPM++ 2M SDE", True), ("heun", "Heun", True),
    ("dpmpp_3m_sde karras", "DPM++ 2M Karras", False), ("DPM++ SDE Karras", "DPM++ 2M Karras", False),
    ("restart", "", False), ("", "", False),
])
def test_the_nearest_sampler(theirs: str, ours: str, same: bool) -> None:
    assert nearest_sampler(theirs, SAMPLERS) == (ours, same)


JSON = st.recursive(st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
                    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(
                        ["prompt", "inputs", "class_type", "seed", "model", "image", "1", "nodes", "links", "text",
                         "sui_image_params", "base_model", "caption", "positive", "v4_prompt"]), inner, max_size=5),
                    max_leaves=25)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(["parameters", "prompt", "workflow", "invokeai_metadata", "sd-metadata", "Dream",
                                        "Comment", "Software", "UserComment", "Make", "Model", "fooocus_scheme"]),
                       st.one_of(st.text(max_size=60), JSON.map(json.dumps)), max_size=4))
def test_whatever_is_there_never_raises(texts: dict[str, str]) -> None:
    found = read_settings(texts)
    if found is not None:
        json.dumps(found.to_json(), allow_nan=False)


@pytest.mark.parametrize("value", ["[" * 200_000, '{"a":' * 100_000, '{"1": {"inputs": {"seed": ' + "9" * 5000 + "}}}",
                                   json.dumps({"1": {"class_type": "KSampler", "inputs": {"positive": ["1", 0],
                                                                                         "seed": ["1", 0]}}}),
                                   '{"seed": Infinity, "base_model": NaN}', "Steps: " * 20_000,
                                   "a:" * 20_000, 'Steps: "' + '\\"' * 20_000])
def test_hostile_texts(value: str) -> None:
    for key in ("parameters", "prompt", "workflow", "Comment", "invokeai_metadata", "Dream"):
        read_settings({key: value})
    assert len(DIALECTS) == 6
