"""A room: one workspace on the workbench, with its pane, its tools and what joins them to the project.

A room is made when it is first shown, so that the window's start waits for one workspace and not for all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import TYPE_CHECKING, Any, ClassVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from studio.engine.job import new_id
from studio.project.rows import DocumentKind
from studio.ui.toolstrip import ToolLike

if TYPE_CHECKING:
    from studio.engine.job import Failed, Job
    from studio.project import ResultRow
    from studio.ui.desk import Desk
    from studio.ui.prompt import PromptState
    from studio.ui.requests import Ask
    from studio.ui.workbench import Workbench


@dataclass(frozen=True)
class RoomSpec:
    """What is known of a room before it is made.

    Attributes:
        kinds: what generators of this workspace produce; results of these kinds belong into it.
        default: the generator to begin with, where it is installed.
        unit: what a step of progress is called, "" for per cent: letters and samples are not counted.
        place: module and class, "package.module:Class".
        bar_width: the widest that the prompt bar gets, in pixels.
    """

    id: str
    title: str
    icon: str
    key: str
    kinds: tuple[str, ...]
    default: str
    placeholder: str
    place: str
    unit: str = "Step"
    bar_width: int = 832

    def make(self, bench: Workbench) -> Room:
        module, _, name = self.place.partition(":")
        room: Room = getattr(import_module(module), name)(bench)
        return room


@dataclass(frozen=True)
class InspectorTab:
    """A tab of the inspector that is there while its room is in front."""

    id: str
    title: str
    page: QWidget = field(compare=False)


class Room(QObject):
    """Base of the workspaces. A subclass sets `pane` in its constructor and overrides what it needs.

    Attributes:
        pane: the document in the middle; it has ``undo``, ``redo``, ``can_undo``, ``can_redo`` and the signal
            ``undo_changed``.
    """

    id: ClassVar[str]

    said = Signal(str)
    """One sentence for the person."""

    pane: Any

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.bench, self.session, self.theme = bench, bench.session, bench.theme

    def move_in(self, desk: Desk) -> None:
        """Take from the desk what it needs of settings, commands and folders."""

    def when_open(self, do: Callable[[], object]) -> None:
        """Call `do` once the document can be changed: at once, where it is not being read."""
        do()

    # ------------------------------------------------------------ what the workbench shows of it

    def tools(self) -> Sequence[ToolLike]:
        """For the tool strip."""
        return ()

    def heads(self) -> list[QWidget]:
        """Above the tools: toggles of panels, and what acts at once."""
        return []

    def bar_margin(self) -> int:
        """How much at the left of the pane the prompt bar leaves out when it stands in the middle, in pixels."""
        return 0

    def foot(self) -> list[QWidget]:
        """Below the tools."""
        return []

    def structure(self) -> QWidget | None:
        """For the lower half of the inspector: what the document is made of."""
        return None

    def tabs(self) -> Sequence[InspectorTab]:
        """Besides Generate and Details."""
        return ()

    def context_bar(self) -> QWidget:
        widget: QWidget = self.pane.context_bar()
        return widget

    # ------------------------------------------------------------ what it is asked

    def ask(self, state: PromptState, schema: dict[str, Any]) -> Ask | None:
        """What Generate makes of the draft here; None where that cannot be, which the room has said."""
        raise NotImplementedError

    def place_result(self, row: ResultRow) -> None:
        """Put a result into the document."""

    def take_settings(self, params: dict[str, Any]) -> None:
        """The settings of a result, or of a picture from elsewhere, came into the form."""

    def target(self) -> dict[str, Any]:
        """Where a result that is made again belongs; {} for the results alone."""
        return {}

    def form_changed(self, values: dict[str, Any]) -> None:
        """The person changed the form while this room is in front."""

    def shown(self) -> None:
        """It came to the front."""

    def set_bottom_inset(self, height: int, left: int) -> None:
        """The prompt bar covers the lowest `height` pixels of the pane, from `left` on."""

    def failed(self, event: Failed, job: Job) -> bool:
        """Whether the room itself says that a job failed."""
        return False

    def find(self, focused: QWidget | None) -> bool:
        """Ctrl+F: True where the room searches in its document."""
        return False

    # ------------------------------------------------------------ its end

    def save(self) -> None:
        """Hand everything unsaved to the project."""

    def end(self) -> None:
        """End its threads; nothing is asked of it afterwards."""

    def first_document(self, kind: DocumentKind, title: str, added: Callable[[Any], object] | None = None) -> str:
        """The id of the project's first document of a kind. Where there is none it is made, and may be on its way to
        the file for a moment; `added` follows. "" where there is none and the project cannot be written."""
        project = self.session.project
        documents = project.documents(kind)
        if documents:
            return documents[0].id
        if project.read_only:
            return ""
        name = new_id()
        self.session.store(project.add_document(kind, title, name), added)
        return name
