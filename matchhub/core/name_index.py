"""Names by what stands side by side in them: an index of words, of its own kind on each database.

LIKE '%…%' reads every row. So each row keeps the pairs of characters of its names, and of Latin letters also the triples, as
words (`grams_of`), and the index of words that each database has anyway finds the rows that hold all of what was typed; LIKE is
asked of these alone. On SQLite that is an FTS5 table beside the rows, kept by triggers; on PostgreSQL a GIN index over the array.
"""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import (
    bindparam,
    cast,
    column,
    ColumnElement,
    func,
    Integer,
    literal_column,
    or_,
    Select,
    select,
    String,
    table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, array
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from matchhub.core.pinyin import BETWEEN

TABLE, KEPT = "organization", "search_grams"
FOUND = table(f"{TABLE}_search", column("rowid"), column(f"{TABLE}_search"))
MOMENTS = ("added", "changed", "removed")
INDEX, WORDS = f"ix_{TABLE}_{KEPT}", f"string_to_array({KEPT}, ' ')"


class place_of(FunctionElement[int]):  # noqa: N801 -- called as a function
    """Where in a text another begins, from 1 on, letter by letter; 0 where it is not in it."""

    inherit_cache = True
    type = Integer()

    def __init__(self, text: ColumnElement[str] | InstrumentedAttribute[str], sought: ColumnElement[str] | str) -> None:
        super().__init__(text, bindparam(None, sought, String) if isinstance(sought, str) else sought)


@compiles(place_of)
def _by_position(element: place_of, compiler: SQLCompiler, **how: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **how)})"


@compiles(place_of, "sqlite")
def _by_row_of_letters(element: place_of, compiler: SQLCompiler, **how: Any) -> str:
    return f"instr({compiler.process(element.clauses, **how)})"


def holds(column: InstrumentedAttribute[str], typed: ColumnElement[str] | str) -> ColumnElement[bool]:
    """Whether a text holds another: both are in lower case, and LIKE takes twice the time to find no more."""
    return place_of(column, typed) > 0


def grams_of(search_text: str) -> str:
    """The words under which a row is found: pairs of neighbours, triples of Latin letters and digits, each character that is
    none, and the letter with which a part begins."""
    words: set[str] = set()
    for part in search_text.split(BETWEEN):
        words.update(part[:1], _strange(part), _runs(part, 2), filter(str.isascii, _runs(part, 3)))
    return " ".join(sorted(word for word in words if word.isalnum()))


def needed(form: str) -> list[str]:
    """Words that a row has which holds `form`; none where only reading all rows can tell. A single letter begins a part."""
    if len(form) == 1:
        return [form] if form.isalnum() else []
    triples = {run for run in _runs(form, 3) if run.isascii() and run.isalnum()}
    pairs = {run for run in _runs(form, 2) if run.isalnum() and not (triples and run.isascii())}
    return sorted(triples | pairs or {letter for letter in _strange(form) if letter.isalnum()})


def _runs(text: str, length: int) -> set[str]:
    return {text[at : at + length] for at in range(len(text) - length + 1)}


def _strange(text: str) -> set[str]:
    return {letter for letter in text if not letter.isascii()}


def candidates(dialect: str, forms: Sequence[str]) -> Select[Any] | None:
    """The ids of the rows that may hold one of the forms, by the index alone; None where it cannot tell."""
    asked = [needed(form) for form in forms]
    if not asked or not all(asked):
        return None
    if dialect == "sqlite":
        return select(FOUND.c.rowid).where(FOUND.c[FOUND.name].op("MATCH")(_all_of_one(asked)))
    rows = table(TABLE, column("id"), column(KEPT, Text))
    held = func.string_to_array(rows.c[KEPT], literal_column("' '"))
    return select(rows.c.id).where(or_(*(held.op("@>")(cast(array(words), ARRAY(Text))) for words in asked)))


def counted(dialect: str, forms: Sequence[str], most: int) -> tuple[Select[Any], dict[str, Any]] | None:
    """How many rows may hold one of the forms, one more than `most` at most, and what the statement is given; None where the
    index cannot tell."""
    asked = [needed(form) for form in forms]
    if not asked or not all(asked):
        return None
    if dialect == "sqlite":
        return _counted(dialect, 1), {"asked": _all_of_one(asked), "most": most + 1}
    given = {f"asked_{place}": words for place, words in enumerate(asked)}
    return _counted(dialect, len(asked)), {**given, "most": most + 1}


