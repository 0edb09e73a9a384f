"""The results strip: rows, query, keys, menu, drag, thumbnails."""

from __future__ import annotations

import io
import json

import numpy as np
import pytest
import soundfile
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QModelIndex, QPointF, QSize, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QWidget

from studio.project import Project
from studio.project.sound import SoundError, midi
from studio.project.sound.score import Note, Part, Score
from studio.ui.canvas.drops import RESULT_MIME, read_drop
from studio.ui.resultlist import Thumbnails, clock
from studio.ui.resultmodel import ResultsModel, matches, words_of
from studio.ui.results import ResultsStrip
from studio.ui.soundtiles import SoundTiles
from studio.ui.theme import Theme
from studio.ui.thumbnails import ImageLoader, cover, decode


def png(colour: str, width: int = 60, height: int = 40) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    data = QByteArray()
    buffer = QBuffer(data)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(data.data())


def result(name: str, kind: str = "image", **more) -> dict:
    return {"id": name, "kind": kind, "media": "red", "media_type": "image/png", "prompt": f"prompt {name}",
            "title": "Picture", "text_preview": "", "meta": {"width": 60, "height": 40}, "starred": False, "liked": 0,
            "recipe": {"secret": 1}, **more}


@pytest.fixture
def loader(qapp):
    media = {"red": png("#ff0000"), "blue": png("#0000ff"), "bad": b"nothing", "gone": None}

    def fetch(sha: str) -> bytes:
        data = media[sha]
        if data is None:
            raise OSError("The file is damaged.")
        return data

    loader = ImageLoader(fetch)
    yield loader
    loader.close()


@pytest.fixture
def strip(qtbot, loader):
    window = QWidget()  # the offscreen platform warns about top-level widgets with a least size
    qtbot.addWidget(window)
    window.resize(900, 400)
    strip = ResultsStrip(Theme("dark"), loader, window)
    strip.resize(900, 132)
    window.show()
    yield strip
    window.close()


def ids(strip: ResultsStrip) -> list[str]:
    return [row["id"] for row in strip.model.rows]


# ---------------------------------------------------------------- rows


def test_rows_come_change_and_go(strip):
    strip.set_results([result("b"), result("a")], 148)
    assert strip.current_id() == "b"
    assert strip.head.count.text() == "148"
    strip.search.setFocus()
    strip.prepend(result("c"))
    assert ids(strip) == ["c", "b", "a"]
    assert strip.current_id() == "c"  # the newest stays in front
    strip.view.go_to(1)
    strip.prepend(result("d"))
    assert strip.current_id() == "b"  # the chosen one stays chosen
    strip.remove("d")
    strip.update({"id": "a", "starred": True})
    assert strip.result("a")["starred"]
    assert strip.result("a")["prompt"] == "prompt a"
    strip.remove("b")
    assert ids(strip) == ["c", "a"]
    assert strip.current_id() == "a"
    strip.remove("nobody")
    strip.prepend(result("c", prompt="again"))
    assert ids(strip) == ["c", "a"]
    assert strip.has("c")
    assert not strip.has("b")


def test_ten_thousand_rows(qtbot, strip):
    strip.set_results([result(str(n)) for n in range(10_000)])
    assert strip.model.rowCount() == 10_000
    qtbot.keyClick(strip.view, Qt.Key.Key_End)
    assert strip.current_id() == "9999"
    strip.grab()
    qtbot.keyClick(strip.view, Qt.Key.Key_Left)
    assert strip.current_id() == "9998"


def test_the_end_of_a_page_asks_for_more(qtbot, strip):
    with qtbot.waitSignal(strip.more_wanted) as caught:
        strip.set_results([result(str(n)) for n in range(5)], 9)
        strip.model.fetchMore(QModelIndex())  # as the view does when it reaches the end
    assert caught.args == [5]
    strip.append([result(str(n)) for n in range(4, 9)])
    assert len(ids(strip)) == 9
    assert not strip.model.canFetchMore(QModelIndex())


def test_the_empty_strip_says_what_will_be_here(qtbot, strip):
    strip.set_results([])
    assert strip._empty.text() == "Everything you make will be here."
    with qtbot.waitSignal(strip.make_requested):
        strip._empty_button.click()


# ---------------------------------------------------------------- query


