"""Loaded models: least recently used ones go first, broken loads leave nothing behind."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from studio.engine.memory import RESERVE, Residents, key_of, size_on_disk
from studio.plugins import Generator, Text
from studio.plugins.testing import RecordingContext

GIB = 2**30


class FakeMemory:
    """16 GiB, of which each `Big` takes 4."""

    taken = 0

    def total(self) -> int:
        return 16 * GIB

    def free(self) -> int:
        return self.total() - self.taken

    def used(self) -> int:
        return self.taken

    def release(self) -> None:
        pass


MEMORY = FakeMemory()


class Big(Generator):
    id, title, produces = "a.big", "Big", "text"

    def load(self, ctx: Any) -> None:
        MEMORY.taken += 4 * GIB

    def unload(self) -> None:
        MEMORY.taken -= 4 * GIB

    def run(self, params: Any, ctx: Any) -> Text:
        return Text.of("")


class Broken(Big):
    def load(self, ctx: Any) -> None:
        super().load(ctx)
        raise ValueError("half way")


class Stubborn(Big):
    def unload(self) -> None:
        raise RuntimeError("no")


@pytest.fixture
def residents() -> Residents:
    MEMORY.taken = 0
    return Residents(MEMORY, [].append)


def acquire(residents: Residents, name: str, cls: type[Generator] = Big, estimate: int = 4 * GIB) -> Generator:
    return residents.acquire((name,), cls, RecordingContext(), estimate)


def test_a_model_is_loaded_once(residents: Residents) -> None:
    assert acquire(residents, "a") is acquire(residents, "a")
    assert MEMORY.taken == 4 * GIB


def test_the_least_recently_used_goes_first(residents: Residents) -> None:
    for name in "abc":
        acquire(residents, name)
    acquire(residents, "a")
    acquire(residents, "d")
    assert residents.keys == [("c",), ("a",), ("d",)]


def test_memory_that_others_have_taken_counts(residents: Residents) -> None:
    acquire(residents, "a")
    acquire(residents, "b")
    MEMORY.taken += 8 * GIB - RESERVE
    acquire(residents, "c", estimate=4 * GIB)
    assert residents.keys == [("b",), ("c",)]


def test_one_that_is_larger_than_all_is_tried_alone(residents: Residents) -> None:
    acquire(residents, "a")
    acquire(residents, "b", estimate=64 * GIB)
    assert residents.keys == [("b",)]


def test_a_failed_load_leaves_nothing(residents: Residents) -> None:
    with pytest.raises(ValueError, match="half way"):
        acquire(residents, "a", Broken)
    assert residents.keys == []
    assert MEMORY.taken == 0


def test_an_unload_that_raises_is_survived(residents: Residents) -> None:
    acquire(residents, "a", Stubborn)
    acquire(residents, "b")
    residents.drop_all(but=("b",))
    assert residents.keys == [("b",)]


def test_keys_tell_weights_apart() -> None:
    one, two = ({"model": {"sha256": sha, "path": "/x"}} for sha in "ab")
    assert key_of("a.b", one) != key_of("a.b", two)
    assert key_of("a.b", one) == key_of("a.b", dict(one))
    assert key_of("a.b", {"m": {"path": "/x"}}) != key_of("a.b", {"m": {"path": "/y"}})


def test_size_on_disk(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a").write_bytes(b"12345")
    assert size_on_disk({"model": {"path": str(tmp_path)}}) == 5
    assert size_on_disk({"a": {"path": str(tmp_path / "sub" / "a")}, "b": {"path": "/no/such"}, "c": {}}) == 5
