"""Needs within an actor's scope: one's own, and those that a steward looks after."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time
from typing import Any, NamedTuple

from sqlalchemy import and_, ColumnElement, false, func, Select, select, true
from sqlalchemy.orm import joinedload, load_only, selectin_polymorphic, Session, with_polymorphic

from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.accounts.models import Organization
from matchhub.accounts.queries import NAMED
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import CITY_ZONE
from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.listings.enums import NeedState, PairingKind
from matchhub.listings.models import Need, NEED_MODELS, OFFER_MODELS
from matchhub.listings.policy import Permission, POLICY

BROUGHT = "need:bring"
# A list reads what it shows of every kind in one query.
EACH: Any = with_polymorphic(Need, list(NEED_MODELS.values()))
OF_NEEDS = (
    "organization_id", "kind", "state", "version", "code_name", "teaser", "teaser_en", "lead_industry", "district_code",
    "carrier_id", "published_at", "expires_at",
)  # fmt: skip
OF_EACH = (
    EACH.EquityNeed.amount_min_yuan, EACH.EquityNeed.amount_max_yuan, EACH.EquityNeed.round_code,
    EACH.CreditNeed.amount_min_yuan, EACH.CreditNeed.amount_max_yuan, EACH.CreditNeed.term_months,
    EACH.MentoringNeed.topics,
)  # fmt: skip
LISTED: Select[Need] = select(EACH).options(
    load_only(*(getattr(EACH, name) for name in OF_NEEDS), *OF_EACH),
    joinedload(EACH.organization, innerjoin=True).load_only(*NAMED),
)
EVERY_KIND = selectin_polymorphic(Need, list(NEED_MODELS.values()))  # one query more for each kind on the page
WHOLE: Select[Need] = select(Need).options(EVERY_KIND)


class ManagedNeed(NamedTuple):
    """What a management list shows of a need of any kind; None where its kind has no such fact. Amounts in 元."""

    id: int
    kind: PairingKind
    state: NeedState
    lead_industry: str | None
    district_code: str | None
    published_at: datetime | None
    amount_min_yuan: int | None
    amount_max_yuan: int | None
    round_code: str | None
    term_months: int | None
    topics: list[str] | None
    name: str
    name_en: str
    short_name: str

    @property
    def label(self) -> str:
        """The firm's short name where there is one."""
        return self.short_name or self.name

    @property
    def label_en(self) -> str:
        """The firm's English name; '' where there is none."""
        return self.name_en


OF_KINDS: list[Any] = [model.__table__ for model in NEED_MODELS.values()]
OF_ANY: list[Any] = [Need.__table__, *OF_KINDS, Organization.__table__]


def _held(name: str) -> Any:
    """A fact from the tables that have it: a need is in one of its kinds."""
    held = [table.c[name] for table in OF_ANY if name in table.c]
    return func.coalesce(*held, type_=held[0].type) if held[0].table in OF_KINDS and len(held) > 1 else held[0]


def _of_any() -> Select[Any]:
    joined = OF_ANY[0]
    for table in OF_KINDS:
        joined = joined.outerjoin(table, table.c.id == OF_ANY[0].c.id)
    # every need has a firm: left out of a count, from which an inner join could not be
    joined = joined.outerjoin(OF_ANY[-1], OF_ANY[-1].c.id == OF_ANY[0].c.organization_id)
    return select(*(_held(name) for name in ManagedNeed._fields)).select_from(joined)


MANAGED: Select[Any] = _of_any()


@dataclass(frozen=True, slots=True)
class NeedFilter:
    """What a management list is narrowed to; None or '' for everything. `month` is 2026-11, of the publication."""

    kind: str | None = None
    district: str | None = None
    industry: str | None = None
    state: str | None = None
    month: str | None = None


def own_need(actor: Actor, need_id: int, **ids: Any) -> Need | None:
    """A need of the actor's own organization."""
    if actor.organization_id is None:
        return None
    return db.session.scalar(
        select(Need).where(Need.id == need_id, Need.organization_id == actor.organization_id).options(EVERY_KIND)
    )


