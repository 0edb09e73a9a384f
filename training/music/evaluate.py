"""Figures of both models beside real pieces that were held out, and eight rendered examples."""

from __future__ import annotations

import io
import json
import random
import time
from dataclasses import replace
from pathlib import Path
from statistics import mean
from typing import Any

import torch

from plugins_builtin.music import compose, encode, midi, sections, words
from plugins_builtin.music import vocabulary as v
from plugins_builtin.music.network import Network
from plugins_builtin.music.piece import Piece
from plugins_builtin.music.sample import Sampler, Taste, allowed_words

from . import data
from .export import checkpoint
from .measures import Copies, figures
from .train import losses

HERE = Path(__file__).parent
EXAMPLES = (
    ("lively-reel", "a lively reel in G major for fiddle and guitar, 16 bars"),
    ("jig", "a jig in D major for flute, guitar and double bass, 16 bars"),
    ("slow-waltz", "a slow waltz in D minor for violin and harp, 16 bars"),
    ("air", "a slow air in E dorian for whistle and harp, 12 bars"),
    ("hornpipe", "a hornpipe in A major for concertina and piano, 16 bars"),
    ("march", "a march in B flat major for trumpet, horn and tuba, 16 bars"),
    ("chorale", "a chorale in G major for choir, 8 bars"),
    ("organ-chorale", "a chorale in A minor for organ and organ in four voices, 8 bars"),
)
FREE = Taste(temperature=1.0, top_p=1.0)


