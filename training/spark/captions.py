"""Say what a picture shows: names, colours, styles and backgrounds, the way people type them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

STYLE_WORDS: dict[str, tuple[str, ...]] = {
    "3d": ("3d render", "3d icon", "3d"),
    "clip art": ("clip art", "emoji", "cartoon"),
    "flat": ("flat icon", "flat", "flat design"),
}
COLOUR_WORDS: dict[str, tuple[str, ...]] = {
    "gray": ("gray", "grey"),
    "golden": ("golden", "gold"),
    "purple": ("purple", "purple", "violet"),
}
PLURALS_WITHOUT_S = frozenset(
    {"confetti", "spaghetti", "lightning", "bread", "cheese", "lettuce", "popcorn", "broccoli", "money"}
)
SINGULARS_WITH_S = frozenset(
    {"compass", "bus", "cactus", "octopus", "gas pump", "diving mask", "dress", "sunglass", "glass of milk"}
)
COUNTLESS = frozenset(
    {"saturn", "earth", "santa claus", "father christmas", "coffee", "tea", "ramen", "soup", "rain", "salt", "bacon"}
)


@dataclass(frozen=True)
class Said:
    """What a caption may mention; None is left unsaid."""

    name: str
    colour: str | None = None
    style: str | None = None
    background: str | None = None


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


def caption(said: Said, rng: np.random.Generator) -> str:
    """One of the ways to say it, in lower case."""
    colour = None if said.colour is None else str(rng.choice(COLOUR_WORDS.get(said.colour, (said.colour,))))
    text = thing(said.name, colour) if rng.random() < 0.75 else " ".join(filter(None, (colour, said.name)))
    if said.background:
        text += (
            f" on {thing(f'{said.background} background')}" if rng.random() < 0.8 else f", {said.background} background"
        )
    if said.style:
        words = STYLE_WORDS[said.style]
        word = str(words[0] if rng.random() < 0.6 else rng.choice(words))
        text = f"{word} of {text}" if rng.random() < 0.25 and " " in word else f"{text}, {word}"
    return text


def pick_name(names: tuple[str, ...], rng: np.random.Generator) -> str:
    """The first name mostly, the others now and then."""
    return names[0] if len(names) == 1 or rng.random() < 0.6 else str(rng.choice(names[1:]))
