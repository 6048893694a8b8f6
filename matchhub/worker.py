"""The worker: APScheduler only ticks; what is due stands in the table of leases, and a lease makes two workers safe."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from apscheduler.schedulers.background import BackgroundScheduler

from matchhub.core import context, jobs
from matchhub.core.clock import utcnow
from matchhub.core.db import db, finish
from matchhub.core.jobs import Job, JobLease
from matchhub.core.web import App

logger = logging.getLogger("matchhub.worker")

TICK_SECONDS = 15
STOP_SECONDS = 22


class Worker:
    """Runs `jobs` of `app` while their leases are free. Several may run, on one machine or on many."""

    def __init__(self, app: App, duties: Sequence[Job], *, clock: Callable[[], datetime] = utcnow) -> None:
        self.app = app
        self.duties = duties
        self.clock = clock
        self.owner = jobs.owner_name()
        self.stopping = threading.Event()
        self._running: set[str] = set()
        self._guard = threading.Lock()

    def tick(self, job: Job) -> bool:
        """Run `job` if it is due and free; whether it ran."""
        if self.stopping.is_set():
            return False
        with self.app.app_context():
            context.new_request_id()
            if not self._take(job):
                return False
            self._hold(job.name)
            try:
                self._run(job)
            finally:
                self._let_go(job.name)
        return True

    def beat(self) -> None:
        """Say that this worker is alive."""
        with self.app.app_context():
            jobs.beat(self.owner, now=self.clock())

    def run(self) -> None:
        """Tick until `stop` is called, then wait for what is under way and release what is left."""
        scheduler = BackgroundScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
        )
        self._schedule(scheduler, "heartbeat", self.beat, (), jobs.HEARTBEAT_SECONDS)
        for job in self.duties:
            self._schedule(scheduler, job.name, self.tick, (job,), min(job.every_seconds, TICK_SECONDS))
        logging.getLogger("apscheduler.scheduler").setLevel(logging.ERROR)  # a tick during a long job is no news
        scheduler.start()
        logger.info("worker %s started with %s jobs", self.owner, len(self.duties))
        self.stopping.wait()
        scheduler.shutdown(wait=False)
        self._wind_up()

    def stop(self) -> None:
        """Ask `run` to end; safe in a signal handler."""
        self.stopping.set()

    def _schedule(
        self, scheduler: BackgroundScheduler, name: str, call: Callable[..., object], args: tuple[Job, ...], every: int
    ) -> None:
        scheduler.add_job(call, "interval", args=args, seconds=every, id=name, next_run_time=self.clock())

    def _take(self, job: Job) -> bool:
        now = self.clock()
        lease = db.session.get(JobLease, job.name)
        if lease is not None and not lease.is_due(job, now):
            return False
        since = job.due_since(now)
        gone = lease.owner if lease is not None and lease.is_held(now) and jobs.is_gone(lease.owner) else None
        return jobs.take(
            job.name, self.owner, now=now, seconds=job.lease_seconds, unless_started_since=since, after=gone
        )

    def _run(self, job: Job) -> None:
        error = ""
        try:
            job.run(self.clock())
        except Exception as raised:
            logger.exception("job %s failed", job.name)
            error = f"{type(raised).__name__}: {raised}"
        finally:
            finish(commit=False)  # a job commits its own units of work; what is left open is half a change
        jobs.give_back(job.name, self.owner, now=self.clock(), error=error)

    def _hold(self, name: str) -> None:
        with self._guard:
            self._running.add(name)

    def _let_go(self, name: str) -> None:
        with self._guard:
            self._running.discard(name)

    def _wind_up(self) -> None:
        deadline = time.monotonic() + STOP_SECONDS
        while self._running and time.monotonic() < deadline:
            time.sleep(0.05)
        with self._guard:
            left = sorted(self._running)
        with self.app.app_context():
            for name in left:
                jobs.give_back(name, self.owner, now=self.clock(), error="stopped before it ended")
        logger.info("worker %s stopped, %s jobs cut off", self.owner, len(left))
