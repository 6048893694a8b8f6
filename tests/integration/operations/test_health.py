"""The two addresses for whoever watches: alive, and ready; they say nothing to strangers but that."""

from datetime import timedelta

from matchhub.core import jobs
from matchhub.core.clock import utcnow
from matchhub.core.db import unit_of_work
from matchhub.core.outbox import MailState, Notice
from matchhub.core.web import App


def test_a_process_that_answers_is_alive(app: App) -> None:
    response = app.test_client().get("/healthz")

    assert (response.status_code, response.json) == (200, {"status": "ok"})


def test_without_a_worker_it_is_not_ready(app: App) -> None:
    response = app.test_client().get("/readyz")

    assert response.status_code == 503
    assert response.json["checks"] == {"head": True, "worker": False, "outbox": True, "disk": True}  # type: ignore[index]


def test_with_a_worker_it_is_ready_until_the_worker_falls_silent(app: App) -> None:
    jobs.beat("somewhere", now=utcnow())
    assert app.test_client().get("/readyz").status_code == 200

    jobs.beat("somewhere", now=utcnow() - timedelta(seconds=91))
    assert app.test_client().get("/readyz").status_code == 503


def test_mail_that_waits_too_long_is_noticed(app: App) -> None:
    now = utcnow()
    jobs.beat("somewhere", now=now)
    with unit_of_work() as session:
        session.add(
            Notice(
                kind="x", recipient_key="a", address="a@a.example", due_at=now - timedelta(minutes=16), created_at=now,
                mail_state=MailState.PENDING, message_id="<a@b>",
            )
        )  # fmt: skip

    response = app.test_client().get("/readyz")

    assert response.status_code == 503
    assert response.json["checks"]["outbox"] is False  # type: ignore[index]


def test_neither_tells_a_version(app: App) -> None:
    for path in ("/healthz", "/readyz"):
        body = app.test_client().get(path).get_data(as_text=True)
        assert "0001" not in body
        assert "0.1" not in body
