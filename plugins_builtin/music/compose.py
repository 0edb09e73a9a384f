"""The tasks of the symbolic models: a new piece, going on, filling bars, varying, and harmonising."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from plugins_builtin.music import arrange, encode, harmony, midi, sections
from plugins_builtin.music import vocabulary as v
from plugins_builtin.music.instruments import Instrument, of_program
from plugins_builtin.music.piece import Note, Piece
from plugins_builtin.music.sample import Limits, Manner, Sampler, repeat_bar, write_bar
from plugins_builtin.music.words import AUTO, DEFAULT_BARS, MANNERS, MOST_BARS, Wish, pace_of, quarter_bpm
from studio.plugins import InputError

ROOM = 130
"""Steps kept free for the bar that is being written."""
RANGES = {"melody": Limits(55, 88), "alto": Limits(53, 76), "tenor": Limits(46, 70), "bass": Limits(38, 64)}
OnBar = Callable[[int, int], None]
"""Called with (bars done, bars in all)."""


@dataclass
class Composer:
    """Writes bars with one sampler.

    Attributes:
        on_bar: told after each bar.
    """

    sampler: Sampler
    on_bar: OnBar
    solo: bool = False
    """The network knows melodies only and cannot be told what comes after."""

    def new(self, wish: Wish) -> tuple[Piece, list[arrange.Part]]:
        """A piece of wish.bars bars out of nothing."""
        plan = self.plan(wish)
        who = arrange.players(plan, wish.instruments)
        if (form := form_of(wish, plan)) is not None:
            plan = replace(plan, bars=form.bars, starts=tuple(sorted(form.starts())))
        else:
            form = sections.Plan(same={} if is_free(wish, plan) else strains(plan.bars))
        piece = self._dressed(self.write(plan, 0, plan.bars, ranges(who), 0, plan.bars, form), wish)
        return piece, arrange.parts(piece, who)

    def plan(self, wish: Wish) -> Piece:
        """An empty piece that says what is wished for, with what was not said chosen by chance."""
        style = wish.style or self._choose(("folk", "reel", "jig", "air", "waltz", "hornpipe", "march"))
        metre = wish.metre or MANNERS[style][0]
        mode = wish.mode or self._choose(("major", "major", "minor", "dorian" if style != "chorale" else "minor"))
        texture = wish.texture or ("four" if style == "chorale" and len(wish.instruments) != 1 else "chords")
        tonic = self._choose((0, 2, 5, 7, 9)) if wish.tonic is None else wish.tonic
        bpm = wish.bpm or quarter_bpm(style, wish.pace, metre)
        pace = wish.pace or (pace_of(bpm) if wish.bpm else "any")
        if self.solo:
            texture = "solo" if wish.texture == "solo" else "chords"
        return Piece(style, mode, tonic, metre, min(wish.bars or DEFAULT_BARS, MOST_BARS), texture, pace, bpm)

    def _choose(self, choices: Sequence[Any]) -> Any:
        import torch

        return choices[int(torch.randint(len(choices), (1,), generator=self.sampler.draw))]

    def write(self, piece: Piece, first: int, last: int, limits: dict[str, Limits], done: int, of: int,
              form: sections.Plan = sections.Plan()) -> Piece:
        """The piece with bars `first` up to but without `last` written, and chords and voices elsewhere kept.

        With bars after `last` they are taken into account. form: which new bars repeat which.
        """
        written: dict[int, list[v.Step]] = {}
        repeats, same = form.repeats(), set[int]()
        asked = self._asked(piece, first, last)
        roles = asked.roles
        kept = cleared(piece, first, last)
        reader = encode.Reader(replace(kept, voices=dict(kept.voices.items())))
        after = {role: [n for n in notes if n.start >= last * piece.bar] for role, notes in reader.voices.items()}
        for role, notes in reader.voices.items():
            reader.voices[role] = [n for n in notes if n.start < first * piece.bar]
        chords_after = [c for c in reader.chords if c.start >= last * piece.bar]
        reader.chords = [c for c in reader.chords if c.start < first * piece.bar]
        self.sampler.restart(self._context(asked, first, last))
        for number in range(first, last):
            if len(self.sampler.fed) + ROOM > self.sampler.context:
                self.sampler.restart(self._context(gathered(asked, reader), number, number))
            source = repeats.get(number, -1)
            again = written.get(source)
            # what is held into it is as it was
            whole = bool(form.sections) and number - 1 in same and repeats.get(number - 1) == source - 1
            if again and (whole or all(word != v.HOLD for word, _, _ in again)):
                written[number] = repeat_bar(self.sampler, reader, asked, number, again)
                same.add(number)
            else:
                bounds = higher(limits, reader.voices.get("melody", ())) if number in form.higher() else limits
                manner = Manner(form.closes().get(number, ""), number in form.starts())
                written[number] = write_bar(self.sampler, reader, asked, number, roles, bounds, manner)
            self.on_bar(done + number - first + 1, of)
        for role, notes in after.items():
            reader.voices[role] += notes
        reader.chords += chords_after
        return replace(gathered(piece, reader), texture=piece.texture)

    def _asked(self, piece: Piece, first: int, last: int) -> Piece:
        return replace(piece, texture="solo", chords=()) if self.solo else piece

    def _context(self, piece: Piece, first: int, last: int) -> list[v.Step]:
        """What the network reads before bar `first`: nearby bars of both sides, as many as fit with room to write."""
        room = self.sampler.context - ROOM - 8
        before: list[v.Step] = []
        after: list[v.Step] = []
        low, high = first, last
        while low > 0 or (high < piece.bars and last > first and not self.solo):
            if low > 0:
                bar = encode.bar_steps(piece, low - 1, piece.roles)
                if len(bar) > room:
                    break
                low, room, before = low - 1, room - len(bar), [*bar, *before]
            if high < piece.bars and last > first and not self.solo:
                bar = encode.bar_steps(piece, high, piece.roles)
                if len(bar) > room // 2:
                    if low == 0:
                        break
                    continue
                high, room, after = high + 1, room - len(bar), [*after, *bar]
        if not after:
            return [*encode.prefix(piece), *before]
        return [*encode.prefix(piece), *before, (v.GAP, 0, 0), *after, (v.FILL, 0, 0)]

    def _dressed(self, piece: Piece, wish: Wish) -> Piece:
        """A melody alone with the chords that fit it, where chords are wanted and the network writes none."""
        if self.solo and piece.texture == "chords":
            return harmony.with_chords(piece)
        return piece

    def fill(self, sheet: midi.Sheet, first: int, last: int) -> Any:
        """The score with bars `first` up to but without `last` written anew."""
        low, high = sheet.same_metre(first, last)
        piece = self._known(sheet, low, high)
        who = voices_of(sheet, piece)
        written = self.write(piece, first - low, last - low, ranges(who), 0, last - first)
        fresh = self._dressed(written, Wish()) if self.solo else written
        made = arrange.parts(fresh.cut(first - low, last - low), who)
        return midi.exchange(sheet, first, last, made)

    def go_on(self, sheet: midi.Sheet, bars: int) -> Any:
        """The score with `bars` more bars after its last."""
        low, high = sheet.same_metre(len(sheet.bars) - 1, len(sheet.bars))
        old = self._known(sheet, low, high)
        who = voices_of(sheet, old)
        piece = replace(old, bars=old.bars + bars, after=0)
        written = self._dressed(self.write(piece, old.bars, piece.bars, ranges(who), 0, bars), Wish())
        made = arrange.parts(written.cut(old.bars, piece.bars), who)
        return midi.append(sheet, made)

    def vary(self, sheet: midi.Sheet, strength: float) -> Any:
        """The score with a share of its bars written anew, two at a time, its first and last bar kept."""
        low, high = sheet.same_metre(0, 1)
        piece = self._known(sheet, low, high)
        who = voices_of(sheet, piece)
        pairs = [(bar, min(bar + 2, high - 1)) for bar in range(1, high - 1, 2)] or [(0, high)]
        count = max(1, round(strength * len(pairs)))
        chosen: list[tuple[int, int]] = []
        while len(chosen) < count:
            pair = self._choose(pairs)
            pairs.remove(pair)
            chosen.append(pair)
        total = sum(last - first for first, last in chosen)
        done, made = 0, []
        for first, last in sorted(chosen):
            piece = self.write(piece, first, last, ranges(who), done, total)
            done += last - first
            made.append((first, last))
        dressed = self._dressed(piece, Wish())
        for first, last in made:
            sheet.file = midi.exchange(sheet, first, last, arrange.parts(dressed.cut(first, last), who))
        return sheet.file

    def harmonise(self, sheet: midi.Sheet, texture: str, instruments: Sequence[Instrument]) -> Any:
        """The score with voices or chords added under its melody; what is there stays."""
        low, high = sheet.same_metre(0, 1)
        if high < len(sheet.bars):
            raise InputError("The metre changes in this score; harmonise a part of one metre.")
        melody = replace(sheet.piece(low, high, "solo"), texture=texture)
        if melody.style == "any":
            melody = replace(melody, style="chorale" if texture == "four" else "folk")
        tune = of_program(int(sheet.file.tracks[sheet.roles["melody"]].program))
        who = arrange.players(melody, (tune, *instruments)) if texture == "chords" else \
            arrange.players(melody, (tune, *instruments) if instruments else ())
        piece = self._add_voices(melody, ranges(who))
        added = [part for part in arrange.parts(piece, who) if part.role != "melody"]
        file = sheet.file.copy()
        for part in added:
            file.tracks.append(midi.track_of(part, sheet.bars[0].start, sheet.tpq))
        return file

    def _add_voices(self, melody: Piece, limits: dict[str, Limits]) -> Piece:
        reader = encode.Reader(melody)
        first = 0
        while first < melody.bars:
            last = self._reach(melody, first)
            window = replace(melody.cut(first, last), after=melody.after + melody.bars - last)
            local = encode.Reader(window)
            self.sampler.restart(encode.given(window))
            for number in range(last - first):
                write_bar(self.sampler, local, window, number, melody.roles[1:], under(limits, window, number))
                self.on_bar(first + number + 1, melody.bars)
            shift = first * melody.bar
            for role in melody.roles[1:]:
                if role != "chords":
                    reader.voices[role] += [n._replace(start=n.start + shift) for n in local.voices[role]]
            reader.chords += [c._replace(start=c.start + shift) for c in local.chords]
            first = last
        return gathered(melody, reader)

    def _reach(self, melody: Piece, first: int) -> int:
        """The bar up to which melody and added voices fit into the context."""
        each = 8 if melody.texture == "chords" else 26
        room, last = self.sampler.context - 60, first
        while last < melody.bars:
            room -= len(encode.bar_steps(melody, last, ("melody",))) + each
            if room < 0 and last > first:
                break
            last += 1
        return last

    def _known(self, sheet: midi.Sheet, low: int, high: int) -> Piece:
        """These bars as the network reads them, chords found from all that sounds."""
        piece = sheet.piece(low, high)
        if piece.texture == "chords" and not self.solo:
            sounding = replace(piece, voices={"all": sheet.all_notes(low, high)})
            piece = replace(piece, chords=harmony.infer(sounding))
        return piece


def form_of(wish: Wish, piece: Piece) -> sections.Plan | None:
    """The sections that are wished for. Raises `InputError` for words that are no form."""
    if not wish.sections:
        return None
    return sections.plan(wish.sections, wish.bars, not is_free(wish, piece))


def is_free(wish: Wish, piece: Piece) -> bool:
    """Whether no bars within a section, or a piece without any, are repeated on purpose."""
    return wish.form == "free" or (not wish.form and piece.style == "chorale")


def strains(bars: int) -> dict[int, int]:
    """Which bars of a dance tune repeat which: in each strain of eight bars the third pair the first, and at the end of
    later strains the end of the first, as in most tunes of the corpora. The last bar is always new.
    """
    form: dict[int, int] = {}
    for start in range(0, bars - 7, 8):
        form |= {start + 4: start, start + 5: start + 1}
        if start:
            form |= {start + 6: 6, start + 7: 7}
    form.pop(bars - 1, None)
    return form


def higher(limits: dict[str, Limits], tune: Sequence[Note]) -> dict[str, Limits]:
    """The limits with the melody above the middle of what it was so far."""
    usual = limits.get("melody")
    if usual is None or not tune:
        return limits
    low = round(sum(note.pitch for note in tune) / len(tune))
    return {**limits, "melody": Limits(max(min(low, usual.high - 14), usual.low), usual.high)}


def gathered(piece: Piece, reader: encode.Reader) -> Piece:
    """The piece with all that the reader holds."""
    voices = {role: tuple(sorted(notes)) for role, notes in reader.voices.items() if notes}
    return replace(piece, voices=voices, chords=tuple(sorted(reader.chords)))


def cleared(piece: Piece, first: int, last: int) -> Piece:
    """The piece without what starts in these bars; notes that reach into them end at their bar line."""
    start, end = first * piece.bar, last * piece.bar
    voices = {}
    for role, notes in piece.voices.items():
        voices[role] = tuple(n._replace(ticks=min(n.ticks, start - n.start)) if n.start < start else n
                             for n in notes if not start <= n.start < end)
    chords = tuple(c for c in piece.chords if not start <= c.start < end)
    return replace(piece, voices=voices, chords=chords)


def ranges(who: dict[str, Instrument]) -> dict[str, Limits]:
    """What each voice may be written in: two octaves and a half around where singers and fiddlers are at home."""
    found = {}
    for role, usual in RANGES.items():
        if role in who:
            found[role] = usual
    return found


def under(limits: dict[str, Limits], piece: Piece, number: int) -> dict[str, Limits]:
    """The limits with no voice above the melody's lowest note of the bar."""
    start, end = number * piece.bar, (number + 1) * piece.bar
    notes = [n.pitch for n in piece.voices.get("melody", ()) if n.start < end and n.start + n.ticks > start]
    if not notes:
        return limits
    top = min(notes)
    return {role: limit if role == "melody" else Limits(min(limit.low, top - 7), max(min(limit.high, top), top - 7))
            for role, limit in limits.items()}


