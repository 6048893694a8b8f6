"""Public records become a market: cut at a date, whole or not at all, once."""

import gzip
import os
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from matchhub.accounts.models import Organization
from matchhub.core.audit import AuditEvent
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.policy import SYSTEM
from matchhub.core.web import App
from matchhub.listings.models import EquityNeed, InvestmentMandate
from matchhub.matches.imports.records import DATASETS, Reader, Records
from matchhub.matches.imports.ventures import Imported, Importer
from matchhub.profiles.models import PastRound
from tests.cast import browser, Cast

CUT = date(2015, 7, 1)
BENCH = Path(os.environ.get("MATCHHUB_BENCH", "../shared/bench/public"))
FILES = {
    "startups": (
        "startup_id,name,text,category,country,state,region,city,founded_year",
        "s1,云舟教育,x,教育,CHN,,北京,,",
        "s2,青禾医疗,x,医疗健康,CHN,,湖北,,",
        "s3,未来物流,x,物流,CHN,,上海,,",
        ",无号公司,x,教育,CHN,,北京,,",
    ),
    "investors": ("investor_id,name,type,country", "v1,甲资本,,", "v2,乙创投,,", "v3,后来资本,,"),
    "investments": (
        "startup_id,investor_id,date,round,amount_usd,event_id,split",
        "s1,v1,2014-05-01,天使轮,3000000.0,1,train",
        "s1,v2,2014-05-01,天使轮,3000000.0,1,train",
        "s1,v1,2015-03-01,A轮,20000000.0,2,train",
        "s2,v3,2015-09-09,A轮,30000000.0,3,dev",
        "s9,v1,2014-05-01,A轮,1.0,4,train",
        "s1,v1,不是日期,A轮,1.0,5,train",
    ),
    "dev_cold_queries": ("startup_id,date,round,amount_usd", "s2,2015-09-09,A轮,30000000.0"),
    "dev_warm_queries": ("startup_id,date,round,amount_usd", "s1,2015-10-01,B轮,90000000.0"),
    "mandates": ("investor_id,kind,value,n_people", "v2,field,医疗健康,2", "v2,stage,B轮,1", "v2,wish,x,1"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, lines in FILES.items():
        with gzip.open(tmp_path / f"vc_zh_{name}.csv.gz", "wt", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    return tmp_path


def read(folder: Path, **more: Any) -> Records:
    return Reader(folder, "vc_zh", CUT).read(**({"with_dev_needs": True} | more))


def bring(folder: Path, **more: Any) -> Imported:
    return Importer(read(folder, **more), "vc_zh", utcnow()).run(actor=SYSTEM)


def of(ref: str) -> int:
    return db.session.scalars(select(Organization.id).where(Organization.external_ref == f"vc_zh:{ref}")).one()


def test_firms_ask_and_investors_offer_what_their_rounds_show(app: App, folder: Path) -> None:
    result = bring(folder)

    assert (result.enterprises, result.needs, result.investors, result.rounds) == (2, 2, 2, 3)
    need = db.session.scalars(select(EquityNeed).where(EquityNeed.organization_id == of("startup:s1"))).one()
    assert (need.round_code, need.amount_min_yuan, need.lead_industry, need.region_code) == (
        "b", 90_000_000, "education", "110000",
    )  # fmt: skip
    assert not need.organization.is_claimed and need.organization.name not in need.teaser + need.code_name
    mandate = db.session.scalars(
        select(InvestmentMandate).where(InvestmentMandate.organization_id == of("investor:v1"))
    ).one()
    assert (mandate.is_inferred, mandate.industries, sorted(mandate.rounds)) == (True, ["education"], ["a", "angel"])
    assert (mandate.ticket_min_yuan, mandate.ticket_max_yuan) == (3_000_000, 20_000_000)


def test_nothing_on_or_after_the_cut_is_read(app: App, folder: Path) -> None:
    bring(folder)

    assert db.session.scalar(select(func.max(PastRound.closed_on))) < CUT
    names = set(db.session.scalars(select(Organization.name)))
    assert "后来资本" not in names and "未来物流" not in names


def test_without_the_queries_the_last_round_stands_for_the_need(app: App, folder: Path) -> None:
    result = bring(folder, with_dev_needs=False)

    assert result.needs == 1
    need = db.session.scalars(select(EquityNeed)).one()
    assert (need.round_code, need.amount_max_yuan) == ("a", 20_000_000)


def test_bad_lines_are_named_with_their_reason(folder: Path) -> None:
    problems = read(folder).problems

    assert [(p.file.removeprefix("vc_zh_").removesuffix(".csv.gz"), p.line) for p in problems] == [
        ("startups", 5), ("investments", 6), ("investments", 7), ("mandates", 4),
    ]  # fmt: skip
    assert "s9" in problems[1].reason


def test_a_second_time_brings_nothing_new(app: App, folder: Path) -> None:
    bring(folder)
    again = bring(folder)

    assert (again.enterprises, again.needs, again.investors, again.rounds, again.known) == (0, 0, 0, 0, 4)
    assert db.session.scalar(select(func.count(EquityNeed.id))) == 2


def test_an_import_that_fails_leaves_nothing_behind(app: App, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(Importer, "_rounds", broken)
    with pytest.raises(RuntimeError):
        bring(folder)

    counted = select(func.count(Organization.id)).where(Organization.external_ref.is_not(None))
    assert db.session.scalar(counted) == 0


def test_an_import_leaves_one_audit_row(app: App, folder: Path) -> None:
    bring(folder)

    rows = db.session.scalars(select(AuditEvent).where(AuditEvent.action == "ventures:import")).all()
    assert [row.details["needs"] for row in rows] == [2]


ENGLISH = {
    "startups": (
        "startup_id,name,text,category,country,state,region,city,founded_year",
        "s1,Cloudboat,x,software,USA,CA,SF Bay,Palo Alto,2009.0",
        "s2,Greengrain,x,biotech,CHN,,,,",
        "s3,Oddfellow,x,teleportation,XXX,,,,",
    ),
    "investors": (
        "investor_id,name,type,country",
        "v1,Long Hill Partners,fund,USA",
        "v2,Ann Example,person_or_company,",
    ),
    "investments": (
        "startup_id,investor_id,date,round,amount_usd,event_id,split",
        "s1,v1,2010-05-01,a,1000000.0,1,train",
        "s1,v2,2010-05-01,a,1000000.0,1,train",
        "s3,v1,2011-12-31,mezzanine,,2,train",
        "s2,v2,2012-03-01,angel,50000.0,3,dev",
        "s1,v1,2011-01-01,b,many,4,train",
    ),
    "dev_cold_queries": ("startup_id,date,round,amount_usd", "s2,2012-03-01,angel,50000.0"),
}


@pytest.fixture
def english(tmp_path: Path) -> Path:
    for name, lines in ENGLISH.items():
        with gzip.open(tmp_path / f"vc_cb_{name}.csv.gz", "wt", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    return tmp_path


def bring_english(folder: Path) -> tuple[Records, Imported]:
    records = Reader(folder, "vc_cb", DATASETS["vc_cb"].cut).read(with_dev_needs=True)
    return records, Importer(records, "vc_cb", utcnow()).run(actor=SYSTEM)


def test_dollars_become_yuan_and_english_names_stay_english(app: App, english: Path) -> None:
    _records, result = bring_english(english)

    assert (result.enterprises, result.needs, result.investors, result.rounds) == (3, 3, 2, 3)
    needs = {need.organization.name_en: need for need in db.session.scalars(select(EquityNeed))}
    first = needs["Cloudboat"]
    assert (first.amount_max_yuan, first.round_code, first.region_code) == (6_300_900, "a", "000000")
    assert first.organization.name == first.organization.label == "Cloudboat"
    assert (
        first.industries[0].startswith("digital") and "software" in first.teaser_en and "software" not in first.teaser
    )
    assert needs["Greengrain"].region_code == "100000" and needs["Greengrain"].amount_max_yuan == 315_045


def test_words_without_a_counterpart_are_told_and_bad_lines_have_their_number(app: App, english: Path) -> None:
    records, result = bring_english(english)

    assert records.unknown == {
        ("vc_categories", "teleportation"): 1, ("vc_regions", "XXX"): 1, ("vc_rounds", "mezzanine"): 1,
    }  # fmt: skip
    assert [(p.file, p.line) for p in records.problems] == [("vc_cb_investments.csv.gz", 6)]
    assert (records.lines["startups"], records.lines["investments"]) == (3, 5)
    assert result.needs == 3  # the firm with the unknown words has come in


def test_the_english_records_a_second_time_bring_nothing_new(app: App, english: Path) -> None:
    bring_english(english)
    _records, again = bring_english(english)

    assert (again.enterprises, again.investors, again.needs, again.rounds, again.known) == (0, 0, 0, 0, 5)


def test_pages_name_a_firm_without_a_chinese_name_in_both_languages(app: App, people: Cast, english: Path) -> None:
    bring_english(english)
    client = browser(app, people.city.id)

    for locale in ("zh", "en"):
        assert "Cloudboat" in client.get("/needs", headers={"Accept-Language": locale}).text


@pytest.mark.skipif(not BENCH.exists(), reason="no public records: set MATCHHUB_BENCH to their folder")
@pytest.mark.parametrize(("dataset", "investors"), [("vc_zh", 1119), ("vc_cb", 10_832)])
def test_the_real_records_come_in_without_a_bad_line(app: App, dataset: str, investors: int) -> None:
    records = Reader(BENCH, dataset, DATASETS[dataset].cut).read(with_dev_needs=True)
    result = Importer(records, dataset, utcnow()).run(actor=SYSTEM)

    assert (records.problems, records.unknown) == ([], {})
    assert result.investors == investors
    assert result.needs == result.enterprises > 6000
