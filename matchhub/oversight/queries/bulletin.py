"""A month's bulletin: the same figures as on the pages, put together for paper. Nothing in it is typed in."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from matchhub.accounts.enums import Role
from matchhub.core.clock import CITY_ZONE
from matchhub.core.policy import Actor
from matchhub.listings.enums import PairingKind
from matchhub.oversight.queries import funnel
from matchhub.oversight.queries.funnel import Cut, Grouping, Stage
from matchhub.oversight.queries.targets import board, Progress

FEW = 5  # a count below it could be traced to single firms; the printed page leaves the scope


@dataclass(frozen=True, slots=True)
class Line:
    """A stage of the funnel: this month, the month before, and since the beginning of the year."""

    stage: Stage
    month: int
    before: int
    year: int


@dataclass(frozen=True, slots=True)
class Result:
    """Confirmed outcomes of one pairing in the month; the sum in 元, None where it would tell a single amount."""

    kind: PairingKind
    count: int
    amount_yuan: int | None


@dataclass(frozen=True, slots=True)
class Rank:
    """A district's line; None stands for a count too small to print. `place` is shared by equals."""

    place: int
    district_code: str | None
    counts: Mapping[Stage, int | None]


@dataclass(frozen=True, slots=True)
class Bulletin:
    """All that the page and the workbook show."""

    month: str
    lines: list[Line]
    results: list[Result]
    ranks: list[Rank]
    targets: list[Progress]


def last_complete_month(now: datetime) -> str:
    """2026-10 in November: what a bulletin is about unless it is asked otherwise."""
    first = now.astimezone(CITY_ZONE).date().replace(day=1)
    return f"{first - timedelta(days=1):%Y-%m}"


def month_before(month: str) -> str:
    """The month before `month`, both as 2026-11."""
    return f"{date.fromisoformat(f'{month}-01') - timedelta(days=1):%Y-%m}"


def compiled(session: Session, actor: Actor, month: str, *, now: datetime) -> Bulletin:
    """The bulletin of the actor's scope. `month` as 2026-11, checked by the caller."""
    by_month = funnel.figures(session, actor, Cut(), Grouping.MONTH)
    months = [m for m in by_month if m is not None and month[:4] == m[:4] and m <= month]
    lines = [
        Line(
            stage, by_month.get(month, {}).get(stage, 0), by_month.get(month_before(month), {}).get(stage, 0),
            sum(by_month[m].get(stage, 0) for m in months),
        )
        for stage in Stage
    ]  # fmt: skip
    sums = funnel.confirmed_by_kind(session, actor, Cut(month=month))
    results = [Result(kind, *sums.get(kind, (0, None))) for kind in PairingKind]
    ranks = _ranks(session, actor, month) if actor.role == Role.CITY_OFFICER.value else []
    return Bulletin(month, lines, results, ranks, board(session, actor, now=now))


def _ranks(session: Session, actor: Actor, month: str) -> list[Rank]:
    """Districts by introductions of the month; small counts are left out of print, and do not order what is printed."""
    groups = funnel.figures(session, actor, Cut(month=month), Grouping.DISTRICT)

    def printed(counts: Mapping[Stage, int]) -> dict[Stage, int | None]:
        return {stage: count if (count := counts.get(stage, 0)) == 0 or count >= FEW else None for stage in Stage}

    shown = {district: printed(counts) for district, counts in groups.items()}
    weights = {
        district: [_weight(counts[stage]) for stage in (Stage.INTRODUCTION, Stage.NEED)]
        for district, counts in shown.items()
    }
    ordered = sorted(shown, key=lambda d: ([-weight for weight in weights[d]], d is None, d or ""))
    return [
        Rank(1 + sum(weights[other] > weights[district] for other in shown), district, shown[district])
        for district in ordered
    ]


def _weight(count: int | None) -> int:
    return FEW - 1 if count is None else count