def evaluate(build_dir: Path, count: int, soundfont: Path | None) -> dict[str, Any]:
    """Write ``figures.json`` beside this file, print it, and render the examples where there is a soundfont."""
    splits = data.load(build_dir / "pieces.jsonl")
    tunes = [p for p in splits["test"] if p.texture == "solo"][:count]
    copies = Copies(splits["train"])
    report: dict[str, Any] = {"pieces": len(tunes), "held-out pieces": summary(map(shortened, tunes), copies)}
    for kind in ("transformer", "lstm"):
        network = checkpoint(build_dir, kind)
        began = time.monotonic()
        made = [written(network, piece, seed) for seed, piece in enumerate(tunes)]
        seconds = time.monotonic() - began
        report[kind] = {
            **summary(made, copies), "valid steps": validity(network, tunes[:20]),
            "held-out loss": held_out(network, splits["test"], solo=True),
            "bars a second": round(sum(p.bars for p in made) / seconds, 1),
            "parameters": sum(p.numel() for p in network.parameters()),
        }
        if kind == "transformer":
            formed = [written(network, piece, seed, sections.Plan(same=compose.strains(min(piece.bars, 16))))
                      for seed, piece in enumerate(tunes)]
            report["transformer in strains"] = summary(formed, copies)
            report[kind]["held-out loss, all tasks"] = held_out(network, splits["test"], solo=False)
    (HERE / "figures.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(table(report))
    if soundfont is not None:
        render_examples(checkpoint(build_dir, "transformer"), soundfont, HERE / "examples")
    return report


def shortened(piece: Piece) -> Piece:
    """The melody of the first 16 bars: what the models write."""
    return data.as_texture(piece, "solo").cut(0, min(piece.bars, 16))


def composer(network: Network, seed: int, taste: Taste = Taste(0.9)) -> compose.Composer:
    draw = torch.Generator("cpu").manual_seed(seed)
    return compose.Composer(Sampler(network, taste, draw, _go_on), _told)


def _go_on() -> None:
    """Nothing stops an evaluation."""


def _told(done: int, of: int) -> None:
    """Takes progress."""


def written(network: Network, like: Piece, seed: int, form: sections.Plan = sections.Plan()) -> Piece:
    """A new melody for the same style, mode, metre, tempo and length as a held-out piece."""
    plan = replace(shortened(like), voices={}, chords=(), after=0)
    return composer(network, seed).write(plan, 0, plan.bars, compose.RANGES, 0, plan.bars, form)


def summary(pieces: Any, copies: Copies) -> dict[str, float]:
    """Means over pieces, and the longest copied run: its mean, and its worst."""
    found = list(pieces)
    rows = [figures(piece) for piece in found]
    runs = [copies.longest(piece.voices["melody"]) for piece in found]
    means = {name: round(mean(row[name] for row in rows), 4) for name in rows[0]}
    return {**means, "longest copied run, mean": round(mean(runs), 2), "longest copied run, worst": max(runs)}


@torch.no_grad()
def held_out(network: Network, pieces: list[Piece], solo: bool) -> float:
    """Mean loss in nats a step on the test split, drawn with a fixed seed."""
    rng = random.Random(2)
    total = count = 0.0
    for piece in pieces:
        rows = data.pad([data.draw(piece, network.shape.context, rng, solo)])
        word, length, told = losses(network, rows)
        total, count = total + float(word + length), count + told
    return round(total / count, 4)


def validity(network: Network, pieces: list[Piece]) -> float:
    """Share of freely drawn events that the rules of `plugins_builtin.music.sample` would have allowed."""
    good = drawn = 0
    for seed, like in enumerate(pieces):
        plan = replace(shortened(like), voices={}, chords=(), after=0)
        sampler = composer(network, seed, FREE).sampler
        reader = encode.Reader(plan)
        sampler.restart(encode.prefix(plan))
        for number in range(plan.bars):
            sampler.feed((v.bar_id(plan.bars - number), 0, 0))
            sampler.feed((v.ID["VOICE_melody"], 0, 0))
            place = 0
            while place < plan.bar and len(sampler.fed) < sampler.context - 2:
                word = sampler.word(range(v.SIZE))
                allowed = allowed_words(reader.voices["melody"], plan, number, place, None)
                ticks = sampler.ticks(word, range(v.LONGEST + 1)) if word in allowed else 0
                valid = word in allowed and 0 < ticks <= plan.bar - place
                good, drawn = good + valid, drawn + 1
                if not valid:
                    word, ticks = v.REST, plan.bar - place
                place += ticks
                reader.event("melody", number * plan.bar + place - ticks, word, ticks)
                sampler.feed((word, ticks, place))
    return round(good / max(drawn, 1), 4)


def table(report: dict[str, Any]) -> str:
    """The report as Markdown."""
    names = list(dict.fromkeys(name for kind in report.values() if isinstance(kind, dict) for name in kind))
    columns = ("held-out pieces", "transformer", "transformer in strains", "lstm")
    lines = ["| | " + " | ".join(columns) + " |", "| --- |" + " --- |" * len(columns)]
    for name in names:
        lines.append(f"| {name} | " + " | ".join(f"{report[c][name]:g}" if name in report[c] else "" for c in columns)
                     + " |")
    return "\n".join(lines)


def render_examples(network: Network, soundfont: Path, folder: Path, seed: int = 1) -> None:
    """Eight prompts as MIDI and as OGG; prints how loud each is."""
    import numpy as np
    import soundfile

    from plugins_builtin.music.render import RATE, Player, RenderParams, open_soundfont, playable
    from studio.plugins import ModelFiles, Score
    from studio.plugins.testing import RecordingContext

    folder.mkdir(exist_ok=True)
    synth = open_soundfont(ModelFiles("soundfont", "soundfont", soundfont))
    for name, prompt in EXAMPLES:
        piece, parts = composer(network, seed).new(words.read_prompt(prompt))
        score = midi.dump(midi.write(piece, parts))
        notes, programs = playable(midi.parse(score))
        samples = Player(synth, notes, programs, RenderParams(score=Score(score.data)), RecordingContext()).play()
        out = io.BytesIO()
        with soundfile.SoundFile(out, "w", RATE, 2, "VORBIS", format="OGG", compression_level=0.8) as file:
            for start in range(0, samples.shape[1], 1 << 16):
                file.write(samples.T[start:start + (1 << 16)])
        (folder / f"{name}.mid").write_bytes(score.data)
        (folder / f"{name}.ogg").write_bytes(out.getvalue())
        loud = 20 * np.log10(float(np.sqrt((samples**2).mean())) + 1e-9)
        print(f"{name}: {samples.shape[1] / RATE:.1f} s, {loud:.1f} dB RMS, {len(out.getvalue()) / 1000:.0f} kB")


__all__ = ["evaluate", "render_examples"]
