"""Choose the scenes of a scope: how many variants of which thing, in which colours, places and relations."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from . import backgrounds, colours, compose
from .data import Row
from .scenes import Item, Scene
from .scope import BODY, SAID, Scope

CLEAR = 0.35  # share of a picture that must have a colour before a caption may name it
SURFACE = 0.26  # share above which the commonest colour can be repainted
RELATIONS = {"left": 0.45, "above": 0.25, "on": 0.15, "in": 0.15}
ANIMALS = frozenset(
    {"cat", "dog", "rabbit", "bird", "frog", "penguin", "fox", "robot", "alien", "bear", "panda", "ghost", "mouse face",
     "owl", "duck", "monkey", "pig", "lion", "tiger"}
)  # fmt: skip
VESSELS = frozenset({"ufo", "sailboat", "gift", "cup of coffee", "car", "ship", "hot air balloon", "teacup"})
SEATS = frozenset({"house", "car", "book", "chair", "tree", "cake", "bus", "cloud", "mushroom", "moon", "castle"})
WOOD = frozenset({"chair", "guitar", "house", "sailboat", "car", "robot", "horse", "castle", "key", "star", "heart"})
FLOATING = frozenset({"sun", "moon", "star", "cloud", "rocket", "ufo", "airplane", "balloon", "bird", "butterfly"})
WATER = frozenset({"fish", "whale", "dolphin", "octopus", "crab", "turtle", "shark", "squid"})


class Planner:
    """Draws the scenes of a scope from the rows of the data, always the same for one seed."""

    def __init__(self, rows: list[Row], scope: Scope, seed: int = 5) -> None:
        self.rows, self.scope, self.rng = rows, scope, np.random.default_rng(seed)
        self.things: dict[str, list[int]] = defaultdict(list)
        for index, row in enumerate(rows):
            if row.split == "train" and (scope.things is None or row.names[0] in scope.things):
                self.things[row.names[0]].append(index)
        self.pool = [name for name in self.things if scope.paired is None or name in scope.paired]

    def all(self) -> list[Scene]:
        """Every scene; the weights of a kind sum to its share."""
        makers = {
            "single": self._singles, "style": self._styles, "background": self._behind, "pair": self._pairs,
            "count": self._counts,
        }  # fmt: skip
        scenes: list[Scene] = []
        for kind, make in makers.items():
            made = list(make())
            total = sum(scene.weight for scene in made) or 1.0
            scenes += [replace(s, weight=s.weight / total * self.scope.shares[kind]) for s in made]
        return [replace(scene, seed=index) for index, scene in enumerate(scenes)]

    def _rows(self, name: str, style: str) -> list[int]:
        return [index for index in self.things[name] if self.rows[index].style == style]

    def _favour(self, name: str) -> float:
        """Share of a thing among the things; common ones more often where all are shown."""
        return 1.0 if self.scope.things else max(self.rows[i].weight for i in self.things[name])

    def body(self, index: int) -> str:
        """The colour of a picture's surface that can be repainted, or ""."""
        row = self.rows[index]
        return BODY.get(row.names[0], row.colour if row.share >= SURFACE else "")

    def own(self, index: int) -> Item:
        """The thing as it is."""
        row = self.rows[index]
        word = row.label.split()[0].lower().replace("grey", "gray")
        if word in colours.NAMES and not row.names[0].startswith(word):  # "green book" beside "blue book"
            return Item(index, word, index != self._rows(row.names[0], row.style)[0], None)
        named = row.share >= CLEAR and self.body(index) == row.colour
        colour = SAID.get(row.names[0], row.colour if named else "") if row.style == "3d" else row.colour * named
        return Item(index, colour or None, False, None)

    def painted(self, index: int, colour: str) -> Item:
        return Item(index, colour, True, self.body(index))

    def _place(self, item: Item, still: bool = False) -> Item:
        """A place for a single thing: near the middle, in some size, mirrored or not."""
        if still:
            return item
        scale = float(self.rng.uniform(0.74, 0.94))
        room = (1 - scale) / 2 * 0.8
        x, y = self.rng.uniform(-room, room, 2)
        return replace(item, x=0.5 + float(x), y=0.5 + float(y), size=scale, flip=bool(self.rng.random() < 0.4))

    def _colours(self, index: int, count: int) -> list[str]:
        """``count`` colours and materials that a picture does not have."""
        body, name = self.body(index), self.rows[index].names[0]
        if not body or index != self._rows(name, self.rows[index].style)[0]:
            return []
        other = [c for c in (*colours.NAMES, "silver") if c not in (body, SAID.get(name))]
        chosen = [str(c) for c in self.rng.permutation(other)[:count]]
        return ["wooden", *chosen[:-1]] if name in WOOD and chosen else chosen

    def _scene(self, kind: str, items: tuple[Item, ...], weight: float, background: str = "white") -> Scene:
        return Scene(kind, items, background, self.rows[items[0].row].style, None, weight, 0)

    def _singles(self) -> Iterator[Scene]:
        scope = self.scope
        for name in self.things:
            rows, favour = self._rows(name, "3d"), self._favour(name)
            for index in rows:
                share = favour / len(rows)
                if len(rows) > 3:  # the first is what the bare name means
                    share = favour * (0.35 if index == rows[0] else 0.65 / (len(rows) - 1))
                tinted = self._colours(index, scope.coloured) if len(rows) < 4 else []
                own = scope.own if tinted else 1.0
                for n in range(scope.plain):
                    item = self._place(self.own(index), still=n == 0)
                    yield self._scene("single", (item,), share * own / scope.plain)
                for colour in tinted:
                    for n in range(scope.placements):
                        item = self._place(self.painted(index, colour), still=n == 0)
                        weight = share * (1 - own) / (len(tinted) * scope.placements)
                        yield self._scene("single", (item,), weight)

    def _styles(self) -> Iterator[Scene]:
        for name in self.things:
            for style in ("clip art", "flat"):
                rows = self._rows(name, style)
                for index in rows:
                    weight = self._favour(name) / len(rows) / self.scope.styled
                    for n in range(self.scope.styled):
                        tinted = self._colours(index, 1) if n % 2 else []
                        item = self.painted(index, tinted[0]) if tinted else self.own(index)
                        yield self._scene("style", (self._place(item),), weight)
            rows = self._rows(name, "3d")[:2]
            for index in rows:
                item = replace(self._place(self.own(index)), colour=None, must=False)
                scene = self._scene("style", (item,), 0.6 * self._favour(name) / len(rows))
                yield replace(scene, style="sketch")

    def _backdrop(self, item: Item, places: float = 0.6) -> str:
        """A background that suits a thing and does not swallow it."""
        name, shown = self.rows[item.row].names[0], item.colour or self.rows[item.row].colour
        if self.rng.random() < places:
            fit = ["sea"] if name in WATER else ["night sky", "blue sky", "sunset", "space"]
            return str(self.rng.choice(fit if name in WATER | FLOATING else list(backgrounds.PLACES)))
        return str(self.rng.choice([c for c in compose.BACKGROUNDS if c != shown]))

    def _behind(self) -> Iterator[Scene]:
        for name in self.things:
            rows = self._rows(name, "3d")
            for _ in range(self.scope.behind if rows else 0):
                item = self._place(self.own(int(self.rng.choice(rows))))
                item = replace(item, size=item.size * 0.85)
                yield self._scene("background", (item,), self._favour(name), self._backdrop(item))

    def _some(self, names: list[str], tint: float = 0.3) -> Item:
        """One thing of ``names``, sometimes repainted."""
        rows = self._rows(str(self.rng.choice(names)), "3d")
        index = int(self.rng.choice(rows))
        tinted = self._colours(index, 1) if self.rng.random() < tint else []
        return self.painted(index, tinted[0]) if tinted else self.own(index)

    def _pairs(self) -> Iterator[Scene]:
        names = [name for name in self.pool if self._rows(name, "3d")]
        for number in range(self.scope.pairs if len(names) > 1 else 0):
            relation = str(self.rng.choice(list(RELATIONS), p=list(RELATIONS.values())))
            first, second = self._partners(relation, names)
            a = self._some(first)
            taken = self.rows[a.row].names[0]
            b = self._some([n for n in second if n != taken] or [n for n in names if n != taken], tint=0.25)
            items = self._related(relation, a, b)
            scene = self._scene("pair", items, 1.0)
            if number % 6 == 5:
                scene = replace(scene, background=str(self.rng.choice(["grass", "night sky", "blue sky", "snow"])))
            yield replace(scene, relation=relation)

    def _partners(self, relation: str, names: list[str]) -> tuple[list[str], list[str]]:
        """Who may stand on, or sit in, what; any two things may lie beside or above each other."""
        if relation not in ("on", "in"):
            return names, names
        known = [name for name in self.things if self._rows(name, "3d")]
        first = [name for name in names if name in ANIMALS] or names
        return first, [name for name in known if name in (SEATS if relation == "on" else VESSELS)] or names

    def _related(self, relation: str, a: Item, b: Item) -> tuple[Item, Item]:
        """Both things at their places, with a little jitter."""
        j = self.rng.uniform(-0.025, 0.025, 4)
        flips = self.rng.random(2) < 0.4
        size = float(self.rng.uniform(0.42, 0.48))
        places = {
            "left": ((0.26, 0.5, size), (0.74, 0.5, size)),
            "above": ((0.5, 0.26, size), (0.5, 0.74, size)),
            "on": ((0.5, 0.24, size * 0.92), (0.5, 0.68, size * 1.25)),
            "in": ((0.5, 0.34, size * 1.05), (0.5, 0.62, size * 1.5)),
        }[relation]
        place = [
            replace(item, x=x + float(j[2 * i]), y=y + float(j[2 * i + 1]), size=s, flip=bool(flips[i]))
            for i, (item, (x, y, s)) in enumerate(zip((a, b), places, strict=True))
        ]
        return place[0], place[1]

    def _counts(self) -> Iterator[Scene]:
        names = [name for name in self.pool if self._rows(name, "3d")]
        for number in range(self.scope.counts if names else 0):
            items = self._several(self._some(names), 2 + number % 3)
            yield self._scene("count", items, 1.0)

    def _several(self, item: Item, count: int) -> tuple[Item, ...]:
        """``count`` equal things in a row, a triangle or a square."""
        spots = {
            2: ((0.27, 0.5), (0.73, 0.5)),
            3: ((0.5, 0.27), (0.26, 0.72), (0.74, 0.72)),
            4: ((0.27, 0.27), (0.73, 0.27), (0.27, 0.73), (0.73, 0.73)),
        }[count]
        size, flip = float(self.rng.uniform(0.4, 0.46)), bool(self.rng.random() < 0.3)
        shift = self.rng.uniform(-0.02, 0.02, (count, 2))
        return tuple(
            replace(item, x=x + float(dx), y=y + float(dy), size=size, flip=flip)
            for (x, y), (dx, dy) in zip(spots, shift, strict=True)
        )
