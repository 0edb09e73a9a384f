"""Caption files: out and in again, and what other programs write."""

from __future__ import annotations

import itertools
import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.project.sound import Arrangement, Clip, Label, SoundError, Track, captions, edits
from studio.project.sound.captioning import captions_of_clip

words = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Z"]), min_size=1, max_size=12).filter(
    lambda word: "<" not in word and "{" not in word and "-->" not in word)
labels = st.lists(st.builds(
    lambda start, length, text: Label("x", start / 1000, length / 1000, " ".join(text)),
    st.integers(0, 400_000_000 // 4), st.integers(1, 100_000), st.lists(words, min_size=1, max_size=4)), min_size=1,
    max_size=6)


@pytest.mark.parametrize("ending", captions.ENDINGS)
@settings(max_examples=30, deadline=None)
@given(found=labels)
def test_what_is_written_is_read_back(ending: str, found: list[Label]) -> None:
    back = captions.read(captions.write(found, ending).encode())
    wanted = sorted(found, key=lambda label: (label.start, label.end))
    assert [(pytest.approx(one.start), pytest.approx(one.length)) for one in back] == [
        (one.start, one.length) for one in wanted]
    assert sorted(one.text for one in back) == sorted(one.text for one in wanted)


@given(st.binary(max_size=300))
def test_any_bytes_are_labels_or_one_sentence(data: bytes) -> None:
    try:
        found = len(captions.read(data))
    except SoundError as error:
        found = -str(error).count("There are no captions")
    assert found != 0


def test_what_others_write() -> None:
    srt = "\ufeff1\r\n00:00:01,500 --> 00:00:02,750\r\n<i>Then it is</i>\r\noverdue.\r\n\r\n2\r\n"
    srt += "01:00:00,000 --> 01:00:01,000\r\nEnd\r\n"
    assert [(one.start, one.length, one.text) for one in captions.read(srt.encode())] == [
        (1.5, 1.25, "Then it is\noverdue."), (3600, 1, "End")]
    vtt = "WEBVTT - a film\n\nNOTE not a cue\n\nfirst\n00:01.000 --> 00:02.000 align:start\n<v Ada>It is &lt;shy&gt;.\n"
    cue = captions.read(vtt.encode())[0]
    assert (cue.start, cue.text, cue.speaker) == (1, "It is <shy>.", "Ada")
    audacity = "0,5\t1.25\tin\n\\\t100\t200\n2.0\t2.0\tpoint\n"
    assert [(one.start, one.length, one.text) for one in captions.read(audacity.encode())] == [
        (0.5, 0.75, "in"), (2, 0, "point")]
    assert captions.read("1\n00:00:01,0 --> 00:00:02,0\nœuf".encode("utf-16"))[0].text == "œuf"


def test_texts_cannot_break_the_file() -> None:
    odd = [Label("x", 1, 1, "one\n\n\ntwo --> three <b>", "A > B")]
    for ending in (".srt", ".vtt"):
        assert len(captions.read(captions.write(odd, ending).encode())) == 1
    assert captions.read(captions.write(odd, ".vtt").encode())[0].text == "one\ntwo → three <b>"


def test_a_file_without_captions_or_of_another_kind_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SoundError, match="no captions"):
        captions.read(b"just words\n")
    with pytest.raises(SoundError, match="cannot be written as"):
        captions.write([], ".doc")
    with pytest.raises(SoundError, match="cannot be read"):
        captions.read_file(tmp_path / "gone.srt")


# ---------------------------------------------------------------- captions of an arrangement

def captioned(*parts: tuple[float, float, str, str]) -> Arrangement:
    return Arrangement(labels=tuple(Label(str(n), *part) for n, part in enumerate(parts)))


def test_captions_are_merged_and_split() -> None:
    made = captioned((0.0, 1.0, "One moon,", ""), (1.5, 1.0, "two moons.", ""), (3.0, 1.0, "Three.", ""))
    merged, key = edits.merge_labels(made, ["1", "0"])
    assert [(one.id, one.start, one.length, one.text) for one in merged.labels] == [
        ("0", 0.0, 2.5, "One moon, two moons."), ("2", 3.0, 1.0, "Three.")]
    cut, second = edits.split_label(merged, key, 1.2)
    assert [(one.start, one.end, one.text) for one in cut.labels] == [
        (0.0, 1.2, "One moon,"), (1.2, 2.5, "two moons."), (3.0, 4.0, "Three.")]
    assert cut.labels[1].id == second
    both, _ = edits.merge_labels(captioned((0.0, 1.0, "Hello.", "Ada"), (1.0, 1.0, "You.", "Ben")), ["0", "1"])
    assert (both.labels[0].text, both.labels[0].speaker) == ("Ada: Hello. Ben: You.", "")
    with pytest.raises(SoundError, match="two captions or more"):
        edits.merge_labels(made, ["0"])
    with pytest.raises(SoundError, match="not inside this caption"):
        edits.split_label(made, "0", 2.0)
    with pytest.raises(SoundError, match="no longer there"):
        edits.split_label(made, "9", 2.0)


def test_spoken_sentences_become_captions_that_can_be_read() -> None:
    long = "The drawer had been painted shut for longer than the house had been standing, which nobody could say, " * 2
    clips = (Clip("a", "t", 1.0, 2.0, text="Come in!", speaker="Anna", recipe={"voice": "Heart"}),
             Clip("b", "t", 4.0, 14.0, text=long, speaker="Heart", recipe={"voice": "Heart"}),
             Clip("c", "t", 30.0, 1.0, text="Unheard.", muted=True), Clip("d", "u", 40.0, 1.0, text="Elsewhere."))
    before = Arrangement(tracks=(Track("t", "Voice"), Track("u", "Other")), clips=clips)
    made, keys = edits.caption_speech(before, ["t"])
    assert len(keys) == len(made.labels)
    assert (made.labels[0].speaker, made.labels[0].text) == ("Anna", "Come in!")
    parts = [one for one in made.labels if one.start >= 4]
    assert " ".join(one.text for one in parts) == " ".join(long.split())
    assert max(len(one.text) for one in parts) <= 84
    assert {one.speaker for one in parts} == {""}
    assert (parts[0].start, parts[-1].end) == (4.0, 18.0)
    assert all(math.isclose(one.end, two.start) for one, two in itertools.pairwise(parts))
    assert max(one.length for one in parts) < 8
    with pytest.raises(SoundError, match="already"):
        edits.caption_speech(made, ["t"])
    assert len(edits.caption_speech(made)[1]) == 1
    with pytest.raises(SoundError, match="no spoken sentences"):
        edits.caption_speech(Arrangement())


@given(st.text(max_size=400), st.floats(0.1, 60))
def test_no_word_of_a_sentence_is_lost_in_captions(text: str, length: float) -> None:
    made = captions_of_clip(Clip("a", "t", 0.0, length, text=text))
    assert " ".join(one.text for one in made).split() == text.split()
    assert all(one.length > 0 for one in made)
