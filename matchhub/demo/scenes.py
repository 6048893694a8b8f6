"""Who asks whom: a few scenes written for the cast, and the many that chance draws."""

from datetime import datetime, timedelta

from matchhub.demo import content
from matchhub.demo.content import Record
from matchhub.demo.market import CHECKED, DRAFTS, GIVEN_BACK, UNFUNDED
from matchhub.demo.plans import Answer, drawn, Finish, likeness, Plan, Talk
from matchhub.demo.stage import Stage
from matchhub.demo.talks import ask
from matchhub.listings.enums import NeedState
from matchhub.listings.models import EquityNeed

FIRM, FUND = "xinghe", "yuanshan"


def lay_down(stage: Stage) -> None:
    """The scenes of the cast at their days; chance looks at each need once a fortnight."""
    written = cast_scenes(stage)
    for plan in written:
        stage.timeline.at(plan.asked_at, ask, stage, plan)
    kept = {(plan.need, plan.offer) for plan in written}
    firms = [f for f in content.enterprises() if f["need"] and f["key"] not in (FIRM, *DRAFTS, *CHECKED, *GIVEN_BACK)]
    for fortnight in range(2, 18):
        stage.timeline.at(stage.start + timedelta(days=14 * fortnight), draw, stage, firms, kept)


def draw(stage: Stage, firms: list[Record], kept: set[tuple[str, str]], *, now: datetime) -> None:
    """In the coming two weeks some pairs ask each other: the likelier, the better they suit. `kept` are the scenes' own."""
    for firm in firms:
        need_id = stage.needs.get(firm["key"])
        if need_id is None or stage.get(EquityNeed, need_id).state is not NeedState.OPEN:
            continue
        offers = [i for i in content.investors() if i["key"] in stage.offers and (firm["key"], i["key"]) not in kept]
        ranked = sorted(offers, key=lambda i: -(likeness(firm, i) + stage.rng.uniform(0, 0.25)))
        for investor in ranked[: stage.rng.choice((0, 1, 1, 2))]:
            at = stage.after(now, 0.2, 12)
            liking = likeness(firm, investor)
            plan = drawn(stage, firm["key"], investor["key"], at, liking)
            if firm["key"] in UNFUNDED:
                plan.stages, plan.finish = plan.stages[:1], None
            stage.timeline.at(at, ask, stage, plan)


def cast_scenes(stage: Stage) -> list[Plan]:
    """What the visitor who signs in as one of the cast finds: something to answer, to go to, to confirm."""
    ago = stage.ago
    ahead = stage.now + timedelta(days=3)
    soon = stage.after(ahead, 0, 2)
    return [
        _advanced(stage, FIRM, FUND, days=62, upcoming=soon),
        _nearly_done(stage),
        _disputed(stage, "boxian", "chuli"),
        _declined(FIRM, "dubei", ago(45, hour=9), ago(42, hour=16)),
        _open(FIRM, "geling", ago(5, hour=9), by_firm=True),
        _open(FIRM, "fankou", ago(1, hour=9), by_firm=False),
        _open(FIRM, "lianghu", ago(3, hour=15), by_firm=False),
        _open("licheng", FUND, ago(2, hour=10), by_firm=True),
        _open("qibai", FUND, ago(4, hour=11), by_firm=True),
        _open("xitong", FUND, ago(6, hour=14), by_firm=False),
        _declined("boxian", FUND, ago(30, hour=9), ago(27, hour=10)),
        _advanced(stage, "jiandu", FUND, days=40, upcoming=None),
        _fresh_talk(stage, "zhaobi", FUND),
    ]


def _open(need: str, offer: str, at: datetime, *, by_firm: bool) -> Plan:
    """Asked, not answered yet."""
    return Plan(need, offer, by_firm, at, Answer.SILENCE, at + timedelta(days=400))


def _declined(need: str, offer: str, at: datetime, answered: datetime) -> Plan:
    return Plan(need, offer, True, at, Answer.DECLINE, answered)


def _advanced(stage: Stage, need: str, offer: str, *, days: int, upcoming: datetime | None) -> Plan:
    """Met, under examination, and perhaps to meet again these days."""
    ago = stage.ago
    plan = Plan(need, offer, True, ago(days, hour=9), Answer.ACCEPT, ago(days - 2, hour=15))
    plan.lines = [(ago(days - 3, hour=10), False), (ago(days - 4, hour=11), True), (ago(2, hour=16), True)]
    plan.talks = [Talk(ago(days - 5), ago(days - 10, hour=14), by_firm=False)]
    plan.stages = [(ago(days - 22, hour=17), "examine")]
    plan.next_steps = [ago(3, hour=17)]
    if upcoming is not None:
        plan.talks.append(Talk(ago(4, hour=9), upcoming, by_firm=False))
    return plan


def _fresh_talk(stage: Stage, need: str, offer: str) -> Plan:
    """Agreed these days; a time is proposed and waits for the fund's word."""
    ago = stage.ago
    plan = Plan(need, offer, False, ago(9, hour=9), Answer.ACCEPT, ago(6, hour=10))
    plan.lines = [(ago(5, hour=9), True)]
    plan.talks = [Talk(ago(1, hour=10), stage.after(stage.now + timedelta(days=4), 0, 2), by_firm=True, agreed=None)]
    return plan


def _nearly_done(stage: Stage) -> Plan:
    """Signed; the fund has entered the result, and the firm is to confirm it."""
    ago = stage.ago
    plan = Plan(FIRM, "panyu", False, ago(70, hour=9), Answer.ACCEPT, ago(68, hour=11))
    plan.lines = [(ago(67, hour=9), True), (ago(20, hour=9), False)]
    plan.talks = [Talk(ago(66), ago(61, hour=15), by_firm=True)]
    plan.stages = [(ago(50), "examine"), (ago(30), "offer_terms"), (ago(12), "sign")]
    plan.next_steps = [ago(29, hour=17)]
    plan.finish = Finish(ago(1, hour=16), by_firm=False, answered_at=None)
    return plan


def _disputed(stage: Stage, need: str, offer: str) -> Plan:
    """The two saw the amount differently at first, and settled it."""
    ago = stage.ago
    plan = Plan(need, offer, True, ago(100, hour=9), Answer.ACCEPT, ago(97, hour=11))
    plan.talks = [Talk(ago(95), ago(90, hour=15), by_firm=True)]
    plan.stages = [(ago(80), "examine"), (ago(55), "offer_terms"), (ago(35), "sign")]
    plan.finish = Finish(ago(25), by_firm=False, answered_at=ago(22), is_disputed=True, meets_need=False)
    return plan
