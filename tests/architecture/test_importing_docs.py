"""The columns in docs/importing.md are read off the forms. Rewrite them with MATCHHUB_WRITE_DOCS=1."""

import os
from pathlib import Path

import pytest

from matchhub.core.web import App
from matchhub.importing.exports import HOW
from matchhub.importing.forms import columns_of
from matchhub.importing.kinds import Column, ImportKind, KINDS, Subject, Whose
from matchhub.listings.enums import PairingKind

PAGE = Path(__file__).parents[2] / "docs" / "importing.md"
MARK = "<!-- columns: generated from the forms, do not edit below -->\n"


def hands(kind: ImportKind) -> Whose:
    return Whose.RESIDENTS if kind.subject is Subject.NEED else Whose.UNCLAIMED


def told(column: Column) -> str:
    some = "、".join(zh for _code, zh, _en in column.words[:4])
    words = f": {some}{' …' if len(column.words) > 4 else ''}" if some else ""
    return f"| {column.zh} | {column.en} | `{column.name}` | {'yes' if column.is_needed else ''} | {HOW[column.form]}{words} |"


def drawn(kind: ImportKind) -> str:
    rows = [told(column) for column in columns_of(kind, hands(kind))]
    head = ["", f"## {kind.code}", "", "| 列 | column | code | needed | 怎么填 |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"


@pytest.fixture
def here(app: App) -> App:
    return app


def test_the_page_of_columns_is_what_the_forms_ask(here: App) -> None:
    with here.test_request_context():
        columns = "".join(drawn(kind) for kind in KINDS.values())
    written = PAGE.read_text(encoding="utf-8")
    if os.environ.get("MATCHHUB_WRITE_DOCS"):
        PAGE.write_text(written.split(MARK)[0] + MARK + columns, encoding="utf-8")
        written = PAGE.read_text(encoding="utf-8")

    assert written.split(MARK)[1] == columns


def test_every_pairing_brings_its_tables_and_no_header_stands_for_two_columns(here: App) -> None:
    assert {kind.pairing for kind in KINDS.values()} == set(PairingKind)
    with here.test_request_context():
        for kind in KINDS.values():
            columns = columns_of(kind, hands(kind))
            for words in ([c.zh for c in columns], [c.en for c in columns], [c.name for c in columns]):
                assert len(set(words)) == len(words), (kind.code, sorted(w for w in words if words.count(w) > 1))
