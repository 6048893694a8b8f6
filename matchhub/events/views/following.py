"""What became of it: the personal page of one question, answered in one tap, and where the answer leads."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from matchhub.core import errors, ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, public
from matchhub.events import queries, services
from matchhub.events.enums import ContactSource, FollowUpAnswer, MeetingSide
from matchhub.events.models import FollowUp
from matchhub.events.queries.contacts import AGREED
from matchhub.events.queries.wording import other_name
from matchhub.events.views.blueprint import bp

WHY = "a secret address for one side of one contact; it names nobody but the other side, whom the reader has met"


@bp.get("/follow-ups/<string:token>")
@public(WHY)
def follow_up_question(token: str) -> ResponseReturnValue:
    row = _found(token)
    return render_template(
        "events/after/question.html",
        row=row,
        event=row.event,
        token=token,
        who=other_name(row, ui.locale_code()),
        answers=list(FollowUpAnswer),
        is_open=services.is_answerable(row, now=utcnow()),
        introduction_id=_introduction_of(row),
        pair=_pair(row),
    )


@bp.post("/follow-ups/<string:token>")
@public(WHY)
def answer_follow_up(token: str) -> ResponseReturnValue:
    row, said = _found(token), request.form.get("answer", "")
    if said not in set(FollowUpAnswer):
        raise errors.Invalid(N_("请从列表里选"), field="answer")
    services.answer_follow_up(row, FollowUpAnswer(said), user_id=current_actor().user_id, now=utcnow())
    return redirect(url_for(".follow_up_question", token=token))


def _found(token: str) -> FollowUp:
    row = queries.follow_up_by_token(db.session(), token)
    if row is None:
        raise errors.NotFound(N_("这个链接已失效"))
    return row


def _introduction_of(row: FollowUp) -> int | None:
    """The introduction in which the two go on, where both have agreed to one."""
    found = row.contact.introduction
    return found.id if found is not None and found.state in AGREED else None


def _pair(row: FollowUp) -> tuple[int, int] | None:
    """What an introduction could be about: shown to the firm, whose need it is; to the other side only after a pitch."""
    if row.answer not in (FollowUpAnswer.TALKING, FollowUpAnswer.AGREED) or row.contact.introduction_id is not None:
        return None
    if row.side is MeetingSide.GIVER and row.contact.source is not ContactSource.INTEREST:
        return None
    return queries.open_pair(db.session(), row.contact)
