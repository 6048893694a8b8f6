"""What becomes of one introduction, day by day: drawn by chance within what is likely."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from matchhub.demo.content import Record
from matchhub.demo.stage import Stage

REGIONS_AROUND = {"000000", "100000", "420000", "420700"}


class Answer(StrEnum):
    """What the other side does."""

    ACCEPT = "accept"
    DECLINE = "decline"
    SILENCE = "silence"
    WITHDRAWN = "withdrawn"  # the asker does not wait


@dataclass(frozen=True, slots=True)
class Talk:
    """A meeting: proposed, answered, and held when its time has come."""

    proposed_at: datetime
    starts_at: datetime
    by_firm: bool
    agreed: bool | None = True  # None: no answer yet
    reported: bool = True


@dataclass(frozen=True, slots=True)
class Finish:
    """A result: entered by one side, answered by the other."""

    entered_at: datetime
    by_firm: bool
    answered_at: datetime | None
    is_disputed: bool = False
    meets_need: bool = True


@dataclass(slots=True)
class Plan:
    """The course of one introduction. What lies in the future does not happen."""

    need: str
    offer: str
    by_firm: bool
    asked_at: datetime
    answer: Answer
    answered_at: datetime
    lines: list[tuple[datetime, bool]] = field(default_factory=list)  # when, by the firm
    talks: list[Talk] = field(default_factory=list)
    stages: list[tuple[datetime, str]] = field(default_factory=list)
    next_steps: list[datetime] = field(default_factory=list)
    finish: Finish | None = None
    ending: tuple[datetime, str] | None = None  # revoke, close


def likeness(firm: Record, investor: Record) -> float:
    """How well a firm's need suits a mandate, in [0, 1]: only to draw plausible pairs; the matcher knows better."""
    need, mandate = firm["need"], investor["mandate"]
    tops = {code.split(".")[0] for code in firm["industries"]}
    wanted = {code.split(".")[0] for code in mandate["industries"]}
    exact = set(firm["industries"]) & set(mandate["industries"])
    industry = 1.0 if exact or (tops & set(mandate["industries"])) else 0.6 if tops & wanted else 0.0
    stage = 1.0 if need["round"] in mandate["rounds"] else 0.0
    near = REGIONS_AROUND | {firm["region"]}
    region = 1.0 if not mandate["regions"] or near & set(mandate["regions"]) else 0.2
    low, high = mandate["ticket_min_yuan"], mandate["ticket_max_yuan"]
    amount = 1.0 if need["amount_max_yuan"] >= low and need["amount_min_yuan"] <= high else 0.2
    return 0.35 * industry + 0.3 * stage + 0.15 * region + 0.2 * amount


def drawn(stage: Stage, need: str, offer: str, asked_at: datetime, liking: float) -> Plan:
    """The likely course of a pair that likes each other so much."""
    rng = stage.rng
    chance = rng.random()
    accept = 0.25 + 0.25 * liking
    if chance < accept:
        answer = Answer.ACCEPT
    elif chance < accept + 0.27:
        answer = Answer.DECLINE
    else:
        answer = Answer.SILENCE if chance < accept + 0.4 else Answer.WITHDRAWN
    plan = Plan(
        need, offer, by_firm=rng.random() < 0.64, asked_at=asked_at, answer=answer,
        answered_at=stage.after(asked_at, 0.3, 6),
    )  # fmt: skip
    if answer is Answer.ACCEPT:
        _draw_course(stage, plan)
    return plan


def _draw_course(stage: Stage, plan: Plan) -> None:
    rng, at = stage.rng, plan.answered_at
    firm_first = not plan.by_firm
    for _ in range(rng.randint(1, 3)):
        at = stage.after(at, 0.1, 2.5)
        plan.lines.append((at, firm_first))
        firm_first = not firm_first
    if rng.random() < 0.12:
        plan.ending = (stage.after(at, 3, 20), "revoke" if rng.random() < 0.5 else "close")
        return
    held = _draw_meeting(stage, plan, at)
    plan.lines.append((stage.after(held, 0.5, 4), rng.random() < 0.5))
    _draw_stages(stage, plan, held)


def _draw_meeting(stage: Stage, plan: Plan, after: datetime) -> datetime:
    rng = stage.rng
    if rng.random() < 0.15:
        missed = stage.after(after, 0.3, 1.5)
        plan.talks.append(Talk(missed, stage.after(missed, 2, 5), rng.random() < 0.5, agreed=False))
        after = missed + timedelta(days=1)
    proposed = stage.after(after, 0.3, 2)
    starts = stage.after(proposed, 2, 7)
    plan.talks.append(Talk(proposed, starts, rng.random() < 0.5, reported=rng.random() < 0.93))
    return starts


def _draw_stages(stage: Stage, plan: Plan, held: datetime) -> None:
    rng, at = stage.rng, held
    for action, share in (("examine", 0.66), ("offer_terms", 0.74), ("sign", 0.85)):
        at = stage.after(at, 8, 22)
        if rng.random() > share:
            plan.stages.append((at, "end"))
            return
        plan.stages.append((at, action))
        plan.next_steps.append(stage.after(at, 0.2, 2))
    entered = stage.after(at, 4, 12)
    disputed = rng.random() < 0.15
    plan.finish = Finish(
        entered, rng.random() < 0.4, stage.after(entered, 0.5, 4), is_disputed=disputed, meets_need=rng.random() < 0.5
    )
