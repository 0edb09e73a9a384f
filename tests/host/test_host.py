"""What the real host does with good and bad requests, results and plugins that misbehave without dying."""

from __future__ import annotations

import hashlib
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from studio.engine.job import AudioChunk, Failed, Finished, Progress, Result, Stopped, Token
from tests.host.conftest import Studio


def test_tokens_and_a_result_with_its_recipe(faults: Studio) -> None:
    job = faults.submit("faults.echo", prompt="a red apple", seed=7)
    faults.end_of(job)
    mine = [event for event in faults.seen if getattr(event, "job", "") == job.id]
    assert "".join(event.text for event in mine if isinstance(event, Token)) == "a red apple "
    (result,) = [event for event in mine if isinstance(event, Result)]
    assert result.data == b"a red apple"
    recipe = result.recipe
    assert recipe["generator"] == {"id": "faults.echo", "title": "Echo", "version": "1", "plugin": "faults",
                                   "plugin_version": "1.0"}
    assert recipe["params"] == {"prompt": "a red apple", "seed": 7, "steps": 20, "strength": 0.5}
    assert recipe["seed"] == 7
    assert list(recipe["libraries"]) == ["pydantic"]
    assert recipe["device"]["type"] in ("cpu", "cuda", "mps")


def test_the_same_request_gives_the_same_recipe(faults: Studio) -> None:
    first, second = faults.submit("faults.echo"), faults.submit("faults.echo")
    faults.end_of(second)
    jobs = (first.id, second.id)
    recipes = [event.recipe for event in faults.seen if isinstance(event, Result) and event.job in jobs]
    assert recipes[0] == recipes[1]


def test_yielded_results_come_one_by_one(faults: Studio) -> None:
    job = faults.submit("faults.many")
    faults.end_of(job)
    mine = [event for event in faults.seen if getattr(event, "job", "") == job.id]
    assert [event.data for event in mine if isinstance(event, Result)] == [b"0", b"1", b"2"]
    assert isinstance(mine[-1], Finished)
    assert mine.index(next(event for event in mine if isinstance(event, Result))) < len(mine) - 3


def test_sound_keeps_its_place_between_tokens(faults: Studio) -> None:
    job = faults.submit("faults.sounds")
    faults.end_of(job)
    mine = [event for event in faults.seen if getattr(event, "job", "") == job.id]
    assert [event.text if isinstance(event, Token) else "sound" for event in mine
            if isinstance(event, (Token, AudioChunk))] == ["a", "sound", "b"]
    (chunk,) = [event for event in mine if isinstance(event, AudioChunk)]
    assert (chunk.rate, chunk.channels) == (8000, 2)
    assert np.frombuffer(chunk.samples, "<f4").tolist() == [0.5, -0.5, 1.0, 0.0]


@pytest.mark.parametrize(("params", "field", "message"), [
    ({"steps": 200}, "steps", "Steps must be at most 150."),
    ({"steps": 0}, "steps", "Steps must be at least 1."),
    ({"steps": "many"}, "steps", "Steps must be a whole number."),
    ({"strength": math.nan}, "strength", "Strength must be a finite number."),
    ({"strength": -math.inf}, "strength", "Strength must be a finite number."),
    ({"prompt": 5}, "prompt", "Prompt must be text."),
    ({"prompt": "x" * 20_001}, "prompt", "Prompt may have at most 20,000 characters."),
    ({"colour": "red"}, "colour", "There is no setting called “colour”."),
])
def test_a_wrong_parameter_is_told_in_one_sentence(faults: Studio, params: Any, field: str, message: str) -> None:
    error = faults.error("faults.echo", **params)
    assert (error.kind, error.field, error.message) == ("params", field, message)
    faults.works()


@pytest.mark.parametrize("prompt", ["x" * 20_000, "🍎👩‍👩‍👧", "تفاحة حمراء", "a\x00b", ""])
def test_any_prompt_is_taken(faults: Studio, prompt: str) -> None:
    assert faults.results("faults.echo", prompt=prompt) == [prompt.encode("utf-8", "replace")]


def test_half_a_character_is_replaced(faults: Studio) -> None:
    assert faults.results("faults.echo", prompt="half \ud83c, whole \ud83c\udf4e") == ["half \ufffd, whole 🍎".encode()]


def test_unknown_generator(faults: Studio) -> None:
    error = faults.error("faults.nobody")
    assert error.kind == "unknown-generator"
    assert "faults.nobody" in error.message


def test_params_that_are_no_json_fail_the_job(faults: Studio) -> None:
    assert faults.error("faults.echo", prompt=b"bytes").kind == "params"
    faults.works()


