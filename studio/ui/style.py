"""One style sheet for what Qt draws by itself: fields, lists, menus, tool tips, scroll bars.

Own-painted widgets (`studio.ui.widgets`) do not use it. It sets no fonts and no text colour on labels, so that
`QWidget.setFont` and palettes keep working.
"""

from __future__ import annotations

from string import Template
from typing import TYPE_CHECKING

from studio.ui.tokens import mix

if TYPE_CHECKING:
    from studio.ui.theme import Theme

SHEET = Template("""
QDialog, QMainWindow { background: $panel; }
QToolTip { background: $raised; color: $t1; border: 1px solid $line2; padding: 5px 8px; }

QLineEdit, QAbstractSpinBox {
  background: $control; color: $t1; border: 1px solid $field_edge; border-radius: 6px;
  padding: 0 8px; min-height: ${field}px; selection-background-color: $selection; selection-color: $t1;
  placeholder-text-color: $t3;
}
QPlainTextEdit, QTextEdit, QTextBrowser {
  background: $control; color: $t1; border: 1px solid $field_edge; border-radius: 6px;
  padding: 4px 7px; selection-background-color: $selection; selection-color: $t1;
  placeholder-text-color: $t3;
}
QLineEdit:hover, QPlainTextEdit:hover, QTextEdit:hover, QAbstractSpinBox:hover { background: $field_hover; }
QLineEdit:disabled, QPlainTextEdit:disabled, QTextEdit:disabled, QAbstractSpinBox:disabled {
  color: $t4; background: $control; }
QLineEdit[invalid="true"], QPlainTextEdit[invalid="true"] { border: 1px solid $err; }
QLineEdit[small="true"] { min-height: ${small}px; padding: 0 5px; }
QLineEdit[bare="true"], QPlainTextEdit[bare="true"], QTextEdit[bare="true"], QTextBrowser[bare="true"] {
  background: transparent; border: none; padding: 0; min-height: 0; border-radius: 0; }

.QPushButton {
  background: $control; color: $t1; border: none; border-radius: 6px; padding: 0 12px; min-height: ${button}px;
  font-weight: 500;
}
.QPushButton:hover { background: $hover; }
.QPushButton:pressed { background: $press; }
.QPushButton:default { background: $spring; color: $on_spring; }
.QPushButton:default:hover { background: $spring_hover; }
.QPushButton:disabled { color: $t4; background: $control; }

.QComboBox { background: $control; color: $t1; border: none; border-radius: 6px; padding: 0 8px;
  min-height: ${button}px; }
.QComboBox QAbstractItemView { background: $raised; border: 1px solid $line2; selection-background-color: $hover;
  selection-color: $t1; outline: none; }

QListView, QTreeView, QTableView {
  background: $panel; color: $t1; border: none; outline: none; selection-background-color: $spring_t;
  selection-color: $t1; alternate-background-color: $chrome;
}
QListView::item, QTreeView::item { min-height: ${row}px; border-radius: 6px; padding: 0 6px; }
QListView::item:hover, QTreeView::item:hover { background: $control; }
QListView::item:selected, QTreeView::item:selected { background: $spring_t; color: $t1; }
QHeaderView { background: $panel; border: none; }
QHeaderView::section { background: $panel; color: $t3; border: none; border-bottom: 1px solid $line; padding: 4px 8px; }

QMenu { background: $raised; color: $t1; border: 1px solid $line2; border-radius: 10px; padding: 6px; }
QMenu::item { padding: 0 12px 0 10px; min-height: ${row}px; border-radius: 6px; }
QMenu::item:selected { background: $hover; }
QMenu::item:disabled { color: $t4; background: transparent; }
QMenu::icon { padding-left: 8px; }
QMenu::separator { height: 1px; background: $line; margin: 6px 4px; }

QScrollBar { background: transparent; border: none; margin: 0; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line2; border-radius: 3px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $t4; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QSplitter::handle { background: $line; }

.QProgressBar { background: $line2; border: none; border-radius: 2px; max-height: 4px; text-align: center; }
.QProgressBar::chunk { background: $spring; border-radius: 2px; }
""")


def stylesheet(theme: Theme) -> str:
    """The sheet for the theme's current tokens and text scale."""
    t = theme.tokens
    return SHEET.substitute(
        {name: getattr(t, name) for name in t.names()},
        field_edge=t.t3 if theme.high_contrast else t.control,
        field_hover=mix(t.control, t.hover, 0.5),
        selection=mix(t.control, t.sky, 0.35),
        field=theme.dp(28) - 2, small=theme.dp(24) - 2, button=theme.dp(28), row=theme.dp(28),
    )
