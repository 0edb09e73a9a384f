"""Tokenizer and text encoder: ``python -m training.spark.text_encoder --minutes 5``.

A small CLIPTextModel learns from the frozen sentence encoder MiniLM: its sentence vector, through one linear layer that
is dropped afterwards, is pulled to MiniLM's (Hinton et al. 2015, arXiv:1503.02531, with a cosine loss). So words that
no caption names ("puppy", "automobile") land near those that do. The denoiser trains it further, together with itself.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as functional
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import AutoModel, AutoTokenizer, CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from . import captions, colours, data, packages, plan, scope
from .runtime import Clock, Runtime, restore, save

FOLDER = packages.BUILD / "tokenizer"
CHECKPOINT = packages.BUILD / "text_encoder.pt"
TARGETS = packages.BUILD / "text_targets.pt"
WIDTH, LAYERS, HEADS, LENGTH, VOCABULARY = 256, 4, 4, 32, 5000
TEACHER_WIDTH = 384
QUALITIES = [
    "big", "small", "tiny", "cute", "old", "new", "happy", "sad", "shiny", "round", "simple", "beautiful", "fast",
    "wooden", "metal", "glass", "cartoon", "funny", "little", "huge", "angry", "sleeping", "magic", "fresh",
    "tasty", "colorful", "dark", "bright", "light",
]  # fmt: skip


@dataclass(frozen=True)
class Settings:
    minutes: float = 5.0
    batch: int = 256
    rate: float = 1e-3


def corpus(count: int = 18_000, seed: int = 0) -> list[str]:
    """Texts to learn from: names, tags, and captions of scenes of all kinds."""
    rng = np.random.default_rng(seed)
    rows = data.load()[1]
    seen = {(row.label, row.names, row.tags) for row in rows}
    names = sorted({name for _, many, _ in seen for name in many} | {label.lower() for label, _, _ in seen})
    trained = sorted({name for row in rows if row.split == "train" for name in row.names})
    tags = sorted({tag for _, _, many in seen for tag in many})
    texts = names + [captions.thing(n) for n in names] + tags + [captions.thing(t) for t in tags] + list(colours.NAMES)
    texts += [f"{tag} {name}" for _, many, own in sorted(seen) for name in many[:1] for tag in own]
    texts += [
        "",
        "a picture",
        "something",
        "an icon",
        "an emoji",
        "a drawing",
        "an animal",
        "a person",
        "food",
        "a vehicle",
    ]
    planned = plan.Planner(rows, replace(scope.FULL, pairs=4000, counts=1500), seed).all()
    speaker = captions.Speaker(rows, rng)
    while len(texts) < count:
        if rng.random() < 0.5:
            texts.append(speaker.say(planned[int(rng.integers(len(planned)))]))
            continue
        name = str(rng.choice(trained if rng.random() < 0.6 else tags if rng.random() < 0.5 else names))
        texts.append(captions.thing(f"{rng.choice(QUALITIES)} {name}", str(rng.choice(colours.NAMES))))
    return sorted(set(texts))


def make_tokenizer(texts: list[str]) -> CLIPTokenizer:
    """Train a lower-case byte-level BPE in CLIP's form on the texts, and save it as a CLIPTokenizer."""
    bpe = Tokenizer(models.BPE(end_of_word_suffix="</w>"))
    bpe.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Lowercase()])
    bpe.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(" ", "removed"),
        pre_tokenizers.Punctuation(),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])  # fmt: skip
    trainer = trainers.BpeTrainer(
        vocab_size=VOCABULARY - 2, end_of_word_suffix="</w>", initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    bpe.train_from_iterator(texts, trainer)
    model = json.loads(bpe.to_str())["model"]
    vocabulary: dict[str, int] = dict(model["vocab"])
    for byte in sorted(pre_tokenizers.ByteLevel.alphabet()):  # each byte also at the end of a word: nothing is unknown
        vocabulary.setdefault(f"{byte}</w>", len(vocabulary))
    for special in ("<|startoftext|>", "<|endoftext|>"):
        vocabulary[special] = len(vocabulary)
    merges = [tuple(m) if isinstance(m, list) else tuple(m.split(" ")) for m in model["merges"]]
    tokenizer = CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=LENGTH)
    tokenizer.save_pretrained(FOLDER)
    # the two files of the original format, for tools that read those
    (FOLDER / "vocab.json").write_text(json.dumps(vocabulary, ensure_ascii=False), "utf-8")
    (FOLDER / "merges.txt").write_text("#version: 0.2\n" + "\n".join(" ".join(m) for m in merges) + "\n", "utf-8")
    return tokenizer


def load_tokenizer() -> CLIPTokenizer:
    return CLIPTokenizer.from_pretrained(FOLDER)


def build(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """The untrained encoder: (B, 32) token ids -> (B, 32, 256)."""
    config = CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=WIDTH, intermediate_size=WIDTH * 4, projection_dim=WIDTH,
        num_hidden_layers=LAYERS, num_attention_heads=HEADS, max_position_embeddings=LENGTH, hidden_act="gelu",
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id,
    )  # fmt: skip
    return CLIPTextModel(config)


