"""Text on its way to a voice: sentences, dialogues, what is read out for figures and signs."""

from __future__ import annotations

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from plugins_builtin.speech.dialogue import cast, names_in, turns
from plugins_builtin.speech.english import check_script, phonemes
from plugins_builtin.speech.sentences import has_words, pieces, sentences
from plugins_builtin.speech.spoken import spelled_out
from studio.plugins import InputError


def split(text: str) -> list[str]:
    return [sentence.text for sentence in sentences(text)]


@pytest.mark.parametrize("text", [
    "Dr. Smith paid $3.50 at 9 a.m. sharp.",
    "“Stop!” he said.",
    "Well... perhaps.",
    "See e.g. Fig. 3 and No. 5 of vol. 2.",
    "J. K. Rowling met Mr. and Mrs. O’Brien.",
    "The U.S. Army left.",
    "Version 2.0.1 costs 1.5 million.",
    "Visit example.com now.",
    "Acme Inc. Limited is no firm.",
])
def test_one_sentence(text: str) -> None:
    assert split(text) == [text]


@pytest.mark.parametrize(("text", "parts"), [
    ("He left. She stayed.", ["He left.", "She stayed."]),
    ("Really? Yes! No…  Go.", ["Really?", "Yes!", "No…", "Go."]),
    ("“Is it?” “It is.” Good.", ["“Is it?”", "“It is.”", "Good."]),
    ("I live in the U.S. They do too.", ["I live in the U.S.", "They do too."]),
    ("He came at 9 a.m. The door was shut.", ["He came at 9 a.m.", "The door was shut."]),
    ("It was I. He knew.", ["It was I.", "He knew."]),
    ("Say no. 5 people did.", ["Say no. 5 people did."]),
    ("He has 5. 7 are left.", ["He has 5.", "7 are left."]),
    ("(It rained.) We stayed.", ["(It rained.)", "We stayed."]),
    ("こんにちは。元気ですか？はい", ["こんにちは。", "元気ですか？", "はい"]),
    ("Chapter One\nIt was a dark night.", ["Chapter One", "It was a dark night."]),
    ("- milk\n- bread", ["milk", "bread"]),
    ("¿Qué? ¡Sí! Él vino.", ["¿Qué?", "¡Sí!", "Él vino."]),
])
def test_several_sentences(text: str, parts: list[str]) -> None:
    assert split(text) == parts


def test_wrapped_lines_are_joined_and_paragraphs_end() -> None:
    text = ("It was a dark and stormy night, and the rain fell in torrents except at\noccasional intervals. The lamps "
            "went out.\r\n\r\nMorning came.")
    made = sentences(text)
    assert [(s.text.split()[-1], s.last) for s in made] == [("intervals.", False), ("out.", True), ("came.", True)]


@given(st.text(max_size=300))
def test_no_word_is_lost_or_made_up(text: str) -> None:
    kept = "".join("".join(s.text.split()) for s in sentences(text))
    signs = [sign for sign in text if sign.isalpha()]
    assert [sign for sign in kept if sign.isalpha()] == signs
    assert all(s.text.strip() == s.text and s.text for s in sentences(text))


@given(st.text(max_size=300), st.integers(5, 60))
def test_pieces_are_short_and_whole(text: str, most: int) -> None:
    parts = pieces(text, most)
    assert all(0 < len(part) <= most for part in parts)
    assert "".join("".join(parts).split()) == "".join(text.split())


def test_pieces_are_cut_at_clauses() -> None:
    assert pieces("When the rain stopped, the children went out, and played.", 40) == [
        "When the rain stopped,", "the children went out, and played."]


@pytest.mark.parametrize("text", ["", "…!?", "  \n\n ", "***", "🙂🙂", "—"])
def test_nothing_to_say(text: str) -> None:
    assert not has_words(text)


# ---------------------------------------------------------------- dialogues

PLAY = """The door opened.

Anna: Good morning. How are you?
Ben (tired): Fine.
Really fine.

They sat. Note: this stays.
**Anna:** Bye."""


def test_lines_belong_to_their_speakers() -> None:
    assert [(who, s.text) for who, s in turns(PLAY, {"anna": "Anna", "ben": "Ben"})] == [
        ("", "The door opened."), ("Anna", "Good morning."), ("Anna", "How are you?"), ("Ben", "Fine."),
        ("Ben", "Really fine."), ("", "They sat."), ("", "Note: this stays."), ("Anna", "Bye.")]


