"""The manuscript of the pictures."""

from __future__ import annotations

import datetime
from typing import TYPE_CHECKING, Any

from studio.shots.driving import settle, wait

if TYPE_CHECKING:
    from studio.shots.photographer import Photographer

BOOK = (
    ("The Drawer", (("The last drawer", "done", "The drawer had been painted shut for longer than the house had been "
                     "standing, which nobody could explain and everybody had stopped trying to."),)),
    ("Brass and Milk", (("The lamp wakes", "done", "The lamp woke first, as lamps do, and complained about the oil."),
                        ("Four small planets", "revised", "There were four of them, no larger than plums."),
                        ("Lift", "draft", "The engine found its low brass note and held it."))),
    ("The Blank Chart", (("A page with no stars", "draft", ""), ("The dark place", "planned", ""),
                         ("Something hums", "planned", ""))),
    ("The Lantern Whale", (("Warm paper", "planned", ""), ("A song in two keys", "planned", ""))),
)
"""Chapters, their scenes, how far these are, and their text."""
STORY = """The last chart in the drawer had no stars on it. Marzipan turned it over twice, as one does with a letter \
from a stranger, and found only a watermark and the brown ring of somebody’s tea.
“It isn’t empty,” said the lamp, who was old and liked to be asked. “It is a chart of somewhere nobody has been \
impressed by yet.”

Never trust a lighthouse that hums.
She spread it across the console and weighed down its corners with four small planets she had been meaning \
to return.\ufffc \
"""


class Book:
    """A manuscript with chapters and scenes, and the popups over it."""

    def __init__(self, photographer: Photographer) -> None:
        self.by = photographer
        photographer.desk.go("write")
        self.room: Any = photographer.window.workbench.room("write")

    def take(self) -> None:
        by, room = self.by, self.room
        self._fill()
        room.control.remember(goal=800)
        room.control.remember(day={"date": datetime.date.today().isoformat(), "start": 0})
        by.generate("")
        settle(3000)  # spelling reads its dictionary
        by.both("write")
        room.coauthor.ghost.dismiss()
        room.work.show_search()
        room.work._search.query.setText("lamp")
        wait(lambda: room.work._search.list.count() > 0)
        by.save("write-search-dark")
        room.work._search.dismiss()
        room.work.take_snapshot()
        settle(400)
        room.pane.replace((room.pane.text().index("Marzipan"), 8), "The cartographer’s cat")
        room.work.show_snapshots()
        settle(600)
        by.save("write-snapshots-dark")
        by.close_popups()
        room.work.show_export()
        by.save("write-export-dark")
        by.close_popups()
        room.work.toggle_focus()
        settle(6000)  # the notice goes
        by.save("write-focus-dark")
        room.work.toggle_focus()

    def _fill(self) -> None:
        """A small book, its open scene with looks of every kind."""
        from studio.project.manuscript.rows import Block, Mark, Prose

        room = self.room
        project, document = self.by.desk.session.project, room.control.document
        old = [node.id for node in project.manuscript_nodes(document) if not node.parent]
        shown = ""
        for title, scenes in BOOK:
            chapter = project.add_node(document, "chapter", title).result()
            for name, status, text in scenes:
                scene = project.add_node(document, "scene", name, chapter.id, status=status).result()
                project.set_prose(scene.id, Prose(text), 0).result()
                shown = scene.id if name == "A page with no stars" else shown
        story = STORY.rstrip("\n")
        marks = (Mark(story.index("Marzipan"), 8, "bold"), Mark(story.index("somewhere"), 9, "italic"),
                 Mark(story.index("\ufffc"), 1, "footnote", "One of them was still warm."))
        blocks = (Block(), Block(), Block("break"), Block("quote"), Block())
        project.set_prose(shown, Prose(story, blocks, marks), len(story)).result()
        for node in old:
            project.trash_node(node).result()
        room.control.show(shown)
        room.control.nodes_changed()
        wait(lambda: room.control.node == shown and len(room.work.structure.nodes) == 13)
        room.pane.set_cursor_position(len(story))
