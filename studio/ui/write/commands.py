"""The commands of the manuscript: what palette, menus and keys do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from studio.ui.commandset import Command

if TYPE_CHECKING:
    from studio.ui.desk import Desk

Run = Callable[[Any], object]
ROWS: list[tuple[str, str, str, str, str, Run]] = [
    ("write.new-scene", "New scene", "Manuscript", "Ctrl+Alt+N", "file-text", lambda at: at.work.scenes.add("scene")),
    ("write.new-chapter", "New chapter", "Manuscript", "Ctrl+Alt+Shift+N", "bookmark-simple",
     lambda at: at.work.scenes.add("chapter")),
    ("write.new-part", "New part", "Manuscript", "", "books", lambda at: at.work.scenes.add("part")),
    ("write.next", "Next scene", "Manuscript", "Ctrl+Alt+PgDown", "arrow-down", lambda at: at.control.step(1)),
    ("write.previous", "Previous scene", "Manuscript", "Ctrl+Alt+PgUp", "arrow-up", lambda at: at.control.step(-1)),
    ("write.split", "Split the scene at the caret", "Manuscript", "Ctrl+Alt+S", "scissors",
     lambda at: at.work.structure.split()),
    ("write.merge", "Merge with the next scene", "Manuscript", "", "arrows-merge",
     lambda at: at.work.structure.merge(at.control.node)),
    ("write.trash", "Throw the scene away", "Manuscript", "", "trash",
     lambda at: at.work.scenes.trash(at.control.node)),
    ("write.bin", "Bring back what was thrown away…", "Manuscript", "", "arrow-counter-clockwise",
     lambda at: at.work.scenes.show_bin()),
    ("write.snapshot", "Keep a snapshot of the scene", "Manuscript", "Ctrl+S", "clock-counter-clockwise",
     lambda at: at.work.take_snapshot()),
    ("write.snapshots", "Snapshots of the scene…", "Manuscript", "", "clock-counter-clockwise",
     lambda at: at.work.show_snapshots()),
    ("write.search", "Find and replace in the manuscript", "Manuscript", "Ctrl+Shift+F", "magnifying-glass",
     lambda at: at.work.show_search()),
    ("write.scene", "Synopsis, status and goal of the scene", "Manuscript", "", "note-pencil",
     lambda at: at.work.show_scene_tab(at.control.node)),
    ("write.figures", "Figures of the text…", "Manuscript", "", "chart-bar", lambda at: at.work.show_stats()),
    ("write.goal", "Words a day…", "Manuscript", "", "target", lambda at: at.work.scenes.ask_day_goal()),
    ("write.import", "Import a text…", "Manuscript", "", "download-simple", lambda at: at.work.show_import()),
    ("write.export", "Export the manuscript…", "Manuscript", "Ctrl+Shift+E", "export",
     lambda at: at.work.show_export()),
    ("write.outline", "Show or hide the outline", "View", "Ctrl+Alt+O", "list-bullets",
     lambda at: at.work.toggle_outline()),
    ("write.focus", "Focus on the page", "View", "F11", "target", lambda at: at.work.toggle_focus()),
    ("write.typewriter", "Typewriter scrolling", "View", "Ctrl+Alt+W", "keyboard",
     lambda at: at.work.set_typewriter(not at.pane.page.typewriter)),
    ("write.authorship", "Show who wrote what", "View", "Ctrl+Shift+A", "pencil-line",
     lambda at: at.pane.set_authorship(not at.pane.page.authorship)),
    ("write.bold", "Bold", "Text", "", "text-b", lambda at: at.pane.page.editing.toggle("bold")),
    ("write.italic", "Italic", "Text", "", "text-italic", lambda at: at.pane.page.editing.toggle("italic")),
    ("write.underline", "Underline", "Text", "", "text-underline",
     lambda at: at.pane.page.editing.toggle("underline")),
    ("write.strike", "Strike through", "Text", "", "text-strikethrough",
     lambda at: at.pane.page.editing.toggle("strike")),
    ("write.code", "Code in the line", "Text", "", "code", lambda at: at.pane.page.editing.toggle("code")),
    ("write.plain", "Take all emphasis away", "Text", "Ctrl+Alt+Space", "eraser",
     lambda at: at.pane.page.editing.clear_looks()),
    ("write.link", "Link…", "Text", "Ctrl+Shift+K", "link", lambda at: at.work.objects.ask_link()),
    ("write.footnote", "Footnote…", "Text", "Ctrl+Alt+F", "asterisk", lambda at: at.work.objects.add_footnote()),
    ("write.picture", "Picture…", "Text", "Ctrl+Alt+P", "image", lambda at: at.work.objects.ask_picture()),
    ("write.break", "Scene break", "Text", "Ctrl+Alt+B", "dots-three",
     lambda at: at.pane.page.editing.insert_break()),
    ("write.paste-plain", "Paste without formatting", "Text", "Ctrl+Shift+V", "clipboard-text",
     lambda at: at.pane.page.paste_plain()),
]
STYLES = (("body", "Body text", "Ctrl+Alt+0"), ("h1", "Heading 1", "Ctrl+Alt+1"), ("h2", "Heading 2", "Ctrl+Alt+2"),
          ("h3", "Heading 3", "Ctrl+Alt+3"), ("quote", "Quote", "Ctrl+Shift+9"),
          ("bullet", "Bulleted list", "Ctrl+Shift+8"), ("number", "Numbered list", "Ctrl+Shift+7"),
          ("code", "Code paragraph", ""))


def write_commands(desk: Desk) -> list[Command]:
    """Their keys work while Write is in front."""

    def at_write() -> bool:
        return desk.has_project() and desk.open is not None and desk.open.workbench.workspace == "write"

    def on(run: Run) -> Callable[[], object]:
        return lambda: run(desk.open.workbench.room("write")) if desk.open is not None else None

    def styled(style: str) -> Callable[[], object]:
        return on(lambda at: at.pane.page.editing.set_style(style))

    reason = "Go to Write first"
    return [
        *(Command(id_, title, group, key, on(run), at_write, icon, reason, scope="write")
          for id_, title, group, key, icon, run in ROWS),
        *(Command(f"style.{style}", title, "Text", key, styled(style), at_write, "text-aa", reason, scope="write")
          for style, title, key in STYLES),
    ]