def test_text_that_is_no_dialogue_keeps_its_names() -> None:
    assert [s.text for _, s in turns("Anna: Good morning.", None)] == ["Anna: Good morning."]
    assert [who for who, _ in turns("Carl: Hello.", {"anna": "Anna"})] == [""]


def test_names_and_who_speaks_them() -> None:
    assert names_in(PLAY) == ["Anna", "Ben"]
    assert names_in("Dr. Watson: Indeed.\nhttp://example.com\nat 9:30 we left") == ["Dr. Watson"]
    assert cast(PLAY, {}, ["a", "b", "c"], "a") == {"Anna": "b", "Ben": "c"}
    assert cast(PLAY, {"Ben": "b"}, ["a", "b", "c"], "a") == {"Ben": "b", "Anna": "c"}
    assert cast(PLAY, {}, ["a", "b"], "a") == {"Anna": "b", "Ben": "b"}
    assert cast(PLAY, {}, ["a"], "a") == {"Anna": "a", "Ben": "a"}


# ---------------------------------------------------------------- what is read out


@pytest.mark.parametrize(("text", "words"), [
    ("Dr. Smith paid $3.50.", "Doctor Smith paid three dollars and fifty cents."),
    ("£1 or €2.01", "one pound or two euros and one cent"),
    ("in 1999 and 2024", "in nineteen ninety-nine and twenty twenty-four"),
    ("3.14 of 1,250", "three point one four of one thousand, two hundred and fifty"),
    ("the 21st, 50%", "the twenty-first, fifty percent"),
    ("5km at -5°C", "five kilometers at minus five degrees Celsius"),
    ("Call 555-1234.", "Call five five five, one two three four."),
    ("at 9:30am", "at nine thirty A.M."),
])
def test_figures_become_words(text: str, words: str) -> None:
    assert spelled_out(text) == words


@settings(deadline=None)  # the first call reads the lexicon
@given(st.text(max_size=120))
@example("<¹")
def test_no_text_upsets_the_readers(text: str) -> None:
    assert isinstance(spelled_out(text), str)
    assert isinstance(phonemes(text), str)


@pytest.mark.parametrize("text", ["<¹", "x² and y³", "①", "٣", "½ cup"])
def test_odd_digits_are_read(text: str) -> None:
    assert phonemes(text)
    assert phonemes("5 m²").endswith("skwˈɛɹd")


@pytest.mark.parametrize("text", ["12" * 20 + " dogs", "$" + "9" * 120, "1" + ",000" * 30, "-" + "7" * 50 + ".5"])
def test_numbers_without_a_name_are_read_digit_by_digit(text: str) -> None:
    assert phonemes(text).split()[:2] in (["wˈʌn", "tˈu"], ["nˈIn", "nˈIn"], ["wˈʌn", "zˈɪɹO"], ["mˈInəs", "sˈɛvən"])
    assert spelled_out(text)


def test_phonemes_of_both_englishes() -> None:
    assert phonemes("Hello there.") == "həlˈO ðˈɛɹ."
    assert phonemes("Hello there.", british=True) == "həlˈQ ðˈɛː."
    assert phonemes("**Hello** [there](https://example.com).") == phonemes("Hello there.")
    assert phonemes("[Pieria](/pIˈɪɹiə/) sings.") == "pIˈɪɹiə sˈɪŋz."
    assert phonemes("$20") == phonemes("twenty dollars")


@pytest.mark.parametrize(("text", "script"), [
    ("Привет, мир", "Cyrillic letters"), ("こんにちは", "Japanese"), ("你好", "Chinese characters"),
    ("Γειά", "Greek letters"), ("안녕", "Korean")])
def test_another_script_is_one_sentence(text: str, script: str) -> None:
    with pytest.raises(InputError) as raised:
        check_script(text, "Hibari")
    assert str(raised.value) == (f"Hibari reads English, and this text is in {script}; choose a voice that knows its "
                                 "language.")


def test_a_foreign_word_among_english_is_no_error() -> None:
    check_script("The word мир means peace.", "Hibari")
    check_script("1984", "Hibari")
