"""The only package that knows the matcher, and it imports it late: a web process starts without scikit-learn.

The worker fits and writes an artefact for each kind of pairing; every process loads the newest ones in the background and
scores with them.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from matchhub.matches.engine.fitting import default_spec, learned, weights_of, zones
from matchhub.matches.engine.measuring import (
    evaluate,
    evaluate_own,
    evaluation_page,
    evaluation_table,
    keep_quality,
    kept_quality,
)
from matchhub.matches.engine.owners import owners_of_suited
from matchhub.matches.engine.rooms import (
    Applicant,
    explain_lineup,
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
from matchhub.matches.engine.searching import Suited, suited
from matchhub.matches.engine.speaking import Speaker
from matchhub.matches.engine.store import artefacts, keep_at, save, start_loading, Store, store
from matchhub.matches.engine.tables import Market


def fitted(session: Session, market: Market, spec: dict[str, Any]) -> Scorer:
    """Learn from the market and its past under a version of the weights."""
    matcher = learned(session, market, spec)
    return Scorer(market.kind, matcher.set_params(compute=store(session, market.kind).compute))


__all__ = [
    "Applicant", "LineupProposed", "Market", "MeetingsAsked", "MeetingsPlanned", "People", "Placed", "Scorer",
    "Speaker", "Store", "Suited", "artefacts", "default_spec", "evaluate", "evaluate_own", "evaluation_page", "evaluation_table",
    "explain_lineup", "fits", "fitted", "keep_at", "keep_quality", "kept_quality", "owners_of_suited", "plan_meetings",
    "propose_lineup", "save", "start_loading", "store", "suited", "swap_cost", "weights_of", "zones",
]  # fmt: skip
