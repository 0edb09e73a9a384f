"""Sequences of steps for training: textures, tasks and windows drawn anew each time a piece comes up."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import torch

from plugins_builtin.music import encode, harmony
from plugins_builtin.music.piece import Piece
from plugins_builtin.music.vocabulary import PAD, Step

from . import pieces

CHORALE_WEIGHT = 3
"""How often a chorale comes up for one time of a tune: there are ten times fewer of them."""


def load(path: Path) -> dict[str, list[Piece]]:
    """Pieces by split; tunes with the chords that fit them, which `draw` uses or leaves out."""
    splits: dict[str, list[Piece]] = {"train": [], "valid": [], "test": []}
    for piece, split in pieces.read(path):
        splits[split].append(replace(piece, chords=harmony.infer(piece)))
    return splits


def textured(piece: Piece, rng: random.Random) -> Piece:
    """The piece as a melody, a melody with chords, or in four voices where it has them."""
    pick = rng.random()
    if piece.texture == "four":
        texture = "four" if pick < 0.75 else "chords" if pick < 0.9 else "solo"
    else:
        texture = "solo" if pick < 0.5 else "chords"
    return as_texture(piece, texture)


def as_texture(piece: Piece, texture: str) -> Piece:
    voices = piece.voices if texture == "four" else {"melody": piece.voices["melody"]}
    return replace(piece, texture=texture, voices=voices, chords=piece.chords if texture == "chords" else ())


def fit(piece: Piece, context: int, rng: random.Random) -> Piece:
    """As many bars as the context takes, from the start, to the end, or anywhere."""
    while len(encode.whole(piece)) > context - 4:
        count = max(2, piece.bars - max(1, piece.bars // 8))
        pick = rng.random()
        first = 0 if pick < 0.45 else piece.bars - count if pick < 0.9 else rng.randint(0, piece.bars - count)
        piece = piece.cut(first, first + count)
    return piece


def draw(piece: Piece, context: int, rng: random.Random, solo: bool = False) -> list[Step]:
    """One training sequence of the piece.

    Args:
        context: most steps.
        solo: melodies only and nothing filled in, for the recurrent model.
    """
    piece = as_texture(piece, "solo") if solo else textured(piece, rng)
    if rng.random() < 0.1:
        piece = replace(piece, style="any")
    if rng.random() < 0.1:
        piece = replace(piece, tempo="any")
    piece = fit(piece, context, rng)
    task = rng.random()
    if solo or task < 0.5 or piece.bars < 4:
        return encode.whole(piece)
    if task < 0.62 and piece.texture != "solo":
        melody = len(encode.bars(piece, range(piece.bars), ("melody",)))
        if len(encode.whole(piece)) + melody // 3 < context:
            return encode.harmonising(piece)[:context]
    count = rng.randint(1, min(8, piece.bars // 2))
    first = rng.randint(0, piece.bars - count)
    return encode.filling(piece, first, first + count)[:context]


def batches(train: list[Piece], context: int, steps: int, rng: random.Random, solo: bool = False) -> \
        Iterator[tuple[float, torch.Tensor]]:
    """(epochs so far, int64 (rows, steps, 3)) for ever; rows of like length together, PAD at their ends."""
    order = [p for p in train for _ in range(CHORALE_WEIGHT if p.texture == "four" and not solo else 1)]
    epoch = 0.0
    while True:
        rng.shuffle(order)
        for start in range(0, len(order), 512):
            drawn = sorted((draw(p, context, rng, solo) for p in order[start:start + 512]), key=len)
            groups: list[list[list[Step]]] = []
            for row in drawn:
                if groups and (len(groups[-1]) + 1) * len(row) <= steps:
                    groups[-1].append(row)
                else:
                    groups.append([row])
            rng.shuffle(groups)
            for group in groups:
                epoch += len(group) / len(order)
                yield epoch, pad(group)


def pad(rows: list[list[Step]]) -> torch.Tensor:
    longest = max(map(len, rows))
    return torch.tensor([row + [(PAD, 0, 0)] * (longest - len(row)) for row in rows])
