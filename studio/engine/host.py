"""The child process, ``python -m studio.engine.host``: loads plugins and models and runs one job at a time.

Frames (`studio.engine.protocol`) come in on stdin and go out on stdout.
In: discover, run (job, request, media), cancel (job), preload (request), unload, close.
Out: hello, importing, discovered, loading, ready, log, and of a job started, progress, token, audio, result, finished,
failed, stopped.
"""

from __future__ import annotations

import argparse
import faulthandler
import io
import os
import queue
import signal
import sys
import threading
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, BinaryIO

from studio import __version__
from studio.engine import device, protocol
from studio.engine.context import Outlet
from studio.engine.job import Discovery, ErrorReport, GeneratorInfo, Request
from studio.engine.memory import DeviceMemory, Residents, key_of
from studio.engine.runner import Bench, Run
from studio.plugins import registry
from studio.plugins.registry import Found, PluginReport, Registered

Json = dict[str, Any]


class Wire:
    """The pipes to the studio. Any thread may send; the process ends when the studio is gone."""

    def __init__(self, receive: BinaryIO, send: BinaryIO) -> None:
        self._receive, self._send = receive, send
        self._lock = threading.Lock()

    def send(self, header: Json, blobs: Sequence[bytes] = ()) -> None:
        frame = protocol.encode(header, blobs)
        try:
            with self._lock:
                for piece in frame:
                    self._send.write(piece)
                self._send.flush()
        except OSError:
            os._exit(0)

    def read(self) -> protocol.Message | None:
        try:
            return protocol.read(self._receive)
        except (OSError, protocol.ProtocolError):
            return None


