"""Needs and mandates: published over the months, renewed, paused, checked, closed, and left to expire."""

from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path

from matchhub.core import uploads
from matchhub.core.clock import city_date
from matchhub.core.db import db
from matchhub.core.setup import change_installation
from matchhub.demo import content, facts
from matchhub.demo.business_plans import business_plan
from matchhub.demo.content import Record
from matchhub.demo.decks import deck
from matchhub.demo.stage import Stage
from matchhub.listings import services
from matchhub.listings.enums import LIVE_NEEDS, NeedState, OfferState
from matchhub.listings.models import EquityNeed, InvestmentMandate
from matchhub.profiles import services as profiles
from matchhub.profiles.enums import AttachmentKind, ProfileState

FIRST_DAY, LAST_DAY = 24, 236  # of the city's history
DRAFTS = ("zhixing", "suoxun")
CHECKED = ("dieyu", "lanjian")  # wait for their carrier
GIVEN_BACK = ("majiang",)
PAUSED = ("mingdi", "qingchao")
CLOSED = {"hengtu": "postponed", "wuwan": "met_elsewhere", "guchou": "plan_changed"}
LAPSING = ("chamang", "qinggeng")  # published early, never renewed
EXPIRING = ("licheng", "duanyue", "jiandu")  # end within days
UNFUNDED = (*PAUSED, *CLOSED, *LAPSING, *EXPIRING)  # nothing comes of their talks
CAST_NEED = "xinghe"
WITH_PLAN = ("xinghe", "zhaobi", "hengtu", "jiandu")  # what the cast opens; each takes a third of a second
WITH_DECK = (
    "xinghe",
    "licheng",
    "qibai",
    "xinli",
    "heyan",
    "hengtu",
    "jiandu",
    "zhaobi",
    "jingxi",
    "duanyue",
    "boxian",
    "liangzao",
)
PAUSED_OFFERS = ("yanouwan",)
DRAFT_OFFERS = ("beixi",)
RENEWAL = timedelta(days=166)


def lay_down(stage: Stage) -> None:
    """When each mandate and each need appears; the trial of a check by the carrier in the last week."""
    for record in content.investors():
        if record["key"] not in ("biheng",):
            stage.timeline.at(stage.after(stage.start, 26, 38), publish_offer, stage, record)
    firms = [record for record in content.enterprises() if record["need"]]
    order = list(range(len(firms)))
    stage.rng.shuffle(order)
    for record, place in zip(firms, order, strict=True):
        moment = _moment(stage, record["key"], place / (len(firms) - 1))
        stage.timeline.at(moment, publish_need, stage, record)
    for days, is_on in ((7, True), (3, False)):
        stage.timeline.at(stage.ago(days, hour=8), _check_first, stage, is_on)
    for key in PAUSED:
        stage.timeline.at(stage.after(stage.ago(24), 0, 8), pause, stage, key)
    for key, reason in CLOSED.items():
        stage.timeline.at(stage.after(stage.ago(40), 0, 14), close, stage, key, reason)


def _moment(stage: Stage, key: str, share: float) -> datetime:
    """The day on which the need of a firm appears."""
    if key in DRAFTS:
        return stage.ago(4, hour=14)
    if key in (*CHECKED, *GIVEN_BACK):
        return stage.ago(6, hour=11)
    if key == CAST_NEED:
        return stage.ago(75, hour=9)
    if key in EXPIRING:
        return stage.ago(169 + 3 * EXPIRING.index(key), hour=10)
    if key in LAPSING:
        return stage.ago(200 + 6 * LAPSING.index(key), hour=10)
    return stage.after(
        stage.start, FIRST_DAY + share * (LAST_DAY - FIRST_DAY), FIRST_DAY + share * (LAST_DAY - FIRST_DAY) + 3
    )


def publish_offer(stage: Stage, record: Record, *, now: datetime) -> None:
    """A mandate, from its first line to the market."""
    actor = stage.actor(record["key"])
    offer = services.start_offer(actor=actor, now=now)
    db.session.flush()
    stage.offers[record["key"]] = offer.id
    is_draft = record["key"] in DRAFT_OFFERS
    values = facts.of_mandate(record)
    services.save_offer(offer, values, version=offer.version, publish=not is_draft, actor=actor, now=now)
    if record["key"] in PAUSED_OFFERS:
        stage.timeline.at(stage.ago(30), _pause_offer, stage, record["key"])


