"""The actions on a passage, plans, prompt files, and the text alone out of an answer."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from plugins_builtin.language import Editor, Planner, Writer
from plugins_builtin.language.editor import split
from plugins_builtin.language.params import Action, PlannerParams
from plugins_builtin.language.planner import items
from plugins_builtin.language.prompts import fill, load_prompt, parse_prompt
from plugins_builtin.language.tidying import Tidy
from studio.plugins import GeneratorError, InputError, ModelFiles, Text
from tests.plugins.tiny_models import Recorder, write_causal_lm, write_gguf

TASKS = get_args(PlannerParams.model_fields["task"].annotation)
PASSAGE = "The keeper lit the lamp.\n\nIt was late, and the sea was loud.\n* * *\nNobody came."


@pytest.fixture(scope="module", params=["gguf", "causal-lm"])
def files(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> ModelFiles:
    folder = tmp_path_factory.mktemp("actions")
    path = write_gguf(folder / "tiny.gguf") if request.param == "gguf" else write_causal_lm(folder / "tiny")
    return ModelFiles("tiny", request.param, path)


@pytest.fixture
def editor(files: ModelFiles, tmp_path: Path) -> Editor:
    made = Editor()
    made.load(Recorder(files, tmp_path))
    return made


def edit(editor: Editor, files: ModelFiles, folder: Path, **params: object) -> tuple[Text, Recorder]:
    ctx = Recorder(files, folder)
    params = {"passage": Text.of(PASSAGE), "max_tokens": 8, "temperature": 1.2, **params}
    text = editor.run(Editor.Params(**params), ctx)
    assert "".join(ctx.tokens) == text.text
    return text, ctx


# ---------------------------------------------------------------- actions


@pytest.mark.parametrize("action", get_args(Action))
def test_each_action_runs_and_streams_what_it_returns(editor: Editor, files: ModelFiles, tmp_path: Path,
                                                      action: str) -> None:
    text, ctx = edit(editor, files, tmp_path, action=action, instruction="Make it sad.", before=Text.of("Before."),
                     after=Text.of("After."), memory="The keeper is old.", seed=2)
    assert text.meta["action"] == action
    assert text.meta["tokens"] > 0
    assert ctx.steps[-1][0] <= ctx.steps[-1][1]
    again, _ = edit(editor, files, tmp_path, action=action, instruction="Make it sad.", before=Text.of("Before."),
                    after=Text.of("After."), memory="The keeper is old.", seed=2)
    assert again.data == text.data


def test_paragraphs_are_asked_for_one_by_one_and_their_gaps_stay(editor: Editor, files: ModelFiles,
                                                                 tmp_path: Path) -> None:
    text, _ = edit(editor, files, tmp_path, action="rewrite", seed=1)
    assert "\n* * *\n" in text.text


@given(st.text(alphabet="ab \n*.", max_size=60))
def test_pieces_of_a_passage_joined_are_the_passage(passage: str) -> None:
    for each in ("paragraph", "passage"):
        joined = "".join(piece.text + piece.after for piece in split(passage, each))
        assert joined.strip() == passage.strip()


@pytest.mark.parametrize(("params", "field"), [
    ({"passage": Text.of(" \n\t")}, "passage"), ({"passage": Text(b"")}, "passage"),
    ({"action": "custom", "instruction": " "}, "instruction"),
])
def test_what_is_missing_is_named(editor: Editor, files: ModelFiles, tmp_path: Path, params: dict[str, object],
                                  field: str) -> None:
    with pytest.raises(InputError) as error:
        edit(editor, files, tmp_path, **params)
    assert error.value.field == field


@pytest.mark.parametrize("data", [
    bytes(range(256)) * 4, "half \ud83d".encode("utf-8", "surrogatepass"), "שלום עולם".encode(), "雨夜。".encode() * 60,
    ("word " * 400_000).encode(), b"\x00" * 99,
])
def test_whatever_is_selected_is_worked_on(editor: Editor, files: ModelFiles, tmp_path: Path, data: bytes) -> None:
    text, _ = edit(editor, files, tmp_path, passage=Text(data), action="shorten")
    assert text.text.encode("utf-8")
    assert len(data) < 10_000 or text.meta["dropped"] > 0


# ---------------------------------------------------------------- prompt files


@pytest.mark.parametrize("name", [*get_args(Action), *TASKS, "chat", "character"])
def test_each_prompt_file_can_be_used(name: str, tmp_path: Path) -> None:
    prompt = load_prompt(name, tmp_path)
    values = dict.fromkeys(("passage", "instruction", "tone", "language", "senses", "memory", "context", "prompt",
                            "count", "character", "before", "after", "note", "style", "system"), "WORD")
    messages, answer = prompt.messages(values)
    whole = "".join(m["content"] for m in messages) + answer
    assert "WORD" in whole
    assert "{" not in whole
    empty, _ = prompt.messages(dict.fromkeys(values, ""))
    assert "{" not in "".join(m["content"] for m in empty)


def test_a_file_of_the_persons_own_wins(editor: Editor, files: ModelFiles, tmp_path: Path) -> None:
    own = tmp_path / "prompts" / "shorten.txt"
    own.parent.mkdir()
    before = edit(editor, files, tmp_path, action="shorten", seed=3)[0].data
    own.write_text("[user]\nQuite another wish: {passage}\n", "utf-8")
    assert edit(editor, files, tmp_path, action="shorten", seed=3)[0].data != before
    own.unlink()
    assert edit(editor, files, tmp_path, action="shorten", seed=3)[0].data == before


@pytest.mark.parametrize(("text", "says"), [
    ("", "neither a"), ("nonsense\n[user]\n{passage}", "line 1"), ("length: many\n[user]\n{passage}", "length must be"),
    ("each: word\n[user]\n{passage}", "each must be"), ("length: -1\n[user]\n{passage}", "length must be"),
    ("temperature: 2\n[user]\n{passage}", "line 1"),
])
def test_a_broken_file_is_named_in_a_sentence(editor: Editor, files: ModelFiles, tmp_path: Path, text: str,
                                              says: str) -> None:
    own = tmp_path / "prompts" / "shorten.txt"
    own.parent.mkdir()
    own.write_text(text, "utf-8")
    sentence = rf"The prompt file shorten\.txt cannot be used: .*{says}.* Mend it or delete it"
    with pytest.raises(GeneratorError, match=sentence):
        edit(editor, files, tmp_path, action="shorten")


def test_a_folder_or_binary_in_the_place_of_a_prompt_file(editor: Editor, files: ModelFiles, tmp_path: Path) -> None:
    own = tmp_path / "prompts" / "shorten.txt"
    own.mkdir(parents=True)
    assert edit(editor, files, tmp_path, action="shorten")[0].data is not None
    own.rmdir()
    own.write_bytes(bytes(range(256)))
    with pytest.raises(GeneratorError, match="cannot be used"):
        edit(editor, files, tmp_path, action="shorten")


def test_places_are_filled_and_lines_with_empty_ones_go() -> None:
    values = {"passage": "A {tone} text", "tone": "", "note": "x"}
    assert fill("In a {tone} tone:\n{passage}\n{other} {note}", values) == "A {tone} text\n{other} x"


@given(st.text(max_size=300))
def test_any_prompt_file_is_read_or_refused(text: str) -> None:
    try:
        prompt = parse_prompt("x", text)
    except ValueError:
        return
    assert prompt.sections
    prompt.messages({"passage": "p"})


# ---------------------------------------------------------------- the text alone


@pytest.mark.parametrize(("answer", "passage", "text"), [
    ("Here is a shorter version:\n\nHe ran.", "He ran home.", "He ran."),
    ("Sure! Here's the rewritten text:\n\"He ran.\"", "He was running.", "He ran."),
    ("\n\n“He ran.”\n", "x", "He ran."),
    ("Rewritten text: He ran.", "x", "He ran."),
    ("\"Go,\" she said. \"Now.\"", "She told him to go.", "\"Go,\" she said. \"Now.\""),
    ("\"Go,\" she said.", "\"Leave,\" she said.", "\"Go,\" she said."),
    ("```python\ndef f():\n    return 1\n```\nThis is the function.", "def f(): pass", "def f():\n    return 1"),
    ("1. He ran.", "He was running.", "He ran."),
    ("He ran: fast.", "x", "He ran: fast."),
    ("Here is where he ran. And there:\nnothing.", "x", "nothing."),
    ("", "x", ""), ("\"", "x", ""),
])
def test_the_text_alone_is_left(answer: str, passage: str, text: str) -> None:
    tidy = Tidy(passage)
    assert (tidy.add(answer) + tidy.finish()).strip() == text


@given(st.lists(st.text(alphabet="\"`\n ab:1.", max_size=6), max_size=12), st.sampled_from(["", "\"a", "1. b"]))
def test_however_an_answer_is_cut_the_text_is_the_same(pieces: list[str], passage: str) -> None:
    whole, cut = Tidy(passage), Tidy(passage)
    joined = whole.add("".join(pieces)) + whole.finish()
    assert ("".join(cut.add(piece) for piece in pieces) + cut.finish()).strip() == joined.strip()


# ---------------------------------------------------------------- plans


@pytest.mark.parametrize("task", TASKS)
def test_a_plan_has_entries(files: ModelFiles, tmp_path: Path, task: str) -> None:
    planner, ctx = Planner(), Recorder(files, tmp_path)
    planner.load(ctx)
    text = planner.run(Planner.Params(task=task, prompt="A red house", count=3, max_tokens=30), ctx)
    assert "".join(ctx.tokens) == text.text
    assert 1 <= len(text.meta["items"]) <= 3
    with pytest.raises(InputError, match="nothing to plan from"):
        planner.run(Planner.Params(task=task), Recorder(files, tmp_path))
    planner.unload()


def test_lines_become_entries() -> None:
    text = "1. **The Door**: She finds it.\nIt is green.\n2) Chapter 2: The Fox - He asks.\n- Mossback\n\n"
    assert items(text) == [{"title": "The Door", "text": "She finds it. It is green."},
                           {"title": "The Fox", "text": "He asks."}, {"title": "Mossback", "text": ""}]
    assert items("") == []
    long = items("1. " + "word " * 40)
    assert len(long[0]["title"]) <= 62
    assert long[0]["text"].startswith("word")


@given(st.text(max_size=300))
@example("'")
@example("1. ': text")
def test_any_text_has_entries_or_none(text: str) -> None:
    assert all(entry["title"] or entry["text"] for entry in items(text))


# ---------------------------------------------------------------- the starter


@pytest.mark.model
def test_the_starter_shortens_corrects_and_tells_alternatives(starter_home: Path, tmp_path: Path) -> None:
    found = sorted((starter_home / "data" / "models").rglob("*.gguf"))
    if not found:
        pytest.skip("the default text model is not installed")
    files = ModelFiles("smollm2-135m", "gguf", found[0])
    editor, writer = Editor(), Writer()
    editor.load(Recorder(files, tmp_path))
    writer.load(Recorder(files, tmp_path))
    assert editor.backend is writer.backend
    passage = ("The lighthouse keeper climbed the stairs slowly, counting each one as he had every night for thirty "
               "years. At the top he lit the lamp and looked out over the black water.")
    short, _ = edit(editor, files, tmp_path, passage=Text.of(passage), action="shorten", max_tokens=0, temperature=0.3)
    assert 10 < len(short.text) < len(passage)
    assert "shorter version" not in short.text
    told = writer.run(Writer.Params(context=Text.of(passage), max_tokens=6, alternatives=5), Recorder(files, tmp_path))
    assert len(told.meta["alternatives"]) == told.meta["tokens"]
    editor.unload()
    writer.unload()