class Host:
    """Serves one studio until it says close or goes away."""

    def __init__(self, wire: Wire, data: Path, skip: frozenset[str] = frozenset()) -> None:
        self._wire, self._data, self._skip = wire, data, skip
        self._inbox: queue.SimpleQueue[protocol.Message | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._stops: dict[str, threading.Event] = {}
        self._preloads: dict[int, tuple[Any, threading.Event]] = {}
        self._found: Found | None = None
        self._residents = Residents(DeviceMemory(), self._log)

    def serve(self) -> None:
        """Read on a thread of its own, work on this one (some libraries insist on the main thread)."""
        threading.Thread(target=self._read, name="reader", daemon=True).start()
        self._wire.send({"type": "hello", "pid": os.getpid(), "studio": __version__, "python": sys.version.split()[0]})
        while (message := self._inbox.get()) is not None:
            self._handle(message)
        self._residents.drop_all()

    # ------------------------------------------------------------ the reader's thread

    def _read(self) -> None:
        while True:
            message = self._wire.read()
            if message is None:
                os._exit(0)  # the studio is gone, or the pipe is broken; whatever runs has nobody to run for
            if message.type == "cancel":
                with self._lock:
                    stop = self._stops.get(message.text("job"))
                if stop is not None:
                    stop.set()
                continue
            if message.type == "close":
                self._stop_all()
                self._inbox.put(None)
                continue
            self._note(message)
            self._inbox.put(message)

    def _note(self, message: protocol.Message) -> None:
        """Make what is to come stoppable before the main thread gets to it."""
        request = message.header.get("request")
        if not isinstance(request, Mapping):
            return
        key = (request.get("generator"), str(request.get("models")))
        with self._lock:
            if message.type == "run":
                self._stops[message.text("job")] = threading.Event()
                # A job goes before loading ahead, unless that loads what the job needs.
                for other, stop in self._preloads.values():
                    if other != key:
                        stop.set()
            elif message.type == "preload":
                self._preloads[id(message)] = (key, threading.Event())

    def _stop_all(self) -> None:
        with self._lock:
            for stop in [*self._stops.values(), *(stop for _, stop in self._preloads.values())]:
                stop.set()

    # ------------------------------------------------------------ the main thread

    def _handle(self, message: protocol.Message) -> None:
        if message.type == "discover":
            self._wire.send({"type": "discovered", "discovery": self._discovery().to_json()})
        elif message.type == "run":
            self._run(message)
        elif message.type == "preload":
            self._preload(message)
        elif message.type == "unload":
            self._residents.drop_all()

    def _run(self, message: protocol.Message) -> None:
        job = message.text("job")
        stop = self._stops[job]
        bench = self._bench()
        outlet = Outlet(self._wire.send, job)
        if stop.is_set():
            outlet.now({"type": "stopped"})
        else:
            outlet.now({"type": "started"})
            media = {sha: (blob, kind) for (sha, kind), blob in
                     zip(message.header.get("media", []), message.blobs, strict=False)}
            Run(bench, Request.from_json(message.header["request"]), media, stop, outlet, self._log).run()
        with self._lock:
            del self._stops[job]

    def _preload(self, message: protocol.Message) -> None:
        with self._lock:
            _, stop = self._preloads[id(message)]
        request = Request.from_json(message.header["request"])
        bench = self._bench()
        if not stop.is_set() and key_of(request.generator, request.models) not in self._residents.keys:
            self._wire.send({"type": "loading", "generator": request.generator})
            outcome = Run(bench, request, {}, stop, Outlet(self._wire.send, ""), self._log).preload()
            if isinstance(outcome, ErrorReport):
                self._log(f"loading {request.generator} ahead failed: {outcome.message}\n{outcome.details}")
            self._wire.send({"type": "ready"})
        with self._lock:
            del self._preloads[id(message)]

    def _bench(self) -> Bench:
        return Bench(self._plugins(), self._residents, device.detect(), self._data)

    def _plugins(self) -> Found:
        if self._found is None:
            self._found = registry.discover(skip=self._skip, on_import=self._importing)
            self._wire.send({"type": "importing", "plugin": ""})
        return self._found

    def _importing(self, plugin: str) -> None:
        self._wire.send({"type": "importing", "plugin": plugin})

    def _discovery(self) -> Discovery:
        found = self._plugins()
        return Discovery(tuple(map(info, found.generators.values())), tuple(map(report, found.errors)),
                         asdict(device.detect()))

    def _log(self, text: str) -> None:
        self._wire.send({"type": "log", "text": text})


def info(entry: Registered) -> GeneratorInfo:
    """A registered generator as the window knows it."""
    cls = entry.generator
    return GeneratorInfo(cls.id, cls.title, cls.produces, entry.plugin, entry.plugin_version, cls.version, cls.summary,
                         cls.icon, entry.schema, asdict(cls.requires))


def report(error: PluginReport) -> ErrorReport:
    """A plugin's report as the window knows it."""
    return ErrorReport("plugin", error.message, error.details, generator=error.generator, plugin=error.plugin)


def move_pipes() -> Wire:
    """Take stdin and stdout for the studio alone: what plugins and native code print goes to stderr, the log."""
    receive, send = os.dup(0), os.dup(1)
    if sys.platform == "win32":
        import msvcrt

        for descriptor in (receive, send):
            msvcrt.setmode(descriptor, os.O_BINARY)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    return Wire(os.fdopen(receive, "rb"), os.fdopen(send, "wb"))


def die_with_parent(parent: int) -> None:
    """Have Linux kill this process when the studio ends, even while native code holds the interpreter lock."""
    if sys.platform != "linux":
        return  # elsewhere the reader sees the pipe close
    import ctypes

    pr_set_pdeathsig = 1
    ctypes.CDLL(None).prctl(pr_set_pdeathsig, signal.SIGKILL, 0, 0, 0)
    if parent and os.getppid() != parent:
        os._exit(0)


def data_folder() -> Path:
    """The default of --data: where `studio.settings` has the folders of plugins."""
    home = os.environ.get("PIERIA_HOME", "")
    if home:
        return Path(home).expanduser().absolute() / "data" / "plugins"
    import platformdirs

    return Path(platformdirs.user_data_dir("pieria", appauthor=False)) / "plugins"


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="python -m studio.engine.host", description="A host of models; the studio "
                                     "starts it and talks to it in frames.")
    parser.add_argument("--skip", action="append", default=[], metavar="PLUGIN", help="do not import this plugin")
    parser.add_argument("--data", type=Path, default=None, help="folder that holds a folder for each plugin")
    parser.add_argument("--parent", type=int, default=0, metavar="PID", help="end when this process is gone")
    options = parser.parse_args(arguments)
    wire = move_pipes()
    faulthandler.enable(sys.stderr)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C in a terminal is for the studio, which then cancels
    die_with_parent(options.parent)
    device.fix_threads(device.threads())
    Host(wire, options.data or data_folder(), frozenset(options.skip)).serve()
    sys.stdout.flush()
    os._exit(0)  # non-daemon threads of plugins would keep it alive


if __name__ == "__main__":
    main()
