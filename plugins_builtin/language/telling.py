"""What the model is told: conversations, passages and what steers them, fitted into the window part by part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from plugins_builtin.language.backend import Backend, TemplateFails, fit_window

Messages = list[dict[str, str]]

CHARACTERS_A_TOKEN = 8
"""More than any ordinary text has; texts far longer than the window are cut by characters before they are read."""

WRITER = "You are a skilled writer. You write vivid, coherent prose in one voice."
PASSAGE = "Write a long, vivid passage."
MEMORY = "Facts of the story:"
STYLE = "Write in the style of this sample:"

NOTE_BACK = 900
"""An author's note stands at least this many characters before the cursor, at the start of a paragraph,"""
NOTE_STEP = 1800
"""and moves on in steps of this many, so that the text before it stays warm."""


@dataclass(frozen=True)
class Part:
    """One thing the model is given. dropped: tokens of it that did not fit (of very long texts an estimate)."""

    name: str
    text: str
    tokens: int
    dropped: int = 0


@dataclass(frozen=True)
class Asked:
    """Tokens for the model and where they come from.

    Attributes:
        before: the white space before the cursor, see `Flow`.
        fim: whether the model fills in between the text and what follows it.
        template: whether the model's own chat template was used.
        suffix: what became of the text behind the cursor: "filled", "told", "ignored", or "" where there is none.
    """

    tokens: list[int]
    parts: tuple[Part, ...] = ()
    before: str = ""
    fim: bool = False
    template: bool = False
    suffix: str = ""

    @property
    def dropped(self) -> int:
        """Tokens that did not fit, of all parts."""
        return sum(part.dropped for part in self.parts)


@dataclass
class Teller:
    """Takes texts into the window and keeps account of them."""

    backend: Backend
    parts: list[Part] = field(default_factory=list)
    template: bool = False

    def take(self, name: str, text: str, room: int, *, newest: bool = False) -> str:
        """As much of `text` as has room: its beginning, or with `newest` its end. Empty texts leave no part."""
        if not text.strip():
            return ""
        kept, lost = clip(text, room, newest=newest)
        tokens = self.backend.tokenize(kept, start=False)
        over = len(tokens) - room
        if over > 0:
            tokens = tokens[-room:] if newest else tokens[:room]
            kept = self.backend.decode(tokens).strip("\ufffd")
        self.parts.append(Part(name, kept, len(tokens), max(over, 0) + lost))
        return kept

    def passage(self, name: str, text: str, room: int) -> list[int]:
        """The newest tokens of a growing text, cut in steps so that its beginning stays the same for a while."""
        kept, lost = clip(text, room, newest=True)
        tokens, dropped = fit_window(self.backend.tokenize(kept, start=False), room)
        shown = self.backend.decode(tokens).lstrip("\ufffd") if dropped else kept
        self.parts.append(Part(name, shown, len(tokens), dropped + lost))
        return tokens

    def converse(self, messages: Messages) -> list[int]:
        """A conversation up to the answer, by the model's template, and where that fails in plain words."""
        for said in (messages, without_system(messages)):
            try:
                tokens = self.backend.chat(said)
            except TemplateFails:
                continue
            if tokens is None:
                break
            self.template = True
            return self._silenced(tokens)
        return self.backend.tokenize(plain(messages), start=True)

    def _silenced(self, tokens: list[int]) -> list[int]:
        """A template that makes the model think aloud ends in an open <think>: close it."""
        if not self.backend.decode(tokens[-8:]).rstrip().endswith("<think>"):
            return tokens
        return [*tokens, *self.backend.tokenize("\n\n</think>\n\n", start=False)]

    def total(self, tokens: Sequence[int]) -> tuple[Part, ...]:
        """All parts, with what the template adds as a part of its own."""
        told = sum(part.tokens for part in self.parts)
        rest = max(0, len(tokens) - told)
        return (*self.parts, Part("template", "", rest)) if rest else tuple(self.parts)


