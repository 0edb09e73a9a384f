"""Exported files: same bytes, untouched pixels, readable marks; and what is read from files of others."""

from __future__ import annotations

import io
import json
import os
import random
import struct
import warnings
import zlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import PIL.Image
import PIL.ImageOps
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from project_kit import pixels, png, recipe

from studio.project import ProjectError, ResultRow
from studio.project import png as png_file
from studio.project.dialects import a1111
from studio.project.export import export_result, sidecar_path
from studio.project.inspect import inspect_file
from studio.project.marks import SOURCE_TYPE, parameters_text
from studio.project.thumbnail import make_thumbnail

PROMPT = 'a red apple, "still life": 50% 🍎 تفاحة'
FULL = recipe(PROMPT, 7, negative="blurry, dark", steps=20, guidance=7.5, sampler="euler_a", width=32, height=24) | {
    "models": {"model": {"name": "spark", "kind": "stable-diffusion", "path": "/home/anna/models/spark",
                         "sha256": "ab" * 32}}}


def row(kind: str = "image", media_type: str = "image/png", **changes: Any) -> ResultRow:
    made = ResultRow("id", 0.0, kind, "0" * 64, media_type, "diffusion.image", "Picture", PROMPT, 7, FULL,
                     {"width": 32, "height": 24}, "", 0, False, 0, None, "")
    return replace(made, **changes)


def public(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "models": {"model": {"name": "spark", "kind": "stable-diffusion", "sha256": "ab" * 32}}}


@pytest.mark.parametrize("ending", [".png", ".jpg", ".webp"])
def test_pictures_tell_how_they_were_made(tmp_path: Path, ending: str) -> None:
    paths = [export_result(row(), png(), tmp_path / f"{name}{ending}") for name in "ab"]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert b"/home/anna" not in paths[0].read_bytes()
    found = inspect_file(paths[0])
    assert (found["kind"], found["dialect"]) == ("image", "pieria")
    assert found["recipe"] == public(FULL)
    assert found["marks"]["digital_source_type"] == SOURCE_TYPE
    assert found["marks"]["software"] == "Pieria"
    assert parameters_text(row()) in found["raw"].values()
    assert (found["seed"], found["steps"], found["negative_prompt"]) == (7, 20, "blurry, dark")
    assert "problems" not in found["marks"]
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_file()) == [f"a{ending}", f"b{ending}"]


def test_png_pixels_stay_and_so_do_the_compressed_bytes(tmp_path: Path) -> None:
    data = png(width=300, height=200)
    out = export_result(row(), data, tmp_path / "a.png").read_bytes()
    assert pixels(out) == pixels(data)
    assert data[data.index(b"IDAT") - 4:] in out
    picture = PIL.Image.open(io.BytesIO(out))
    assert json.loads(picture.text["pieria.recipe"]) == public(FULL)  # type: ignore[attr-defined]
    assert picture.text["parameters"] == parameters_text(row())  # type: ignore[attr-defined]
    assert SOURCE_TYPE in str(picture.info["xmp"])
    again = export_result(row(), out, tmp_path / "b.png").read_bytes()
    assert again == out  # what was in it is replaced, not doubled


def test_without_metadata_nothing_is_told(tmp_path: Path) -> None:
    marked = export_result(row(), png(), tmp_path / "marked.png").read_bytes()
    plain = export_result(row(), marked, tmp_path / "plain.png", metadata=False)
    assert plain.read_bytes() == png()
    for ending in (".jpg", ".webp"):
        out = export_result(row(), marked, tmp_path / f"plain{ending}", metadata=False)
        assert b"apple" not in out.read_bytes()
        found = inspect_file(out)
        assert (found["recipe"], found["marks"], found["dialect"], found["raw"]) == (None, {}, "", {})
    text = export_result(row("text", "text/plain"), b"words", tmp_path / "a.txt", metadata=False)
    assert not sidecar_path(text).exists()


@pytest.mark.parametrize(("kind", "media_type", "name", "ending"), [
    ("text", "text/plain; charset=utf-8", "story", ".txt"), ("text", "text/plain", "story.md", ".md"),
    ("audio", "audio/wav", "song.wav", ".wav"), ("mesh", "x/y", "thing", ".bin"),
])
def test_other_kinds_get_a_sidecar(tmp_path: Path, kind: str, media_type: str, name: str, ending: str) -> None:
    content = "Once upon a time 🍎".encode()
    out = export_result(row(kind, media_type), content, tmp_path / name)
    assert out.suffix == ending
    assert out.read_bytes() == content
    first = sidecar_path(out).read_bytes()
    export_result(row(kind, media_type), content, out)
    assert sidecar_path(out).read_bytes() == first
    found = inspect_file(out)
    assert (found["kind"] or kind, found["recipe"], found["marks"]["unchanged"]) == (kind, public(FULL), True)
    assert inspect_file(sidecar_path(out))["recipe"] == public(FULL)
    out.write_bytes(b"edited")
    assert inspect_file(out)["marks"]["unchanged"] is False


