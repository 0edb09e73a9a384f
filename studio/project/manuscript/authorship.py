"""Who wrote how much of a manuscript, told in numbers and as a chapter that can be exported with it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from studio.project.manuscript.book import Book, Part
from studio.project.manuscript.prose import Builder
from studio.project.manuscript.rows import Block, Prose

PERSON, MACHINE, MIXED = "person", "machine", "mixed"


@dataclass(frozen=True)
class Shares:
    """Characters, spaces left out, by who wrote them. mixed: a machine's words that were edited."""

    person: int = 0
    machine: int = 0
    mixed: int = 0

    @property
    def total(self) -> int:
        return self.person + self.machine + self.mixed

    def share(self, of: str) -> float:
        """0 to 1."""
        return int(getattr(self, of)) / self.total if self.total else 0.0

    def __add__(self, other: Shares) -> Shares:
        return Shares(self.person + other.person, self.machine + other.machine, self.mixed + other.mixed)


@dataclass(frozen=True)
class Report:
    """scenes: title of each with its shares, in reading order. generators: characters by the name of what wrote them;
    "unknown" where the result is no longer in the project."""

    whole: Shares = Shares()
    scenes: tuple[tuple[str, Shares], ...] = ()
    generators: tuple[tuple[str, int], ...] = field(default=())

    @property
    def source(self) -> str:
        """ "person", "both" or "model", as `marks.SOURCE_TYPES` names them."""
        if not self.whole.machine and not self.whole.mixed:
            return "person"
        return "model" if not self.whole.person and not self.whole.mixed else "both"


def shares(prose: Prose) -> tuple[Shares, Counter[str]]:
    """Of one prose, and how many characters come from each recipe."""
    total = _letters(prose.text)
    counts = {MACHINE: 0, MIXED: 0}
    recipes: Counter[str] = Counter()
    for span in prose.spans:
        count = _letters(prose.text[span["start"]:span["start"] + span["length"]])
        counts[MACHINE if span.get("origin") == "machine" else MIXED] += count
        recipes[str(span.get("recipe") or "")] += count
    made = counts[MACHINE] + counts[MIXED]
    return Shares(max(0, total - made), counts[MACHINE], counts[MIXED]), recipes


def _letters(text: str) -> int:
    return sum(not char.isspace() for char in text)


def report(parts: Iterable[Part], generator: Callable[[str], str]) -> Report:
    """Count. generator: the name of what made a result, "" where it is unknown."""
    whole, scenes = Shares(), []
    by_recipe: Counter[str] = Counter()
    chapter = ""
    for part in parts:
        if part.kind != "scene":
            chapter = part.title
            continue
        mine, recipes = shares(part.prose)
        whole += mine
        by_recipe += recipes
        scenes.append((f"{chapter} / {part.title}" if chapter else part.title, mine))
    by_generator: Counter[str] = Counter()
    for recipe, count in by_recipe.items():
        by_generator[(generator(recipe) if recipe else "") or "unknown"] += count
    return Report(whole, tuple(scenes), tuple(by_generator.most_common()))


def told(found: Report) -> str:
    """One sentence."""
    whole = found.whole
    if not whole.total:
        return "There is no text yet."
    return (f"Of {whole.total:,} characters a person wrote {_percent(whole, PERSON)}, a model "
            f"{_percent(whole, MACHINE)}, and {_percent(whole, MIXED)} are a model's words that a person edited.")


def _percent(whole: Shares, of: str) -> str:
    share = 100 * whole.share(of)
    return "under 1 %" if 0 < share < 0.5 else "over 99 %" if 99.5 <= share < 100 else f"{share:.0f} %"


def with_report(book: Book, found: Report, title: str = "Who wrote this text") -> Book:
    """The book with the report as its last chapter."""
    builder = Builder()
    builder.paragraph()
    builder.text(told(found))
    if found.generators:
        builder.paragraph()
        builder.text("What the model's words come from:")
        for name, count in found.generators:
            builder.paragraph(Block("bullet"))
            builder.text(f"{name}: {count:,} characters")
    builder.paragraph()
    builder.text("Scene by scene:")
    for name, mine in found.scenes:
        builder.paragraph(Block("bullet"))
        builder.text(f"{name}: {_percent(mine, PERSON)} a person, {_percent(mine, MACHINE)} a model, "
                     f"{_percent(mine, MIXED)} both"
                     if mine.total else f"{name}: no text")
    chapter = Part("chapter", title), Part("scene", "Report", 1, builder.prose())
    return replace(book, parts=(*book.parts, *chapter))
