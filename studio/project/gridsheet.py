"""The pictures of an X/Y grid on one sheet, with labels."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.project.errors import ProjectError

if TYPE_CHECKING:
    from PIL import ImageDraw
    from PIL.ImageFont import FreeTypeFont

LARGEST_CELL = 512
LARGEST_SHEET = 8192
GAP, MARGIN = 8, 16
INK, PAPER, FAINT = (26, 28, 32), (249, 250, 251), (221, 223, 227)


@dataclass(frozen=True)
class Layout:
    """Where things stand on the sheet, in pixels."""

    cell: tuple[int, int]
    scale: float
    left: int
    top: int
    words: int
    heading: int

    def place(self, column: int, row: int) -> tuple[int, int]:
        """The upper left corner of a cell."""
        return self.left + column * (self.cell[0] + GAP), self.top + row * (self.cell[1] + GAP)


def compose(pictures: Sequence[bytes | None], columns: Sequence[str], rows: Sequence[str], titles: tuple[str, str],
            caption: str = "") -> bytes:
    """A PNG of `pictures` (encoded, row by row, None where one is missing) under `columns` and beside `rows`.

    titles: names of the horizontal and the vertical parameter. Pictures larger than 512 px, or than fit on a sheet of
    8192 px, are made smaller.
    """
    import PIL.Image
    import PIL.ImageDraw

    rows = rows or [""]
    images = [PIL.Image.open(io.BytesIO(data)).convert("RGBA") if data else None for data in pictures]
    layout = _lay_out([i.size for i in images if i], len(columns), [_shown(r, titles[1]) for r in rows], bool(caption))
    right, bottom = layout.place(len(columns), len(rows))
    sheet = PIL.Image.new("RGB", (right + MARGIN - GAP, bottom + MARGIN - GAP), PAPER)
    pen = PIL.ImageDraw.Draw(sheet)
    _write(pen, layout, [_shown(c, titles[0]) for c in columns], [_shown(r, titles[1]) for r in rows], caption)
    for index in range(len(columns) * len(rows)):
        x, y = layout.place(index % len(columns), index // len(columns))
        image = images[index] if index < len(images) else None
        if image is None:
            pen.rectangle((x, y, x + layout.cell[0] - 1, y + layout.cell[1] - 1), outline=FAINT)
            continue
        size = max(1, round(image.width * layout.scale)), max(1, round(image.height * layout.scale))
        small = image if size == image.size else image.resize(size, PIL.Image.Resampling.LANCZOS)
        sheet.paste(small, (x, y), small)
    out = io.BytesIO()
    sheet.save(out, "PNG", compress_level=4)
    return out.getvalue()


def _lay_out(sizes: Sequence[tuple[int, int]], columns: int, rows: Sequence[str], caption: bool) -> Layout:
    wide, high = (max((size[side] for size in sizes), default=256) for side in (0, 1))
    scale = min(1.0, min(LARGEST_CELL, LARGEST_SHEET // max(columns, len(rows))) / max(wide, high))
    cell = max(1, round(wide * scale)), max(1, round(high * scale))
    words, heading = max(13, min(22, cell[0] // 12)), max(14, min(26, cell[0] // 10))
    beside = max(round(_font(words).getlength(row)) for row in rows) + GAP * 2 if any(rows) else 0
    top = MARGIN + round(words * 1.6) + (round(heading * 1.8) if caption else 0)
    return Layout(cell, scale, MARGIN + beside, top, words, heading)


def _write(pen: ImageDraw.ImageDraw, layout: Layout, columns: Sequence[str], rows: Sequence[str], caption: str) -> None:
    font, strong = _font(layout.words), _font(layout.heading)
    if caption:
        room = layout.place(len(columns), 0)[0] - MARGIN
        pen.text((MARGIN, MARGIN), _cut(caption, strong, room), INK, strong)
    for column, label in enumerate(columns):
        x, y = layout.place(column, 0)
        pen.text((x, y - round(layout.words * 1.6)), _cut(label, font, layout.cell[0]), INK, font)
    for row, label in enumerate(rows):
        y = layout.place(0, row)[1]
        pen.text((MARGIN, y + layout.cell[1] // 2), label, INK, font, anchor="lm")


def _font(size: int) -> FreeTypeFont:
    """Pillow's own face."""
    from PIL.ImageFont import FreeTypeFont, load_default

    font = load_default(size)
    if not isinstance(font, FreeTypeFont):  # a Pillow without FreeType
        raise ProjectError("This Pillow has no FreeType, so the sheet cannot be labelled; install Pillow from PyPI.")
    return font


def _shown(label: str, title: str) -> str:
    return f"{title} {label}".strip() if label and len(label) < 12 and title else label


def _cut(text: str, font: FreeTypeFont, width: int) -> str:
    """The text with an ellipsis where it is wider than `width` pixels."""
    text = " ".join(text.split())[:300]
    if font.getlength(text) <= width:
        return text
    while text and font.getlength(text + "…") > width:
        text = text[:-1]
    return text + "…"