def token_ids(tokenizer: CLIPTokenizer, texts: list[str]) -> torch.Tensor:
    """(B, 32) ids, padded as the pipeline does it."""
    return tokenizer(texts, padding="max_length", max_length=LENGTH, truncation=True, return_tensors="pt").input_ids


@torch.no_grad()
def teach(texts: list[str], runtime: Runtime) -> torch.Tensor:
    """MiniLM's unit sentence vectors, (N, 384)."""
    folder = packages.minilm()
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval().to(runtime.device)
    order = sorted(range(len(texts)), key=lambda i: len(texts[i]))
    result = torch.empty(len(texts), TEACHER_WIDTH)
    for start in range(0, len(order), 256):
        index = order[start : start + 256]
        batch = tokenizer([texts[i] for i in index], padding=True, truncation=True, return_tensors="pt").to(
            runtime.device
        )
        with runtime.autocast():
            hidden = model(**batch).last_hidden_state.float()
        mask = batch["attention_mask"][..., None].float()
        result[index] = functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=-1).cpu()
    return result


class Student(torch.nn.Module):
    """The text encoder and the throw-away layer that meets the teacher."""

    def __init__(self, encoder: CLIPTextModel) -> None:
        super().__init__()
        self.encoder = encoder
        self.meet = torch.nn.Linear(WIDTH * 2, TEACHER_WIDTH)

    def forward(self, ids: torch.Tensor) -> torch.Tensor:
        """Unit vectors (B, 384) from the last token and the mean over the caption's tokens."""
        out = self.encoder(ids)
        end = self.encoder.config.eos_token_id
        mask = ((ids != end).cumprod(1))[..., None].to(out.last_hidden_state.dtype)
        mean = (out.last_hidden_state * mask).sum(1) / mask.sum(1)
        return functional.normalize(self.meet(torch.cat([out.pooler_output, mean], -1)).float(), dim=-1)


def distill_loss(student: Student, ids: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Cosine distance to the teacher, plus the batch's similarities matched to the teacher's."""
    out = student(ids)
    pairs = functional.mse_loss(out @ out.T, target @ target.T)
    return (1 - (out * target).sum(-1)).mean() + 10 * pairs


def targets() -> tuple[list[str], torch.Tensor]:
    """The corpus and its teacher vectors, computed once."""
    if not TARGETS.exists():
        texts = corpus()
        save(TARGETS, {"texts": texts, "vectors": teach(texts, Runtime.detect()).half()})
    state = torch.load(TARGETS, weights_only=True)
    return state["texts"], state["vectors"].float()


def train(settings: Settings) -> Student:
    runtime = Runtime.detect()
    torch.manual_seed(2)
    texts, vectors = targets()
    tokenizer = make_tokenizer(texts)
    ids = token_ids(tokenizer, texts)
    student = Student(build(tokenizer)).to(runtime.device)
    optimiser = torch.optim.AdamW(student.parameters(), settings.rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    clock, step = Clock(settings.minutes), 0
    while clock.progress < 1:
        rate = settings.rate * min(1, (step + 1) / 100) * (0.02 + 0.98 * 0.5 * (1 + math.cos(math.pi * clock.progress)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        index = torch.randint(0, len(texts), (settings.batch,))
        batch = ids[index]
        longest = int((batch != tokenizer.eos_token_id).sum(1).max()) + 1
        with runtime.autocast():
            loss = distill_loss(student, batch[:, :longest].to(runtime.device), vectors[index].to(runtime.device))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimiser.step()
        step += 1
        clock.add(settings.batch)
        if step % 50 == 0:
            print(f"step {step} {clock.progress:.1%} loss {loss.item():.4f} {clock.rate():.0f} texts/s", flush=True)
    save(CHECKPOINT, {"student": student.state_dict()})
    return student


def adopt(folder: Path) -> None:
    """Take tokenizer and encoder of an earlier version's pipeline folder as the finished first training."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for path in (folder / "tokenizer").iterdir():
        (FOLDER / path.name).write_bytes(path.read_bytes())
    student = Student(CLIPTextModel.from_pretrained(folder / "text_encoder").float())
    save(CHECKPOINT, {"student": student.state_dict()})


def load() -> tuple[CLIPTokenizer, Student]:
    """The tokenizer and the distilled encoder, on the CPU."""
    tokenizer = load_tokenizer()
    student = Student(build(tokenizer))
    if state := restore(CHECKPOINT):
        student.load_state_dict(state["student"])
    return tokenizer, student


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=Settings.minutes)
    student = train(Settings(minutes=parser.parse_args().minutes)).eval().cpu()
    tokenizer = load_tokenizer()
    words = ["a puppy", "a dog", "a car", "an automobile", "a red apple", "a green apple", "a boat", "a ship"]
    with torch.no_grad():
        vectors = student(token_ids(tokenizer, words))
    for i in range(0, len(words), 2):
        print(f"{words[i]} ~ {words[i + 1]}: {float(vectors[i] @ vectors[i + 1]):.2f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
