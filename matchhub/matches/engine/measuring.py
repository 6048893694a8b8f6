"""How good the matcher is: on public records, and on the installation's own history."""

from __future__ import annotations

import json
from datetime import date, datetime
from pathlib import Path
from typing import Any, TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.core.clock import city_date
from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Offer
from matchhub.matches.engine.fitting import weights_of, zones
from matchhub.matches.engine.store import artefacts, store
from matchhub.matches.engine.tables import table_of
from matchhub.matches.queries.columns import Columns, need_columns, offer_columns, past_columns
from matchhub.matches.queries.proposals import Proposal, PROPOSALS

if TYPE_CHECKING:
    from matchhub.matcher.evaluation import Asked, OwnHistory, Rounds

OWN = "own"


def evaluate(
    folder: Path, dataset: str, window: str, task: str, *, bare: bool = False, fresh: bool = False
) -> dict[str, Any]:
    """Measure the matcher on public records; see the library's `evaluation`."""
    from matchhub.matcher import evaluation  # noqa: PLC0415 -- the matcher is imported late

    if dataset == "mentor":
        return evaluation.evaluate_mentors(folder, window)
    if dataset == "zh_companies":
        return evaluation.evaluate_texts(folder)
    return evaluation.evaluate(folder, dataset, window, task, bare=bare, fresh=fresh)


def evaluate_own(
    session: Session, kind: PairingKind, spec: dict[str, Any], *, task: str = "all", now: datetime, draws: int = 1000
) -> dict[str, Any]:
    """Measure a version of the weights on the installation's own proposals and outcomes, learned from what was before a cut
    and asked about what came after it. ValueError where there is too little history."""
    from matchhub.matcher import evaluation, RECIPES  # noqa: PLC0415 -- the matcher is imported late

    held = own_history(session, kind, now=now)
    recipe = RECIPES[kind.value](zones=zones(session), weights=weights_of(spec))
    return evaluation.evaluate_own(held, recipe, task, draws=draws)


def own_history(session: Session, kind: PairingKind, *, now: datetime) -> OwnHistory:
    """All proposals of a kind with their needs, in any state, all offers of the kind and the rounds of their owners."""
    from matchhub.matcher.evaluation import OwnHistory  # noqa: PLC0415 -- the matcher is imported late

    proposals = PROPOSALS.read(session, kind)
    since = {
        row[0]: city_date(row[1])
        for row in session.execute(select(Offer.id, Offer.created_at).where(Offer.kind == kind))
    }
    needs = need_columns(session, kind, now=now, ids=sorted({one.need_id for one in proposals}))
    offers = offer_columns(session, kind, now=now, ids=sorted(since))
    offered: list[date | None] = [since[offer] for offer in offers.ids]
    firms = [str(organization) for organization in needs.organizations]
    asked = [_asked(one) for one in proposals]
    return OwnHistory(
        kind.value, table_of(needs), table_of(offers), firms, offered, asked, _rounds(session, kind, offers)
    )


def _asked(one: Proposal) -> Asked:
    from matchhub.matcher.evaluation import Asked  # noqa: PLC0415 -- the matcher is imported late

    answered_on = city_date(one.answered_at) if one.answered_at else None
    return Asked(one.need_id, one.offer_id, city_date(one.asked_at), answered_on, one.agreed)


def _rounds(session: Session, kind: PairingKind, offers: Columns) -> Rounds | None:
    from matchhub.matcher.evaluation import Rounds  # noqa: PLC0415 -- the matcher is imported late

    past = past_columns(session, kind, offers)
    return None if past is None else Rounds(table_of(past), past.offer_ids, past.events, past.firms)


def kept_quality(session: Session, kind: PairingKind) -> dict[str, Any] | None:
    """What was measured last on the own history, {"too_little": True} where there was not enough; None before the first time."""
    path = _quality_path(session, kind)
    if not path.exists():
        return None
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def keep_quality(session: Session, kind: PairingKind, spec: dict[str, Any], *, now: datetime) -> bool:
    """Measure the version in use on the own history and keep the figures beside the matcher, once for each matcher that was
    written. Whether there was something to measure."""
    newest = next(iter(artefacts(store(session, kind).folder)), None)
    kept = kept_quality(session, kind)
    if newest is None or (kept is not None and kept["matcher"] == newest.name):
        return False
    found: dict[str, Any] = {"matcher": newest.name, "version": spec["version"]}
    try:
        found |= evaluate_own(session, kind, spec, now=now)
    except ValueError:
        found["too_little"] = True
    path = _quality_path(session, kind)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(json.dumps(found, ensure_ascii=False), encoding="utf-8")
    unfinished.replace(path)
    return True


def _quality_path(session: Session, kind: PairingKind) -> Path:
    return store(session, kind).folder / "quality.json"


def evaluation_page(result: dict[str, Any]) -> str:
    """An evaluation as a self-contained page."""
    from matchhub.matcher.evaluation.page import page  # noqa: PLC0415 -- the matcher is imported late

    return page(result)


def evaluation_table(result: dict[str, Any]) -> str:
    """An evaluation as text."""
    from matchhub.matcher.evaluation.report import render  # noqa: PLC0415 -- the matcher is imported late

    return render(result)