@cache
def _counted(dialect: str, forms: int) -> Select[Any]:
    """Put together once: to do so costs more than to count."""
    if dialect == "sqlite":
        found = select(FOUND.c.rowid).where(FOUND.c[FOUND.name].op("MATCH")(bindparam("asked", type_=String)))
    else:
        rows = table(TABLE, column("id"), column(KEPT, Text))
        held = func.string_to_array(rows.c[KEPT], literal_column("' '"))
        words = [cast(bindparam(f"asked_{place}", type_=ARRAY(Text)), ARRAY(Text)) for place in range(forms)]
        found = select(rows.c.id).where(or_(*(held.op("@>")(one) for one in words)))
    return select(func.count()).select_from(found.limit(bindparam("most", type_=Integer)).subquery())


def _all_of_one(asked: Sequence[Sequence[str]]) -> str:
    return " OR ".join("(" + " AND ".join(f'"{word}"' for word in words) + ")" for words in asked)


def words_near(form: str) -> list[list[str]]:
    """Words by which rows like `form` are looked for: pairs and triples, and triples alone, which fewer rows hold."""
    return [sorted(_runs(form, 3) | _runs(form, 2)), sorted(_runs(form, 3))]


def sharing(dialect: str, words: Sequence[str], most: int) -> Select[Any]:
    """How many rows share one of the words, one more than `most` at most: reading all of a large city's rows is too much."""
    if dialect == "sqlite":
        found = select(FOUND.c.rowid).where(FOUND.c[FOUND.name].op("MATCH")(_any_of(words)))
    else:
        rows = table(TABLE, column("id"), column(KEPT, Text))
        held = func.string_to_array(rows.c[KEPT], literal_column("' '"))
        found = select(rows.c.id).where(held.op("&&")(cast(array(words), ARRAY(Text))))
    return select(func.count()).select_from(found.limit(most + 1).subquery())


def _any_of(words: Sequence[str]) -> str:
    return " OR ".join(f'"{word}"' for word in words)


def near(dialect: str, words: Sequence[str], most: int) -> Select[Any]:
    """The ids of at most so many rows that share words with what was typed, those with many and rare ones first."""
    if dialect == "sqlite":
        asked_for = FOUND.c[FOUND.name].op("MATCH")(_any_of(words))
        return select(FOUND.c.rowid).where(asked_for).order_by(text("rank")).limit(most)
    rows, asked = table(TABLE, column("id"), column(KEPT, Text)), cast(array(words), ARRAY(Text))
    held = func.string_to_array(rows.c[KEPT], literal_column("' '"))
    shared = func.unnest(asked).table_valued("word").render_derived()
    count = select(func.count()).select_from(shared).where(shared.c.word == func.any(held)).scalar_subquery()
    return select(rows.c.id).where(held.op("&&")(asked)).order_by(count.desc(), rows.c.id).limit(most)


def create(dialect: str) -> list[str]:
    """Statements that make the index; the column is there."""
    if dialect != "sqlite":
        return [f"CREATE INDEX {INDEX} ON {TABLE} USING gin ({WORDS}) WITH (fastupdate = off)"]
    forget = f"INSERT INTO {FOUND.name} ({FOUND.name}, rowid, {KEPT}) VALUES ('delete', old.id, old.{KEPT});"
    learn = f"INSERT INTO {FOUND.name} (rowid, {KEPT}) VALUES (new.id, new.{KEPT});"
    return [
        f"CREATE VIRTUAL TABLE {FOUND.name} USING fts5 ({KEPT}, content = '{TABLE}', content_rowid = 'id', detail = none, "
        "tokenize = 'ascii')",
        f"INSERT INTO {FOUND.name} ({FOUND.name}) VALUES ('rebuild')",
        f"CREATE TRIGGER {FOUND.name}_added AFTER INSERT ON {TABLE} BEGIN {learn} END",
        f"CREATE TRIGGER {FOUND.name}_changed AFTER UPDATE OF {KEPT} ON {TABLE} BEGIN {forget} {learn} END",
        f"CREATE TRIGGER {FOUND.name}_removed AFTER DELETE ON {TABLE} BEGIN {forget} END",
    ]


def drop(dialect: str) -> list[str]:
    """Statements that drop it; the column stays."""
    if dialect != "sqlite":
        return [f"DROP INDEX {INDEX}"]
    triggers = [f"DROP TRIGGER IF EXISTS {FOUND.name}_{moment}" for moment in MOMENTS]
    return [*triggers, f"DROP TABLE {FOUND.name}"]
