"""The co-author's commands: what palette, menus and keys do with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from studio.ui.commandset import Command
from studio.ui.write.assist.actions import EDITS

if TYPE_CHECKING:
    from studio.ui.desk import Desk

Run = Callable[[Any], object]
GROUP = "Assist"
ROWS: list[tuple[str, str, str, str, Run]] = [
    ("assist.continue", "Continue the text", "Alt+C", "arrow-line-right", lambda co: co.act("continue")),
    ("assist.compare", "Continue in three branches", "Alt+Shift+C", "git-branch", lambda co: co.compare()),
    ("assist.branches", "Branches of this scene…", "", "git-branch", lambda co: co.show_branches()),
    ("ghost.ask", "Ghost text here", "Ctrl+Space", "ghost", lambda co: co.ghost.ask()),
    ("assist.words", "Other words here", "Alt+W", "list-numbers", lambda co: co.other_words.show_here()),
    ("assist.plan", "Outline from an idea…", "", "list-numbers", lambda co: co.extras.show_plan("outline")),
    ("assist.plan-scenes", "Scenes from an outline…", "", "list-dashes", lambda co: co.extras.plan_scenes()),
    ("assist.plan-names", "Names…", "", "identification-card", lambda co: co.extras.plan_names()),
    ("assist.context", "What the machine is told…", "", "list-magnifying-glass",
     lambda co: co.extras.show_context()),
    ("assist.report", "Report of who wrote what…", "", "file-text", lambda co: co.extras.show_report()),
    ("assist.picture", "Make a picture of this", "", "image", lambda co: co.extras.make_picture()),
    ("notes.add", "New story note", "", "note", lambda co: co.add_note()),
    ("notes.import", "Import a lorebook or a character card…", "", "download-simple",
     lambda co: co.extras.ask_notes()),
    ("notes.prompts", "Open the folder of prompts", "", "folder-open", lambda co: co.extras.open_prompts()),
    ("assist.show", "Assist", "", "sparkle", lambda co: co.show_tab("assist")),
    ("notes.show", "Story notes", "", "notebook", lambda co: co.show_tab("notes")),
    ("code.toggle", "Code page", "", "code", lambda co: co.code.toggle()),
    ("chat.show", "Chat", "Ctrl+Alt+T", "chat-circle", lambda co: co.show_chat()),
]
GHOST: list[tuple[str, str, str, str, Run]] = [
    ("ghost.accept", "Take the ghost text", "Tab", "check", lambda co: co.ghost.accept()),
    ("ghost.word", "Take a word of the ghost text", "Ctrl+Right", "arrow-right", lambda co: co.ghost.accept_word()),
    ("ghost.sentence", "Take a sentence of the ghost text", "Ctrl+Down", "arrow-down",
     lambda co: co.ghost.accept_sentence()),
    ("ghost.next", "Next ghost text", "Alt+]", "caret-right", lambda co: co.ghost.next()),
    ("ghost.previous", "Previous ghost text", "Alt+[", "caret-left", lambda co: co.ghost.previous()),
    ("ghost.dismiss", "Put the ghost text away", "Escape", "x", lambda co: co.ghost.dismiss()),
]
"""Their keys work on the page alone, while there is ghost text: the scope is no workspace, so they are no shortcuts of
the window."""
MENU = ("assist.rewrite", "assist.shorten", "assist.expand", "assist.grammar", "assist.custom", "", "assist.picture",
        "assist.read", "notes.add")
"""What the menu of the page offers; "" is a line."""


def assist_commands(desk: Desk) -> list[Command]:
    """Their keys work while Write is in front."""

    def at_write() -> bool:
        return desk.has_project() and desk.open is not None and desk.open.workbench.workspace == "write"

    def coauthor() -> Any:
        room: Any = desk.open.workbench.room("write") if desk.open is not None else None
        return room.coauthor if room is not None else None

    def on(run: Run) -> Callable[[], object]:
        return lambda: run(coauthor()) if desk.open is not None else None

    def can_read() -> bool:
        return at_write() and coauthor().extras.voice() is not None

    def told(id_: str) -> Callable[[], object]:
        if id_ == "custom":
            return on(lambda co: co.extras.edit_as_told())
        return on(lambda co: co.extras.show_dialogue() if id_ == "dialogue" else co.act(id_))

    reason = "Go to Write first"
    return [
        *(Command(id_, title, GROUP, key, on(run), at_write, icon, reason, scope="write")
          for id_, title, key, icon, run in ROWS),
        *(Command(f"assist.{action.id}", f"{action.title}{'…' if action.id == 'dialogue' else ''}", action.group,
                  action.key, told(action.id), at_write, action.icon, reason, scope="write") for action in EDITS),
        Command("assist.read", "Read aloud", GROUP, "", on(lambda co: co.extras.read_aloud()), can_read,
                "speaker-high", "No voice is installed", scope="write"),
        *(Command(id_, title, "Ghost text", key, on(run), at_write, icon, reason, scope="ghost")
          for id_, title, key, icon, run in GHOST),
    ]
