"""What is kept of a person as a workbook for reading and as JSON for machines."""

import json
from collections.abc import Sequence
from datetime import date
from enum import Enum
from typing import Any

from flask_babel import gettext

from matchhub.console.personal.parts import COLUMNS
from matchhub.console.personal.queries import Found
from matchhub.console.personal.showing import Wording
from matchhub.core.sheets import Sheet, workbook


def personal_book(found: Sequence[Found], wording: Wording) -> bytes:
    """A sheet for each part, an index first."""
    index = [[gettext(one.part.title), len(one.rows)] for one in found]
    sheets = [
        Sheet(
            f"{number} {gettext(one.part.title)}",
            [gettext(COLUMNS[name]) for name in one.part.columns],
            [
                [wording.cell(one.part.table, name, row[place]) for place, name in enumerate(one.part.columns)]
                for row in one.rows
            ],
        )
        for number, one in enumerate(found, start=1)
    ]
    return workbook(gettext("个人信息"), [gettext("内容"), gettext("条数")], index, *sheets)


def personal_json(found: Sequence[Found]) -> bytes:
    """Tables and columns by their names, times in UTC."""
    told = {
        one.part.table: [
            {name: _plain(value) for name, value in zip(one.part.columns, row, strict=True)} for row in one.rows
        ]
        for one in found
    }
    return json.dumps(told, ensure_ascii=False, indent=2).encode()


def _plain(value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    return value.isoformat() if isinstance(value, date) else value
