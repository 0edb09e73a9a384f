"""The writer: passages, both runtimes, stops, faults, and the same text warm and cold."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins_builtin.language import Writer, studio_generators
from plugins_builtin.language.backend import BLOCK, common_prefix, fit_window, whole_blocks
from plugins_builtin.language.flow import Flow
from plugins_builtin.language.gguf import BadGguf, read_header
from studio.plugins import Cancelled, GeneratorError, InputError, ModelFiles, Text
from tests.plugins.tiny_models import Recorder, write_causal_lm, write_gguf

PASSAGE = "The rain beat at the glass. " * 12


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, ModelFiles]:
    folder = tmp_path_factory.mktemp("language")
    return {
        "gguf": ModelFiles("tiny", "gguf", write_gguf(folder / "tiny.gguf")),
        "causal-lm": ModelFiles("tiny", "causal-lm", write_causal_lm(folder / "tiny")),
    }


@pytest.fixture(params=["gguf", "causal-lm"])
def files(request: pytest.FixtureRequest, models: dict[str, ModelFiles]) -> ModelFiles:
    return models[request.param]


def loaded(files: ModelFiles, folder: Path) -> Writer:
    writer = Writer()
    writer.load(Recorder(files, folder))
    return writer


def write(writer: Writer, ctx: Recorder, **params: object) -> Text:
    params.setdefault("max_tokens", 24)
    params.setdefault("temperature", 1.5)
    return writer.run(Writer.Params(**params), ctx)


# ---------------------------------------------------------------- the arithmetic of prefixes and windows


@given(st.lists(st.integers(0, 3), max_size=300), st.lists(st.integers(0, 3), min_size=1, max_size=300))
def test_reused_tokens_are_whole_blocks_and_never_the_last(known: list[int], prompt: list[int]) -> None:
    kept = whole_blocks(known, prompt)
    assert kept % BLOCK == 0
    assert kept < len(prompt)
    assert known[:kept] == prompt[:kept]
    assert common_prefix(known, prompt) >= kept


@given(st.integers(0, 5000), st.integers(1, 900))
def test_a_long_text_loses_its_oldest_tokens(length: int, room: int) -> None:
    tokens = list(range(length))
    kept, dropped = fit_window(tokens, room)
    assert kept == tokens[dropped:]
    assert len(kept) <= room
    assert dropped == 0 or len(kept) > room - room // 4 - 2


def test_the_cut_moves_in_steps_so_that_the_prefix_stays() -> None:
    cuts = {fit_window(list(range(n)), 400)[1] for n in range(401, 500)}
    assert cuts == {100}


# ---------------------------------------------------------------- the flow of pieces


@given(st.lists(st.text(alphabet=" \n\tabcENDé🦊", max_size=6), max_size=12), st.sampled_from(["", " ", "\n"]))
def test_pieces_shown_are_the_passage(pieces: list[str], before: str) -> None:
    shown: list[str] = []
    flow = Flow(shown.append, ["END", "b\na"], before)
    for piece in pieces:
        flow.add(piece)
        if flow.stopped:
            break
    text = flow.finish()
    assert "".join(shown) == text
    assert "END" not in text
    assert "b\na" not in text
    assert text == text.rstrip()
    if before == "\n":
        assert text == text.lstrip(" \t\r\n")


def test_blanks_before_the_cursor_are_not_doubled() -> None:
    def passage(before: str) -> str:
        flow = Flow(lambda _: None, (), before)
        flow.add(" ")
        flow.add(" and so")
        return flow.finish()

    assert (passage(""), passage(" "), passage("\n")) == ("  and so", "and so", "and so")


def test_a_beginning_of_a_stop_string_that_is_none_is_shown_in_the_end() -> None:
    shown: list[str] = []
    flow = Flow(shown.append, ["###"])
    flow.add("one ##")
    assert not flow.stopped
    assert shown == ["one"]
    assert flow.finish() == "one ##"


# ---------------------------------------------------------------- the generator


def test_each_field_of_each_generator_says_what_it_is_for() -> None:
    offered = [generator.id.partition(".")[2] for generator in studio_generators()]
    assert offered == ["text", "edit", "chat", "plan", "context"]
    for generator in studio_generators():
        for name, field in generator.Params.model_json_schema()["properties"].items():
            assert field.get("description"), (generator.id, name)


def test_streamed_tokens_are_the_text(files: ModelFiles, tmp_path: Path) -> None:
    writer, ctx = loaded(files, tmp_path), Recorder(files, tmp_path)
    text = write(writer, ctx, prompt="A red house", seed=5)
    assert text.text == "".join(ctx.tokens)
    assert text.meta["stopped"] in ("length", "eos")
    assert 0 < text.meta["tokens"] <= 24
    assert ctx.steps[-1][0] <= ctx.steps[-1][1] == 24
    writer.unload()


def test_warm_and_cold_runs_give_the_same_text(files: ModelFiles, tmp_path: Path) -> None:
    asks = [
        {"context": Text.of(PASSAGE), "seed": 1},
        {"context": Text.of(PASSAGE + "It went on. "), "seed": 2},
        {"prompt": "A blue star", "seed": 3},
        {"context": Text.of(PASSAGE[:200]), "seed": 4, "repetition_penalty": 1.3, "top_k": 5},
    ]
    cold = []
    for ask in asks:
        writer = loaded(files, tmp_path)
        cold.append(write(writer, Recorder(files, tmp_path), **ask).data)
        writer.unload()
    writer = loaded(files, tmp_path)
    for _ in range(2):
        for ask, expected in zip(asks, cold, strict=True):
            assert write(writer, Recorder(files, tmp_path), **ask).data == expected
            assert write(writer, Recorder(files, tmp_path), **ask).data == expected
    assert len(set(cold)) == len(cold)
    writer.unload()


def test_a_stop_ends_within_a_token_and_leaves_the_model_usable(files: ModelFiles, tmp_path: Path) -> None:
    writer = loaded(files, tmp_path)
    expected = write(writer, Recorder(files, tmp_path), prompt="A tree", seed=9).data
    ctx = Recorder(files, tmp_path, stop_after_tokens=3)
    with pytest.raises(Cancelled):
        write(writer, ctx, prompt="A moon", seed=8, max_tokens=200)
    assert len(ctx.tokens) == 3
    assert write(writer, Recorder(files, tmp_path), prompt="A tree", seed=9).data == expected
    writer.unload()


def test_a_stop_while_the_prompt_is_read(files: ModelFiles, tmp_path: Path) -> None:
    writer, ctx = loaded(files, tmp_path), Recorder(files, tmp_path, stop_at_step=0)
    with pytest.raises(Cancelled):
        write(writer, ctx, context=Text.of(PASSAGE), seed=1)
    assert not ctx.tokens
    assert write(writer, Recorder(files, tmp_path), context=Text.of(PASSAGE), seed=1).text
    writer.unload()


def test_stop_strings_end_the_text_before_them(files: ModelFiles, tmp_path: Path) -> None:
    writer = loaded(files, tmp_path)
    whole = write(writer, Recorder(files, tmp_path), prompt="A lamp", seed=2).text
    mark = whole[4:6]
    ctx = Recorder(files, tmp_path)
    text = write(writer, ctx, prompt="A lamp", seed=2, stop=mark)
    assert text.text == whole[: whole.index(mark)].rstrip() == "".join(ctx.tokens)
    assert text.meta["stopped"] == "stop"
    writer.unload()


@pytest.mark.parametrize("prompt", ["🦊❤️👩‍🚀", "מה שלום הים؟ مرحبا", "a\x00b", "<|im_end|>"])
def test_any_script_can_be_asked(files: ModelFiles, tmp_path: Path, prompt: str) -> None:
    writer, ctx = loaded(files, tmp_path), Recorder(files, tmp_path)
    text = write(writer, ctx, prompt=prompt, context=Text.of(prompt + "."), seed=3).text
    assert all(piece.encode("utf-8") for piece in ctx.tokens)
    assert "".join(ctx.tokens) == text
    writer.unload()


def test_a_text_longer_than_the_window_drops_its_oldest_part_and_says_so(files: ModelFiles, tmp_path: Path) -> None:
    writer, ctx = loaded(files, tmp_path), Recorder(files, tmp_path)
    text = write(writer, ctx, context=Text.of(PASSAGE * 10), seed=1)
    assert text.meta["dropped"] > 0
    assert text.meta["read"] + 24 < 512
    assert "left out" in ctx.logs[0]
    long_prompt = write(writer, Recorder(files, tmp_path), prompt="word " * 4000, seed=1)
    assert long_prompt.meta["dropped"] > 0
    writer.unload()


def test_nothing_to_write_from_names_the_field(files: ModelFiles, tmp_path: Path) -> None:
    writer = loaded(files, tmp_path)
    with pytest.raises(InputError, match="nothing to write from") as error:
        write(writer, Recorder(files, tmp_path), context=Text.of(" \n "))
    assert error.value.field == "prompt"
    writer.unload()


def test_the_largest_seed_is_a_seed_like_any_other(files: ModelFiles, tmp_path: Path) -> None:
    writer = loaded(files, tmp_path)
    texts = {write(writer, Recorder(files, tmp_path), prompt="A door", seed=2**32 - 1).data for _ in range(3)}
    assert len(texts) == 1
    writer.unload()


def test_a_model_without_a_chat_template_sees_plain_text(tmp_path: Path) -> None:
    files = ModelFiles("plain", "causal-lm", write_causal_lm(tmp_path / "plain", chat=False))
    writer, ctx = loaded(files, tmp_path), Recorder(files, tmp_path)
    assert write(writer, ctx, prompt="A wish", context=Text.of("Once"), seed=1).data
    assert write(writer, ctx, prompt="A wish", seed=1).data
    writer.unload()


# ---------------------------------------------------------------- broken files


@pytest.mark.parametrize("share", [0.0, 0.0005, 0.01, 0.5, 0.999])
def test_a_cut_gguf_is_refused_in_a_sentence(models: dict[str, ModelFiles], tmp_path: Path, share: float) -> None:
    whole = models["gguf"].path.read_bytes()
    broken = tmp_path / "broken.gguf"
    broken.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(GeneratorError, match=r"The model tiny cannot be loaded: broken\.gguf .*Install it again\."):
        loaded(ModelFiles("tiny", "gguf", broken), tmp_path)


@given(st.binary(max_size=200), st.booleans())
def test_rubbish_is_never_a_header(data: bytes, magic: bool) -> None:
    path = Path(os.environ["PIERIA_HOME"]).with_name("rubbish.gguf")
    path.write_bytes((b"GGUF" + struct.pack("<I", 3) if magic else b"") + data)
    with pytest.raises(BadGguf):
        read_header(path)


def test_a_pickle_posing_as_a_model_is_refused(tmp_path: Path) -> None:
    import pickle

    path = tmp_path / "posing.gguf"
    path.write_bytes(pickle.dumps({"weights": [1, 2, 3]}))
    with pytest.raises(GeneratorError, match="is not a GGUF model"):
        loaded(ModelFiles("posing", "gguf", path), tmp_path)


def test_a_missing_gguf_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GeneratorError, match="cannot be read"):
        loaded(ModelFiles("gone", "gguf", tmp_path / "gone.gguf"), tmp_path)


def test_broken_safetensors_of_a_folder_are_named(models: dict[str, ModelFiles], tmp_path: Path) -> None:
    import shutil

    folder = shutil.copytree(models["causal-lm"].path, tmp_path / "copy")
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(GeneratorError, match=r"model\.safetensors is cut short"):
        loaded(ModelFiles("tiny", "causal-lm", folder), tmp_path)
    weights.unlink()
    (folder / "pytorch_model.bin").write_bytes(b"\x80\x04N.")
    with pytest.raises(GeneratorError, match="The model tiny cannot be loaded"):
        loaded(ModelFiles("tiny", "causal-lm", folder), tmp_path)


# ---------------------------------------------------------------- the real starter model


@pytest.mark.model
def test_the_starter_model_continues_a_passage(starter_home: Path, tmp_path: Path) -> None:
    found = sorted((starter_home / "data" / "models").rglob("*.gguf"))
    if not found:
        pytest.skip("the default text model is not installed")
    files = ModelFiles("smollm2-135m", "gguf", found[0])
    writer, ctx = loaded(files, tmp_path), Recorder(files, tmp_path)
    story = "The lighthouse keeper climbed the stairs, counting each one, as every night for thirty years. " * 2
    text = write(writer, ctx, context=Text.of(story), seed=1, max_tokens=40, temperature=0.8)
    assert len(text.text.split()) > 10
    assert text.text.strip()[:40] not in story
    again = write(writer, Recorder(files, tmp_path), context=Text.of(story), seed=1, max_tokens=40, temperature=0.8)
    assert again.data == text.data
    writer.unload()
