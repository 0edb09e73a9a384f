"""What a training shows, and how often: everything (FULL, for a GPU) or a few things well (CORE, for two CPU cores)."""

from __future__ import annotations

from dataclasses import dataclass, field

KINDS = ("single", "style", "background", "pair", "count")

_CORE = """
apple; star; car; tree; heart; pizza; cat; rocket; flower; house; fish; cake; sun; crown; dragon; robot; mushroom;
guitar; dog; sailboat; soccer ball; cup of coffee; book; moon; banana; strawberry; hamburger; ice cream cone; doughnut;
frog; butterfly; penguin; airplane; bus; steam train; bicycle; castle; key; balloon; gift; fox; tulip; lemon; rabbit;
cloud; umbrella; bell; bird; ghost; smiley; cactus; ufo; chair
"""
# Things that stand for all others where two of them are put together and compute is short.
_PAIRED = "apple; star; car; tree; heart; cat; dog; house; fish; moon; ufo; bird; book; banana; sun; rocket; robot"

# The colour of the body where the commonest colour is that of windows, water or coffee; "" keeps a thing as it is.
BODY = {
    "bus": "orange", "cup of coffee": "white", "robot": "white", "bicycle": "pink", "sailboat": "", "steam train": "",
    "rocket": "pink", "castle": "", "rainbow": "", "earth": "",
}  # fmt: skip
# What people would call the colour of a thing as it is, where the count of pixels says something else; "" for nothing.
SAID = {"rabbit": "white", "penguin": "", "soccer ball": "", "robot": "", "cake": "", "butterfly": "", "cat": "orange"}


def _listed(text: str) -> frozenset[str]:
    return frozenset(name.strip() for name in text.replace("\n", " ").split(";"))


@dataclass(frozen=True)
class Scope:
    """The things of a training, how many variants of each are made, and each kind's share of the samples."""

    name: str
    things: frozenset[str] | None  # by first name; None: all that the data marks for training
    paired: frozenset[str] | None  # things shown in pairs and counts; None: all
    plain: int  # variants of a picture in its own colour
    coloured: int  # colours that a picture is given besides
    placements: int  # variants of each of those
    styled: int  # variants of a picture in another style
    behind: int  # variants on coloured and painted backgrounds
    pairs: int  # scenes of two things, altogether
    counts: int  # scenes of two to four equal things, altogether
    shares: dict[str, float] = field(default_factory=dict)  # kind -> share of the samples
    own: float = 0.55  # of the singles: share in their own colour


FULL = Scope(
    "full", None, None, plain=6, coloured=5, placements=2, styled=3, behind=3, pairs=24_000, counts=6_000,
    shares={"single": 0.38, "style": 0.17, "background": 0.12, "pair": 0.23, "count": 0.10},
)  # fmt: skip
CORE = Scope(
    "core", _listed(_CORE), _listed(_PAIRED), plain=8, coloured=8, placements=2, styled=2, behind=7, pairs=1100,
    counts=360, shares={"single": 0.65, "style": 0.12, "background": 0.08, "pair": 0.10, "count": 0.05},
)  # fmt: skip
SMOKE = Scope(
    "smoke", None, None, plain=1, coloured=1, placements=1, styled=1, behind=1, pairs=4, counts=2,
    shares={"single": 0.4, "style": 0.2, "background": 0.1, "pair": 0.2, "count": 0.1},
)  # fmt: skip
SCOPES = {scope.name: scope for scope in (FULL, CORE, SMOKE)}
