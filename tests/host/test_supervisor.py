"""Hosts that crash, hang, import badly or lose their parent; each time the studio goes on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable

import psutil
import pytest

from studio.engine.job import Discovery, Failed, Finished, HostState, Job, Progress, Request, Result, Started, Stopped
from studio.engine.supervisor import Supervisor
from tests.host.conftest import PATIENCE, Studio, python_path

Make = Callable[..., Studio]


def test_a_segfault_names_the_generator_and_the_next_job_works(studio: Make) -> None:
    one = studio("run")
    one.discover()
    error = one.error("faults.segfault")
    assert error.kind == "crash"
    assert error.message == ("Segfault (faults) crashed and was stopped; the studio is fine. "
                             "Try again or choose other settings.")
    assert "SIGSEGV" in error.details
    assert "faults.py" in error.details  # faulthandler names the place
    one.works()


def test_an_exit_in_the_middle_counts_as_a_crash(studio: Make) -> None:
    one = studio("run")
    assert one.error("faults.exits").kind == "crash"
    one.works()


def test_kill_9_in_the_middle(studio: Make) -> None:
    one = studio("run")
    job, after = one.submit("faults.endless"), one.submit("faults.echo", prompt="after")
    one.until_event(job, Progress)
    (host,) = hosts()
    host.send_signal(signal.SIGKILL)
    end = one.end_of(job)
    assert isinstance(end, Failed)
    assert (end.error.kind, "SIGKILL" in end.error.details) == ("crash", True)
    assert isinstance(one.end_of(after), Finished)


@pytest.mark.parametrize("generator", ["faults.hangs_in_load", "faults.deaf"])
def test_what_hangs_is_killed_after_the_grace_period(studio: Make, generator: str) -> None:
    one = studio("run", grace=0.3)
    job = one.submit(generator)
    one.until_event(job, Started)
    one.supervisor.cancel(job.id)
    assert isinstance(one.end_of(job), Stopped)
    one.works()


def test_a_patient_stop_leaves_the_host_alone_until_an_impatient_one(studio: Make) -> None:
    one = studio("run", grace=0.3)
    job = one.submit("faults.endless")
    one.until_event(job, Started)
    one.supervisor.cancel(job.id, patient=True)
    assert isinstance(one.end_of(job), Stopped)
    job = one.submit("faults.deaf")
    one.until_event(job, Started)
    one.supervisor.cancel(job.id, patient=True)
    one.supervisor.cancel(job.id)
    assert isinstance(one.end_of(job), Stopped)
    one.works()


def test_what_a_stopped_generator_gives_is_kept_with_what_makes_it_again(studio: Make) -> None:
    one = studio("run")
    job = one.submit("faults.keeps")
    one.until_event(job, Progress)
    one.supervisor.cancel(job.id)
    kept = one.until_event(job, Result)
    assert kept.data == b"half"
    assert kept.recipe["params"] == {"only": 1}
    assert isinstance(one.end_of(job), Finished)


def test_preloading_yields_to_a_job_and_serves_one_for_the_same_model(studio: Make) -> None:
    one = studio("run")
    one.supervisor.preload(Request("faults.loads"))
    one.until(lambda event: isinstance(event, HostState) and event.state == "loading")
    one.works()
    one.supervisor.preload(Request("faults.warm"))
    one.until(lambda event: isinstance(event, HostState) and event.state == "loading")
    one.until(lambda event: isinstance(event, HostState) and event.state == "ready")
    assert one.results("faults.warm") == [b"1 1"]


def test_a_preload_that_hangs_does_not_block_jobs_for_ever(studio: Make) -> None:
    one = studio("run", grace=0.3)
    one.supervisor.preload(Request("faults.hangs_in_load"))
    one.until(lambda event: isinstance(event, HostState) and event.state == "loading")
    job = one.submit("faults.echo")
    one.supervisor.cancel(job.id)
    assert isinstance(one.end_of(job), Stopped)
    one.works()


@pytest.mark.parametrize(("folder", "plugin", "reason"), [
    ("import_raises", "raises_on_import", "RuntimeError: no such luck"),
    ("import_exits", "exits_on_import", "tried to quit"),
    ("hook_raises", "raises_in_hook", "KeyError"),
    ("import_crashes", "crashes_on_import", "it crashed while it was imported"),
])
def test_a_plugin_that_cannot_be_imported_is_reported_and_the_rest_works(
        studio: Make, folder: str, plugin: str, reason: str) -> None:
    one = studio(folder, "run")
    found = one.discover()
    (error,) = found.errors
    assert (error.kind, error.plugin) == ("plugin", plugin)
    assert plugin in error.message
    assert reason in error.message
    assert error.details
    assert found.find("faults.echo")
    one.works()


def test_an_import_that_hangs_is_named_and_given_up(studio: Make) -> None:
    one = studio("import_hangs", "run", import_seconds=5.0)
    one.supervisor.discover()
    state = one.until(lambda event: isinstance(event, HostState) and event.message.startswith("Still importing"))
    assert state.plugin == "hangs_on_import"
    found = one.until(lambda event: isinstance(event, Discovery))
    (error,) = found.errors
    assert (error.kind, error.plugin) == ("hang", "hangs_on_import")
    one.works()


def test_an_import_that_hangs_can_be_skipped_by_hand(studio: Make) -> None:
    one = studio("import_hangs", "run")
    job = one.submit("faults.echo")
    one.until(lambda event: isinstance(event, HostState) and event.plugin == "hangs_on_import")
    one.supervisor.skip_plugin("hangs_on_import")
    assert isinstance(one.end_of(job), Finished)


def test_a_slow_import_is_only_slow(studio: Make) -> None:
    one = studio("import_slow", "run")
    found = one.discover()
    assert not found.errors
    assert found.find("slow_import.late")
    assert one.results("slow_import.late") == [b"better late"]


def test_a_partly_broken_plugin_keeps_its_good_part(studio: Make) -> None:
    found = studio("partly").discover()
    assert found.find("partly_broken.good")
    assert len(found.errors) == 5
    assert {error.plugin for error in found.errors} == {"partly_broken"}


def test_discovery_does_not_import_torch(studio: Make) -> None:
    one = studio()
    one.discover()
    (host,) = hosts()
    assert not [m.path for m in host.memory_maps() if "libtorch" in m.path]


def test_a_host_that_cannot_start_fails_the_job(studio: Make) -> None:
    for command in (["/no/such/program"], [sys.executable, "-c", "raise SystemExit('broken')"],
                    [sys.executable, "-c", "print('no frame at all, and long enough to be read')"]):
        one = studio(command=command)
        assert one.error("faults.echo").kind == "crash"
        found = one.discover()
        assert found.errors[0].kind == "crash"
        assert not found.generators


def test_the_host_dies_with_its_parent() -> None:
    script = ("import sys; from studio.engine.supervisor import Supervisor; from studio.engine.job import *\n"
              "s = Supervisor(); job = Job(Request('faults.deaf')); s.submit(job)\n"
              "while not isinstance(s.events.get(), Progress): pass\n"
              "print('running', flush=True); sys.stdin.read()")
    child = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                             env={**os.environ, "PYTHONPATH": python_path("run")})
    with child:
        assert child.stdout is not None
        assert child.stdout.readline().strip() == b"running"
        (host,) = hosts(child.pid)
        child.kill()
        child.wait(PATIENCE)
        _, alive = psutil.wait_procs([host], PATIENCE)
    assert not alive


def test_close_ends_a_running_host(studio: Make) -> None:
    one = studio("run", grace=0.3)
    one.until_event(one.submit("faults.deaf"), Progress)
    (host,) = hosts()
    one.close()
    assert not host.is_running()


def test_closing_what_never_started() -> None:
    supervisor = Supervisor()
    supervisor.close()
    assert supervisor.join(1)
    supervisor.submit(Job(Request("a.b")))
    assert supervisor.events.empty()


def hosts(parent: int | None = None) -> list[psutil.Process]:
    return [child for child in psutil.Process(parent).children() if "studio.engine.host" in " ".join(child.cmdline())]