def test_media_become_the_artifacts_that_the_fields_ask_for(faults: Studio) -> None:
    names = {}
    for data, kind in ((b"P", "image/png"), (b"M", "image/webp"), (b"A", "audio/wav"), (b"B", "audio/flac")):
        names[data] = hashlib.sha256(data).hexdigest()
        faults.media[names[data]] = (data, kind)
    ref = {data: {"media": sha, "type": faults.media[sha][1]} for data, sha in names.items()}
    job = faults.submit("faults.media", image=ref[b"P"], mask=ref[b"M"], sounds=[ref[b"A"], ref[b"B"]])
    assert isinstance(faults.end_of(job), Finished)
    (result,) = [event for event in faults.seen if isinstance(event, Result) and event.job == job.id]
    assert result.data == b"Image:image/png:P Mask:image/webp:M Audio:audio/wav:A Audio:audio/flac:B"
    assert result.recipe["inputs"] == list(names.values())
    assert result.recipe["params"]["image"] == ref[b"P"]


def test_media_that_are_gone_fail_the_job(faults: Studio) -> None:
    error = faults.error("faults.media", image={"media": "0" * 64, "type": "image/png"})
    assert (error.kind, error.field) == ("params", "image")
    error = faults.error("faults.media", image="a string")
    assert error.message == "Image must be a picture."


def test_a_model_that_is_not_installed(faults: Studio) -> None:
    error = faults.error("faults.model")
    assert (error.kind, error.model) == ("model-missing", "spark")
    error = faults.error("faults.model", models={"model": {"name": "gone", "kind": "gguf", "path": "/no/such/file"}})
    assert (error.kind, error.model) == ("model-missing", "gone")


def test_the_recipe_names_models_without_paths(faults: Studio, tmp_path: Path) -> None:
    (tmp_path / "weights.gguf").write_text("weights")
    job = faults.submit("faults.model", {"model": {"name": "m", "kind": "gguf", "sha256": "a" * 64,
                                                   "path": str(tmp_path / "weights.gguf")}}, model="m")
    assert isinstance(faults.end_of(job), Finished)
    (result,) = [event for event in faults.seen if isinstance(event, Result) and event.job == job.id]
    assert result.data == b"weights"
    assert result.recipe["models"] == {"model": {"name": "m", "kind": "gguf", "sha256": "a" * 64}}
    assert str(tmp_path) not in str(result.recipe)


def test_models_stay_warm_between_jobs(faults: Studio) -> None:
    assert faults.results("faults.warm") == [b"1 1"]
    faults.works()
    assert faults.results("faults.warm") == [b"1 2"]


def test_cancel_ends_a_job_and_the_host_stays(faults: Studio) -> None:
    job = faults.submit("faults.endless")
    faults.until_event(job, Progress)
    faults.supervisor.cancel(job.id)
    assert isinstance(faults.end_of(job), Stopped)
    faults.works()
    assert not any("the host ended" in line for line in faults.lines)


def test_a_waiting_job_is_cancelled_without_running(faults: Studio) -> None:
    running, waiting = faults.submit("faults.endless"), faults.submit("faults.echo")
    faults.until_event(running, Progress)
    faults.supervisor.cancel(waiting.id)
    assert isinstance(faults.end_of(waiting), Stopped)
    faults.supervisor.cancel(running.id)
    faults.end_of(running)
    assert not [event for event in faults.seen if isinstance(event, Result) and event.job == waiting.id]


@pytest.mark.parametrize("what", ["none", "text", "kind", "bytes", "nothing", "meta", "dict", "late"])
def test_rubbish_is_refused_by_name(faults: Studio, what: str) -> None:
    error = faults.error("faults.rubbish", what=what)
    assert error.kind == "generator"
    assert error.plugin == "faults"
    assert "faults" in error.message
    faults.works()


def test_what_a_generator_says_is_shown_as_it_is(faults: Studio) -> None:
    assert faults.error("faults.raises", how="plain").message == "The weather is too bad for this; wait for sun."
    error = faults.error("faults.raises", how="input")
    assert (error.kind, error.field) == ("params", "image")


def test_an_exception_is_told_with_its_traceback(faults: Studio) -> None:
    error = faults.error("faults.raises")
    assert error.message.startswith("Raises failed: division by zero.")
    assert "ZeroDivisionError" in error.details
    assert faults.error("faults.raises", how="unprintable").kind == "generator"
    assert faults.error("faults.quits").message.startswith("Quits failed: it tried to quit.")
    faults.works()


def test_prints_go_to_the_log_and_not_into_the_pipe(faults: Studio) -> None:
    assert faults.results("faults.prints") == [b"quiet"]
    faults.works()
    assert {"printed by Python", "written to fd 1"} <= set(faults.lines)


@pytest.mark.parametrize("how", ["MemoryError", "OutOfMemory", "torch", "cuda"])
def test_full_memory_is_tried_once_more_and_then_told(faults: Studio, how: str) -> None:
    assert faults.results("faults.memory", how=how) == [b"second try"]
    error = faults.error("faults.memory", how=how, recovers=False)
    assert error.kind == "memory"
    assert not isinstance(error, Failed)