def test_chips_and_search_make_a_query(qtbot, strip):
    heard = []
    strip.query_changed.connect(heard.append)
    strip.chips["image"].click()
    strip.chips["starred"].click()
    pictures = {"kinds": ["image"], "starred": False, "text": ""}
    assert heard == [pictures, {**pictures, "starred": True}]
    assert not strip.chips[""].isChecked()
    with qtbot.waitSignal(strip.query_changed) as caught:
        qtbot.keyClicks(strip.search, "red apple")
    assert caught.args[0]["text"] == "red apple"
    strip.set_results([])
    assert strip._empty.text() == "Nothing fits this search."
    strip._empty_button.click()
    assert heard[-1] == {"kinds": [], "starred": False, "text": ""}
    assert strip.chips[""].isChecked()


def test_a_new_result_shows_only_if_it_fits_the_query(strip):
    strip.chips["text"].click()
    strip.set_results([])
    strip.prepend(result("p"))
    assert ids(strip) == []
    strip.prepend(result("t", "text"))
    assert ids(strip) == ["t"]
    strip.chips[""].click()
    strip.chips["starred"].click()
    strip.set_results([result("s", starred=True)])
    strip.update_result({"id": "s", "starred": False})
    assert ids(strip) == []


def test_matches():
    row = result("a", prompt="A Red apple", text_preview="on a table")
    assert matches(row, {})
    assert matches(row, {"text": "TABLE red"})
    assert not matches(row, {"text": "pear"})
    assert not matches(row, {"kinds": ["text"]})
    assert not matches(row, {"starred": True})


def test_sound_has_a_chip_only_where_there_is_sound(strip):
    strip.set_results([result("a")])
    assert not strip.chips["audio"].isVisible()
    strip.prepend(result("s", "audio", meta={"seconds": 46.2}))
    assert strip.chips["audio"].isVisible()
    assert clock(46.2) == "0:46"
    assert clock(72) == "1:12"


# ---------------------------------------------------------------- keys and menu


def test_keys(qtbot, strip):
    strip.set_results([result("a"), result("b"), result("c", liked=1)])
    heard = []
    for name in ("activated", "starred", "liked", "deleted", "copy_requested"):
        getattr(strip, name).connect(lambda *args, n=name: heard.append((n, *args)))
    view = strip.view
    qtbot.keyClick(view, Qt.Key.Key_Return)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_S)
    qtbot.keyClick(view, Qt.Key.Key_Plus)
    qtbot.keyClick(view, Qt.Key.Key_Minus)
    qtbot.keyClick(view, Qt.Key.Key_Right)
    qtbot.keyClick(view, Qt.Key.Key_Plus)  # liked already: taken back
    qtbot.keyClick(view, Qt.Key.Key_Delete)
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert heard == [("activated", "a"), ("starred", "b", True), ("liked", "b", 1), ("liked", "b", -1),
                     ("liked", "c", 0), ("deleted", "c"), ("copy_requested", "c")]


