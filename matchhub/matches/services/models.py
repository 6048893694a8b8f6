"""The versions of the weights."""

from datetime import datetime

from sqlalchemy import select

from matchhub.core.db import db, writes
from matchhub.listings.enums import PairingKind
from matchhub.matches.engine import default_spec
from matchhub.matches.models import MatchingModel


@writes
def ensure_model(*, now: datetime) -> MatchingModel:
    """The active model of each pairing; the first one is our own proposal, labelled 示例."""
    model = db.session.scalar(select(MatchingModel).where(MatchingModel.is_active))
    if model is None:
        spec = default_spec()
        model = MatchingModel(
            kind=PairingKind.EQUITY, name=spec["version"], spec=spec, is_active=True, is_sample=True, created_at=now
        )
        db.session.add(model)
        db.session.flush()
    if not model.spec:
        model.spec = default_spec()
    return model
