"""Caption files: out and in again, and what other programs write."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.project.sound import Label, SoundError, captions

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
