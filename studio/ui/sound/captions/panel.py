"""The Captions tab: all captions of the arrangement in a list that follows the playhead; the chosen one is edited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from studio.project.sound import Arrangement, SoundError, edits
from studio.ui.sound.captions.editor import CaptionEditor
from studio.ui.sound.captions.rows import CaptionsList, CaptionsModel
from studio.ui.widgets.buttons import IconButton, PushButton
from studio.ui.widgets.labels import Label, Separator
from studio.ui.widgets.popup import Menu

if TYPE_CHECKING:
    from studio.ui.sound.pane import SoundPane

EMPTY = "What is said stands here with its times, to be read along and exported as captions."
A_SECOND = 2.0
"""Seconds that a new caption stands where nothing is selected."""


class CaptionsPanel(QWidget):
    """Attributes: model, list, editor."""

    transcribe_asked = Signal()
    """Let the chosen clip be written down."""
    export_asked = Signal(str)
    """"srt" or "vtt"."""

    def __init__(self, pane: SoundPane) -> None:
        super().__init__()
        self.pane, self.document, theme = pane, pane.document, pane.theme
        self.setAccessibleName("Captions")
        self.model = CaptionsModel()
        self.list = CaptionsList(theme, self.model)
        self.editor = CaptionEditor(theme)
        self.count = Label(theme, "", "body", "t3", tnum=True)
        self.add = IconButton(theme, "plus", "Add captions")
        self.export = IconButton(theme, "export", "Export captions")
        self.nothing = Label(theme, EMPTY, "body", "t3", wrap=True)
        self.begin = PushButton(theme, "Make captions", icon="subtitles")
        self._choosing = False
        self._lay_out()
        self._connect()
        self.refresh()

    def _lay_out(self) -> None:
        theme = self.pane.theme
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 12)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(8)
        head.addWidget(Label(theme, "Captions", "strong"))
        head.addWidget(self.count)
        head.addStretch(1)
        head.addWidget(self.export)
        head.addWidget(self.add)
        self._line = Separator(theme)
        column.addLayout(head)
        column.addWidget(self.nothing)
        row = QHBoxLayout()
        row.addWidget(self.begin)
        row.addStretch(1)
        column.addLayout(row)
        column.addWidget(self.list, 1)
        column.addWidget(self._line)
        column.addWidget(self.editor)
        self._rest = QWidget()
        column.addWidget(self._rest, 1)

    def _connect(self) -> None:
        document, player, rows, editor = self.document, self.pane.player, self.list, self.editor
        document.changed.connect(self.refresh)
        player.position_changed.connect(self._moved)
        rows.selectionModel().selectionChanged.connect(lambda *_: self._selected())
        rows.clicked.connect(lambda index: self._go(index.row()))
        rows.doubleClicked.connect(lambda _: self._edit_words())
        rows.edit_asked.connect(self._edit_words)
        rows.delete_asked.connect(self.delete)
        rows.play_asked.connect(player.toggle)
        rows.customContextMenuRequested.connect(self._menu_at)
        editor.changed.connect(self._change)
        editor.left.connect(rows.setFocus)
        editor.split.clicked.connect(lambda _=False: self.split())
        editor.merge.clicked.connect(lambda _=False: self.merge())
        editor.delete.clicked.connect(lambda _=False: self.delete())
        self.begin.clicked.connect(lambda _=False: self._begin())
        self.add.clicked.connect(lambda _=False: self.add_menu().popup(self.add.mapToGlobal(
            QPoint(0, self.add.height()))))
        self.export.clicked.connect(lambda _=False: self.export_menu().popup(self.export.mapToGlobal(
            QPoint(0, self.export.height()))))

    # ------------------------------------------------------------ showing

    def refresh(self) -> None:
        """Take over what the arrangement has now."""
        labels = self.document.shown.labels
        if labels is not self.model.labels:
            kept = [self.model.labels[row].id for row in self.list.rows()]
            self._choosing = True
            self.model.take(labels)
            left = [row for key in kept if (row := self.model.row_of(key)) >= 0]
            if left != self.list.rows():
                self.list.choose(left)
            self._choosing = False
            self._selected()
        some, spoken = bool(labels), self._spoken()
        there: tuple[QWidget, ...] = (self.list, self._line, self.editor)
        instead: tuple[QWidget, ...] = (self.nothing, self.begin, self._rest)
        for widget in there + instead:
            widget.setVisible(some == (widget in there))
        self.count.setText(str(len(labels)) if some else "")
        self.export.set_available(some or spoken, "There are no captions yet")
        self.begin.set_text("Caption the spoken sentences" if spoken else "Add a caption")
        self._moved(self.pane.player.position)

    def _spoken(self) -> bool:
        return any(clip.text and not clip.muted for clip in self.document.shown.clips)

    def _selected(self) -> None:
        if self._choosing:
            return
        rows = self.list.rows()
        caption = self.model.labels[rows[0]] if rows else None
        self.editor.show_caption(caption)
        self.editor.setEnabled(caption is not None)
        several = len(rows) > 1
        self.editor.merge.set_name("Merge the selected captions" if several else "Merge with the next caption")

    def _moved(self, seconds: float) -> None:
        """The playhead is at another caption."""
        row = self.model.at(seconds)
        if self.model.set_now(row) and row >= 0 and self.pane.player.playing:
            self.list.scrollTo(self.model.index(row))

    def _go(self, row: int) -> None:
        """To the beginning of a caption."""
        caption = self.model.labels[row]
        self.pane.go_to(caption.start)
        self.pane.notes.choose(caption.id)

    def _edit_words(self) -> None:
        if self.list.rows():
            self.editor.text.setFocus()

    def choose(self, keys: list[str]) -> None:
        """Select captions."""
        rows = sorted(row for key in keys if (row := self.model.row_of(key)) >= 0)
        if rows:
            self.list.choose(rows)

    # ------------------------------------------------------------ changing

    def _change(self, key: str, field: str, value: Any) -> None:
        """Words, times or the speaker of a caption."""
        def change(old: Arrangement) -> Arrangement:
            caption = next((one for one in old.labels if one.id == key), None)
            if caption is None:
                raise SoundError("That caption is no longer there.")
            if field == "start":  # the end stays
                return edits.change_label(old, key, start=value, length=caption.end - value)
            if field == "end":
                return edits.change_label(old, key, length=value - caption.start)
            return edits.change_label(old, key, **{field: value})

        self.document.edit("Edit the caption", change, merge=f"caption:{key}:{field}")

    def _keys(self) -> list[str]:
        """The selected captions, or else the one at the playhead."""
        self.editor.flush()
        rows = self.list.rows() or ([self.model.now] if self.model.now >= 0 else [])
        return [self.model.labels[row].id for row in rows]

    def split(self) -> None:
        """The caption at the playhead becomes two."""
        self.editor.flush()
        at, now = self.pane.player.position, self.model.at(self.pane.player.position)
        keys = [self.model.labels[now].id] if now >= 0 else self._keys()
        if not keys:
            self.document.refused.emit("The playhead is not inside a caption; move it there first.")
            return
        made = self.document.edit("Split the caption", lambda old: edits.split_label(old, keys[0], at))
        if made:
            self.choose([made])

    def merge(self) -> None:
        """The selected captions become one; a single one takes the next to it."""
        keys = self._keys()
        if len(keys) == 1:
            row = self.model.row_of(keys[0])
            keys += [label.id for label in self.model.labels[row + 1:row + 2]]
        made = self.document.edit("Merge captions", lambda old: edits.merge_labels(old, keys))
        if made:
            self.choose([made])

    def delete(self) -> None:
        """Take the selected captions away; the next one is chosen."""
        keys = self._keys()
        if not keys:
            return
        row = self.model.row_of(keys[0])
        label = "Delete the caption" if len(keys) == 1 else f"Delete {len(keys)} captions"
        self.document.edit(label, lambda old: edits.remove_labels(old, keys))
        if self.model.labels:
            self.list.choose([min(row, len(self.model.labels) - 1)])

    def add_here(self) -> None:
        """A caption over the selected stretch, the chosen clip, or from the playhead on; its words can be typed."""
        chosen, clips = self.document.chosen, self.document.chosen_clips
        start, length, text = self.pane.player.position, A_SECOND, ""
        if chosen.region is not None:
            start, length = chosen.region.start, chosen.region.length
        elif clips:
            start, length, text = clips[0].start, clips[0].length, clips[0].text
        made = self.document.edit("Add a caption", lambda old: edits.add_label(old, start, length, text))
        if made:
            self.choose([made])
            self.editor.text.setFocus()

    def from_speech(self) -> None:
        """The spoken sentences become captions: of the voice track that is chosen, else of all."""
        shown, track = self.document.shown, self.document.chosen.track
        own = [track] if any(clip.text for clip in shown.on(track)) else []
        made = self.document.edit("Captions", lambda old: edits.caption_speech(old, own))
        if made:
            self.choose(made[:1])

    def _begin(self) -> None:
        if self._spoken():
            self.from_speech()
        else:
            self.add_here()

    # ------------------------------------------------------------ menus

    def add_menu(self) -> Menu:
        menu = self._menu("Add captions")
        menu.addAction("At the selection").triggered.connect(lambda *_: self.add_here())
        speech = menu.addAction("From the spoken sentences")
        speech.triggered.connect(lambda *_: self.from_speech())
        speech.setEnabled(self._spoken())
        heard = menu.addAction("Transcribe the chosen clip")
        heard.triggered.connect(lambda *_: self.transcribe_asked.emit())
        heard.setEnabled(bool(self.document.chosen_clips))
        return menu

    def export_menu(self) -> Menu:
        menu = self._menu("Export captions")
        for key, title in (("srt", "SubRip (.srt)…"), ("vtt", "WebVTT (.vtt)…")):
            menu.addAction(title).triggered.connect(lambda *_, key=key: self._export(key))
        return menu

    def _export(self, ending: str) -> None:
        self.editor.flush()
        self.export_asked.emit(ending)

    def _menu_at(self, where: QPoint) -> None:
        if not self.list.rows():
            return
        menu = self._menu("Caption")
        for title, run in (("Edit the words\tF2", self._edit_words), ("Split at the playhead", self.split),
                           (self.editor.merge.accessibleName(), self.merge), ("Delete\tDel", self.delete)):
            menu.addAction(title).triggered.connect(lambda *_, run=run: run())
        menu.popup(self.list.viewport().mapToGlobal(where))

    def _menu(self, title: str) -> Menu:
        menu = Menu(self.pane.theme, title, self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        return menu
