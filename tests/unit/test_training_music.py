"""From a parsed corpus to training sequences: bars that add up, variants that stay together, measures, copies."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from plugins_builtin.music import encode, harmony
from plugins_builtin.music import vocabulary as v
from plugins_builtin.music.network import Shape, build
from plugins_builtin.music.piece import Note, Piece
from training.music import corpus, data, measures, pieces, train

TUNE = """X:1
T:The Test -- Reel
R:reel
M:4/4
L:1/8
Q:1/4=150
K:D
A2|d2fd A2FA|BdAF E2A2|d2fd A2FA|BdAF D2:|
A2|f2af d2fd|e2ge c2ec|f2af d2fd|e2cA d4|]
"""


def raw(**changes: Any) -> dict[str, Any]:
    """A parsed tune: an upbeat of one beat, eight bars of four quarter notes, half a bar at the repeat sign."""
    measures_ = [[0, 12], *[[12 + 48 * i, 48] for i in range(3)], [156, 36], [192, 12], *[[204 + 48 * i, 48]
                                                                                      for i in range(4)]]
    notes = [[tick, 12, 62 + tick // 12 % 7] for tick in range(0, 396, 12)]
    return {"collection": "oneills1850", "name": "x-1", "headers": {"T": ["The Test -- Reel"]}, "metres": 1,
            "metre": [4, 4], "key": [2, "major", 2],
            "parts": [{"name": "", "notes": notes, "measures": measures_, "exact": True}], **changes}


def tune(bars: int = 8, texture: str = "solo") -> Piece:
    rng = random.Random(bars)
    voices = {"melody": tuple(Note(12 * i, 12, 67 + rng.randint(-5, 9)) for i in range(bars * 4))}
    if texture == "four":
        voices |= {role: tuple(Note(12 * i, 12, low + rng.randint(0, 5)) for i in range(bars * 4))
                   for role, low in (("alto", 60), ("tenor", 52), ("bass", 43))}
    piece = Piece("reel", "major", 7, "4/4", bars, texture, voices=voices)
    return harmony.with_chords(piece) if texture == "chords" else piece


def test_an_abc_tune_is_parsed_and_converted(tmp_path: Path) -> None:
    found = corpus.parse(corpus.Source("oneills1850", "x", tmp_path, TUNE))
    assert found is not None
    piece = pieces.convert(found)
    assert piece is not None
    assert (piece.style, piece.mode, piece.tonic, piece.metre, piece.tempo, piece.bars) == (
        "reel", "major", 2, "4/4", "fast", 8)
    first = piece.voices["melody"][:3]
    assert first == (Note(0, 12, 74), Note(12, 6, 78), Note(18, 6, 74))


def test_upbeats_go_and_halves_around_a_repeat_are_one_bar() -> None:
    piece = pieces.convert(raw())
    assert piece is not None
    assert piece.bars == 8
    assert [n.start for n in piece.voices["melody"]] == list(range(0, 384, 12))


@pytest.mark.parametrize("changes", [
    {"metre": [5, 4]}, {"metre": None}, {"metres": 2}, {"key": [0, "locrian", 0]},
    {"parts": [{"name": "", "notes": [[0, 12, 60]], "measures": [[0, 60], [60, 48]], "exact": True}]},
    {"parts": [{**raw()["parts"][0], "exact": False}]}])
def test_what_does_not_fit_is_left_out(changes: dict[str, Any]) -> None:
    assert pieces.convert(raw(**changes)) is None


def test_variants_of_a_title_are_in_one_part() -> None:
    titles = ["The Boys of Bluehill", "Boys Of Bluehill, The", "Boys of Bluehill - Hornpipe",
              "The Boys of Bluehill reel"]
    parts = {pieces.part_of(raw(headers={"T": [title]})) for title in titles}
    assert len(parts) == 1
    many = [pieces.part_of(raw(headers={"T": [f"tune {i} {i * 7}"]})) for i in range(600)]
    assert 0.85 < many.count("train") / 600 < 0.95
    assert many.count("test") > 10


@given(st.integers(0, 2**31), st.sampled_from(["solo", "chords", "four"]), st.integers(6, 40))
@settings(max_examples=40, deadline=None)
def test_sequences_can_be_read_back(seed: int, texture: str, bars: int) -> None:
    piece = tune(bars, texture)
    reader = encode.Reader(Piece("reel", "major", 7, "4/4", bars, texture))
    for number in range(bars):
        reader.bar(number, encode.bar_steps(piece, number, piece.roles))
    assert {role: tuple(notes) for role, notes in reader.voices.items() if notes} == dict(piece.voices)
    assert tuple(reader.chords) == piece.chords
    steps = data.draw(piece, 300, random.Random(seed))
    assert len(steps) <= 300
    assert all(0 <= word < v.SIZE and 0 <= ticks <= v.LONGEST and 0 <= place <= v.LONGEST
               for word, ticks, place in steps)


def test_notes_over_a_bar_line_are_held() -> None:
    piece = Piece("air", "minor", 9, "3/4", 2, "solo", voices={"melody": (Note(24, 24, 69), Note(48, 24, 72))})
    steps = encode.bars(piece, range(2))
    assert [v.WORDS[word] for word, _, _ in steps] == ["BAR_2", "VOICE_melody", "REST", "PITCH_72", "BAR_1",
                                                       "VOICE_melody", "HOLD", "PITCH_75"]
    reader = encode.Reader(Piece("air", "minor", 9, "3/4", 2, "solo"))
    reader.bar(0, steps[:4])
    reader.bar(1, steps[4:])
    assert tuple(reader.voices["melody"]) == piece.voices["melody"]


def test_plain_triads_get_their_chords() -> None:
    melody = [60, 64, 67, 64] * 2 + [67, 71, 74, 71] * 2 + [60, 64, 67, 60] * 2
    notes = tuple(Note(12 * i, 12, pitch) for i, pitch in enumerate(melody))
    piece = harmony.with_chords(Piece("reel", "major", 0, "4/4", 6, "solo", voices={"melody": notes}))
    roots = [next(c.root for c in piece.chords if c.start == bar * 48) for bar in range(6)]
    assert roots == [0, 0, 7, 7, 0, 0]


def test_a_transformer_gives_the_same_a_step_at_a_time() -> None:
    torch.manual_seed(1)
    network = build(Shape("transformer", v.SIZE, v.LONGEST, 32, 2, 2, 64)).eval()
    steps = torch.tensor([encode.whole(tune(2))])
    with torch.inference_mode():
        whole = network(steps)
        state = network.start()
        parts = [network(steps[:, :10], state), *[network(steps[:, i:i + 1], state) for i in range(10, steps.shape[1])]]
    assert torch.allclose(torch.cat(parts, 1), whole, atol=1e-5)


@pytest.mark.parametrize("kind", ["transformer", "lstm"])
def test_a_few_steps_of_training_lower_the_loss_and_go_on(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
                                                         capsys: pytest.CaptureFixture[str]) -> None:
    tiny = {"transformer": Shape("transformer", v.SIZE, v.LONGEST, 32, 1, 2, 300),
            "lstm": Shape("lstm", v.SIZE, v.LONGEST, 32, 1, context=300, embedding=16)}
    monkeypatch.setattr(train, "SHAPES", tiny)
    monkeypatch.setattr(data, "load", lambda _: {"train": [tune(8)] * 40, "valid": [tune(8)], "test": []})
    monkeypatch.setattr(train, "WARM_STEPS", 5)
    path = train.train(kind, tmp_path, tmp_path, 1e6, most_steps=8)
    first = torch.load(path, weights_only=True)
    train.train(kind, tmp_path, tmp_path, 1e6, most_steps=40)
    second = torch.load(path, weights_only=True)
    assert (first["step"], second["step"]) == (8, 40)
    assert second["log"][-1]["valid"] < second["log"][0]["train"]
    assert "parameters" in capsys.readouterr().out


def test_measures_of_simple_melodies() -> None:
    scale = tuple(Note(12 * i, 12, p) for i, p in enumerate([60, 62, 64, 65, 67, 69, 71, 72] * 2))
    assert measures.scale_consistency(scale) == 1.0
    assert measures.pitch_class_entropy(tuple(n._replace(pitch=60) for n in scale)) == 0.0
    assert measures.pitch_class_entropy(scale) == pytest.approx(2.75, abs=0.01)
    assert measures.groove_consistency(scale, 48) == 1.0
    assert measures.self_similarity(scale, 96) == 1.0
    assert measures.self_similarity(scale, 48) == 1.0
    rising = tuple(Note(12 * i, 12, 50 + i) for i in range(16))
    assert measures.self_similarity(rising, 48) == 0.0


def test_copies_are_found_in_any_key() -> None:
    known = tune(8)
    copies = measures.Copies([known])
    melody = known.voices["melody"]
    assert copies.longest(melody) == len(melody)
    moved = [n._replace(pitch=n.pitch + 5) for n in melody[4:14]]
    assert copies.longest(moved) == 10
    assert copies.longest([Note(0, 7, 60), Note(7, 7, 95)]) == 0


def test_likeness_at_a_distance_tells_form() -> None:
    bars = (60, 62, 60, 64, 60, 62, 60, 65)
    notes = [Note(48 * number, 48, pitch) for number, pitch in enumerate(bars)]
    assert measures.likeness_at(notes, 48, 4) == pytest.approx(0.75)
    assert measures.likeness_at(notes, 48, 2) == pytest.approx(3 / 6)
    assert measures.likeness_at(notes, 48, 1) == 0
    assert measures.likeness_at(notes, 48, 8) is None
