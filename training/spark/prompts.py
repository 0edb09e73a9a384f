"""What the evaluation asks for: the things in scope, and held-out prompts about them.

A synonym counts as held out when it is neither a name nor a tag of any picture, so that no caption can have said it.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from . import captions, data

# name: labels of the pictures that show it; words for it that people use and no caption does
TABLE = """
apple: red apple, green apple; granny smith
star: star; five-pointed star
car: automobile; sedan, hatchback
tree: deciduous tree; oak, maple
heart: red heart, pink heart, orange heart, yellow heart, green heart, blue heart, purple heart; sweetheart, love shape
pizza: pizza; pepperoni slice, margherita
cat: cat, cat face; kitten, kitty, tabby
rocket: rocket; spacecraft, space shuttle
flower: blossom; daisy, wildflower
house: house; cottage, bungalow
fish: fish; goldfish, trout
cake: birthday cake; gateau, torte
sun: sun; sunshine, daylight
crown: crown; tiara, diadem
dragon: dragon; wyvern, winged reptile
robot: robot; android, droid
mushroom: mushroom; porcini, fly agaric
guitar: guitar; lute, lyre
dog: dog, dog face; puppy, hound
sailboat: sailboat; yacht, sloop
soccer ball: soccer ball; futbol, football ball
cup of coffee: hot beverage; espresso, cappuccino
book: green book, blue book, orange book; novel, textbook
moon: crescent moon; lunar crescent, half moon
banana: banana; plantain, peeled yellow fruit
strawberry: strawberry; red berry, strawberries
hamburger: hamburger; cheeseburger, beef sandwich
ice cream cone: soft ice cream; gelato, frozen yogurt
doughnut: doughnut; glazed ring, frosted ring
frog: frog; toad, bullfrog
butterfly: butterfly; moth, monarch
penguin: penguin; antarctic bird, emperor bird
airplane: airplane; airliner, jumbo jet
bus: bus; school coach, minibus
steam train: locomotive; railroad engine, choo-choo
bicycle: bicycle; pushbike, two-wheeler
castle: castle; fortress, citadel
key: key; latchkey, door opener
balloon: balloon; helium ball, party inflatable
gift: wrapped gift; wrapped parcel, surprise box
fox: fox; vixen, red fox
tulip: tulip; spring bloom, dutch flower
lemon: lemon; citrus, sour fruit
rabbit: rabbit, rabbit face; hare, cottontail
cloud: cloud; cumulus, puffy sky
umbrella: umbrella; brolly, parasol
bell: bell; chime, jingle
bird: bird; sparrow, robin
ghost: ghost; spectre, phantom
smiley: grinning face; smile, happy emoticon
cactus: cactus; saguaro, prickly pear
ufo: flying saucer; alien craft, alien ship
chair: chair; stool, armless seat
"""

# pictures that look much like a thing in scope, so that they are neither that thing nor a fair example of another
TOO_NEAR = frozenset(
    s.strip()
    for s in """
