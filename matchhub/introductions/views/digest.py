"""Whose turn it is, for the weekly digest: numbers of one's own list, no names."""

from flask_babel import gettext as _
from flask_babel import ngettext

from matchhub.core.clock import day_in_words
from matchhub.core.db import db
from matchhub.core.digests import Chapter, Line, Span
from matchhub.core.policy import Actor
from matchhub.core.ui import locale_code
from matchhub.introductions import queries
from matchhub.introductions.policy import Permission, POLICY


def chapter(actor: Actor, span: Span) -> Chapter | None:
    """Requests that wait for an answer, and until when the first of them does."""
    if not POLICY.allows(Permission.LIST_OWN, actor):
        return None
    page = queries.own_introductions(db.session(), actor.organization_id or 0, tab="mine", number=1, per_page=1)
    if not page.items:
        return None
    text = ngettext("%(num)s 个对接申请等你回应", "%(num)s 个对接申请等你回应", page.total)
    day = day_in_words(page.items[0].expires_at, locale_code())
    return Chapter(_("轮到你"), [Line(text, "/introductions?tab=mine", [_("最早的一个 %(day)s到期", day=day)])])
