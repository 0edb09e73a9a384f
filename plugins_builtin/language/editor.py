"""`language.edit`: one action on a passage, such as rewriting or shortening it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from plugins_builtin.language.backend import Backend
from plugins_builtin.language.params import EditorParams
from plugins_builtin.language.prompts import PromptFile, kept_line, load_prompt
from plugins_builtin.language.share import Speaker
from plugins_builtin.language.speaking import Speaking, Spoken, sampling_of
from plugins_builtin.language.telling import Teller, clean, without_middle
from plugins_builtin.language.tidying import Tidy
from plugins_builtin.language.writer import LIBRARIES, room_for
from studio.plugins import Context, InputError, Requirements, Text

CODE_ACTIONS = ("explain", "tests", "bugs")
AROUND = 1200
"""Characters before and after the passage that the model may see."""


@dataclass(frozen=True)
class Piece:
    """A stretch that is asked for at once. after: the white space that follows it; plain: it is kept as it is."""

    text: str
    after: str
    plain: bool = False


class Editor(Speaker):
    """Does one thing with a passage and gives the new text, without talk around it."""

    id = "language.edit"
    title = "Editor"
    produces = "text"
    summary = "Rewrites, shortens, expands, translates or explains a passage."
    icon = "pencil-line"
    requires = Requirements(memory=800 * 2**20)
    libraries = LIBRARIES

    class Params(EditorParams):
        """What to do with a passage."""

    def run(self, params: EditorParams, ctx: Context) -> Text:
        """Edit. The tokens pushed, joined, are the text returned.

        Raises:
            InputError: there is no passage, or an own instruction is missing.
        """
        passage = clean(params.passage.text)
        if not passage.strip():
            raise InputError("There is no text to work on: select some.", field="passage")
        if params.action == "custom" and not params.instruction.strip():
            raise InputError("Say what is to be done with the passage.", field="instruction")
        prompt = load_prompt(params.action, ctx.data_dir)
        pieces = split(passage, prompt.each)
        limits = [self._limit(piece, prompt, params.max_tokens) for piece in pieces]
        made: list[str] = []
        tokens, dropped, ended = 0, 0, "eos"
        for index, piece in enumerate(pieces):
            if piece.plain:
                made.append(self._pass(ctx, piece.text))
            else:
                spoken, lost = self._edit(params, ctx, prompt, piece, (sum(limits[:index]), limits[index], sum(limits)))
                tokens, dropped, ended = tokens + spoken.tokens, dropped + lost, spoken.ended
                made.append(spoken.text)
            if index + 1 < len(pieces) and made[-1]:
                made.append(self._pass(ctx, piece.after))
        facts: dict[str, object] = {"action": params.action, "tokens": tokens, "stopped": ended}
        facts |= {"dropped": dropped} if dropped else {}
        return Text.of("".join(made), **facts)

    @staticmethod
    def _pass(ctx: Context, text: str) -> str:
        if text:
            ctx.token(text)
        return text

    def _limit(self, piece: Piece, prompt: PromptFile, most: int) -> int:
        if piece.plain:
            return 0
        own = int(len(self.backend.tokenize(piece.text[:100_000], start=False)) * prompt.length) + prompt.extra
        return max(1, min(own, most or 4096, self.backend.window // 2))

    def _edit(
        self, params: EditorParams, ctx: Context, prompt: PromptFile, piece: Piece, lengths: tuple[int, int, int]
    ) -> tuple[Spoken, int]:
        """What becomes of one piece, and how many of its tokens were left out. lengths: see `Speaking`."""
        done, limit, of = lengths
        asked, dropped, kept = tell(self.backend, params, prompt, piece.text, limit)
        self._pass(ctx, kept)
        speaking = Speaking(
            ctx, self.backend, params.slot, stops=[*params.stop, *prompt.stops], banned=params.banned_words,
            filters=[Tidy(piece.text)], done=done, of=of,
        )
        spoken = speaking.run(asked, sampling_of(params, self.backend, limit, dry=prompt.dry))
        return replace(spoken, text=kept + spoken.text), dropped


def split(passage: str, each: str) -> list[Piece]:
    """The passage in pieces; joined with what follows each they are the passage without white space around it."""
    bare = passage.strip("\n")
    if each == "passage":
        return [Piece(bare, "")]
    found = re.split(r"(\s*\n\s*)", bare.strip())
    gaps = [*found[1::2], ""]
    return [Piece(text, gap, plain=not re.search(r"\w", text)) for text, gap in zip(found[::2], gaps, strict=True)]


def tell(
    backend: Backend, params: EditorParams, prompt: PromptFile, passage: str, limit: int
) -> tuple[list[int], int, str]:
    """Tokens of the request for one piece, how many were left out, and what of the answer's beginning is kept."""
    _, room = room_for(limit, backend)
    teller = Teller(backend)
    values = {
        "passage": teller.take("passage", passage, room // 2),
        "instruction": teller.take("instruction", clean(params.instruction), room // 8),
        "memory": teller.take("memory", clean(params.memory), room // 8),
        "style": teller.take("style_sample", clean(params.style_sample), room // 8),
        "note": teller.take("author_note", clean(params.author_note), room // 16),
        "before": around(params.before, newest=True),
        "after": around(params.after, newest=False),
        "tone": clean(params.tone), "language": clean(params.language), "senses": clean(params.senses),
    }
    kept = kept_line(prompt.messages(values)[1]) if prompt.keep else ""
    return request(teller, prompt, values, room, clean(params.system)), sum(p.dropped for p in teller.parts), kept


def request(teller: Teller, prompt: PromptFile, values: Mapping[str, str], room: int, system: str = "") -> list[int]:
    """A filled prompt as at most `room` tokens, the beginning of the answer included."""
    messages, answer = prompt.messages(values)
    if system.strip():
        messages = [{"role": "system", "content": system}, *(m for m in messages if m["role"] != "system")]
    tokens = teller.converse(messages)
    answer = answer.rstrip(" ")  # a tokenizer joins a blank to the word after it: what ends in one goes on badly
    begun = teller.backend.tokenize(answer, start=False) if answer else []
    return without_middle([*tokens, *begun], room)


def around(text: Text | None, *, newest: bool) -> str:
    """What stands beside the passage, cut to whole words."""
    whole = clean(text.text).strip() if text else ""
    if len(whole) <= AROUND:
        return whole
    return whole[-AROUND:].partition(" ")[2] if newest else whole[:AROUND].rpartition(" ")[0]
