"""What the machine can do with a passage: one table for buttons, menu, palette and keys."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Needs = Literal["", "selection", "passage"]


@dataclass(frozen=True)
class Action:
    """One thing to ask for.

    Attributes:
        id: the command is "assist.<id>".
        action: of `language.edit`, "" for what is asked otherwise.
        icon, title: as buttons and the palette show it; `card` heads the card.
        mode: "diff" stands for the passage, "answer" is put beside it.
        key: default key.
        needs: "passage" takes the paragraph of the caret where nothing is selected.
    """

    id: str
    action: str
    icon: str
    title: str
    mode: Literal["diff", "answer"] = "diff"
    key: str = ""
    needs: Needs = "passage"
    group: str = "Assist"


REWRITE = Action("rewrite", "rewrite", "arrows-clockwise", "Rewrite", key="Alt+R")
SHORTEN = Action("shorten", "shorten", "scissors", "Shorten", key="Alt+S")
EXPAND = Action("expand", "expand", "arrows-out-line-horizontal", "Expand", key="Alt+E")
SUMMARISE = Action("summarise", "summarise", "list-bullets", "Summarise", "answer")
TRANSLATE = Action("translate", "translate", "translate", "Translate")
SENSES = Action("senses", "senses", "flower-lotus", "Describe with senses")
TONE = Action("tone", "tone", "smiley", "Change the tone")
GRAMMAR = Action("grammar", "grammar", "check-circle", "Fix grammar", key="Alt+G")
CUSTOM = Action("custom", "custom", "chat-teardrop-text", "Edit as told")
DIALOGUE = Action("dialogue", "dialogue", "chats-circle", "Dialogue in a voice", "answer", needs="")
EXPLAIN = Action("explain", "explain", "question", "Explain", "answer", group="Code")
TESTS = Action("tests", "tests", "flask", "Write tests", "answer", group="Code")
BUGS = Action("bugs", "bugs", "bug", "Find the bug", "answer", group="Code")

EDITS = (REWRITE, SHORTEN, EXPAND, SUMMARISE, TRANSLATE, SENSES, TONE, GRAMMAR, CUSTOM, DIALOGUE, EXPLAIN, TESTS, BUGS)
CODE = (EXPLAIN, TESTS, BUGS)
BY_ID = {action.id: action for action in EDITS}

SENSE_ICONS = (("sight", "eye", "Sight"), ("hearing", "ear", "Hearing"), ("touch", "hand", "Touch"),
               ("smell", "wind", "Smell"))
TONES = ("Plain", "Warm", "Wry", "Tense", "Lyrical", "Childlike", "Formal", "Archaic")
LANGUAGES = ("English", "German", "French", "Spanish", "Italian", "Portuguese", "Dutch", "Polish", "Russian",
             "Ukrainian", "Turkish", "Arabic", "Hindi", "Chinese", "Japanese", "Korean")
LENGTHS = {"sentence": 40, "passage": 160, "page": 500}
"""Tokens that a continuation may have."""
