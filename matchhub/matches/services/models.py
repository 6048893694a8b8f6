"""The versions of the weights: the first one is ours, the next are tried out, put to use and taken back by people."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import select

from matchhub.core import audit
from matchhub.core.db import db, writes
from matchhub.core.errors import Conflict, Invalid
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.listings.enums import PairingKind
from matchhub.matches.engine import default_spec
from matchhub.matches.enums import RunState
from matchhub.matches.models import MatchingModel, ModelTrial
from matchhub.matches.services.runs import request_run
from matchhub.matches.services.versions import ensure_model

MOST_WAITING = 3


@writes
def try_out(kind: PairingKind, parts: Mapping[str, Any], *, actor: Actor, now: datetime) -> ModelTrial:
    """Ask the worker what the lists would look like with other parts (sides, cuts, exposure) in the version in use.

    Raises Invalid where nothing differs, a side weighs nothing or the cut points are out of order, Conflict where too
    many trials wait.
    """
    base = ensure_model(kind, now=now)
    held = {**default_spec(kind), **base.spec}
    spec = {**held, **parts, "version": _next_name(kind)}
    _check(spec, held, parts)
    waiting = db.session.scalars(
        select(ModelTrial.id).where(ModelTrial.state.in_((RunState.QUEUED, RunState.RUNNING)))
    ).all()
    if len(waiting) >= MOST_WAITING:
        raise Conflict(N_("还有试算没有完成，等一下再试"))
    trial = ModelTrial(kind=kind, base_id=base.id, spec=spec, by_user_id=actor.user_id, queued_at=now)
    db.session.add(trial)
    audit.record(actor, "matching_model:try", trial, kind=kind.value)
    return trial


def _check(spec: Mapping[str, Any], held: Mapping[str, Any], parts: Mapping[str, Any]) -> None:
    for side in ("a", "b"):
        if not any(spec[side].values()):
            first = next(iter(spec[side]))
            raise Invalid(N_("至少有一项的权重大于 0"), field=f"{side}_{first}")
    cuts = spec["cuts"]
    if not 1 >= cuts["strong"] > cuts["good"] > cuts["look"] >= 0:
        raise Invalid(N_("三个分数线要从高到低"), field="cut_strong")
    if all(held.get(name) == part for name, part in parts.items()):
        raise Invalid(N_("和现在的权重一样，改一项再试算"))


def _next_name(kind: PairingKind) -> str:
    """equity-4 after equity-3, whatever was tried out between."""
    names = db.session.scalars(select(MatchingModel.name).where(MatchingModel.kind == kind)).all()
    numbers = [int(found[1]) for name in names if (found := re.fullmatch(rf"{kind.value}-(\d+)", name))]
    return f"{kind.value}-{max(numbers, default=1) + 1}"


@writes
def adopt(trial: ModelTrial, *, actor: Actor, now: datetime) -> MatchingModel:
    """Put the weights of a finished trial to use; everything is compared anew. Raises Conflict where it is not finished, or
    where another version came to use since: what was shown is then no longer what would change."""
    current = ensure_model(trial.kind, now=now)
    if trial.state is not RunState.DONE:
        raise Conflict(N_("试算还没有完成"))
    if current.id != trial.base_id:
        raise Conflict(N_("已有更新的版本在用，请再试算一次"))
    model = MatchingModel(
        kind=trial.kind, name=trial.spec["version"], spec=trial.spec, is_active=False, is_sample=False, created_at=now
    )
    db.session.add(model)
    return _put_to_use(model, current, actor=actor, now=now)


@writes
def bring_back(model: MatchingModel, *, actor: Actor, now: datetime) -> MatchingModel:
    """Put an earlier version to use again; everything is compared anew."""
    if model.is_active:
        raise Conflict(N_("这个版本正在用"))
    return _put_to_use(model, ensure_model(model.kind, now=now), actor=actor, now=now)


def _put_to_use(model: MatchingModel, current: MatchingModel, *, actor: Actor, now: datetime) -> MatchingModel:
    current.is_active = False
    db.session.flush()  # never two at once
    model.is_active, model.activated_at = True, now
    audit.record(
        actor, "matching_model:activate", model, kind=model.kind.value, version=model.name, before=current.name
    )
    request_run(kind=model.kind, now=now)
    return model
