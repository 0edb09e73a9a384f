"""One host process and its pipes: frames in and out on threads, stderr into the log, an end that is always noticed."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from studio.engine import protocol

Json = dict[str, Any]

LAST_LINES = 60
MAX_LINE = 4096
DRAIN_SECONDS = 1.0
"""How long, after the process has ended, its pipes may stay open in the hands of processes that it started."""


class Process:
    """Starts a host. Construct it on a thread that outlives it: Linux kills the child when that thread ends.

    Args:
        command: program and arguments.
        env: the whole environment.
        on_message: called with each frame, on the reader's thread.
        on_exit: called once with the exit status, after the last frame and the last line.
        log: called with each line of stderr.

    Raises:
        OSError: the program cannot be started.
    """

    def __init__(self, command: Sequence[str], env: Mapping[str, str], on_message: Callable[[protocol.Message], None],
                 on_exit: Callable[[int], None], log: Callable[[str], None]) -> None:
        options: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            options = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW}
        self._child = subprocess.Popen(list(command), env=dict(env), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                       stderr=subprocess.PIPE, **options)
        self._on_message, self._on_exit, self._log = on_message, on_exit, log
        self._lines: deque[str] = deque(maxlen=LAST_LINES)
        self._outbox: queue.SimpleQueue[list[bytes] | None] = queue.SimpleQueue()
        self.killed = False
        self._reader = self._thread("host-out", self._read)
        self._listener = self._thread("host-err", self._listen)
        self._writer = self._thread("host-in", self._write)
        self._thread("host-end", self._watch)

    @property
    def pid(self) -> int:
        return self._child.pid

    def send(self, header: Json, blobs: Sequence[bytes] = ()) -> None:
        """Queue a frame; never waits, even where the host does not read. Raises `ProtocolError`."""
        self._outbox.put(protocol.encode(header, blobs))

    def kill(self) -> None:
        """End it and all that it started, at once."""
        self.killed = True
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._child.kill()
            else:
                os.killpg(self._child.pid, signal.SIGKILL)

    def last_lines(self) -> str:
        """The last lines that it wrote to stderr."""
        return "\n".join(list(self._lines))

    def _thread(self, name: str, target: Callable[[], None]) -> threading.Thread:
        thread = threading.Thread(target=target, name=name, daemon=True)
        thread.start()
        return thread

    def _read(self) -> None:
        stream = self._child.stdout
        assert stream is not None
        with contextlib.suppress(ValueError, OSError), stream:
            while True:
                try:
                    message = protocol.read(stream)
                except protocol.ProtocolError as error:
                    if not self.killed and self._child.poll() is None:
                        self._log(f"the host sent what is no message ({error}); it is stopped")
                        self.kill()
                        self.killed = False  # its own fault: to be told as a crash
                    return
                if message is None:
                    return
                self._on_message(message)

    def _listen(self) -> None:
        stream = self._child.stderr
        assert stream is not None
        with contextlib.suppress(ValueError, OSError), stream:
            while line := stream.readline(MAX_LINE):
                text = line.decode("utf-8", "replace").rstrip()
                if text:
                    self._lines.append(text)
                    self._log(text)

    def _write(self) -> None:
        stream = self._child.stdin
        assert stream is not None
        # A pipe that broke is told by the process's end; flushing at close breaks once more, hence the outer suppress.
        with contextlib.suppress(ValueError, OSError), stream:
            while (frame := self._outbox.get()) is not None:
                for piece in frame:
                    stream.write(piece)
                stream.flush()

    def _watch(self) -> None:
        status = self._child.wait()
        self._outbox.put(None)
        for thread in (self._writer, self._reader, self._listener):
            thread.join(DRAIN_SECONDS)
        self._on_exit(status)


def describe_exit(status: int) -> str:
    """An exit status in words, e.g. "signal SIGSEGV"."""
    if status >= 0:
        return f"exit status {status:#x}" if status > 255 else f"exit status {status}"
    try:
        return f"signal {signal.Signals(-status).name}"
    except ValueError:
        return f"signal {-status}"
