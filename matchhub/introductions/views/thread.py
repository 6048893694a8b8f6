"""One introduction: the thread, the contact, how it ends."""

from dataclasses import dataclass
from datetime import datetime

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import errors, ledger, ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, flash_undoable, is_refused, leaves_at, refusals_on, requires
from matchhub.disclosure.queries import CONTACT_READ, opening_contact, Visible, visible_of
from matchhub.introductions import queries, services
from matchhub.introductions.enums import IntroductionState, MeetingMode, MeetingState
from matchhub.introductions.forms import ClosureForm, MeetingForm, MessageForm, ReportForm
from matchhub.introductions.models import Introduction, Meeting
from matchhub.introductions.policy import Permission, POLICY
from matchhub.introductions.queries import party_name, subject_of, visible_introduction
from matchhub.introductions.services.consents import CONTACT_FIELDS
from matchhub.introductions.views.blueprint import bp
from matchhub.introductions.workflow import MEETINGS, WORKFLOW
from matchhub.listings.enums import PairingKind
from matchhub.listings.queries.tiers import sheet
from matchhub.listings.views.blueprint import rows_of
from matchhub.profiles.models import Profile


@bp.get("/introductions/<int:introduction_id>")
@requires(POLICY, Permission.VIEW, load=visible_introduction)
def show(introduction: Introduction) -> ResponseReturnValue:
    return page(introduction)


@bp.get("/introductions/<int:introduction_id>/contact")
@requires(POLICY, Permission.VIEW, load=visible_introduction)
def contact(introduction: Introduction) -> ResponseReturnValue:
    other = introduction.other_than(current_actor().organization_id)
    seen = _visible(introduction)
    if not seen.contact:
        raise errors.NotFound(N_("对方没有向你开放联系方式"))
    consent = opening_contact(db.session(), current_actor(), other.id, now=utcnow())
    ledger.record_access(current_actor(), CONTACT_READ, consent)
    return page(introduction, revealed=True)


@bp.post("/introductions/<int:introduction_id>/messages")
@requires(POLICY, Permission.WRITE, load=visible_introduction)
def write(introduction: Introduction) -> ResponseReturnValue:
    form, now = MessageForm(), utcnow()
    with refusals_on(form):
        if form.validate():
            body = form.body.data or ""
            written = services.write(introduction, body, actor=current_actor(), now=now, leaves_at=leaves_at(now))
    if is_refused(form):
        return page(introduction, message_form=form), 422
    if leaves_at(now):
        flash_undoable(_("消息已发送"), url_for(".undo_message", message_id=written.id))
    return redirect(url_for(".show", introduction_id=introduction.id, _anchor="thread-end"))


@bp.post("/introductions/<int:introduction_id>/revocation")
@requires(POLICY, Permission.REVOKE, load=visible_introduction)
def revoke(introduction: Introduction) -> ResponseReturnValue:
    services.revoke(introduction, actor=current_actor(), now=utcnow())
    flash(_("对接已终止，双方的联系方式和材料已停止开放"), "success")
    return redirect(url_for(".show", introduction_id=introduction.id))


@bp.post("/introductions/<int:introduction_id>/closure")
@requires(POLICY, Permission.CLOSE, load=visible_introduction)
def close(introduction: Introduction) -> ResponseReturnValue:
    form = closure_form(utcnow())
    with refusals_on(form):
        if form.validate():
            services.close(introduction, reason=form.reason.data or "", actor=current_actor(), now=utcnow())
    if is_refused(form):
        return page(introduction, closing=form), 422
    flash(_("对接已结束"), "success")
    return redirect(url_for(".show", introduction_id=introduction.id))


def page(
    introduction: Introduction,
    *,
    revealed: bool = False,
    message_form: MessageForm | None = None,
    meeting_form: MeetingForm | None = None,
    report_form: ReportForm | None = None,
    closing: ClosureForm | None = None,
) -> str:
    """The page of an introduction, with whatever form was refused."""
    actor, now = current_actor(), utcnow()
    other = introduction.other_than(actor.organization_id)
    seen = _visible(introduction)
    meetings = queries.meetings_of(db.session(), [introduction.id])
    return render_template(
        "introductions/show.html",
        introduction=introduction,
        other=other,
        other_name=party_name(introduction, other, seen, ui.locale_code()),
        is_requester=actor.organization_id == introduction.requester_id,
        seen=seen,
        revealed=revealed,
        contact=contact_rows(introduction, seen, revealed=revealed),
        files=_files(seen, other.id),
        messages=queries.messages_of(db.session(), introduction.id, reader_id=actor.organization_id, now=now),
        meetings=meetings,
        meeting_moves={m.id: {row.action for row in MEETINGS.available(m, actor)} for m in meetings},
        moves={row.action for row in WORKFLOW.available(introduction, actor)},
        step=step_of(introduction, meetings),
        may_write=introduction.state is IntroductionState.ACCEPTED
        and POLICY.allows(Permission.WRITE, actor, introduction),
        message_form=message_form or MessageForm(formdata=None),
        meeting_form=meeting_form or new_meeting_form(),
        report_form=report_form or ReportForm(formdata=None),
        closing=closing or closure_form(now),
        words=words_of(introduction),
        need_rows=_need_rows(introduction, seen),
        now=now,
    )


