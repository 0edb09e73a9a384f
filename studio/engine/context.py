"""The host's Context: what a generator pushes goes to the studio, thinned out so that a window is never flooded."""

from __future__ import annotations

import operator
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.plugins import Cancelled, Context, Device, Image, ModelFiles, ModelMissing

if TYPE_CHECKING:
    import numpy as np

Json = dict[str, Any]
Send = Callable[[Json, Sequence[bytes]], None]

PREVIEW_SECONDS = 0.12
"""A preview younger than this makes the next one wasted work."""
PUSH_SECONDS = 0.025
"""Tokens and steps that come faster than this go out together."""
PUSH_CHARACTERS = 64


class Outlet:
    """Sends one job's messages in order; joins tokens, and of steps that come too fast sends the last."""

    def __init__(self, send: Send, job: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._send, self._job, self._clock = send, job, clock
        self._wake = threading.Condition()
        self._text: list[str] = []
        self._progress: Json | None = None
        self._sent = float("-inf")
        self._thread: threading.Thread | None = None
        self._closed = False

    def now(self, header: Json, blobs: Sequence[bytes] = ()) -> None:
        """Send at once, after all that waits."""
        with self._wake:
            self._flush()
            self._send({**header, "job": self._job}, blobs)

    def text(self, text: str) -> None:
        with self._wake:
            self._text.append(text)
            self._soon(sum(map(len, self._text)) >= PUSH_CHARACTERS)

    def progress(self, header: Json, preview: bytes | None, urgent: bool) -> None:
        with self._wake:
            if preview is not None:
                self._progress = None  # this one says more
                self._flush()
                self._send({**header, "job": self._job}, [preview])
                self._sent = self._clock()
                return
            self._progress = header
            self._soon(urgent)

    def close(self) -> None:
        """Send what waits and end the thread that would have sent it."""
        with self._wake:
            self._flush()
            self._closed = True
            self._wake.notify_all()
        if self._thread is not None:
            self._thread.join()

    def _soon(self, urgent: bool) -> None:
        if urgent or self._clock() - self._sent >= PUSH_SECONDS:
            self._flush()
            return
        if self._thread is None:
            # A stall right after a push must not hold back what was pushed, hence a thread of its own.
            self._thread = threading.Thread(target=self._push_late, name="push", daemon=True)
            self._thread.start()
        self._wake.notify_all()

    def _flush(self) -> None:
        if self._text:
            text, self._text = "".join(self._text), []
            self._send({"type": "token", "job": self._job, "text": text}, ())
            self._sent = self._clock()
        if self._progress is not None:
            progress, self._progress = self._progress, None
            self._send({**progress, "job": self._job}, ())
            self._sent = self._clock()

    def _push_late(self) -> None:
        with self._wake:
            while not self._closed:
                if not self._text and self._progress is None:
                    self._wake.wait()
                    continue
                wait = self._sent + PUSH_SECONDS - self._clock()
                if wait > 0:
                    self._wake.wait(wait)
                else:
                    self._flush()


class HostContext(Context):
    """One job's line to the studio.

    Args:
        outlet: where pushes go; None while loading ahead of any job.
        stop: set once the person has pressed Stop.
        models: `Request.models`.
        wanted: for each model field, the name that Params asked for; for the message when it is not installed.
    """

    def __init__(self, outlet: Outlet | None, stop: threading.Event, device: Device, data_dir: Path,
                 models: Mapping[str, Mapping[str, Any]], wanted: Mapping[str, str] | None = None,
                 log: Callable[[str], None] | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self.device = device
        self._outlet, self._stop, self._log, self._clock = outlet, stop, log, clock
        self._data_dir = data_dir
        self._models, self._wanted = models, dict(wanted or {})
        self._previewed = float("-inf")
        self._message = ""
        self.pushed = False
        """Whether the person has seen or heard anything of it that a second try would repeat."""

    @property
    def data_dir(self) -> Path:  # type: ignore[override]  # made when it is first asked for
        self._data_dir.mkdir(parents=True, exist_ok=True)
        return self._data_dir

    def model(self, name: str = "model") -> ModelFiles:
        found = self._models.get(name) or {}
        wanted = str(found.get("name") or self._wanted.get(name, ""))
        path = Path(str(found.get("path", "")))
        if not found.get("path") or not path.exists():
            what = f"The model “{wanted}” is not installed" if wanted else "No model is chosen"
            raise ModelMissing(f"{what}; install it in Models, or choose another.", wanted)
        return ModelFiles(wanted, str(found.get("kind", "")), path, str(found.get("sha256", "")))

    def check(self) -> None:
        if self._stop.is_set():
            raise Cancelled

    def progress(self, step: int, of: int, preview: Image | None = None, message: str = "") -> None:
        self.check()
        if preview is not None and not isinstance(preview, Image):
            raise TypeError(f"a preview must be an Image, not {type(preview).__name__}")
        of = max(0, operator.index(of))
        step = min(max(0, operator.index(step)), of)
        if self._outlet is None:
            return
        header = {"type": "progress", "step": step, "of": of, "message": str(message)}
        data = None
        if preview is not None and self.wants_preview():
            self._previewed, data = self._clock(), preview.data
        self._outlet.progress(header, data, urgent=step == of or message != self._message)
        self._message = message

    def wants_preview(self) -> bool:
        return self._outlet is not None and self._clock() - self._previewed >= PREVIEW_SECONDS

    def token(self, text: str) -> None:
        self.check()
        if not isinstance(text, str):
            raise TypeError(f"a token must be text, not {type(text).__name__}")
        if text and self._outlet is not None:
            self.pushed = True
            self._outlet.text(text)

    def audio(self, samples: np.ndarray, rate: int) -> None:
        self.check()
        import numpy as np

        frames = np.asarray(samples, dtype="<f4")
        if frames.ndim not in (1, 2) or operator.index(rate) <= 0:
            raise ValueError("audio takes samples of shape (frames,) or (frames, channels) and a rate in Hz")
        channels = 1 if frames.ndim == 1 else frames.shape[1]
        if frames.size and self._outlet is not None:
            self.pushed = True
            data = np.clip(np.nan_to_num(frames), -1, 1).tobytes()
            self._outlet.now({"type": "audio", "rate": operator.index(rate), "channels": channels}, [data])

    def log(self, text: str) -> None:
        if self._log is not None:
            self._log(str(text))
