"""Asking those who came what they say of it: once, by a personal address; answered once."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from matchhub.core import audit, errors, news
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.links import LINKS
from matchhub.core.policy import ANONYMOUS
from matchhub.events import queries
from matchhub.events.enums import QuestionKind
from matchhub.events.models import Event, Feedback
from matchhub.events.news import FeedbackDue
from matchhub.events.services.answers import PREFIX
from matchhub.events.services.telling import CHUNK

PURPOSE = "event feedback"
OPEN_DAYS = 14
LONGEST_WORDS = 300
RATINGS = ("1", "2", "3", "4", "5")


@writes
def ask_feedback(event: Event, *, now: datetime) -> int:
    """Ask the next chunk of those who came and have not been asked; how many. For the worker."""
    closes_at = event.ends_at + timedelta(days=OPEN_DAYS)
    if now >= closes_at:
        return 0
    rows = queries.to_ask(db.session(), event, limit=CHUNK)
    for place in rows:
        nonce, token_hash = LINKS.new_code(PURPOSE)
        row = Feedback(
            event=event, registration=place, nonce=nonce, token_hash=token_hash, asked_at=now, closes_at=closes_at,
            answers={},
        )  # fmt: skip
        db.session.add(row)
        db.session.flush()
        news.publish(FeedbackDue(row), now=now)
    return len(rows)


def feedback_code(feedback: Feedback) -> str | None:
    """What the personal address carries; None where the installation's secret was lost."""
    return LINKS.code(PURPOSE, feedback.nonce, feedback.token_hash)


@writes
def answer_feedback(feedback: Feedback, raw: Mapping[str, str], *, quotable: bool, now: datetime) -> None:
    """Keep the answers; who holds the personal address answers, signed in or not. Raises Invalid, Conflict (answered, over)."""
    hold(feedback)
    if feedback.answered_at is not None:
        raise errors.Conflict(N_("你已经答过了，谢谢"))
    if not feedback.is_open(now):
        raise errors.Conflict(N_("已经过了回答的时间"))
    feedback.answers = checked_feedback(queries.questions_of(feedback.event), raw)
    feedback.quotable, feedback.answered_at = quotable and words_of(feedback) != "", now
    audit.record(ANONYMOUS, "event_feedback:answer", feedback.event)  # that somebody did, never who or what


def words_of(feedback: Feedback) -> str:
    """What somebody wrote, if anything."""
    asked = (
        question["key"] for question in queries.questions_of(feedback.event) if _kind(question) is QuestionKind.TEXT
    )
    return "\n".join(words for key in asked if (words := feedback.answers.get(key)))


def checked_feedback(questions: list[dict[str, Any]], raw: Mapping[str, str]) -> dict[str, Any]:
    """The answers by key; ratings and yes or no are needed, words are not. Raises Invalid, which names the question."""
    found: dict[str, Any] = {}
    for question in questions:
        key, kind, text = question["key"], _kind(question), (raw.get(question["key"]) or "").strip()
        if kind is QuestionKind.TEXT:
            if len(text) > LONGEST_WORDS:
                raise errors.Invalid(N_("不要超过 %(max)s 字"), field=PREFIX + key, max=LONGEST_WORDS)
            if text:
                found[key] = text
        elif text not in (RATINGS if kind is QuestionKind.RATING else ("yes", "no")):
            raise errors.Invalid(N_("选一项"), field=PREFIX + key)
        else:
            found[key] = int(text) if kind is QuestionKind.RATING else text
    return found


def _kind(question: Mapping[str, Any]) -> QuestionKind:
    return QuestionKind(question["kind"])