def test_a_recipe_too_long_for_a_jpeg_goes_beside_it(tmp_path: Path) -> None:
    prompt = "🍎" * 20_000
    long = row(prompt=prompt, recipe=recipe(prompt))
    out = export_result(long, png(), tmp_path / "a.jpg")
    assert sidecar_path(out).exists()
    found = inspect_file(out)
    assert (found["recipe"], found["seed"]) == (recipe(prompt), 7)
    for ending in (".png", ".webp"):
        out = export_result(long, png(), tmp_path / f"b{ending}")
        assert not sidecar_path(out).exists()
        assert inspect_file(out)["recipe"] == recipe(prompt)


@pytest.mark.parametrize("mode", ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"])
def test_pictures_of_every_mode(tmp_path: Path, mode: str) -> None:
    buffer = io.BytesIO()
    PIL.Image.new(mode, (20, 10)).save(buffer, "PNG")
    for ending in (".png", ".jpg", ".jpeg", ".webp"):
        out = export_result(row(), buffer.getvalue(), tmp_path / f"a{ending}")
        assert pixels(out.read_bytes())[1] == (20, 10)
    assert pixels(make_thumbnail(buffer.getvalue()))[1] == (20, 10)
    if mode in ("RGBA", "LA"):
        assert PIL.Image.open(tmp_path / "a.jpg").getpixel((5, 5)) == (255, 255, 255)  # clear becomes white


def test_a_jpeg_result_becomes_a_png(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    PIL.Image.open(io.BytesIO(png())).save(buffer, "JPEG")
    out = export_result(row(media_type="image/jpeg"), buffer.getvalue(), tmp_path / "a.png")
    assert inspect_file(out)["recipe"] == public(FULL)
    assert export_result(row(media_type="image/jpeg"), buffer.getvalue(), tmp_path / "b").suffix == ".jpg"


def test_what_cannot_be_exported(tmp_path: Path) -> None:
    keep = tmp_path / "keep.png"
    keep.write_bytes(b"precious")
    for data, name in ((png(), "a.tiff"), (png()[:60], "keep.png"), (b"no picture", "keep.png"), (b"", "a.jpg"),
                       (png(), "no/folder/a.png")):
        with pytest.raises(ProjectError) as caught:
            export_result(row(), data, tmp_path / name)
        assert str(caught.value)
    assert keep.read_bytes() == b"precious"
    assert [p.name for p in tmp_path.iterdir() if p.is_file()] == ["keep.png"]


def test_the_settings_read_back() -> None:
    prompt, negative, found = a1111.parse(parameters_text(row()))
    assert (prompt, negative) == (PROMPT, "blurry, dark")
    assert found == {"Steps": "20", "Sampler": "euler_a", "CFG scale": "7.5", "Seed": "7", "Size": "32x24",
                     "Model hash": "ababababab", "Model": "spark", "Version": "Pieria"}
    odd = row(recipe=recipe(PROMPT, 7, sampler='odd, "one"\n', steps=3))
    assert a1111.parse(parameters_text(odd))[2]["Sampler"] == 'odd, "one"\n'


@pytest.mark.parametrize("given", [{}, {"params": None}, {"params": {"steps": [1]}, "models": {"m": None}},
                                   {"models": "none"}, {"params": {"x": float("nan")}}, {"generator": "\ud800"}])
def test_odd_recipes_are_exported_too(tmp_path: Path, given: dict[str, Any]) -> None:
    for ending in (".png", ".jpg", ".webp"):
        out = export_result(row(recipe=given, prompt="a\0b\ud800", seed=None, meta={}), png(), tmp_path / f"a{ending}")
        assert isinstance(inspect_file(out)["recipe"], dict)


# ---------------------------------------------------------------- files of others


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def with_text(tmp_path: Path, *chunks: bytes) -> Path:
    out = tmp_path / "other.png"
    out.write_bytes(png()[:33] + b"".join(chunks) + png()[33:])
    return out


def test_pictures_of_other_programs(tmp_path: Path) -> None:
    text = "a cat, (sitting:1.2)\nNegative prompt: dog\nSteps: 30, Sampler: DPM++ 2M Karras, CFG scale: 7, Seed: 5, " \
           "Size: 512x768, Lora hashes: \"a: 1, b: 2\""
    found = inspect_file(with_text(tmp_path, chunk(b"tEXt", b"parameters\0" + text.encode("latin-1"))))
    assert (found["dialect"], found["recipe"], found["raw"]) == ("a1111", None, {"parameters": text})
    assert (found["prompt"], found["extra"]) == ("a cat, (sitting:1.2)", {"Lora hashes": "a: 1, b: 2"})
    nothing = inspect_file(with_text(tmp_path))
    assert (nothing["kind"], nothing["recipe"], nothing["marks"], nothing["dialect"]) == ("image", None, {}, "")


def test_hostile_texts_are_passed_over(tmp_path: Path) -> None:
    bomb = zlib.compress(b"0" * (200 << 20), 9)
    deep = b"[" * 100_000
    found = inspect_file(with_text(
        tmp_path, chunk(b"zTXt", b"pieria.recipe\0\0" + bomb), chunk(b"iTXt", b"pieria.recipe\0\1\0\0\0" + bomb),
        chunk(b"iTXt", b"pieria.recipe\0\0\0\0\0" + b"{" * (9 << 20)), chunk(b"zTXt", b"workflow\0\0not zlib"),
        chunk(b"iTXt", b"pieria.recipe\0\0\0\0\0" + deep), chunk(b"iTXt", b"pieria.recipe\0\0\0\0\0[1]"),
        chunk(b"iTXt", b"pieria.recipe"), chunk(b"tEXt", b""), chunk(b"tEXt", b"parameters\0" + b"a:" * 2_000_000),
        chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + b"DigitalSourceType" * 200_000),
        chunk(b"iTXt", b"pieria.recipe\0\0\0\0\0" + b'{"good": 1}')))
    assert found["recipe"] == {"good": 1}
    assert len(found["marks"]["problems"]) == 7
    assert len(found["raw"]["parameters"]) == 100_000


@pytest.mark.parametrize("body", [
    b"", b"\x89PNG", png()[:40], png()[:33], b"\x89PNG\r\n\x1a\n" + b"\xff" * 50, b"\xff\xd8", b"\xff\xd8\xff\xe1\0\0",
    b"\xff\xd8\xff\xe1\xff\xffExif\0\0II*\0" + b"\xff" * 90, b"RIFF\0\0\0\0WEBP",
    b"RIFF\0\0\0\0WEBPXMP \xff\xff\xff\xff",
    b"RIFF\0\0\0\0WEBPEXIF\x10\0\0\0" + b"MM\0*\0\0\0\x08\xff\xff\0\0\0\0\0\0", b"nothing special",
])
def test_broken_files_never_raise(tmp_path: Path, body: bytes) -> None:
    for name in ("a.png", "a.bin"):
        (tmp_path / name).write_bytes(body)
        assert inspect_file(tmp_path / name)["recipe"] is None


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b'{"format": "pieria.recipe", "recipe": 3}', b"\xff",
                                  b"[" * 200_000])
