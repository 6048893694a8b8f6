"""One page of a long list."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import func, literal_column, Select, select
from sqlalchemy.orm import Session

T = TypeVar("T")
PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows of one page, which page it is and how many rows there are in all; `is_capped`: there are more, not counted."""

    items: Sequence[T]
    number: int
    total: int
    per_page: int = PER_PAGE
    is_capped: bool = False

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.per_page))

    @property
    def has_prev(self) -> bool:
        return self.number > 1

    @property
    def has_next(self) -> bool:
        return self.number < self.pages


def _counted(statement: Select[T]) -> Select[Any]:
    """The rows of `statement` without order and columns: to name forty columns in order to count costs more than the count."""
    bare = statement.order_by(None)
    if bare._distinct or bare._group_by_clauses:
        return bare
    return bare.with_only_columns(literal_column("1"), maintain_column_froms=True)


def paged(session: Session, statement: Select[T], number: int, per_page: int = PER_PAGE) -> Page[T]:
    """Page `number` (from 1) of `statement`: one query for the count and one for the rows (and their eager loads)."""
    total = session.scalar(select(func.count()).select_from(_counted(statement).subquery())) or 0
    number = min(max(1, number), max(1, -(-total // per_page)))
    rows: Sequence[Any] = session.scalars(statement.limit(per_page).offset((number - 1) * per_page)).unique().all()
    return Page(rows, number, total, per_page)
