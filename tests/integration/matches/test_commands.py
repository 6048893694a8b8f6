"""`import ventures`, `match` and `evaluate` as a person runs them, on a small made-up folder."""

import gzip
import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchhub.cli import main

FIELDS = ("教育", "医疗健康", "物流")
INIT = (
    "init", "--city-name", "鄂州市", "--city-name-en", "Ezhou", "--region", "420700", "--admin-name", "张敏",
    "--admin-email", "zhang@city.example", "--password-stdin",
)  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Nine firms in three fields, three investors that each keep to one, and one round of each firm after the cut."""
    firms, rounds, cold, truth = [], [], [], []
    for number in range(9):
        field = FIELDS[number % 3]
        firms.append(f"s{number},星{number}科技,{field}平台第{number}家,{field},CHN,,北京,,")
        rounds.append(f"s{number},v{number % 3},2014-0{1 + number % 9}-01,天使轮,3000000.0,{number},train")
    for number in range(9, 12):
        field = FIELDS[number % 3]
        firms.append(f"s{number},星{number}科技,{field}平台第{number}家,{field},CHN,,北京,,")
        rounds.append(f"s{number},v{number % 3},2015-09-0{number - 8},A轮,30000000.0,{number},dev")
        cold.append(f"s{number},2015-09-0{number - 8},A轮,30000000.0")
        truth.append(f"s{number},v{number % 3}")
    files = {
        "startups": ("startup_id,name,text,category,country,state,region,city,founded_year", *firms),
        "investors": ("investor_id,name,type,country", *(f"v{number},第{number}资本,," for number in range(3))),
        "investments": ("startup_id,investor_id,date,round,amount_usd,event_id,split", *rounds),
        "mandates": ("investor_id,kind,value,n_people",),
        "dev_cold_queries": ("startup_id,date,round,amount_usd", *cold),
        "dev_cold_truth": ("startup_id,investor_id", *truth),
        "dev_warm_queries": ("startup_id,date,round,amount_usd",),
    }
    for name, lines in files.items():
        with gzip.open(tmp_path / f"vc_zh_{name}.csv.gz", "wt", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
    return tmp_path


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MATCHHUB_") and "_TEST_" not in name]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("MATCHHUB_SECRET_KEY", "only-for-tests-" * 4)
    monkeypatch.setenv("MATCHHUB_ENVIRONMENT", "development")
    monkeypatch.setenv("MATCHHUB_DATA_DIR", str(tmp_path / "data"))
    ran = CliRunner().invoke(main, list(INIT), input="Stern-Regen-2026\n")
    assert ran.exit_code == 0, ran.output


def run(*words: str) -> Result:
    ran = CliRunner().invoke(main, list(words))
    assert ran.exit_code == 0, ran.output
    return ran


@pytest.mark.usefixtures("installed")
def test_records_come_in_once_and_are_matched(folder: Path) -> None:
    first = run("import", "ventures", str(folder), "--dataset", "vc_zh").output
    second = run("import", "ventures", str(folder), "--dataset", "vc_zh").output
    matched = run("match").output

    assert "12 enterprises with 12 needs, 3 investors with 3 mandates, 9 past rounds" in first
    assert "0 enterprises with 0 needs, 0 investors with 0 mandates, 0 past rounds" in second
    assert "done, 12 needs" in matched
    assert int(matched.split(" suggestions")[0].split()[-1]) > 0


def test_an_evaluation_is_json_of_every_method_with_intervals_and_a_page(folder: Path, tmp_path: Path) -> None:
    page = tmp_path / "told" / "page.html"
    asked = ("--dataset", "vc_zh", "--task", "cold", "--json", "--report", str(page))
    told = json.loads(run("evaluate", str(folder), *asked).output)

    assert "<svg" in page.read_text(encoding="utf-8")

    assert set(told["methods"]) >= {"matchhub", "popularity", "tfidf-cosine", "random"}
    for metrics in told["methods"].values():
        found = metrics["recall@10"]
        assert set(found) == {"mean", "low", "high"}
        assert found["low"] <= found["mean"] <= found["high"]
    assert told["methods"]["matchhub"]["recall@10"]["mean"] == 1


@pytest.mark.parametrize("command", [("evaluate",), ("import", "ventures")])
def test_a_folder_without_the_records_is_named_and_changes_nothing(command: tuple[str, ...], tmp_path: Path) -> None:
    ran = CliRunner().invoke(main, [*command, str(tmp_path)])

    assert ran.exit_code == 1
    assert "not in" in ran.output and "vc_zh_" in ran.output
