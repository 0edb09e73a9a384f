"""House rules for every test: no real home, no stray warning from Qt or the log, no thread left running."""

from __future__ import annotations

import gc
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("HF_HUB_OFFLINE", "1")
STATUS = pytest.StashKey[int]()
TESTS = pytest.StashKey[int]()


LONG = ("unit/test_training_spark_scenes.py", "plugins/test_spark_pipelines.py", "host/test_kill_window.py")
"""Files that take minutes. They are begun first, so that no core waits for them at the end."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.path.as_posix().endswith(LONG))


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[STATUS] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Leave as the studio does (`studio.app.leave`): Qt's clipboard would crash the interpreter's own exit."""
    if sys.platform == "linux" and STATUS in config.stash and "PySide6.QtWidgets" in sys.modules:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(config.stash[STATUS])


@pytest.fixture(autouse=True)
def pieria_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings, models and caches of a test live below its own folder."""
    home = tmp_path / "home"
    monkeypatch.setenv("PIERIA_HOME", str(home))
    return home


@pytest.fixture
def starter_home(monkeypatch: pytest.MonkeyPatch, pieria_home: Path) -> Path:
    """A home in which the default model packs are installed (`make test` puts them into build/test-home)."""
    source = os.environ.get("PIERIA_TEST_HOME", "")
    models = Path(source, "data", "models")
    if not source or not models.is_dir():
        pytest.skip("the default model packs are not installed; `make test` fetches them")
    data = pieria_home / "data"
    data.mkdir(parents=True, exist_ok=True)
    (data / "models").symlink_to(models, target_is_directory=True)
    return pieria_home


@pytest.fixture(autouse=True)
def garbage_is_collected_here(request: pytest.FixtureRequest) -> Iterator[None]:
    """On the main thread, between tests: a QObject with a timer that another thread happens to find would warn."""
    gc.disable()
    yield
    seen = request.config.stash.get(TESTS, 0) + 1
    request.config.stash[TESTS] = seen
    gc.collect(2 if seen % 64 == 0 else 1)


@pytest.fixture(autouse=True)
def no_thread_is_left() -> Iterator[None]:
    """A non-daemon thread that outlives its test would keep the studio's process alive."""
    before = set(threading.enumerate())
    yield
    deadline = time.monotonic() + 5
    while True:
        left = [t for t in threading.enumerate() if t not in before and not t.daemon and t.is_alive()
                and not t.name.startswith(("Dummy", "ThreadPoolExecutor", "asyncio"))]
        if not left or time.monotonic() > deadline:
            break
        left[0].join(0.1)
    assert not left, f"threads left running: {[t.name for t in left]}"


@pytest.fixture(autouse=True)
def no_unexpected_log_warning(caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest) -> Iterator[None]:
    """A warning of the studio's own loggers fails the test, unless it is marked ``expects_log``."""
    yield
    if request.node.get_closest_marker("expects_log"):
        return
    bad = [r for phase in ("setup", "call") for r in caplog.get_records(phase)
           if r.name.startswith("studio") and r.levelno >= logging.WARNING]
    assert not bad, f"unexpected log warnings: {[r.getMessage() for r in bad]}"
