"""X/Y grids: one picture for each pair of values of two parameters, everything else the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

MOST_CELLS = 400
_RANGE = re.compile(r"^(-?\d+(?:\.\d+)?)\.\.(-?\d+(?:\.\d+)?)(?::(\d+(?:\.\d+)?))?$")


class GridError(ValueError):
    """The grid cannot be made; the message is one sentence."""


@dataclass(frozen=True)
class Axis:
    """One side of a grid. field: a parameter's name; values: what it takes, as the generator wants them.

    An axis over the prompt replaces its first value, which must stand in the prompt, by each of its values.
    """

    field: str
    values: tuple[Any, ...]

    @property
    def labels(self) -> tuple[str, ...]:
        """The words above a column or beside a row."""
        return tuple(f"{value:g}" if isinstance(value, float) else str(value) for value in self.values)


def read_values(text: str) -> list[str]:
    """``4,10,20`` or ``1..5`` or ``2..10:2``, mixed, as texts; quotes keep a comma.

    Raises:
        GridError: nothing is there, or a range is endless or too long.
    """
    values: list[str] = []
    for match in re.finditer(r'\s*("(?:[^"]*)"|[^,]*)\s*(?:,|$)', text):
        part = match.group(1).strip()
        if part.startswith('"'):
            values.append(part.strip('"'))
        elif part:
            found = _RANGE.match(part)
            values += _counted(found) if found else [part]
    if not values:
        raise GridError("An axis needs values, such as steps=4,10,20.")
    return values


def _counted(found: re.Match[str]) -> list[str]:
    first, last, step = float(found[1]), float(found[2]), float(found[3] or 1)
    if step <= 0 or abs(last - first) / step > MOST_CELLS:
        raise GridError(f"The range {found[0]} has more than {MOST_CELLS} values; give it a larger step.")
    count = int(abs(last - first) / step + 1e-9) + 1
    sign = 1 if last >= first else -1
    return [f"{round(first + sign * step * i, 9):g}" for i in range(count)]


def read_axis(text: str, convert: Callable[[str, str], Any]) -> Axis:
    """``field=values``; `convert` turns a field's text into its value, or raises what tells the person why not."""
    field, equals, rest = text.partition("=")
    field = field.strip()
    if not equals or not field:
        raise GridError(f"An axis is written as NAME=VALUES, such as steps=4,10,20, not as “{text}”.")
    return Axis(field, tuple(convert(field, value) for value in read_values(rest)))


def plan(params: Mapping[str, Any], prompt_field: str, x: Axis, y: Axis | None) -> list[dict[str, Any]]:
    """Parameters of each cell, row by row.

    Raises:
        GridError: both axes are the same, a word to be replaced is not in the prompt, or there are too many cells.
    """
    rows = y.values if y is not None else (None,)
    if y is not None and y.field == x.field and x.field != prompt_field:
        raise GridError(f"Both axes are {x.field}; choose another parameter for one of them.")
    if len(rows) * len(x.values) > MOST_CELLS:
        raise GridError(f"This grid has {len(rows) * len(x.values)} pictures; at most {MOST_CELLS} are possible.")
    cells = []
    for row in rows:
        base = dict(params) if y is None else _put(params, prompt_field, y, row)
        cells += [_put(base, prompt_field, x, value) for value in x.values]
    return cells


def _put(params: Mapping[str, Any], prompt_field: str, axis: Axis, value: Any) -> dict[str, Any]:
    if axis.field != prompt_field or not prompt_field:
        return {**params, axis.field: value}
    prompt, sought = str(params.get(prompt_field, "")), str(axis.values[0])
    if sought not in prompt:
        raise GridError(f"The words “{sought}” are not in the prompt, so nothing can take their place.")
    return {**params, prompt_field: prompt.replace(sought, str(value))}
