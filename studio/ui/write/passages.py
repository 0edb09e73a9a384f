"""Passages of jobs: they stream into the scene that they were asked for, whatever is on the page by then."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtWidgets import QWidget

from studio.ui.write.manuscript import Manuscript
from studio.ui.write.story import Story


class Passages(QWidget):
    """The part of the pane that takes what generators write."""

    page: Manuscript
    stories: dict[str, Story]
    _jobs: dict[str, Story]
    _waiting: list[tuple[str, str]]

    @property
    def story(self) -> Story:
        """Of the scene on the page."""
        return self.page.story

    def begin_passage(self, job_id: str, position: int, node: str = "") -> None:
        """Text of a job will come in at `position` of the scene `node` (that on the page, where it is not open); the
        place is kept while the person goes on writing."""
        story = self._jobs[job_id] = self.stories.get(node, self.story)
        story.begin_passage(job_id, story.shadow.to_units(position))

    def append_token(self, job_id: str, text: str) -> None:
        """Put text at the end of the job's passage. Unknown jobs (taken back already) are passed over."""
        if self.page.composing:
            self._waiting.append((job_id, text))  # an input method holds the paragraph
            return
        story = self._jobs.get(job_id, self.story)
        if story is not self.story:
            story.append(job_id, text)  # its scene is not on the page
            return
        visible = self.page.follows = self.page.caret_visible()
        try:
            passage = self.story.append(job_id, text)
        finally:
            self.page.follows = True
        if passage is not None and visible:
            end, caret = self.page.rect_at(passage.end), QRectF(self.page.cursorRect())
            room = self.page.viewport().height() - self.page.bottom_inset - 24
            down = min(end.bottom() - room, max(0.0, caret.top() - 8))
            if down > 0:
                bar = self.page.verticalScrollBar()
                bar.setValue(bar.value() + int(down))

    def end_passage(self, job_id: str, result_id: str) -> None:
        """The job is finished: its text becomes one step of undo, marked with the result it came from."""
        self._catch_up()
        self._jobs.pop(job_id, self.story).land(job_id, result_id)

    def fail_passage(self, job_id: str) -> None:
        """The job failed or was stopped: what came stays, as one step of undo."""
        self._catch_up()
        self._jobs.pop(job_id, self.story).land(job_id)

    def put_passage(self, text: str, result_id: str, position: int | None = None) -> None:
        """Insert a finished machine text (at the caret, if no position is given) as one step of undo."""
        at = self.page.textCursor().position() if position is None else self.story.shadow.to_units(position)
        end = self.story.put_passage(text, result_id, at)
        cursor = self.page.textCursor()
        cursor.setPosition(end)
        self.page.setTextCursor(cursor)

    def streaming(self) -> list[str]:
        """The jobs whose passages are open."""
        stories = {self.story, *self.stories.values()}
        return [p.job for story in stories for p in story.history.floating]

    def _catch_up(self) -> None:
        waiting, self._waiting = self._waiting, []
        for job_id, text in waiting:
            self._jobs.get(job_id, self.story).append(job_id, text)
