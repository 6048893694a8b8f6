"""Who is told about profiles and residencies."""

from datetime import datetime
from typing import Any

from matchhub.accounts.queries import recipients_of, reviewers_of
from matchhub.core import outbox
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.outbox import NoticeKind
from matchhub.core.wishes import Topic
from matchhub.profiles.enums import ResidencyStatus
from matchhub.profiles.models import EnterpriseProfile
from matchhub.profiles.news import (
    ComplaintAnswered,
    ComplaintMade,
    ProfilePublished,
    ProfileReturned,
    ProfileSubmitted,
    ResidencyAnswered,
    ResidencyAsked,
)

SUBMITTED = NoticeKind(
    "profile_submitted", N_("%(name)s 的资料等你审核"), N_("%(name)s 提交了资料，请在审核里查看。"), topic=Topic.REVIEWS
)
PUBLISHED = NoticeKind(
    "profile_published", N_("你的资料已发布"), N_("审核已通过，认证机构现在可以看到公开部分。"), topic=Topic.PROFILES
)
RETURNED = NoticeKind("profile_returned", N_("你的资料已退回"), N_("请修改后再提交：%(reason)s"), topic=Topic.PROFILES)
ASKED = NoticeKind("residency_asked", N_("%(name)s 申请入驻"), N_("请在企业入驻里答复。"), topic=Topic.REVIEWS)
ANSWERED = NoticeKind(
    "residency_answered", N_("%(name)s 更新了你的入驻情况"), N_("请在企业入驻里查看。"), topic=Topic.PROFILES
)
COMPLAINED = NoticeKind(
    "complaint_made", N_("有一件新的投诉"), N_("%(name)s 投诉了一家机构，请查看并答复。"), topic=Topic.REVIEWS
)
COMPLAINT_ANSWERED = NoticeKind(
    "complaint_answered", N_("你的投诉有了答复"), N_("关于 %(name)s 的投诉已答复。"), topic=Topic.ORGANIZATION
)
NOTICE_KINDS = (SUBMITTED, PUBLISHED, RETURNED, ASKED, ANSWERED, COMPLAINED, COMPLAINT_ANSWERED)


def _tell(kind: NoticeKind, organization_id: int, about: Any, path: str, now: datetime, **values: Any) -> None:
    for recipient in recipients_of(db.session(), organization_id):
        outbox.enqueue(kind, recipient, about=about, values=values, path=path, now=now)


def on_submitted(item: ProfileSubmitted, *, now: datetime) -> None:
    """The reviewers are told: the carrier's people for a resident firm, or the officers."""
    profile, organization = item.profile, item.profile.organization
    carrier_id = profile.carrier_id if isinstance(profile, EnterpriseProfile) else None
    path = f"/reviews/profile/{profile.id}"
    for recipient in reviewers_of(db.session(), carrier_id=carrier_id, district_code=organization.district_code):
        outbox.enqueue(SUBMITTED, recipient, about=profile, values={"name": organization.label}, path=path, now=now)


def on_published(item: ProfilePublished, *, now: datetime) -> None:
    """The organization reads that it is through."""
    _tell(PUBLISHED, item.profile.organization_id, item.profile, "/profile", now)


def on_returned(item: ProfileReturned, *, now: datetime) -> None:
    """The organization reads what to change."""
    _tell(RETURNED, item.profile.organization_id, item.profile, "/profile", now, reason=item.profile.return_reason)


def on_asked(item: ResidencyAsked, *, now: datetime) -> None:
    """The carrier is asked."""
    row = item.residency
    _tell(ASKED, row.carrier_id, row, "/residencies", now, name=row.enterprise.label)


def on_answered(item: ResidencyAnswered, *, now: datetime) -> None:
    """The firm is told; the carrier that it left as well."""
    row = item.residency
    _tell(ANSWERED, row.enterprise_id, row, "/residencies", now, name=row.carrier.label)
    if row.status is ResidencyStatus.EXITED and row.moved_to:
        _tell(ANSWERED, row.carrier_id, row, "/residencies", now, name=row.enterprise.label)


def on_complained(item: ComplaintMade, *, now: datetime) -> None:
    """The officers of the city are asked; the organization that is reported hears nothing."""
    complaint = item.complaint
    values, path = {"name": complaint.complainer.label}, f"/complaints/{complaint.id}"
    for recipient in reviewers_of(db.session(), carrier_id=None, district_code=None):
        outbox.enqueue(COMPLAINED, recipient, about=complaint, values=values, path=path, now=now)


def on_complaint_answered(item: ComplaintAnswered, *, now: datetime) -> None:
    """The complainer reads the answer."""
    complaint = item.complaint
    name, path = complaint.about.label, f"/complaints/{complaint.id}"
    _tell(COMPLAINT_ANSWERED, complaint.complainer_id, complaint, path, now, name=name)
