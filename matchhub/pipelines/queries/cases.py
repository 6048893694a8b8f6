"""Credit cases as bank and firm find them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, case, exists, func, or_, Select, select
from sqlalchemy.orm import joinedload, selectinload, Session

from matchhub.accounts.models import Organization, User
from matchhub.core.db import db
from matchhub.core.paging import Page, paged
from matchhub.core.policy import Actor
from matchhub.introductions.models import Introduction
from matchhub.pipelines.enums import CaseStage, OPEN_CASE_STAGES
from matchhub.pipelines.models import CaseDocument, CaseEntry, CreditCase, Outcome

CASE_SORTS = {
    "changed": (CreditCase.stage_changed_at, CreditCase.id),
    "-changed": (CreditCase.stage_changed_at.desc(), CreditCase.id.desc()),
    "opened": (CreditCase.opened_at, CreditCase.id),
    "-opened": (CreditCase.opened_at.desc(), CreditCase.id.desc()),
}

OPEN_CASES = (  # of the organization `own`, from either side
    select(
        CreditCase.id, CreditCase.stage, CreditCase.stage_changed_at,
        exists().where(Outcome.case_id == CreditCase.id),
        exists().where(CaseDocument.case_id == CreditCase.id, CaseDocument.received_at.is_(None)),
        Organization,
    )
    .select_from(CreditCase)
    .join(
        Organization,
        Organization.id
        == case((CreditCase.bank_id == bindparam("own"), CreditCase.enterprise_id), else_=CreditCase.bank_id),
    )
    .where(
        or_(CreditCase.enterprise_id == bindparam("own"), CreditCase.bank_id == bindparam("own")),
        CreditCase.stage.in_(OPEN_CASE_STAGES),
    )
    .order_by(CreditCase.stage_changed_at)
    .limit(20)
)  # fmt: skip


def _loaded() -> Select[CreditCase]:
    return select(CreditCase).options(
        joinedload(CreditCase.enterprise, innerjoin=True),
        joinedload(CreditCase.bank, innerjoin=True),
        selectinload(CreditCase.documents),
        joinedload(CreditCase.introduction, innerjoin=True).options(
            joinedload(Introduction.enterprise, innerjoin=True),
            joinedload(Introduction.investor, innerjoin=True),
            joinedload(Introduction.need, innerjoin=True),
            joinedload(Introduction.offer, innerjoin=True),
        ),
    )


def visible_case(actor: Actor, case_id: int) -> CreditCase | None:
    """A case of the actor's own organization, from either side."""
    found = db.session.scalar(_loaded().where(CreditCase.id == case_id))
    if found is None or actor.organization_id not in (found.enterprise_id, found.bank_id):
        return None
    return found


def cases_of_bank(
    session: Session, bank_id: int, *, stage: str = "", sort: str = "changed", number: int, per_page: int = 50
) -> Page[CreditCase]:
    """The bank's list: open ones unless a stage is chosen; those that have stood still longest first."""
    statement = _loaded().where(CreditCase.bank_id == bank_id)
    if stage in set(CaseStage):
        statement = statement.where(CreditCase.stage == stage)
    elif stage != "all":
        statement = statement.where(CreditCase.stage.in_(OPEN_CASE_STAGES))
    return paged(session, statement.order_by(*CASE_SORTS.get(sort, CASE_SORTS["changed"])), number, per_page)


def case_counts(session: Session, bank_id: int) -> dict[CaseStage, int]:
    """How many cases stand at each stage."""
    own = select(CreditCase.stage, func.count()).where(CreditCase.bank_id == bank_id).group_by(CreditCase.stage)
    return {row[0]: row[1] for row in session.execute(own)}


def cases_by_introduction(session: Session, introduction_ids: Sequence[int]) -> dict[int, CreditCase]:
    """introduction id → its case."""
    rows = session.scalars(select(CreditCase).where(CreditCase.introduction_id.in_(introduction_ids)))
    return {row.introduction_id: row for row in rows}


def cases_with(session: Session, organization_id: int) -> list[CreditCase]:
    """Every case of an organization, on either side."""
    either = or_(CreditCase.enterprise_id == organization_id, CreditCase.bank_id == organization_id)
    return list(session.scalars(select(CreditCase).where(either)))


@dataclass(frozen=True, slots=True)
class OpenCase:
    """What the home of a firm or a bank tells of a case; `other` is the other side."""

    id: int
    stage: CaseStage
    stage_changed_at: datetime
    is_reported: bool
    lacks_papers: bool
    other: Organization


def open_cases_of(session: Session, organization_id: int) -> list[OpenCase]:
    """The cases that wait for something, those that have stood still longest first; from either side: one query."""
    return [OpenCase(*row) for row in session.execute(OPEN_CASES, {"own": organization_id})]


def history_of(session: Session, case_id: int) -> list[tuple[CaseEntry, str | None]]:
    """The bank's own history of a case with who wrote each line, the newest first."""
    rows = session.execute(
        select(CaseEntry, User.name)
        .outerjoin(User, User.id == CaseEntry.by_user_id)
        .where(CaseEntry.case_id == case_id)
        .order_by(CaseEntry.at.desc(), CaseEntry.id.desc())
    )
    return [(row[0], row[1]) for row in rows]
