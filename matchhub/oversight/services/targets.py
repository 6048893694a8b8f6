"""Setting a target: a new version with its source and the day from which it holds; what was said before stays."""

from datetime import date, datetime

from matchhub.core import audit, errors
from matchhub.core.db import db, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.oversight.enums import Indicator
from matchhub.oversight.models import Target
from matchhub.oversight.policy import Permission, POLICY

MOST = 10**12


@writes
def set_target(
    indicator: Indicator,
    *,
    low: int,
    high: int | None,
    due_on: date | None,
    effective_from: date | None,
    source: str,
    actor: Actor,
    now: datetime,
) -> Target:
    """Set a target from a day on. Raises Invalid for a range upside down, a day out of order or without a source."""
    POLICY.check(Permission.SET_TARGET, actor)
    if not 0 < low <= MOST:
        raise errors.Invalid(N_("填写大于 0 的目标"), field="low")
    if high is not None and not low < high <= MOST:
        raise errors.Invalid(N_("上限应高于下限"), field="high")
    if effective_from is None:
        raise errors.Invalid(N_("填写生效日期"), field="effective_from")
    if due_on is None or due_on <= effective_from:
        raise errors.Invalid(N_("截止日期应晚于生效日期"), field="due_on")
    if not source.strip():
        raise errors.Invalid(N_("写明出处：文号或会议"), field="source")
    target = Target(
        indicator=indicator, low=low, high=high, due_on=due_on, effective_from=effective_from,
        source=source.strip()[:300], set_by_id=actor.user_id, set_at=now,
    )  # fmt: skip
    db.session.add(target)
    audit.record(actor, "target:set", target, indicator=indicator.value, low=low, high=high)
    return target
