"""What the search box finds: organizations that the actor may see, its own listings, and whom it talks to."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import and_, bindparam, ColumnElement, func, Integer, or_, Row, Select, select, String
from sqlalchemy.orm import aliased, contains_eager, lazyload, load_only, Session

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.models import Organization
from matchhub.accounts.queries import NAMED
from matchhub.core.pinyin import matching_span, search_words
from matchhub.core.policy import Actor
from matchhub.introductions.models import Introduction
from matchhub.introductions.queries import OF_NEEDS, OWN_COLUMNS, party_name, visible_others
from matchhub.listings.enums import OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches import engine
from matchhub.profiles import policy as profiles
from matchhub.profiles.queries import found_organizations, FoundOrganization
from matchhub.profiles.queries.directory import blocked

LONGEST = 60
EACH = 5
AT_ONCE = 3 * EACH  # answers that are looked up together
LOOKED_AT = 200  # an organization's own rows are few
OWN_NEEDS: Any = (
    select(Need.id, Need.state, Need.code_name, Need.teaser, Need.teaser_en)
    .where(Need.organization_id == bindparam("own", type_=Integer))
    .order_by(Need.id.desc())
    .limit(LOOKED_AT)
)
OWN_OFFERS: Any = (
    select(Offer.id, Offer.state, Offer.title)
    .where(Offer.organization_id == bindparam("own", type_=Integer))
    .order_by(Offer.id.desc())
    .limit(LOOKED_AT)
)
OPEN_OFFERS = (
    select(Offer.id, Offer.kind, Offer.title, Organization.name, Organization.short_name, Organization.name_en)
    .join(Organization, Organization.id == Offer.organization_id)
    .where(
        Offer.id.in_(bindparam("ids", expanding=True, type_=Integer)),
        Offer.state == OfferState.OPEN,
        Offer.organization_id != bindparam("own", type_=Integer),
        Offer.organization_id.not_in(blocked(bindparam("own", type_=Integer))),
    )
)


@dataclass(frozen=True, slots=True)
class Hit:
    """One line: what it is called, as the reader may see it, and the id of what it leads to."""

    id: int
    name: str
    kind: str = ""
    organization: Organization | None = None


@dataclass(frozen=True, slots=True)
class SuitedOffer:
    """An open offer that answers what was typed, whose it is, and the words that both use."""

    id: int
    kind: PairingKind
    title: str
    label: str
    label_en: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """Everything for one page; organizations by kind, each with one more than is shown where there are more; of the own
    needs and offers what a line shows."""

    organizations: dict[OrganizationKind, list[FoundOrganization]] = field(default_factory=dict)
    needs: Sequence[Row[Any]] = ()
    offers: Sequence[Row[Any]] = ()
    parties: Sequence[Hit] = ()
    suited: Sequence["SuitedOffer"] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.organizations or self.needs or self.offers or self.parties or self.suited)


def found(session: Session, actor: Actor, text: str, *, locale: str, now: datetime) -> Found:
    """What `text` finds for `actor`, in a constant number of queries; nothing for a text without letters or digits."""
    typed = text.strip()[:LONGEST]
    if not search_words(typed):
        return Found()
    may_browse = profiles.POLICY.allows(profiles.Permission.BROWSE, actor)
    return Found(
        found_organizations(session, actor, typed) if may_browse else {},
        _own_needs(session, actor, typed),
        _own_offers(session, actor, typed),
        _parties(session, actor, typed, locale=locale, now=now),
        _suited(session, actor, typed, now=now) if may_browse else (),
    )


def _suited(session: Session, actor: Actor, typed: str, *, now: datetime) -> list[SuitedOffer]:
    """Open offers of others, for which what was typed is read as a need, best first."""
    answers = [one for kind in PairingKind for one in engine.suited(session, kind, typed, most=2 * EACH, now=now)]
    answers.sort(key=lambda one: -one.score)
    shown: list[SuitedOffer] = []
    for first, last in ((0, AT_ONCE), (AT_ONCE, len(answers))):  # few are closed, the reader's own or blocked
        if len(shown) < 2 * EACH:
            shown += _open_offers(session, actor, answers[first:last])
    return shown[: 2 * EACH]


def _open_offers(session: Session, actor: Actor, answers: Sequence[engine.Suited]) -> list[SuitedOffer]:
    """Those of the answers that the actor may see now, in their order."""
    if not answers:
        return []
    asked = {"ids": [one.offer_id for one in answers], "own": actor.organization_id or 0}
    seen = {row.id: row for row in session.execute(OPEN_OFFERS, asked)}
    held = [(one, seen[one.offer_id]) for one in answers if one.offer_id in seen]
    return [
        SuitedOffer(row.id, row.kind, row.title, row.short_name or row.name, row.name_en, one.words)
        for one, row in held
    ]


def _own_needs(session: Session, actor: Actor, typed: str) -> list[Row[Any]]:
    if actor.organization_kind != OrganizationKind.ENTERPRISE:
        return []
    rows = session.execute(OWN_NEEDS, {"own": actor.organization_id})
    return [row for row in rows if _matches(typed, row.teaser, row.teaser_en, row.code_name)][:EACH]


def _own_offers(session: Session, actor: Actor, typed: str) -> list[Row[Any]]:
    rows = session.execute(OWN_OFFERS, {"own": actor.organization_id})
    return [row for row in rows if _matches(typed, row.title)][:EACH]


def _matches(typed: str, *texts: str) -> bool:
    return any(matching_span(text, typed) is not None for text in texts if text)


def _parties(session: Session, actor: Actor, typed: str, *, locale: str, now: datetime) -> list[Hit]:
    """Whom the actor's organization is introduced to, by the name that it may see: a hidden name finds nothing."""
    rows = _introductions_naming(session, actor.organization_id or 0, typed)
    seen = visible_others(session, actor, rows, now=now)
    hits = []
    for row in rows:
        other = row.other_than(actor.organization_id)
        name = party_name(row, other, seen[row.id], locale)
        knows = seen[row.id].identity or other.id == row.investor_id
        if _matches(typed, name, *((other.name, other.label, other.label_en) if knows else ())):
            hits.append(Hit(row.id, name, row.state.value, other))
    return hits[:EACH]


