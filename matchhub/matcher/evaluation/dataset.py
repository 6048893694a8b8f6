"""Public records of rounds as tables for the matcher, cut at a date so that nothing of the future is seen."""

from __future__ import annotations

import csv
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias

from matchhub.matcher.history import History
from matchhub.matcher.kinship import DottedTree, Ladder
from matchhub.matcher.table import Table

Record: TypeAlias = dict[str, str]

CUTS = {"vc_zh": date(2015, 7, 1), "vc_cb": date(2012, 1, 1)}
WINDOW_DAYS = {"vc_zh": 184, "vc_cb": 366}
ROUNDS = {
    "vc_zh": Ladder(
        ("种子轮", "天使轮", "Pre-A轮", "A轮", "A+轮", "Pre-B轮", "B轮", "B+轮", "C轮", "D轮", "E轮", "F轮-上市前")
    ),
    "vc_cb": Ladder(("angel", "a", "b", "c+", "post-ipo")),
}
PLACES = DottedTree()
"""Places are written as country.region.city, widest first."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """One retrieval task.

    `needs` are the queries, `offers` the candidates, `history` all rounds before the cut, `truth` the offer rows that
    each query took, `known` the pairs that a warm query must not be given again (need row, offer row).
    """

    name: str
    needs: Table
    offers: Table
    history: History
    truth: tuple[frozenset[int], ...]
    known: tuple[tuple[int, int], ...]


def read(path: Path) -> list[Record]:
    """Rows of a gzipped csv file."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(folder: Path, dataset: str, window: str, task: str) -> Dataset:
    """Read one task: dataset vc_zh or vc_cb, window dev, task cold or warm. Raises ValueError for another name."""
    if dataset not in CUTS or task not in ("cold", "warm"):
        raise ValueError(f"no such task: {dataset} {task}")
    return build(
        dataset,
        startups=read(folder / f"{dataset}_startups.csv.gz"),
        investments=read(folder / f"{dataset}_investments.csv.gz"),
        mandates=read(folder / f"{dataset}_mandates.csv.gz") if dataset == "vc_zh" else [],
        queries=read(folder / f"{dataset}_{window}_{task}_queries.csv.gz"),
        answers=read(folder / f"{dataset}_{window}_{task}_truth.csv.gz"),
        warm=task == "warm",
    )


def build(
    dataset: str,
    *,
    startups: Sequence[Record],
    investments: Sequence[Record],
    mandates: Sequence[Record],
    queries: Sequence[Record],
    answers: Sequence[Record],
    warm: bool,
) -> Dataset:
    """Cut the records at the dataset's date, whatever their split says, and lay them out as tables."""
    firms = {row["startup_id"]: row for row in startups}
    past = sorted(
        (row for row in investments if date.fromisoformat(row["date"]) < CUTS[dataset]), key=lambda r: r["date"]
    )
    offer_ids = sorted({row["investor_id"] for row in past})
    place = {offer: column for column, offer in enumerate(offer_ids)}
    asked = {row["startup_id"]: at for at, row in enumerate(queries)}
    truth: list[set[int]] = [set() for _ in queries]
    for row in answers:
        truth[asked[row["startup_id"]]].add(place[row["investor_id"]])
    earlier = [row for row in _known(investments, queries) if row["investor_id"] in place]
    known = {(asked[row["startup_id"]], place[row["investor_id"]]) for row in earlier}
    backers: list[set[str]] = [set() for _ in queries]
    for row in earlier if warm else ():
        backers[asked[row["startup_id"]]].add(row["investor_id"])
    return Dataset(
        dataset,
        needs_table(queries, firms, [float(not warm)] * len(queries)).with_sets("backers", backers),
        offers_table(offer_ids, mandates),
        history_of(past, firms),
        tuple(map(frozenset, truth)),
        tuple(sorted(known)) if warm else (),
    )


def history_of(past: Sequence[Record], firms: dict[str, Record]) -> History:
    """Past investments in the order of their dates as rounds: those of one firm, day and kind are one."""
    backed = [row["startup_id"] for row in past]
    events = [(row["startup_id"], row["date"], row["round"]) for row in past]
    return History.of(needs_table(past, firms), [row["investor_id"] for row in past], events, backed)


def needs_table(rows: Sequence[Record], firms: dict[str, Record], debut: Sequence[float] | None = None) -> Table:
    """Rounds as needs; the realized amount stands for what was asked. The raw categories serve as codes."""
    about = [firms.get(row["startup_id"], {}) for row in rows]
    amounts = [float(row["amount_usd"]) if row["amount_usd"] else None for row in rows]
    numbers: dict[str, Sequence[float | None]] = {"amount_min": amounts, "amount_max": amounts}
    return Table.of(
        [row["startup_id"] for row in rows],
        numbers=numbers if debut is None else {**numbers, "debut": debut},
        sets={
            "industries": [[firm["category"]] if firm.get("category") else None for firm in about],
            "round": [[row["round"]] if row["round"] else None for row in rows],
            "region": [place_of(firm) for firm in about],
        },
        texts={
            "text": [firm.get("name", "") for firm in about],
            "profile": [firm.get("text", "") for firm in about],
        },
        dates={"updated_on": [date.fromisoformat(row["date"]) for row in rows]},
    )


def place_of(firm: Record) -> list[str] | None:
    """A firm's place as one dotted path, "?" for a level between that is not known."""
    levels = [firm.get(name, "").replace(".", "") for name in ("country", "region", "city")]
    while levels and not levels[-1]:
        levels.pop()
    return [".".join(level or "?" for level in levels)] if levels else None


def offers_table(offer_ids: Sequence[str], mandates: Sequence[Record]) -> Table:
    """Candidates with what some of them declared."""
    fields: dict[str, list[str]] = {}
    stages: dict[str, list[str]] = {}
    for row in mandates:
        (fields if row["kind"] == "field" else stages).setdefault(row["investor_id"], []).append(row["value"])
    return Table.of(
        offer_ids,
        sets={
            "industries": [fields.get(offer) for offer in offer_ids],
            "rounds": [_covered(stages.get(offer, ())) for offer in offer_ids],
        },
    )


def _covered(stages: Sequence[str]) -> list[str]:
    return [code for stage in stages for code in STAGES.get(stage, (stage,))]


STAGES = {
    "种子天使轮": ("种子轮", "天使轮"),
    "B轮": ("B轮", "B+轮"),
    "A轮": ("A轮", "A+轮"),
    "C轮及以后": ("C轮", "D轮", "E轮", "F轮-上市前"),
}
"""What a declared stage covers among the recorded rounds."""


def _known(investments: Sequence[Record], queries: Sequence[Record]) -> list[Record]:
    """Investments in a query's own firm before the query's date: the only later facts a warm query may use."""
    since = {row["startup_id"]: row["date"] for row in queries}
    return [row for row in investments if row["date"] < since.get(row["startup_id"], "")]
