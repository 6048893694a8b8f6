"""The only package that knows the matcher, and it imports it late: a web process starts without scikit-learn.

The worker fits and writes an artefact for each kind of pairing; every process loads the newest ones in the background and
scores with them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from matchhub.matches.engine.fitting import default_spec, learned, weights_of, zones
from matchhub.matches.engine.rooms import (
    Applicant,
    fits,
    LineupProposed,
    MeetingsAsked,
    MeetingsPlanned,
    People,
    Placed,
    plan_meetings,
    propose_lineup,
    swap_cost,
)
from matchhub.matches.engine.scorer import Scorer
from matchhub.matches.engine.store import artefacts, keep_at, save, start_loading, Store, store
from matchhub.matches.engine.tables import Market


def fitted(session: Session, market: Market, spec: dict[str, Any]) -> Scorer:
    """Learn from the market and its past under a version of the weights."""
    matcher = learned(session, market, spec)
    return Scorer(market.kind, matcher.set_params(compute=store(session, market.kind).compute))


def evaluate(folder: Path, dataset: str, window: str, task: str, *, bare: bool = False) -> dict[str, Any]:
    """Measure the matcher on public records; see the library's `evaluation`."""
    from matchhub.matcher import evaluation  # noqa: PLC0415 -- the matcher is imported late

    if dataset == "mentor":
        return evaluation.evaluate_mentors(folder, window)
    if dataset == "zh_companies":
        return evaluation.evaluate_texts(folder)
    return evaluation.evaluate(folder, dataset, window, task, bare=bare)


def evaluation_page(result: dict[str, Any]) -> str:
    """An evaluation as a self-contained page."""
    from matchhub.matcher.evaluation.page import page  # noqa: PLC0415 -- the matcher is imported late

    return page(result)


def evaluation_table(result: dict[str, Any]) -> str:
    """An evaluation as text."""
    from matchhub.matcher.evaluation.report import render  # noqa: PLC0415 -- the matcher is imported late

    return render(result)


__all__ = [
    "Applicant", "LineupProposed", "Market", "MeetingsAsked", "MeetingsPlanned", "People", "Placed", "Scorer", "Store",
    "artefacts", "default_spec", "evaluate", "evaluation_page", "evaluation_table", "fits", "fitted", "keep_at", "plan_meetings",
    "propose_lineup", "save", "start_loading", "store", "swap_cost", "weights_of", "zones",
]  # fmt: skip