@dataclass(frozen=True, slots=True)
class Words:
    """What an agreement of this kind started, and how the page speaks of it."""

    page: str  # the endpoint that leads there
    look: str
    result: str
    others: str


def words_of(introduction: Introduction) -> Words:
    """In the reader's language; a mentor's firm finds its engagement, a bank's its loan."""
    return {
        PairingKind.EQUITY: Words("pipelines.deal_of", _("看交易"), _("录入结果"), _("看其他接近的机构")),
        PairingKind.CREDIT: Words("pipelines.case_of", _("看案件"), _("看案件"), _("看其他接近的产品")),
        PairingKind.MENTORING: Words("mentoring.engagement_of", _("看辅导"), _("看辅导"), _("看其他接近的导师")),
    }[introduction.kind]


def _need_rows(introduction: Introduction, seen: Visible) -> list[tuple[str, str | None]]:
    """What the firm asks for, as far as the reader may see it: the band of the amount without its terms."""
    kept = {"teaser", "amount", "topics", "term_months"}
    return rows_of([line for line in sheet(introduction.need, seen) if line.key in kept])


def new_meeting_form(*, empty: bool = True) -> MeetingForm:
    """The form with its choices; from the request unless `empty`."""
    form = MeetingForm(formdata=None) if empty else MeetingForm()
    form.mode.choices = {mode: _(mode.label) for mode in MeetingMode}
    return form


def closure_form(now: datetime) -> ClosureForm:
    """The form with its reasons."""
    form = ClosureForm()
    reasons = services.closing_reasons(now=now)
    form.reason.choices = {"": _("请选择"), **{entry.code: entry.word(ui.locale_code()) for entry in reasons}}
    return form


def contact_rows(introduction: Introduction, seen: Visible, *, revealed: bool) -> list[tuple[str, str]]:
    """The other's contact: masked until the reader asks for it, nothing where it is not open."""
    if not seen.contact:
        return []
    other = introduction.other_than(current_actor().organization_id)
    profile = queries.contact_of(db.session(), other.id)
    return [
        (_(label), value if revealed else _masked(name, value))
        for name, label in CONTACT_FIELDS.items()
        if (value := _contact_value(profile, name))
    ]


def _contact_value(profile: Profile | None, name: str) -> str:
    return str(getattr(profile, name, "") or "")


def _masked(name: str, value: str) -> str:
    if name in ("contact_name", "contact_title"):
        return value
    if name == "contact_mobile":
        return f"{value[:3]}****{value[-4:]}" if len(value) >= 8 else "****"
    return ui.email_masked(value) or "" if name == "contact_email" and "@" in value else value[:1] + "***"


def _files(seen: Visible, organization_id: int) -> list[tuple[int, str, int]]:
    """The files of the other that are open to the reader: id, name, size."""
    if not seen.file_ids:
        return []
    kept = queries.attachments_of(db.session(), organization_id)
    return [(a.id, a.file.name, a.file.size) for a in kept if seen.material(a.id)]


def _visible(introduction: Introduction) -> Visible:
    actor = current_actor()
    other = introduction.other_than(actor.organization_id)
    return visible_of(db.session(), actor, subject_of(introduction, other.id), now=utcnow())


def step_of(introduction: Introduction, meetings: list[Meeting]) -> int:
    """How far along 已申请 → 双方同意 → 已约见 → 已见面 → 有结果: the number of steps that are done, less one."""
    if introduction.closing_reason == services.MET_HERE:
        return 5
    states = {meeting.state for meeting in meetings}
    if MeetingState.HELD in states:
        return 3
    if MeetingState.ACCEPTED in states:
        return 2
    return 1 if introduction.recipient_consent_id is not None else 0
