"""Operations on prose keep text, blocks, marks and spans together; diffs; statistics."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from manuscript_kit import rich

from studio.project.manuscript import diff, words
from studio.project.manuscript import prose as ops
from studio.project.manuscript.finding import Search, replace_ranges
from studio.project.manuscript.rows import (
    ANCHORED,
    MARK_KINDS,
    OBJECT,
    STYLES,
    Block,
    Mark,
    Prose,
    from_columns,
    tidy,
    to_columns,
)
from studio.project.manuscript.statistics import statistics
from studio.project.manuscript.words import count_words

quick = settings(max_examples=60, deadline=None)
letters = st.text(st.sampled_from(f"ab 🦊é\n.{OBJECT}語'"), max_size=40)


@st.composite
def proses(draw: st.DrawFn) -> Prose:
    text = draw(letters)
    blocks = tuple(Block(style, level) for style, level in draw(
        st.lists(st.tuples(st.sampled_from(STYLES), st.integers(0, 2)), max_size=text.count("\n") + 1)))
    places = st.tuples(st.integers(0, 40), st.integers(1, 12), st.sampled_from(MARK_KINDS), st.sampled_from(["", "u"]))
    marks = []
    for start, length, kind, value in draw(st.lists(places, max_size=5)):
        value = value if kind in ("link", *ANCHORED) else ""
        marks.append(Mark(start, 1 if kind in ANCHORED else length, kind, value))
    spans, at = [], 0
    for gap, length in draw(st.lists(st.tuples(st.integers(0, 5), st.integers(1, 8)), max_size=4)):
        start, end = at + gap, min(at + gap + length, len(text))
        if start < end:
            spans.append({"start": start, "length": end - start, "origin": "machine", "recipe": "r",
                          "size": ops.units(text[start:end])})
            at = end
    return tidy(Prose(text, blocks, tuple(marks), tuple(spans)))


def consistent(prose: Prose) -> bool:
    assert tidy(prose) == prose
    assert len(prose.blocks) <= prose.text.count("\n") + 1
    last = 0
    for span in prose.spans:
        assert last <= span["start"] < span["start"] + span["length"] <= len(prose.text)
        last = span["start"] + span["length"]
    for kind in MARK_KINDS:
        mine = [m for m in prose.marks if m.kind == kind]
        assert all(a.end <= b.start for a, b in pairwise(mine))
        assert all(0 <= m.start < m.end <= len(prose.text) for m in mine)
    for mark in prose.marks:
        assert mark.kind not in ANCHORED or prose.text[mark.start:mark.end] == OBJECT
    return True


@quick
@given(proses())
def test_a_prose_comes_through_the_file(prose: Prose) -> None:
    assert from_columns(*to_columns(prose)) == prose


@quick
@given(proses(), st.integers(0, 41), st.integers(0, 41))
def test_cut_delete_and_insert(prose: Prose, a: int, b: int) -> None:
    start, end = sorted((min(a, len(prose.text)), min(b, len(prose.text))))
    piece, rest = ops.cut(prose, start, end), ops.delete(prose, start, end)
    assert consistent(piece)
    assert consistent(rest)
    assert (piece.text, rest.text) == (prose.text[start:end], prose.text[:start] + prose.text[end:])
    back = ops.insert(rest, start, piece, inherit=False)
    assert consistent(back)
    assert back.text == prose.text
    assert [(m.start, m.kind, m.value) for m in back.marks if m.kind in ANCHORED] == [
        (m.start, m.kind, m.value) for m in prose.marks if m.kind in ANCHORED]


@quick
@given(proses(), proses(), st.integers(0, 41))
def test_insert_keeps_both(prose: Prose, other: Prose, at: int) -> None:
    out = ops.insert(prose, at, other)
    assert consistent(out)
    at = min(at, len(prose.text))
    assert out.text == prose.text[:at] + other.text + prose.text[at:]
    assert sum(s["length"] for s in out.spans) == sum(s["length"] for s in (*prose.spans, *other.spans))


@quick
@given(proses(), st.integers(0, 41))
def test_split_and_join(prose: Prose, at: int) -> None:
    left, right = ops.split(prose, at)
    assert consistent(left)
    assert consistent(right)
    joined = ops.join([left, right])
    assert consistent(joined)
    at = min(at, len(prose.text))
    if "\n" in prose.text[max(0, at - 1):at + 1]:
        assert joined.text == prose.text
        assert ops.all_blocks(joined) == ops.all_blocks(prose)
    else:
        assert joined.text == prose.text[:at] + "\n" + prose.text[at:]


@quick
@given(proses())
def test_paragraphs_in_runs_and_back(prose: Prose) -> None:
    lines = ops.to_lines(prose)
    assert "\n".join(line.text for line in lines) == prose.text
    back = ops.from_lines(lines)
    assert (back.text, back.blocks) == (prose.text, prose.blocks)
    for kind in MARK_KINDS:  # a mark over a line break is one for each paragraph
        assert _covered(back, kind) == _covered(prose, kind)
    assert {p for s in back.spans for p in range(s["start"], s["start"] + s["length"])} == {
        p for s in prose.spans for p in range(s["start"], s["start"] + s["length"]) if prose.text[p] != "\n"}


def _covered(prose: Prose, kind: str) -> set[tuple[int, str]]:
    return {(p, m.value) for m in prose.marks if m.kind == kind for p in range(m.start, m.end) if prose.text[p] != "\n"}


@quick
@given(proses(), st.integers(0, 41), st.integers(0, 41), st.sampled_from([k for k in MARK_KINDS if k not in ANCHORED]))
def test_marks_go_on_and_off(prose: Prose, a: int, b: int, kind: str) -> None:
    start, end = sorted((min(a, len(prose.text)), min(b, len(prose.text))))
    on = ops.mark(prose, start, end, kind, "u")
    assert consistent(on)
    assert ops.has_mark(on, start, end, kind) == (start < end)
    off = ops.mark(on, start, end, kind, on=False)
    assert consistent(off)
    assert not any(m.kind == kind and m.start < end and m.end > start for m in off.marks)
    assert (on.text, on.spans) == (prose.text, prose.spans)


@quick
@given(proses(), st.sampled_from(["a", "b", "🦊", ". ", "é"]), st.sampled_from(["", "x", "yy z"]))
def test_many_replacements_at_once_are_as_one_by_one(prose: Prose, query: str, replacement: str) -> None:
    found, at = [], prose.text.find(query)
    while at >= 0:
        found.append((at, at + len(query), replacement))
        at = prose.text.find(query, at + len(query))
    slow = prose
    for start, end, text in reversed(found):
        slow = ops.substitute(slow, start, end, text)
    fast = replace_ranges(prose, found)
    assert consistent(fast)
    assert (fast.text, fast.blocks, fast.marks) == (slow.text, slow.blocks, slow.marks)
    assert _authors(fast) == _authors(slow)


def _authors(prose: Prose) -> dict[int, str]:
    return {p: s["origin"] for s in prose.spans for p in range(s["start"], s["start"] + s["length"])}


@quick
@given(letters, letters)
def test_a_diff_leads_from_one_text_to_the_other(before: str, after: str) -> None:
    parts = diff.pieces(before, after)
    assert "".join(p.text for p in parts if p.kind != "new") == before
    assert "".join(p.text for p in parts if p.kind != "gone") == after
    for hunk in diff.hunks(before, after):
        assert (before[hunk.start:hunk.end], after[hunk.new_start:hunk.new_end]) == (hunk.before, hunk.after)
        assert hunk.before != hunk.after


@quick
@given(proses(), proses(), st.sets(st.integers(0, 6)))
def test_hunks_are_taken_one_by_one(before: Prose, after: Prose, taken: set[int]) -> None:
    assert diff.accept(before, after).text == after.text
    assert diff.accept(before, after, ()) == before
    some = diff.accept(before, after, taken)
    assert consistent(some)
    every, want, at = diff.hunks(before.text, after.text), [], 0
    for number, hunk in enumerate(every):
        want += [before.text[at:hunk.start], hunk.after if number in taken else hunk.before]
        at = hunk.end
    assert some.text == "".join(want) + before.text[at:]


def test_a_diff_is_of_words() -> None:
    before, after = "The old fox didn’t run away.\nSame line.", "The quick brown fox didn’t walk away.\nSame line."
    assert [(h.before, h.after) for h in diff.hunks(before, after)] == [("old", "quick brown"), ("run", "walk")]


def test_a_diff_of_long_texts_that_share_little_ends() -> None:
    before, after = " ".join(f"a{n}" for n in range(20_000)), " ".join(f"b{n}" for n in range(20_000))
    (hunk,) = diff.hunks(before, after)
    assert (hunk.before, hunk.after) == (before, after)


def test_an_accepted_hunk_brings_its_looks_and_author() -> None:
    before = Prose("One two three.", marks=(Mark(0, 3, "bold"),))
    after = ops.written_by(Prose("One zwei three.", marks=(Mark(4, 4, "italic"),)), 0, 15, "r")
    out = diff.accept(before, after, {0})
    assert (out.text, out.marks) == ("One zwei three.", (Mark(0, 3, "bold"), Mark(4, 4, "italic")))
    assert [(s["start"], s["length"], s["origin"]) for s in out.spans] == [(4, 4, "machine")]


def test_who_wrote_what_follows() -> None:
    machine = ops.written_by(Prose("A fox ran.\nIt 🦊 fell."), 0, 21, "r")
    assert [(s["start"], s["length"], s["size"], s["origin"]) for s in machine.spans] == [
        (0, 10, 10, "machine"), (11, 10, 11, "machine")]
    typed = ops.insert(machine, 2, "red ")
    assert [(s["start"], s["length"], s["origin"]) for s in typed.spans][:2] == [(0, 2, "edited"), (6, 8, "edited")]
    shorter = ops.delete(machine, 2, 6)
    assert shorter.spans[0] == {"start": 0, "length": 6, "size": 10, "origin": "edited", "recipe": "r"}
    left, right = ops.split(machine, 5)
    assert [s["origin"] for p in (left, right) for s in p.spans] == ["machine"] * 3
    assert (left.spans[0]["size"], right.spans[0]["size"]) == (5, 5)
    assert ops.delete_spans(machine, 0, 11).spans == (machine.spans[1],)


def test_a_paragraph_keeps_its_style() -> None:
    prose = rich("0" * 64, "r")
    assert [p.block.style for p in ops.paragraphs(prose)] == ["h1", "body", "bullet", "break", "quote"]
    merged = ops.delete(prose, 7, 8)
    assert [p.block.style for p in ops.paragraphs(merged)] == ["h1", "bullet", "break", "quote"]
    head_gone = ops.delete(prose, 0, 8)
    assert [p.block.style for p in ops.paragraphs(head_gone)] == ["body", "bullet", "break", "quote"]
    assert ops.set_block(prose, 0, 9, Block("h2")).blocks[:2] == (Block("h2"), Block("h2"))


@pytest.mark.parametrize(("text", "count"), [
    ("", 0), ("one", 1), ("don’t well-known 3.14 e.g. —", 4), ("私は猫である。", 6),
    ("שלום עולם", 2), ("مرحبا بالعالم", 2),
    ("a\nb\tc", 3), ("🦊 🦊", 0), ("naïve café", 2), ("हिन्दी में", 2),
    ("x" * 10 + " - " + "y", 2), ("日本語 and words", 5)])
def test_words_are_counted(text: str, count: int) -> None:
    assert count_words(text) == count


@given(st.text(st.sampled_from("ab1 \n.,-'é中"), max_size=200))
def test_words_are_counted_in_parts_as_in_one(text: str) -> None:
    whole = count_words(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(words, "PIECE", 7)
        assert count_words(text) == whole


def test_statistics() -> None:
    text = ("“Where is the lighthouse?” she asked. The lighthouse keeper did not answer.\n\nThe lamp burned. " * 3)
    counted = statistics(text)
    assert (counted.words, counted.sentences, counted.paragraphs) == (45, 9, 4)
    assert counted.most_used[0] == ("lighthouse", 6)
    assert 0.2 < counted.dialogue < 0.35
    assert counted.readability is not None
    assert 50 < counted.readability <= 100
    assert statistics("猫。" * 40).readability is None
    assert statistics("").words == 0


def test_replacing_in_a_book_is_one_pass() -> None:
    text = "the fox and the hound ran\n" * 20_000
    done = Search("the").replace({"n": Prose(text)}, "a")
    assert done.count == 40_000
    assert done.after["n"].text == text.replace("the", "a")
