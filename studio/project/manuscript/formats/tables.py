"""Tables of other programs as paragraphs: prose has none of its own."""

from __future__ import annotations

from collections.abc import Sequence

from studio.project.manuscript.book import LINE_BREAK
from studio.project.manuscript.prose import Line, Run
from studio.project.manuscript.rows import BODY

SAID = "Tables became plain paragraphs, one for each row."


def table_lines(rows: Sequence[Sequence[Sequence[Line]]]) -> list[Line]:
    """The paragraphs of a table that is given as rows of cells of paragraphs.

    One column (a frame, a box) becomes what stands in it. Else each row is a paragraph: its cells parted by tabs, the
    paragraphs within a cell by line breaks; looks, footnotes and pictures stay.
    """
    if all(len(row) <= 1 for row in rows):
        return [line for row in rows for cell in row for line in cell]
    return [Line(BODY, _row(row)) for row in rows if any(line.runs for cell in row for line in cell)]


def _row(cells: Sequence[Sequence[Line]]) -> tuple[Run, ...]:
    runs: list[Run] = []
    for number, cell in enumerate(cells):
        if number:
            runs.append(Run("\t", {}))
        filled = [line for line in cell if line.runs]
        for place, line in enumerate(filled):
            if place:
                runs.append(Run(LINE_BREAK, {}))
            runs += line.runs
    return tuple(runs)
