"""审核: one item after the other, with what has changed since last time; the next opens by itself."""

from collections.abc import Sequence
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from matchhub.accounts import services as accounts
from matchhub.accounts.enums import MembershipState, Role
from matchhub.accounts.models import Organization
from matchhub.accounts.queries import districts
from matchhub.console.forms import BULK, BulkForm, ReturnForm
from matchhub.console.policy import Permission, POLICY
from matchhub.console.queries import reviews
from matchhub.console.queries.reviews import ReviewItem, ReviewKind
from matchhub.console.views.blueprint import bp
from matchhub.core import dictionaries, errors, ui
from matchhub.core.clock import city_date, utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.web import current_actor, is_refused, refusals_on, requires, worded
from matchhub.core.wordings import coded_reason
from matchhub.listings import queries as listing_queries
from matchhub.listings import services as listings
from matchhub.profiles import queries as profile_queries
from matchhub.profiles import services as profiles


def load_item(actor: Actor, kind: str, item_id: int) -> ReviewItem | None:
    """An item of the reviewer's own queue; decided by somebody else in the meantime: said so."""
    if kind not in list(ReviewKind):
        return None
    found = reviews.item(db.session(), actor, ReviewKind(kind), item_id)
    if found is None and reviews.was_in_scope(db.session(), actor, ReviewKind(kind), item_id):
        who = reviews.decided_by(db.session(), ReviewKind(kind), item_id)
        if who is not None:
            raise errors.Conflict(N_("%(who)s已经处理过了，请看下一项"), who=who)
        raise errors.Conflict(N_("这一项已经有人处理过了"))
    return found


@bp.get("/reviews")
@requires(POLICY, Permission.REVIEW)
def review_queue() -> ResponseReturnValue:
    return queue_page(BulkForm(formdata=None))


def queue_page(form: BulkForm) -> str:
    """The queue with its counts, narrowed by what the address says; the scope is the server's."""
    session, actor, district = db.session(), current_actor(), request.args.get("district", "")[:12]
    asked = request.args.get("kind", "")
    kind = ReviewKind(asked) if asked in set(ReviewKind) else None
    counts = reviews.counts(session, actor, district=district)
    return render_template(
        "console/reviews.html", form=form, kind=kind, kinds=ReviewKind, counts=counts, total=sum(counts.values()),
        items=reviews.queue(session, actor, kind=kind, district=district), district=district,
        districts=districts(session) if actor.role in (Role.CITY_OFFICER, Role.ADMINISTRATOR) else [],
        bulk=BULK, ticked=set(form.items.data or ()),
    )  # fmt: skip


@bp.post("/reviews/approvals")
@requires(POLICY, Permission.REVIEW)
def approve_reviews() -> ResponseReturnValue:
    form, done, gone = BulkForm(), 0, 0
    if form.validate():
        with refusals_on(form):
            done, gone = approve_all(form.chosen)
    if is_refused(form):
        return queue_page(form), 422
    flash(ngettext("已通过 %(num)s 项", "已通过 %(num)s 项", done), "success")
    if gone:
        flash(ngettext("%(num)s 项已经有人处理过了", "%(num)s 项已经有人处理过了", gone), "warning")
    return redirect(url_for(".review_queue"))


def approve_all(chosen: Sequence[tuple[ReviewKind, int]]) -> tuple[int, int]:
    """Let everything chosen through that still waits: (how many, how many somebody else was faster with)."""
    found = [reviews.item(db.session(), current_actor(), kind, item_id) for kind, item_id in chosen]
    waiting = [item for item in found if item is not None]
    for item in waiting:
        approve(item)
    return len(waiting), len(found) - len(waiting)


@bp.get("/reviews/next")
@requires(POLICY, Permission.REVIEW)
def next_review() -> ResponseReturnValue:
    return redirect(next_url())


@bp.get("/reviews/<string:kind>/<int:item_id>")
@requires(POLICY, Permission.REVIEW, load=load_item)
def review(item: ReviewItem) -> ResponseReturnValue:
    return review_page(item, return_form())


@bp.post("/reviews/<string:kind>/<int:item_id>/approval")
@requires(POLICY, Permission.REVIEW, load=load_item)
def approve_review(item: ReviewItem) -> ResponseReturnValue:
    approve(item)
    flash(gettext("已通过"), "success")
    return redirect(next_url())


