"""The QThread over a real host: orders in, plain data out, an end in any state."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from studio.engine.job import Failed, Finished, Job, JobState, Progress, Request, Result, Stopped
from studio.engine.worker import InferenceWorker
from tests.host.conftest import python_path

SECONDS = 60_000


@pytest.fixture
def worker() -> Iterator[InferenceWorker]:
    one = InferenceWorker(env={"PYTHONPATH": python_path("run")})
    one.start()
    yield one
    one.shut_down()
    assert one.wait(SECONDS)


def ends(job: Job, *kinds: type) -> Callable[[Any], bool]:
    return lambda event: isinstance(event, kinds or (Finished, Failed, Stopped)) and event.job == job.id


def job(generator: str = "faults.echo", **params: Any) -> Job:
    return Job(Request(generator, params))


def test_jobs_run_in_order_and_the_queue_is_told(worker: InferenceWorker, qtbot: QtBot) -> None:
    events: list[Any] = []
    queues: list[list[Job]] = []
    worker.event.connect(events.append)
    worker.queue_changed.connect(queues.append)
    jobs = [job(prompt=str(index)) for index in range(3)]
    with qtbot.waitSignal(worker.event, timeout=SECONDS, check_params_cb=ends(jobs[-1])):
        worker.submit(jobs)
    assert [event.data for event in events if isinstance(event, Result)] == [b"0", b"1", b"2"]
    qtbot.waitUntil(lambda: bool(queues) and queues[-1] == [], timeout=SECONDS)


def test_discovery_comes_as_data(worker: InferenceWorker, qtbot: QtBot) -> None:
    with qtbot.waitSignal(worker.discovered, timeout=SECONDS) as got:
        worker.discover()
    assert got.args[0].find("faults.echo").schema["properties"]["steps"]["maximum"] == 150


def test_cancel_move_pause_and_retry(worker: InferenceWorker, qtbot: QtBot) -> None:
    queues: list[list[Job]] = []
    worker.queue_changed.connect(queues.append)
    endless, first, second, third = job("faults.endless"), job(), job("faults.raises"), job()
    with qtbot.waitSignal(worker.event, timeout=SECONDS, check_params_cb=ends(endless, Progress)):
        worker.submit([endless, first, second, third])
    worker.move(third.id, 0)
    worker.set_paused(True)
    with qtbot.waitSignal(worker.event, timeout=SECONDS, check_params_cb=ends(first, Stopped)):
        worker.cancel(first.id)
    with qtbot.waitSignal(worker.event, timeout=SECONDS, check_params_cb=ends(endless, Stopped)):
        worker.cancel(endless.id)
    qtbot.waitUntil(lambda: [one.id for one in queues[-1]] == [third.id, second.id], timeout=SECONDS)
    assert {one.state for one in queues[-1]} == {JobState.WAITING}
    with qtbot.waitSignal(worker.event, timeout=SECONDS, check_params_cb=ends(second, Failed)):
        worker.set_paused(False)
    qtbot.waitUntil(lambda: [one.state for one in queues[-1]] == [JobState.FAILED], timeout=SECONDS)
    with qtbot.waitSignal(worker.event, timeout=SECONDS, check_params_cb=ends(second, Failed)):
        worker.retry(second.id)
    qtbot.waitUntil(lambda: bool(queues[-1]) and queues[-1][0].error is not None, timeout=SECONDS)
    worker.cancel(second.id)
    qtbot.waitUntil(lambda: queues[-1] == [], timeout=SECONDS)


def test_preload_waits_for_an_idle_host(worker: InferenceWorker, qtbot: QtBot) -> None:
    busy, after = job("faults.endless"), job("faults.warm")
    with qtbot.waitSignal(worker.event, timeout=SECONDS, check_params_cb=ends(busy, Progress)):
        worker.submit([busy])
    worker.preload(Request("faults.warm"))
    with qtbot.waitSignal(worker.host_changed, timeout=SECONDS, check_params_cb=lambda text: "Loading" in text):
        worker.cancel(busy.id)
    results: list[Any] = []
    worker.event.connect(lambda event: results.append(event) if isinstance(event, Result) else None)
    with qtbot.waitSignal(worker.event, timeout=SECONDS, check_params_cb=ends(after, Finished)):
        worker.submit([after])
    assert [result.data for result in results] == [b"1 1"]


def test_shut_down_while_something_hangs(qtbot: QtBot) -> None:
    worker = InferenceWorker(env={"PYTHONPATH": python_path("run")})
    worker.start()
    deaf = job("faults.deaf")
    with qtbot.waitSignal(worker.event, timeout=SECONDS, check_params_cb=ends(deaf, Progress)):
        worker.submit([deaf])
    worker.shut_down()
    assert worker.wait(SECONDS)


def test_shut_down_before_anything_was_asked(qtbot: QtBot) -> None:
    worker = InferenceWorker()
    worker.start()
    worker.shut_down()
    assert worker.wait(SECONDS)
