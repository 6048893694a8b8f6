"""One page of a long list."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import func, literal_column, Select, select
from sqlalchemy.orm import Session

from matchhub.core.policy import Actor

T = TypeVar("T")
U = TypeVar("U")
PER_PAGE = 50
COUNTED = 2_000  # rows: of a longer list it is only said that there are more, for counting them would cost more than showing it


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of one page, which page it is and how many rows there are in all; `is_capped`: there are more, not counted;
    `as_of`: when they were counted, where that is not now."""

    items: Sequence[T]
    number: int
    total: int
    per_page: int = PER_PAGE
    is_capped: bool = False
    as_of: datetime | None = None

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def counted(self) -> int | str:
        """How many rows there are, as a page says it."""
        return f"{self.total}+" if self.is_capped else self.total

    def showing(self, items: Sequence[U]) -> "Page[U]":
        """The same page of something else that was made of its rows."""
        return Page(items, self.number, self.total, self.per_page, self.is_capped, self.as_of)

    @property
    def has_prev(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages


@dataclass(frozen=True, slots=True)
class Place:
    """Where one page stands in a list: its number (from 1), and what is known of how many rows there are."""

    number: int
    total: int
    per_page: int
    is_capped: bool = False
    as_of: datetime | None = None

    @property
    def first(self) -> int:
        """How many rows stand before it."""
        return (self.number - 1) * self.per_page

    def of(self, items: Sequence[T]) -> Page[T]:
        """The page with its rows."""
        return Page(items, self.number, self.total, self.per_page, self.is_capped, self.as_of)


@dataclass(frozen=True, slots=True)
class Known:
    """How many rows a list had when the worker counted them."""

    total: int
    as_of: datetime


@dataclass(slots=True)
class Totals:
    """Filled by `wiring.py`: how long the lists of an actor are that the worker counts, by the name of what they list."""

    of: Callable[[Session, Actor, str], Known | None] = lambda session, actor, what: None


TOTALS = Totals()


def placed(
    session: Session,
    rows: Select[Any],
    number: int,
    per_page: int = PER_PAGE,
    *,
    given: Mapping[str, Any] | None = None,
    known: Known | None = None,
) -> Place:
    """Where page `number` of what `rows` finds stands, by what is `known`, or by one query.

    It counts `COUNTED` rows at most, or one page beyond the one asked for, so that every list can be leafed to its end."""
    if known is not None:
        return placed_at(number, known.total, per_page, as_of=known.as_of)
    asked = max(1, number)
    most = max(COUNTED, (asked + 1) * per_page)
    limited = _bare(rows).limit(most + 1).subquery()
    found = session.scalar(select(func.count()).select_from(limited), given or {}) or 0
    return placed_at(asked, min(found, most), per_page, is_capped=found > most)


def placed_at(
    number: int, total: int, per_page: int = PER_PAGE, *, is_capped: bool = False, as_of: datetime | None = None
) -> Place:
    """Where page `number` stands among so many rows; the last page where there are fewer."""
    return Place(min(max(1, number), max(1, -(-total // per_page))), total, per_page, is_capped, as_of)


def _bare(statement: Select[Any]) -> Select[Any]:
    """The rows of `statement` without order and columns: to name forty columns in order to count costs more than the count."""
    bare = statement.order_by(None)
    if bare._distinct or bare._group_by_clauses:
        return bare
    return bare.with_only_columns(literal_column("1"), maintain_column_froms=True)


def paged(
    session: Session,
    statement: Select[Any],
    number: int,
    per_page: int = PER_PAGE,
    *,
    by: Any = None,
    known: Known | None = None,
    wide: bool = False,
) -> Page[Any]:
    """Page `number` (from 1) of `statement`: one query for the count and one for the rows (and their eager loads); the rows alone
    where the first page is not full.

    `by`: the key, where rows are sorted by what no index has: their keys are sorted first, and only one page is loaded.
    `wide`: of rows of several columns all are wanted, not the first."""
    if number <= 1 and by is None and known is None:
        rows = _read(session, statement.limit(per_page), wide=wide)
        full = len(rows) == per_page
        place = placed(session, statement, 1, per_page) if full else placed_at(1, len(rows), per_page)
        return place.of(rows)
    place = placed(session, statement, number, per_page, known=known)
    if by is not None and place.total > per_page:
        keys = statement.with_only_columns(by, maintain_column_froms=True).limit(per_page).offset(place.first)
        return place.of(_read(session, statement.where(by.in_(keys.correlate(None))), wide=wide))
    return place.of(_read(session, statement.limit(per_page).offset(place.first), wide=wide))


def _read(session: Session, statement: Select[Any], *, wide: bool) -> Sequence[Any]:
    return session.execute(statement).all() if wide else session.scalars(statement).unique().all()
