"""A carrier's roster from Excel: every cell is checked, and errors say row and column."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from matchhub.core import dictionaries, errors
from matchhub.core.labels import N_
from matchhub.core.previews import Problem
from matchhub.core.sheets import Cell, clean_text, read_rows
from matchhub.core.uscc import read as read_uscc
from matchhub.profiles.enums import OPEN_RESIDENCY, ResidencyStatus
from matchhub.profiles.services.roster import COLUMNS, HEADER, MAX_LINES, RosterRow

DAY = re.compile(r"(\d{4})[-./年](\d{1,2})[-./月](\d{1,2})日?")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a file says: good rows and what is wrong. Nothing is applied while anything is wrong."""

    rows: list[RosterRow]
    problems: list[Problem]


def read_roster(content: bytes) -> Reading:
    """Parse a filled-in template. Slow: outside the write phase. Raises Invalid when it is no roster at all."""
    table = read_rows(content, max_rows=MAX_LINES + 1, max_columns=len(COLUMNS) + 6)
    if not table or [_text(cell) for cell in table[0][: len(HEADER)]] != list(HEADER):
        raise errors.Invalid(N_("第一行要和模板一样，请下载模板再填"), field="file")
    rows: list[RosterRow] = []
    problems: list[Problem] = []
    for line, cells in enumerate(table[1:], start=2):
        if any(_text(cell) for cell in cells):
            row = _row(line, cells, problems)
            if row is not None:
                rows.append(row)
    problems += _doubles(rows)
    if not rows and not problems:
        raise errors.Invalid(N_("名册是空的，请从第 2 行开始填"), field="file")
    return Reading(rows, sorted(problems, key=lambda problem: problem.line))


def _row(line: int, cells: Sequence[Cell], problems: list[Problem]) -> RosterRow | None:
    values: dict[str, Any] = {}
    before = len(problems)
    for position, (name, label) in enumerate(COLUMNS):
        cell = cells[position] if position < len(cells) else None
        try:
            values[name] = READERS[name](cell)
        except errors.DomainError as error:
            problems.append(Problem(line, label, error.message, dict(error.values), _text(cell)[:60]))
    return None if len(problems) > before else RosterRow(line=line, **values)


def _doubles(rows: Sequence[RosterRow]) -> list[Problem]:
    seen: dict[str, int] = {}
    found = []
    for row in rows:
        for key in {row.name, row.uscc or row.name}:
            if key in seen and seen[key] != row.line:
                found.append(
                    Problem(row.line, HEADER[0], N_("和第 %(other)s 行重复，请只留一行"), {"other": seen[key]})
                )
                break
            seen[key] = row.line
    return found


def _text(cell: Cell) -> str:
    return clean_text("" if cell is None else str(cell)).strip()


def _short(longest: int, *, needed: bool = False) -> Callable[[Cell], str]:
    def read(cell: Cell) -> str:
        text = " ".join(_text(cell).split())
        if needed and not text:
            raise errors.Invalid(N_("填写这一格"))
        if len(text) > longest:
            raise errors.Invalid(N_("不要超过 %(max)s 个字"), max=longest)
        return text

    return read


def _uscc(cell: Cell) -> str | None:
    return read_uscc(_text(cell)) if _text(cell) else None


def _status(cell: Cell) -> ResidencyStatus:
    text = _text(cell)
    for status in OPEN_RESIDENCY:
        if text in (status.value, status.label):
            return status
    if not text:
        return ResidencyStatus.ADMITTED
    raise errors.Invalid(N_("填「入驻在园」或「在孵」"))


def _day(cell: Cell) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date) or cell in (None, ""):
        return cell if isinstance(cell, date) else None
    found = DAY.fullmatch(_text(cell))
    try:
        if found:
            return date(*(int(part) for part in found.groups()))
    except ValueError:
        pass
    raise errors.Invalid(N_("按这样填写日期：2026-12-31"))


def _coded(dictionary: str) -> Callable[[Cell], str | None]:
    def read(cell: Cell) -> str | None:
        text = _text(cell)
        if not text:
            return None
        for entry in dictionaries.snapshot().entries(dictionary):
            if text in (entry.code, entry.label, entry.label_en):
                return entry.code
        raise errors.Invalid(N_("没有「%(word)s」，请从说明页里选"), word=text[:30])

    return read


def _count(cell: Cell) -> int | None:
    text = _text(cell)
    if not text:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 7:
        raise errors.Invalid(N_("填写整数"))
    return int(text)


def _mobile(cell: Cell) -> str:
    text = _text(cell)
    if text and not re.fullmatch(r"\+?[0-9][0-9 ()\-]{5,18}", text):
        raise errors.Invalid(N_("核对手机号，例如 138 0000 0000"))
    return text


READERS: dict[str, Callable[[Cell], Any]] = {
    "name": _short(160, needed=True),
    "uscc": _uscc,
    "status": _status,
    "entered_on": _day,
    "industry": _coded("industries"),
    "stage": _coded("company_stages"),
    "one_liner": _short(60),
    "staff": _count,
    "contact_name": _short(60),
    "contact_mobile": _mobile,
}
