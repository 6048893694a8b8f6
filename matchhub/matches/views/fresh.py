"""What is new in the lists of suggestions: for the weekly digest and for saved searches."""

from flask_babel import gettext as _
from sqlalchemy import select

from matchhub.core.db import db
from matchhub.core.digests import Chapter, Line, Span
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.ui import in_locale, shown_code, speaking
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import Side
from matchhub.matches.models import Suggestion
from matchhub.matches.policy import Permission, POLICY
from matchhub.matches.queries import lists
from matchhub.matches.queries.searches import Query, SearchableList
from matchhub.matches.views.showing import list_page, Row

LINES_A_LIST, REASONS = 5, 2


def chapter(actor: Actor, span: Span) -> Chapter | None:
    """The best new suggestions for each of the own needs and offers: as many as the list itself would show, five at most."""
    if not POLICY.allows(Permission.VIEW_LISTS, actor):
        return None
    session = db.session()
    subjects: list[Need | Offer] = [*lists.own_open_needs(session, actor), *lists.own_open_offers(session, actor)]
    lines = [_line(row, subject, len(subjects) > 1) for subject in subjects for row in _fresh(actor, subject, span)]
    return Chapter(_("新推荐"), lines)


def _line(row: Row, subject: Need | Offer, several: bool) -> Line:
    kind = " · ".join(part for part in (row.kind, _(row.fit_word)) if part)
    whose = [_("对「%(title)s」", title=_title(subject))] if several else []
    return Line(row.name, f"/suggestions/{row.id}", [*whose, kind, *(chip.text for chip in row.chips[:REASONS])])


def _title(subject: Need | Offer) -> str:
    return (
        str(in_locale(subject, "teaser") or shown_code(subject.code_name))
        if isinstance(subject, Need)
        else subject.title
    )


def _fresh(actor: Actor, subject: Need | Offer, span: Span) -> list[Row]:
    rows = fresh_rows(actor, subject, {}, span)
    return [row for row in rows if row.feedback is None][:LINES_A_LIST]


def fresh_rows(actor: Actor, subject: Need | Offer, filters: Query, span: Span) -> list[Row]:
    """The rows of a list, filtered as in its address, that came to stand in it within the span; in the list's order."""
    side = Side.NEED if isinstance(subject, Need) else Side.OFFER
    rows = list_page(actor, side, subject, now=span.until, filters=filters).rows
    new = set(
        db.session.scalars(
            select(Suggestion.id).where(
                Suggestion.id.in_([row.id for row in rows]),
                Suggestion.first_at > span.since,
                Suggestion.first_at <= span.until,
            )
        )
    )
    return [row for row in rows if row.id in new]


def _count(actor: Actor, query: Query, span: Span) -> int:
    subject = _named(actor, query)
    with speaking("zh"):  # a count reads the same in every language, and the worker has no reader
        return len(fresh_rows(actor, subject, query, span)) if subject else 0


def _named(actor: Actor, query: Query) -> Need | Offer | None:
    """The need or offer that the filter names, if it is still the actor's; the only one where it names none."""
    for name, find in (("need", lists.own_need), ("offer", lists.own_offer)):
        text = query.get(name, "")
        if text.isascii() and text.isdigit() and len(text) < 10:
            return find(actor, int(text))
    session = db.session()
    every: list[Need | Offer] = [*lists.own_open_needs(session, actor), *lists.own_open_offers(session, actor)]
    return every[0] if len(every) == 1 else None


SUGGESTIONS = SearchableList(
    "suggestions", N_("推荐"), "/suggestions", lambda actor: POLICY.allows(Permission.VIEW_LISTS, actor), _count
)
