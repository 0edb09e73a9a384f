"""Takes: alternatives in the place of a clip. Only one is heard, none is lost, and cuts go through all of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sound_kit import RATE, SECONDS, mixed, one

from studio.project.sound import Arrangement, Clip, SoundError, Take, edits
from studio.project.sound.store import arrangement_of, delta


def take(media: str, length: float = SECONDS, **more: Any) -> Take:
    return Take(length, media, "audio/wav", source_length=SECONDS, **more)


def three() -> tuple[Arrangement, str]:
    """A clip of "a", "b" and "c", of which "b" is held."""
    made, _, clip = one("a")
    made = edits.add_takes(made, clip, [take("b"), take("c", 1.5)], switch=False)
    return edits.set_take(made, clip, 1), clip


def test_a_take_that_is_held_sounds_as_if_it_were_the_only_one() -> None:
    made, clip = three()
    assert [held.media for held in made.clip(clip).all_takes] == ["a", "b", "c"]
    for place, media in enumerate("abc"):
        made = edits.set_take(made, clip, place)
        alone, _, _ = one(media, made.clip(clip).length)
        np.testing.assert_array_equal(mixed(made), mixed(alone))
    assert made.media() == {"a", "b", "c"}


def test_what_was_done_to_a_take_is_there_when_it_is_held_again() -> None:
    made, clip = three()
    changed = edits.slip(edits.trim_end(made, clip, 0.5), clip, -0.25)
    away = edits.set_take(changed, clip, 2)
    again = edits.set_take(away, clip, 1)
    assert again.clip(clip) == changed.clip(clip).with_(takes=again.clip(clip).takes)


@given(cut=st.floats(0.05, 1.95), place=st.integers(0, 2))
@settings(max_examples=25, deadline=None)
def test_a_split_goes_through_all_takes_and_joins_again(cut: float, place: int) -> None:
    made, clip = three()
    halves = edits.split(made, cut)
    whole = edits.join(halves, [one.id for one in halves.clips]) if len(halves.clips) == 2 else halves
    for arrangement in (halves, whole):
        after = arrangement
        for part in arrangement.clips:
            media = ("a", "b", "c")[place]
            at = next((n for n, held in enumerate(part.all_takes) if held.media == media), None)
            if at is not None:
                after = edits.set_take(after, part.id, at)
        heard, wanted = mixed(after, 1.5), mixed(edits.set_take(made, clip, place), 1.5)
        if place != 2:  # "c" ends before the others; the half behind its end has none of it
            np.testing.assert_array_equal(heard, wanted)


EDITS = ("split", "trim start", "trim end", "slip", "clear", "cut out", "room", "copy", "duplicate", "anew", "fade")


def edited(old: Arrangement, what: str, at: float, length: float, clip: str) -> Arrangement:
    found = {
        "split": lambda: edits.split(old, at), "trim start": lambda: edits.trim_start(old, clip, at),
        "trim end": lambda: edits.trim_end(old, clip, at), "slip": lambda: edits.slip(old, clip, at - 1),
        "clear": lambda: edits.clear_region(old, at, at + length),
        "cut out": lambda: edits.ripple_delete_region(old, at, at + length),
        "room": lambda: edits.insert_time(old, at, length),
        "copy": lambda: edits.paste(old, edits.copy_region(old, at, at + length), 4.0, old.tracks[0].id)[0],
        "duplicate": lambda: edits.duplicate(old, [clip])[0],
        "anew": lambda: edits.replace_region(old, clip, at, at + length, edits.Piece("b", "audio/wav", length))[0],
        "fade": lambda: edits.set_fade_in(old, [clip], length),
    }
    return found[what]()


@pytest.mark.parametrize("what", EDITS)
@given(at=st.floats(0.0, 2.2), length=st.floats(0.05, 1.0), place=st.integers(0, 2), other=st.integers(0, 2))
@settings(max_examples=12, deadline=None)
def test_edits_sound_as_without_takes_and_leave_takes_that_can_be_held(what: str, at: float, length: float, place: int,
                                                                        other: int) -> None:
    made, clip = three()
    made = edits.set_take(made, clip, place)
    alone = edits.keep_take(made, [clip])
    try:
        after = edited(made, what, at, length, clip)
    except SoundError:
        with pytest.raises(SoundError):
            edited(alone, what, at, length, clip)
        return
    np.testing.assert_array_equal(mixed(after, 7.0), mixed(edited(alone, what, at, length, clip), 7.0))
    for held in after.clips:
        assert not held.takes or (len(held.takes) > 1 and 0 <= held.take < len(held.takes))
        assert all(one.length > 0 and one.offset >= 0 for one in held.all_takes)
        switched = edits.set_take(after, held.id, other % len(held.all_takes))
        back = edits.set_take(switched, held.id, held.take).clip(held.id)
        assert (back.media, back.offset) == (held.media, held.offset)
        assert back.length == pytest.approx(held.length, abs=1e-9)


def test_a_new_take_comes_once_and_says_when_there_are_too_many() -> None:
    made, clip = three()
    again = edits.add_takes(made, clip, [take("c", 1.5)])
    assert [held.media for held in again.clip(clip).all_takes] == ["a", "b", "c"]
    assert again.clip(clip).media == "c"
    many = [take("a", offset=0.001 * n) for n in range(1, 70)]
    with pytest.raises(SoundError, match="at most 64"):
        edits.add_takes(made, clip, many)
    with pytest.raises(SoundError, match="no such take"):
        edits.set_take(made, clip, 3)


def test_sentences_behind_a_longer_take_keep_their_distance() -> None:
    made, track, clip = one("a", 1.0)
    made, after = edits.add_clip(made, track, 1.25, edits.Piece("b", "audio/wav", 1.0))
    made = made.map_clips([clip], lambda held: held.with_(result="r1"))
    longer = edits.add_takes(made, clip, [take("c", 1.5, result="r2")])
    assert longer.clip(after).start == 1.75
    assert edits.set_take(longer, clip, 0).clip(after).start == 1.25


def test_only_this_one_or_all_on_tracks_of_their_own() -> None:
    made, clip = three()
    assert edits.keep_take(made, [clip]).clip(clip).takes == ()
    np.testing.assert_array_equal(mixed(edits.keep_take(made, [clip])), mixed(made))
    spread, names = edits.spread_takes(made, clip)
    assert [spread.clip(name).media for name in names] == ["a", "c"]
    assert [track.mute for track in spread.tracks] == [False, True, True]
    np.testing.assert_array_equal(mixed(spread), mixed(made))
    less = edits.remove_take(made, clip)
    assert [held.media for held in less.clip(clip).all_takes] == ["a", "c"]
    assert less.clip(clip).media == "a"
    least = edits.remove_take(less, clip)
    assert (least.clip(clip).media, least.clip(clip).takes) == ("c", ())
    with pytest.raises(SoundError, match="only one take"):
        edits.remove_take(least, clip)


def test_a_stretch_made_anew_keeps_what_was_there_as_a_take() -> None:
    made, _, clip = one("a")
    after, fresh = edits.replace_region(made, clip, 0.5, 1.0, edits.Piece("b", "audio/wav", 0.5))
    assert [(held.media, held.offset) for held in after.clip(fresh).all_takes] == [("a", 0.5), ("b", 0.0)]
    back = edits.set_take(after, fresh, 0)
    seams = [slice(0, round(0.5 * RATE)), slice(round(0.51 * RATE), round(0.99 * RATE)), slice(round(RATE), None)]
    for stretch in seams:
        np.testing.assert_allclose(mixed(back)[stretch], mixed(made)[stretch], atol=1e-6)


def test_takes_come_back_from_the_file_and_old_clips_have_none() -> None:
    made, _ = three()
    again, _ = arrangement_of(delta(None, made, "r").put, [])
    assert again.clips == made.clips
    plain, _, clip = one()
    rows = delta(None, plain, "r").put
    assert not any("take" in text for _, _, text in rows)
    assert arrangement_of(rows, [])[0].clip(clip).all_takes == (plain.clip(clip).held,)


@pytest.mark.parametrize(("takes", "at", "left"), [
    ('[{"length": 1, "media": "x"}, 5, {"length": 2, "media": "y"}]', "2", ("x", "y")),
    ('[{"length": 1, "media": "x"}, {"media": "y"}]', "0", ()), ('"all"', "1", ()),
    ('[{"length": 1}, {"length": 1, "recipe": 7}]', "99", ("", "")), ("[]", "true", ()),
])
def test_takes_that_cannot_be_read_are_left_out(takes: str, at: str, left: tuple[str, ...]) -> None:
    clip = f'{{"track": "t", "start": 0, "length": 1, "media": "m", "takes": {takes}, "take": {at}}}'
    found, _ = arrangement_of([("track", "t", '{"name": "T"}'), ("clip", "c", clip)], [])
    held: Clip = found.clip("c")
    assert tuple(one.media for one in held.takes) == left
    assert not held.takes or 0 <= held.take < len(held.takes)