def approve(item: ReviewItem) -> None:
    """Let it through, whatever it is."""
    actor, now = current_actor(), utcnow()
    if item.kind is ReviewKind.ORGANIZATION:
        accounts.verify_organization(item.subject, actor=actor, now=now)
    elif item.kind is ReviewKind.PROFILE:
        profiles.publish_profile(item.subject, actor=actor, now=now)
    else:
        listings.approve_need(item.subject, actor=actor, now=now)


@bp.post("/reviews/<string:kind>/<int:item_id>/return")
@requires(POLICY, Permission.REVIEW, load=load_item)
def return_review(item: ReviewItem) -> ResponseReturnValue:
    form = return_form()
    if form.validate():
        with refusals_on(form):
            send_back(item, reason_of(form))
    if is_refused(form):
        return review_page(item, form), 422
    flash(gettext("已退回，对方会看到原因"), "success")
    return redirect(next_url())


def send_back(item: ReviewItem, reason: str) -> None:
    """Return it with a reason, whatever it is."""
    actor, now = current_actor(), utcnow()
    if item.kind is ReviewKind.ORGANIZATION:
        accounts.reject_organization(item.subject, reason=reason, actor=actor, now=now)
    elif item.kind is ReviewKind.PROFILE:
        profiles.return_profile(item.subject, reason=reason, actor=actor, now=now)
    else:
        listings.return_need(item.subject, reason=reason, actor=actor, now=now)


def return_form() -> ReturnForm:
    """The form with the reasons in force."""
    form = ReturnForm()
    entries = dictionaries.snapshot().entries("return_reasons", on=city_date(utcnow()))
    form.reason_code.choices = [("", "")] + [(e.code, e.word(ui.locale_code())) for e in entries]
    return form


def reason_of(form: ReturnForm) -> str:
    """The chosen reason's code and the reviewer's own words: each reader reads them in the own language."""
    return coded_reason("return_reasons", form.reason_code.data or "", form.reason.data or "")


def review_page(item: ReviewItem, form: ReturnForm) -> str:
    """The item with its differences, what has changed on top, and both answers."""
    rows = rows_of(item)
    changed = [row for row in rows if row[1] != row[2]]
    return render_template(
        "console/review.html", item=item, form=form, changed=changed, same=[row for row in rows if row[1] == row[2]],
        left=sum(reviews.counts(db.session(), current_actor()).values()) - 1,
    )  # fmt: skip


def rows_of(item: ReviewItem) -> list[Any]:
    """(label, before, now) of the item in the reader's language."""
    locale = ui.locale_code()
    if item.kind is ReviewKind.PROFILE:
        return [(gettext(label), a, b) for label, a, b in profile_queries.differences(item.subject, locale)]
    if item.kind is ReviewKind.NEED:
        return [(gettext(label), a, b) for label, a, b in listing_queries.differences(item.subject, locale, worded)]
    organization = item.subject
    return [
        (gettext("名称"), None, organization.name),
        (gettext("类型"), None, gettext(organization.kind.label)),
        (gettext("统一社会信用代码"), None, organization.uscc or gettext("没有代码")),
        (gettext("区域"), None, ui.word("regions", organization.region_code)),
        (gettext("提交时间"), None, ui.show_datetime(organization.created_at)),
        (gettext("代表它的人"), None, people_of(organization) or None),
    ]


def people_of(organization: Organization) -> str:
    """Who speaks for the organization, or asks to, with masked addresses: what a reviewer rings up about."""
    open_states = (MembershipState.ACTIVE, MembershipState.REQUESTED)
    held = [row.user for row in organization.memberships if row.state in open_states]
    return gettext("、").join(
        f"{user.name} {ui.email_masked(user.email) or ui.phone_masked(user.mobile) or ''}".strip() for user in held
    )


def next_url() -> str:
    """Where the next item is; the queue page when it is clear."""
    items = reviews.queue(db.session(), current_actor(), limit=1)
    if not items:
        return url_for("console.review_queue")
    return url_for("console.review", kind=items[0].kind.value, item_id=items[0].id)