def clip(text: str, room: int, *, newest: bool) -> tuple[str, int]:
    """Cut what is far too long for `room` tokens, in steps as `fit_window` does; and about how many tokens it lost."""
    most = max(1, room) * CHARACTERS_A_TOKEN
    over = len(text) - most
    if over <= 0:
        return text, 0
    if not newest:
        return text[:most], -(-over // 4)
    step = max(1, most // 4)
    cut = -(-over // step) * step
    return text[cut:], -(-cut // 4)


def without_system(messages: Messages) -> Messages:
    """For templates that know no system role: what it says stands before the first message of the user."""
    system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
    rest = [dict(m) for m in messages if m["role"] != "system"]
    if system and rest:
        rest[0]["content"] = f"{system}\n\n{rest[0]['content']}"
    return rest or [{"role": "user", "content": system}]


def plain(messages: Messages) -> str:
    """For models without a template: a single request as it is, a conversation with names before each line."""
    said = [m for m in messages if m["role"] != "system"]
    system = "\n\n".join(m["content"] for m in messages if m["role"] == "system")
    if len(said) <= 1:
        return f"{system}\n\n{said[0]['content'] if said else ''}".strip() + "\n\n"
    names = {"user": "User", "assistant": "Assistant"}
    lines = [f"{names[m['role']]}: {m['content']}" for m in said]
    return "\n\n".join([*([system] if system else []), *lines, "Assistant:"])


@dataclass(frozen=True)
class Steering:
    """What steers the Writer, as texts without lone surrogates."""

    prompt: str = ""
    system: str = ""
    memory: str = ""
    style: str = ""
    note: str = ""


def instruction(backend: Backend, told: Steering, room: int) -> Asked:
    """Ask for what the prompt says: as a conversation where the model knows one, as plain text where not."""
    teller = Teller(backend)
    head = _system(teller, told, room, default="")
    prompt = teller.take("prompt", told.prompt, room // 2)
    if told.note.strip():
        prompt += f"\n\n({teller.take('author_note', told.note, room // 8)})"
    messages = ([{"role": "system", "content": head}] if head else []) + [{"role": "user", "content": prompt}]
    tokens = without_middle(teller.converse(messages), room)
    return Asked(tokens, teller.total(tokens), template=teller.template)


def continuation(backend: Backend, passage: str, told: Steering, room: int, suffix: str = "") -> Asked:
    """Continue `passage`: the model sees it as the beginning of its own answer, ending where the cursor stands.

    A small chat model that is told "continue this story" answers with talk about the story; one that finds the prose
    in its own mouth writes on. A model without a chat template sees the bare prose, a wish before it as a note.
    """
    teller = Teller(backend)
    bare = passage.rstrip(" \t")  # tokenizers join a blank to the word after it, so a passage must not end in one
    system = _system(teller, told, room, default=WRITER)
    wish = teller.take("prompt", told.prompt.strip(), room // 8)
    head = _head(teller, system, wish, told)
    follows = "ignored" if suffix.strip() else ""
    if suffix.strip():
        teller.parts.append(Part("suffix", "", 0, -(-len(suffix) // 4)))
    note = ""
    if told.note.strip():
        note = f"[{teller.take('author_note', told.note.strip(), room // 8)}]\n\n"
    note_tokens = backend.tokenize(note, start=False) if note else []
    left = room - len(head) - len(note_tokens)
    if note and (at := note_place(bare)) > 0:
        first = teller.passage("context", bare[:at], left - len(backend.tokenize(bare[at:], start=False)))
        last = teller.passage("context", bare[at:], left)
        tokens = [*head, *first, *note_tokens, *last]
    else:
        tokens = [*head, *note_tokens, *teller.passage("context", bare, left)]
    white = passage[len(bare) :] or ("\n" if bare.endswith("\n") else "")
    return Asked(tokens, teller.total(tokens), white, template=teller.template, suffix=follows)


def note_place(text: str) -> int:
    """Where an author's note goes: a start of a paragraph, which stays the same while the text grows by a step."""
    wanted = max(0, len(text) - NOTE_BACK) // NOTE_STEP * NOTE_STEP
    if wanted == 0:
        return 0
    at = text.find("\n", wanted)
    return at + 1 if 0 <= at < len(text) - NOTE_BACK // 3 else 0


def code(backend: Backend, passage: str, suffix: str, told: Steering, room: int) -> Asked:
    """Continue code: filled in before `suffix` where the model has the control words, bare where not.

    What steers stands in front as plain text, since these prompts have no place for it.
    """
    teller, words = Teller(backend), backend.fim()
    wish = teller.take("prompt", told.prompt.strip(), room // 8)
    steers = told.system.strip() or told.memory.strip() or told.style.strip()
    notes = [_system(teller, told, room, default="") if steers else "", wish]
    notes.append(teller.take("author_note", told.note.strip(), room // 8))
    head = backend.tokenize("".join(f"{note}\n\n" for note in notes if note), start=False)
    start = backend.tokenize("", start=True)
    if words is None or not suffix.strip():
        tokens = [*start, *head, *teller.passage("context", passage, room - len(head) - 1)]
        follows = "ignored" if suffix.strip() else ""
        return Asked(tokens, teller.total(tokens), "", suffix=follows)
    after = backend.tokenize(teller.take("suffix", suffix, room // 4), start=False)
    before = teller.passage("context", passage, room - len(after) - len(head) - 4)
    tokens = [*start, words[0], *head, *before, words[1], *after, words[2]]
    return Asked(tokens, teller.total(tokens), "", fim=True, suffix="filled")


def _system(teller: Teller, told: Steering, room: int, default: str) -> str:
    """Standing instructions, the facts that apply and the style, as one text."""
    own = teller.take("system", told.system.strip(), room // 4) or default
    memory = teller.take("memory", told.memory.strip(), room // 4)
    style = teller.take("style_sample", told.style.strip(), room // 8)
    said = [own, f"{MEMORY}\n{memory}" if memory else "", f"{STYLE}\n{style}" if style else ""]
    return "\n\n".join(text for text in said if text)


def _head(teller: Teller, system: str, wish: str, told: Steering) -> list[int]:
    """What stands before the passage."""
    messages = [{"role": "system", "content": system}, {"role": "user", "content": f"{PASSAGE} {wish}".strip()}]
    head = teller.converse(messages)
    if teller.template:
        return head
    # Without a template: notes in brackets before the bare prose, nothing where there is nothing to say.
    steers = told.system.strip() or told.memory.strip() or told.style.strip()
    notes = [system if steers else "", f"[{wish}]" if wish else ""]
    text = "\n\n".join(note for note in notes if note)
    return teller.backend.tokenize(f"{text}\n\n" if text else "", start=True)


def without_middle(tokens: list[int], room: int) -> list[int]:
    """Cut out the middle: a conversation ends in control words, so both the beginning and the end must stay."""
    over = len(tokens) - room
    return tokens if over <= 0 else tokens[: room // 2] + tokens[room // 2 + over :]


def clean(text: str) -> str:
    """One kind of line end, and no lone surrogates, which no tokenizer takes."""
    return text.replace("\r\n", "\n").replace("\r", "\n").encode("utf-8", "replace").decode("utf-8")


