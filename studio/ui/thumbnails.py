"""Pictures decoded, scaled or drawn off the UI thread, kept in a cache of bounded size."""

from __future__ import annotations

import logging
from collections import OrderedDict, deque
from collections.abc import Callable

from PySide6.QtCore import QBuffer, QIODevice, QObject, QRect, QRunnable, QSize, Qt, QThreadPool, Signal
from PySide6.QtGui import QImage, QImageReader

log = logging.getLogger(__name__)

Fetch = Callable[[str], bytes]
Draw = Callable[[str, QSize, str], QImage]
"""A picture of what is none: content hash, size in device pixels, and how it is drawn."""
Key = tuple[str, int, int, str]
"""Content hash, width and height in device pixels (0 x 0 for the whole picture), and what of it: "whole", "thumbnail",
"scaled", or how it is drawn."""

MEGABYTE = 1024 * 1024
THREADS, IN_FLIGHT = 2, 4
PICTURES = ("whole", "thumbnail", "scaled")


def decode(data: bytes, size: QSize | None = None) -> QImage:
    """Decode an encoded picture into premultiplied ARGB (RGB32 where it is opaque); a null image where it is none.

    size: the picture is scaled to cover this size and cropped to it about its centre.
    """
    buffer = QBuffer()
    buffer.setData(data)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    reader.setDecideFormatFromContent(True)
    image = reader.read()
    if image.isNull():
        return image
    if size is not None:
        image = cover(image, size)
    wanted = QImage.Format.Format_ARGB32_Premultiplied if image.hasAlphaChannel() else QImage.Format.Format_RGB32
    return image.convertToFormat(wanted)


