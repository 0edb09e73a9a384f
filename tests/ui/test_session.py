"""The session: nothing is lost between the window, the worker and the project file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from studio.engine.job import ErrorReport, Job, JobState
from studio.project import Project
from studio.ui.queuerow import status_words
from studio.ui.requests import Ask
from studio.ui.session import Session
from tests.ui.fake_engine import FakeLibrary, FakeWorker


@pytest.fixture
def project(tmp_path: Path) -> Iterator[Project]:
    project = Project.create(tmp_path / "p.pieria", "P")
    yield project
    project.close()


@pytest.fixture
def worker() -> FakeWorker:
    return FakeWorker()


@pytest.fixture
def session(qtbot: QtBot, project: Project, worker: FakeWorker) -> Iterator[Session]:
    session = Session(project, worker, FakeLibrary())
    session.start()
    yield session
    session.close()


def queue(qtbot: QtBot, session: Session, **ask: Any) -> list[Job]:
    with qtbot.waitSignal(session.batch_queued) as queued:
        session.generate(Ask("diffusion.image", {"prompt": "a red apple", "seed": 7}, **ask))
    return queued.args[0]


def test_a_request_is_on_disk_before_the_worker_has_it(
        qtbot: QtBot, session: Session, worker: FakeWorker, project: Project) -> None:
    seen: list[list[str]] = []
    original = worker.submit
    worker.submit = lambda jobs: (seen.append([j["id"] for j in project.jobs()]), original(jobs))  # type: ignore
    jobs = queue(qtbot, session, count=3)
    assert seen == [[job.id for job in jobs]]


def test_seeds_of_a_batch_count_up(qtbot: QtBot, session: Session) -> None:
    jobs = queue(qtbot, session, count=4)
    assert [job.request.params["seed"] for job in jobs] == [7, 8, 9, 10]
    assert len({job.request.batch for job in jobs}) == 1


def test_a_result_is_in_the_project_before_it_is_announced(
        qtbot: QtBot, session: Session, worker: FakeWorker, project: Project) -> None:
    (job,) = queue(qtbot, session)
    worker.begin(job)
    with qtbot.waitSignal(session.result_stored) as stored:
        worker.finish_picture(job)
    row, of = stored.args
    assert project.result(row.id).prompt == "a red apple"
    assert of.id == job.id
    assert project.count_results() == 1


def test_media_goes_into_the_project_first(qtbot: QtBot, session: Session, project: Project) -> None:
    (job,) = queue(qtbot, session, media={"init_image": (b"png bytes", "image/png")})
    reference = job.request.params["init_image"]
    assert project.media(reference["media"]) == (b"png bytes", "image/png")


def test_what_was_running_is_offered_again(
        qtbot: QtBot, tmp_path: Path, session: Session, worker: FakeWorker, project: Project) -> None:
    running, waiting = queue(qtbot, session, count=2)
    worker.begin(running)
    project.flush(5)
    again = Session(project, FakeWorker(), FakeLibrary())
    again.start()
    assert {job.id for job in again.interrupted} == {running.id, waiting.id}
    assert all(job.state is JobState.INTERRUPTED for job in again.interrupted)
    with qtbot.waitSignal(again.batch_queued):
        again.retry(running.id)
    assert [job.id for job in again.worker.jobs] == [running.id]
    assert [job.id for job in again.interrupted] == [waiting.id]
    again.discard(waiting.id)
    again.close()
    project.flush(5)
    assert [job["id"] for job in project.jobs()] == [running.id]


def test_what_crashed_is_offered_again_unless_it_was_removed(
        qtbot: QtBot, worker: FakeWorker, project: Project) -> None:
    session = Session(project, worker, FakeLibrary())
    session.start()
    crashed, removed, wrong = queue(qtbot, session, count=3)
    for job, kind in ((crashed, "crash"), (removed, "crash"), (wrong, "params")):
        worker.begin(job)
        worker.fail(job, ErrorReport(kind, "It broke.", "Segmentation fault"))
    session.cancel(removed.id)
    session.close()
    project.close()
    with Project.open(project.path) as reopened:
        again = Session(reopened, FakeWorker(), FakeLibrary())
        again.start()
        (offered,) = again.interrupted
        assert offered.id == crashed.id
        assert status_words(offered, "image") == "The engine crashed when it ran last"
        with qtbot.waitSignal(again.batch_queued):
            again.retry(crashed.id)
        assert [(job.state, job.error) for job in again.worker.jobs] == [(JobState.WAITING, None)]
        again.close()


def test_a_missing_model_is_refused_with_its_name(qtbot: QtBot, session: Session) -> None:
    class Missing(Exception):
        name, command = "spark", "studio models install spark"

    def resolve(name: str, kinds: Any = ()) -> dict[str, str]:
        raise Missing("The model is not installed.")

    session.library.resolve = resolve  # type: ignore[method-assign]
    info = session.discovery.generators[0]
    info.schema["properties"]["model"] = {"type": "string", "default": "spark", "x-studio": {"role": "model"}}
    try:
        with qtbot.waitSignal(session.refused) as refused:
            session.generate(Ask("diffusion.image", {"prompt": "x"}))
    finally:
        del info.schema["properties"]["model"]
    report: ErrorReport = refused.args[0]
    assert (report.kind, report.model) == ("model-missing", "spark")


def test_delete_and_restore(qtbot: QtBot, session: Session, worker: FakeWorker, project: Project) -> None:
    (job,) = queue(qtbot, session)
    with qtbot.waitSignal(session.result_stored) as stored:
        worker.finish_picture(job)
    row = stored.args[0]
    with qtbot.waitSignal(session.result_changed):
        session.delete(row.id)
    assert project.count_results() == 0
    with qtbot.waitSignal(session.result_changed):
        session.restore(row.id)
    assert project.count_results() == 1


def test_saved_tells_the_truth(qtbot: QtBot, session: Session) -> None:
    told: list[bool] = []
    session.saved.connect(told.append)
    queue(qtbot, session)
    qtbot.waitUntil(lambda: told[-1:] == [True])
    assert told[0] is False
