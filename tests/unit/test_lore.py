"""Which story notes apply."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.project.manuscript import lore
from studio.project.manuscript.rows import Note
from studio.project.manuscript.words import UNSPACED


def words(text: str) -> int:
    return len(text.split())


def note(title: str, *keys: str, text: str = "", **more: object) -> Note:
    extra = {k: more.pop(k) for k in list(more) if k in vars(lore.Rules())}
    return Note(title, "doc", title, keys=keys, text=text or f"about {title}", extra=extra, **more)  # type: ignore[arg-type]


def chosen(notes: list[Note], context: str, budget: int = 1000, **more: int) -> list[str]:
    return [c.note.title for c in lore.choose(notes, context, budget, words, **more).notes]


@pytest.mark.parametrize(("key", "text", "applies"), [
    ("Ada", "Then ada came.", True), ("Ada", "Adamant.", False), ("Ada", "Ada’s hat", True),
    ("Ada Lee", "Ada Lee", True),
    ("/ra+ven/", "Raaaven", True), ("/ra+ven/", "raben", False), ("狐", "私は狐だ", True),
    ("Ada", "Adaは来た", True), ("فلك", "هو فلك كبير", True),
    ("St. John", "St. John fell", True), ("C++", "in C++ he", True), ("-x-", "a -x- b", True), ("", "anything", False),
    ("/x", "a /x b", True), ("STRASSE", "die straße", True)])
def test_keys(key: str, text: str, applies: bool) -> None:
    assert (chosen([note("N", key)], text) == ["N"]) is applies


def test_keys_inside_words_where_they_need_not_be_whole() -> None:
    assert chosen([note("N", "狐", whole=False)], "私は狐だ") == ["N"]
    assert chosen([note("N", "Ada", case=True)], "ada") == []
    assert chosen([note("N", "Ada", case=True), note("M", "ada")], "Ada") == ["N", "M"]


def test_keys_that_lie_in_one_another() -> None:
    notes = [note("long", "Mary Ann Lee"), note("first", "Mary"), note("middle", "Ann"), note("two", "Ann Lee")]
    assert set(chosen(notes, "Mary Ann Lee")) == {"long", "first", "middle", "two"}


@pytest.mark.parametrize(("logic", "text", "applies"), [
    ("any", "fox red", True), ("any", "fox", False), ("all", "fox red", False), ("all", "fox red big", True),
    ("not-any", "fox", True), ("not-any", "fox big", False), ("not-all", "fox red", True),
    ("not-all", "fox red big", False)])
def test_secondary_keys(logic: str, text: str, applies: bool) -> None:
    assert (chosen([note("N", "fox", secondary=["red", "big"], logic=logic)], text) == ["N"]) is applies


def test_what_is_far_away_does_not_apply() -> None:
    notes = [note("far", "fox", depth=20), note("near", "hen", depth=20)]
    assert chosen(notes, "a fox " + "." * 30 + " hen") == ["near"]
    assert chosen([note("N", "fox")], "fox" + "." * lore.DEPTH) == []


def test_notes_bring_in_notes_so_often() -> None:
    chain = [note(f"n{i}", f"k{i}", text=f"see k{i + 1}") for i in range(10)]
    assert sorted(chosen(chain, "k0")) == ["n0", "n1", "n2", "n3"]
    assert chosen(chain, "k0", rounds=0) == ["n0"]
    circle = [note("a", "a", text="b a"), note("b", "b", text="a b")]
    assert sorted(chosen(circle, "a", rounds=1000)) == ["a", "b"]
    stops = [note("a", "a", text="b", passes_on=False), note("b", "b"), note("c", "c", recursive=False)]
    assert chosen(stops, "a") == ["a"]
    assert chosen([note("p", text="c", pinned=True), stops[2], note("d", "c")], "") == ["p", "d"]


def test_the_most_important_go_in_first() -> None:
    notes = [note("low", "x", text="w " * 10, priority=1), note("high", "x", text="w " * 10, priority=9),
             note("pin", text="w " * 10, pinned=True), note("off", "x", enabled=False)]
    choice = lore.choose(notes, "x", 25, words)
    assert {c.note.title for c in choice.notes} == {"pin", "high"}
    assert [c.note.title for c in choice.dropped] == ["low"]
    assert choice.tokens == 22
    assert choice.dropped[0].by == "x"
    assert "high: w w" in choice.text


def test_bad_expressions_are_told_and_slow_ones_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lore, "REGEX_SECONDS", 0.1)
    notes = [note("bad", "/(/"), note("slow", "/(x+x+)+y/"), note("good", "fox")]
    choice = lore.choose(notes, "x" * 5000 + " fox", 100, words)
    assert [c.note.title for c in choice.notes] == ["good"]
    assert len(choice.problems) == 2
    assert "“bad”" in choice.problems[0]
    assert "take too long" in choice.problems[1]


def test_ten_thousand_notes() -> None:
    notes = [note(f"n{i}", f"key{i}", f"name {i} of many", text=f"text key{i + 1}") for i in range(10_000)]
    book = lore.Lore(notes)
    choice = book.choose("the key77 and name 9999 of many " + "word " * 1000, 10**6, words)
    assert {c.note.title for c in choice.notes} == {"n77", "n78", "n79", "n80", "n9999"}
    assert [c.note.title for c in book.choose("nothing", 100, words).notes] == []


names = st.text(st.sampled_from("abé 狐_-."), min_size=1, max_size=4)


@settings(max_examples=200, deadline=None)
@given(st.lists(names, min_size=1, max_size=6), st.text(st.sampled_from("abé 狐_-."), max_size=30))
def test_whole_words_as_a_plain_search_finds_them(keys: list[str], text: str) -> None:
    notes = [note(f"{n}", key) for n, key in enumerate(keys)]
    wanted = set()
    for number, key in enumerate(keys):
        name = key.strip().casefold()
        for match in re.finditer(f"(?={re.escape(name)})", text.casefold()) if name else ():
            start, end = match.start(), match.start() + len(name)
            folded = text.casefold()
            before, behind = folded[start - 1:start], folded[end:end + 1]
            clear = not (before and _word(before) and _word(name[0])) and not (
                behind and _word(behind) and _word(name[-1]))
            if clear:
                wanted.add(str(number))
    assert set(chosen(notes, text, 10_000, rounds=0)) == wanted


def _word(char: str) -> bool:
    return bool(re.match(rf"[^\W{UNSPACED}]", char))


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(names, names, st.integers(-3, 3), st.booleans()), max_size=8), names, st.integers(0, 12))
def test_the_budget_holds(made: list[tuple[str, str, int, bool]], text: str, budget: int) -> None:
    notes = [note(f"{n}", key, text=body, priority=priority, pinned=pinned)
             for n, (key, body, priority, pinned) in enumerate(made)]
    choice = lore.choose(notes, text, budget, words, rounds=50)
    assert sum(c.tokens for c in choice.notes) == choice.tokens <= budget
    assert {c.note.id for c in choice.notes} & {c.note.id for c in choice.dropped} == set()
    assert {c.note.id for c in (*choice.notes, *choice.dropped)} >= {n.id for n in notes if n.pinned}


def test_rules_are_kept_as_what_differs() -> None:
    rules = lore.Rules(("a",), "all", True, False, 100, False, False)
    assert lore.rules_of(lore.extra_of(rules)) == rules
    assert lore.extra_of(lore.Rules()) == {}
    assert lore.rules_of({"secondary": 3, "logic": "x", "case": "y", "depth": "z"}) == lore.Rules()
