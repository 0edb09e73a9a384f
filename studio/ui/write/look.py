"""How prose looks on the page: the layout of paragraphs, the faces of marked text, footnote numbers and pictures.

The document itself holds plain text and paragraph layouts; everything inside a paragraph is laid over it by a
highlighter, from the runs of the story. So a change of looks needs no change of the document, and no undo of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import (
    QFont,
    QFontMetricsF,
    QImage,
    QPainter,
    QPyTextObject,
    QSyntaxHighlighter,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextDocument,
    QTextFormat,
)

from studio.project.manuscript.rows import Block, picture_of
from studio.ui.theme import Theme
from studio.ui.write.runs import Looks, Run, value_of
from studio.ui.write.storybase import OBJECT_TYPES, StoryBase

INDENT, BAR = 28, 24
"""Of lists and quotes, for each level, in pixels at text scale 1."""
TALLEST_PICTURE = 420
HEADS: dict[str, tuple[int, int, int, int]] = {"h1": (28, 36, 20, 12), "h2": (21, 30, 16, 8), "h3": (17, 28, 12, 4)}
"""Size, line height, room above and below."""


class Pictures:
    """Where the page finds pictures; what is not there yet comes later. Replaced by the controller."""

    def get(self, sha: str) -> QImage | None:
        return None


class Look(QSyntaxHighlighter):
    """Dresses one story in the theme.

    Attributes:
        misspelt: text of a paragraph -> (start, length) of the words to underline, in UTF-16 units.
        coloured: paragraph of code -> (start, length, token of the theme) of what has a colour of its own.
    """

    def __init__(self, theme: Theme, story: StoryBase, pictures: Callable[[], Pictures]) -> None:
        super().__init__(story.document)
        self.theme, self.story = theme, story
        self.misspelt: Callable[[str], list[tuple[int, int]]] = lambda _: []
        self.coloured: Callable[[QTextBlock], list[tuple[int, int, str]]] = lambda _: []
        self._objects = (_Footnote(theme, story), _Picture(theme, story, pictures))
        layout = story.document.documentLayout()
        for kind, handler in zip(("footnote", "image"), self._objects, strict=True):
            handler.setParent(story.document)
            layout.registerHandler(OBJECT_TYPES[kind], handler)
        self._formats: dict[tuple[Looks, str], QTextCharFormat] = {}
        self._waves: dict[tuple[Looks, str], QTextCharFormat] = {}
        self._loading = self._all = False
        story.dresser = self

    @contextmanager
    def loading(self) -> Iterator[None]:
        """All of the text comes in here; `retheme` dresses it afterwards, once."""
        self._loading = True
        try:
            yield
        finally:
            self._loading = False

    def retheme(self) -> None:
        """Colours or sizes have changed."""
        self._formats.clear()
        self._waves.clear()
        self.document().setDefaultFont(self.theme.font("manuscript"))
        self.story.mark_paragraphs(0, self.document().blockCount())
        self.story.dress()
        self._all = True  # spelling sees to the paragraphs that are on the screen
        try:
            self.rehighlight()
        finally:
            self._all = False

    # ------------------------------------------------------------ paragraphs

    def block_format(self, block: Block, below: int) -> QTextBlockFormat:
        theme, made = self.theme, QTextBlockFormat()
        height, bottom = theme.line_height("manuscript"), theme.dp(14)
        style = block.style
        if style in HEADS:
            height, top, bottom = (theme.dp(px) for px in HEADS[style][1:])
            made.setTopMargin(top)
        elif style in ("bullet", "number"):
            bottom = theme.dp(6)
            made.setLeftMargin(theme.dp(INDENT) * (block.level + 1))
        elif style == "quote":
            made.setLeftMargin(theme.dp(BAR) * (block.level + 1))
            made.setRightMargin(theme.dp(BAR))
        elif style == "code":
            height, bottom = theme.dp(22), theme.dp(0)
            made.setLeftMargin(theme.dp(16))
        elif style == "break":
            made.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        made.setLineHeight(height, QTextBlockFormat.LineHeightTypes.MinimumHeight.value)
        made.setBottomMargin(bottom + below)
        return made

    def restyle(self, block: QTextBlock) -> None:
        self.rehighlightBlock(block)

    # ------------------------------------------------------------ text

    def highlightBlock(self, text: str) -> None:
        if self._loading:
            return
        block = self.currentBlock()
        number, start = block.blockNumber(), block.position()
        style = self.story.blocks[number].style if number < len(self.story.blocks) else "body"
        at, runs = 0, list(self.story.runs.within(start, start + block.length() - 1))
        for length, looks in runs:
            if looks or style in HEADS or style in ("code", "quote"):
                self.setFormat(at, length, self._format(looks, style))
            at += length
        if style == "code":
            self._colour_code(block)
        elif not self._all:
            self._underline(self.misspelt(text), runs, style, block.length() - 1)

    def _underline(self, words: Sequence[tuple[int, int]], runs: Sequence[Run], style: str,
                   end: int) -> None:
        """Wave under words (begin and length, in order), each in stretches that look the same."""
        at, place = 0, 0
        for low, length in words:
            high = min(low + length, end)
            while low < high:
                while place < len(runs) and at + runs[place][0] <= low:
                    at += runs[place][0]
                    place += 1
                looks = runs[place][1] if place < len(runs) else ()
                stop = min(high, at + runs[place][0]) if place < len(runs) else high
                self.setFormat(low, stop - low, self._wave(looks, style))
                low = stop

    def _wave(self, looks: Looks, style: str) -> QTextCharFormat:
        known = self._waves.get((looks, style))
        if known is None:
            plain = not looks and style not in HEADS and style != "quote"
            known = self._waves[looks, style] = QTextCharFormat() if plain else QTextCharFormat(
                self._format(looks, style))
            known.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
            known.setUnderlineColor(self.theme.color("err"))
        return known

    def _colour_code(self, block: QTextBlock) -> None:
        for low, length, token in self.coloured(block):
            form = QTextCharFormat(self._format((), "code"))
            form.setForeground(self.theme.color(token))
            self.setFormat(low, length, form)

    def _format(self, looks: Looks, style: str) -> QTextCharFormat:
        known = self._formats.get((looks, style))
        if known is None:
            known = self._formats[looks, style] = make_format(self.theme, looks, style)
        return known


def make_format(theme: Theme, looks: Looks, style: str) -> QTextCharFormat:
    """The face of text with these looks in a paragraph of this style."""
    made = QTextCharFormat()
    kinds = {kind for kind, _ in looks}
    font = QFont(theme.font("manuscript"))
    if style in HEADS:
        font = QFont(theme.font("chapter"))
        font.setPixelSize(theme.dp(HEADS[style][0]))
        font.setWeight(QFont.Weight.DemiBold)
    if style == "code" or "code" in kinds:
        font = QFont(theme.font("mono"))
        font.setPixelSize(theme.dp(13 if style == "code" else 15))
    if "bold" in kinds:
        font.setWeight(QFont.Weight.DemiBold if style not in HEADS else QFont.Weight.Bold)
    font.setItalic("italic" in kinds)
    font.setUnderline("underline" in kinds)
    font.setStrikeOut("strike" in kinds)
    made.setFont(font, QTextCharFormat.FontPropertiesInheritanceBehavior.FontPropertiesSpecifiedOnly)
    made.setForeground(theme.color("t2" if style == "quote" else "t1"))
    if "code" in kinds and style != "code":
        made.setBackground(theme.color("control"))
    if "link" in kinds:
        made.setForeground(theme.color("sky"))
        made.setFontUnderline(True)
    return made


class _Footnote(QPyTextObject):
    """The number of a footnote, raised. Numbers follow the order in the text."""

    def __init__(self, theme: Theme, story: StoryBase) -> None:
        super().__init__()
        self.theme, self.story = theme, story

    def number(self, position: int) -> int:
        return 1 + sum(at < position for at, _ in self.story.runs.objects("footnote"))

    def _font(self) -> QFont:
        font = QFont(self.theme.font("strong", tnum=True))
        font.setPixelSize(self.theme.dp(12))
        return font

    def intrinsicSize(self, doc: QTextDocument, position: int, form: QTextFormat) -> QSizeF:
        width = QFontMetricsF(self._font()).horizontalAdvance(str(self.number(position)))
        return QSizeF(width + self.theme.dp(3), self.theme.dp(14))

    def drawObject(self, painter: QPainter, rect: QRectF, doc: QTextDocument, position: int, form: QTextFormat
                   ) -> None:
        painter.setFont(self._font())
        painter.setPen(self.theme.color("spring"))
        painter.drawText(rect.translated(0, -self.theme.dp(4)), Qt.AlignmentFlag.AlignCenter,
                         str(self.number(position)))


class _Picture(QPyTextObject):
    """A picture of the project, at most as wide as the column; a placeholder until it is there."""

    def __init__(self, theme: Theme, story: StoryBase, pictures: Callable[[], Pictures]) -> None:
        super().__init__()
        self.theme, self.story, self.pictures = theme, story, pictures

    def _image(self, position: int) -> QImage | None:
        sha = picture_of(value_of(self.story.runs.at(position), "image") or "")[0]
        return self.pictures().get(sha) if sha else None

    def intrinsicSize(self, doc: QTextDocument, position: int, form: QTextFormat) -> QSizeF:
        frame = doc.rootFrame().frameFormat()
        wide = max(80.0, doc.textWidth() - frame.leftMargin() - frame.rightMargin())
        image = self._image(position)
        if image is None or image.isNull():
            return QSizeF(min(320.0, wide), 180.0)
        size = QSizeF(image.width(), image.height())
        if size.width() > wide or size.height() > TALLEST_PICTURE:
            size.scale(QSizeF(wide, TALLEST_PICTURE), Qt.AspectRatioMode.KeepAspectRatio)
        return size

    def drawObject(self, painter: QPainter, rect: QRectF, doc: QTextDocument, position: int, form: QTextFormat
                   ) -> None:
        image = self._image(position)
        painter.save()
        if image is None or image.isNull():
            painter.fillRect(rect, self.theme.color("control"))
            icon = self.theme.icons.icon("image")
            icon.paint(painter, QRectF(rect.center() - QPointF(12, 12), QSizeF(24, 24)).toRect())
        else:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(rect, image)
        painter.restore()

