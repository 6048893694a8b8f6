"""The version of the weights in use."""

from datetime import datetime
from typing import Any

from sqlalchemy import select

from matchhub.core.db import db, writes
from matchhub.listings.enums import PairingKind
from matchhub.matches.engine import default_spec
from matchhub.matches.models import MatchingModel


@writes
def ensure_model(kind: PairingKind = PairingKind.EQUITY, *, now: datetime) -> MatchingModel:
    """The active model of a kind of pairing; the first one is our own proposal, labelled 示例."""
    model = db.session.scalar(
        select(MatchingModel).where(MatchingModel.kind == kind, MatchingModel.is_active.is_(True))
    )
    if model is None:
        spec = default_spec(kind)
        model = MatchingModel(
            kind=kind, name=spec["version"], spec=spec, is_active=True, is_sample=True, created_at=now, activated_at=now
        )
        db.session.add(model)
        db.session.flush()
    if not model.spec:
        model.spec = default_spec(kind)
    return model


@writes
def ensure_models(*, now: datetime) -> None:
    """An active model of every kind."""
    for kind in PairingKind:
        ensure_model(kind, now=now)


def spec_in_use(kind: PairingKind) -> dict[str, Any]:
    """The weights in use as data, with what was added to versions later; the proposed ones before the first comparison."""
    current = db.session.scalar(select(MatchingModel).where(MatchingModel.kind == kind, MatchingModel.is_active))
    return {**default_spec(kind), **(current.spec if current is not None else {})}
