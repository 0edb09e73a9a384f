"""Prompt files: what the model is asked for each action, as text that a person may edit. See docs/prompts-text.md."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from plugins_builtin.language.telling import Messages
from studio.plugins import GeneratorError

MOST = 100_000
"""Characters of a prompt file that are read."""

SETTINGS = ("each", "length", "extra", "dry", "keep", "stop")

_SECTION = re.compile(r"^\[(system|user|assistant|answer)\]\s*$")
_SETTING = re.compile(r"^(\w+):\s*(.*?)\s*$")
_PLACE = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class PromptFile:
    """A prompt with places for texts.

    Attributes:
        sections: (role, text) in order; "answer" is what the model finds in its own mouth.
        each: "paragraph" asks for each paragraph of the passage on its own, "passage" for all at once.
        length, extra: the answer may take `length` tokens for each of the passage, and `extra` more.
        dry: the least DRY strength that suits the action; small models go round in circles without.
        keep: whether the last line of "answer" is part of the result.
        stops: the answer ends before any of these.
    """

    name: str
    sections: tuple[tuple[str, str], ...]
    each: str = "passage"
    length: float = 1.0
    extra: int = 200
    dry: float = 0.0
    keep: bool = False
    stops: tuple[str, ...] = ()

    def messages(self, values: Mapping[str, str]) -> tuple[Messages, str]:
        """The conversation with its places filled, and the beginning of the answer.

        A line with an empty place is left out, so that what is not given is not spoken of.
        """
        said, answer = [], ""
        for role, text in self.sections:
            filled = fill(text, values)
            if role == "answer":
                answer = filled
            elif filled.strip():
                said.append({"role": role, "content": filled.strip("\n")})
        return said, answer


def load_prompt(name: str, folder: Path) -> PromptFile:
    """The prompt `name`: the person's own file in `folder`/prompts, else the plugin's.

    Raises:
        GeneratorError: the file cannot be read or used; the sentence names it.
    """
    own = folder / "prompts" / f"{name}.txt"
    try:
        if own.is_file():
            return parse_prompt(name, own.read_bytes()[: MOST * 4].decode("utf-8-sig", "replace")[:MOST])
        return parse_prompt(name, (files(__package__ or "") / "prompts" / f"{name}.txt").read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise GeneratorError(
            f"The prompt file {name}.txt cannot be used: {error}. Mend it or delete it in {own.parent}."
        ) from error


def parse_prompt(name: str, text: str) -> PromptFile:
    """Read a prompt file. Raises ValueError with the end of a sentence."""
    settings: dict[str, str] = {}
    stops: list[str] = []
    sections: list[tuple[str, list[str]]] = []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if found := _SECTION.match(line):
            sections.append((found[1], []))
        elif sections:
            sections[-1][1].append(line)
        elif line.strip() and not line.startswith("#"):
            setting = _SETTING.match(line)
            if setting is None or setting[1] not in SETTINGS:
                raise ValueError(
                    f"line {number} is neither a setting ({', '.join(SETTINGS)}) nor a part such as [user]"
                )
            if setting[1] == "stop":
                stops.append(setting[2].replace("\\n", "\n"))
            else:
                settings[setting[1]] = setting[2]
    if not any(role in ("user", "system") for role, _ in sections):
        raise ValueError("it has neither a [user] nor a [system] part")
    parts = tuple((role, _section(role, "\n".join(lines))) for role, lines in sections)
    return PromptFile(
        name,
        parts,
        each=_each(settings),
        length=_number(settings, "length", 1.0, 20.0),
        extra=int(_number(settings, "extra", 200, 4096)),
        dry=_number(settings, "dry", 0, 5),
        keep=settings.get("keep", "no") == "yes",
        stops=tuple(stop for stop in stops if stop),
    )


def kept_line(answer: str) -> str:
    """What of the beginning of an answer belongs to the result: its last line, and white space before more text."""
    bare = answer.rstrip("\n")
    line = bare.rpartition("\n")[2] + answer[len(bare) :]
    return f"{line} " if line[-1:].isalnum() else line


def _section(role: str, text: str) -> str:
    """Without empty lines around it; one at the end of an answer stays, since the text then begins on a new line."""
    bare = text.strip("\n")
    return f"{bare}\n\n" if role == "answer" and text.endswith("\n\n") else bare


def _each(settings: Mapping[str, str]) -> str:
    each = settings.get("each", "passage")
    if each not in ("paragraph", "passage"):
        raise ValueError("each must be paragraph or passage")
    return each


def _number(settings: Mapping[str, str], name: str, default: float, most: float) -> float:
    try:
        value = float(settings.get(name, default))
    except ValueError:
        value = -1
    if not 0 <= value <= most:
        raise ValueError(f"{name} must be a number from 0 to {most:g}")
    return value


def fill(text: str, values: Mapping[str, str]) -> str:
    """Put texts into their places; braces that are no place stay, lines with an empty place go."""
    lines = []
    for line in text.split("\n"):
        places = [name for name in _PLACE.findall(line) if name in values]
        if all(values[name].strip() for name in places):
            lines.append(_PLACE.sub(lambda m: values.get(m[1], m[0]), line))
    return "\n".join(lines)
