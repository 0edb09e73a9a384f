"""What a start leaves behind is no longer gone through; what a closed project leaves is found; on one thread alone."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest

from studio import garbage as garbage_module
from studio.garbage import Garbage


class Knot:
    """An object that holds itself."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def usual() -> Iterator[None]:
    yield
    gc.unfreeze()
    gc.enable()


def test_nothing_is_collected_until_the_start_is_over() -> None:
    garbage = Garbage()
    assert not gc.isenabled()
    knots = [weakref.ref(Knot()) for _ in range(1000)]
    garbage.turn()
    assert all(knot() is not None for knot in knots)
    garbage.settle()
    assert gc.get_freeze_count() > 1000
    assert len(gc.get_objects()) < 1000, "collections look at little"


def test_what_a_closed_project_leaves_behind_is_found() -> None:
    garbage = Garbage()
    knot = weakref.ref(Knot())
    garbage.settle()
    gc.collect()
    assert knot() is not None, "it stays while the project is open"
    garbage.release()
    garbage.settle()
    assert knot() is None
    assert gc.get_freeze_count() > 1000


def test_no_other_thread_collects() -> None:
    garbage = Garbage()
    garbage.settle()
    ended: list[threading.Thread] = []
    knot = Knot()
    weakref.finalize(knot, lambda: ended.append(threading.current_thread()))
    del knot
    busy = threading.Thread(target=lambda: [Knot() for _ in range(100_000)])
    busy.start()
    busy.join()
    assert not ended
    garbage.turn()
    assert ended == [threading.current_thread()]


def test_full_collections_are_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    now, ages = [100.0], list[int]()
    monkeypatch.setattr(garbage_module, "monotonic", lambda: now[0])
    monkeypatch.setattr(gc, "get_count", lambda: (701, 11, 11))
    monkeypatch.setattr(gc, "collect", ages.append)
    garbage = Garbage()
    garbage.turn()
    assert not ages, "not before the start is over"
    garbage.settle()
    garbage.turn()
    now[0] += garbage_module.FULL
    garbage.turn()
    garbage.turn()
    assert ages == [1, 2, 1]
