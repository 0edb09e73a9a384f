"""Which story notes belong into the context: those whose keys occur in the text, those that these name in turn, and
those that are pinned, the most important first, as long as there is room.

Keys are words or phrases, or regular expressions between slashes (/ravens?/i), as in the lorebooks of other programs.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple

from studio.project.manuscript.patterns import later
from studio.project.manuscript.rows import Note
from studio.project.manuscript.words import UNSPACED
from studio.project.rows import Json

if TYPE_CHECKING:
    import regex

DEPTH = 8_000
"""Characters before the cursor in which keys are looked for, unless a note says otherwise."""
MAX_DEPTH = 1_000_000
ROUNDS = 3
"""Notes may bring in notes that bring in notes; so often."""
REGEX_SECONDS = 0.25
"""All regular expressions together; those that come too late do not apply, and the choice says so."""
MAX_KEY = 500
_W = rf"[^\W{UNSPACED}]"  # in scripts without spaces every letter may begin or end a word
_LETTER = later(_W)
_TOKEN = later(rf"{_W}+|.", re.DOTALL)
MAX_KEYS = 200

Logic = Literal["any", "all", "not-any", "not-all"]
"""How many of the secondary keys must occur as well."""


@dataclass(frozen=True)
class Rules:
    """What `Note.extra` says about when a note applies.

    Attributes:
        secondary: with `logic`, what else must (not) occur.
        case: capitals matter. whole: keys are whole words.
        depth: characters before the cursor; 0 is the default.
        recursive: it may be brought in by another note. passes_on: it may bring in others.
    """

    secondary: tuple[str, ...] = ()
    logic: Logic = "any"
    case: bool = False
    whole: bool = True
    depth: int = 0
    recursive: bool = True
    passes_on: bool = True


def rules_of(extra: Json) -> Rules:
    """The rules in `Note.extra`; what does not make sense is the default."""

    def flag(name: str, default: bool) -> bool:
        value = extra.get(name)
        return value if isinstance(value, bool) else default

    secondary = extra.get("secondary")
    depth = extra.get("depth")
    logic = extra.get("logic")
    return Rules(tuple(k for k in secondary if isinstance(k, str)) if isinstance(secondary, list) else (),
                 logic if logic in ("any", "all", "not-any", "not-all") else "any", flag("case", False),
                 flag("whole", True), min(max(0, depth), MAX_DEPTH) if isinstance(depth, int) else 0,
                 flag("recursive", True), flag("passes_on", True))


def extra_of(rules: Rules) -> Json:
    """The rules as `Note.extra` keeps them: what is not the default."""
    plain = Rules()
    values: Json = {"secondary": list(rules.secondary), "logic": rules.logic, "case": rules.case,
                    "whole": rules.whole, "depth": rules.depth, "recursive": rules.recursive,
                    "passes_on": rules.passes_on}
    defaults = {**vars(plain), "secondary": []}
    return {key: value for key, value in values.items() if value != defaults[key]}


@dataclass(frozen=True)
class Chosen:
    """A note that applies. tokens: as the counting function says. by: the key that brought it in, "" for a pinned one.
    round: 0 by the text itself, 1 by a note of round 0, ..."""

    note: Note
    tokens: int
    by: str = ""
    round: int = 0


@dataclass(frozen=True)
class Choice:
    """notes: in the order in which they go into the context. dropped: those that apply too but had no room, the most
    important first. problems: one sentence for each key that could not be used."""

    notes: tuple[Chosen, ...] = ()
    dropped: tuple[Chosen, ...] = ()
    tokens: int = 0
    problems: tuple[str, ...] = field(default=())

    @property
    def text(self) -> str:
        """What the model is told."""
        return "\n\n".join(as_told(chosen.note) for chosen in self.notes)


def as_told(note: Note) -> str:
    """A note as the model reads it: its title where the text does not begin with it."""
    text = note.text.strip()
    title = note.title.strip()
    if not title or text.casefold().startswith(title.casefold()):
        return text or title
    return f"{title}: {text}" if text else title


class _Key(NamedTuple):
    note: int
    secondary: bool
    name: str


class _Group:
    """The plain keys of one way of looking, and the regular expressions."""

    def __init__(self, case: bool, whole: bool, depth: int) -> None:
        self.case, self.whole, self.depth = case, whole, depth
        self.plain: dict[str, list[_Key]] = {}
        self.patterns: list[tuple[regex.Pattern[str], _Key]] = []
        self._by_word: dict[str, tuple[int, ...]] | None = None

    def found(self, text: str, until: float) -> tuple[set[_Key], bool]:
        """The keys that occur in the last `depth` characters, and whether time ran out."""
        window = text[-self.depth:] if len(text) > self.depth else text
        hits, late = self._plain_found(window if self.case else window.casefold()), False
        for pattern, key in self.patterns:
            left = until - time.monotonic()
            try:
                if left <= 0:
                    raise TimeoutError
                if pattern.search(window, timeout=left, concurrent=True):
                    hits.add(key)
            except TimeoutError:
                late = True
        return hits, late

    def _plain_found(self, window: str) -> set[_Key]:
        """At each word of the text those keys are looked up that begin with it, by their lengths: the time does not
        grow with the number of keys."""
        if not self.whole:
            return {key for name, keys in self.plain.items() if name in window for key in keys}
        hits: set[_Key] = set()
        names: set[str] = set()
        lengths = self._lengths()
        for match in _TOKEN.finditer(window):
            at = match.start()
            for length in lengths.get(match.group(), ()):
                name = window[at:at + length]
                if name in self.plain and not (_letter(name[-1]) and _letter(window[at + length:at + length + 1])):
                    names.add(name)
        for name in names:
            hits.update(self.plain[name])
        return hits

    def _lengths(self) -> dict[str, tuple[int, ...]]:
        if self._by_word is None:
            found: dict[str, set[int]] = {}
            for name in self.plain:
                first = _TOKEN.match(name)
                if first is not None:
                    found.setdefault(first.group(), set()).add(len(name))
            self._by_word = {word: tuple(lengths) for word, lengths in found.items()}
        return self._by_word


def _letter(char: str) -> bool:
    return _LETTER.fullmatch(char) is not None


class Lore:
    """Compiled notes: make it anew when notes change, ask it at every request. Safe on any thread."""

    def __init__(self, notes: Sequence[Note]) -> None:
        self._notes = [note for note in notes if note.enabled]
        self._rules = [rules_of(note.extra) for note in self._notes]
        self._groups: dict[tuple[bool, bool, int], _Group] = {}
        self.problems: list[str] = []
        for number, (note, rules) in enumerate(zip(self._notes, self._rules, strict=True)):
            for names, secondary in ((note.keys, False), (rules.secondary, True)):
                for name in names[:MAX_KEYS]:
                    self._add(name, _Key(number, secondary, name), rules)

    def _add(self, name: str, key: _Key, rules: Rules) -> None:
        name = name.strip()
        if not name or len(name) > MAX_KEY:
            return
        way = (rules.case, rules.whole, rules.depth or DEPTH)
        group = self._groups.setdefault(way, _Group(*way))
        inner = _expression(name)
        if inner is None:
            group.plain.setdefault(name if rules.case else name.casefold(), []).append(key)
            return
        import regex

        source, flags = inner
        try:
            ignore = regex.IGNORECASE if "i" in flags or not rules.case else 0
            group.patterns.append((regex.compile(source, ignore | regex.MULTILINE), key))
        except (regex.error, OverflowError, RecursionError):
            self.problems.append(f"The key {name} of the note “{self._notes[key.note].title}” is not a regular "
                                 "expression; correct it.")

    def choose(self, context: str, budget: int, count: Callable[[str], int], *, rounds: int = ROUNDS) -> Choice:
        """The notes for a context.

        Args:
            context: the text before the cursor; what is nearest counts (see `Rules.depth`).
            budget: tokens that all notes together may take.
            count: tokens of a text; asked once for each note that applies.
            rounds: how often notes may bring in further notes.
        """
        chosen, late = self._applying(context, rounds)
        order = sorted(chosen, key=lambda n: (not self._notes[n].pinned, -self._notes[n].priority, chosen[n][1],
                                              self._notes[n].position, n))
        kept: list[Chosen] = []
        dropped: list[Chosen] = []
        left = budget
        for number in order:
            note, (key, turn) = self._notes[number], chosen[number]
            tokens = count(as_told(note))
            entry = Chosen(note, tokens, key, turn)
            if tokens <= left:
                kept.append(entry)
                left -= tokens
            else:
                dropped.append(entry)
        told = list(self.problems)
        if late:
            told.append("The regular expressions among the keys of the story notes take too long; some were left out.")
        kept.sort(key=lambda c: (c.note.priority, c.note.position))  # what matters most stands nearest to the text
        return Choice(tuple(kept), tuple(dropped), budget - left, tuple(told))

    def _applying(self, context: str, rounds: int) -> tuple[dict[int, tuple[str, int]], bool]:
        """Numbers of the notes that apply, with the key and the round that brought each in."""
        chosen: dict[int, tuple[str, int]] = {n: ("", 0) for n, note in enumerate(self._notes) if note.pinned}
        until = time.monotonic() + REGEX_SECONDS
        seen, late = self._keys_in(context, until)
        for turn in range(max(0, rounds) + 1):
            fresh = self._fresh(seen, chosen, turn)
            chosen.update(fresh)
            sources = [n for n in (chosen if turn == 0 else fresh) if self._rules[n].passes_on]
            if not sources:
                break
            more, again = self._keys_in("\n".join(self._notes[n].text for n in sources), until, whole_text=True)
            late = late or again
            if more <= seen:
                break
            seen = seen | more
        return chosen, late

    def _fresh(self, seen: set[_Key], chosen: dict[int, tuple[str, int]], turn: int) -> dict[int, tuple[str, int]]:
        first: dict[int, str] = {}
        second: dict[int, set[str]] = {}
        for key in seen:
            if key.secondary:
                second.setdefault(key.note, set()).add(key.name)
            elif key.note not in first or key.name < first[key.note]:
                first[key.note] = key.name
        return {n: (name, turn) for n, name in first.items()
                if n not in chosen and (turn == 0 or self._rules[n].recursive)
                and _agrees(self._rules[n], second.get(n, set()))}

    def _keys_in(self, text: str, until: float, *, whole_text: bool = False) -> tuple[set[_Key], bool]:
        hits: set[_Key] = set()
        late = False
        for group in self._groups.values():
            found, again = group.found(text[-MAX_DEPTH:] if not whole_text else text[:group.depth], until)
            hits |= found
            late = late or again
        return hits, late


def _expression(name: str) -> tuple[str, str] | None:
    """Source and flags of a key between slashes."""
    if len(name) < 3 or not name.startswith("/"):
        return None
    source, slash, flags = name[1:].rpartition("/")
    return (source, flags) if slash and source and set(flags) <= set("gimsuy") else None


def _agrees(rules: Rules, found: set[str]) -> bool:
    wanted = {name for name in rules.secondary if name.strip()}
    if not wanted:
        return True
    return {"any": bool(found), "all": found >= wanted, "not-any": not found,
            "not-all": not found >= wanted}[rules.logic]


def choose(notes: Sequence[Note], context: str, budget: int, count: Callable[[str], int], *,
           rounds: int = ROUNDS) -> Choice:
    """`Lore(notes).choose(...)` for one time."""
    return Lore(notes).choose(context, budget, count, rounds=rounds)