black cat; white flower; hibiscus; cherry blossom; sunflower; rose; sun with face; full moon; full moon face; police
car; racing car; taxi; sport utility vehicle; oncoming automobile; bullet train; train; blowfish; tropical fish;
dragon face; brown mushroom; shortcake; cupcake; ice cream; evergreen tree; old key; broken heart; heart on fire;
sparkling heart; black heart; white heart; brown heart; grey heart; small airplane; dove; notebook; books; closed
book; umbrella with rain drops; sun behind cloud; glowing star; shooting star; house with garden; hut; white circle;
smiling face with open mouth; grinning cat; tiger face; wolf; poodle; peach; tangerine; pear; Japanese castle; bellhop
bell; yellow circle; kick scooter; ship; canoe; duck; chick; baby chick; trolleybus; delivery truck; teacup without
handle
""".replace("\n", " ").split(";")
)

RELATIONS = ("to the left of", "to the right of", "above", "below", "next to", "and")
ADJECTIVES = ("cute", "shiny", "big", "small", "beautiful", "simple")
NEW_FRAMES = ("a nice picture of {}", "{}, please", "show me {}", "an image with {} in it")
COLOURED = ("apple", "star", "car", "heart", "cat", "balloon", "book", "crown", "fish", "flower")
COLOURS = ("red", "yellow", "green", "blue", "pink", "black")


@dataclass(frozen=True)
class Thing:
    """One concept in scope."""

    name: str
    labels: tuple[str, ...]  # of the pictures that show it
    unsaid: tuple[str, ...]  # words for it that no caption has


@dataclass(frozen=True)
class Ask:
    """A prompt, the things it names in order, and how it was made."""

    text: str
    things: tuple[str, ...]
    kind: str
    colour: str | None = None


def _split(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def scope(names: Collection[str] | None = None) -> list[Thing]:
    """The things of the contact sheet and of the model's core, or those of them that ``names`` has.

    Raises:
        ValueError: a name is not in the table.
    """
    things = []
    for line in TABLE.strip().splitlines():
        name, rest = line.split(": ", 1)
        labels, _, unsaid = rest.partition(";")
        things.append(Thing(name, _split(labels), _split(unsaid)))
    if names is None:
        return things
    unknown = sorted(set(names) - {thing.name for thing in things})
    if unknown:
        raise ValueError(f"{', '.join(unknown)}: not in the table of training/spark/prompts.py; add a line for it.")
    return [thing for thing in things if thing.name in names]


def said(rows: Sequence[data.Row]) -> set[str]:
    """All words for pictures that captions may use: names, tags and labels."""
    return {word.lower() for row in rows for word in (*row.names, *row.tags, row.label)}


def held_out_words(thing: Thing, spoken: Collection[str]) -> list[str]:
    """The words for ``thing`` that no caption has said."""
    return [word for word in thing.unsaid if word not in spoken]


def objects(things: Sequence[Thing], spoken: Collection[str], count: int = 200) -> list[Ask]:
    """Up to four prompts a thing: new framing, an adjective, another word for it, a colour said behind the noun."""
    rng, asks = np.random.default_rng(11), []
    for i, thing in enumerate(things):
        noun = captions.thing(thing.name)
        frame = NEW_FRAMES[i % len(NEW_FRAMES)]
        adjective = captions.thing(thing.name, ADJECTIVES[i % len(ADJECTIVES)])
        words = held_out_words(thing, spoken)
        colour = str(rng.choice(COLOURS))
        asks.append(Ask(frame.format(noun), (thing.name,), "new framing"))
        asks.append(Ask(adjective, (thing.name,), "adjective"))
        asks.append(Ask(f"{noun} that is {colour}", (thing.name,), "colour", colour))
        if words:
            asks.append(Ask(captions.thing(words[0]), (thing.name,), "unsaid word"))
    rng.shuffle(asks)  # type: ignore[arg-type]
    return asks[:count]


def coloured() -> list[Ask]:
    """Ten things in six colours each, the colours of one thing side by side."""
    return [
        Ask(captions.thing(name, colour), (name,), "colour", colour) for name in COLOURED for colour in COLOURS
    ]


def pairs(things: Sequence[Thing], count: int = 24, seed: int = 12) -> list[Ask]:
    """Two different things and a relation; the relations take turns."""
    rng, asks = np.random.default_rng(seed), []
    for i in range(count):
        first, second = (things[int(k)].name for k in rng.choice(len(things), 2, replace=False))
        relation = RELATIONS[i % len(RELATIONS)]
        asks.append(Ask(f"{captions.thing(first)} {relation} {captions.thing(second)}", (first, second), relation))
    return asks


def counts(things: Sequence[Thing], each: int = 6) -> list[Ask]:
    """Two, three and four of a thing."""
    words = {2: "two", 3: "three", 4: "four"}
    plural = {"apple": "apples", "star": "stars", "heart": "hearts", "car": "cars", "tree": "trees", "cat": "cats",
              "fish": "fish", "balloon": "balloons", "flower": "flowers", "book": "books"}  # fmt: skip
    known = [thing.name for thing in things if thing.name in plural][:each]
    return [Ask(f"{words[n]} {plural[name]}", (name,), str(n)) for n in words for name in known]
