"""Search words and manuscripts of every sort."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from project_kit import add_picture, add_text, text_of, write_text

from studio.project import Project, ResultQuery
from studio.project.rows import fit_spans
from studio.project.search import match_query

wild = st.text(st.characters(), max_size=80)
words = st.text(st.characters(categories=["L", "N", "So", "M", "P", "Zs"]), min_size=1, max_size=40)
relaxed = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(scope="module")
def shared() -> Iterator[Project]:
    with tempfile.TemporaryDirectory() as folder, Project.create(Path(folder, "s.pieria")) as project:
        add_picture(project, 'a red apple, "quoted" AND 50% off: naïve café')
        add_picture(project, "🍎🦀 crab on the beach 👍🏽", 8)
        add_picture(project, "赤いりんごを食べる猫", 9)
        add_picture(project, "تفاحة حمراء على الطاولة", 10)
        add_picture(project, "תפוח אדום", 11)
        add_picture(project, "लाल सेब", 12)
        add_text(project, "Once upon a time there was a lighthouse.", "tell me a tale")
        yield project


@pytest.mark.parametrize(("text", "seeds"), [
    ("apple", [7]), ("APPLE red", [7]), ("app", [7]), ("pple", []), ('"quoted"', [7]), ("AND", [7]), ("naive", [7]),
    ("café", [7]), ("cafe\u0301", [7]), ("prompt:red", []), ("-apple", [7]), ("red OR crab", []), ("app*", [7]),
    ("50%", [7]), ("🍎", [8]), ("🦀", [8]), ("👍", [8]), ("🍏", []), ("りんご", [9]), ("猫", [9]), ("赤猫", []),
    ("حمراء", [10]), ("חמר", []), ("אדום", [11]), ("सेब", [12]), ("lighthouse", [7]), ("tale light", [7]),
    ("NEAR(a b)", []), ("a\0b", []), ("{apple}", [7]), ("^apple", [7]),
])
def test_what_is_found(shared: Project, text: str, seeds: list[int]) -> None:
    assert [r.seed for r in shared.results(ResultQuery(text=text))] == seeds
    assert shared.count_results(ResultQuery(text=text)) == len(seeds)


@pytest.mark.parametrize("text", ["", "  ", "?!", '"', "*", '""""', "- -", "\0"])
def test_nothing_to_look_for_is_no_filter(shared: Project, text: str) -> None:
    assert match_query(text) == ""
    assert shared.count_results(ResultQuery(text=text)) == 7


@relaxed
@given(wild)
def test_any_query_parses(shared: Project, text: str) -> None:
    found = shared.results(ResultQuery(text=text))
    assert shared.count_results(ResultQuery(text=text)) == len(found)


@relaxed
@given(words)
def test_a_text_is_found_by_its_own_words(shared: Project, text: str) -> None:
    row = add_text(shared, text, text)
    try:
        assert row.id in {r.id for r in shared.results(ResultQuery(text=text, limit=10_000))}
        assert shared.result(row.id).prompt == text
    finally:
        shared.delete_result(row.id).result()


@st.composite
def manuscripts(draw: st.DrawFn) -> tuple[str, list[dict], int]:
    text = draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
    spans = []
    at = 0
    while at < len(text) and draw(st.booleans()):
        start = draw(st.integers(at, len(text) - 1))
        length = draw(st.integers(1, len(text) - start))
        spans.append({"start": start, "length": length, "origin": draw(st.sampled_from(["machine", "mixed"])),
                      "recipe": "r"})
        at = start + length
    return text, spans, draw(st.integers(0, len(text)))


@relaxed
@given(manuscripts())
def test_manuscripts_come_back(shared: Project, manuscript: tuple[str, list[dict], int]) -> None:
    text, spans, cursor = manuscript
    document = shared.documents("manuscript")[0].id
    write_text(shared, document, text, spans, cursor).result()
    kept = text_of(shared, document)
    assert (kept.text, list(kept.spans), kept.cursor) == manuscript


@relaxed
@given(wild, st.lists(st.tuples(st.integers(-50, 200), st.integers(-50, 200))), st.integers())
def test_what_does_not_fit_the_text_is_cut(shared: Project, text: str, places: list[tuple[int, int]],
                                           cursor: int) -> None:
    document = shared.documents("manuscript")[0].id
    spans = [{"start": start, "length": length, "origin": "mixed"} for start, length in places]
    write_text(shared, document, text, spans, cursor).result()
    kept = text_of(shared, document)
    assert len(kept.text) == len(text)
    assert 0 <= kept.cursor <= len(text)
    assert all(0 <= s["start"] < s["start"] + s["length"] <= len(text) for s in kept.spans)
    assert list(kept.spans) == fit_spans(spans, len(text))
