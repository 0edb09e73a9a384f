"""All widgets in all states on one picture: ``python -m studio.ui.gallery out.png --theme dark|light``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QApplication, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from studio.ui.form import FormPickers, SchemaForm
from studio.ui.theme import FontRole, Theme
from studio.ui.widgets import (
    Card,
    Check,
    Chip,
    Choice,
    EmptyState,
    ErrorCard,
    FocusRing,
    FoldSection,
    IconButton,
    Keycap,
    Label,
    MediaWell,
    Notice,
    NumberField,
    Option,
    PushButton,
    Ring,
    SeedField,
    Segment,
    Segmented,
    SliderField,
    Switch,
    TabBar,
    Tag,
    TextArea,
    TextField,
    ToolButton,
)

WORKSPACES = [Segment("canvas", "Canvas", "paint-brush", "Ctrl+1"), Segment("write", "Write", "pen-nib", "Ctrl+2"),
              Segment("sound", "Sound", "waveform", "Ctrl+3")]

SAMPLERS = ["DPM++ 2M Karras", "Euler", "Euler a", "DDIM", "UniPC"]

SCHEMA: dict[str, Any] = {
    "title": "Gallery", "type": "object", "properties": {
        "prompt": {"type": "string", "x-studio": {"role": "prompt", "widget": "multiline"}},
        "model": {"type": "string", "default": "", "title": "Model",
                  "x-studio": {"role": "model", "widget": "model", "kinds": ["any"]}},
        "width": {"type": "integer", "minimum": 64, "maximum": 2048, "multipleOf": 8, "default": 512,
                  "x-studio": {"role": "width"}},
        "height": {"type": "integer", "minimum": 64, "maximum": 2048, "multipleOf": 8, "default": 512,
                   "x-studio": {"role": "height"}},
        "steps": {"type": "integer", "minimum": 1, "maximum": 50, "default": 20, "description": "Denoising steps",
                  "x-studio": {"role": "steps"}},
        "guidance": {"type": "number", "minimum": 1, "maximum": 20, "default": 6.5, "x-studio": {"step": 0.5}},
        "strength": {"type": "number", "minimum": 0, "maximum": 1, "default": 0.72, "x-studio": {"step": 0.01}},
        "sampler": {"enum": SAMPLERS, "default": SAMPLERS[0], "type": "string"},
        "seed": {"type": "integer", "minimum": 0, "maximum": 2**32 - 1, "default": 3218407745,
                 "x-studio": {"role": "seed", "widget": "seed"}},
        "start": {"anyOf": [{"type": "object", "x-studio": {"media": "image"}}, {"type": "null"}], "default": None,
                  "title": "Start from"},
        "tiling": {"type": "boolean", "default": True, "x-studio": {"group": "Advanced"}},
        "repetition_penalty": {"type": "number", "minimum": 1, "maximum": 2, "default": 1.1,
                               "x-studio": {"group": "Advanced", "step": 0.05}},
        "eta": {"anyOf": [{"type": "number"}, {"type": "null"}], "default": None, "x-studio": {"group": "Advanced"}},
        "stop": {"type": "array", "items": {"type": "string"}, "default": ["The end", "###"],
                 "x-studio": {"group": "Advanced"}},
    },
}


class Gallery(QWidget):
    """Three columns on the pasteboard; each block is a card with its title."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.theme = theme
        self.setAccessibleName("Widget gallery")
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 16, 16, 16)
        grid.setSpacing(12)
        for column, blocks in enumerate((
            (("Buttons", self.buttons()), ("Tools", self.tools()), ("One of several", self.choices()),
             ("Progress and tags", self.progress())),
            (("Fields", self.fields()), ("Numbers", self.numbers()), ("Media", self.media())),
            (("Form", self.form()),),
            (("Notices", self.notices()), ("Type", self.type())),
        )):
            stack = QVBoxLayout()
            stack.setSpacing(12)
            for title, content in blocks:
                stack.addWidget(self.block(title, content))
            stack.addStretch(1)
            grid.setColumnMinimumWidth(column, theme.dp((340, 300, 320, 320)[column]))
            grid.addLayout(stack, 0, column)
        self.ring = FocusRing(theme, self)
        self.notice = Notice(theme, self)

    def paintEvent(self, event: object) -> None:
        QPainter(self).fillRect(self.rect(), self.theme.color("canvas"))

    def block(self, title: str, content: QWidget) -> Card:
        card = Card(self.theme)
        column = QVBoxLayout(card)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(8)
        column.addWidget(Label(self.theme, title, "strong"))
        column.addWidget(content)
        return card

    def rows(self, *rows: Sequence[QWidget | int]) -> QWidget:
        holder = QWidget()
        column = QVBoxLayout(holder)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        for row in rows:
            line = QHBoxLayout()
            line.setSpacing(8)
            for item in row:
                if isinstance(item, int):
                    line.addStretch(item)
                else:
                    line.addWidget(item)
            column.addLayout(line)
        return holder

    def buttons(self) -> QWidget:
        t = self.theme
        off = PushButton(t, "Generate", variant="primary", icon="sparkle")
        off.set_available(False, "Needs 6 GB of graphics memory")
        off2 = PushButton(t, "Export", icon="export")
        off2.set_available(False, "Nothing to export yet")
        on = PushButton(t, "Seed", icon="lock-simple", variant="quiet", checkable=True)
        on.setChecked(True)
        return self.rows(
            (PushButton(t, "Generate", variant="primary", icon="sparkle", hint="Ctrl Enter", tall=True),
             PushButton(t, "Accept", variant="primary", icon="check"), 1),
            (PushButton(t, "Export", icon="export"), PushButton(t, "Delete", variant="danger", icon="trash"),
             PushButton(t, "Invert", variant="quiet", icon="circle-half"), on, 1),
            (off, off2, 1))

    def tools(self) -> QWidget:
        t = self.theme
        tools = [ToolButton(t, icon, name) for icon, name in (
            ("cursor", "Move"), ("selection", "Marquee"), ("lasso", "Lasso"), ("paint-brush", "Brush"),
            ("mask-brush", "Mask brush"), ("frame-corners", "Frame"))]
        tools[1].more = True
        tools[4].setChecked(True)
        tools[5].set_available(False, "Open a canvas first")
        small = [IconButton(t, icon, name) for icon, name in (("plus", "Add"), ("trash", "Delete"),
                                                              ("dots-three", "More"))]
        small.append(IconButton(t, "bookmark-simple", "Save preset", filled=True))
        chips = [Chip(t, "All"), Chip(t, "Pictures", icon="image"), Chip(t, "Text", icon="text-aa"),
                 Chip(t, "Starred", icon="star")]
        chips[0].setChecked(True)
        return self.rows((*tools, 1), (*small, 1), (*chips, 1))

    def choices(self) -> QWidget:
        t = self.theme
        spaces = Segmented(t, "Workspace", WORKSPACES, accent=True)
        spaces.set_current("canvas")
        aspects = Segmented(t, "Proportions", [Segment("1", "1:1", "aspect-square"), Segment("2", "3:2", "aspect-wide"),
                                               Segment("3", "2:3", "aspect-tall"),
                                               Segment("4", "16:9", "aspect-cinema")], stretch=True, pad=4)
        aspects.set_current("1")
        tabs = TabBar(t, "Inspector", [("a", "Generate"), ("b", "Adjust"), ("c", "Details")])
        tabs.add_corner(IconButton(t, "dots-three", "More"))
        off = Choice(t, "Device", ["Graphics card"])
        off.setEnabled(False)
        models = Choice(t, "Model", [Option("a", "Atelier", "4 GB", "paint-roller", "GPU")])
        switches = (Switch(t, "Off"), Switch(t, "On", checked=True), Switch(t, "Disabled"))
        switches[2].setEnabled(False)
        checks = (Check(t, "ComfyUI", checked=True), Check(t, "Downloads"))
        return self.rows((spaces, 1), (aspects,), (tabs,), (Choice(t, "Sampler", SAMPLERS), off), (models,),
                         (*switches, *checks, 1))

    def progress(self) -> QWidget:
        t = self.theme
        rings = []
        for step in (1, 8, 12, 20):
            ring = Ring(t)
            ring.set_progress(step, 20)
            rings.append(ring)
        big = Ring(t, size=28, tone="iris")
        big.set_progress(13, 20)
        tags = (Tag(t, "GPU", "gpu"), Tag(t, "CPU", "cpu"), Tag(t, "starter", "starter"), Tag(t, "Live", "live"),
                Tag(t, "Draft", "warn"), Tag(t, "Failed", "error"))
        keys = (Keycap(t, "Ctrl+K"), Keycap(t, "Ctrl+Return"), Keycap(t, "Del"), Keycap(t, "+"))
        return self.rows((*rings, big, 1), (*tags, 1), (*keys, 1))

    def fields(self) -> QWidget:
        t = self.theme
        wrong = TextField(t, "Name", text="con:cord")
        wrong.set_invalid(True)
        off = TextField(t, "Folder", text="Not here")
        off.setEnabled(False)
        area = TextArea(t, "Notes", text="Several lines grow with the text, from one to six, and then the field "
                                         "scrolls instead of pushing everything else away.", least=2)
        return self.rows((TextField(t, "Search", placeholder="Search prompts and results", icon="magnifying-glass"),),
                         (TextField(t, "Title", text="The Cartographer’s Cat", clearable=True),), (wrong, off), (area,))

    def numbers(self) -> QWidget:
        t = self.theme
        off = SliderField(t, "Feather", 0, 1, value=0.4)
        off.setEnabled(False)
        return self.rows(
            (SliderField(t, "Size", 1, 200, value=60, whole=True, unit="px"),),
            (SliderField(t, "Strength", 0, 1, value=0.0, step=0.01),),
            (SliderField(t, "Guidance", 1, 20, value=20, step=0.5),), (off,),
            (NumberField(t, "Width", prefix="W", value=512, whole=True),
             NumberField(t, "Tempo", value=92, unit="BPM", whole=True), 1),
            (SeedField(t, value=3218407745, locked=True),), (SeedField(t, value=7),))

    def media(self) -> QWidget:
        picture = QImage(120, 80, QImage.Format.Format_RGB32)
        picture.fill(QColor("#7B5CC8"))
        full = MediaWell(self.theme, "Reference")
        full.set_reference({"media": "0" * 64, "type": "image/png"}, title="harbour-at-night-with-lanterns.png",
                           image=picture)
        return self.rows((MediaWell(self.theme, "Start from"),), (full,))

    def form(self) -> QWidget:
        pickers = FormPickers(models=lambda _kinds: [("a", "Atelier XL", "6 GB"), ("b", "Storybook", "1 GB")])
        form = SchemaForm(SCHEMA, self.theme, pickers, exclude_roles=("prompt",), memory={"Gallery/Advanced": True})
        form.set_error("guidance", "Guidance over 15 needs at least 10 steps.")
        form.setFixedWidth(self.theme.dp(296))
        return form

    def notices(self) -> QWidget:
        t = self.theme
        error = ErrorCard(t, "The picture needs more memory than is free.", details="torch.OutOfMemoryError: tried to "
                          "allocate 2.0 GiB", action="Make it smaller", source="diffusion.image")
        error.more.setChecked(True)
        fold = FoldSection(t, "Style add-ons", open_=False)
        fold.set_count(2)
        fold.add_action(IconButton(t, "plus", "Add"))
        return self.rows((error,), (EmptyState(t, "Results of this project appear here.", "Write a prompt"),), (fold,))

    def type(self) -> QWidget:
        t = self.theme
        roles: tuple[tuple[FontRole, str], ...] = (
            ("display", "Display 36"), ("figure", "Figure 20"), ("prompt", "Prompt 14"), ("body", "Body 12"),
            ("strong", "Strong 12"), ("caption", "Caption 11"), ("chapter", "The Blank Chart"),
            ("manuscript", "The last chart in the drawer"), ("manuscript_italic", "here, here, here"),
            ("mono", "3 218 407 745"), ("timecode", "00:36.240"))
        tones = [Label(t, token, "body", token) for token in ("t1", "t2", "t3", "t4", "spring", "iris", "sky", "ok",
                                                              "warn", "err")]
        lines: list[Sequence[QWidget | int]] = [(Label(t, text, role), 1) for role, text in roles]
        return self.rows(*lines, (*tones, 1))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the gallery as a picture."""
    parser = argparse.ArgumentParser(description="Render every widget in every state.")
    parser.add_argument("out")
    parser.add_argument("--theme", choices=("dark", "light"), default="dark")
    parser.add_argument("--text-scale", type=float, default=1.0)
    parser.add_argument("--scale", type=float, default=1.0, help="device pixel ratio")
    parser.add_argument("--high-contrast", action="store_true")
    chosen = parser.parse_args(arguments)
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ["QT_SCALE_FACTOR"] = str(chosen.scale)
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    theme = Theme(chosen.theme, text_scale=chosen.text_scale, high_contrast=chosen.high_contrast, reduced_motion=True)
    theme.apply(app)
    gallery = Gallery(theme)
    gallery.resize(gallery.sizeHint())
    gallery.show()
    focused = gallery.findChildren(PushButton)[1]
    focused.setFocus(Qt.FocusReason.TabFocusReason)
    gallery.ring.by_keyboard = True
    gallery.notice.show_message("Deleted “Ringed planet”", lambda: None)
    for _ in range(5):
        app.processEvents()
    return 0 if gallery.grab().save(chosen.out) else 1


if __name__ == "__main__":
    sys.exit(main())