def cover(image: QImage, size: QSize) -> QImage:
    """Scale to cover `size`, keeping the aspect, and crop the rest evenly."""
    # Smooth scaling filters the whole source; halving first is as good for a thumbnail and much cheaper.
    rough, expand = size * 3, Qt.AspectRatioMode.KeepAspectRatioByExpanding
    if image.width() > rough.width() * 2 and image.height() > rough.height() * 2:
        image = image.scaled(rough, expand, Qt.TransformationMode.FastTransformation)
    image = image.scaled(size, expand, Qt.TransformationMode.SmoothTransformation)
    spare = image.size() - size
    return image.copy(QRect(spare.width() // 2, spare.height() // 2, size.width(), size.height()))


class _Work(QRunnable):
    """One fetch-and-decode. The loader keeps it alive until well after it has reported."""

    def __init__(self, loader: ImageLoader, key: Key, source: QImage | None) -> None:
        super().__init__()
        self.setAutoDelete(False)
        self.loader, self.key, self.source = loader, key, source

    def run(self) -> None:
        image, reason = QImage(), ""
        try:
            image = self._make()
            if image.isNull():
                reason = "This picture cannot be read."
        except Exception as error:  # whatever a project file can raise belongs to the one that asked
            reason = str(error) or type(error).__name__
        try:
            self.loader.finished.emit(self.key, image, reason)
        except RuntimeError:
            pass  # the loader went away with its window

    def _make(self) -> QImage:
        sha, width, height, what = self.key
        size = QSize(width, height)
        if what not in PICTURES:
            return self.loader.draw(sha, size, what)
        if self.source is not None:
            return self.source.scaled(size, Qt.AspectRatioMode.IgnoreAspectRatio,
                                      Qt.TransformationMode.SmoothTransformation)
        return decode(self.loader.fetch(sha), size if width else None)


class ImageLoader(QObject):
    """Gives pictures by content hash: at once if they are decoded, later by a signal if not.

    Args:
        fetch: encoded bytes of a content hash; called in worker threads, may raise.
        limit: bytes of decoded pictures to keep.
        draw: draws what is no picture; called in worker threads, may raise.
    """

    ready = Signal(str, QImage)
    """A whole picture is decoded: content hash and picture."""
    thumbnail_ready = Signal(str, QImage)
    """A picture cropped to a size is decoded."""
    scaled_ready = Signal(str, QImage)
    """A whole picture is scaled to the size it is shown at."""
    failed = Signal(str, str)
    """Content hash and one sentence."""
    finished = Signal(object, object, str)
    """For the worker threads."""

    MAX_WAITING = 400
    """Requests beyond this drop the oldest: who still wants it asks again when it is painted."""

    def __init__(self, fetch: Fetch, limit: int = 384 * MEGABYTE, parent: QObject | None = None,
                 draw: Draw = lambda *_: QImage()) -> None:
        super().__init__(parent)
        self.fetch, self.limit, self.draw = fetch, limit, draw
        self._cache: OrderedDict[Key, QImage] = OrderedDict()
        self._bytes = 0
        self._waiting: OrderedDict[Key, QImage | None] = OrderedDict()
        self._running: dict[Key, _Work] = {}
        self._done: deque[_Work] = deque(maxlen=64)
        self._bad: dict[str, str] = {}
        self._pool = QThreadPool(self)
        self._pool.setMaxThreadCount(THREADS)
        self.finished.connect(self._on_finished, Qt.ConnectionType.QueuedConnection)

    # ------------------------------------------------------------ asking

    def image(self, sha: str) -> QImage | None:
        """The whole picture, or None while it is decoded; `ready` or `failed` follows."""
        return self._get((sha, 0, 0, "whole"))

    def thumbnail(self, sha: str, size: QSize) -> QImage | None:
        """The picture cropped to `size` (device pixels), or None while it is decoded; `thumbnail_ready` follows."""
        return self._get((sha, size.width(), size.height(), "thumbnail"))

    def drawn(self, sha: str, size: QSize, how: str) -> QImage | None:
        """What is no picture, drawn at `size` (device pixels); None while it is made, and `thumbnail_ready` follows."""
        return self._get((sha, size.width(), size.height(), how))

    def scaled(self, sha: str, size: QSize) -> QImage | None:
        """The whole picture scaled to exactly `size`; None while it is made (`scaled_ready`) or still undecoded."""
        source = self._cache.get((sha, 0, 0, "whole"))
        if source is None:
            return None
        if source.size() == size:
            return source
        return self._get((sha, size.width(), size.height(), "scaled"), source)

    def put(self, sha: str, image: QImage) -> None:
        """Hand over a picture that is decoded already, such as one just dropped."""
        self._store((sha, 0, 0, "whole"), image)
        self._bad.pop(sha, None)

    def problem(self, sha: str) -> str:
        """Why a picture cannot be shown, "" if nothing is known against it."""
        return self._bad.get(sha, "")

    def forget(self, sha: str) -> None:
        """Drop a picture and what is known about it, so that it is fetched anew."""
        self._bad.pop(sha, None)
        for key in [k for k in self._cache if k[0] == sha]:
            self._bytes -= self._cache.pop(key).sizeInBytes()

    def close(self) -> None:
        """Drop what waits and let running work end."""
        self._waiting.clear()
        self._pool.waitForDone(5000)

    def wait(self, timeout_ms: int = 10_000) -> bool:
        """Wait for the work under way; what waits, and the signals, still need the event loop."""
        return self._pool.waitForDone(timeout_ms)

    # ------------------------------------------------------------ inside

    def _get(self, key: Key, source: QImage | None = None) -> QImage | None:
        image = self._cache.get(key)
        if image is not None:
            self._cache.move_to_end(key)
            return image
        if key[0] and key[0] not in self._bad and key not in self._waiting and key not in self._running:
            self._waiting[key] = source
            while len(self._waiting) > self.MAX_WAITING:
                self._waiting.popitem(last=False)
            self._start()
        elif key in self._waiting:
            self._waiting.move_to_end(key)
        return None

    def _start(self) -> None:
        """Keep the threads fed. The latest request first: it is what the person looks at."""
        while self._waiting and len(self._running) < IN_FLIGHT:
            key, source = self._waiting.popitem()
            work = self._running[key] = _Work(self, key, source)
            self._pool.start(work)

    def _on_finished(self, key: Key, image: QImage, reason: str) -> None:
        work = self._running.pop(key, None)
        if work is None:
            return
        self._done.append(work)
        self._start()
        sha, what = key[0], key[3]
        if reason:
            self._bad[sha] = reason
            log.info("a picture cannot be shown: %s", reason)
            self.failed.emit(sha, reason)
            return
        self._store(key, image)
        {"whole": self.ready, "scaled": self.scaled_ready}.get(what, self.thumbnail_ready).emit(sha, image)

    def _store(self, key: Key, image: QImage) -> None:
        old = self._cache.pop(key, None)
        if old is not None:
            self._bytes -= old.sizeInBytes()
        self._cache[key] = image
        self._bytes += image.sizeInBytes()
        while self._bytes > self.limit and len(self._cache) > 1:
            _, dropped = self._cache.popitem(last=False)
            self._bytes -= dropped.sizeInBytes()
