"""What bringing in a table would do, line by line, before anything is written."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from matchhub.core.labels import Labelled, N_
from matchhub.core.sheets import Cell, workbook

SHOWN_LINES = 200


class Fate(Labelled):
    """What becomes of a line."""

    NEW = "new", N_("新增"), "green"
    CHANGED = "changed", N_("更新"), "blue"
    SAME = "same", N_("不变"), "grey"
    REFUSED = "refused", N_("不导入"), "red"


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong in one cell, in words that say how to mend it (`message` is a msgid, `values` fill it)."""

    line: int
    column: str
    message: str
    values: dict[str, Any] = field(default_factory=dict)
    cell: str = ""  # as it stands in the file


@dataclass(frozen=True, slots=True)
class PreviewLine:
    """One line: its number in the file, whose or what it is, what happens, a msgid that adds to it, a few values."""

    line: int
    name: str
    fate: Fate
    note: str = ""
    cells: tuple[str | None, ...] = ()


@dataclass(frozen=True, slots=True)
class Preview:
    """All lines of a table. `header`: msgids of the name and of the cells of a line."""

    header: Sequence[str]
    lines: Sequence[PreviewLine]
    problems: Sequence[Problem]

    def count(self, fate: str) -> int:
        """How many lines have this fate."""
        return sum(1 for line in self.lines if line.fate == fate)

    @property
    def does_something(self) -> bool:
        """Whether confirming it would write anything."""
        return any(line.fate in (Fate.NEW, Fate.CHANGED) for line in self.lines)

    @property
    def shown(self) -> Sequence[PreviewLine]:
        """The first lines: a page stays a page."""
        return self.lines[:SHOWN_LINES]

    @property
    def shown_problems(self) -> Sequence[Problem]:
        """The first problems."""
        return self.problems[:SHOWN_LINES]


def problem_sheet(problems: Sequence[Problem], *, title: str, header: Sequence[str], say: Any) -> bytes:
    """The problems as an xlsx, to mend the file by. `say(message, values)` puts them into words."""
    rows: list[Sequence[Cell]] = [(p.line, p.column, p.cell, say(p.message, p.values)) for p in problems]
    return workbook(title, header, rows, widths=(8, 24, 30, 60))