def _pause_offer(stage: Stage, key: str, *, now: datetime) -> None:
    offer = stage.get(InvestmentMandate, stage.offers[key])
    if offer.state is OfferState.OPEN:
        services.pause_offer(offer, actor=stage.actor(key), now=now)


def publish_need(stage: Stage, record: Record, *, now: datetime) -> None:
    """A need, from its first line to the market; put off while the profile is not published."""
    key = record["key"]
    if key not in stage.organizations or stage.profile(key).state is not ProfileState.PUBLISHED:
        stage.timeline.at(stage.after(now, 1, 3), publish_need, stage, record)
        return
    actor = stage.actor(key)
    need = services.start_need(actor=actor, now=now)
    db.session.flush()
    stage.needs[key] = need.id
    values = facts.of_need(record, city_date(now))
    if key in WITH_DECK:
        values["deck_id"] = _attach(stage, record, now)
    services.save_step(need, values, version=need.version, actor=actor, now=now)
    if key in DRAFTS:
        return
    services.publish_need(need, actor=actor, now=now)
    if need.state is NeedState.SUBMITTED and key not in CHECKED:
        stage.timeline.at(stage.after(now, 0.5, 1.5), check, stage, key)
    if key not in (*EXPIRING, *LAPSING):
        stage.timeline.at(now + RENEWAL, renew, stage, key)


def _attach(stage: Stage, record: Record, now: datetime) -> int:
    """The business plan, laid down and made known."""
    is_read = record["key"] in WITH_PLAN
    body = business_plan(record, now) if is_read else deck(record["name_en"], record["one_liner_en"])
    upload = uploads.check(
        BytesIO(body), f"{record['short_name']}商业计划书.pdf", folder=Path(stage.files_dir),
        allowed=uploads.DOCUMENTS, max_bytes=2**20,
    )  # fmt: skip
    row = profiles.attach(
        stage.profile(record["key"]), upload, AttachmentKind.DECK, actor=stage.actor(record["key"]), now=now
    )
    db.session.flush()
    stage.decks[record["key"]] = row.id
    return row.id


def need_of(stage: Stage, key: str) -> EquityNeed | None:
    """The need of a firm, once there is one."""
    return stage.get(EquityNeed, stage.needs[key]) if key in stage.needs else None


def check(stage: Stage, key: str, *, now: datetime) -> None:
    """The carrier reads the need: through, or back."""
    need = need_of(stage, key)
    if need is None or need.state is not NeedState.SUBMITTED:
        return
    carrier = next(k for k, found in stage.organizations.items() if found == need.carrier_id)
    operator = stage.actor(f"op_{carrier}")
    if key in GIVEN_BACK:
        reason = content.lines("return_notes", "unclear")[0]
        services.return_need(need, reason=reason, actor=operator, now=now)
    else:
        services.approve_need(need, actor=operator, now=now)


def _check_first(stage: Stage, is_on: bool, *, now: datetime) -> None:
    """The city tries for some days what it is like when carriers read needs first."""
    change_installation(values={"need_check_by_carrier": is_on}, actor=stage.actor("administrator"), now=now)


def renew(stage: Stage, key: str, *, now: datetime) -> None:
    """Still looking."""
    need = need_of(stage, key)
    if need is not None and need.state is NeedState.OPEN:
        services.renew_need(need, actor=stage.actor(key), now=now)


def pause(stage: Stage, key: str, *, now: datetime) -> None:
    """Not now."""
    need = need_of(stage, key)
    if need is not None and need.state is NeedState.OPEN:
        services.pause_need(need, actor=stage.actor(key), now=now)


def close(stage: Stage, key: str, reason: str, *, now: datetime) -> None:
    """No longer."""
    need = need_of(stage, key)
    if need is not None and need.state in LIVE_NEEDS:
        services.close_need(need, reason=reason, actor=stage.actor(key), now=now)
