"""What the window knows of the models: at once what the last run knew, the truth from another thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from studio.models import Library, Model, PackError
from studio.ui.modelshelf import ModelShelf
from studio.ui.startparts import ReadyCard

SPARK = Model("spark", "Spark", "stable-diffusion", Path("spark"), 10, "ab", default=True)
OWN = Model("own", "Own", "gguf", Path("own.gguf"), 20, source="folder")


class Shelf:
    """A library that tells which thread asked it; `installed` waits while `gate` is shut."""

    def __init__(self, *models: Model) -> None:
        self.models, self.threads = list(models), list[threading.Thread]()
        self.gate = threading.Event()
        self.gate.set()

    def installed(self) -> list[Model]:
        self.threads.append(threading.current_thread())
        assert self.gate.wait(30)
        return list(self.models)

    def offers(self, installed: Any) -> list[Any]:
        return []

    def add_folder(self, path: str) -> None:
        self.threads.append(threading.current_thread())
        if path == "empty":
            raise PackError("No model was found in empty.")
        self.models.append(OWN)


@pytest.fixture
def library() -> Shelf:
    return Shelf(SPARK)


@pytest.fixture
def shelf(qtbot: QtBot, library: Shelf, tmp_path: Path) -> Iterator[ModelShelf]:
    made = ModelShelf(library, tmp_path / "cache" / "models.json")
    yield made
    library.gate.set()
    made.close()


def look(qtbot: QtBot, shelf: ModelShelf, *, tell: bool = False) -> None:
    with qtbot.waitSignal(shelf.changed):
        shelf.look(tell=tell)


def test_it_looks_on_another_thread_and_tells_what_is_new(qtbot, library, shelf):
    library.gate.clear()
    with qtbot.waitSignal(shelf.changed):
        shelf.look()
        assert shelf.installed() == []
        assert not shelf.known
        library.gate.set()
    assert shelf.known
    assert shelf.installed() == [SPARK]
    assert threading.current_thread() not in library.threads


def test_nothing_new_is_told_only_where_asked_for(qtbot, library, shelf):
    look(qtbot, shelf)
    heard = []
    shelf.changed.connect(lambda: heard.append(1))
    shelf.look()
    look(qtbot, shelf, tell=True)  # looks go one after the other
    assert heard == [1]


def test_the_next_run_knows_it_at_once(qtbot, library, shelf, tmp_path):
    look(qtbot, shelf)
    again = ModelShelf(library, tmp_path / "cache" / "models.json")
    assert again.known
    assert again.installed() == [SPARK]
    assert [record["action"] for record in again.records()] == ["remove"]
    again.close()
    again.look()  # too late, and no error


@pytest.mark.parametrize("text", ["", "{", "3", "[3]", '[{"path": 1}]', '[{"path": "a", "odd": 1}]', '{"a": 1}'])
def test_a_cache_that_cannot_be_read_is_none(qtbot, library, tmp_path, text):
    cache = tmp_path / "models.json"
    cache.write_text(text)
    shelf = ModelShelf(library, cache)
    assert not shelf.known
    assert shelf.installed() == []
    shelf.close()


def test_folders_are_searched_on_another_thread(qtbot, library, shelf):
    with qtbot.waitSignals([shelf.folder_added, shelf.changed]):
        shelf.add_folder("mine")
    assert shelf.installed() == [SPARK, OWN]
    with qtbot.waitSignal(shelf.folder_refused) as caught:
        shelf.add_folder("empty")
    assert caught.args == ["No model was found in empty."]
    assert threading.current_thread() not in library.threads


def test_records_of_the_real_library(qtbot, tmp_path):
    class Paths:
        models, cache = tmp_path / "models", tmp_path / "cache"

    library = Library(Paths())
    shelf = ModelShelf(library, tmp_path / "models.json")
    look(qtbot, shelf)
    names = [record["name"] for record in shelf.records()]
    assert sorted(names) == sorted(pack.name for pack in library.catalogue)
    assert {offer.pack.name for offer in library.available() if offer.installed} == {m.name for m in shelf.installed()}
    assert all(record["action"] == "" for record in shelf.records()[:len(shelf.installed())])  # bundled: not removable
    shelf.close()


def test_the_start_screen_says_nothing_before_it_knows(qtbot, open_studio):
    studio = open_studio()
    cards = lambda: [card.ready.installed for card in studio.window.start.findChildren(ReadyCard)]  # noqa: E731
    qtbot.waitUntil(lambda: studio.desk.models.known)
    qtbot.waitUntil(lambda: cards() == [False] * 4)
    studio.desk.models.known = False
    studio.desk.show_start()
    qtbot.waitUntil(lambda: cards() == [None] * 4)
