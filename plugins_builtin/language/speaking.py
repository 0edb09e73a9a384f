"""One run of a model: feeds the page, counts, goes round banned words, and carries a stop out of native code."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from plugins_builtin.language.backend import SLOTS, Backend, BadGrammar, Ended, Piece, Sampling, common_prefix
from plugins_builtin.language.flow import Banned, Flow, Thoughts
from plugins_builtin.language.params import SamplerParams
from studio.plugins import Context, InputError

TRIES = 40
"""How often a banned word is gone round before the text ends there."""


class Filter(Protocol):
    """Changes what the model says before it is shown."""

    def add(self, piece: str) -> str: ...
    def finish(self) -> str: ...


@dataclass
class Spoken:
    """What came of it. alternatives: one entry a token, positions in code points of `text`."""

    text: str
    tokens: int
    ended: Ended
    alternatives: list[dict[str, object]] = field(default_factory=list)
    banned: int = 0


def sampling_of(
    params: SamplerParams, backend: Backend, limit: int, alternatives: int = 0, dry: float = 0.0
) -> Sampling:
    """How the runtime draws; banned words that are one token are forbidden there, the others by `Flow`.

    dry: the least DRY strength, whatever the parameters say.
    """
    return Sampling(
        max_tokens=limit,
        temperature=params.temperature,
        top_p=params.top_p,
        top_k=params.top_k,
        min_p=params.min_p,
        repetition_penalty=params.repetition_penalty,
        seed=params.seed,
        dry_multiplier=max(params.dry_multiplier, dry),
        dry_base=params.dry_base,
        dry_allowed_length=params.dry_allowed_length,
        banned=_single_tokens(backend, params.banned_words),
        json_schema=params.json_schema,
        grammar=params.grammar.strip(),
        alternatives=alternatives,
    )


def _single_tokens(backend: Backend, words: Sequence[str]) -> tuple[int, ...]:
    found: set[int] = set()
    for word in (word.strip() for word in words):
        # " art" alone would also be the beginning of " artist"; of a longer word that is rare enough to be worth it.
        for form in {word, word.lower(), word.capitalize(), word.upper()} if len(word) > 3 else ():
            for text in (form, f" {form}"):
                tokens = backend.tokenize(text, start=False)
                found |= set(tokens) if len(tokens) == 1 else set()
    return tuple(sorted(found))


class Speaking:
    """One text being made.

    Args:
        push: takes each piece for the page; `Context.token`.
        before: see `Flow`.
        filters: what each piece goes through before it is shown.
        done, of: tokens that earlier parts of the same answer were allowed, and all parts together; 0 is this one.
    """

    def __init__(
        self,
        ctx: Context,
        backend: Backend,
        slot: str,
        *,
        stops: Sequence[str] = (),
        banned: Sequence[str] = (),
        before: str = "\n",
        filters: Sequence[Filter] = (),
        done: int = 0,
        of: int = 0,
    ) -> None:
        self._ctx, self._backend, self._slot = ctx, backend, SLOTS.index(slot)
        self._flow = Flow(ctx.token, stops, before, banned)
        self._filters = [Thoughts(), *filters]
        self._hit: Banned | None = None
        self._limit, self._made, self._seen = 1, 0, 0
        self._done, self._of = done, of
        self._raw = 0
        self._told: list[tuple[int, int, tuple[tuple[str, float], ...]]] = []
        self._stopped_by: BaseException | None = None

    def run(self, tokens: Sequence[int], sampling: Sampling) -> Spoken:
        """Speak. Raises what the context raises when it is stopped, `InputError` for a grammar that is none."""
        self._limit = sampling.max_tokens
        ended = self._segment(list(tokens), sampling)
        tries, barred = 0, dict[str, set[int]]()
        while (hit := self._hit or self._last_word(ended)) is not None and not sampling.grammar + sampling.json_schema:
            tries += 1
            left = sampling.max_tokens - self._made
            if tries > TRIES or left <= 0:
                return self._spoken("stop", tries)
            self._hit = None
            ended = self._around(list(tokens), sampling, hit, barred.setdefault(hit.kept, set()), left)
        return self._spoken(ended, tries)

    def _last_word(self, ended: Ended) -> Banned | None:
        return None if ended == "stop" else self._flow.end()

    def _around(self, tokens: list[int], sampling: Sampling, hit: Banned, barred: set[int], left: int) -> Ended:
        """Go on before a banned word, at first with a token that does not begin it."""
        kept = self._backend.tokenize(hit.kept, start=False)
        glue = "" if not hit.kept or hit.kept[-1].isspace() else " "
        whole = self._backend.tokenize(hit.kept + glue + hit.word, start=False)
        same = common_prefix(kept, whole)
        barred |= {whole[same]} if same < len(whole) else set()
        barred |= set(self._backend.tokenize(hit.word, start=False)[:1])
        self._raw, self._seen = len(hit.kept), self._made
        self._told = [entry for entry in self._told if entry[0] + entry[1] <= len(hit.kept)]
        prompt = [*tokens, *kept]
        first = replace(sampling, max_tokens=1, banned=tuple({*sampling.banned, *barred}), seed=_next(sampling.seed))
        ended = self._segment(prompt, first)
        if ended != "length" or self._hit is not None or left <= 1:
            return ended
        said = self._flow.lead + self._flow.text + self._flow.held
        more = self._backend.tokenize(said[len(hit.kept) :], start=False) if len(said) > len(hit.kept) else []
        self._seen = self._made
        return self._segment([*prompt, *more], replace(sampling, max_tokens=left - 1, seed=_next(_next(sampling.seed))))

    def _segment(self, tokens: list[int], sampling: Sampling) -> Ended:
        try:
            ended = self._backend.generate(tokens, sampling, self._on_piece, self._on_read, self._slot)
        except BadGrammar as error:
            name = "json_schema" if sampling.json_schema else "grammar"
            what = "JSON schema" if sampling.json_schema else "grammar"
            raise InputError(f"The {what} cannot be used: {str(error).rstrip('.')}.", field=name) from error
        if self._stopped_by is not None:
            raise self._stopped_by
        return ended

    # ---------------------------------------------------------------- called by the runtime

    def _on_piece(self, piece: Piece) -> bool:
        return self._guard(lambda: self._take(piece))

    def _on_read(self, read: int, of: int) -> bool:
        return self._guard(lambda: self._reading(read, of))

    def _take(self, piece: Piece) -> bool:
        self._ctx.check()
        self._made = self._seen + piece.count
        if piece.options:
            self._told.append((self._raw, len(piece.text), piece.options))
        self._raw += len(piece.text)
        text = piece.text
        for change in self._filters:
            text = change.add(text)
        self._hit = self._flow.add(text) if text else None
        self._progress()
        return self._hit is not None or self._flow.stopped

    def _reading(self, read: int, of: int) -> bool:
        self._progress("Reading" if read < of else "Writing")
        return False

    def _progress(self, message: str = "") -> None:
        self._ctx.progress(self._done + min(self._made, self._limit), self._of or self._limit, message=message)

    def _guard(self, step: Callable[[], bool]) -> bool:
        # Exceptions must not unwind through native code: keep it, stop there, and raise it here.
        try:
            return step()
        except BaseException as error:
            self._stopped_by = error
            return True

    # ---------------------------------------------------------------- what came of it

    def _spoken(self, ended: Ended, banned: int) -> Spoken:
        if not self._flow.stopped:
            for index, change in enumerate(self._filters):
                rest = change.finish()
                for later in self._filters[index + 1 :]:
                    rest = later.add(rest) if rest else rest
                if rest:
                    self._flow.add(rest)
        text = self._flow.finish()
        return Spoken(text, self._made, ended, self._alternatives(text), banned)

    def _alternatives(self, text: str) -> list[dict[str, object]]:
        found = []
        for at, length, options in self._told:
            start = max(0, at - len(self._flow.lead))
            end = min(at + length - len(self._flow.lead), len(text))
            if end > start:
                told = [[word, round(share, 5)] for word, share in options]
                found.append({"start": start, "length": end - start, "options": told})
        return found


def _next(seed: int) -> int:
    return (seed + 1) % 2**32
