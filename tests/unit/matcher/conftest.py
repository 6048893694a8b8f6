"""A small invented market: 星河科技 asks, 远山资本 and others offer, and there is a past."""

from __future__ import annotations

import os
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from matchhub.matcher import History, Table

ROOT = Path(__file__).resolve().parents[3]
FIELDS = ("new_materials", "health", "digital_economy", "equipment")
PLACES = ("420702", "420704", "420100", "310115")


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


def market(seed: int, n_needs: int = 12, n_offers: int = 9, n_past: int = 0) -> tuple[Table, Table, History | None]:
    """A random market with silences everywhere; past rounds follow each offer's own field."""
    random = np.random.default_rng(seed)

    def some(options: tuple[str, ...], chance: float = 0.7) -> list[str] | None:
        return [str(random.choice(options))] if random.random() < chance else None

    def amount() -> float | None:
        return float(10 ** random.uniform(5.5, 8)) if random.random() < 0.7 else None

    def needs_of(names: list[str], fields: list[list[str] | None], days: list[date]) -> Table:
        amounts = [amount() for _ in names]
        return Table.of(
            names,
            numbers={"amount_min": amounts, "amount_max": amounts},
            sets={
                "industries": fields,
                "region": [some(PLACES) for _ in names],
                "round": [some(("seed", "angel", "a", "b")) for _ in names],
            },
            texts={
                "text": [
                    " ".join(some(("碳纤维材料与应用", "心电监测设备与服务", "工业软件平台建设")) or [""])
                    for _ in names
                ]
            },
            dates={"updated_on": days},
        )

    today = date(2026, 6, 1)
    needs = needs_of([f"n{i}" for i in range(n_needs)], [some(FIELDS) for _ in range(n_needs)], [today] * n_needs)
    offers = Table.of(
        [f"o{i}" for i in range(n_offers)],
        numbers={
            "ticket_min": [amount() for _ in range(n_offers)],
            "reply_days": [amount() and 5.0 for _ in range(n_offers)],
        },
        sets={
            "industries": [some(FIELDS) for _ in range(n_offers)],
            "regions": [some(("420000", "420700", "*")) for _ in range(n_offers)],
            "rounds": [some(("seed", "angel", "a", "b")) for _ in range(n_offers)],
        },
        texts={"text": [" ".join(some(("碳纤维材料与应用", "医疗设备与大健康")) or [""]) for _ in range(n_offers)]},
    )
    if not n_past:
        return needs, offers, None
    who = random.integers(0, n_offers, n_past)
    fields: list[list[str] | None] = [[FIELDS[offer % len(FIELDS)]] for offer in who]
    days = [today - timedelta(days=int(age)) for age in random.integers(1, 900, n_past)]
    return needs, offers, History.of(needs_of([f"r{i}" for i in range(n_past)], fields, days), [f"o{i}" for i in who])
