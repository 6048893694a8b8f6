"""The columns of a fund's board: added, named, ordered and removed by the fund; each stands for one stage of a deal."""

from datetime import datetime

from sqlalchemy import select

from matchhub.core import audit, errors
from matchhub.core.db import db, hold, writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.pipelines.enums import DealStage, OPEN_STAGES
from matchhub.pipelines.models import Deal, OwnStage
from matchhub.pipelines.policy import Permission, POLICY
from matchhub.pipelines.queries import boards

MOST = 12
LONGEST = 20


@writes
def adopt_stages(*, actor: Actor, now: datetime) -> list[OwnStage]:
    """Make the five default columns the fund's own, so that it can change them; every open card stays where it lies.

    What is own already stays as it is.
    """
    POLICY.check(Permission.ARRANGE, actor)
    own_id = actor.organization_id or 0
    if found := boards.own_stages(db.session(), own_id):
        return found
    made = [
        OwnStage(organization_id=own_id, stage=stage, name=stage.label, position=place)
        for place, stage in enumerate(OPEN_STAGES)
    ]
    db.session.add_all(made)
    db.session.flush()
    by_stage = {row.stage: row.id for row in made}
    for deal in db.session.scalars(select(Deal).where(Deal.investor_id == own_id, Deal.stage.in_(OPEN_STAGES))):
        deal.own_stage_id = by_stage[deal.stage]
    for row in made:
        audit.record(actor, "own_stage:adopt", row)
    return made


@writes
def add_stage(name: str, stage: DealStage, *, actor: Actor, now: datetime) -> OwnStage:
    """Add a column at the end of those that stand for the same stage. Raises Invalid for a name that is there already."""
    rows = adopt_stages(actor=actor, now=now)
    if len(rows) >= MOST:
        raise errors.Invalid(N_("最多 %(most)s 个阶段"), field="name", most=MOST)
    if stage not in OPEN_STAGES:
        raise errors.Invalid(N_("选一个列出的阶段"), field="stage")
    place = max((at for at, row in enumerate(rows) if row.stage is stage), default=len(rows) - 1) + 1
    made = OwnStage(organization_id=actor.organization_id, stage=stage, name=_checked(name, rows), position=place)
    db.session.add(made)
    _number([*rows[:place], made, *rows[place:]])
    audit.record(actor, "own_stage:add", made)
    return made


@writes
def rename_stage(own_stage: OwnStage, name: str, *, actor: Actor, now: datetime) -> None:
    """Give a column another name."""
    POLICY.check(Permission.ARRANGE, actor, own_stage)
    hold(own_stage)
    others = [row for row in boards.own_stages(db.session(), own_stage.organization_id) if row is not own_stage]
    own_stage.name = _checked(name, others)
    audit.record(actor, "own_stage:rename", own_stage)


@writes
def reorder_stage(own_stage: OwnStage, step: int, *, actor: Actor, now: datetime) -> None:
    """Move a column one place to the front (-1) or to the back (1); at the end it stays."""
    POLICY.check(Permission.ARRANGE, actor, own_stage)
    rows = boards.own_stages(db.session(), own_stage.organization_id)
    at = rows.index(own_stage)
    rows.insert(min(len(rows) - 1, max(0, at + step)), rows.pop(at))
    _number(rows)
    audit.record(actor, "own_stage:reorder", own_stage)


@writes
def remove_stage(own_stage: OwnStage, *, actor: Actor, now: datetime) -> None:
    """Remove an empty column. Raises Conflict where cards lie in it, or where it is the last."""
    POLICY.check(Permission.ARRANGE, actor, own_stage)
    own_id = own_stage.organization_id
    columns = boards.columns_of(db.session(), own_id)
    if len(columns.all) == 1:
        raise errors.Conflict(N_("至少留一个阶段"))
    if boards.counts_by_column(db.session(), own_id, columns)[str(own_stage.id)]:
        raise errors.Conflict(N_("「%(name)s」里还有项目，移走后再删除"), name=own_stage.name)
    audit.record(actor, "own_stage:remove", own_stage)
    db.session.delete(own_stage)


def _checked(name: str, others: list[OwnStage]) -> str:
    name = " ".join(name.split())
    if not name:
        raise errors.Invalid(N_("填写阶段名称"), field="name")
    if len(name) > LONGEST:
        raise errors.Invalid(N_("不要超过 %(max)s 字"), field="name", max=LONGEST)
    if name in {row.name for row in others}:
        raise errors.Invalid(N_("已有同名的阶段"), field="name")
    return name


def _number(rows: list[OwnStage]) -> None:
    for place, row in enumerate(rows):
        row.position = place
