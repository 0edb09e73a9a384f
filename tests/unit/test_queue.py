"""The queue against a plain model of it, its lanes, speed and time left."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from studio.engine.job import ErrorReport, Failed, Finished, Job, JobState, Lane, Progress, Request, Stopped, Token
from studio.engine.queue import JobQueue


def job(name: str, lane: Lane = Lane.FOREGROUND) -> Job:
    return Job(Request("a.b"), name, lane)


def ids(queue: JobQueue) -> list[str]:
    return [one.id for one in queue.snapshot()]


class Machine(RuleBasedStateMachine):
    """Lists of ids for each lane are the model."""

    def __init__(self) -> None:
        super().__init__()
        self.queue = JobQueue()
        self.front: list[str] = []
        self.back: list[str] = []
        self.failed: list[str] = []
        self.running = ""
        self.paused = False
        self.count = 0

    def lane_of(self, name: str) -> list[str]:
        return self.front if name.startswith("f") else self.back

    @rule(lanes=st.lists(st.sampled_from("fb"), max_size=3))
    def add(self, lanes: list[str]) -> None:
        new = []
        for lane in lanes:
            self.count += 1
            new.append(job(f"{lane}{self.count}", Lane.FOREGROUND if lane == "f" else Lane.BACKGROUND))
            self.lane_of(lane).append(new[-1].id)
        self.queue.add(new)

    @rule()
    def next(self) -> None:
        got = self.queue.next()
        if self.paused or self.running or not (self.front or self.back):
            assert got is None
            return
        assert got is not None
        assert got.state == JobState.RUNNING
        self.running = (self.front or self.back).pop(0)
        assert got.id == self.running

    @rule(how=st.sampled_from(["finished", "failed", "stopped"]))
    def end(self, how: str) -> None:
        name = self.running or "nobody"
        event = {"finished": Finished(name, 1.0), "stopped": Stopped(name),
                 "failed": Failed(name, ErrorReport("generator", "No."))}[how]
        assert self.queue.update(event) is bool(self.running)
        if self.running and how == "failed":
            self.failed.append(self.running)
        self.running = ""

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from([*self.front, *self.back, *self.failed, self.running, "nobody"]))
        gone = self.queue.cancel(name)
        for names in (self.front, self.back, self.failed):
            if name in names:
                names.remove(name)
                assert gone is not None
                return
        assert gone is None

    @rule(data=st.data())
    def retry(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from([*self.failed, *self.front, "nobody"]))
        assert self.queue.retry(name) is (name in self.failed)
        if name in self.failed:
            self.failed.remove(name)
            self.lane_of(name).append(name)

    @rule(data=st.data(), place=st.integers(-2, 9))
    def move(self, data: st.DataObject, place: int) -> None:
        name = data.draw(st.sampled_from([*self.front, *self.back, "nobody"]))
        moved = self.queue.move(name, place)
        if name == "nobody":
            assert not moved
            return
        lane = self.lane_of(name)
        lane.remove(name)
        before = len(self.front) if lane is self.back else 0
        lane.insert(min(max(place - before, 0), len(lane)), name)

    @rule(paused=st.booleans())
    def pause(self, paused: bool) -> None:
        self.queue.paused = self.paused = paused

    @invariant()
    def same(self) -> None:
        assert ids(self.queue) == [*([self.running] if self.running else []), *self.front, *self.back, *self.failed]


Machine.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestMachine = Machine.TestCase


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_rate_and_time_left_are_smoothed() -> None:
    clock = Clock()
    queue = JobQueue(clock)
    queue.add([job("a")])
    queue.next()
    for step in range(1, 6):
        queue.update(Progress("a", step, 20))
        clock.now += 0.5
    running = queue.running
    assert running is not None
    assert (running.step, running.of) == (5, 20)
    assert running.rate == pytest.approx(2.0)
    assert running.seconds_left == pytest.approx(7.5)
    clock.now += 1.5  # one slow step moves it a little
    queue.update(Progress("a", 6, 20))
    assert queue.running is not None
    assert 1.0 < queue.running.rate < 2.0


def test_loading_and_then_drawing_start_the_rate_anew() -> None:
    clock = Clock()
    queue = JobQueue(clock)
    queue.add([job("a")])
    queue.next()
    for step in (1, 2):
        queue.update(Progress("a", step, 2, message="Loading"))
        clock.now += 10
    queue.update(Progress("a", 0, 20))
    assert queue.running is not None
    assert (queue.running.rate, queue.running.seconds_left) == (0.0, None)


def test_tokens_count_as_steps() -> None:
    clock = Clock()
    queue = JobQueue(clock)
    queue.add([job("a")])
    queue.next()
    for _ in range(5):
        queue.update(Token("a", "x"))
        clock.now += 0.1
    assert queue.running is not None
    assert queue.running.rate == pytest.approx(10)
    assert queue.running.seconds_left is None


def test_a_failed_job_keeps_its_error_and_loses_it_with_a_retry() -> None:
    queue = JobQueue()
    queue.add([job("a")])
    queue.next()
    queue.update(Failed("a", ErrorReport("generator", "No.")))
    (failed,) = queue.snapshot()
    assert failed.state == JobState.FAILED
    assert failed.error is not None
    queue.retry("a")
    (again,) = queue.snapshot()
    assert (again.state, again.error, again.step) == (JobState.WAITING, None, 0)


def test_an_interrupted_job_can_be_added_again_but_not_twice() -> None:
    queue = JobQueue()
    old = Job(Request("a.b"), "a", state=JobState.INTERRUPTED)
    queue.add([old, old])
    queue.add([old])
    assert [(one.id, one.state) for one in queue.snapshot()] == [("a", JobState.WAITING)]
