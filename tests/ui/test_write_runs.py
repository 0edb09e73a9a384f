"""Looks of a text stay with their characters, wherever and in whatever order it is changed."""

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.ui.write.runs import Looks, Runs, object_of

LOOKS: list[Looks] = [(), (("bold", ""),), (("italic", ""),), (("footnote", "a note"),), (("image", "sha"),)]
PIECES = st.lists(st.tuples(st.integers(1, 4), st.sampled_from(LOOKS)), max_size=3).map(
    lambda runs: [(1 if object_of(looks) else length, looks) for length, looks in runs])
EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 5), PIECES), max_size=40)


@settings(max_examples=150, deadline=None)
@given(EDITS, st.floats(0, 1), st.floats(0, 1))
def test_runs_follow_a_list_of_the_looks_of_each_unit(edits, first, second):
    runs, looks = Runs(), []
    for share, removed, added in edits:
        at = int(share * len(looks))
        removed = min(removed, len(looks) - at)
        looks[at:at + removed] = [look for length, look in added for _ in range(length)]
        runs.splice(at, removed, added)
        assert [look for length, look in runs.all for _ in range(length)] == looks
        assert runs.total() == len(looks)
        start, end = sorted((int(first * len(looks)), int(second * len(looks))))
        assert [look for length, look in runs.within(start, end) for _ in range(length)] == looks[start:end]
        assert [runs.at(place) for place in range(len(looks) + 1)] == [*looks, ()]
        notes = [place for place, look in enumerate(looks) if look == LOOKS[3]]
        assert [place for place, _ in runs.objects("footnote")] == notes
        assert runs.objects_count == sum(object_of(look) is not None for look in looks)
