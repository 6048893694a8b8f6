"""A need of 星河科技, what answers it (远山资本, 江城银行, the mentor 顾川), contacts and files with telltale contents."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.policy import Actor
from matchhub.core.texts import current_text, TextKind
from matchhub.core.uploads import StoredFile
from matchhub.disclosure.services import Choice
from matchhub.introductions import services
from matchhub.introductions.enums import MeetingMode
from matchhub.introductions.models import Introduction
from matchhub.introductions.queries import Pair
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import (
    CreditNeed,
    EquityNeed,
    InvestmentMandate,
    LoanProduct,
    MentoringNeed,
    Mentorship,
    Need,
    Offer,
)
from matchhub.profiles.enums import AttachmentKind
from matchhub.profiles.models import (
    Attachment,
    BankProfile,
    EnterpriseProfile,
    InvestorProfile,
    MentorProfile,
    Profile,
)
from tests.cast import Cast

NEED_CANARIES = (
    "13900001111",
    "canary-firm@xinghe.example",
    "wx-canary-firm",
    "金丝雀商业计划书",
    "7,654.32",
    "3,210.98",
)
FUND_CANARIES = ("13800002222", "canary-fund@yuanshan.example", "wx-canary-fund")


@dataclass
class Scene:
    """Ids of what stands on the stage. `fund` is the side of the offer: the fund, or the bank, or the mentor."""

    need_id: int
    offer_id: int
    deck_id: int
    firm: Actor
    fund: Actor
    contact_text: int
    materials_text: int

    def choice(self, *, contact: bool = True, deck: bool = False, terms: bool = False) -> Choice:
        files = (self.deck_id,) if deck else ()
        return Choice(contact, deck or terms, terms, files, self.contact_text, self.materials_text)

    def form(self, **more: Any) -> dict[str, Any]:
        """What the consent screen sends with the contact box ticked."""
        return {
            "need": self.need_id, "offer": self.offer_id, "contact": "y", "contact_text_id": self.contact_text,
            "materials_text_id": self.materials_text, **more,
        }  # fmt: skip

    def opening(self) -> dict[str, Any]:
        """The same with the deck, the amount and the terms."""
        return self.form(materials="y", files=[self.deck_id], terms="y")

    def pair(self, own: Actor) -> Pair:
        return Pair(
            db.session.get_one(Need, self.need_id), db.session.get_one(Offer, self.offer_id), own.organization_id or 0
        )


def actor(membership: Membership) -> Actor:
    """The actor of a member of the cast, as a signed-in browser would have it."""
    row = db.session.get_one(Membership, membership.id)
    return Actor(
        user_id=row.user_id, membership_id=row.id, organization_id=row.organization_id,
        organization_kind=row.organization.kind.value, organization_verified=row.organization.is_verified,
        role=row.role.value, region_code=row.region_code,
    )  # fmt: skip


def giver_of(people: Cast, kind: PairingKind) -> Membership:
    """Who answers a need of this kind."""
    return {
        PairingKind.EQUITY: people.yuanshan, PairingKind.CREDIT: people.bank, PairingKind.MENTORING: people.mentor,
    }[kind]  # fmt: skip


def reachable(session: Any, model: type[Profile], organization_id: int, **contact: str) -> None:
    """A profile with this contact: the one that is there, or a new one."""
    held = session.scalar(select(Profile).where(Profile.organization_id == organization_id))
    profile = held or model(organization_id=organization_id)
    for name, value in contact.items():
        setattr(profile, name, value)
    session.add(profile)


def stage(people: Cast, kind: PairingKind = PairingKind.EQUITY) -> Scene:
    """Store the scene: a need of this kind and what answers it."""
    now, giver = utcnow(), giver_of(people, kind)
    with unit_of_work() as session:
        firm_id, fund_id = people.xinghe.organization_id, giver.organization_id
        reachable(
            session, EnterpriseProfile, firm_id, contact_name="周金丝", contact_mobile="13900001111",
            contact_email="canary-firm@xinghe.example", contact_wechat="wx-canary-firm",
        )  # fmt: skip
        reachable(
            session, PROFILES[kind], fund_id, contact_name="林雀", contact_mobile="13800002222",
            contact_email="canary-fund@yuanshan.example", contact_wechat="wx-canary-fund",
        )  # fmt: skip
        stored = StoredFile(
            key=KEYS[kind] * 32, organization_id=firm_id, name="金丝雀商业计划书.pdf", media_type="application/pdf", size=2048,
            sha256="0" * 64, uploaded_at=now,
        )  # fmt: skip
        session.add(stored)
        session.flush()
        deck = Attachment(organization_id=firm_id, kind=AttachmentKind.DECK, file_id=stored.id)
        session.add(deck)
        session.flush()
        need = NEEDS[kind](firm_id, "新材料-0007", binjiang=people.binjiang.organization_id)
        need.deck_id = deck.id
        offer = OFFERS[kind](fund_id)
        session.add_all([need, offer])
        session.flush()
        ids = need.id, offer.id, deck.id
        contact = current_text(session, TextKind.CONTACT_CONSENT, now).id
        materials = current_text(session, TextKind.MATERIALS_CONSENT, now).id
    return Scene(*ids, actor(people.xinghe), actor(giver), contact, materials)


def need_of(
    organization_id: int, code_name: str, *, binjiang: int | None = None, state: NeedState = NeedState.OPEN
) -> EquityNeed:
    return EquityNeed(
        kind=PairingKind.EQUITY, organization_id=organization_id, state=state, code_name=code_name, teaser="碳纤维部件",
        industries=["new_materials"], lead_industry="new_materials", district_code="420704", carrier_id=binjiang,
        amount_min_yuan=32_109_800, amount_max_yuan=76_543_200, published_at=utcnow(), round_code="a",
    )  # fmt: skip


def offer_of(organization_id: int, *, capacity: int | None = None) -> InvestmentMandate:
    return InvestmentMandate(
        kind=PairingKind.EQUITY, organization_id=organization_id, state=OfferState.OPEN, title="早期硬科技",
        capacity_per_month=capacity, published_at=utcnow(),
    )  # fmt: skip


def credit_need_of(
    organization_id: int, code_name: str, *, binjiang: int | None = None, state: NeedState = NeedState.OPEN
) -> CreditNeed:
    return CreditNeed(
        kind=PairingKind.CREDIT, organization_id=organization_id, state=state, code_name=code_name, teaser="流动资金",
        industries=["new_materials"], lead_industry="new_materials", district_code="420704", carrier_id=binjiang,
        amount_min_yuan=32_109_800, amount_max_yuan=76_543_200, term_months=24, rate_max_bp=450,
        purposes=["working_capital"], guarantees=["ip"], published_at=utcnow(),
    )  # fmt: skip


def product_of(organization_id: int, *, capacity: int | None = None) -> LoanProduct:
    return LoanProduct(
        kind=PairingKind.CREDIT, organization_id=organization_id, state=OfferState.OPEN, title="科创信用贷",
        capacity_per_month=capacity, instrument="credit", amount_min_yuan=1_000_000, amount_max_yuan=90_000_000,
        rate_min_bp=345, rate_max_bp=480, materials=["licence", "statements", "tax"], published_at=utcnow(),
    )  # fmt: skip


def mentoring_need_of(
    organization_id: int, code_name: str, *, binjiang: int | None = None, state: NeedState = NeedState.OPEN
) -> MentoringNeed:
    return MentoringNeed(
        kind=PairingKind.MENTORING, organization_id=organization_id, state=state, code_name=code_name,
        teaser="三个月内谈成第一个大客户", industries=["new_materials"], lead_industry="new_materials",
        district_code="420704", carrier_id=binjiang, topics=["marketing"], sessions_wanted=4, published_at=utcnow(),
    )  # fmt: skip


def mentorship_of(organization_id: int, *, firms_at_most: int | None = None) -> Mentorship:
    return Mentorship(
        kind=PairingKind.MENTORING, organization_id=organization_id, state=OfferState.OPEN, title="市场与销售",
        topics=["marketing", "strategy"], firms_at_most=firms_at_most, published_at=utcnow(),
    )  # fmt: skip


KEYS = {PairingKind.EQUITY: "c", PairingKind.CREDIT: "d", PairingKind.MENTORING: "e"}
PROFILES: dict[PairingKind, type[Profile]] = {
    PairingKind.EQUITY: InvestorProfile, PairingKind.CREDIT: BankProfile, PairingKind.MENTORING: MentorProfile,
}  # fmt: skip
NEEDS: dict[PairingKind, Any] = {
    PairingKind.EQUITY: need_of, PairingKind.CREDIT: credit_need_of, PairingKind.MENTORING: mentoring_need_of,
}  # fmt: skip
OFFERS: dict[PairingKind, Any] = {
    PairingKind.EQUITY: offer_of, PairingKind.CREDIT: product_of, PairingKind.MENTORING: mentorship_of,
}  # fmt: skip


def asked(scene: Scene, *, by: Actor | None = None, now: datetime | None = None, **ticks: bool) -> int:
    """An introduction that waits for its answer; the firm asks unless told otherwise."""
    own = by or scene.firm
    with unit_of_work():
        made = services.ask(
            scene.pair(own), scene.choice(**ticks), purpose="想谈碳纤维", actor=own, now=now or utcnow()
        )
        return made.id


def agreed(scene: Scene, *, by: Actor | None = None, now: datetime | None = None, firm_opens: bool = True) -> int:
    """An agreed introduction in which the firm opened everything."""
    own = by or scene.firm
    everything = {"deck": True, "terms": True} if firm_opens else {}
    introduction_id = asked(scene, by=own, now=now, **(everything if own is scene.firm else {}))
    other = scene.fund if own is scene.firm else scene.firm
    choice = scene.choice(**(everything if other is scene.firm else {}))
    with unit_of_work() as session:
        services.accept(session.get_one(Introduction, introduction_id), choice, actor=other, now=now or utcnow())
    return introduction_id


def met(introduction_id: int, scene: Scene) -> None:
    """They met yesterday."""
    before = utcnow() - timedelta(days=3)
    with unit_of_work() as session:
        introduction = session.get_one(Introduction, introduction_id)
        meeting = services.propose(
            introduction,
            starts_at=before + timedelta(days=1),
            minutes=30,
            mode=MeetingMode.ON_SITE,
            actor=scene.firm,
            now=before,
        )
        session.flush()
        services.accept_meeting(meeting, actor=scene.fund, now=before)
        services.report_meeting(meeting, summary="谈得不错", actor=scene.fund, now=utcnow())