def test_control_f_goes_to_the_search_and_opens_the_strip(qtbot, strip):
    strip.set_collapsed(True)
    assert strip.height() == 37
    qtbot.keyClick(strip.view, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert strip.height() == 132
    assert strip.search.hasFocus()


def test_space_previews_and_arrows_go_on(qtbot, strip, loader):
    strip.set_results([result("a"), result("t", "text", text_preview="Once upon a time", prompt="go on")])
    strip.read_text = lambda _: "Once upon a time there was more."
    qtbot.keyClick(strip.view, Qt.Key.Key_Space)
    overlay = strip._preview
    assert overlay.isVisible()
    qtbot.waitUntil(lambda: overlay._image is not None and not overlay._image.isNull())
    overlay.grab()
    qtbot.keyClick(overlay, Qt.Key.Key_Right)
    assert strip.current_id() == "t"
    assert overlay._text == "Once upon a time there was more."
    overlay.grab()
    with qtbot.waitSignal(strip.activated) as caught:
        qtbot.keyClick(overlay, Qt.Key.Key_Return)
    assert caught.args == ["t"]
    assert not overlay.isVisible()


def test_everything_is_in_the_menu(qtbot, strip):
    strip.set_results([result("a", starred=True)])
    heard = []
    for name in ("activated", "use_as_input", "recipe_requested", "run_again", "export_requested", "copy_requested",
                 "starred", "liked", "deleted", "vary_requested"):
        getattr(strip, name).connect(lambda *_, n=name: heard.append(n))
    actions = [a for a in strip.menu().actions() if not a.isSeparator()]
    assert [a.text() for a in actions] == [
        "Put on the canvas", "Use as start picture", "Vary this", "Vary it a little", "Show large", "Show recipe",
        "Run again", "Remove star", "Like", "Dislike", "Copy", "Export…", "Delete"]
    for action in actions:
        if action.text() != "Show large":
            action.trigger()
    assert set(heard) == {"activated", "use_as_input", "recipe_requested", "run_again", "export_requested",
                          "copy_requested", "starred", "liked", "deleted", "vary_requested"}


def test_the_small_buttons_of_the_current_one(qtbot, strip):
    strip.set_results([result("a"), result("b")])
    rect = strip.view.visualRect(strip.model.index(0))
    tile = Thumbnails.tile(rect)
    assert Thumbnails.button_at(tile, QPointF(tile.left() + 10, tile.bottom() - 8)) == "star"
    assert Thumbnails.button_at(tile, QPointF(tile.right() - 10, tile.bottom() - 8)) == "dislike"
    assert Thumbnails.button_at(tile, tile.center()) == ""
    with qtbot.waitSignal(strip.starred) as caught:
        at = QPointF(tile.left() + 10, tile.bottom() - 8).toPoint()
        qtbot.mouseClick(strip.view.viewport(), Qt.MouseButton.LeftButton, pos=at)
    assert caught.args == ["a", True]


def test_results_are_read_out(strip):
    strip.set_results([result("a", prompt="a red apple", starred=True)])
    index = strip.model.index(0)
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == "Picture, a red apple, starred"
    assert words_of(result("x", "text", prompt="", text_preview="Once", liked=-1)) == "Text, Once, disliked"


# ---------------------------------------------------------------- dragging out


def test_a_drag_writes_its_file_only_when_it_is_asked_for(qtbot, strip, loader, tmp_path):
    written = []

    def export(result_id: str) -> str:
        path = tmp_path / f"{result_id}.png"
        path.write_bytes(b"x")
        written.append(result_id)
        return str(path)

    strip.set_export_for_drag(export)
    strip.set_results([result("a")])
    with qtbot.waitSignal(loader.ready):
        loader.image("red")
    data = strip.model.mimeData([strip.model.index(0)])
    assert data.hasUrls()
    assert data.hasImage()
    assert written == []
    assert json.loads(bytes(data.data(RESULT_MIME).data()))["id"] == "a"
    assert "recipe" not in json.loads(bytes(data.data(RESULT_MIME).data()))
    assert read_drop(data).result["media"] == "red"
    assert written == []
    assert [url.toLocalFile() for url in data.urls()] == [str(tmp_path / "a.png")]
    assert bytes(data.data("text/uri-list").data()).startswith(b"file:///")
    assert written == ["a"]
    assert data.imageData().size() == QSize(60, 40)


def test_a_text_drags_as_text(strip):
    strip.set_results([result("t", "text", text_preview="Once upon a time")])
    data = strip.model.mimeData([strip.model.index(0)])
    assert data.hasText()
    assert data.text() == "Once upon a time"
    assert read_drop(data) is None  # the canvas takes no text


# ---------------------------------------------------------------- thumbnails


def test_thumbnails_are_decoded_off_the_ui_thread_and_kept(qtbot, loader):
    assert loader.thumbnail("red", QSize(20, 20)) is None
    with qtbot.waitSignal(loader.thumbnail_ready) as caught:
        pass
    assert caught.args[1].size() == QSize(20, 20)
    assert loader.thumbnail("red", QSize(20, 20)) is not None
    assert loader.image("red") is None


@pytest.mark.parametrize("sha", ["bad", "gone", "unknown"])
def test_a_picture_that_cannot_be_read_is_asked_for_once(qtbot, loader, sha):
    with qtbot.waitSignal(loader.failed) as caught:
        assert loader.image(sha) is None
    assert caught.args[0] == sha
    assert caught.args[1]
    assert loader.image(sha) is None
    assert loader.problem(sha)
    loader.forget(sha)
    assert not loader.problem(sha)


def test_scaled_copies(qtbot, loader):
    assert loader.scaled("red", QSize(30, 20)) is None
    with qtbot.waitSignal(loader.ready):
        loader.image("red")
    with qtbot.waitSignal(loader.scaled_ready):
        assert loader.scaled("red", QSize(30, 20)) is None
    assert loader.scaled("red", QSize(30, 20)).size() == QSize(30, 20)
    assert loader.scaled("red", QSize(60, 40)).size() == QSize(60, 40)


def test_the_cache_has_a_bound(qapp):
    loader = ImageLoader(lambda _: b"", limit=100_000)
    for n in range(50):
        loader.put(str(n), QImage(50, 50, QImage.Format.Format_RGB32))
    assert loader._bytes <= 100_000
    assert loader.image("49") is not None
    assert loader._cache.keys().isdisjoint({("0", 0, 0, "whole")})
    loader.close()


def test_a_flood_of_requests_keeps_the_latest(qtbot, qapp):
    red = png("#ff0000")
    loader = ImageLoader(lambda _: red)
    for n in range(2000):
        loader.thumbnail(str(n), QSize(8, 8))
    assert len(loader._waiting) <= ImageLoader.MAX_WAITING
    qtbot.waitUntil(lambda: not loader._waiting and not loader._running, timeout=20_000)
    assert loader.thumbnail("1999", QSize(8, 8)) is not None
    loader.close()


def test_decode_and_cover(qapp):
    assert decode(b"junk").isNull()
    assert decode(png("#00ff00")).format() == QImage.Format.Format_RGB32
    wide = QImage(4000, 100, QImage.Format.Format_RGB32)
    assert cover(wide, QSize(80, 80)).size() == QSize(80, 80)
    assert cover(QImage(1, 1, QImage.Format.Format_RGB32), QSize(80, 80)).size() == QSize(80, 80)


def test_model_survives_odd_rows(qapp):
    model = ResultsModel()
    model.set_results([{"id": "x"}])
    assert model.index(0).data(Qt.ItemDataRole.DisplayRole) == "Result"
    assert model.index(7).data() is None


def wav(seconds: float = 1.0, rate: int = 8000) -> bytes:
    out = io.BytesIO()
    steps = np.arange(round(seconds * rate)) / rate
    soundfile.write(out, np.sin(steps * 2000) * steps / seconds, rate, format="WAV")
    return out.getvalue()


def test_sound_shows_its_shape_and_music_its_notes(qapp, tmp_path):
    with Project.create(tmp_path / "p.pieria") as project:
        sound = project.put_media(wav(), "audio/wav").result()
        parts = Part("p", 0, False, (Note(0, 60, 480), Note(480, 72, 480))), Part("d", 0, True, (Note(0, 36, 9),))
        score = Score(parts)
        tune = project.put_media(midi.write(score), "audio/midi").result()
        tiles = SoundTiles(project)
        levels = tiles.levels(sound)
        assert len(levels) == 20
        assert levels[-1] == 1.0
        assert levels[:6] == sorted(levels[:6])
        assert tiles.levels(project.put_media(wav(0.01), "audio/wav").result())[-1] == 1.0
        assert [pitch for _, _, pitch in tiles.notes(tune)] == [60, 72]
        for kind, sha in (("audio", sound), ("score", tune)):
            image = tiles(sha, QSize(160, 160), f"{kind} #6CB0FF #22354D")
            colours = {image.pixelColor(x, y).name() for x in range(20, 140) for y in range(20, 110)}
            assert {"#6cb0ff", "#22354d"} <= colours
        with pytest.raises(SoundError):
            tiles(project.put_media(b"nothing", "audio/wav").result(), QSize(80, 80), "audio #6CB0FF #22354D")


def test_a_sound_that_is_heard_shows_how_far_it_is(qtbot, strip):
    asked: list[str] = []
    strip.play_requested.connect(asked.append)
    strip.set_results([result("m", "score", meta={"seconds": 16}), result("s", "audio", meta={"seconds": 2})])
    strip.view.go_to(0)
    qtbot.keyClick(strip.view, Qt.Key.Key_Space)
    strip.view.go_to(1)
    qtbot.keyClick(strip.view, Qt.Key.Key_Space)
    assert asked == ["m", "s"]
    assert strip.chips["audio"].isVisibleTo(strip)
    strip.resize(600, 132)
    before = strip.grab().toImage()
    strip.show_playing("s", 0.5)
    assert strip.grab().toImage() != before
    strip.show_playing("", 0.0)
    assert strip.grab().toImage() == before
