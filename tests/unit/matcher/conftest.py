"""A small invented market: 星河科技 asks, 远山资本 and others offer, and there is a past."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest

from matchhub.matcher import Table

ROOT = Path(__file__).resolve().parents[3]


def bench_folder() -> Path:
    return Path(os.environ.get("MATCHHUB_BENCH", ROOT.parent / "shared" / "bench" / "public"))


@pytest.fixture(scope="session")
def bench() -> Path:
    folder = bench_folder()
    if not (folder / "vc_zh_startups.csv.gz").exists():
        pytest.skip(f"public records are absent: set MATCHHUB_BENCH (looked in {folder})")
    return folder


@pytest.fixture
def needs() -> Table:
    return Table.of(
        ["星河科技", "青禾医疗", "未填写"],
        numbers={"amount_min": [5e6, None, None], "amount_max": [8e6, 2e6, None]},
        sets={
            "industries": [["new_materials.carbon_fibre"], ["health"], None],
            "round": [["a"], ["angel"], None],
            "region": [["420704"], ["EZ-GD"], None],
            "excludes": [["control"], None, None],
        },
        texts={"text": ["碳纤维复合材料用于新能源汽车轻量化", "便携式心电监测仪，服务基层医院", ""]},
        dates={"updated_on": [date(2026, 6, 1)] * 3},
    )


@pytest.fixture
def offers() -> Table:
    return Table.of(
        ["远山资本", "江岸医疗基金", "满额基金", "不限基金"],
        numbers={
            "ticket_min": [3e6, 1e6, 1e6, 1e7],
            "ticket_max": [2e7, 5e6, 5e7, None],
            "capacity_left": [3, None, 0, None],
            "reply_days": [4, None, 2, 7],
        },
        sets={
            "industries": [["new_materials"], ["health"], ["new_materials"], ["*"]],
            "rounds": [["a", "b"], ["seed", "angel"], None, ["a"]],
            "regions": [["420000"], ["420700"], None, ["*"]],
            "must": [["region"], ["industry"], None, None],
        },
        texts={"text": ["专注碳纤维与先进材料", "只投医疗器械与大健康", "", ""]},
    )
