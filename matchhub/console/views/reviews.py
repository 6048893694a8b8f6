"""审核: one item after the other, with what has changed since last time; the next opens by itself."""

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from matchhub.accounts import services as accounts
from matchhub.accounts.enums import MembershipState
from matchhub.accounts.models import Organization
from matchhub.console.forms import ReturnForm
from matchhub.console.policy import Permission, POLICY
from matchhub.console.queries import reviews
from matchhub.console.queries.reviews import ReviewItem, ReviewKind
from matchhub.console.views.blueprint import bp
from matchhub.core import dictionaries, errors, ui
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.web import current_actor, is_refused, refusals_on, requires
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
        raise errors.Conflict(N_("这一项已经有人处理过了"))
    return found


@bp.get("/reviews")
@requires(POLICY, Permission.REVIEW)
def review_queue() -> ResponseReturnValue:
    return render_template("console/reviews.html", items=reviews.queue(db.session(), current_actor()))


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
    actor, now = current_actor(), utcnow()
    if item.kind is ReviewKind.ORGANIZATION:
        accounts.verify_organization(item.subject, actor=actor, now=now)
    elif item.kind is ReviewKind.PROFILE:
        profiles.publish_profile(item.subject, actor=actor, now=now)
    else:
        listings.approve_need(item.subject, actor=actor, now=now)
    flash(gettext("已通过"), "success")
    return redirect(next_url())


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
    entries = dictionaries.snapshot().entries("return_reasons")
    form.reason_code.choices = [("", gettext("选一个"))] + [(e.code, e.word(ui.locale_code())) for e in entries]
    return form


def reason_of(form: ReturnForm) -> str:
    """The chosen words and the reviewer's own."""
    entry = dictionaries.snapshot().get("return_reasons", form.reason_code.data)
    parts = [entry.label if entry else "", (form.reason.data or "").strip()]
    return "：".join(part for part in parts if part)


def review_page(item: ReviewItem, form: ReturnForm) -> str:
    """The item with its differences and both answers."""
    return render_template("console/review.html", item=item, form=form, rows=rows_of(item))


def rows_of(item: ReviewItem) -> list[Any]:
    """(label, before, now) of the item in the reader's language."""
    locale = ui.locale_code()
    if item.kind is ReviewKind.PROFILE:
        return [(gettext(label), a, b) for label, a, b in profile_queries.differences(item.subject, locale)]
    if item.kind is ReviewKind.NEED:
        return [(gettext(label), a, b) for label, a, b in listing_queries.differences(item.subject, locale)]
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
    items = reviews.queue(db.session(), current_actor())
    if not items:
        return url_for("console.review_queue")
    return url_for("console.review", kind=items[0].kind.value, item_id=items[0].id)