def _introductions_naming(session: Session, own_id: int, typed: str) -> list[Introduction]:
    forms = [re.sub(r"([%_/])", r"/\1", form) for form in search_words(typed)]
    values = {f"form_{place}": f"%{form}%" for place, form in enumerate(forms)}
    numbers, rows = _naming(len(forms))
    ids = session.scalars(numbers, {"own": own_id, **values}).all()
    return list(session.scalars(rows, {"ids": ids})) if ids else []


@cache
def _naming(forms: int) -> tuple[Select[Any], Select[Introduction]]:
    """The ids of introductions of `own` whose other side is called like one of so many forms, of firms, the code name too; and
    the introductions of some ids. Mostly there is none, and to ask for objects costs more than to find that out."""
    firm, fund, own = aliased(Organization), aliased(Organization), bindparam("own", type_=Integer)

    def named(*columns: Any) -> ColumnElement[bool]:
        held = [column.like(bindparam(f"form_{place}", type_=String), escape="/") for column, place in columns]
        return or_(*held)

    of_firm = [(firm.search_text, place) for place in range(forms)]
    of_fund = [(fund.search_text, place) for place in range(forms)]
    as_fund = and_(Introduction.investor_id == own, named(*of_firm, (func.lower(Need.code_name), 0)))
    as_firm = and_(Introduction.enterprise_id == own, named(*of_fund))
    order = (Introduction.last_activity_at.desc(), Introduction.id.desc())

    def with_both(statement: Select[Any]) -> Select[Any]:
        joined = statement.join(firm, firm.id == Introduction.enterprise_id)
        return joined.join(fund, fund.id == Introduction.investor_id).join(Need, Need.id == Introduction.need_id)

    numbers = with_both(select(Introduction.id)).where(or_(as_fund, as_firm)).order_by(*order).limit(LOOKED_AT)
    rows = with_both(select(Introduction)).where(Introduction.id.in_(bindparam("ids", expanding=True, type_=Integer)))
    shown = (
        load_only(*OWN_COLUMNS),
        contains_eager(Introduction.enterprise.of_type(firm)).load_only(*_named_of(firm)),
        contains_eager(Introduction.investor.of_type(fund)).load_only(*_named_of(fund)),
        contains_eager(Introduction.need).options(load_only(*OF_NEEDS), lazyload(Need.organization)),
    )
    return numbers, rows.options(*shown).order_by(*order)


def _named_of(party: Any) -> list[Any]:
    return [getattr(party, column.key) for column in NAMED]
