"""Ghost text, word diff and the choice of story notes, without a window."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.project.manuscript.rows import Note
from studio.ui.write.assist.ghoststate import GhostState, read_choices
from studio.ui.write.assist.steering import Notebook, Steering
from studio.ui.write.assist.worddiff import hunks, merged, pieces


def ghost(text: str, key: str = "a") -> GhostState:
    state = GhostState()
    state.begin(key)
    state.token(key, text)
    return state


def test_typing_what_the_ghost_says_keeps_it() -> None:
    state = ghost(" the one patch. Far away, it hummed.")
    assert state.typed(" ")
    assert state.typed("t")
    assert state.typed("he")
    assert state.shown == " one patch. Far away, it hummed."
    assert state.current is not None
    assert state.current.accepted == 0
    assert not state.typed(" two")
    assert state.shown == " one patch. Far away, it hummed."


def test_words_and_sentences_are_taken_one_by_one() -> None:
    state = ghost(" the one patch. “Far,” it hummed.")
    assert state.word() == " the"
    assert state.take(state.word())
    assert state.sentence() == " one patch."
    assert state.take(state.sentence())
    assert state.shown == " “Far,” it hummed."
    assert state.take(state.shown)
    assert state.shown == ""
    assert state.current is not None
    assert state.current.accepted == len(" the one patch. “Far,” it hummed.")


def test_a_word_of_chinese_is_one_character() -> None:
    state = ghost("猫在看 stars")
    assert state.word() == "猫"
    assert state.take("猫在看")
    assert state.word() == " stars"


def test_a_sentence_ends_with_its_paragraph() -> None:
    state = ghost("no full stop\nnext")
    assert state.sentence() == "no full stop\n"
    state.take("no full stop\n")
    assert state.sentence() == "next"


def test_other_proposals_stay_only_while_they_agree() -> None:
    state = ghost(" the sea", "a")
    state.begin("b")
    state.token("b", " the sky")
    assert state.shown == " the sky"
    assert state.number == (2, 2)
    assert not state.step(1)
    assert state.step(-1)
    assert state.shown == " the sea"
    state.take(" the")
    assert [p.rest for p in state.proposals] == [" sea", " sky"]
    state.typed(" se")
    assert [p.rest for p in state.proposals] == ["a"]
    assert state.number == (1, 1)


def test_tokens_of_a_dropped_proposal_go_nowhere() -> None:
    state = ghost("x", "a")
    state.clear()
    assert not state.token("a", "y")
    assert not state.finish("a", "xy")
    assert state.shown == ""
    state.begin()
    assert not state.token("", "y")


def test_the_result_has_the_last_word_on_the_text() -> None:
    state = ghost(" one tw", "a")
    state.take(" one")
    assert state.finish("a", " one two", read_choices({"alternatives": [
        {"start": 0, "length": 4, "options": [[" one", 0.5]]},
        {"start": 4, "length": 4, "options": [[" two", 0.41], [" six", 0.2]]}, {"start": -1}, "odd"]}))
    assert state.shown == " two"
    choice = state.current.choice()
    assert choice is not None
    assert [o.text for o in choice.options] == [" two", " six"]


def test_a_chosen_beginning_has_no_alternatives_of_the_machine() -> None:
    state = GhostState()
    state.begin("k", lead=" a")
    state.token("k", " cat")
    assert state.shown == " a cat"
    state.finish("k", " cat", read_choices({"alternatives": [{"start": 0, "length": 4, "options": [[" cat", 1.0]]}]}))
    assert state.current.choice() is None
    state.take(" a")
    assert state.current.choice() is not None


@given(st.text(max_size=60), st.lists(st.sampled_from(["word", "sentence"]), max_size=40))
def test_what_is_taken_joined_is_what_was_proposed(text: str, steps: list[str]) -> None:
    state, taken = ghost(text), ""
    for step in steps:
        piece = getattr(state, step)()
        if state.take(piece):
            taken += piece
        else:
            assert not piece
    assert taken + state.shown == text


@pytest.mark.parametrize("meta", [None, {}, {"alternatives": 3}, {"alternatives": [{"start": "0", "options": []}]},
                                  {"alternatives": [{"start": 0, "length": 1, "options": [["a"], 4, ["b", "c"]]}]}])
def test_odd_meta_data_gives_no_choices(meta: object) -> None:
    assert all(not choice.options for choice in read_choices(meta))


# ---------------------------------------------------------------- word diff


def test_a_rewrite_is_hunks_of_words() -> None:
    old = "She was very scared of the dark place on the map, but had decided she would go there anyway."
    new = "The dark place on the map frightened her. She went anyway."
    found = pieces(old, new)
    assert "".join(p.old for p in found) == old
    assert "".join(p.new for p in found) == new
    assert merged(found, ()) == old
    assert merged(found, hunks(found)) == new
    assert any(p.same and "dark place on the map" in p.old for p in found)


@given(st.text(max_size=80), st.text(max_size=80))
def test_all_hunks_give_the_new_text_and_none_the_old(old: str, new: str) -> None:
    found = pieces(old, new)
    assert merged(found, ()) == old
    assert merged(found, hunks(found)) == new


@given(st.lists(st.sampled_from(["a", "b ", " ", "\n", "c.", "é", "猫"]), max_size=30),
       st.lists(st.sampled_from(["a", "b ", " ", "\n", "c.", "é", "猫"]), max_size=30))
def test_hunks_of_close_texts(old: list[str], new: list[str]) -> None:
    found = pieces("".join(old), "".join(new))
    assert merged(found, ()) == "".join(old)
    assert merged(found, hunks(found)) == "".join(new)


# ---------------------------------------------------------------- notes


def note(key: str, title: str, text: str, keys: tuple[str, ...] = (), **more: Any) -> Note:
    return Note(key, "d", title, "character", keys, text, **more)


def test_keys_bring_notes_into_the_context() -> None:
    book = Notebook([note("1", "Marzipan", "A ginger cat who fears the Observatory.", ("Marzipan", "the cat")),
                     note("2", "Observatory", "On the hill."), note("3", "Magic", "Nobody explains it.", pinned=True),
                     note("4", "The lamp", "Old.", ("lamp",), enabled=False)])
    assert book.memory("Nothing here.").ids == ("3",)
    assert set(book.memory("MARZIPAN looked at the lamp.").ids) == {"1", "2", "3"}
    assert set(book.memory("Marzipans everywhere, lampshades too.").ids) == {"3"}
    told = book.memory("the cat")
    assert "Marzipan: A ginger cat" in told.text
    assert not told.dropped


def test_what_finds_no_room_is_told() -> None:
    book = Notebook([note("a", "A", "See Bell.", ("Alpha",), priority=5), note("b", "Bell", "See Alpha.")])
    assert set(book.memory("alpha").ids) == {"a", "b"}
    told = book.memory("alpha", room=len("A: See Bell.") + 1)
    assert told.ids == ("a",)
    assert told.dropped == ("b",)


def test_many_notes_and_odd_keys() -> None:
    book = Notebook([note(str(i), f"Title {i}", "text", (f"key{i}", "", " ", "(", "/[/")) for i in range(10_000)])
    assert book.memory("here is key77, and no more").ids == ("77",)


@pytest.mark.parametrize("kept", [None, 3, {}, {"author_note": 4, "style_sample": None}])
def test_odd_state_is_empty_steering(kept: object) -> None:
    assert Steering.read(kept) == Steering()
    assert Steering.read(Steering("a", "b").to_json()) == Steering("a", "b")
