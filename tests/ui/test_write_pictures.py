"""Pictures in the manuscript: from the results, from files, from the clipboard; described, changed, undone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QColor, QImage

from studio.project.manuscript.rows import OBJECT, picture_of
from studio.ui.widgets import Popup
from studio.ui.write.pictures import DescribePicture, PicturePanel
from studio.ui.write.popups import AskText
from tests.ui.conftest import Opened


def image(width: int = 40, height: int = 30) -> QImage:
    made = QImage(width, height, QImage.Format.Format_RGB32)
    made.fill(QColor("#884422"))
    return made


@pytest.fixture
def room(studio: Opened) -> Any:
    studio.desk.go("write")
    room = studio.bench.room("write")
    room.pane.page.setFocus()
    studio.qtbot.keyClicks(room.pane.page, "See ")
    return room


def shown(studio: Opened, kind: type) -> Any:
    found: list[Any] = []
    studio.qtbot.waitUntil(lambda: found.extend(studio.window.findChildren(kind)) or bool(found))
    return found[-1]


def pictures(room: Any) -> list[tuple[str, str]]:
    return [picture_of(m.value) for m in room.pane.prose().marks if m.kind == "image"]


def test_a_result_is_chosen_and_its_prompt_describes_it(studio: Opened, room: Any) -> None:
    for prompt in ("a red\napple", "a green tree"):
        studio.project.add_result(kind="image", data=prompt.encode(), media_type="image/png", meta={},
                                  recipe={"prompt": prompt}).result()
    room.work.objects.ask_picture()
    panel = shown(studio, PicturePanel)
    studio.qtbot.waitUntil(lambda: panel.list.count() == 2)
    assert panel.alt.text() == "a green tree"
    studio.qtbot.keyClick(panel.list, Qt.Key.Key_Right)
    assert panel.alt.text() == "a red apple"
    studio.qtbot.keyClick(panel.list, Qt.Key.Key_Return)
    assert room.pane.text() == f"See {OBJECT}"
    assert [alt for _, alt in pictures(room)] == ["a red apple"]
    studio.qtbot.keyClicks(room.pane.page, " here")
    assert room.pane.text() == f"See {OBJECT} here"
    while room.pane.text() != f"See {OBJECT}":
        room.pane.undo()
    room.pane.undo()
    assert room.pane.text() == "See "


def test_a_file_is_put_in_where_the_caret_was_and_what_is_none_is_refused(studio: Opened, room: Any, tmp_path: Path
                                                                         ) -> None:
    image().save(str(tmp_path / "a.bmp"))
    (tmp_path / "b.png").write_bytes(b"no picture")
    room.work.objects.ask_picture()
    panel = shown(studio, PicturePanel)
    studio.qtbot.waitUntil(lambda: panel.said.text().startswith("There are no pictures"))
    panel.take_file(tmp_path / "b.png")
    studio.qtbot.waitUntil(lambda: "not a picture" in panel.said.text())
    panel.take_file(tmp_path / "gone.png")
    studio.qtbot.waitUntil(lambda: "cannot be read" in panel.said.text())
    panel.alt.setText("A brown field")
    panel.take_file(tmp_path / "a.bmp")
    studio.qtbot.waitUntil(lambda: bool(pictures(room)))
    ((sha, alt),) = pictures(room)
    assert alt == "A brown field"
    assert studio.project.media(sha)[1] == "image/png"  # of a kind that exports know


def test_pasted_pictures_and_dropped_files(studio: Opened, room: Any, tmp_path: Path) -> None:
    image().save(str(tmp_path / "a.png"))
    page = room.pane.page
    dropped, pasted = QMimeData(), QMimeData()
    dropped.setUrls([QUrl.fromLocalFile(str(tmp_path / "a.png"))])
    pasted.setImageData(image(20, 20))
    for mime in (dropped, pasted):
        assert page.canInsertFromMimeData(mime)
        before = len(pictures(room))
        page.insertFromMimeData(mime)
        studio.qtbot.waitUntil(lambda n=before: len(pictures(room)) == n + 1)
    (tmp_path / "b.png").write_bytes(b"no picture")
    broken = QMimeData()
    broken.setUrls([QUrl.fromLocalFile(str(tmp_path / "b.png"))])
    page.insertFromMimeData(broken)
    studio.qtbot.waitUntil(lambda: "not a picture" in studio.bench.notice.label.text())
    assert len(pictures(room)) == 2


def test_ctrl_enter_in_a_popup_keeps_a_footnote_and_generates_nothing(studio: Opened, room: Any) -> None:
    studio.worker.discover()
    room.work.objects.add_footnote()
    panel = shown(studio, AskText)
    studio.qtbot.waitUntil(panel.field.hasFocus)
    studio.qtbot.keyClicks(panel.field, "A note.")
    studio.qtbot.keyClick(panel.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [m.value for m in room.pane.prose().marks if m.kind == "footnote"] == ["A note."]
    assert room.pane.page.hasFocus()
    assert not studio.desk.session.jobs
    room.work.objects.add_footnote()  # the one at the caret
    again = shown(studio, AskText)
    assert again.field.text() == "A note."
    again.field.set_text("Another.")
    studio.qtbot.keyClick(again.field, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert [m.value for m in room.pane.prose().marks if m.kind == "footnote"] == ["Another."]


def test_a_picture_is_described_later_and_taken_out(studio: Opened, room: Any) -> None:
    room.pane.page.editing.insert_object("image", "a" * 64)
    room.work.objects.ask_picture()  # the one at the caret
    panel = shown(studio, DescribePicture)
    panel.alt.setText("A lamp")
    studio.qtbot.keyClick(panel.alt, Qt.Key.Key_Return)
    assert pictures(room) == [("a" * 64, "A lamp")]
    room.pane.undo()
    assert pictures(room) == [("a" * 64, "")]
    room.pane.redo()
    room.work.objects.ask_picture()
    shown(studio, DescribePicture).kept.emit("")
    assert room.pane.text() == "See "
    room.pane.undo()
    assert pictures(room) == [("a" * 64, "A lamp")]
    for popup in studio.window.findChildren(Popup):
        popup.dismiss()