def test_broken_sidecars_never_raise(tmp_path: Path, body: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(b"x")
    (tmp_path / "a.txt.recipe.json").write_bytes(body)
    for name in ("a.txt", "a.txt.recipe.json"):
        found = inspect_file(tmp_path / name)
        assert found["recipe"] is None
        assert found["marks"]["problems"]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    for name in ("none.png", "none.recipe.json"):
        with pytest.raises(ProjectError) as caught:
            inspect_file(tmp_path / name)
        assert caught.value.kind == "missing"
    with pytest.raises(ProjectError):
        inspect_file(tmp_path)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ending=st.sampled_from([".png", ".jpg", ".webp"]), seed=st.integers(0, 2**32))
def test_overwritten_files_never_raise(tmp_path: Path, ending: str, seed: int) -> None:
    source = tmp_path / f"source{ending}"
    if not source.exists():
        export_result(row(), png(), source)
    dice, data = random.Random(seed), bytearray(source.read_bytes())
    for _ in range(dice.choice((1, 3, 20))):
        data[dice.randrange(len(data))] = dice.randrange(256)
    hurt = tmp_path / f"hurt{ending}"
    hurt.write_bytes(data[:dice.randint(0, len(data))] if dice.random() < 0.3 else data)
    assert set(inspect_file(hurt)) >= {"kind", "recipe", "marks", "dialect", "raw"}


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(prompt=st.text(max_size=200), negative=st.text(max_size=50))
def test_any_prompt_comes_back(tmp_path: Path, prompt: str, negative: str) -> None:
    wild = recipe(prompt, 1, negative=negative)
    for ending in (".png", ".webp"):
        out = export_result(row(prompt=prompt, recipe=wild), png(), tmp_path / f"a{ending}")
        assert inspect_file(out)["recipe"] == wild


def test_thumbnails() -> None:
    assert pixels(make_thumbnail(png(width=1000, height=250)))[1] == (160, 40)
    assert make_thumbnail(png(width=500)) == make_thumbnail(png(width=500))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for data in (b"", b"no", png()[:50], os.urandom(100)):
            assert make_thumbnail(data) == b""
        huge = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
        assert make_thumbnail(huge + chunk(b"IDAT", zlib.compress(b"0" * 100)) + chunk(b"IEND", b"")) == b""


def test_a_png_with_no_end_is_refused() -> None:
    with pytest.raises(png_file.BadPng):
        png_file.with_chunks(png()[:-12], b"")
    with pytest.raises(png_file.BadPng):
        png_file.with_chunks(b"GIF89a", b"")
