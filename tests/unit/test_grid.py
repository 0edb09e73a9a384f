"""X/Y grids: reading axes, planning cells, the sheet."""

from __future__ import annotations

import contextlib
import io

import PIL.Image
import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.engine.grid import MOST_CELLS, Axis, GridError, plan, read_axis, read_values
from studio.project.gridsheet import LARGEST_SHEET, compose


@pytest.mark.parametrize(("text", "values"), [
    ("4,10,20", ["4", "10", "20"]), ("1..4", ["1", "2", "3", "4"]), ("2..10:4", ["2", "6", "10"]),
    ("0.2..0.6:0.2", ["0.2", "0.4", "0.6"]), ("3..1", ["3", "2", "1"]), ("DDIM, Euler a", ["DDIM", "Euler a"]),
    ('"red, ripe",green', ["red, ripe", "green"]), ("5, 7..8", ["5", "7", "8"]), ("-1..1", ["-1", "0", "1"]),
])
def test_values(text: str, values: list[str]) -> None:
    assert read_values(text) == values


@pytest.mark.parametrize("text", ["", ",", "1..1000000", "0..1:0", "0..1:0.0001"])
def test_values_that_cannot_be(text: str) -> None:
    with pytest.raises(GridError) as caught:
        read_values(text)
    assert str(caught.value).endswith(".")


@given(st.text(max_size=40))
def test_any_text_is_values_or_a_sentence(text: str) -> None:
    with contextlib.suppress(GridError):
        assert read_values(text)


def test_cells_come_row_by_row() -> None:
    x = read_axis("steps=4,8", lambda _, value: int(value))
    y = read_axis("prompt=red,blue", lambda _, value: value)
    cells = plan({"prompt": "a red apple", "seed": 7}, "prompt", x, y)
    assert [(c["prompt"], c["steps"], c["seed"]) for c in cells] == [
        ("a red apple", 4, 7), ("a red apple", 8, 7), ("a blue apple", 4, 7), ("a blue apple", 8, 7)]


def test_words_may_be_replaced_on_both_sides() -> None:
    x, y = Axis("prompt", ("red", "blue")), Axis("prompt", ("apple", "pear"))
    cells = plan({"prompt": "a red apple"}, "prompt", x, y)
    assert [c["prompt"] for c in cells] == ["a red apple", "a blue apple", "a red pear", "a blue pear"]


@pytest.mark.parametrize(("x", "y", "words"), [
    (Axis("steps", (1,)), Axis("steps", (2,)), "Both axes"),
    (Axis("prompt", ("green", "blue")), None, "not in the prompt"),
    (Axis("seed", tuple(range(MOST_CELLS + 1))), None, "at most"),
])
def test_grids_that_cannot_be(x: Axis, y: Axis | None, words: str) -> None:
    with pytest.raises(GridError, match=words):
        plan({"prompt": "a red apple"}, "prompt", x, y)


def test_an_axis_without_values_or_name() -> None:
    for text in ("steps", "=3", "steps="):
        with pytest.raises(GridError):
            read_axis(text, lambda _, value: value)


def picture(colour: str, size: tuple[int, int] = (64, 48)) -> bytes:
    buffer = io.BytesIO()
    PIL.Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_the_sheet_shows_each_picture_in_its_place() -> None:
    data = compose([picture("red"), picture("lime"), picture("blue"), None], ["1", "2"], ["a", "b"], ("steps", "cfg"),
                   "a prompt")
    sheet = PIL.Image.open(io.BytesIO(data)).convert("RGB")
    found = sheet.getcolors(1 << 20) or []
    counts = {colour: count for count, colour in found}
    assert [counts[colour] for colour in ((255, 0, 0), (0, 255, 0), (0, 0, 255))] == [64 * 48] * 3
    columns = [x for x in range(sheet.width) if sheet.getpixel((x, sheet.height - 16 - 48 - 8 - 24)) == (255, 0, 0)]
    assert columns
    assert columns[0] > 16


def test_large_grids_stay_on_a_sheet() -> None:
    data = compose([picture("red", (700, 700))] * 60, [str(i) for i in range(60)], [], ("seed", ""))
    sheet = PIL.Image.open(io.BytesIO(data))
    assert sheet.width < LARGEST_SHEET + 1000
