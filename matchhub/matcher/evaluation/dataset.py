"""Public records of rounds as tables for the matcher, cut at a date so that nothing of the future is seen."""

from __future__ import annotations

import csv
import gzip
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeAlias, TypeVar

import numpy as np

from matchhub.matcher.hearing import Answered
from matchhub.matcher.history import History
from matchhub.matcher.kinship import DottedTree, Ladder
from matchhub.matcher.table import Bools, Table

Record: TypeAlias = dict[str, str]

T = TypeVar("T")
DATASETS, TASKS = ("vc_zh", "vc_cb"), ("cold", "warm")
ROUNDS = {
    "vc_zh": Ladder(
        ("种子轮", "天使轮", "Pre-A轮", "A轮", "A+轮", "Pre-B轮", "B轮", "B+轮", "C轮", "D轮", "E轮", "F轮-上市前")
    ),
    "vc_cb": Ladder(("angel", "a", "b", "c+", "post-ipo")),
}
PLACES = DottedTree()
"""Places are written as country.region.city, widest first, with the state after the country where it has states."""


@dataclass(frozen=True, slots=True, eq=False)
class Dataset:
    """One retrieval task.

    `needs` are the queries, `offers` the candidates, `history` all rounds before the cut, `truth` the offer rows that
    each query took (a negative number stands for one that is not among the candidates), `known` the pairs that a warm query
    must not be given again (need row, offer row). `cut` is the first day of the future, `days` how long the window is;
    `accelerators` (n_offers,) whose name says so. `answered`: answers to proposals before the cut, `taken`: those agreed to,
    as rounds, for data that has proposals.
    """

    name: str
    needs: Table
    offers: Table
    history: History
    truth: tuple[frozenset[int], ...]
    known: tuple[tuple[int, int], ...]
    cut: date
    days: int
    accelerators: Bools
    answered: Answered | None = None
    taken: History | None = None

    @property
    def evidence(self) -> History:
        """What the baselines count and compare with: `taken` where pairs were agreed to, else the rounds."""
        return self.history if self.taken is None else self.taken


def before(rows: Iterable[T], day: Callable[[T], date | None], cut: date) -> list[T]:
    """What a task may know: the rows of a day before the cut. What bears no day cannot be told from the future, and is not."""
    return [row for row in rows if (on := day(row)) is not None and on < cut]


def read(path: Path) -> list[Record]:
    """Rows of a gzipped csv file."""
    with gzip.open(path, "rt", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def load(folder: Path, dataset: str, window: str, task: str) -> Dataset:
    """Read one task: dataset vc_zh or vc_cb, any window of the folder, task cold or warm. ValueError for another name."""
    if dataset not in DATASETS or task not in TASKS:
        raise ValueError(f"no such task: {dataset} {task}")
    mandates, others = (
        folder / f"{dataset}_mandates.csv.gz",
        folder / f"{dataset}_{window}_{_other(task)}_queries.csv.gz",
    )
    return build(
        dataset,
        startups=read(folder / f"{dataset}_startups.csv.gz"),
        investments=read(folder / f"{dataset}_investments.csv.gz"),
        mandates=read(mandates) if mandates.exists() else [],
        queries=read(folder / f"{dataset}_{window}_{task}_queries.csv.gz"),
        answers=read(folder / f"{dataset}_{window}_{task}_truth.csv.gz"),
        warm=task == "warm",
        window=window,
        asked_too=read(others) if others.exists() else [],
        investors=read(folder / f"{dataset}_investors.csv.gz")
        if (folder / f"{dataset}_investors.csv.gz").exists()
        else [],
    )


def _other(task: str) -> str:
    return next(name for name in TASKS if name != task)


def cut_of(investments: Sequence[Record], queries: Sequence[Record], window: str) -> date:
    """The first day of the future.

    The first day of the month of the window's earliest query, of either task; where the rows of the window's own split begin
    between it and that query, their first day. So nothing on or after the window's true beginning is seen, whatever the
    split of a row says.
    """
    earliest = min(date.fromisoformat(row["date"]) for row in queries)
    marked = [row["date"] for row in investments if row.get("split") == window]
    floor = earliest.replace(day=1)
    first = date.fromisoformat(min(marked)) if marked else floor
    return first if floor <= first <= earliest else floor


def build(
    dataset: str,
    *,
    startups: Sequence[Record],
    investments: Sequence[Record],
    mandates: Sequence[Record],
    queries: Sequence[Record],
    answers: Sequence[Record],
    warm: bool,
    window: str = "dev",
    asked_too: Sequence[Record] = (),
    investors: Sequence[Record] = (),
) -> Dataset:
    """Cut the records at the window's beginning, whatever their split says, and lay them out as tables.

    `asked_too`: the queries of the window's other task, which help to find where it begins.
    """
    firms = {row["startup_id"]: row for row in startups}
    cut = cut_of(investments, [*queries, *asked_too], window)
    past = sorted(before(investments, lambda row: date.fromisoformat(row["date"]), cut), key=lambda r: r["date"])
    offer_ids = sorted({row["investor_id"] for row in past})
    place = {offer: column for column, offer in enumerate(offer_ids)}
    right: dict[str, set[int]] = {}
    for at, row in enumerate(answers):
        right.setdefault(row["startup_id"], set()).add(place.get(row["investor_id"], -2 - at))
    queries = [row for row in queries if row["startup_id"] in right]
    asked = {row["startup_id"]: at for at, row in enumerate(queries)}
    earlier = [row for row in _known(investments, queries) if row["investor_id"] in place]
    known = {(asked[row["startup_id"]], place[row["investor_id"]]) for row in earlier}
    backers: list[set[str]] = [set() for _ in queries]
    for row in earlier if warm else ():
        backers[asked[row["startup_id"]]].add(row["investor_id"])
    names = {row["investor_id"]: row.get("name", "") for row in investors}
    last = max(date.fromisoformat(row["date"]) for row in [*queries, *asked_too])
    return Dataset(
        dataset,
        needs_table(queries, firms, [float(not warm)] * len(queries)).with_sets("backers", backers),
        offers_table(offer_ids, mandates),
        history_of(past, firms),
        tuple(frozenset(right[row["startup_id"]]) for row in queries),
        tuple(sorted(known)) if warm else (),
        cut,
        (last - cut).days + 1,
        np.array([bool(ACCELERATOR.search(names.get(offer, ""))) for offer in offer_ids], dtype=bool),
    )


ACCELERATOR = re.compile(
    r"y combinator|techstars|500 startups|start-?up ?chile|seedcamp|accelerat|incubat|plug and play|dreamit|"
    r"angelpad|launchpad|startupbootcamp|start-?up ?weekend|seed ?spot|capital factory|alphalab|brandery|gener8tor|"
    r"孵化|加速器|创客|创业营|众创",
    re.IGNORECASE,
)
"""Whose name is that of an accelerator or an incubator."""


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
    """A firm's place as one dotted path, "?" for a level between that is not known; a state only where there is one."""
    names = ("country", "state", "region", "city") if firm.get("state") else ("country", "region", "city")
    levels = [firm.get(name, "").replace(".", "") for name in names]
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
