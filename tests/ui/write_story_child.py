"""A real window in which a person and the starter model write a page together. Run by test_write_story.

Prints a line of JSON for each step, then one with "saved": the text and who wrote what, once everything is in the
project file, and waits to be killed.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from studio.app import Studio
from studio.settings import Paths
from studio.shots import wait
from studio.ui.write.assist.worddiff import hunks

FIRST = "The last chart in the drawer had no stars on it."
SECOND = "She was very scared of the dark place on the map, but she had decided that she would go there anyway."
THIRD = "So she wetted the pen, licked one paw for luck, and steered toward"
Key, Mod = Qt.Key, Qt.KeyboardModifier


def say(**facts: Any) -> None:
    os.write(1, (json.dumps(facts) + "\n").encode())


class Story:
    """One writer. Each step is what the person does and what has to hold afterwards."""

    def __init__(self, studio: Studio) -> None:
        self.studio, self.bench = studio, studio.window.workbench
        self.session, self.pane = studio.desk.session, self.bench.write
        self.page, self.co = self.pane.page, self.bench.room("write").coauthor

    @property
    def text(self) -> str:
        return str(self.pane.text())

    def key(self, key: Key, modifier: Mod = Mod.NoModifier) -> None:
        QTest.keyClick(self.page, key, modifier)

    def rest(self) -> None:
        wait(lambda: not [job for job in self.session.jobs if not job.state.ended] and not self.session._pending)
        assert not self.bench.error.isVisible(), self.bench.error.message.text()

    def origins(self) -> set[str]:
        return {span["recipe"] for span in self.pane.spans()}

    # ------------------------------------------------------------ steps

    def type(self) -> None:
        self.co.tab._set(ghost="asked")
        self.page.setFocus()
        QTest.keyClicks(self.page, FIRST)
        for line in (SECOND, THIRD):
            self.key(Key.Key_Return)
            QTest.keyClicks(self.page, line)
        assert self.text == "\n".join((FIRST, SECOND, THIRD))

    def ghost(self) -> None:
        """By word, and whole; nothing is in the text before."""
        before = self.text
        self.co.ghost.ask()
        wait(lambda: bool(self.co.ghost.shown) and self.co.ghost.state.current.done)
        for _ in range(8):  # any seed may end a sentence at once: then another one is asked for
            if len(self.co.ghost.shown.split()) > 2:
                break
            self.co.ghost.next()
            wait(lambda: bool(self.co.ghost.shown) and self.co.ghost.state.current.done)
        assert self.text == before
        shown, word = self.co.ghost.shown, self.co.ghost.state.word()
        self.key(Key.Key_Right, Mod.ControlModifier)
        assert self.text == before + word
        self.key(Key.Key_Tab)
        assert self.text == before + shown
        self.rest()
        assert len(self.origins()) == 1
        assert "" not in self.origins()

    def rewrite(self) -> None:
        """The second paragraph; of the changes only the first is taken."""
        self.co.page.set_caret(len(FIRST) + 5)
        self.co.act("rewrite")
        shown = self.co.cards.shown[0]
        for _ in range(5):
            wait(lambda: shown.card.version.done)
            if hunks(shown.card._pieces):
                break
            shown.card.step(1)
        found = hunks(shown.card._pieces)
        assert found, "the model has changed nothing in five answers"
        shown.card.toggle_hunk(found[0])
        piece, wanted = shown.card._pieces[found[0]], shown.card.answer()
        shown.card.take()
        assert self.text.split("\n")[1] == wanted
        assert not self.co.cards.shown
        taken = [self.text[s["start"] : s["start"] + s["length"]] for s in self.pane.spans()]
        assert not piece.new or any(piece.new.strip() in text for text in taken), (piece, taken)

    def other_word(self) -> None:
        """A word of the machine gives way to another likely one; what followed it is kept as a branch."""
        at = len(self.text) - len(self.text.split("\n")[2]) + len(THIRD) + 2
        assert self.co.page.span(at) is not None
        self.co.page.set_caret(at)
        said: list[str] = []
        self.co.other_words.said.connect(said.append)
        self.co.other_words.show_here()
        wait(lambda: self.co.other_words.found is not None or bool(said))
        assert not said, (said, self.co.page.span(at), self.pane.spans(), self.text)
        found = self.co.other_words.found
        now = found.choice.options
        rest = self.co.page.text(found.start, found.end)
        place = next(n for n, option in enumerate(now) if option.text.strip() and not rest.startswith(option.text))
        self.co.other_words.pick(place)
        assert self.text.endswith(now[place].text)
        wait(lambda: self.co.ghost.state.current is not None and self.co.ghost.state.current.done)
        self.co.ghost.clear()
        self.rest()
        assert rest in [branch.text for branch in self.session.project.branches(self.co.node())]

    def branch(self) -> None:
        """Two continuations; the second is kept."""
        before = self.text
        self.co.page.set_caret(len(before))
        self.co.tab._set(length="sentence")
        self.co.go_on(2)
        wait(lambda: all(strand.done for strand in self.co.branches.open.card.strands))
        second = self.co.branches.open.card.strands[1].text
        self.key(Key.Key_2, Mod.AltModifier)
        assert self.text == before + second
        self.rest()
        assert sum(branch.kept for branch in self.session.project.branches(self.co.node())) == 1

    def back_and_forth(self) -> None:
        """Undo everything to the first letter, redo everything: each text on the way back is that of the way there."""
        there = [self.text]
        while self.pane.can_undo():
            self.studio.desk.open.undo()
            there.append(self.text)
        assert there[-1] == "", there[-1]
        assert not self.pane.spans()
        back = [self.text]
        while self.pane.can_redo():
            self.studio.desk.open.redo()
            back.append(self.text)
        assert back == there[::-1]

    def talk(self) -> None:
        """One question to the chat, which is kept."""
        self.co.chat.send("Who is afraid?")
        wait(lambda: not self.co.chat.panel.running)
        self.rest()
        assert [m.role for m in self.co.chat.tree.path()] == ["user", "assistant"]

    def save(self) -> None:
        self.pane.flush()
        self.rest()


def main(path: str) -> int:
    app = QApplication([])
    studio = Studio(app, Paths.from_env())
    studio.theme.set_reduced_motion(True)
    studio.window.resize(1440, 900)
    assert studio.desk.open_project(Path(path), create=True)
    studio.window.show()
    studio.desk.go("write")
    wait(lambda: studio.desk.session.discovery.find("language.edit") is not None)
    story = Story(studio)
    for step in (story.type, story.ghost, story.rewrite, story.other_word, story.branch, story.talk,
                 story.back_and_forth):
        step()
        story.rest()
        say(step=step.__name__, text=story.text)
    story.save()
    say(saved=story.text, spans=story.pane.spans())
    return app.exec()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
