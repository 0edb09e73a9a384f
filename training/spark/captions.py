"""Say what a scene shows: names, colours, styles, places, relations and numbers, the way people type them."""

from __future__ import annotations

import numpy as np

from . import backgrounds
from .data import Row
from .scenes import Item, Scene

STYLE_WORDS: dict[str, tuple[str, ...]] = {
    "3d": ("3d render", "3d icon", "3d"),
    "clip art": ("clip art", "emoji", "cartoon"),
    "flat": ("flat icon", "flat", "flat design"),
    "sketch": ("sketch", "pencil sketch", "pencil drawing"),
}
COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "gray": ("gray", "grey"),
    "golden": ("golden", "gold"),
    "purple": ("purple", "purple", "violet"),
    "wooden": ("wooden", "wood"),
}
NUMBERS = {2: "two", 3: "three", 4: "four"}
ALONE = frozenset({"sun", "moon", "earth", "full moon"})  # also said with "the"
UNCHANGED = frozenset({"fish", "sheep", "deer", "squid"})
# How two things lie to each other -> ways to say it, with the first thing as {a} and the second as {b}.
RELATIONS: dict[str, tuple[str, ...]] = {
    "left": (
        "{a} to the left of {b}", "{a} left of {b}", "{b} to the right of {a}", "{b} right of {a}", "{a} next to {b}",
        "{a} and {b}", "{b} next to {a}", "{b} and {a}", "{a} beside {b}",
    ),
    "above": ("{a} above {b}", "{a} over {b}", "{b} below {a}", "{b} under {a}", "{a} and {b}"),
    "on": ("{a} on {b}", "{a} on top of {b}", "{a} sitting on {b}", "{b} with {a} on top"),
    "in": ("{a} in {b}", "{a} inside {b}", "{a} sitting in {b}", "{b} with {a} in it"),
}  # fmt: skip
PLURALS_WITHOUT_S = frozenset(
    {"confetti", "spaghetti", "lightning", "bread", "cheese", "lettuce", "popcorn", "broccoli", "money"}
)
SINGULARS_WITH_S = frozenset(
    {"compass", "bus", "cactus", "octopus", "gas pump", "diving mask", "dress", "sunglass", "glass of milk"}
)
COUNTLESS = frozenset(
    {"saturn", "earth", "santa claus", "father christmas", "coffee", "tea", "ramen", "soup", "rain", "salt", "bacon"}
)


def plural(name: str) -> bool:
    """True for names without a singular article, such as "cherries"."""
    head = name.split(" of ")[0].split(" with ")[0].split(" in ")[0]
    if name in COUNTLESS or head in COUNTLESS or head in PLURALS_WITHOUT_S:
        return True
    return (
        head.endswith("s") and not head.endswith("ss") and name not in SINGULARS_WITH_S and head not in SINGULARS_WITH_S
    )


def thing(name: str, colour: str | None = None) -> str:
    """The noun phrase with its article: "an orange star", "red cherries"."""
    phrase = f"{colour} {name}" if colour else name
    if plural(name):
        return phrase
    return f"{'an' if phrase[0] in 'aeiou' and not phrase.startswith(('uni', 'euro', 'ufo')) else 'a'} {phrase}"


def many(name: str) -> str:
    """The plural: "stars", "cups of coffee", "butterflies"."""
    for link in (" of ", " with ", " in "):
        if link in name:
            head, rest = name.split(link, 1)
            return f"{many(head)}{link}{rest}"
    if name in UNCHANGED or plural(name):
        return name
    if name.endswith(("s", "x", "z", "ch", "sh")):
        return f"{name}es"
    if name.endswith("y") and name[-2:-1] not in "aeiou":
        return f"{name[:-1]}ies"
    return f"{name}s"


def pick_name(names: tuple[str, ...], rng: np.random.Generator) -> str:
    """The first name mostly, the others now and then."""
    return names[0] if len(names) == 1 or rng.random() < 0.6 else str(rng.choice(names[1:]))


class Speaker:
    """Says what a scene shows: leaves things out at random, never says a wrong one."""

    def __init__(self, rows: list[Row], rng: np.random.Generator) -> None:
        self.rows, self.rng = rows, rng

    def say(self, scene: Scene) -> str:
        """One caption, in lower case."""
        text = self._things(scene)
        behind = scene.background
        if behind != "white" or self.rng.random() < 0.06:
            text += self._behind(behind) if self.rng.random() < 0.95 else ""
        if scene.style != "3d" or self.rng.random() < 0.2:
            text = self._styled(text, scene.style)
        return text

    def _name(self, item: Item) -> tuple[str, str | None]:
        """The name of a thing, and the colour if it is to be said."""
        said = item.colour if item.colour and (item.must or self.rng.random() < 0.35) else None
        if said:
            said = str(self.rng.choice(COLOUR_WORDS.get(said, (said,))))
        return pick_name(self.rows[item.row].names, self.rng), said

    def _thing(self, item: Item) -> str:
        name, colour = self._name(item)
        if colour is None and name in ALONE and self.rng.random() < 0.6:
            return f"the {name}"
        return thing(name, colour)

    def _things(self, scene: Scene) -> str:
        first = scene.items[0]
        if scene.kind == "count":
            name, colour = self._name(first)
            return " ".join(filter(None, (NUMBERS[len(scene.items)], colour, many(name))))
        if scene.kind == "pair" and scene.relation:
            ways = RELATIONS[scene.relation]
            return str(self.rng.choice(ways)).format(a=self._thing(first), b=self._thing(scene.items[1]))
        if self.rng.random() < 0.12:
            name, colour = self._name(first)
            return f"{colour} {name}" if colour else name
        return self._thing(first)

    def _behind(self, background: str) -> str:
        if background in backgrounds.PLACES:
            ways = backgrounds.PLACES[background][1]
            return f" {ways[0] if self.rng.random() < 0.6 else self.rng.choice(ways)}"
        return f" on {thing(f'{background} background')}"

    def _styled(self, text: str, style: str) -> str:
        words = STYLE_WORDS[style]
        word = str(words[0] if self.rng.random() < 0.6 else self.rng.choice(words))
        return f"{word} of {text}" if self.rng.random() < 0.25 and word != "3d" else f"{text}, {word}"
