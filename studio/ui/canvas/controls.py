"""The kinds of control a layer can have, and what they are called in requests and on the screen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Kind:
    """One kind of control.

    Attributes:
        id: `Layer.control`.
        value: the kind's name in a request.
        title: on the screen.
        of: what of the layer is followed, under the title.
        generator: id of the generator that draws what the net sees, "" where it sees the layer as it is.
        params: for that generator.
        detector: kind of the weights that generator takes, "" for none.
        sentence: how a sentence says what is lacking: "has no control {sentence}".
    """

    id: str
    value: str
    title: str
    of: str
    generator: str = ""
    params: Mapping[str, Any] | None = None
    detector: str = ""
    sentence: str = "for edges"


KINDS: tuple[Kind, ...] = (
    Kind("edges", "Edges (Canny)", "Edges", "thin edges", "control.edges", {"method": "Canny"}),
    Kind("hed", "Edges (HED)", "Outlines", "without texture", "control.hed", {}, "hed"),
    Kind("soft", "Edges (soft)", "Soft edges", "broad edges", "control.edges", {"method": "Soft"}),
    Kind("drawing", "Drawing", "Drawing", "its lines", "control.edges", {"method": "Drawing"}),
    Kind("pose", "Pose", "Pose", "skeleton", "control.pose", {}, "blazepose", "for poses"),
    Kind("reference", "Reference", "Reference", "look", sentence="for references (IP-Adapter)"),
    Kind("picture", "As it is", "As it is", "the picture itself", sentence="that takes a picture as it is"),
)
BY_ID = {kind.id: kind for kind in KINDS}

Chooser = Callable[[str, str, str], "str | None"]
"""(model that draws, kind of control, chosen net) -> the net's name, "" for the model's own, None for none."""


def kinds_of(schema: Mapping[str, Any], field: str) -> tuple[str, ...]:
    """Ids of the kinds that the items of a list of controls can have."""
    prop = schema.get("properties", {}).get(field, {})
    ref = str((prop.get("items") or {}).get("$ref", "")).rpartition("/")[2]
    inner = schema.get("$defs", {}).get(ref, {}).get("properties", {}).get("kind", {})
    values = inner.get("enum", ())
    return tuple(kind.id for kind in KINDS if kind.value in values)


def no_net(model: str, control: str) -> str:
    """The sentence for a model that cannot follow this kind of control."""
    kind = BY_ID[control]
    return f"{model} has no control {kind.sentence}; choose another kind or model, or install a net made for it."
