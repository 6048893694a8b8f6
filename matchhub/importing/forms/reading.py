"""A table against what is there: each line becomes new, changed, the same, or refused with the cell and the reason."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from werkzeug.datastructures import MultiDict

from matchhub.core import errors
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.previews import Fate, Preview, PreviewLine, Problem
from matchhub.core.sheets import Cell
from matchhub.core.table_files import read_table
from matchhub.core.ui import speaking
from matchhub.core.uscc import read as read_uscc
from matchhub.importing.forms.cells import folded, nearest, raw_values, text_of, written
from matchhub.importing.forms.columns import columns_of, fields_of, forms_of, raw_of
from matchhub.importing.kinds import Column, EXAMPLE, ImportKind, Line, MAX_LINES, Whose, whose
from matchhub.importing.queries import Present, present

MAX_COLUMNS = 80
SHOWN = 4
LEADING = frozenset({"id", "organization", "uscc"})


@dataclass(slots=True)
class Weighed:
    """What a table would do: the lines that can be written, and the page that tells of all."""

    lines: list[Line]
    preview: Preview


def weigh(content: bytes, kind: ImportKind, *, actor: Actor) -> Weighed:
    """Read a file and compare it with what is there; writes nothing. Slow: outside the write phase.

    Raises Invalid (field `file`) where the file as a whole cannot be read as a table of this kind.
    """
    table = read_table(content, max_rows=MAX_LINES + 1, max_columns=MAX_COLUMNS)
    hands = whose(kind, actor)
    if hands is None:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    return Reader(kind, hands, columns_of(kind, hands), present(kind, hands, actor)).read(table)


@dataclass(slots=True)
class Reader:
    """Reads the lines of one table, one after the other."""

    kind: ImportKind
    whose: Whose
    columns: Sequence[Column]
    present: Present
    problems: list[Problem] = field(default_factory=list)
    seen: dict[tuple[Any, str], int] = field(default_factory=dict)
    lines: list[Line] = field(default_factory=list)

    def read(self, table: Sequence[Sequence[Cell]]) -> Weighed:
        """All lines below the header; an empty line and the example are passed over."""
        places = self._places(table[0] if table else ())
        for number, cells in enumerate(table[1:], start=2):
            found = {
                column.name: cells[place]
                for place, column in places.items()
                if place < len(cells) and text_of(cells[place])
            }
            first = next((text_of(cell) for cell in cells if text_of(cell)), "")
            if found and not first.casefold().startswith(EXAMPLE):
                self.lines.append(self._line(number, found, {column.name for column in places.values()}))
        if not self.lines:
            raise errors.Invalid(N_("表格是空的，请从第 2 行开始填"), field="file")
        return Weighed(self.lines, self._preview(list(places.values())))

    def _places(self, header: Sequence[Cell]) -> dict[int, Column]:
        """position → column. Raises Invalid where the column that tells the lines apart is missing."""
        named = {folded(word): column for column in self.columns for word in (column.zh, column.en, column.name)}
        places: dict[int, Column] = {}
        for place, cell in enumerate(header):
            text = text_of(cell)
            column = named.get(folded(text))
            if column is not None and column not in places.values():
                places[place] = column
            elif column is not None:
                raise errors.Invalid(N_("「%(word)s」这一列有两遍，请只留一列"), field="file", word=text[:30])
            elif text:
                self._refuse_column(text)
        for column in self.columns:
            if column.name in (self.kind.key, "organization") and column not in places.values():
                raise errors.Invalid(N_("第一行里没有「%(word)s」这一列，请下载模板再填"), field="file", word=column.zh)
        return places

    def _refuse_column(self, text: str) -> None:
        near = nearest(text, [column.zh for column in self.columns] + [column.en for column in self.columns])
        told = (
            N_("没有「%(word)s」这一列，是不是「%(near)s」？这一列不会导入")
            if near
            else N_("没有「%(word)s」这一列，不会导入")
        )
        self.problems.append(Problem(1, text[:30], told, {"word": text[:30], "near": near or ""}, text[:60]))

    def _line(self, number: int, cells: dict[str, Cell], given: set[str]) -> Line:
        owner = text_of(cells.get("organization"))
        key = owner if self.kind.key == "organization" else text_of(cells.get(self.kind.key))
        line = Line(number, " · ".join(filter(None, dict.fromkeys((owner, key)))), Fate.REFUSED)
        before = len(self.problems)
        self._find_owner(line, cells)
        if not key:
            self._problem(line, self._column(self.kind.key), N_("填写这一格"))
        if len(self.problems) == before:
            self._find_double(line, owner, key)
            row = self._row(line, cells, key)
            self._fill(line, cells, given, None if self._is_settled(row) else row)
            if len(self.problems) == before:
                self._settle(line, row)
        return line

    def _column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def _problem(self, line: Line, column: Column, message: str, cell: Cell = None, **values: Any) -> None:
        self.problems.append(Problem(line.number, column.zh, message, values, text_of(cell)[:60]))

    # --- whose it is, and whether it is there ------------------------------------------------------------------

    def _find_owner(self, line: Line, cells: dict[str, Cell]) -> None:
        if self.whose is Whose.OWN:
            line.organization_id = next(iter(self.present.by_name.values())).id
            return None
        column, word = self._column("organization"), text_of(cells.get("organization"))
        if not word:
            return self._problem(line, column, N_("填写这一格"))
        code = self._code(line, cells) if "uscc" in cells else None
        found = self.present.by_uscc.get((code or word).upper()) or (None if code else self.present.by_name.get(word))
        if found is not None and word in self.present.shared_names and not code:
            return self._problem(line, column, N_("有几家同名，请写统一社会信用代码"), word)
        if self.whose is Whose.RESIDENTS:
            if found is None:
                return self._problem(line, column, N_("不在你的在园企业里，核对名称或代码"), word)
        elif found is not None and found.is_claimed:
            return self._problem(line, column, N_("已经有人管理，请它自己发布"), word)
        line.organization_id, line.uscc = (found.id if found else None), code
        if found is None:
            self._check_new(line, column, word)
        return None

    def _check_new(self, line: Line, column: Column, word: str) -> None:
        """An organization that is to be made needs a name, not a code, of a length that can be kept."""
        if len(word) > 160 or word.startswith("="):
            self._problem(line, column, N_("不要超过 %(max)s 个字"), word, max=160)
        line.note = N_("新建机构，还没有人认领")

    def _code(self, line: Line, cells: dict[str, Cell]) -> str | None:
        try:
            return read_uscc(text_of(cells["uscc"]))
        except errors.DomainError as error:
            self._problem(line, self._column("uscc"), error.message, cells["uscc"], **error.values)
            return None

    def _find_double(self, line: Line, owner: str, key: str) -> None:
        other = self.seen.setdefault((line.organization_id or owner, key), line.number)
        if other != line.number:
            self._problem(line, self._column(self.kind.key), N_("和第 %(other)s 行重复，请只留一行"), key, other=other)

    def _row(self, line: Line, cells: dict[str, Cell], key: str) -> Any:
        """The stored row: by its number where one is given, else by owner and key."""
        if "id" not in cells:
            return self.present.rows.get((line.organization_id or 0, key))
        text = text_of(cells["id"])
        row = self.present.by_id.get(int(text)) if text.isascii() and text.isdigit() and len(text) < 10 else None
        if row is None or row.organization_id != line.organization_id:
            self._problem(line, self._column("id"), N_("没有这个编号；新写的一行不填编号"), text)
            return None
        return row

    def _is_settled(self, row: Any) -> bool:
        """A need that its firm has taken up: it is neither changed nor read."""
        return row is not None and row.id in self.present.settled

    # --- what it says ------------------------------------------------------------------------------------------

    def _fill(self, line: Line, cells: dict[str, Cell], given: set[str], row: Any) -> None:
        """Run the line through the forms. A column that the file lacks keeps what is stored; an empty cell empties."""
        raw = self._kept(given, row)
        for column in self.columns:
            if column.name in cells and column.name not in LEADING:
                try:
                    raw.setlist(column.name, raw_values(column, cells[column.name]))
                except errors.DomainError as error:
                    self._problem(line, column, error.message, cells[column.name], **error.values)
        for form in forms_of(self.kind, raw=raw):
            if not form.validate():
                self._refused_by(form, line, cells)
            line.values |= form.values()
        line.values.pop("deck_id", None)
        for name in {"contact_title", "contact_wechat"} & line.values.keys():
            line.values[name] = getattr(row, name) if row is not None else ""

    def _kept(self, given: set[str], row: Any) -> MultiDict[str, str]:
        """What is stored in the fields that the file has no column for."""
        raw: MultiDict[str, str] = MultiDict()
        stored = forms_of(self.kind, row=row) if row is not None else []
        for made in (made for form in stored for made in fields_of(form)):
            if made.short_name not in given:
                raw.setlist(made.short_name, raw_of(made))
        return raw

    def _refused_by(self, form: Any, line: Line, cells: dict[str, Cell]) -> None:
        told = {(problem.line, problem.column) for problem in self.problems}
        for made in fields_of(form):
            column = self._column(made.short_name)
            if made.errors and (line.number, column.zh) not in told:
                self._problem(line, column, str(made.errors[0]), cells.get(column.name))

    def _settle(self, line: Line, row: Any) -> None:
        if row is None:
            line.fate, line.note = Fate.NEW, line.note or self._near(line)
            return
        line.row_id = row.id
        if self._is_settled(row):
            line.fate, line.note = Fate.SAME, N_("已经有这条需求，要改请企业自己改")
            return
        is_same = all(getattr(row, name) == value for name, value in line.values.items())
        line.fate = Fate.SAME if is_same else Fate.CHANGED

    def _near(self, line: Line) -> str:
        """A new line where a draft of the same firm waits: perhaps that one is meant."""
        waiting = line.organization_id in self.present.drafting
        return N_("这家企业有一条还没动过的草稿；要改那一条，先下载现有的，在它的编号那一行改") if waiting else ""

    # --- what is shown -----------------------------------------------------------------------------------------

    def _preview(self, columns: Sequence[Column]) -> Preview:
        told = [c for c in columns if c.name not in LEADING and c.name != self.kind.key][:SHOWN]
        cells: dict[int, tuple[str | None, ...]] = {}
        with speaking("zh"):
            for line in self.lines[:200]:
                cells[line.number] = self._cells(line, told)
        shown = [
            PreviewLine(line.number, line.name, line.fate, line.note, cells.get(line.number, ())) for line in self.lines
        ]
        header = (self._column(self.kind.key).zh, *(column.zh for column in told))
        return Preview(header, shown, sorted(self.problems, key=lambda problem: problem.line))

    def _cells(self, line: Line, told: Sequence[Column]) -> tuple[str | None, ...]:
        if line.fate is Fate.REFUSED:
            return tuple(None for _ in told)
        held = forms_of(self.kind, row=_Held(line.values))
        fields = {made.short_name: made for form in held for made in fields_of(form)}
        values = [(column, fields[column.name]) for column in told]
        return tuple(text_of(written(column, raw_of(made), made.data)) or None for column, made in values)


class _Held:
    """Values as attributes, for a form to be filled from."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.__dict__.update(values)
