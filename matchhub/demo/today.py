"""What is open this morning besides the talks: people who want to join, a firm that moves, what was said of suggestions."""

from datetime import datetime

from sqlalchemy import func, select, update

from matchhub.accounts import services as accounts
from matchhub.accounts.queries import people_of
from matchhub.accounts.services import Newcomer
from matchhub.core import addresses
from matchhub.core.db import db, unit_of_work
from matchhub.core.outbox import MailState, Notice
from matchhub.core.policy import ANONYMOUS
from matchhub.demo.founding import TERMS
from matchhub.demo.stage import Stage
from matchhub.listings.models import Need, Offer
from matchhub.matches.enums import FeedbackKind, RunState, Side
from matchhub.matches.models import MatchRun, PublishedRun, Suggestion
from matchhub.matches.services import feedback
from matchhub.matches.services.runs import request_full_runs, run_next
from matchhub.pipelines import services as pipelines
from matchhub.pipelines.enums import OPEN_STAGES
from matchhub.pipelines.models import Deal
from matchhub.profiles import services as profiles

JOINING = (("xinghe", "苏野", "suye@xinghe.example"), ("yuanshan", "卓然", "zhuoran@yuanshan.example"))
COLLEAGUES = (("xinghe", "白鹭洲", "bai@xinghe.example"), ("yuanshan", "鹿鸣野", "lu@yuanshan.example"))
MOVING, MOVES_TO = "mulan", "gd_accelerator"
UNREAD_DAYS = 3
COMPLAINTS = (
    (26, "xinghe", "dongyu", "fees", "对方说先交 5,000 元评审费才安排见面。", "已联系该机构，它已停止收费并致歉。"),
    (3, "xinghe", "yanouwan", "false", "资料里写的管理规模和公开登记的不一样。", ""),
)  # fmt: skip
SAID = (FeedbackKind.INTERESTED, FeedbackKind.NOT_FIT, FeedbackKind.LATER, FeedbackKind.INTERESTED)


def lay_down(stage: Stage) -> None:
    """The last months and days."""
    for key, name, address in COLLEAGUES:
        stage.timeline.at(stage.ago(60, hour=10), join, stage, key, name, address, True)
    for key, name, address in JOINING:
        stage.timeline.at(stage.ago(1, hour=11), join, stage, key, name, address, False)
    stage.timeline.at(stage.ago(2, hour=14), move, stage)
    for days, key, about, reason, text, answer in COMPLAINTS:
        stage.timeline.at(stage.ago(days, hour=15), complain, stage, key, about, reason, text, answer)


def join(stage: Stage, key: str, name: str, address: str, accepted: bool, *, now: datetime) -> None:
    """Somebody asks to be let in; the owner has answered, or not yet."""
    uscc = stage.organization(key).uscc or ""
    newcomer = Newcomer(name, addresses.read(address), None)
    texts = stage.texts(*TERMS, now=now)
    membership = accounts.ask_to_join(uscc, newcomer=newcomer, text_ids=texts, actor=ANONYMOUS, now=now)
    if accepted:
        accounts.answer_join(membership, accept=True, actor=stage.actor(key), now=now)


def move(stage: Stage, *, now: datetime) -> None:
    """A firm asks for a place in another carrier."""
    firm, carrier_id = stage.organization(MOVING), stage.organizations[MOVES_TO]
    profiles.apply(firm, carrier_id, actor=stage.actor(MOVING), now=now)


def complain(stage: Stage, key: str, about: str, reason: str, text: str, answer: str, *, now: datetime) -> None:
    """Somebody reports an organization to the city, which has answered, or not yet."""
    row = profiles.complain(stage.organization(about), reason=reason, text=text, actor=stage.actor(key), now=now)
    if answer:
        profiles.answer_complaint(row, answer=answer, actor=stage.actor("city_1"), now=now)


def share_out(stage: Stage) -> None:
    """The fund of the cast has put its people in charge of its deals, one of them not yet."""
    fund = stage.organizations["yuanshan"]
    with unit_of_work() as session:
        people = [user.id for user in people_of(session, fund)]
        rows = session.scalars(select(Deal).where(Deal.investor_id == fund).order_by(Deal.id)).all()
        for number, deal in enumerate(row for row in rows if row.stage in OPEN_STAGES):
            if number:
                pipelines.assign(deal, people[number % len(people)], actor=stage.actor("yuanshan"), now=stage.now)


def match(stage: Stage) -> None:
    """Everything compared once with everything, as the worker does; what waited for it is covered by that."""
    with unit_of_work() as session:
        session.execute(update(MatchRun).where(MatchRun.state == RunState.QUEUED).values(state=RunState.DONE))
        request_full_runs(now=stage.now)
    while run_next(now=stage.now) is not None:
        pass
    _date_back()


def _date_back() -> None:
    """A need had its first suggestions on the day it came out, whenever this city was built."""
    with unit_of_work() as session:
        session.execute(
            update(PublishedRun)
            .where(
                PublishedRun.side == Side.NEED,
                PublishedRun.suggested_at.is_not(None),
                Need.id == PublishedRun.subject_id,
            )
            .values(suggested_at=func.coalesce(Need.published_at, PublishedRun.suggested_at))
            .execution_options(synchronize_session=False)
        )


def say(stage: Stage) -> None:
    """What both sides said of some suggestions."""
    owners = {organization_id: key for key, organization_id in stage.organizations.items()}
    with unit_of_work():
        for side, owner in ((Side.NEED, Need), (Side.OFFER, Offer)):
            listed = Suggestion.need_id if side is Side.NEED else Suggestion.offer_id
            rows = db.session.execute(
                select(Suggestion, owner.organization_id)
                .join(owner, owner.id == listed)
                .where(
                    Suggestion.side == side, Suggestion.position.in_((3, 6)), owner.organization_id.in_(sorted(owners))
                )
                .order_by(Suggestion.id)
                .limit(8)
            ).all()
            for number, (suggestion, organization_id) in enumerate(rows):
                kind = SAID[number % len(SAID)]
                reason = (
                    stage.rng.choice(("industry", "stage", "amount", "region")) if kind is FeedbackKind.NOT_FIT else ""
                )
                actor = stage.actor(owners[organization_id])
                feedback.give(suggestion, kind=kind, reason=reason, actor=actor, now=stage.now)


def settle_notices(stage: Stage) -> None:
    """No mail of the simulated past goes out; all but the newest notices have been read."""
    recent = stage.ago(UNREAD_DAYS)
    with unit_of_work() as session:
        session.execute(update(Notice).values(mail_state=MailState.NONE))
        session.execute(update(Notice).where(Notice.due_at < recent).values(read_at=Notice.due_at))
