"""Flat pictures in and out: whatever comes in is upright sRGB of 8 bits, or one clear sentence."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from painting_kit import colours, painting
from PIL import ImageCms
from PySide6.QtGui import QImage

from studio.project.formats import files, pictures
from studio.project.formats.common import WriteOptions, premultiplied, straight
from studio.project.formats.limits import FormatError
from studio.project.paint.compositor import compose
from studio.project.paint.layer import Layer
from studio.project.paint.picture import Picture
from studio.project.paint.plane import Plane, from_qimage

RED = (200, 30, 40)


def encoded(image: PIL.Image.Image, kind: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def opened(tmp_path: Path, data: bytes, name: str = "x.png") -> tuple[Picture, list[str], list[int]]:
    """Picture, notes and its first pixel as R, G, B, A."""
    path = tmp_path / name
    path.write_bytes(data)
    picture, notes = files.read(path)
    blue, green, red, alpha = picture.layers[0].plane.read(0, 0, 1, 1)[0, 0].tolist()
    return picture, notes, [red, green, blue, alpha]


def near(one: list[int], other: tuple[int, ...], most: int) -> bool:
    return all(abs(a - b) <= most for a, b in zip(one, other, strict=True))


# ---------------------------------------------------------------- pixels

def test_every_premultiplied_pixel_survives_the_way_through_straight_alpha() -> None:
    alpha, value = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    array = np.stack([np.minimum(value, alpha)] * 3 + [alpha], axis=-1).astype(np.uint8)
    assert np.array_equal(premultiplied(straight(array)), array)


def test_premultiplying_is_exact_to_one() -> None:
    rgba = np.random.default_rng(1).integers(0, 256, (64, 64, 4), dtype=np.uint8)
    wanted = np.rint(rgba[..., :3].astype(float) * rgba[..., 3:] / 255)
    assert np.abs(premultiplied(PIL.Image.fromarray(rgba))[..., 2::-1] - wanted).max() <= 1


# ---------------------------------------------------------------- reading

@pytest.mark.parametrize(("kind", "mode", "most"), [
    ("PNG", "RGB", 0), ("PNG", "RGBA", 0), ("PNG", "P", 0), ("PNG", "L", 80), ("TIFF", "RGB", 0),
    ("TIFF", "CMYK", 30), ("TIFF", "LAB", 3), ("JPEG", "RGB", 3), ("JPEG", "CMYK", 30), ("WEBP", "RGB", 3),
    ("BMP", "RGB", 0), ("GIF", "P", 0)])
def test_formats_and_colour_modes(tmp_path: Path, kind: str, mode: str, most: int) -> None:
    image = PIL.Image.new("RGB", (20, 10), RED)
    if mode == "LAB":
        image = ImageCms.profileToProfile(image, ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"),
                                          outputMode="LAB")
    else:
        image = image.quantize(4) if mode == "P" else image.convert(mode)
    picture, notes, pixel = opened(tmp_path, encoded(image, kind), f"x.{kind.lower()}")
    assert (picture.width, picture.height) == (20, 10)
    assert near(pixel[3:], (255,), 0)
    assert mode == "L" or near(pixel[:3], RED, most)
    assert any("CMYK" in note for note in notes) == (mode == "CMYK")


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
def test_sixteen_bits_are_reduced_and_said(tmp_path: Path, kind: str) -> None:
    grey = PIL.Image.fromarray(np.full((4, 4), 0x8080, np.uint16))
    _, notes, pixel = opened(tmp_path, encoded(grey, kind))
    assert pixel == [128, 128, 128, 255]
    assert len(notes) == 1
    assert "8" in notes[0]


def test_sixteen_bit_colour_png(tmp_path: Path) -> None:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    row = b"\0" + struct.pack(">HHH", 0xC8C8, 0x1E1E, 0x2828) * 4
    data = (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 16, 2, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress(row * 4)) + chunk(b"IEND", b""))
    _, notes, pixel = opened(tmp_path, data)
    assert pixel == [*RED, 255]
    assert "more than 8 bits" in notes[0]


def test_floats_and_nan(tmp_path: Path) -> None:
    values = np.full((4, 4), 0.5, np.float32)
    values[3, 3] = np.nan
    _, _, pixel = opened(tmp_path, encoded(PIL.Image.fromarray(values), "TIFF"), "x.tif")
    assert near(pixel, (128, 128, 128, 255), 1)


def test_transparency_in_a_palette(tmp_path: Path) -> None:
    image = PIL.Image.new("P", (4, 4), 1)
    image.putpalette([0, 0, 0, *RED])
    _, _, pixel = opened(tmp_path, encoded(image, transparency=1))
    assert pixel == [0, 0, 0, 0]


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_turns_it_upright(tmp_path: Path, orientation: int) -> None:
    exif = PIL.Image.Exif()
    exif[0x0112] = orientation
    image = PIL.Image.new("RGB", (40, 20), RED)
    picture, notes, _ = opened(tmp_path, encoded(image, "JPEG", exif=exif), "x.jpg")
    assert (picture.width, picture.height) == ((20, 40) if orientation >= 5 else (40, 20))
    assert any("upright" in note for note in notes) == (orientation > 1)


def display_p3() -> bytes:
    """A small matrix profile with the primaries of Display P3 (ICC.1:2022) and a gamma of 2.2."""
    def s15(value: float) -> bytes:
        return struct.pack(">i", round(value * 65536))

    def xyz(x: float, y: float, z: float) -> bytes:
        return b"XYZ \0\0\0\0" + s15(x) + s15(y) + s15(z)

    text = b"desc\0\0\0\0" + struct.pack(">I", 8) + b"Wide P3\0" + bytes(78)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256)) + b"\0\0"
    tags = {b"desc": text + bytes(-len(text) % 4), b"wtpt": xyz(0.9642, 1, 0.8249), b"cprt": b"text\0\0\0\0none",
            b"rXYZ": xyz(0.5151, 0.2412, -0.0011), b"gXYZ": xyz(0.2919, 0.6922, 0.0419),
            b"bXYZ": xyz(0.1571, 0.0666, 0.7841), b"rTRC": curve, b"gTRC": curve, b"bTRC": curve}
    place, table, body = 132 + 12 * len(tags), b"", b""
    for name, data in tags.items():
        table += name + struct.pack(">II", place + len(body), len(data))
        body += data
    head = (struct.pack(">I4sI4s4s4s", place + len(body), b"lcms", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
            + bytes(12) + b"acsp" + bytes(28) + s15(0.9642) + s15(1) + s15(0.8249) + bytes(48))
    return head + struct.pack(">I", len(tags)) + table + body


def test_a_profile_is_converted_and_said(tmp_path: Path) -> None:
    image = PIL.Image.new("RGBA", (4, 4), (200, 60, 60, 128))
    _, notes, pixel = opened(tmp_path, encoded(image, icc_profile=display_p3()))
    assert "Wide P3" in notes[0]
    assert pixel[3] == 128
    assert pixel[0] > 200 * 128 // 255 + 3  # the same numbers are a redder red in Display P3


def test_a_broken_profile_is_left_aside_and_said(tmp_path: Path) -> None:
    for profile in (b"rubbish" * 30, display_p3()[:200]):
        _, notes, pixel = opened(tmp_path, encoded(PIL.Image.new("RGB", (4, 4), RED), icc_profile=profile))
        assert "profile" in notes[0]
        assert pixel == [*RED, 255]


def test_srgb_itself_changes_nothing(tmp_path: Path) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    _, notes, pixel = opened(tmp_path, encoded(PIL.Image.new("RGB", (4, 4), RED), icc_profile=profile))
    assert (notes, pixel) == ([], [*RED, 255])


@pytest.mark.parametrize(("kind", "word"), [("GIF", "pictures"), ("WEBP", "pictures"), ("PNG", "pictures"),
                                            ("TIFF", "pages")])
def test_of_several_pictures_the_first_is_taken(tmp_path: Path, kind: str, word: str) -> None:
    frames = [PIL.Image.new("RGB", (8, 8), colour) for colour in (RED, (0, 0, 255), (0, 255, 0))]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = encoded(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    _, notes, pixel = opened(tmp_path, data)
    assert near(pixel, (*RED, 255), 2)
    assert f"3 {word}" in notes[0]


# ---------------------------------------------------------------- bad input

def refused(tmp_path: Path, data: bytes, name: str = "x.png") -> str:
    path = tmp_path / name
    path.write_bytes(data)
    with pytest.raises(FormatError) as caught:
        files.read(path)
    message = str(caught.value)
    assert message.endswith(".")
    assert "\n" not in message
    return message


def header(width: int, height: int) -> bytes:
    body = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + body
            + struct.pack(">I", zlib.crc32(b"IHDR" + body)) + struct.pack(">I4sI", 0, b"IDAT", 0x35AF061E))


def test_a_header_of_sixty_thousand_a_side(tmp_path: Path) -> None:
    assert "million pixels" in refused(tmp_path, header(60_000, 60_000))
    assert "16,384 a side" in refused(tmp_path, header(30_000, 10))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF"])
def test_truncated(tmp_path: Path, kind: str) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    data = encoded(PIL.Image.fromarray(noise), kind)
    assert "damaged" in refused(tmp_path, data[:len(data) // 2], f"x.{kind.lower()}")


def test_nothing_at_all(tmp_path: Path) -> None:
    assert "empty" in refused(tmp_path, b"")
    assert "not a picture" in refused(tmp_path, b"Once upon a time there was no picture.")
    with pytest.raises(FormatError, match="no file"):
        files.read(tmp_path / "missing.png")
    with pytest.raises(FormatError, match="folder"):
        files.read(tmp_path)
    assert "not what its name says" in refused(tmp_path, b"text", "x.ora")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from(["PNG", "JPEG", "WEBP", "TIFF", "GIF"]), st.data())
def test_flipped_bytes_give_a_picture_or_one_sentence(kind: str, data: st.DataObject) -> None:
    image = PIL.Image.fromarray(np.arange(16 * 16 * 3, dtype=np.uint8).reshape(16, 16, 3))
    content = bytearray(encoded(image, kind))
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=6)):
        content[place] = data.draw(st.integers(0, 255))
    try:
        pixels, notes = pictures.decode(bytes(content))
    except FormatError:
        return
    assert pixels.shape[2] == 4
    assert all(isinstance(note, str) for note in notes)


# ---------------------------------------------------------------- writing

@pytest.mark.parametrize("ending", [".png", ".tif", ".tiff", ".webp"])
def test_lossless_formats_give_back_the_pixels(tmp_path: Path, ending: str) -> None:
    made = painting()
    path = tmp_path / f"out{ending}"
    assert files.write(made, path, WriteOptions(quality=100)) == []
    back, notes = files.read(path)
    assert notes == []
    assert np.array_equal(from_qimage(compose(back, back.rect)), from_qimage(compose(made, made.rect)))


def test_transparent_pixels_stay_transparent(tmp_path: Path) -> None:
    made = Picture(80, 60, (Layer("a", "A", plane=Plane.from_array(colours(40, 40, 2), 10, 10)),))
    for ending in ("png", "tiff", "webp"):
        files.write(made, tmp_path / f"out.{ending}", WriteOptions(quality=100))
        back = files.read(tmp_path / f"out.{ending}").picture
        assert np.array_equal(from_qimage(compose(back, back.rect)), from_qimage(compose(made, made.rect)))
    (note,) = files.write(made, tmp_path / "out.jpg")
    assert "white" in note
    assert QImage(str(tmp_path / "out.jpg")).pixelColor(0, 0).getRgb() == (255, 255, 255, 255)
    files.write(made, tmp_path / "red.jpg", WriteOptions(background="#ff0000"))
    assert QImage(str(tmp_path / "red.jpg")).pixelColor(0, 0).red() > 250


def test_the_same_picture_gives_the_same_bytes_and_metadata_get_in(tmp_path: Path) -> None:
    made = painting()
    exif = PIL.Image.Exif()
    exif[0x010E] = "described"
    options = WriteOptions(metadata={"xmp": b"<x:xmpmeta/>", "exif": exif.tobytes(), "parameters": "a red apple ü"})
    for ending in ("png", "jpg", "webp", "tiff"):
        first, second = tmp_path / f"1.{ending}", tmp_path / f"2.{ending}"
        files.write(made, first, options)
        files.write(made, second, options)
        assert first.read_bytes() == second.read_bytes()
        assert b"<x:xmpmeta/>" in first.read_bytes()
        with PIL.Image.open(first) as image:
            assert image.getexif()[0x010E] == "described"
    with PIL.Image.open(tmp_path / "1.png") as image:
        assert image.text["parameters"] == "a red apple ü"


def test_what_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"\.gif"):
        files.write(painting(), tmp_path / "x.gif")
    with pytest.raises(FormatError, match="16,383"):
        files.write(Picture(16_384, 2), tmp_path / "x.webp")
