"""Why an introduction cannot be asked for now, and from when it can."""

from datetime import datetime, timedelta

from sqlalchemy import select

from matchhub.accounts.models import Organization
from matchhub.core import errors
from matchhub.core.clock import city_date
from matchhub.core.db import db, writing
from matchhub.core.installation import required
from matchhub.core.labels import N_, NN_
from matchhub.introductions import queries
from matchhub.introductions.queries import Pair
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import Mentorship, Offer
from matchhub.matches.queries.columns import engaged_now

ASKS_PER_DAY = 20
CLOSED_OFFER = {
    PairingKind.EQUITY: N_("这项投资意向没有在发布中，先发布意向再申请"),
    PairingKind.CREDIT: N_("这个贷款产品没有在发布中，先发布产品再申请"),
    PairingKind.MENTORING: N_("这项辅导没有在发布中，先发布辅导时间再申请"),
}


def check_limits(pair: Pair, *, now: datetime) -> None:
    """Raise LimitReached, with the day from which it is possible, or Conflict. Holds the rows that the caps count on."""
    _hold(pair)
    _check_open(pair)
    _check_cooling(pair, now=now)
    _check_pair(pair)
    _check_pace(pair, now=now)
    if pair.asker_is_enterprise:
        _check_in_flight(pair, now=now)
        _check_capacity(pair, now=now)
    _check_places(pair)


def _hold(pair: Pair) -> None:
    """Two askers at once queue here, so that a cap is never passed (SQLite has one writer anyway)."""
    if writing():
        db.session.execute(select(Organization.id).where(Organization.id == pair.own_id).with_for_update())
        db.session.execute(select(Offer.id).where(Offer.id == pair.offer.id).with_for_update())


def _check_open(pair: Pair) -> None:
    own = pair.need.organization if pair.asker_is_enterprise else pair.offer.organization
    if not own.is_verified:
        raise errors.Forbidden(N_("机构核验通过后才能申请对接"))
    if pair.need.state is not NeedState.OPEN:
        raise errors.LimitReached(N_("这项需求没有在发布中，先发布需求再申请"))
    if pair.offer.state is not OfferState.OPEN:
        raise errors.LimitReached(CLOSED_OFFER[pair.offer.kind])
    if not queries.can_be_asked(pair.other):
        raise errors.NotFound(N_("没有这一页，或者你不能看"))
    if queries.is_blocked(db.session(), pair.own_id, pair.other.id):
        raise errors.LimitReached(N_("这一对暂时不能申请对接，先看其他推荐"))


def _check_pair(pair: Pair) -> None:
    if queries.open_between(db.session(), pair.need.id, pair.offer.id) is not None:
        raise errors.LimitReached(N_("你们已经有一个进行中的对接，请到对接里继续"))


def _check_pace(pair: Pair, *, now: datetime) -> None:
    if queries.asked_since(db.session(), pair.own_id, now - timedelta(days=1)) >= ASKS_PER_DAY:
        raise errors.LimitReached(N_("一天最多申请 %(most)s 个对接，明天可继续"), most=ASKS_PER_DAY)


def _check_cooling(pair: Pair, *, now: datetime) -> None:
    if until := queries.cooling_until(db.session(), pair, now=now):
        raise errors.LimitReached(N_("对方上次没有接受，%(day)s起可再次申请"), day=city_date(until))


def _check_in_flight(pair: Pair, *, now: datetime) -> None:
    cap = required(db.session()).in_flight_per_enterprise
    ends = queries.in_flight(db.session(), pair.own_id, kind=pair.need.kind)
    if len(ends) < cap:
        return
    soonest = city_date(max(ends[0], now))
    raise errors.LimitReached(
        N_("进行中的申请已有 %(count)s 个，上限 %(cap)s 个。最晚 %(day)s有一个到期，也可先撤回或结束一个"),
        count=len(ends), cap=cap, day=soonest,
    )  # fmt: skip


def _check_capacity(pair: Pair, *, now: datetime) -> None:
    capacity = pair.offer.capacity_per_month
    since, following = queries.month_bounds(now)
    if capacity is not None and queries.taken_this_month(db.session(), pair.offer, since=since) >= capacity:
        raise errors.LimitReached(N_("对方本月名额已满，%(day)s起可申请"), day=city_date(following))


def _check_places(pair: Pair) -> None:
    """A mentor that works with as many firms as it can take is neither asked nor asks."""
    most = pair.offer.firms_at_most if isinstance(pair.offer, Mentorship) else None
    if most is not None and engaged_now(db.session()).get(pair.offer.id, 0) >= most:
        raise errors.LimitReached(
            NN_("这位导师同时最多辅导 %(count)s 家企业，目前已满，有空位时再申请", "count"), count=most
        )
