"""A table from outside, xlsx or CSV as Excel writes it (UTF-8 or GB18030), with limits on size, rows and columns."""

import csv
import io

from matchhub.core import errors
from matchhub.core.labels import N_
from matchhub.core.sheets import Cell, MAX_BYTES, read_rows, too_many

OLD_EXCEL = b"\xd0\xcf\x11\xe0"
ARCHIVE = b"PK\x03\x04"
WIDE = (b"\xff\xfe", b"\xfe\xff")
SEPARATORS = ",;\t"


def read_table(content: bytes, *, max_rows: int, max_columns: int) -> list[list[Cell]]:
    """The rows of a workbook's first visible sheet, or of a CSV; empty rows at the end are left out.

    Slow: call outside the write phase. Raises Invalid (field `file`) with words that say how to mend it.
    """
    if content.startswith(ARCHIVE):
        return read_rows(content, max_rows=max_rows, max_columns=max_columns, refuse_formulas=True)
    if content.startswith(OLD_EXCEL):
        raise errors.Invalid(N_("这是旧版 Excel 或加密的文件，请另存为 xlsx"), field="file")
    if len(content) > MAX_BYTES:
        raise errors.Invalid(N_("文件不要超过 %(megabytes)s MB"), field="file", megabytes=MAX_BYTES // 2**20)
    return _csv_rows(csv_text(content), max_rows=max_rows, max_columns=max_columns)


def csv_text(content: bytes) -> str:
    """The text of a CSV: UTF-8 with or without its mark, else GB18030. Raises Invalid for anything else."""
    if not content.startswith(WIDE) and b"\x00" not in content:
        for encoding in ("utf-8-sig", "gb18030"):
            try:
                return content.decode(encoding)
            except UnicodeDecodeError:
                continue
    raise errors.Invalid(N_("文字编码认不出来，请另存为 xlsx 或 UTF-8 的 CSV"), field="file")


def _csv_rows(text: str, *, max_rows: int, max_columns: int) -> list[list[Cell]]:
    first = text.split("\n", 1)[0]
    rows: list[list[Cell]] = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=max(SEPARATORS, key=first.count), strict=True):
            if len(rows) >= max_rows or len(row) > max(max_columns, 64):
                raise too_many(max_rows, max_columns)
            rows.append([cell or None for cell in row])
    except csv.Error:
        raise errors.Invalid(
            N_("CSV 的第 %(line)s 行读不出来，请另存为 xlsx"), field="file", line=len(rows) + 1
        ) from None
    while rows and not any(rows[-1]):
        rows.pop()
    return rows
