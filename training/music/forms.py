"""How much of itself a piece has: pieces written in sections beside real ones of 32 bars, by the weights that ship."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

from plugins_builtin.music import compose, sections
from plugins_builtin.music.model import load, one_thread
from plugins_builtin.music.network import Network
from plugins_builtin.music.piece import Piece
from studio.plugins import Device, ModelFiles

from . import data, pieces
from .evaluate import composer
from .export import FOLDER
from .measures import likeness_at, scale_consistency, self_similarity

BARS = 32
LAGS = (4, 8, 16, 24)
FORMS = ("AABA", "A A' B A", "ABAB")
HERE = Path(__file__).parent


def evaluate(build_dir: Path, count: int) -> dict[str, Any]:
    """Write ``forms.json`` beside this file and print it as a table."""
    real = [data.as_texture(p, "solo").cut(0, BARS) for p, _ in pieces.read(build_dir / "pieces.jsonl")
            if p.bars == BARS and p.texture != "four"]
    real = real[::max(len(real) // count, 1)][:count]  # from all collections
    network = load(ModelFiles("music-transformer", "music-transformer", FOLDER / "transformer"), Device(),
                   "transformer")
    report: dict[str, Any] = {"pieces": len(real), f"real, {BARS} bars": summary(real)}
    plans: dict[str, sections.Plan] = {
        "no form": sections.Plan(), "strains": sections.Plan(same=compose.strains(BARS)),
        **{form: sections.plan(form, BARS) for form in FORMS},
        "AABA, free inside": sections.plan("AABA", BARS, inner=False)}
    with one_thread():
        for name, plan in plans.items():
            report[name] = summary(written(network, p, seed, plan) for seed, p in enumerate(real))
            print(name, report[name], flush=True)
    (HERE / "forms.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(table(report))
    return report


def written(network: Network, like: Piece, seed: int, form: sections.Plan) -> Piece:
    """A melody of 32 bars for the style, mode, metre and tempo of a real one."""
    plan = replace(like, bars=BARS, voices={}, chords=(), after=0)
    return composer(network, seed).write(plan, 0, BARS, compose.RANGES, 0, BARS, form)


def summary(pieces: Iterable[Piece]) -> dict[str, float]:
    """Means: how like the likeliest other bar is, how like the bar so many before, and how much lies in one scale."""
    found = list(pieces)
    tunes = [(piece.voices["melody"], piece.bar) for piece in found]
    lags = {f"like the bar {lag} before": [x for notes, bar in tunes if (x := likeness_at(notes, bar, lag)) is not None]
            for lag in LAGS}
    return {"bar self-similarity": round(mean(self_similarity(*tune) for tune in tunes), 4),
            **{name: round(mean(values), 4) for name, values in lags.items()},
            "scale consistency": round(mean(scale_consistency(notes) for notes, _ in tunes), 4)}


def table(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    columns = {name: row for name, row in report.items() if isinstance(row, dict)}
    lines = ["| | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    for name in next(iter(columns.values())):
        lines.append(f"| {name} | " + " | ".join(f"{row[name]:g}" for row in columns.values()) + " |")
    return "\n".join(lines)
