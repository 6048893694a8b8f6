"""What the firms of the crowd ask for: money for shares, loans, advice, over a year and in all states."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from matchhub.core import dictionaries, money
from matchhub.core.workdays import is_workday
from matchhub.demo.content import crowd
from matchhub.demo.crowd.firms import Owner
from matchhub.demo.crowd.offerers import TOPICS
from matchhub.demo.crowd.rows import Rows, Values
from matchhub.listings.enums import LIVE_NEEDS, NEED_DAYS, NeedState, PairingKind
from matchhub.listings.models import Need, NEED_MODELS

Teaser = tuple[str, str]  # in Chinese and in English
SHARES = {PairingKind.EQUITY: 0.35, PairingKind.CREDIT: 0.4, PairingKind.MENTORING: 0.35}
ENDED = (NeedState.MET, NeedState.CLOSED, NeedState.EXPIRED)
STATES = (
    *(NeedState.OPEN,) * 12, *(NeedState.MET,) * 5, *(NeedState.CLOSED,) * 2, *(NeedState.EXPIRED,) * 2, NeedState.PAUSED,
    NeedState.DRAFT,
)  # fmt: skip
ROUNDS = {"team": "seed", "seed": "angel", "startup": "pre_a", "growth": "a", "stable": "b", "mature": "c"}
SUMS = {"team": 100, "seed": 200, "startup": 500, "growth": 1200, "stable": 2500, "mature": 4000}
PURPOSES = ("rnd", "equipment", "working_capital", "expansion", "market", "certification")
GUARANTEES = (
    ["unsecured"],
    ["unsecured", "ip"],
    ["ip"],
    ["property"],
    ["guarantee_company"],
    ["personal", "receivables"],
)


@dataclass(frozen=True, slots=True)
class Wish:
    """A need of the crowd, as the history needs it."""

    id: int
    kind: PairingKind
    owner: Owner
    state: NeedState
    published_at: datetime
    ended_at: datetime | None
    values: Values


def add_needs(rows: Rows, rng: Random, owner: Owner, *, now: datetime) -> list[Wish]:
    """Up to one need of each kind."""
    return [_add(rows, rng, owner, kind, now) for kind, share in SHARES.items() if rng.random() < share]


def _add(rows: Rows, rng: Random, owner: Owner, kind: PairingKind, now: datetime) -> Wish:
    state = rng.choice(STATES)
    published, ended = _times(rng, owner, state, now)
    (teaser, teaser_en), statement, own = TELL[kind](rng, owner)
    words = {"teaser": teaser[:30], "teaser_en": teaser_en[:1].upper() + teaser_en[1:], "statement": statement}
    is_draft = state is NeedState.DRAFT
    identity = rows.reserve(Need)
    field = dictionaries.snapshot().word("industries", owner.line["industry"].split(".")[0], "zh")
    rows.extend(
        Need, id=identity, kind=kind, organization_id=owner.id, state=state, industries=[owner.line["industry"]],
        lead_industry=owner.line["industry"].split(".")[0], region_code=owner.region, district_code=owner.district,
        carrier_id=owner.carrier_id, deck_id=None, return_reason="", submitted_at=None,
        closing_reason={NeedState.MET: "met_here", NeedState.CLOSED: "plan_changed"}.get(state, ""),
        published_at=None if is_draft else published, closed_at=ended if state in (NeedState.MET, NeedState.CLOSED) else None,
        expires_at=None if is_draft else (ended if state is NeedState.EXPIRED else published + timedelta(days=NEED_DAYS)),
        version=1, last_submission={}, created_at=published, updated_at=ended or published,
        code_name="" if is_draft else f"{field}-{identity:04d}", **words,
    )  # fmt: skip
    rows.extend(NEED_MODELS[kind], id=identity, **own)
    by = (owner.id, owner.user_id)
    rows.trace("need:start", Need, identity, by, published)
    if not is_draft:
        rows.trace("need:publish", Need, identity, by, published)
    return Wish(identity, kind, owner, state, published, ended, words | own)


def _times(rng: Random, owner: Owner, state: NeedState, now: datetime) -> tuple[datetime, datetime | None]:
    """When it was published, and when it ended; live ones within their time."""
    first, age = owner.since + timedelta(days=7), (now - owner.since).days - 8
    if state in LIVE_NEEDS or state is NeedState.DRAFT:
        oldest = min(age, NEED_DAYS - 5)
        return at_work(rng, now - timedelta(days=rng.uniform(1, max(2, oldest)))), None
    published = at_work(rng, first + timedelta(days=rng.uniform(0, max(1, age - 75))))
    latest = min(now - timedelta(days=1), published + timedelta(days=NEED_DAYS - 1))
    ended = (
        published + timedelta(days=NEED_DAYS)
        if state is NeedState.EXPIRED
        else published + timedelta(days=rng.uniform(50, 75))
    )
    return published, min(ended, latest)


def at_work(rng: Random, moment: datetime) -> datetime:
    """A moment in office hours of that day or of the last workday before it."""
    day = moment
    while not is_workday(day.date()):
        day -= timedelta(days=1)
    return day.replace(hour=rng.randint(1, 9), minute=rng.choice((0, 10, 20, 30, 45)), second=0, microsecond=0)


def _equity(rng: Random, owner: Owner) -> tuple[Teaser, str, Values]:
    middle = int(SUMS[owner.stage] * rng.uniform(0.6, 1.6) / 10) * 10 or 50
    purposes = rng.sample(PURPOSES, 2)
    uses = "、".join(crowd()["uses"][code][0] for code in purposes)
    begins = owner.stage in ("team", "seed")
    return (
        (
            f"{owner.line['product']}，找{'天使' if begins else '成长'}资金",
            f"{owner.line['product_en']}, looking for {'angel' if begins else 'growth'} capital",
        ),
        f"资金用来{uses}。客户是{owner.line['customer']}。",
        {
            "amount_min_yuan": int(middle * 0.8) * 10_000, "amount_max_yuan": int(middle * 1.2) * 10_000,
            "round_code": ROUNDS[owner.stage], "instruments": ["equity"], "purposes": purposes,
            "equity_max_pct": rng.choice((5, 8, 10, 15, 20)), "excludes": [], "needed_by": None,
        },
    )  # fmt: skip


def _credit(rng: Random, owner: Owner) -> tuple[Teaser, str, Values]:
    amount = rng.choice((50, 80, 100, 150, 200, 300, 500, 800))
    purpose = rng.choice(("working_capital", "equipment", "materials", "rnd"))
    asked = money.show(amount * 10_000, "en")
    return (
        (f"{owner.line['product']}，借 {amount} 万周转", f"{owner.line['product_en']}, a loan of {asked}"),
        f"订单来自{owner.line['customer']}，回款后归还。",
        {
            "amount_min_yuan": None, "amount_max_yuan": amount * 10_000, "term_months": rng.choice((6, 12, 12, 24, 36)),
            "rate_max_bp": rng.choice((None, 400, 450, 500)), "purposes": [purpose], "guarantees": rng.choice(GUARANTEES),
            "ip_types": rng.choice(([], ["invention"], ["invention", "utility"])), "is_first_loan": rng.random() < 0.4,
            "has_clean_record": True, "needed_by": None,
        },
    )  # fmt: skip


def _mentoring(rng: Random, owner: Owner) -> tuple[Teaser, str, Values]:
    goal, goal_en = rng.choice(crowd()["goals"])
    return (
        (goal, goal_en),
        f"{goal}。我们给{owner.line['customer']}做{owner.line['product']}。",
        {
            "topics": sorted(rng.sample(TOPICS, rng.randint(1, 2))), "urgency": rng.choice(("two_weeks", "one_month", "quarter")),
            "meeting_modes": rng.choice((["online"], ["carrier", "online"], [])), "sessions_wanted": rng.randint(1, 6),
            "needed_by": None,
        },
    )  # fmt: skip


TELL = {PairingKind.EQUITY: _equity, PairingKind.CREDIT: _credit, PairingKind.MENTORING: _mentoring}
