"""Settings of other programs' pictures in the window."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import PIL.Image
import PIL.PngImagePlugin
import pytest
from PySide6.QtCore import QPointF
from pytestqt.qtbot import QtBot

from studio.engine.job import GeneratorInfo
from studio.ui.foreign import adopt, program
from studio.ui.prompt import PromptState
from tests.ui.conftest import Opened

A1111 = ("a lighthouse\nNegative prompt: fog\nSteps: 28, Sampler: DPM++ 3M SDE Karras, CFG scale: 6.5, Seed: 12345, "
         "Size: 203x3000, Model: dreamy")


def info(**extra: Any) -> GeneratorInfo:
    def number(role: str, **bounds: Any) -> dict[str, Any]:
        return {"type": "integer", "x-studio": {"role": role}, **bounds}

    properties = {"prompt": {"type": "string", "x-studio": {"role": "prompt"}},
                  "steps": number("steps", minimum=1, maximum=20), "w": number("width", multipleOf=8, maximum=2048),
                  "h": number("height", multipleOf=8, maximum=2048),
                  "cfg": {"type": "number", "x-studio": {"role": "guidance"}},
                  "method": {"enum": ["DDIM", "DPM++ 2M Karras"], "x-studio": {"role": "sampler"}},
                  "quality": {"enum": ["Draft", "Quality", "Custom"], "x-studio": {"role": "quality"}}, **extra}
    return GeneratorInfo("x.y", "X", "image", "x", "1", "1", schema={"properties": properties})


def test_settings_become_values_of_the_form() -> None:
    found = {"dialect": "a1111", "prompt": "a fox", "negative_prompt": "fog", "seed": 2**33 + 5, "steps": 28,
             "guidance_scale": 6.5, "sampler": "dpmpp_2m karras", "width": 203, "height": 3000, "model": "dreamy"}
    draft, notes = adopt(PromptState(style="Sketch"), found, info())
    assert draft.values == {"steps": 20, "w": 200, "h": 2048, "cfg": 6.5, "method": "DPM++ 2M Karras",
                            "quality": "Custom"}
    assert (draft.prompt, draft.negative, draft.seed, draft.seed_locked, draft.style) == ("a fox", "fog", 5, True, "")
    assert notes == ["Steps 28 became 20.", "W 203 became 200.", "H 3000 became 2048.",
                     "It was made with dreamy, which this form does not choose."]


@pytest.mark.parametrize(("theirs", "words"), [("restart", "not known here"), ("dpmpp_3m_sde karras", "the nearest")])
def test_other_samplers_are_said(theirs: str, words: str) -> None:
    assert any(words in note for note in adopt(PromptState(), {"sampler": theirs}, info())[1])


def test_nothing_found_changes_nothing_but_the_words() -> None:
    draft, notes = adopt(PromptState(values={"steps": 9}), {"dialect": "novelai"}, info())
    assert (draft.values, notes, program({"dialect": "novelai"}), program({})) == ({"steps": 9}, [], "NovelAI", "")


def test_a_dropped_picture_offers_its_settings(studio: Opened, qtbot: QtBot, tmp_path: Path) -> None:
    marks = PIL.PngImagePlugin.PngInfo()
    marks.add_text("parameters", A1111)
    PIL.Image.new("RGB", (40, 30), "teal").save(tmp_path / "sea.png", pnginfo=marks)
    notice = studio.bench.notice
    studio.bench.canvas.files_dropped.emit([str(tmp_path / "sea.png")], QPointF(10, 10))
    qtbot.waitUntil(lambda: "carries its settings (AUTOMATIC1111)" in notice.label.text())
    notice.button.click()
    draft = studio.bench.composer.drafts["canvas"]
    assert (draft.prompt, draft.seed, draft.seed_locked) == ("a lighthouse", 12345, True)
