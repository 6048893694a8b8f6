"""The worker: a lease per job, never twice at once, taken over after a kill, errors noted, and a quick end."""

import subprocess
import threading
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from matchhub.core import jobs
from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.jobs import Job, JobLease
from matchhub.core.web import App
from matchhub.worker import Worker

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=CITY_ZONE)


def at(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=CITY_ZONE)  # type: ignore[misc, arg-type]


class Clock:
    def __init__(self, now: datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **more: float) -> None:
        self.now += timedelta(**more)


def counted(name: str = "count", **more: int) -> tuple[Job, list[datetime]]:
    runs: list[datetime] = []
    return Job(name, runs.append, **more), runs  # type: ignore[arg-type]


def test_a_job_runs_when_it_is_due_and_not_before(app: App) -> None:
    clock, (job, runs) = Clock(), counted(every_seconds=60)
    worker = Worker(app, [job], clock=clock)

    assert [worker.tick(job), worker.tick(job)] == [True, False]
    clock.forward(seconds=61)
    assert worker.tick(job)
    assert len(runs) == 2


def test_a_second_worker_does_not_run_it_again(app: App) -> None:
    clock, (job, runs) = Clock(), counted(every_seconds=60)
    first, second = (Worker(app, [job], clock=clock) for _ in range(2))

    assert (first.tick(job), second.tick(job)) == (True, False)
    assert len(runs) == 1


def test_two_workers_never_run_one_job_at_once(app: App) -> None:
    inside, most, guard = 0, 0, threading.Lock()

    def slow(_: datetime) -> None:
        nonlocal inside, most
        with guard:
            inside += 1
            most = max(most, inside)
        time.sleep(0.02)
        with guard:
            inside -= 1

    job = Job("slow", slow, every_seconds=0)
    workers = [Worker(app, [job]) for _ in range(4)]
    threads = [threading.Thread(target=lambda w=worker: [w.tick(job) for _ in range(5)]) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert most == 1


def test_a_killed_worker_is_replaced_when_its_lease_ends(app: App) -> None:
    clock, (job, runs) = Clock(), counted(every_seconds=3600, lease_seconds=60)
    jobs.take(job.name, "killed", now=clock(), seconds=60)  # and it never gives back
    worker = Worker(app, [job], clock=clock)

    clock.forward(seconds=59)
    assert not worker.tick(job)
    clock.forward(seconds=2)
    assert worker.tick(job)
    assert len(runs) == 1


def test_a_worker_whose_process_is_gone_is_replaced_at_once_and_one_that_lives_is_not(app: App) -> None:
    clock, (job, runs) = Clock(), counted(every_seconds=3600, lease_seconds=600)
    child = subprocess.Popen(["sleep", "60"])
    jobs.take(job.name, f"{jobs.here()}:{child.pid}:abcd", now=clock(), seconds=600)
    worker = Worker(app, [job], clock=clock)

    assert not worker.tick(job)
    child.kill()
    child.wait()
    assert worker.tick(job) and len(runs) == 1
    for owner in (f"elsewhere:1:{child.pid}:abcd", "killed", f"{jobs.here()}:x:abcd"):  # of those nothing is known
        assert not jobs.is_gone(owner)


def test_an_error_is_noted_and_the_next_tick_goes_on(app: App) -> None:
    def fails(_: datetime) -> None:
        with unit_of_work():
            raise ValueError("half a change")

    clock = Clock()
    job = Job("fails", fails, every_seconds=60)
    worker = Worker(app, [job], clock=clock)

    assert worker.tick(job)
    assert "ValueError: half a change" in lease("fails").last_error
    assert lease("fails").until is None
    clock.forward(seconds=61)
    assert worker.tick(job)


def test_what_a_job_left_open_is_rolled_back(app: App) -> None:
    def forgets(now: datetime) -> None:
        from matchhub.core.db import begin_write  # noqa: PLC0415

        begin_write()
        db.session.add(JobLease(name="half a change"))
        db.session.flush()

    job = Job("forgets", forgets)
    Worker(app, [job], clock=Clock()).tick(job)

    assert lease_names() == {"forgets"}


@pytest.mark.parametrize(
    ("started", "now", "due"),
    [
        (at(2026, 11, 22, 3, 5), at(2026, 11, 23, 2, 59), False),
        (at(2026, 11, 22, 3, 5), at(2026, 11, 23, 3, 0), True),
        (at(2026, 11, 23, 3, 0), at(2026, 11, 23, 23, 0), False),
        (at(2026, 12, 31, 3, 0), at(2027, 1, 1, 3, 1), True),
        (at(2028, 2, 28, 3, 0), at(2028, 2, 29, 3, 1), True),
        (at(2026, 11, 25, 3, 0), at(2026, 11, 23, 4, 0), True),  # the clock was set back
    ],
)
def test_a_daily_job_runs_once_a_day(started: datetime, now: datetime, due: bool) -> None:
    job = Job("daily", lambda _: None, hour=3)
    row = JobLease(name="daily", started_at=started, finished_at=started + timedelta(minutes=1))

    assert row.is_due(job, now) is due


def test_stopping_waits_for_the_job_and_releases_its_lease(app: App) -> None:
    begun, end = threading.Event(), threading.Event()

    def long(_: datetime) -> None:
        begun.set()
        end.wait(10)

    worker = Worker(app, [Job("long", long)])
    running = threading.Thread(target=worker.run)
    running.start()
    assert begun.wait(10)
    worker.stop()
    end.set()
    running.join(10)

    assert not running.is_alive()
    assert lease("long").until is None
    assert lease("long").last_error == ""


def test_a_job_that_does_not_end_is_cut_off_and_its_lease_released(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matchhub.worker.STOP_SECONDS", 0.1)
    begun, end = threading.Event(), threading.Event()

    def endless(_: datetime) -> None:
        begun.set()
        end.wait(10)

    worker = Worker(app, [Job("endless", endless)])
    running = threading.Thread(target=worker.run)
    running.start()
    assert begun.wait(10)
    worker.stop()
    running.join(10)

    assert lease("endless").until is None
    assert "stopped" in lease("endless").last_error
    end.set()
    time.sleep(0.2)


def test_a_worker_says_that_it_is_alive(app: App) -> None:
    clock = Clock(utcnow())
    worker = Worker(app, [], clock=clock)
    worker.beat()
    clock.forward(seconds=20)
    worker.beat()

    assert lease(jobs.HEARTBEAT).started_at == clock()


def lease(name: str) -> JobLease:
    with Session(db.engine, expire_on_commit=False) as session:
        return session.get_one(JobLease, name)


def lease_names() -> set[str]:
    db.session.rollback()
    return set(jobs.leases()) - {jobs.HEARTBEAT}
