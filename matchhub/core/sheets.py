"""Excel in and out: text stays text (never a formula), and what comes from outside cannot cost more than its limits.

A workbook from outside is copied entry by entry, counting the bytes that really come out, into a new archive that holds
only the parts a table needs. That copy is parsed in a process of its own with limits on memory and time.
"""

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import xlsxwriter

from matchhub.core import errors
from matchhub.core.archives import expanded, unreadable
from matchhub.core.labels import N_

MAX_BYTES = 5 * 2**20
MAX_EXPANDED = 40 * 2**20
PARSE_SECONDS = 10
MEMORY_BYTES = 600 * 2**20
NEEDED = re.compile(
    r"\A(\[Content_Types\]\.xml|_rels/\.rels|xl/(workbook\.xml|sharedStrings\.xml|styles\.xml|_rels/workbook\.xml\.rels"
    r"|worksheets/sheet\d{1,3}\.xml))\Z"
)
CELL = re.compile(rb"\b(?:r|ref)\s*=\s*[\"']([^\"']{0,40})[\"']")
PLACE = re.compile(rb"\$?([A-Za-z]{1,3})?\$?(\d{1,9})?\Z")
FORMULA = re.compile(rb"<(?:\w{1,20}:)?f[\s/>]")
ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
MAX_TEXT = 32_767

Cell = str | int | float | bool | date | datetime | None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet of a workbook: a title, column names, rows, and column widths in characters."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Cell]]
    widths: Sequence[int] = ()


@dataclass(slots=True)
class Mark:
    """What the workbooks carry that leave the house now, and how many rows left."""

    text: str
    rows: int = 0


MARK: ContextVar[Mark | None] = ContextVar("mark", default=None)


@contextmanager
def marked(text: str) -> Iterator[Mark]:
    """Workbooks made meanwhile carry `text` in their properties and at the foot of each printed page."""
    mark = Mark(text)
    token = MARK.set(mark)
    try:
        yield mark
    finally:
        MARK.reset(token)


def workbook(
    title: str, header: Sequence[str], rows: Iterable[Sequence[Cell]], *more: Sheet, widths: Sequence[int] = ()
) -> bytes:
    """An xlsx as bytes. Text is written as text, whatever it begins with: `=cmd`, `+86 138…` and `-5` come back the same."""
    target = io.BytesIO()
    options = {
        "in_memory": True,
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": False,
    }
    with xlsxwriter.Workbook(target, options) as book:
        formats = {
            "head": book.add_format({"bold": True, "bg_color": "#E8F0FE", "border": 1}),
            "date": book.add_format({"num_format": "yyyy-mm-dd"}),
            "datetime": book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
            "text": book.add_format({"num_format": "@"}),
        }
        mark = MARK.get()
        if mark is not None:
            book.set_properties({"comments": mark.text})
        for number, sheet in enumerate((Sheet(title, header, rows, widths), *more), start=1):
            page = book.add_worksheet(_sheet_name(sheet.title, number))
            written = _write_sheet(page, sheet, formats)
            if mark is not None:
                page.set_footer(f"&L{mark.text}&R&P / &N")
                mark.rows += written
    return target.getvalue()


def _sheet_name(title: str, number: int) -> str:
    return re.sub(r"[\[\]:*?/\\']", " ", title).strip()[:28] or f"Sheet{number}"


def _write_sheet(page: Any, sheet: Sheet, formats: dict[str, Any]) -> int:
    """How many rows were written under the header."""
    number = 0
    page.freeze_panes(1, 0)
    for column, name in enumerate(sheet.header):
        width = sheet.widths[column] if column < len(sheet.widths) else max(12, min(40, len(name) * 2 + 4))
        page.set_column(column, column, width)
        page.write_string(0, column, clean_text(name), formats["head"])
    for number, row in enumerate(sheet.rows, start=1):
        for column, value in enumerate(row):
            _write_cell(page, number, column, value, formats)
    return number


