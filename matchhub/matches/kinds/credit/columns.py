"""Needs for a loan and loan products as plain columns.

A bank may state any threshold it likes and look again: so revenue and R&D expense are bands, the ceiling of the rate is a
step, and an admission rule that falls inside a band stays unknown (待核实).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from matchhub.core.clock import city_date
from matchhub.listings.enums import Admission, ADMISSION_OPERATORS, Operator
from matchhub.listings.models import CreditNeed, LoanProduct
from matchhub.matches.kinds import table
from matchhub.matches.kinds.table import ANY, Columns, extend

RATE_STEP_BP = 50
UNSECURED, PLEDGED_RIGHTS = "unsecured", "ip"
BANDED = (Admission.REVENUE, Admission.RD_EXPENSE)


def need_columns(
    session: Session, *, now: datetime, ids: Sequence[int] | None = None, only_open: bool = False
) -> Columns:
    """The open needs of the city (or these needs, in any state unless `only_open`) in one query."""
    credit, firm = CreditNeed.__table__, table.ENTERPRISE
    statement = table.needs_of(
        credit,
        credit.c.amount_min_yuan, credit.c.amount_max_yuan, credit.c.term_months, credit.c.rate_max_bp,
        credit.c.guarantees, credit.c.ip_types, credit.c.is_first_loan, credit.c.has_clean_record,
        firm.c.id.label("firm"), firm.c.established_on, firm.c.staff, firm.c.revenue_yuan, firm.c.rd_expense_yuan,
        firm.c.invention_patents, firm.c.carrier_id,
    )  # fmt: skip
    columns = Columns()
    for row in session.execute(table.listed(statement, table.NEED, now, ids, only_open)):
        _add_need(columns, row, city_date(now))
    return columns


def _add_need(columns: Columns, row: Any, today: date) -> None:
    table.need_basics(columns, row)
    low, high = table.banded(row.amount_min_yuan, row.amount_max_yuan)
    extend(columns.numbers, amount_min=low, amount_max=high, term_months=row.term_months)
    extend(columns.numbers, rate_max=stepped(row.rate_max_bp), months_old=months_between(row.established_on, today))
    extend(columns.numbers, staff=row.staff, invention_patents=row.invention_patents)
    extend(columns.numbers, is_first_loan=_answer(row.is_first_loan), has_clean_record=_answer(row.has_clean_record))
    extend(columns.numbers, in_carrier=None if row.firm is None else float(row.carrier_id is not None))
    for field in BANDED:
        least, most = table.figure(getattr(row, field.value))
        extend(columns.numbers, **{f"{field.value}_low": least, f"{field.value}_high": most})
    rights = [PLEDGED_RIGHTS] if row.ip_types else []
    extend(columns.sets, guarantees=[*(row.guarantees or ()), *rights], stage=[row.stage] if row.stage else None)


def months_between(then: date | None, today: date) -> int | None:
    """Whole months since a day."""
    if then is None:
        return None
    months = 12 * (today.year - then.year) + today.month - then.month
    return max(0, months - (today.day < then.day))


def stepped(rate_bp: int | None) -> int | None:
    """The ceiling of the rate as it is compared: the next step up, never lower than what the firm accepts."""
    return None if rate_bp is None else -(-rate_bp // RATE_STEP_BP) * RATE_STEP_BP


def _answer(said: bool | None) -> float | None:
    return None if said is None else float(said)


def offer_columns(
    session: Session, *, now: datetime, ids: Sequence[int] | None = None, only_open: bool = False
) -> Columns:
    """The open offers of the city (or these offers, in any state unless `only_open`) in one query."""
    product = LoanProduct.__table__
    statement = table.offers_of(
        product,
        product.c.amount_min_yuan, product.c.amount_max_yuan, product.c.rate_min_bp, product.c.term_max_months,
        product.c.guarantees, product.c.stages, product.c.payout_days, product.c.welcomes_first_loan,
        product.c.rules, product.c.preferences,
    )  # fmt: skip
    taken = table.taken_this_month(session, now)
    rows = session.execute(table.listed(statement, table.OFFER, now, ids, only_open)).all()
    preferred = sorted({code for row in rows for code in better_rates(row.preferences)})
    columns = Columns()
    for row in rows:
        table.offer_basics(columns, row, table.left(row.capacity_per_month, taken.get(row.id, 0)))
        _add_product(columns, row, preferred)
    return columns


def _add_product(columns: Columns, row: Any, preferred: Iterable[str]) -> None:
    rates = better_rates(row.preferences)
    extend(columns.numbers, amount_min=row.amount_min_yuan, amount_max=row.amount_max_yuan)
    extend(columns.numbers, term_max=row.term_max_months, rate_min=row.rate_min_bp, payout_days=row.payout_days)
    extend(columns.numbers, welcomes_first_loan=_answer(row.welcomes_first_loan))
    extend(columns.numbers, **{f"rate_for.{code}": rates.get(code) for code in preferred})
    taken = list(row.guarantees or ())
    extend(columns.sets, guarantees=[ANY, *taken] if UNSECURED in taken else taken, stages=row.stages)
    extend(columns.sets, qualifications_preferred=list(rates))
    numbers, sets = conditions(row.rules or ())
    extend(columns.numbers, **numbers)
    extend(columns.sets, **sets)


def better_rates(preferences: Sequence[Mapping[str, Any]] | None) -> dict[str, int | None]:
    """qualification → the rate that it brings (None: some other better term)."""
    return {part["qualification"]: part.get("rate_bp") for part in preferences or () if part.get("qualification")}


Held = tuple[dict[str, float | None], dict[str, list[str] | None]]


def conditions(rules: Sequence[Mapping[str, Any]]) -> Held:
    """The admission rules of one product as the matcher's columns, all of them, silent where nothing is asked.

    Two rules of one field and comparison become the stricter one, two lists what both name.
    """
    numbers: dict[str, float | None] = {}
    sets: dict[str, list[str] | None] = {}
    for prefix in ("hard", "wish"):
        for field, operators in ADMISSION_OPERATORS.items():
            for operator in operators:
                name = f"{prefix}.{field.value}.{operator.value}"
                asked = [rule["value"] for rule in rules if _is(rule, prefix, field, operator)]
                if operator is Operator.ANY_OF:
                    sets[name] = _both(asked)
                else:
                    numbers[name] = _strictest(operator, asked)
    return numbers, sets


def _is(rule: Mapping[str, Any], prefix: str, field: Admission, operator: Operator) -> bool:
    own = "hard" if rule.get("hard", True) else "wish"
    return (own, rule.get("field"), rule.get("op")) == (prefix, field.value, operator.value)


def _strictest(operator: Operator, asked: Sequence[Any]) -> float | None:
    if not asked:
        return None
    return float(min(asked) if operator is Operator.AT_MOST else max(asked))


def _both(asked: Sequence[Sequence[str]]) -> list[str] | None:
    if not asked:
        return None
    common = set(asked[0]).intersection(*asked[1:]) or set(asked[0])
    return sorted(table.anywhere(sorted(common)))
