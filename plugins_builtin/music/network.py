"""The two networks: a decoder-only transformer with a cache of keys and values, and an LSTM.

Transformer: pre-norm blocks with rotary positions (Su et al. 2021, "RoFormer"), root-mean-square norms (Zhang and
Sennrich 2019) and gated units (Shazeer 2020, "GLU Variants Improve Transformer"). LSTM: Hochreiter and Schmidhuber
1997. A step goes in as the sum of what it is, how long it lasts and where it leads; out come first the word of the next
step, then, knowing the word, how long it lasts.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional


@dataclass(frozen=True)
class Shape:
    """Sizes of a network. kind: "transformer" or "lstm"; heads and context say nothing to an LSTM."""

    kind: str
    words: int
    ticks: int
    width: int
    layers: int
    heads: int = 0
    context: int = 512
    embedding: int = 0
    dropout: float = 0.0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Norm(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(width))

    def forward(self, x: Tensor) -> Tensor:
        return functional.rms_norm(x, self.weight.shape, self.weight, 1e-6)


def rotary(context: int, size: int) -> tuple[Tensor, Tensor]:
    """Cosines and sines of shape (context, size / 2)."""
    rates = 10000.0 ** (-torch.arange(0, size, 2, dtype=torch.float32) / size)
    angles = torch.arange(context, dtype=torch.float32)[:, None] * rates
    return angles.cos(), angles.sin()


def turn(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """Rotate the halves of the last axis against each other; x of shape (batch, heads, steps, size)."""
    a, b = x.chunk(2, -1)
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


class Block(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        width, self.heads = shape.width, shape.heads
        self.before, self.between = Norm(width), Norm(width)
        self.qkv = nn.Linear(width, 3 * width, bias=False)
        self.out = nn.Linear(width, width, bias=False)
        inner = width * 8 // 3 // 32 * 32
        self.up = nn.Linear(width, 2 * inner, bias=False)
        self.down = nn.Linear(inner, width, bias=False)

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor, cache: list[Tensor] | None) -> Tensor:
        batch, steps, width = x.shape
        q, k, values = self.qkv(self.before(x)).view(batch, steps, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        q, k = turn(q, cos, sin), turn(k, cos, sin)
        if cache is not None:
            if cache:
                k, values = torch.cat([cache[0], k], 2), torch.cat([cache[1], values], 2)
            cache[:] = [k, values]
        causal = steps > 1
        mixed = functional.scaled_dot_product_attention(q, k, values, is_causal=causal)
        x = x + self.out(mixed.transpose(1, 2).reshape(batch, steps, width))
        gate, value = self.up(self.between(x)).chunk(2, -1)
        return x + self.down(functional.silu(gate) * value)


class Steps(nn.Module):
    """Embeddings of steps, and the two answers; `size` is the width of the embedding."""

    def __init__(self, shape: Shape, size: int) -> None:
        super().__init__()
        self.word = nn.Embedding(shape.words, size)
        self.ticks = nn.Embedding(shape.ticks + 1, size)
        self.place = nn.Embedding(shape.ticks + 1, size)
        self.mix = nn.Linear(size, size)
        self.last = nn.Linear(size, shape.ticks + 1)

    def forward(self, steps: Tensor) -> Tensor:
        """steps: int64 (batch, steps, 3). Returns (batch, steps, size)."""
        word, ticks, place = steps.unbind(-1)
        return self.word(word) + self.ticks(ticks) + self.place(place)

    def words(self, hidden: Tensor) -> Tensor:
        """Logits of the next word."""
        return functional.linear(hidden, self.word.weight)

    def lengths(self, hidden: Tensor, word: Tensor) -> Tensor:
        """Logits of how many ticks the next step lasts, when it is `word`."""
        return self.last(functional.silu(self.mix(hidden + self.word(word))))


class Transformer(nn.Module):
    """Hidden values for each step; `steps` turns them into answers."""

    cos: Tensor
    sin: Tensor

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.steps = Steps(shape, shape.width)
        self.blocks = nn.ModuleList(Block(shape) for _ in range(shape.layers))
        self.norm = Norm(shape.width)
        cos, sin = rotary(shape.context, shape.width // shape.heads)
        self.register_buffer("cos", cos, persistent=False)
        self.register_buffer("sin", sin, persistent=False)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                deep = name.endswith(("out.weight", "down.weight"))
                nn.init.normal_(parameter, std=0.02 / (2 * shape.layers) ** 0.5 if deep else 0.02)

    def forward(self, steps: Tensor, state: list[list[Tensor]] | None = None) -> Tensor:
        """steps: (batch, steps, 3). state: from `start`, filled with keys and values; once it is not empty give one
        step at a time. Returns (batch, steps, width).
        """
        done = state[0][0].shape[2] if state and state[0] else 0
        cos, sin = self.cos[done:done + steps.shape[1]], self.sin[done:done + steps.shape[1]]
        x = self.steps(steps)
        for number, block in enumerate(self.blocks):
            x = block(x, cos, sin, None if state is None else state[number])
        return self.norm(x)

    def start(self) -> list[list[Tensor]]:
        """An empty state for `forward`."""
        return [[] for _ in self.blocks]


class Recurrent(nn.Module):
    """An LSTM melody model with the same interface."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.steps = Steps(shape, shape.embedding)
        self.lstm = nn.LSTM(shape.embedding, shape.width, shape.layers, batch_first=True,
                            dropout=shape.dropout if shape.layers > 1 else 0.0)
        self.out = nn.Linear(shape.width, shape.embedding, bias=False)
        self.dropout = nn.Dropout(shape.dropout)
        for embedding in (self.steps.word, self.steps.ticks, self.steps.place):
            nn.init.normal_(embedding.weight, std=0.1)

    def forward(self, steps: Tensor, state: list[Any] | None = None) -> Tensor:
        hidden, carried = self.lstm(self.dropout(self.steps(steps)), state[0] if state else None)
        if state is not None:
            state[:] = [carried]
        return self.out(self.dropout(hidden))

    def start(self) -> list[Any]:
        return []


Network = Transformer | Recurrent


def build(shape: Shape) -> Network:
    return Transformer(shape) if shape.kind == "transformer" else Recurrent(shape)
