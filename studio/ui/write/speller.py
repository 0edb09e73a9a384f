"""Words against a Hunspell dictionary, off the UI thread. No Qt."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
MOST_SUGGESTIONS = 6
PATIENCE = 4.0
"""Seconds that suggestions may take; what was found by then is offered."""
BUNDLED = "en_US"


def dictionaries(folder: Path | None) -> dict[str, Path]:
    """Names of the dictionaries and where they lie, without their endings: the bundled one, and pairs of .aff and .dic
    in `folder`."""
    found = {BUNDLED: _bundled()}
    if folder is not None and folder.is_dir():
        found |= {path.stem: path.with_suffix("") for path in sorted(folder.glob("*.aff"))
                  if path.with_suffix(".dic").exists()}
    return found


def _bundled() -> Path:
    from importlib.util import find_spec

    spec = find_spec("spylls")
    places = list(spec.submodule_search_locations or ()) if spec is not None else []
    return Path(places[0] if places else ".") / "hunspell" / "data" / "en" / "en_US"


@cache
def load(place: Path) -> tuple[Any, frozenset[str]]:
    """A dictionary and the letters of its words; read once. Takes seconds. Raises OSError, ValueError."""
    from spylls.hunspell import Dictionary, readers
    from spylls.hunspell.readers.file_reader import FileReader

    class Reader(FileReader):  # type: ignore[misc]
        def reset_io(self, obj: Any) -> None:
            before = getattr(self, "io", None)
            super().reset_io(obj)
            if before is not None:
                before.close()

    opened = Reader(f"{place}.aff")
    aff, context = readers.read_aff(opened)
    opened.io.close()
    opened = Reader(f"{place}.dic", encoding=context.encoding)
    dic = readers.read_dic(opened, aff=aff, context=context)
    opened.io.close()
    letters = {letter for word in dic.words for letter in word.stem.casefold()}
    return Dictionary(aff, dic), frozenset(letters) | {"'", "’"}


class Speller:
    """One dictionary with the words that the person added. All methods but `known` may take long; use one thread.

    Attributes:
        known: word -> whether it is right, of all that were looked up.
    """

    def __init__(self, place: Path, own: Iterable[str] = ()) -> None:
        self.place = place
        self.known: dict[str, bool] = dict.fromkeys(own, True)
        self.own = set(self.known)
        self._dictionary: Any = None
        self._letters: frozenset[str] = frozenset()
        self._closed = threading.Event()

    def close(self) -> None:
        """Give up what takes long."""
        self._closed.set()

    def add(self, word: str) -> None:
        self.own.add(word)
        self.known[word] = True

    def _load(self) -> Any:
        if self._dictionary is None:
            self._dictionary, self._letters = load(self.place)
        return self._dictionary

    def check(self, words: Iterable[str]) -> list[str]:
        """The wrong ones among the words; `known` has all of them afterwards. Words in letters that the dictionary
        does not know are of another language and count as right. Raises OSError, ValueError for a broken file."""
        dictionary, wrong = self._load(), []
        for word in words:
            if self._closed.is_set():
                break
            right = word in self.own or word.casefold() in self.own or not self._letters.issuperset(word.casefold())
            if not right:
                right = len(word) == 1 or bool(dictionary.lookup(word.replace("’", "'")))
            self.known[word] = right
            if not right:
                wrong.append(word)
            time.sleep(0)  # let the window's thread have its turn
        return wrong

    def suggest(self, word: str) -> list[str]:
        """What it may have been meant to be, the likeliest first."""
        until, out = time.monotonic() + PATIENCE, []
        curly = "’" in word
        for found in self._load().suggest(word.replace("’", "'")):
            out.append(found.replace("'", "’") if curly else found)
            if len(out) >= MOST_SUGGESTIONS or time.monotonic() > until or self._closed.is_set():
                break
        return out

    def misspelt(self, text: str, unknown: Callable[[str], object]) -> list[tuple[int, int]]:
        """(start, length) of the words of a text that are known to be wrong, in UTF-16 units; `unknown` gets those that
        were never looked up. Quick."""
        out: list[tuple[int, int]] = []
        plain = text.isascii()
        for match in WORD.finditer(text):
            word = match.group()
            right = self.known.get(word)
            if right is None:
                unknown(word)
            elif not right:
                start = match.start()
                if not plain:
                    start = len(text[:start].encode("utf-16-le", "surrogatepass")) // 2
                out.append((start, len(word.encode("utf-16-le", "surrogatepass")) // 2))
        return out
