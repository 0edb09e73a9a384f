"""What a command says and where: results and JSON on stdout; words for the person, progress and errors on stderr."""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TextIO

DONE, BAD_ARGUMENTS, FAILED, MODEL_MISSING, STOPPED = 0, 2, 3, 4, 130


class CommandError(Exception):
    """Ends the command.

    Attributes:
        code: exit code.
        field: the argument or parameter that is wrong, "" otherwise.
        command: the command that would help, "" otherwise.
        details: a traceback or the like, shown with --verbose and in JSON.
    """

    def __init__(self, message: str, code: int = BAD_ARGUMENTS, *, kind: str = "params", field: str = "",
                 command: str = "", details: str = "") -> None:
        super().__init__(message)
        self.code, self.kind, self.field, self.command, self.details = code, kind, field, command, details


class Output:
    """json: stdout carries one object a line and nothing else."""

    def __init__(self, *, json: bool = False, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self.json = json
        for stream in (sys.stdout, sys.stderr):
            if hasattr(stream, "reconfigure"):  # a terminal without a sign for something must not end the command
                stream.reconfigure(errors="backslashreplace")
        self.out, self.err = out or sys.stdout, err or sys.stderr
        self._bar = ""
        self._drawn = -1.0

    def emit(self, data: dict[str, Any]) -> None:
        """One JSON object on a line of its own; nothing without --json."""
        if self.json:
            self.out.write(json.dumps(data, allow_nan=False, default=str) + "\n")
            self.out.flush()

    def print(self, text: str = "") -> None:
        """A line of the result for a person; nothing with --json."""
        if not self.json:
            self.clear()
            self.out.write(text + "\n")
            self.out.flush()

    def write(self, data: bytes) -> None:
        """Bytes of a result on stdout."""
        self.clear()
        self.out.flush()
        self.out.buffer.write(data)
        self.out.buffer.flush()

    def say(self, text: str) -> None:
        """A line on stderr."""
        self.clear()
        self.err.write(text + "\n")
        self.err.flush()

    def fail(self, error: CommandError) -> int:
        self.say(f"studio: {error}" if error.code != STOPPED else str(error))
        said = {"event": "error", "code": error.code, "kind": error.kind, "message": str(error), "field": error.field,
                "command": error.command, "details": error.details}
        self.emit({k: v for k, v in said.items() if v != ""})
        return error.code

    # ------------------------------------------------------------ progress

    @property
    def on_terminal(self) -> bool:
        return self.err.isatty()

    def progress(self, done: float, of: float, text: str = "", after: str = "") -> None:
        """Draw a bar over the last line of stderr, if that is a terminal; of: 0 where the end is not known."""
        if not self.on_terminal:
            return
        now = time.monotonic()
        if now - self._drawn < 0.05 and not (of and done >= of):
            return
        self._drawn = now
        columns = shutil.get_terminal_size().columns
        share = min(max(done / of, 0.0), 1.0) if of else 0.0
        width = max(min(30, columns - len(text) - len(after) - 10), 5)
        filled = round(share * width)
        percent = f"{share:4.0%}" if of else "    "
        line = f"{text} {'━' * filled}{'╶' * (width - filled)} {percent} {after}"[: columns - 1]
        self._write_bar(line)

    def stream(self, text: str) -> None:
        """Text as it comes, on a terminal alone."""
        if self.on_terminal and not self.json:
            self.clear()
            self.err.write(text)
            self.err.flush()

    def clear(self) -> None:
        """Take the bar away."""
        if self._bar:
            self.err.write("\r" + " " * len(self._bar) + "\r")
            self._bar = ""

    def _write_bar(self, line: str) -> None:
        try:
            self.err.write("\r" + line.ljust(len(self._bar)))
        except UnicodeEncodeError:  # a terminal without these signs
            line = line.replace("━", "#").replace("╶", "-").encode("ascii", "replace").decode()
            self.err.write("\r" + line.ljust(len(self._bar)))
        self.err.flush()
        self._bar = line

    @contextmanager
    def bar(self) -> Iterator[None]:
        """Whatever happens inside, no half a bar is left on the line."""
        try:
            yield
        finally:
            self.clear()


def size(count: float) -> str:
    """Bytes for people: 98 MB."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000 or unit == "GB":
            break
        count /= 1000
    return f"{count:.0f} {unit}" if unit in ("B", "kB", "MB") else f"{count:.1f} {unit}"


def left(seconds: float) -> str:
    """A duration for people: 8 s, 2:05, 1:02:05."""
    whole = max(round(seconds), 0)
    if whole < 60:
        return f"{whole} s"
    hours, rest = divmod(whole, 3600)
    minutes, rest = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def table(rows: Sequence[tuple[str, ...]]) -> str:
    """Rows with columns aligned; the last one as long as it is."""
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]) - 1)] if rows else []
    return "\n".join("  ".join([*(cell.ljust(w) for cell, w in zip(row, widths, strict=False)), row[-1]]).rstrip()
                     for row in rows)
