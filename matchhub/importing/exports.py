"""Templates with an example and the allowed words, what is there in the same columns, and the cells to be mended."""

from collections.abc import Callable, Iterable, Sequence

from matchhub.core.labels import N_
from matchhub.core.sheets import Cell, Sheet, workbook
from matchhub.importing.kinds import Column, ColumnForm, MAX_LINES

Say = Callable[[str], str]
EXAMPLES: dict[ColumnForm, str] = {
    ColumnForm.TEXT: "",
    ColumnForm.LINES: "",
    ColumnForm.AMOUNT: "800",
    ColumnForm.WHOLE: "3",
    ColumnForm.RATE: "3.85",
    ColumnForm.DAY: "2026-12-31",
}
HOW: dict[ColumnForm, str] = {
    ColumnForm.TEXT: N_("文字"),
    ColumnForm.LINES: N_("几项用「、」或「；」隔开"),
    ColumnForm.AMOUNT: N_("万元：800，也可以写 800万、1.2亿"),
    ColumnForm.WHOLE: N_("整数"),
    ColumnForm.RATE: N_("百分数：3.85"),
    ColumnForm.DAY: N_("日期：2026-12-31"),
    ColumnForm.CODE: N_("从「可用词」里选一个"),
    ColumnForm.CODES: N_("从「可用词」里选，几项用「、」或「；」隔开"),
    ColumnForm.FLAG: N_("是或否"),
}


def template(title: str, columns: Sequence[Column], *, key: str, locale: str, say: Say) -> bytes:
    """An empty table: the header, one line that is passed over, how each column is filled in, the allowed words."""
    example = [_example(column, place, key, say) for place, column in enumerate(columns)]
    guide = [(_header(column, locale), _need(column, say), say(HOW[column.form]), column.unit) for column in columns]
    guide.append((say(N_("行数")), "", str(MAX_LINES), ""))
    sharing: dict[tuple[tuple[str, str, str], ...], list[str]] = {}
    for column in columns:
        sharing.setdefault(column.words, []).append(_header(column, locale))
    words = [("、".join(names), zh, en, code) for told, names in sharing.items() for code, zh, en in told]
    return workbook(
        title,
        [_header(column, locale) for column in columns],
        [example],
        Sheet(
            say(N_("填写说明")),
            [say(h) for h in (N_("列"), N_("必填"), N_("怎么填"), N_("单位"))],
            guide,
            (26, 12, 44, 10),
        ),
        Sheet(
            say(N_("可用词")), [say(h) for h in (N_("列"), N_("中文"), N_("英文"), N_("代码"))], words, (26, 30, 34, 34)
        ),
    )


def _example(column: Column, place: int, key: str, say: Say) -> Cell:
    if place == 0:
        return "示例（这一行不导入）"
    if column.name == key:
        return "示例"
    return column.words[0][1] if column.words else EXAMPLES.get(column.form) or None


def _header(column: Column, locale: str) -> str:
    return column.en if locale == "en" else column.zh


def _need(column: Column, say: Say) -> str:
    return say(N_("必填")) if column.is_needed else ""


def current(title: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]], *, locale: str) -> bytes:
    """What is there, in the columns that can be read again."""
    return workbook(title, [_header(column, locale) for column in columns], rows)
