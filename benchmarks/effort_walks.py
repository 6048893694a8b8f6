"""The walks of `benchmarks.effort`: each brings what it needs into the installation and then does one job as a person would."""

import re
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from benchmarks.effort import in_days, Person, person, values_of
from matchhub.accounts.enums import OrganizationKind, Role
from matchhub.accounts.models import Organization
from matchhub.accounts.services import invite as invite_somebody
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.links import LINKS
from matchhub.core.web import App
from matchhub.listings.enums import NeedState, PairingKind
from matchhub.matches.models import Suggestion
from matchhub.matches.services.runs import request_full_runs, run_next
from matchhub.mentoring import services as mentoring
from matchhub.mentoring.models import Engagement
from matchhub.pipelines.models import Deal
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import BankProfile, EnterpriseProfile, InvestorProfile
from tests.cast import Cast, member
from tests.integration import pairs
from tests.integration.matches import kinds
from tests.integration.mentoring.conftest import entry

Walk = Callable[[App, Cast], Person]


def compared() -> None:
    """The worker has compared all that is open."""
    with unit_of_work():
        request_full_runs(now=utcnow())
    while run_next(now=utcnow()) is not None:
        pass


def register(app: App, cast: Cast) -> Person:
    """Somebody whom the own organization invited opens the personal link of the mail."""
    with unit_of_work() as session:
        firm = session.get_one(Organization, cast.xinghe.organization_id)
        _, token = invite_somebody(
            firm,
            address="wang@xinghe.example",
            name="王星",
            role=Role.EDITOR,
            actor=pairs.actor(cast.xinghe),
            now=utcnow(),
        )
    visitor = Person(app.test_client())
    app.config["WTF_CSRF_ENABLED"] = False
    try:
        visitor.screens += 1
        visitor.at(f"/invitations/{token}")
        visitor.go_on("/acceptance", {"name": "王星", "password": "Qingkong-2026-Feng"}, accept=["y"])
    finally:
        app.config["WTF_CSRF_ENABLED"] = True
    return visitor


def need(app: App, cast: Cast) -> Person:
    """A firm with a profile asks for equity and reads its first reasons; the comparison takes what it takes."""
    with unit_of_work() as session:
        kinds.add_firm(
            cast.xinghe.organization_id, industries=["new_materials.carbon_fibre"], lead_industry="new_materials",
            one_liner="高模量碳纤维预浸料", summary="我们做碳纤维预浸料，供无人机和风电叶片厂使用。",
        )  # fmt: skip
        session.add(pairs.offer_of(cast.yuanshan.organization_id))
    compared()
    founder = person(app, cast, "xinghe")
    founder.at("/")
    founder.go_on("/needs")
    founder.go_on("/steps/1", {"amount_min_yuan": "500", "amount_max_yuan": "800", "needed_by": in_days(90)})
    founder.go_on("/steps/2", purposes=["rnd"])
    to = founder.answer("/publication")
    while run_next(now=utcnow()) is not None:
        pass
    founder.arrive(to)
    assert "reasons" in founder.page and "远山资本" in founder.page
    return founder


def mandate(app: App, cast: Cast) -> Person:
    with unit_of_work() as session:
        session.add(
            InvestorProfile(
                organization_id=cast.yuanshan.organization_id, state=ProfileState.PUBLISHED, industries=["new_materials"],
                region_code="420704",
            )
        )  # fmt: skip
    fund = person(app, cast, "yuanshan")
    fund.at("/")
    fund.go_on("/offers")
    typed = {"title": "早期硬科技", "ticket_min_yuan": "300", "ticket_max_yuan": "2000"}
    fund.answer("/form", typed, rounds=["angel", "a"])
    return fund


def _equity_market(cast: Cast) -> pairs.Scene:
    scene = pairs.stage(cast)
    compared()
    return scene


def decision(app: App, cast: Cast) -> Person:
    """One press on 今日; the next one comes by itself."""
    _equity_market(cast)
    fund = person(app, cast, "yuanshan")
    fund.at("/")
    fund.loads("/suggestions/next")
    fund.answer("/feedback", kind=["interested"])
    return fund


def outcome(app: App, cast: Cast) -> Person:
    """In the side panel that a row of 今日 opens: the amount; the date stands there."""
    scene = pairs.stage(cast)
    pairs.agreed(scene)
    fund = person(app, cast, "yuanshan")
    deal_id = db.session.scalars(select(Deal.id)).one()
    fund.at("/")
    fund.unfold(f"/deals/{deal_id}?next=/")
    fund.answer(f"/deals/{deal_id}/outcome", {"amount_wan": "600"})
    return fund


