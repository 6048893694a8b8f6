"""Reads one workbook from standard input in a process of its own, with limits on memory and time; answers in JSON."""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from python_calamine import load_workbook, SheetVisibleEnum


def main(max_rows: int, memory: int, seconds: int) -> None:
    """Print the rows of the first visible sheet; any failure ends the process with an error."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    book = load_workbook(BytesIO(sys.stdin.buffer.read()))
    visible = [sheet.name for sheet in book.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
    rows = book.get_sheet_by_name(visible[0]).to_python(skip_empty_area=False, nrows=max_rows + 1)
    sys.stdout.write(json.dumps([[_plain(value) for value in row] for row in rows]))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return {"at": value.isoformat(), "day": value.time() == time()}
    if isinstance(value, date):
        return {"at": value.isoformat(), "day": True}
    return str(value) if isinstance(value, time | timedelta) else value


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:4]))
