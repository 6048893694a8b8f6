"""Funds, banks and mentors, each with a profile and with what it offers."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from matchhub.accounts.enums import OrganizationKind
from matchhub.core import dictionaries
from matchhub.core.db import Base
from matchhub.demo.content import crowd
from matchhub.demo.crowd.firms import add_organization, add_profile
from matchhub.demo.crowd.people import code_of, in_latin, mobile, Names, person_in_latin
from matchhub.demo.crowd.rows import Rows, Values
from matchhub.listings.enums import OfferState, PairingKind
from matchhub.listings.models import InvestmentMandate, LoanProduct, Mentorship, Offer
from matchhub.profiles.models import BankProfile, InvestorProfile, MentorProfile

LADDER = ("seed", "angel", "pre_a", "a", "a_plus", "b", "b_plus", "c")
TICKETS = ((50, 500), (100, 800), (300, 2000), (500, 3000), (1000, 5000), (2000, 10_000))
PLACES = (["420700"], ["420000"], ["420000"], ["100000"], ["100000"], ["420100", "420700"])
BANKS = ("江城", "长港", "洋澜", "西山", "樊湖", "三江口", "梁子", "临港", "武昌渚", "凤栖", "白浒", "花湖")
BANK_KINDS = (
    ("银行鄂州分行", "Bank, Ezhou Branch", "joint_stock"),
    ("农村商业银行", "Rural Commercial Bank", "rural"),
    ("银行鄂州科技支行", "Bank, Ezhou Technology Branch", "city"),
)
LOCAL_BANK = ("服务科技企业的本地银行", "A local bank for technology firms")
PRODUCTS: tuple[tuple[str, str, str, Values], ...] = (
    ("科创信用贷", "Innovation credit", "credit", {"guarantees": ["unsecured"], "amount_max_yuan": 5_000_000}),
    ("知产质押贷", "IP pledge loan", "ip_pledge", {"guarantees": ["ip"], "amount_max_yuan": 10_000_000}),
    ("担保易贷", "Guaranteed loan", "guaranteed", {"guarantees": ["guarantee_company"], "amount_max_yuan": 8_000_000}),
    ("厂房抵押贷", "Mortgage loan", "mortgage", {"guarantees": ["property"], "amount_max_yuan": 30_000_000}),
    ("积分贷", "Points loan", "points_loan", {"guarantees": ["unsecured", "personal"], "amount_max_yuan": 3_000_000}),
    ("人才贷", "Talent loan", "talent_loan", {"guarantees": ["unsecured"], "amount_max_yuan": 2_000_000}),
)
TOPICS = (
    "strategy", "business_model", "fundraising", "ip", "finance_tax", "legal", "hr", "technology", "production",
    "marketing", "qualification_filing", "going_abroad",
)  # fmt: skip
TITLES: tuple[tuple[str, str], ...] = (
    ("高级工程师", "senior engineer"),
    ("教授", "professor"),
    ("注册会计师", "accountant"),
    ("合伙人", "partner"),
)
TITLES += (("总经理", "general manager"), ("律师", "lawyer"), ("研究员", "researcher"))
SLOTS = ({"weekday": 1, "from": "19:00", "to": "21:00"}, {"weekday": 3, "from": "14:00", "to": "17:00"})


@dataclass(frozen=True, slots=True, eq=False)
class Supply:
    """An offer of the crowd, as the history needs it."""

    id: int
    kind: PairingKind
    organization_id: int
    user_id: int
    since: datetime
    industries: frozenset[str]
    topics: frozenset[str]
    capacity: int
    values: Values
    is_open: bool


def _fields(codes: list[str], locale: str, mark: str) -> str:
    words = dictionaries.snapshot()
    return mark.join(words.word("industries", code, locale) or code for code in codes)


@dataclass
class Market:
    """Brings offerers in, one by one."""

    rows: Rows
    names: Names
    rng: Random
    texts: tuple[int, ...]
    banks: int = 0

    def fund(self, since: datetime) -> Supply:
        """A fund with a mandate."""
        rng, brand = self.rng, self.names.brand(3)
        fields = sorted({line["industry"].split(".")[0] for line in rng.sample(crowd()["products"], rng.randint(1, 3))})
        low, high = rng.choice(TICKETS)
        first = rng.randrange(len(LADDER) - 2)
        region = rng.choice(("420100", "420100", "420700", "310000", "440300"))
        organization = self._organization(
            OrganizationKind.INVESTOR,
            f"{brand}创业投资有限公司",
            f"{brand}创投",
            f"{in_latin(brand)} Ventures",
            region,
            since,
        )
        line = (
            f"投{_fields(fields, 'zh', '、')}的早期项目",
            f"Backs early companies in {_fields(fields, 'en', ', ').lower()}",
        )
        profile = {
            "fund_type": rng.choice(("market", "market", "guidance", "cvc")),
            "aum_yuan": rng.randint(1, 60) * 10**8,
        }
        self._profile(
            InvestorProfile, OrganizationKind.INVESTOR, organization, fields, line, profile | {"founded_on": None}
        )
        offer = {
            "title": f"{brand}早期基金", "industries": fields, "regions": rng.choice(PLACES),
            "capacity_per_month": rng.choice((3, 4, 6, 8)), "reply_days": rng.choice((3, 5, 7, 10)),
        }  # fmt: skip
        mandate = {
            "ticket_min_yuan": low * 10_000, "ticket_max_yuan": high * 10_000, "rounds": list(LADDER[first : first + 3]),
            "instruments": ["equity"], "qualifications": [], "leads": rng.random() < 0.5,
        }  # fmt: skip
        return self._offer(InvestmentMandate, PairingKind.EQUITY, organization, offer, mandate)

    def bank(self, since: datetime, products: int) -> list[Supply]:
        """A bank with so many products, as far as there are kinds of them."""
        rng, number = self.rng, self.banks
        self.banks += 1
        ending, ending_en, kind = BANK_KINDS[number % len(BANK_KINDS)]
        place, more = BANKS[number % len(BANKS)], str(number // len(BANKS) + 1) if number >= len(BANKS) else ""
        name_en = f"{in_latin(place)}{more} {ending_en}"
        place += more
        name = f"鄂州{place}{ending}" if ending.startswith("农") else f"{place}{ending}"
        organization = self._organization(OrganizationKind.BANK, name, f"{place}银行", name_en, "420700", since)
        profile = {
            "bank_type": kind, "branch": "科技金融部", "districts_served": ["420700"], "account_managers": [self.names.person()],
        }  # fmt: skip
        self._profile(BankProfile, OrganizationKind.BANK, organization, [], LOCAL_BANK, profile)
        return [self._product(place, organization, part) for part in rng.sample(PRODUCTS, min(products, len(PRODUCTS)))]

    def _product(self, place: str, organization: Values, part: tuple[str, str, str, Values]) -> Supply:
        rng, (title, _english, instrument, terms) = self.rng, part
        rate = rng.randint(300, 420)
        offer = {
            "title": f"{place}{title}", "industries": [], "regions": ["420700"], "capacity_per_month": 30,
            "reply_days": rng.choice((1, 2, 3)),
        }  # fmt: skip
        rules: list[Values] = [{"field": "has_clean_record", "op": "is", "value": True, "hard": True, "note": ""}]
        rules.append(
            {"field": "months_old", "op": "at_least", "value": rng.choice((6, 12, 24)), "hard": True, "note": ""}
        )
        if rng.random() < 0.6:
            asked = rng.choice((500_000, 1_000_000, 3_000_000))
            rules.append(
                {"field": "revenue_yuan", "op": "at_least", "value": asked, "hard": rng.random() < 0.5, "note": ""}
            )
        product = {
            "instrument": instrument, "amount_min_yuan": 100_000, "rate_min_bp": rate, "rate_max_bp": rate + rng.randint(20, 120),
            "term_min_months": 6, "term_max_months": rng.choice((12, 24, 36)), "repayments": ["interest_first", "revolving"],
            "stages": rng.choice(([], ["seed", "startup"], ["startup", "growth"], ["growth", "stable", "mature"])),
            "payout_days": rng.choice((3, 5, 10)), "welcomes_first_loan": rng.random() < 0.6, "rules": rules,
            "preferences": [{"qualification": "hnte", "rate_bp": rate - 20, "note": ""}],
            "materials": ["licence", "statements", "tax", "bank_flow"], **terms,
        }  # fmt: skip
        return self._offer(LoanProduct, PairingKind.CREDIT, organization, offer, product)

    def mentor(self, since: datetime) -> Supply:
        """A registered mentor with weekly hours."""
        rng, name = self.rng, self.names.person()
        topics = sorted(rng.sample(TOPICS, rng.randint(1, 3)))
        fields = sorted({line["industry"].split(".")[0] for line in rng.sample(crowd()["products"], 2)})
        title, title_en = rng.choice(TITLES)
        line = f"{title}，愿意给创业团队出主意", f"{title_en.capitalize()}, glad to advise founding teams"
        organization = self._organization(
            OrganizationKind.MENTOR,
            name,
            "",
            person_in_latin(name),
            rng.choice(("420700", "420100")),
            since,
            has_code=False,
        )
        profile = {
            "category": rng.choice(("industry_tech", "management", "finance")), "topics": topics, "title": title,
            "education": rng.choice(("bachelor", "master", "doctor")), "employer": "示例单位", "post": title,
            "employer_kind": rng.choice(("enterprise", "university", "institute", "services")), "years": rng.randint(6, 30),
            "honours": "", "interests": "", "hides_from_public": rng.random() < 0.1,
            "registered_until": since.date() + timedelta(days=1095),
            "registration_number": f"EZ-{since:%Y}-{self.names.numbers:04d}",
        }  # fmt: skip
        self._profile(MentorProfile, OrganizationKind.MENTOR, organization, fields, line, profile)
        offer = {
            "title": f"{name}的辅导时间", "industries": fields, "regions": ["420000"], "capacity_per_month": 3,
            "reply_days": rng.choice((3, 5, 7)),
        }  # fmt: skip
        hours = {
            "topics": topics, "stages": rng.choice(([], ["team", "seed", "startup"])), "meeting_modes": ["online", "carrier"],
            "slots": list(SLOTS[: rng.randint(1, 2)]), "firms_at_most": rng.choice((2, 3, 5)),
        }  # fmt: skip
        return self._offer(Mentorship, PairingKind.MENTORING, organization, offer, hours)

    def _organization(
        self, kind: OrganizationKind, name: str, short: str, english: str, region: str, since: datetime, *,
        has_code: bool = True,
    ) -> Values:  # fmt: skip
        number = self.names.numbers + 1
        values = {
            "name": name, "short_name": short, "name_en": english, "region_code": region, "district_code": None,
            "uscc": code_of(region, number) if has_code else None,
        }  # fmt: skip
        person = "" if has_code else name  # a mentor is the organization
        identity, user_id, person = add_organization(
            self.rows, self.names, kind, values, texts=self.texts, since=since, person=person
        )
        return values | {"id": identity, "user_id": user_id, "person": person, "number": number, "since": since}

    def _profile(
        self,
        model: type[Base],
        kind: OrganizationKind,
        organization: Values,
        fields: list[str],
        line: tuple[str, str],
        own: Values,
    ) -> None:
        base = {
            "organization_id": organization["id"], "region_code": organization["region_code"], "industries": fields,
            "one_liner": line[0][:60], "one_liner_en": line[1][:160], "summary": f"{line[0]}。", "summary_en": f"{line[1]}.",
            "address": "",
            "contact_name": organization["person"], "contact_title": "", "contact_mobile": mobile(organization["number"]),
            "contact_email": f"p{organization['number']}@crowd.example",
        }  # fmt: skip
        add_profile(self.rows, model, kind, base, own, since=organization["since"])

    def _offer(self, model: type[Base], kind: PairingKind, organization: Values, offer: Values, own: Values) -> Supply:
        since = organization["since"] + timedelta(days=5)
        state = OfferState.PAUSED if self.rng.random() < 0.05 else OfferState.OPEN
        identity = self.rows.add(
            Offer, kind=kind, organization_id=organization["id"], state=state, statement="", statement_en="", exclusions=[],
            must=[], is_inferred=False, published_at=since, expires_at=since + timedelta(days=720), version=1,
            created_at=since, updated_at=since, **offer,
        )  # fmt: skip
        self.rows.extend(model, id=identity, **own)
        topics: Any = own.get("topics", ())
        return Supply(
            identity, kind, organization["id"], organization["user_id"], since, frozenset(offer["industries"]),
            frozenset(topics), min(offer["capacity_per_month"], own.get("firms_at_most", 99)), offer | own,
            state is OfferState.OPEN,
        )  # fmt: skip