def bank_asks(app: App, cast: Cast) -> Person:
    """From the next one on 今日 to the consent screen, two ticks at most, sent. Claiming comes with a later record."""
    with unit_of_work() as session:
        bank_id = cast.bank.organization_id
        pairs.reachable(session, BankProfile, bank_id, contact_name="林江", contact_mobile="15400010002")
        kinds.add_firm(cast.xinghe.organization_id)
        kinds.add_credit_need(cast.xinghe.organization_id)
        kinds.add_product(bank_id)
    compared()
    bank = person(app, cast, "bank")
    bank.at("/")
    bank.loads("/suggestions/next")
    (link,) = set(re.findall(r'href="(/introductions/new\?[^"]+)"', bank.page))
    bank.open(link.replace("&amp;", "&"))
    bank.answer("/introductions", contact=["y"])
    return bank


def _engagement(cast: Cast) -> tuple[pairs.Scene, int]:
    scene = pairs.stage(cast, PairingKind.MENTORING)
    pairs.agreed(scene)
    return scene, db.session.scalars(select(Engagement.id)).one()


def log_session(app: App, cast: Cast) -> Person:
    _, engagement_id = _engagement(cast)
    mentor = person(app, cast, "mentor")
    mentor.at("/")
    mentor.open(f"/engagements/{engagement_id}/mentoring-sessions/new")
    mentor.answer("/mentoring-sessions", {"summary": "看了三项专利，先报核心工艺。", "next_step": "两周内给出申请清单"})
    return mentor


def confirm_session(app: App, cast: Cast) -> Person:
    """The link of the mail, one tap; nobody signs in."""
    scene, engagement_id = _engagement(cast)
    with unit_of_work() as session:
        made = mentoring.log_session(
            session.get_one(Engagement, engagement_id), entry(), actor=scene.fund, now=utcnow()
        )
        session.flush()
        session_id = made.id
    token = LINKS.token(mentoring.LINK_PURPOSE, session_id, cast.xinghe.user_id, until=utcnow() + timedelta(days=7))
    firm = Person(app.test_client())
    firm.screens += 1
    firm.at(f"/session-confirmations/{token}")
    firm.answer(f"/session-confirmations/{token}")
    return firm


def review_by(who: str) -> Walk:
    """The next profile to check opens; it passes."""

    def walk(app: App, cast: Cast) -> Person:
        with unit_of_work() as session:
            profile = EnterpriseProfile(
                organization_id=cast.xinghe.organization_id, state=ProfileState.SUBMITTED, submitted_at=utcnow(),
                carrier_id=cast.binjiang.organization_id if who == "binjiang" else None, one_liner="高模量碳纤维",
            )  # fmt: skip
            session.add(profile)
            session.flush()
            profile_id = profile.id
        reviewer = person(app, cast, who)
        reviewer.at("/")
        reviewer.open("/reviews/next")
        reviewer.answer(f"/reviews/profile/{profile_id}/approval")
        return reviewer

    return walk


def push(app: App, cast: Cast) -> Person:
    """Five ticks, one press."""
    with unit_of_work() as session:
        for number in range(5):
            firm = member(
                f"firm{number}", OrganizationKind.ENTERPRISE, f"青禾{number}号", f"青禾{number}", "420704", Role.OWNER
            )
            session.add(
                pairs.need_of(firm.organization_id, f"新材料-00{number}", binjiang=cast.binjiang.organization_id)
            )
        session.add(pairs.offer_of(cast.yuanshan.organization_id))
    compared()
    assert db.session.scalars(select(Suggestion.id)).all()
    carrier = person(app, cast, "binjiang")
    carrier.at("/")
    carrier.open("/pushes")
    carrier.answer("/pushes", suggestion_ids=values_of(carrier.page, "suggestion_ids")[:5])
    return carrier


def figure(app: App, cast: Cast) -> Person:
    """A number of the funnel, and the list behind it."""
    with unit_of_work() as session:
        session.add(pairs.need_of(cast.xinghe.organization_id, "新材料-0001", state=NeedState.OPEN))
    officer = person(app, cast, "city")
    officer.at("/")
    officer.open("/funnel")
    (link, *_) = re.findall(r'href="(/funnel/needs[^"]*)"', officer.page)
    officer.open(link.replace("&amp;", "&"))
    return officer


def bulletin(app: App, cast: Cast) -> Person:
    officer = person(app, cast, "city")
    officer.at("/")
    officer.open("/bulletin")
    return officer


def invite(app: App, cast: Cast) -> Person:
    """A bureau that is not there yet, and its first officer; the kind and the district give the role."""
    administrator = person(app, cast, "administrator")
    administrator.at("/")
    administrator.open("/administration/organizations/new")
    typed = {"name": "华容区科学技术局", "address": "jiang@huarong.example", "person": "江明"}
    administrator.answer("/administration/organizations", typed, kind=["bureau"], region_code=["420703"])
    return administrator


def who_saw(app: App, cast: Cast) -> Person:
    pairs.agreed(pairs.stage(cast))
    auditor = person(app, cast, "auditor")
    auditor.at("/")
    auditor.look_up("/audit", "q", "金丝雀")
    assert "金丝雀商业计划书" in auditor.page
    return auditor
