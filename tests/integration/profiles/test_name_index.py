"""The index of names: it finds what reading every row finds, keeps up with the rows, and is asked."""

from datetime import datetime, UTC
from importlib import import_module

import pytest
from sqlalchemy import delete, insert, select, text, update

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.core.db import db, unit_of_work
from matchhub.core.pinyin import search_words
from matchhub.profiles.queries.directory import among, misspelt, named
from tests.cast import Cast

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NAMES = (
    ("鄂州星澜新材料有限公司", "星澜新材", "Xinglan Materials"), ("鄂州澜星生物有限公司", "", ""),
    ("湖北恒途3D打印有限公司", "恒途", "Hengtu 3D"), ("重庆行长乐器有限公司", "行长", "O'Neill & Söhne"),
    ("Ａ股数据 (武汉)", "A股", ""), ("ABC-X Ltd", "", "ABC-X"),
)  # fmt: skip
TYPED = (
    "星澜", "澜星", "星", "xinglan", "xl", "x", "XLXC", "3d打", "有限公司", "行长", "zhongqing", "o'neill", "söhne", "a股",
    "c-x", "c x", "abcx", "%", "无此", "材料有限公司", "gl", "lan xing", "-x",
)  # fmt: skip


@pytest.fixture(autouse=True)
def organizations(people: Cast) -> None:
    with unit_of_work() as session:
        session.execute(
            insert(Organization),
            [
                {
                    "kind": OrganizationKind.ENTERPRISE, "name": name, "short_name": short, "name_en": english,
                    "sort_key": "", "status": OrganizationStatus.VERIFIED, "created_at": NOW, "updated_at": NOW, "version": 1,
                }
                for name, short, english in NAMES
            ],
        )  # fmt: skip


def ids(*conditions: object) -> set[int]:
    return set(db.session.scalars(select(Organization.id).where(*conditions)))  # type: ignore[arg-type]


def by_index(typed: str) -> set[int]:
    return ids(*(among(db.session(), typed, most=100) or ()), named(typed))


def test_the_index_finds_what_reading_all_rows_finds() -> None:
    found = {typed: ids(named(typed)) for typed in TYPED if search_words(typed)}

    assert {typed: by_index(typed) for typed in found} == found
    assert sum(map(bool, found.values())) > 15
    assert all(among(db.session(), typed, most=100) for typed in ("星澜", "x", "xl", "3d打"))


def test_what_many_names_hold_is_not_asked_of_the_index() -> None:
    assert among(db.session(), "有限公司", most=3) is None
    assert among(db.session(), "无此", most=3)


def test_the_index_follows_another_name_and_forgets_who_is_gone() -> None:
    first = db.session.scalars(select(Organization).where(Organization.name == NAMES[0][0])).one().id
    with unit_of_work() as session:
        row = session.get_one(Organization, first)
        row.name, row.short_name, row.name_en = "鄂州青禾农业有限公司", "", ""
        session.execute(delete(Organization).where(Organization.name == NAMES[1][0]))

    assert by_index("青禾") == by_index("qinghe") == {first}
    assert by_index("星澜") == by_index("澜星") == set()


def test_the_index_alone_is_not_believed() -> None:
    """The words of a name in another order are not the name: the control of asking LIKE as well."""
    with unit_of_work() as session:
        session.execute(update(Organization).where(Organization.name == NAMES[5][0]).values(search_grams="星澜 澜星"))
    typed, wrong = "星澜", ids(Organization.name == NAMES[5][0])

    assert wrong <= ids(*(among(db.session(), typed, most=100) or ()))
    assert not wrong & by_index(typed)


def test_the_database_reads_the_index() -> None:
    statement = select(Organization.id).where(*(among(db.session(), "xinglan", most=100) or ()))
    sqlite = db.engine.dialect.name == "sqlite"
    if not sqlite:
        db.session.execute(text("SET enable_seqscan = off"))  # eight rows are read sooner than an index
    bound = statement.compile(db.engine, compile_kwargs={"literal_binds": True})
    plan = str(db.session.execute(text(f"EXPLAIN {'QUERY PLAN' if sqlite else ''} {bound}".replace(":", "\\:"))).all())
    if not sqlite:
        db.session.execute(
            text("RESET enable_seqscan")
        )  # a read is no transaction: SET LOCAL would be forgotten at once

    assert ("organization_search VIRTUAL TABLE" in plan) if sqlite else ("ix_organization_search_grams" in plan)


def test_slips_are_not_looked_for_where_too_many_names_share_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    with_a_slip, kinds = "xinglna", list(OrganizationKind)
    assert misspelt(db.session(), with_a_slip, kinds)

    monkeypatch.setattr(import_module("matchhub.profiles.queries.directory"), "COMPARED", (0, 0))

    assert misspelt(db.session(), with_a_slip, kinds) == []


def test_rarer_letters_alone_find_a_slip_where_many_names_share_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    with_a_slip, kinds = "xinglna", list(OrganizationKind)
    found = misspelt(db.session(), with_a_slip, kinds)

    monkeypatch.setattr(import_module("matchhub.profiles.queries.directory"), "COMPARED", (0, 100))

    assert found and misspelt(db.session(), with_a_slip, kinds) == found
