"""A form from JSON Schema: rows of 32 px, made for the inspector. Authors of generators never write Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableMapping
from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QAction, QContextMenuEvent, QFontMetrics, QMouseEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from studio.ui.chips import ChipsEditor
from studio.ui.editors import EDITORS, Editor, FormPickers, SeedEditor, TextEditor
from studio.ui.presets import follow
from studio.ui.schema import FieldSpec, fields_of
from studio.ui.size import SizeEditor
from studio.ui.theme import Theme
from studio.ui.widgets.base import Themed
from studio.ui.widgets.fold import FoldSection
from studio.ui.widgets.labels import ElidedLabel, Label, Separator
from studio.ui.widgets.notices import Icon
from studio.ui.widgets.number import SliderField
from studio.ui.widgets.popup import Menu

__all__ = ["FormPickers", "SchemaForm"]

MAKERS = {**EDITORS, "chips": ChipsEditor}
LABEL, WIDEST_LABEL, GAP, ROW = 74, 108, 8, 32


class _Row(Themed, QWidget):
    """A label, an editor, and the place for an error below. Double-click on the label sets the default."""

    def __init__(self, theme: Theme, editor: Editor, label_width: int) -> None:
        super().__init__()
        self.editor = editor
        spec = editor.spec
        self.label = ElidedLabel(theme, spec.title, "body", "t2")
        self.label.installEventFilter(self)
        tip = spec.description
        if tip:
            self.label.setToolTip(tip)
            editor.focus.setAccessibleDescription(tip)
        editor.widget.setToolTip(editor.widget.toolTip() or tip)
        self._tip = tip
        self._error = Label(theme, "", "caption", "err", wrap=True)
        self._error_line = QWidget()
        line = QHBoxLayout(self._error_line)
        line.setContentsMargins(0, 0, 0, 4)
        line.setSpacing(6)
        line.addWidget(Icon(theme, "warning-circle", tone="err", size=14), 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(self._error, 1)
        self._error_line.hide()
        self._lay_out(theme, label_width)
        editor.complaint.connect(self.set_error)
        self.init_theme(theme)

    def _lay_out(self, theme: Theme, label_width: int) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 2, 0, 2)
        column.setSpacing(2)
        if self.editor.tall:
            column.addWidget(self.label)
            column.addWidget(self.editor.widget)
        else:
            row = QHBoxLayout()
            row.setSpacing(GAP)
            self.label.setFixedWidth(label_width)
            many = self.editor.widget.hasHeightForWidth()  # lines of chips: it stands beside the first
            self.label.setMinimumHeight(theme.dp(28) if many else 0)
            row.addWidget(self.label, 0, Qt.AlignmentFlag.AlignTop if many else Qt.AlignmentFlag(0))
            policy = self.editor.widget.sizePolicy().horizontalPolicy()
            fixed = policy == QSizePolicy.Policy.Fixed
            row.addWidget(self.editor.widget, 0 if fixed else 1)
            if fixed:
                row.addStretch(1)
            self.editor.widget.setMinimumHeight(theme.dp(28))
            column.addLayout(row)
        column.addWidget(self._error_line)

    def set_error(self, message: str) -> None:
        self._error.setText(message)
        self._error_line.setVisible(bool(message))
        self.editor.set_invalid(bool(message))
        self.editor.focus.setAccessibleDescription(f"Error: {message}" if message else self._tip)

    def error(self) -> str:
        return self._error.text()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        menu = Menu(self.theme, parent=self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        reset = QAction("Reset to default", menu)
        reset.triggered.connect(self.editor.reset)
        menu.addAction(reset)
        menu.popup(event.globalPos())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.MouseButtonDblClick and isinstance(event, QMouseEvent):
            self.editor.reset()
            return True
        return False


class SchemaForm(Themed, QWidget):
    """The form of one generator's Params.

    schema: JSON Schema as pydantic writes it, with `x-studio` hints. exclude_roles: fields of these roles are left out
    (the prompt bar shows prompt, negative and count). memory: which folded groups were opened, kept by the caller.
    Signal ``changed()`` when the person has changed any value.
    """

    changed = Signal()

    def __init__(self, schema: Mapping[str, Any], theme: Theme, pickers: FormPickers | None = None, *,
                 exclude_roles: Iterable[str] = (), memory: MutableMapping[str, bool] | None = None,
                 parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._pickers = pickers or FormPickers()
        self._memory: MutableMapping[str, bool] = {} if memory is None else memory
        self._title = str(schema.get("title", "")) if isinstance(schema, Mapping) else ""
        self._editors: dict[str, Editor] = {}
        self._rows: dict[str, _Row] = {}
        self._groups: dict[str, FoldSection] = {}
        self._frames: dict[str, QWidget] = {}
        """Each group with the line above it."""
        self._top: QVBoxLayout | None = None
        self._size: SizeEditor | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self.init_theme(theme)
        excluded = set(exclude_roles)
        self._build([f for f in fields_of(schema) if f.role not in excluded])
        self._show_wanted()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)

    # ------------------------------------------------------------ values

    def fields(self) -> list[FieldSpec]:
        """What the form shows, in the schema's order."""
        return [editor.spec for editor in self._editors.values()]

    def values(self) -> dict[str, Any]:
        """The values as JSON, nested like the schema.

        Left out are a media input without media that may not be None, an untouched field whose default only the
        generator knows, and what other fields say is of no use (`when`).
        """
        result: dict[str, Any] = {}
        for editor in self._editors.values():
            if not self.is_wanted(editor.spec):
                continue
            value = editor.value()
            if value is None and not editor.spec.nullable and editor.spec.kind == "media":
                continue
            if editor.spec.hidden_default and not editor.touched:
                continue
            target = result
            for name in editor.spec.path[:-1]:
                target = target.setdefault(name, {})
            target[editor.spec.path[-1]] = value
        return result

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show values silently; unknown names and values of the wrong type are ignored."""
        for editor in self._editors.values():
            here: Any = values
            for name in editor.spec.path:
                if not isinstance(here, Mapping) or name not in here:
                    break
                here = here[name]
            else:
                editor.set_value(here)
                editor.touched = True
        if self._size is not None:
            self._size.refresh()
        self._show_wanted()

    def is_wanted(self, spec: FieldSpec) -> bool:
        """Whether a field is of use with what the others say; what depends on a field that is not there always is."""
        return all(other.value() in values for name, values in spec.when.items()
                   if (other := self._editors.get(name)) is not None)

    def _show_wanted(self) -> None:
        """Show the rows that are of use, and the groups that have one."""
        shown: dict[str, bool] = {}
        for row in self._rows.values():
            wanted = self.is_wanted(row.editor.spec)
            row.setVisible(wanted)
            shown[row.editor.spec.group] = shown.get(row.editor.spec.group, False) or wanted
        for group, frame in self._frames.items():
            frame.setVisible(shown.get(group, False))

    def reset(self) -> None:
        """All fields to their defaults."""
        for editor in self._editors.values():
            editor.set_value(editor.spec.default)
            editor.touched = False
        if self._size is not None:
            self._size.refresh()
        self._show_wanted()
        self.clear_errors()
        self.changed.emit()

    def refresh_models(self) -> None:
        """The installed models have changed."""
        for editor in self._editors.values():
            refresh = getattr(editor, "refresh", None)
            if callable(refresh):
                refresh()

    # ------------------------------------------------------------ errors

    def set_error(self, field: str, message: str) -> bool:
        """Show a sentence at a field ("name" or "outer.inner"), "" to take it away; False if it is not shown here."""
        row = self._rows.get(field) or next((r for n, r in self._rows.items() if n.split(".")[0] == field), None)
        if row is None or not self.is_wanted(row.editor.spec):
            return False
        row.set_error(message)
        section = self._groups.get(row.editor.spec.group)
        if message and section is not None and not section.is_open():
            section.set_open(True)
        if message and self.isVisible():
            row.editor.focus.setFocus(Qt.FocusReason.OtherFocusReason)
        return True

    def error(self, field: str) -> str:
        row = self._rows.get(field)
        return row.error() if row else ""

    def clear_errors(self) -> None:
        for row in set(self._rows.values()):
            row.set_error("")

    # ------------------------------------------------------------ seeds

    def seed_locked(self) -> bool:
        """Whether the seed is kept; True where there is no seed."""
        return all(e.field.locked() for e in self._editors.values() if isinstance(e, SeedEditor))

    def set_seed_locked(self, locked: bool) -> None:
        for editor in self._editors.values():
            if isinstance(editor, SeedEditor):
                editor.field.set_locked(locked)

    def roll_seed(self) -> None:
        """A new random seed, if it is not locked."""
        for editor in self._editors.values():
            if isinstance(editor, SeedEditor) and not editor.field.locked():
                editor.field.roll()

    def editor(self, field: str) -> Editor | None:
        """The editor of a field, for tests and for tying it to the prompt bar."""
        return self._editors.get(field)

    # ------------------------------------------------------------ building

    def _build(self, specs: list[FieldSpec]) -> None:
        metrics = QFontMetrics(self.theme.font("body"))
        longest = max((metrics.horizontalAdvance(s.title) for s in specs), default=0) + 2
        width = min(max(self.theme.dp(LABEL), longest), self.theme.dp(WIDEST_LABEL))
        pair = self._size_pair(specs)
        for spec in specs:
            if pair and spec in pair:
                if spec is pair[0]:
                    self._add_size(pair, width)
                continue
            editor = self._editor(spec)
            self._editors[spec.name] = editor
            row = _Row(self.theme, editor, width)
            self._rows[spec.name] = row
            self._place(spec.group).addWidget(row)
            editor.changed.connect(self._taker(row))
        boxes = [editor.widget.box for editor in self._editors.values() if isinstance(editor.widget, SliderField)]
        widest = max((box.sizeHint().width() for box in boxes), default=0)
        for box in boxes:  # so that the sliders end alike
            box.setMinimumWidth(widest)

    def _editor(self, spec: FieldSpec) -> Editor:
        try:
            return MAKERS[spec.kind](spec, self.theme, self._pickers)
        except (TypeError, ValueError, OverflowError, ArithmeticError):
            return TextEditor(spec, self.theme, self._pickers)

    def _size_pair(self, specs: list[FieldSpec]) -> tuple[FieldSpec, FieldSpec] | None:
        """Width and height of one group, which share a row."""
        numbers = [s for s in specs if s.kind in ("slider", "number") and s.whole]
        width = next((s for s in numbers if s.role == "width"), None)
        height = next((s for s in numbers if s.role == "height"), None)
        return (width, height) if width and height and width.group == height.group else None

    def _add_size(self, pair: tuple[FieldSpec, FieldSpec], label_width: int) -> None:
        self._size = size = SizeEditor(pair[0], pair[1], self.theme)
        place = self._place(pair[0].group)
        place.addSpacing(6)
        place.addWidget(size.presets)
        place.addSpacing(4)
        row = _Row(self.theme, size, label_width)
        place.addWidget(row)
        size.changed.connect(self._taker(row))
        for spec, editor in zip(pair, size.editors, strict=True):
            self._editors[spec.name] = editor
            self._rows[spec.name] = row

    def _taker(self, row: _Row) -> Callable[[], None]:
        def take() -> None:
            if row.error() and not row.editor.keeps_complaint:
                row.set_error("")
            follow(row.editor, self._editors)
            self._show_wanted()
            self.changed.emit()
        return take

    def _place(self, group: str) -> QVBoxLayout:
        if not group:
            return self._column_top()
        if group not in self._groups:
            key = f"{self._title}/{group}"
            section = FoldSection(self.theme, group, open_=bool(self._memory.get(key, False)))
            section.body.setSpacing(0)
            section.folded.connect(lambda folded, k=key: self._memory.__setitem__(k, not folded))
            frame = QWidget()
            column = QVBoxLayout(frame)
            column.setContentsMargins(0, 8, 0, 0)
            column.setSpacing(4)
            column.addWidget(Separator(self.theme))
            column.addWidget(section)
            self._column.addWidget(frame)
            self._groups[group], self._frames[group] = section, frame
        return self._groups[group].body

    def _column_top(self) -> QVBoxLayout:
        """The rows that are always shown come first, whatever the order in the schema."""
        if self._top is None:
            self._top = QVBoxLayout()
            self._top.setSpacing(0)
            self._column.insertLayout(0, self._top)
        return self._top
