"""Mentoring: who of those that were proposed is accepted? Pairs with a yes or a no, judged within each mentee."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from matchhub.matcher.answers import Answers
from matchhub.matcher.engine import Matcher
from matchhub.matcher.evaluation.dataset import read, Record
from matchhub.matcher.evaluation.metrics import Bootstrap, Interval, told
from matchhub.matcher.foretelling import Foretelling, FORETOLD_FROM
from matchhub.matcher.recipes import mentoring
from matchhub.matcher.table import Bools, Rows, Table

Scores = NDArray[np.float64]
SETS = ("topics", "industries", "majors")


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Mentees and mentors as tables; what was answered before, and what is to be foretold."""

    needs: Table
    offers: Table
    past: tuple[Rows, Rows, Bools]
    asked: tuple[Rows, Rows, Bools]


def load(folder: Path, window: str) -> Pairs:
    """Read the mentoring pairs; those of the window's split are foretold, those of `train` are known, no others."""
    mentees, mentors = read(folder / "mentor_mentees.csv.gz"), read(folder / "mentor_mentors.csv.gz")
    needs, offers = _table(mentees, "mentee"), _table(mentors, "mentor")
    rows, columns = ({name: at for at, name in enumerate(table.ids)} for table in (needs, offers))
    parts: dict[str, list[tuple[int, int, bool]]] = {"train": [], window: []}
    for pair in read(folder / "mentor_pairs.csv.gz"):
        if pair["split"] in parts:
            answer = pair["final_match"] == "1"
            parts[pair["split"]].append((rows[pair["mentee_id"]], columns[pair["mentor_id"]], answer))
    return Pairs(needs, offers, _columns(parts["train"]), _columns(parts[window]))


def _columns(pairs: list[tuple[int, int, bool]]) -> tuple[Rows, Rows, Bools]:
    held = np.array(pairs, dtype=np.int64).reshape(-1, 3)
    return held[:, 0], held[:, 1], held[:, 2] == 1


def _table(records: list[Record], who: str) -> Table:
    def listed(name: str) -> list[list[str] | None]:
        return [[part.strip() for part in row[name].split("|") if part.strip()] or None for row in records]

    major = [row[f"{who}_major"].replace("|", " ") for row in records]
    return Table.of(
        [row[f"{who}_id"] for row in records],
        sets={
            "topics": listed(f"{who}_help_topics"),
            "industries": [
                None if row is None else [part.replace(".", "") for part in row] for row in listed(f"{who}_experitse")
            ],
            "majors": listed(f"{who}_major"),
        },
        texts={"text": major},
    )


def foretold(pairs: Pairs, seed: int = 0) -> dict[str, Scores]:
    """Scores of the asked pairs by method."""
    matcher = Matcher(mentoring()).fit(pairs.needs, pairs.offers)
    rows, columns, _ = pairs.asked
    prior = Answers.priors(matcher, pairs.needs, pairs.offers, rows, columns)
    answers = Answers(matcher, SETS).fit(pairs.needs, pairs.offers, *pairs.past)
    rate = answers.rates(columns)
    if len(pairs.past[0]) >= FORETOLD_FROM:
        foretelling = Foretelling(SETS, seed=seed).fit(pairs.needs, pairs.offers, *pairs.past)
        told = foretelling.odds(pairs.needs, pairs.offers, rows, columns)
    else:
        told = answers.scores(pairs.needs, pairs.offers, rows, columns)
    return {
        "matchhub": told,
        "declared wishes only": prior,
        "acceptance rate": rate,
        "random": np.random.default_rng(seed).random(len(rows)),
    }


def measured(scores: Scores, groups: Rows, right: Bools, bootstrap: Bootstrap) -> dict[str, Interval]:
    """The mean of the mentees' own AUC, the pooled AUC with equal weight for every mentee, and the plain pooled one, which a
    few mentees with very many rows lead. Intervals of the first by resampling mentees."""
    order = np.argsort(groups, kind="stable")
    starts = np.flatnonzero(np.diff(groups[order], prepend=-1))
    parts = np.split(order, starts[1:])
    mixed = [part for part in parts if right[part].any() and not right[part].all()]
    own = np.array([_auc(scores[part], right[part], np.ones(len(part))) for part in mixed])
    counts = bootstrap.counts(len(own))
    weight = np.empty(len(scores))
    for part in parts:
        weight[part] = 1 / len(part)
    pooled = {
        "auc_mentee_weighted": _auc(scores, right, weight),
        "auc_pooled": _auc(scores, right, np.ones(len(scores))),
    }
    exact = {name: dict.fromkeys(("mean", "low", "high"), round(value, 4)) for name, value in pooled.items()}
    return {"auc_within_mentee": told(float(own.mean()), counts @ own / len(own)), **exact}


def _auc(scores: Scores, right: Bools, weight: Scores) -> float:
    return float(roc_auc_score(right, scores, sample_weight=weight))


def evaluate_mentors(folder: Path, window: str = "dev", *, draws: int = 1000, seed: int = 0) -> dict[str, Any]:
    """Measure who is accepted, beside the mentor's acceptance rate and the declared wishes."""
    started = time.perf_counter()
    pairs = load(folder, window)
    rows, _, right = pairs.asked
    methods: Mapping[str, Scores] = foretold(pairs, seed)
    return {
        "dataset": "mentor",
        "window": window,
        "task": "accepted",
        "queries": len(np.unique(rows)),
        "candidates": len(pairs.offers),
        "past_rounds": len(pairs.past[0]),
        "methods": {name: measured(scores, rows, right, Bootstrap(draws, seed)) for name, scores in methods.items()},
        "seconds": round(time.perf_counter() - started, 1),
    }
