"""`language.plan`: an outline from an idea, scenes from an outline, names."""

from __future__ import annotations

import re

from plugins_builtin.language.editor import request
from plugins_builtin.language.params import PlannerParams
from plugins_builtin.language.prompts import PromptFile, load_prompt
from plugins_builtin.language.share import Speaker
from plugins_builtin.language.speaking import Speaking, sampling_of
from plugins_builtin.language.telling import Teller, clean
from plugins_builtin.language.tidying import Tidy
from plugins_builtin.language.writer import LIBRARIES, room_for
from studio.plugins import Context, InputError, Requirements, Text

TOKENS_AN_ENTRY = {"outline": 70, "scenes": 70, "names": 16}

QUOTES = " \"'."
"""What is no part of a title, around it."""
_NUMBER = re.compile(r"^\s*(?:(\d+)[.):]|[-*•])\s*(.*)$")
_COUNTED = re.compile(r"^(?:chapter|scene|part)\s+(?:\d+|[ivx]+)\b\s*[:.–—-]\s*", re.IGNORECASE)
_MARKS = re.compile(r"[*_#`]+")


class Planner(Speaker):
    """Makes a list: chapters, scenes or names."""

    id = "language.plan"
    title = "Planner"
    produces = "text"
    summary = "Makes an outline from an idea, scenes from an outline, or names."
    icon = "list-numbers"
    requires = Requirements(memory=800 * 2**20)
    libraries = LIBRARIES

    class Params(PlannerParams):
        """What to plan."""

    def run(self, params: PlannerParams, ctx: Context) -> Text:
        """Plan. meta["items"]: [{"title", "text"}], what the lines of the text say.

        Raises:
            InputError: neither an idea nor a text is given.
        """
        context = clean(params.context.text) if params.context else ""
        if not params.prompt.strip() and not context.strip():
            raise InputError("There is nothing to plan from: type an idea.", field="prompt")
        prompt = load_prompt(params.task, ctx.data_dir)
        most = params.max_tokens or params.count * TOKENS_AN_ENTRY[params.task] + 20
        limit, room = room_for(most, self.backend)
        teller = Teller(self.backend)
        values = {
            "prompt": teller.take("prompt", clean(params.prompt), room // 3),
            "context": teller.take("context", context, room // 3, newest=True),
            "memory": teller.take("memory", clean(params.memory), room // 8),
            "style": teller.take("style_sample", clean(params.style_sample), room // 16),
            "note": teller.take("author_note", clean(params.author_note), room // 16),
            "count": str(params.count),
        }
        tokens = request(teller, prompt, values, room, clean(params.system))
        listed = prompt.messages(values)[1].rstrip().endswith("1.")
        text, spoken = (self._list if listed else self._free)(params, ctx, prompt, tokens, limit)
        dropped = sum(part.dropped for part in teller.parts)
        return Text.of(text, items=items(text)[: params.count], tokens=spoken[0], stopped=spoken[1],
                       **({"dropped": dropped} if dropped else {}))

    def _free(self, params: PlannerParams, ctx: Context, prompt: PromptFile, tokens: list[int], limit: int
              ) -> tuple[str, tuple[int, str]]:
        """The whole plan at once, as the model likes to write it."""
        stops = [*params.stop, *prompt.stops, f"\n{params.count + 1}."]
        speaking = Speaking(
            ctx, self.backend, params.slot, stops=stops, banned=params.banned_words, filters=[Tidy("1")]
        )
        spoken = speaking.run(tokens, sampling_of(params, self.backend, limit, dry=prompt.dry))
        return spoken.text, (spoken.tokens, spoken.ended)

    def _list(self, params: PlannerParams, ctx: Context, prompt: PromptFile, tokens: list[int], limit: int
              ) -> tuple[str, tuple[int, str]]:
        """Line by line, each begun with its number: a small model ends a list after one or two entries of its own."""
        each = max(1, limit // params.count)
        text, made, ended = "", 0, "eos"
        for number in range(1, params.count + 1):
            mark = "1." if number == 1 else f"\n{number}."
            told = self.backend.tokenize((text + mark)[len("1.") :], start=False) if number > 1 else []
            stops = [*params.stop, *prompt.stops, "\n"]
            ctx.token(f"{mark} ")
            speaking = Speaking(
                ctx, self.backend, params.slot, stops=stops, banned=params.banned_words, done=each * (number - 1),
                of=each * params.count,
            )
            spoken = speaking.run([*tokens, *told], sampling_of(params, self.backend, each, dry=prompt.dry))
            text, made, ended = f"{text}{mark} {spoken.text}", made + spoken.tokens, spoken.ended
        return text, (made, ended)


def items(text: str) -> list[dict[str, str]]:
    """The entries of a numbered or bulleted list; a title ends at a colon, a dash or the end of its line."""
    found: list[dict[str, str]] = []
    for line in text.split("\n"):
        entry = _NUMBER.match(line)
        plain = _COUNTED.sub("", _MARKS.sub("", (entry[2] if entry else line)).strip())
        if not plain.strip(QUOTES):
            continue
        if entry or not found:
            title, text_ = _divided(plain)
            found.append({"title": title, "text": text_})
        else:
            found[-1]["text"] = f"{found[-1]['text']} {plain}".strip()
    return found


def _divided(line: str) -> tuple[str, str]:
    for mark in (": ", " - ", " – ", " — "):
        title, found, text = line.partition(mark)
        if found and 0 < len(title) <= 80:
            return title.strip(QUOTES), text.strip()
    if len(line) <= 80:
        return line.strip(QUOTES), ""
    words = line[:60].rpartition(" ")[0] or line[:60]
    return f"{words} …", line