def voices_of(sheet: midi.Sheet, piece: Piece) -> dict[str, Instrument]:
    """Who plays each role in a score that is there."""
    usual = arrange.players(piece, ())
    return {role: of_program(int(sheet.file.tracks[sheet.roles[role]].program)) if role in sheet.roles else instrument
            for role, instrument in usual.items()}


def region(sheet: midi.Sheet, first: int, last: int) -> tuple[int, int]:
    """Bars counted from 1, both included, as a half-open range from 0. Raises `InputError` outside of the score."""
    count = len(sheet.bars)
    if first == 0 and last == 0:
        raise InputError(f"Say which bars to fill: first_bar and last_bar, from 1 to {count}.")
    last = last or first
    first = first or last
    if first > last:
        raise InputError(f"Bar {first} comes after bar {last}; give the earlier one first.")
    if last > count:
        raise InputError(f"The score has {count} bars, so bars {first} to {last} cannot be filled.")
    return first - 1, last


def asked_for(words: Wish, fields: Wish) -> Wish:
    """The fields, and the prompt's words where a field says nothing."""
    both = {name: getattr(fields, name) or getattr(words, name) for name in
            ("style", "mode", "metre", "bars", "bpm", "pace", "instruments", "texture",
             "form", "sections")}
    tonic = words.tonic if fields.tonic is None else fields.tonic
    return Wish(tonic=tonic, **both)


__all__ = ["AUTO", "Composer", "asked_for", "region"]