def visible_need(actor: Actor, need_id: int, **ids: Any) -> Need | None:
    """One's own, or one in the actor's scope that is no draft any more; None for everybody else."""
    need = db.session.scalar(select(Need).where(Need.id == need_id).options(EVERY_KIND))
    if need is None or not POLICY.allows(Permission.SEE_NEED, actor, need):
        return None
    hidden = need.state is NeedState.DRAFT and need.organization_id != actor.organization_id
    return None if hidden else need


def own_needs(actor: Actor, state: str | None = None, *, rows: Select[Need] = WHOLE) -> Select[Need]:
    """The needs of the actor's organization, newest first; `LISTED` rows carry what a list shows alone."""
    found = rows.where(Need.organization_id == actor.organization_id)
    if state in set(NeedState):
        found = found.where(Need.state == NeedState(state))
    return found.order_by(Need.id.desc())


def managed_needs(actor: Actor, chosen: NeedFilter, *, rows: Select[Any] = WHOLE) -> Select[Any]:
    """The needs in the scope of an officer or operator, drafts left out, newest publication first; `MANAGED` rows are those of
    `ManagedNeed`."""
    found = rows.where(_in_scope(actor), Need.state != NeedState.DRAFT)
    if chosen.kind in set(PairingKind):
        found = found.where(Need.kind == PairingKind(chosen.kind))
    if chosen.district:
        found = found.where(Need.district_code == chosen.district)
    if chosen.industry:
        found = found.where(Need.lead_industry == chosen.industry)
    if chosen.state in set(NeedState):
        found = found.where(Need.state == NeedState(chosen.state))
    if (span := month_span(chosen.month)) is not None:
        found = found.where(Need.published_at >= span[0], Need.published_at < span[1])
    return found.order_by(Need.published_at.desc().nulls_first(), Need.id.desc())


def _in_scope(actor: Actor) -> ColumnElement[bool]:
    """The rule of accounts.policy.in_scope as a condition on rows; a test holds the two together."""
    if actor.role == Role.CITY_OFFICER.value:
        return true()
    if actor.role == Role.DISTRICT_OFFICER.value and actor.region_code:
        return Need.district_code == actor.region_code
    if actor.organization_kind == OrganizationKind.CARRIER.value and actor.organization_verified:
        return Need.carrier_id == actor.organization_id
    return false()


def month_span(month: str | None) -> tuple[datetime, datetime] | None:
    """The beginning and the end of a month (2026-11) in the city; None for nonsense."""
    try:
        first = datetime.strptime(month or "", "%Y-%m").date()  # noqa: DTZ007 -- a month has no zone
    except ValueError:
        return None
    if not 1970 <= first.year < 9999:
        return None
    following = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
    return datetime.combine(first, time(), CITY_ZONE), datetime.combine(following, time(), CITY_ZONE)


def history_of(session: Session, kind: str, listing_id: int, limit: int = 30) -> Sequence[AuditEvent]:
    """What happened to a need or an offer (`kind` is the name of its workflow), newest first; savings left out."""
    models = NEED_MODELS.values() if kind == "need" else OFFER_MODELS.values()
    tables = (kind, *(model.__tablename__ for model in models))
    return session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.object_type.in_(tables),
            AuditEvent.object_id == listing_id,
            AuditEvent.action.notin_((f"{kind}:save", f"{kind}:scope")),
        )
        .order_by(AuditEvent.id.desc())
        .limit(limit)
    ).all()


def untouched(session: Session, carrier_id: int | None, need_ids: Collection[int]) -> set[int]:
    """Of these needs the drafts that this carrier brought and nobody has written to since: what it wrote is what they say."""
    tables = [model.__tablename__ for model in NEED_MODELS.values()]
    brought = session.execute(
        select(Need.id, Need.version, AuditEvent.details)
        .join(AuditEvent, and_(AuditEvent.object_type.in_(tables), AuditEvent.object_id == Need.id))
        .where(AuditEvent.action == BROUGHT, AuditEvent.actor_organization_id == carrier_id)
        .where(Need.state == NeedState.DRAFT, Need.id.in_(need_ids))
    )
    return {need_id for need_id, version, details in brought if details.get("version") == version}
