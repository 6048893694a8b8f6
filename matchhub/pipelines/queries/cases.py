"""Credit cases as bank and firm find them."""

from collections.abc import Sequence

from sqlalchemy import func, or_, Select, select
from sqlalchemy.orm import joinedload, selectinload, Session

from matchhub.accounts.models import User
from matchhub.core.db import db
from matchhub.core.paging import Page, paged
from matchhub.core.policy import Actor
from matchhub.introductions.models import Introduction
from matchhub.pipelines.enums import CaseStage, OPEN_CASE_STAGES
from matchhub.pipelines.models import CaseEntry, CreditCase

CASE_SORTS = {
    "changed": (CreditCase.stage_changed_at, CreditCase.id),
    "-changed": (CreditCase.stage_changed_at.desc(), CreditCase.id.desc()),
    "opened": (CreditCase.opened_at, CreditCase.id),
    "-opened": (CreditCase.opened_at.desc(), CreditCase.id.desc()),
}


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
    case = db.session.scalar(_loaded().where(CreditCase.id == case_id))
    if case is None or actor.organization_id not in (case.enterprise_id, case.bank_id):
        return None
    return case


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
    return {case.introduction_id: case for case in rows}


def cases_with(session: Session, organization_id: int) -> list[CreditCase]:
    """Every case of an organization, on either side."""
    either = or_(CreditCase.enterprise_id == organization_id, CreditCase.bank_id == organization_id)
    return list(session.scalars(select(CreditCase).where(either)))


def open_cases_of(session: Session, organization_id: int, *, limit: int = 20) -> list[CreditCase]:
    """The cases that wait for something, those that have stood still longest first; from either side."""
    either = or_(CreditCase.enterprise_id == organization_id, CreditCase.bank_id == organization_id)
    statement = _loaded().where(either, CreditCase.stage.in_(OPEN_CASE_STAGES))
    return list(session.scalars(statement.order_by(CreditCase.stage_changed_at).limit(limit)))


def history_of(session: Session, case_id: int) -> list[tuple[CaseEntry, str | None]]:
    """The bank's own history of a case with who wrote each line, the newest first."""
    rows = session.execute(
        select(CaseEntry, User.name)
        .outerjoin(User, User.id == CaseEntry.by_user_id)
        .where(CaseEntry.case_id == case_id)
        .order_by(CaseEntry.at.desc(), CaseEntry.id.desc())
    )
    return [(row[0], row[1]) for row in rows]
