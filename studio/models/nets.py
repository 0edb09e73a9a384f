"""Which nets can follow a picture for which model: those in the model's own folder, and those of the library that fit.

Only configuration files and headers are read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from studio.models.scan import CONTROLNET, IP_ADAPTER

WORDS = {"edges": ("edge", "canny", "scribble", "lineart", "sketch"), "hed": ("hed", "softedge", "edge", "scribble"),
         "soft": ("softedge", "soft", "hed", "edge"), "drawing": ("scribble", "lineart", "sketch", "edge", "canny"),
         "pose": ("pose", "openpose"), "reference": ("",), "picture": ("",)}
"""Kind of control -> what the name of a fitting net says; earlier words count more."""
OWN = {"pose": "control-pose", "reference": "control-reference"}
"""Kind of control -> folder of a model's own net; else `OWN_EDGES`, except for a picture as it is."""
OWN_EDGES = "control-edges"
OTHERS = ("pose", "depth", "normal", "seg", "tile", "inpaint", "qr", "hed", "canny", "scribble", "lineart")
STRANGE = 100
MAX_HEADER = 4_000_000


class Found(Protocol):
    """What this asks of `studio.models.library.Model`."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def path(self) -> Path: ...


def has_own(model: Found, control: str) -> bool:
    """Whether a net for this kind of control lies in the model's own folder."""
    return control != "picture" and (model.path / OWN.get(control, OWN_EDGES)).is_dir()


def fitting(model: Found, control: str, installed: Iterable[Found]) -> list[str]:
    """Names of the library's nets that can be run for `control` with `model`; those made for it come first."""
    wanted = IP_ADAPTER if control == "reference" else CONTROLNET
    nets = [net for net in installed if net.kind == wanted and fits(net, model)]
    return [net.name for net in sorted(nets, key=lambda net: _place(net.name, control))]


def net_for(model: Found, control: str, installed: Sequence[Found], chosen: str = "") -> str | None:
    """The name of the net that follows `control`: the chosen one where it fits, "" for the model's own, else the best
    of the library; None where none is made for it."""
    names = fitting(model, control, installed)
    if chosen and chosen in names:
        return chosen
    if has_own(model, control):
        return ""
    return names[0] if names and _place(names[0], control) < STRANGE else None


def _place(name: str, control: str) -> int:
    """How well a net's name says that it is made for `control`; `STRANGE` where it says something else."""
    plain = re.sub(r"[^a-z]", "", name.lower())
    words = WORDS.get(control, ("",))
    found = next((place for place, word in enumerate(words) if word in plain), None)
    if found is not None:
        return found
    return STRANGE if control == "pose" or any(word in plain for word in OTHERS) else STRANGE - 1


def fits(net: Found, model: Found) -> bool:
    """Whether a net was made for models of this shape; True where their configurations do not say."""
    unet = _config(model.path / "unet" / "config.json")
    if not unet:
        return True
    if net.kind == IP_ADAPTER:
        wide = _adapter_width(net.path)
        return not wide or wide == unet.get("cross_attention_dim")
    config = _config(net.path / "config.json")
    same = ("cross_attention_dim", "in_channels", "block_out_channels")
    return not config or all(config.get(name) == unet.get(name) for name in same)


@lru_cache(maxsize=256)
def _config(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


@lru_cache(maxsize=64)
def _adapter_width(folder: Path) -> int:
    """Width of the text states that an IP-Adapter was made for; 0 where its header does not say."""
    try:
        path = min(folder.glob("ip-adapter*.safetensors"), key=lambda p: (len(p.name), p.name))
        with path.open("rb") as file:
            length = int.from_bytes(file.read(8), "little")
            header = json.loads(file.read(length)) if 2 <= length <= MAX_HEADER else {}
        shapes = [entry["shape"] for name, entry in header.items() if name.endswith("to_k_ip.weight")]
        return int(shapes[0][1]) if shapes else 0
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return 0
