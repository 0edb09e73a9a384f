"""Bad input through the real window, and the same files through the command: one sentence, and nothing is changed."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import PIL.PngImagePlugin
import pytest
from PySide6.QtCore import QPointF, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from studio.cli import main
from studio.project.paint import Layer, Picture, Plane
from studio.project.paint.edit import paste_array
from tests.ui.conftest import Opened


def noise(mode: str = "RGB", side: int = 64) -> PIL.Image.Image:
    bands = {"RGB": 3, "CMYK": 4}[mode]
    return PIL.Image.fromarray(np.random.default_rng(1).integers(0, 256, (side, side, bands), dtype=np.uint8), mode)


def encoded(image: PIL.Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def half_a_png() -> bytes:
    whole = encoded(noise(), "PNG")
    return whole[:len(whole) // 2]


def half_an_ora() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("mimetype", "image/openraster")
        archive.writestr("stack.xml", "<image w='4' h='4'><stack/></image>")
    return out.getvalue()[:-30]


def bomb() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("stack.xml", b" " * (64 << 20))
    return out.getvalue()


def huge_header() -> bytes:
    body = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + body
            + struct.pack(">I", zlib.crc32(b"IHDR" + body)) + struct.pack(">I4sI", 0, b"IDAT", 0x35AF061E))


def half_a_psd() -> bytes:
    return struct.pack(">4sH6xHIIHH", b"8BPS", 1, 3, 40, 40, 8, 3)[:20]


BROKEN: dict[str, tuple[Callable[[], bytes], str]] = {
    "half.png": (half_a_png, "damaged"), "half.psd": (half_a_psd, "damaged"), "half.ora": (half_an_ora, "half.ora"),
    "bomb.ora": (bomb, "unpacks to more"), "huge.png": (huge_header, "million pixels"),
    "nothing.png": (lambda: b"", "empty"), "words.psd": (lambda: b"words", "not what its name says"),
}


def profile() -> bytes:
    from PIL import ImageCms

    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


@pytest.fixture
def canvas(studio: Opened) -> Any:
    pane = studio.bench.canvas
    studio.qtbot.waitUntil(lambda: not pane.document.closed_because)
    return pane


# ---------------------------------------------------------------- files


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_gets_one_sentence_and_the_canvas_stays(
        studio: Opened, canvas: Any, tmp_path: Path, name: str) -> None:
    make, words = BROKEN[name]
    path = tmp_path / name
    path.write_bytes(make())
    said: list[str] = []
    studio.bench.canvas_room.shelf.said.connect(said.append)
    studio.bench.notice.show_message("")
    before = canvas.document.picture
    studio.desk.open.take_files([str(path)], QPointF(10, 10))
    heard = lambda: [*said, studio.bench.notice.label.text()]  # noqa: E731
    studio.qtbot.waitUntil(lambda: any(words in sentence for sentence in heard()))
    sentence = next(s for s in heard() if words in s)
    assert sentence.endswith(".")
    assert "Traceback" not in sentence
    assert canvas.document.picture is before
    assert len(studio.bench.canvas_room.shelf.canvases()) == 1


@pytest.mark.parametrize("name", BROKEN)
def test_the_command_refuses_it_too(tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    make, words = BROKEN[name]
    (tmp_path / name).write_bytes(make())
    assert main(["project", "import", str(tmp_path / "new.pieria"), str(tmp_path / name), "--json"]) != 0
    error = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert error["event"] == "error"
    assert words in error["message"]
    assert not (tmp_path / "new.pieria").exists()


@pytest.mark.parametrize(("name", "data", "word"), [
    ("print.jpg", lambda: encoded(noise("CMYK"), "JPEG"), "CMYK"),
    ("deep.png", lambda: encoded(PIL.Image.fromarray(np.arange(4096, dtype=np.uint16).reshape(64, 64)), "PNG"),
     "8 bits"),
])
def test_what_is_converted_is_said(studio: Opened, canvas: Any, tmp_path: Path, name: str,
                                   data: Callable[[], bytes], word: str) -> None:
    (tmp_path / name).write_bytes(data())
    with studio.qtbot.waitSignal(canvas.document.committed):
        studio.desk.open.take_files([str(tmp_path / name)], QPointF(100, 100))
    assert word in studio.bench.notice.label.text()
    assert canvas.document.active.bounds() is not None


@pytest.mark.parametrize("text", ["x" * 3_000_000, "[" * 100_000, '{"a":' * 50_000, "null", '{"3": {"inputs": 7}}'])
def test_hostile_metadata_neither_stop_the_picture_nor_the_window(
        studio: Opened, canvas: Any, tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]) -> None:
    chunks = PIL.PngImagePlugin.PngInfo()
    for name in ("parameters", "prompt", "workflow", "invokeai_metadata"):
        chunks.add_text(name, text, zip=True)
    path = tmp_path / "x.png"
    path.write_bytes(encoded(noise(), "PNG", pnginfo=chunks))
    with studio.qtbot.waitSignal(canvas.document.committed):
        studio.desk.open.take_files([str(path)], QPointF(100, 100))
    assert canvas.document.active.name == "x"
    if len(text) > 1 << 20:
        assert "too large" in studio.bench.notice.label.text()
    assert main(["inspect", str(path), "--json"]) in (0, 2)
    assert "Traceback" not in capsys.readouterr().err


# ---------------------------------------------------------------- the frame, selections, layers


def press(canvas: Any, *points: tuple[float, float]) -> None:
    places = [canvas.view.camera.to_screen(QPointF(*point)).toPoint() for point in points]
    QTest.mousePress(canvas.view, Qt.MouseButton.LeftButton, pos=places[0])
    for place in places[1:]:
        QTest.mouseMove(canvas.view, place)
    QTest.mouseRelease(canvas.view, Qt.MouseButton.LeftButton, pos=places[-1])


@pytest.mark.parametrize("tool", ["select-rect", "select-ellipse", "lasso"])
def test_a_selection_of_no_size_selects_nothing(studio: Opened, canvas: Any, tool: str) -> None:
    canvas.document.edit("Fill", lambda p: paste_array(p, np.full((512, 512, 4), 255, np.uint8), 0, 0, "Fill"))
    canvas.set_tool(tool)
    press(canvas, (100, 100))
    assert canvas.document.picture.selection is None
    (job,) = studio.ask("a pear")
    assert not job.request.params.get("mask")
    assert studio.desk.commands.run("canvas.deselect") in (True, False)


def test_a_frame_wholly_outside_makes_a_picture_from_nothing_and_the_canvas_grows(
        studio: Opened, canvas: Any) -> None:
    canvas.document.edit("Fill", lambda p: paste_array(p, np.full((512, 512, 4), 255, np.uint8), 0, 0, "Fill"))
    studio.bench.bar.start_chip.setChecked(True)
    canvas.set_frame_rect(QRect(700, 600, 256, 256))
    row = studio.make(colour=(9, 8, 7))
    params = row.recipe.get("params", {})
    assert not params.get("init_image")
    assert not params.get("mask")
    with studio.qtbot.waitSignal(canvas.document.committed):
        assert canvas.keep_candidate()
    assert (canvas.document.picture.width, canvas.document.picture.height) == (956, 856)


def test_no_layer_at_all(canvas: Any) -> None:
    canvas.load(Picture(300, 300, ()))
    for tool in canvas.tools():
        canvas.set_tool(tool.id)
        press(canvas, (60, 60), (120, 90))
        canvas.view.cancel()
    canvas.view.grab()
    canvas.load(Picture(300, 300, ()))
    canvas.set_tool("brush")
    press(canvas, (60, 60), (120, 90))
    assert len(canvas.document.picture.layers) == 1
    canvas.undo()
    assert not canvas.document.picture.layers


def test_a_hundred_layers(studio: Opened, canvas: Any) -> None:
    pixels = np.full((64, 64, 4), (0, 0, 90, 90), np.uint8)
    layers = tuple(Layer(f"l{n}", f"Layer {n}", plane=Plane.from_array(pixels), dx=n * 2, dy=n * 2)
                   for n in range(100))
    canvas.load(Picture(300, 300, layers, "l99"))
    assert studio.bench.canvas_room.dock.layers.list.model().rowCount() == 100
    canvas.state.set_foreground(QColor("#00ff00"))
    canvas.set_tool("brush")
    press(canvas, (250, 30), (270, 30))
    canvas.view.grab()
    assert canvas.document.compositor.image(canvas.document.picture.rect).pixelColor(260, 30).green() > 200
    canvas.undo()
    assert canvas.document.picture.layers[99].plane is layers[99].plane