def _write_cell(page: Any, row: int, column: int, value: Cell, formats: dict[str, Any]) -> None:
    if value is None or value == "":
        return
    if isinstance(value, bool):
        page.write_boolean(row, column, value)
    elif isinstance(value, int | float) and abs(value) < 10**15:
        page.write_number(row, column, value)
    elif isinstance(value, datetime):
        page.write_datetime(row, column, value.replace(tzinfo=None), formats["datetime"])
    elif isinstance(value, date):
        page.write_datetime(row, column, datetime(value.year, value.month, value.day), formats["date"])  # noqa: DTZ001
    else:
        page.write_string(row, column, clean_text(str(value)), formats["text"])


def clean_text(text: str) -> str:
    """Without the characters that XML cannot carry, and not longer than a cell may be."""
    return ILLEGAL.sub("", text)[:MAX_TEXT]


def read_rows(content: bytes, *, max_rows: int, max_columns: int, refuse_formulas: bool = False) -> list[list[Cell]]:
    """The rows of the first visible sheet of an xlsx, empty rows at the end left out; formulas count as their last value.

    Slow: call outside the write phase. Raises Invalid (field `file`) with words that say how to mend it.
    """
    small = _copied(content, max_rows=max_rows, max_columns=max_columns, refuse_formulas=refuse_formulas)
    rows = [[_cell(value) for value in row] for row in _parsed(small, max_rows=max_rows)]
    while rows and not any(value not in (None, "") for value in rows[-1]):
        rows.pop()
    return rows


def _copied(content: bytes, *, max_rows: int, max_columns: int, refuse_formulas: bool) -> bytes:
    if len(content) > MAX_BYTES:
        raise errors.Invalid(N_("文件不要超过 %(megabytes)s MB"), field="file", megabytes=MAX_BYTES // 2**20)
    parts = expanded(content, max_expanded=MAX_EXPANDED, wanted=lambda name: NEEDED.match(name) is not None)
    for name, text in parts:
        if b"<!DOCTYPE" in text or b"<!ENTITY" in text or text[:2] in (b"\xff\xfe", b"\xfe\xff"):
            raise unreadable()
        if name.startswith("xl/worksheets/"):
            _check_places(text, max_rows=max_rows, max_columns=max_columns)
            if refuse_formulas and FORMULA.search(text):
                raise errors.Invalid(N_("表格里有公式，请复制后选择性粘贴为数值"), field="file")
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as copy:
        for name, text in parts:
            copy.writestr(name, text)
    return target.getvalue()


def _check_places(text: bytes, *, max_rows: int, max_columns: int) -> None:
    """Refuse cells far out: a reader lays out the whole rectangle, a billion empty cells of it."""
    for row in (b"<row", b":row"):
        if text.count(row) > max_rows:
            raise too_many(max_rows, max_columns)
    for found in CELL.finditer(text):
        for end in re.split(rb"[:\s]", found.group(1)):
            place = PLACE.match(end)
            letters, digits = place.groups() if place else (b"XFD", b"")
            if int(digits or 0) > max_rows or _column(letters or b"A") > max(max_columns, 64):
                raise too_many(max_rows, max_columns)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number


def too_many(max_rows: int, max_columns: int) -> errors.Invalid:
    """The refusal of a table that is too long or too wide."""
    return errors.Invalid(
        N_("表格最多 %(rows)s 行、%(columns)s 列，请分开上传"), field="file", rows=max_rows, columns=max_columns
    )


def _parsed(content: bytes, *, max_rows: int) -> list[list[Any]]:
    command = [sys.executable, "-m", "matchhub.core.sheet_reader", str(max_rows), str(MEMORY_BYTES), str(PARSE_SECONDS)]
    try:
        done = subprocess.run(command, input=content, capture_output=True, timeout=PARSE_SECONDS + 5, check=True)
        found: list[list[Any]] = json.loads(done.stdout)
    except (subprocess.SubprocessError, ValueError, MemoryError) as error:
        raise unreadable() from error
    return found


def _cell(value: Any) -> Cell:
    if isinstance(value, dict):
        moment = datetime.fromisoformat(value["at"])
        return moment.date() if value["day"] else moment
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value if isinstance(value, str | int | float | bool) else None
