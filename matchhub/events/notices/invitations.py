"""The letter that invites, with the reason in it, and the one reminder."""

from datetime import datetime

from matchhub.accounts.queries import recipient
from matchhub.core import dictionaries, outbox
from matchhub.core.db import db
from matchhub.core.labels import N_
from matchhub.core.outbox import Notice, NoticeKind, Recipient
from matchhub.core.wishes import Topic
from matchhub.core.wordings import both, both_of
from matchhub.events.models import EventInvitation
from matchhub.events.news import InvitationDue
from matchhub.events.notices import words_of
from matchhub.events.services.invitations import invitation_code


def personal_path(notice: Notice) -> str:
    """In the letter of one person: the address at which that person answers without signing in."""
    invitation = db.session.get(EventInvitation, notice.object_id)
    code = invitation_code(invitation) if invitation is not None else None
    return f"/event-invitations/{code}" if code else notice.path


INVITED = NoticeKind(
    "event_invited", N_("邀请你参加：%(title)s"),
    N_("%(why)s%(when)s，%(place)s，主办方：%(host)s。点开就能答复来不来，不用登录；不想再收到活动邀请也在那里说。"),
    topic=Topic.EVENTS, mail_path=personal_path,
)  # fmt: skip
REMINDED = NoticeKind(
    "event_invitation_reminder", N_("还没有收到你的答复：%(title)s"),
    N_("%(why)s%(when)s，%(place)s，主办方：%(host)s。点一下告诉我们来不来，不用登录。这是唯一一次提醒。"),
    topic=Topic.EVENTS, mail_path=personal_path,
)  # fmt: skip
KINDS = (INVITED, REMINDED)


def on_invitation(item: InvitationDue, *, now: datetime) -> None:
    """One letter for the invitation, one at most to remind."""
    row = item.invitation
    told = Recipient(address=row.email, locale=row.locale)
    if row.user is not None:
        told = recipient(row.user, row.organization_id)
    words = both_of(lambda locale: words_of(row.event, locale) | {"host": _host(row, locale)})
    values = {**words, "why": both(lambda locale: why_in_words(row, locale))}
    kind = REMINDED if item.is_reminder else INVITED
    outbox.enqueue(kind, told, about=row, values=values, path=f"/events/{row.event_id}", now=now)


def _host(row: EventInvitation, locale: str) -> str:
    host = row.event.host
    return host.label_en if locale == "en" and host.label_en else host.label


def why_in_words(row: EventInvitation, locale: str) -> str:
    """8 个项目中有 3 个与你的方向相符（新材料、软件）。 Nothing where nothing is known."""
    why = next((reason for reason in row.reasons if reason.get("code") == "fits"), None)
    if why is None:
        return ""
    snapshot = dictionaries.snapshot(db.session())
    entries = [snapshot.get("industries", code) for code in why["industries"]]
    fields = [entry.word(locale) for entry in entries if entry is not None]
    if locale == "en":
        named = f" ({', '.join(fields)})" if fields else ""
        are = "is" if why["count"] == 1 else "are"
        return f"{why['count']} of {why['of']} projects {are} in your field{named}. "
    named = f"（{'、'.join(fields)}）" if fields else ""
    return f"{why['of']} 个项目中有 {why['count']} 个与你的方向相符{named}。"
