"""What everybody may know of the city's figures: rounded, left out when small, each as of the end of a day."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.core.clock import city_date, CITY_ZONE
from matchhub.core.labels import N_
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from matchhub.oversight.queries.funnel import SHOWN_SUMS_FROM
from matchhub.pipelines.enums import OutcomeState
from matchhub.pipelines.models import Outcome

ROUNDED_TO = 10
SHOWN_FROM = 10  # a rounded count below this would tell nearly the exact one
MILLION = 1_000_000
AGREED = (IntroductionState.ACCEPTED, IntroductionState.REVOKED, IntroductionState.CLOSED)


@dataclass(frozen=True, slots=True)
class PublicFigure:
    """A figure for everybody: `count` rounded, or `yuan` rounded to a million; true at the end of `on`."""

    label: str
    on: date
    count: int | None = None
    yuan: int | None = None


Counter = Callable[[Session, datetime], int | None]


def day_shown(now: datetime) -> date:
    """The last day that is over in the city: figures of it do not change any more while the page is open."""
    return city_date(now) - timedelta(days=1)


def _organizations(*kinds: OrganizationKind) -> Counter:
    def count(session: Session, until: datetime) -> int | None:
        statement = select(func.count()).select_from(Organization)
        verified = statement.where(
            Organization.kind.in_(kinds),
            Organization.status == OrganizationStatus.VERIFIED,
            Organization.verified_at < until,
        )
        return session.scalar(verified)

    return count


def _agreements(session: Session, until: datetime) -> int | None:
    agreed = (Introduction.state.in_(AGREED), Introduction.answered_at < until)
    return session.scalar(select(func.count()).select_from(Introduction).where(*agreed))


def _confirmed_yuan(session: Session, until: datetime) -> int | None:
    confirmed = (Outcome.state == OutcomeState.CONFIRMED, Outcome.decided_at < until)
    found = select(func.count(Outcome.amount_yuan), func.sum(Outcome.amount_yuan)).where(*confirmed)
    count, total = session.execute(found).one()
    return int(total or 0) if count >= SHOWN_SUMS_FROM else None


COUNTS: Sequence[tuple[str, Counter]] = (
    (N_("已核验的企业"), _organizations(OrganizationKind.ENTERPRISE)),
    (N_("投资机构和银行"), _organizations(OrganizationKind.INVESTOR, OrganizationKind.BANK)),
    (N_("创业导师"), _organizations(OrganizationKind.MENTOR)),
    (N_("双方同意的对接"), _agreements),
)


def public_figures(session: Session, now: datetime) -> list[PublicFigure]:
    """The city's figures at the end of yesterday, without those that are too small to be shown."""
    day = day_shown(now)
    until = datetime.combine(day + timedelta(days=1), time(), tzinfo=CITY_ZONE)
    shown = []
    for label, counted in COUNTS:
        count = counted(session, until) or 0
        if count >= SHOWN_FROM:
            shown.append(PublicFigure(label, day, count=ROUNDED_TO * round(count / ROUNDED_TO)))
    total = _confirmed_yuan(session, until) or 0
    if total >= MILLION:
        shown.append(PublicFigure(N_("双方确认的到位资金"), day, yuan=MILLION * round(total / MILLION)))
    return shown
