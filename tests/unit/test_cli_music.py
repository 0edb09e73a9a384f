"""`studio generate --kind music`: which endings play a score, and the whole way with the starter models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import soundfile
import symusic

from studio.cli import main, performance
from studio.cli.output import CommandError


@pytest.mark.parametrize(("produces", "given", "played"), [
    ("score", "a.wav", True), ("score", "a.OGG", True), ("score", "b/a.mp3", True), ("score", "a.mid", False),
    ("score", "a", False), ("score", "", False), ("score", "-", False), ("audio", "a.wav", False),
    ("image", "a.png", False)])
def test_sound_is_played_and_a_score_is_written(produces: str, given: str, played: bool) -> None:
    assert performance.wanted(produces, given) is played


def test_an_ending_that_is_neither_is_refused() -> None:
    with pytest.raises(CommandError, match=r"Music is written as \.mid, .*not as \.xyz"):
        performance.wanted("score", "a.xyz")


@pytest.mark.model
def test_a_prompt_becomes_sound_with_its_score_beside_it(starter_home: Path, tmp_path: Path,
                                                        capsys: pytest.CaptureFixture[str]) -> None:
    place = tmp_path / "x.ogg"
    assert main(["generate", "a jig in D major", "--kind", "music", "--set", "bars=4", "--seed", "3", "-o",
                 str(place)]) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / "x.mid"), str(place)]
    sound, score = soundfile.info(place), symusic.Score.from_file(tmp_path / "x.mid")
    assert (sound.samplerate, sound.channels) == (48000, 2)
    assert score.time_signatures[0].numerator == 6
    recipe = json.loads((tmp_path / "x.ogg.recipe.json").read_text("utf-8"))["recipe"]
    assert recipe["generator"]["id"] == "music.render"
    again = tmp_path / "y.mid"
    assert main(["generate", "a jig in D major", "--kind", "music", "--set", "bars=4", "--seed", "3", "-o",
                 str(again)]) == 0
    assert again.read_bytes() == (tmp_path / "x.mid").read_bytes()
    filled = tmp_path / "z.mid"
    assert main(["generate", "", "--kind", "music", "--set", "task=fill", "--set", "first_bar=2", "--set", "last_bar=3",
                 "--input", f"score={again}", "--seed", "4", "-o", str(filled)]) == 0
    assert filled.read_bytes() != again.read_bytes()
    capsys.readouterr()
