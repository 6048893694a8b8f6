"""Start-ups with a need, investors with a mandate that their past rounds show, and those rounds: one transaction.

Nobody has joined these organizations: they are unclaimed, are suggested, and a request to one waits until it is claimed.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from pypinyin import lazy_pinyin
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.core import audit, dictionaries
from matchhub.core.db import unit_of_work
from matchhub.core.policy import Actor
from matchhub.listings.enums import NeedState, OfferState, PairingKind
from matchhub.listings.models import EquityNeed, InvestmentMandate, Need, Offer
from matchhub.matches.imports.records import DATASETS, Investment, Records, Startup
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import EnterpriseProfile, InvestorProfile, PastRound, Profile

CHUNK = 1000
NEED_DAYS = 180
COMMON_SHARE = 0.1
MANY_REGIONS = 5
OUTSIDE, COUNTRY = "000000", "100000"
Progress = Callable[[str, int], None]
Row = dict[str, Any]


@dataclass(slots=True)
class Imported:
    """How many rows came in; those that were there already are not counted."""

    enterprises: int = 0
    investors: int = 0
    needs: int = 0
    offers: int = 0
    rounds: int = 0
    known: int = 0


@dataclass(slots=True)
class Importer:
    """One data set into the present database. All or nothing; a second time brings only what is new."""

    records: Records
    dataset: str
    now: datetime
    progress: Progress = lambda name, count: None
    result: Imported = field(default_factory=Imported)

    def run(self, *, actor: Actor) -> Imported:
        """Write everything in one transaction, with one audit row."""
        past: dict[str, list[Investment]] = defaultdict(list)
        for item in self.records.investments:
            past[item.investor].append(item)
        with unit_of_work() as session:
            firms = self._organizations(session, "startup", self._asking(), OrganizationKind.ENTERPRISE)
            funds = self._organizations(
                session, "investor", {ref: self.records.investors[ref] for ref in past}, OrganizationKind.INVESTOR
            )
            self._enterprises(session, firms)
            self._investors(session, funds, past)
            self._rounds(session, self._ids(session, "startup"), self._ids(session, "investor"))
            counted = {name: getattr(self.result, name) for name in Imported.__slots__}
            audit.record(actor, "ventures:import", None, dataset=self.dataset, **counted)
        return self.result

    def _asking(self) -> dict[str, str]:
        """The start-ups that have a past before the cut, or a need."""
        refs = {item.startup for item in self.records.investments} | set(self.records.queries)
        return {ref: firm.name for ref, firm in self.records.startups.items() if ref in refs}

    def _ids(self, session: Session, kind: str) -> dict[str, int]:
        prefix = f"{self.dataset}:{kind}:"
        rows = session.execute(
            select(Organization.external_ref, Organization.id).where(Organization.external_ref.startswith(prefix))
        )
        return {str(ref).removeprefix(prefix): found for ref, found in rows}

    def _organizations(
        self, session: Session, kind: str, names: dict[str, str], of_kind: OrganizationKind
    ) -> dict[str, int]:
        """reference → id of the organizations that are new."""
        known = self._ids(session, kind)
        self.result.known += len(known.keys() & names.keys())
        fresh = [ref for ref in names if ref not in known]
        rows = [
            {
                "kind": of_kind,
                "name": names[ref],
                "name_en": names[ref][:200] if DATASETS[self.dataset].is_english else "",
                "sort_key": "".join(lazy_pinyin(names[ref])).lower()[:240],
                "status": OrganizationStatus.UNVERIFIED,
                "region_code": self._region(ref) if kind == "startup" else None,
                "is_claimed": False,
                "external_ref": f"{self.dataset}:{kind}:{ref}",
                "created_at": self.now,
                "updated_at": self.now,
                "version": 1,
            }
            for ref in fresh
        ]
        return dict(zip(fresh, self._insert(session, Organization, rows, kind), strict=True))

    def _region(self, ref: str) -> str | None:
        return self.records.startups[ref].region

    def _insert(self, session: Session, model: type[Any], rows: Iterable[Row], name: str) -> list[int]:
        """Insert in chunks with ids in the order of the rows."""
        waiting, ids = iter(rows), []
        while chunk := list(islice(waiting, CHUNK)):
            table = model.__table__
            statement = insert(table).returning(table.c.id, sort_by_parameter_order=True)
            ids += list(session.execute(statement, chunk).scalars())
            self.progress(name, len(chunk))
        return ids

    # --- enterprises and their needs ---------------------------------------------------------------------------

    def _enterprises(self, session: Session, ids: dict[str, int]) -> None:
        refs = list(ids)
        firms = [self.records.startups[ref] for ref in refs]
        profiles = self._insert(
            session,
            Profile,
            (self._profile(ids[f.ref], OrganizationKind.ENTERPRISE, f.industries, f.region) for f in firms),
            "profile",
        )
        codes = {f.ref: self._code_name(f, ids[f.ref]) for f in firms}
        rows = [
            {"id": own, "code_name": codes[f.ref], "team": "", "founder_traits": [], "qualifications": []}
            for f, own in zip(firms, profiles, strict=True)
        ]
        self._insert(session, EnterpriseProfile, rows, "enterprise")
        asked = self._last_rounds() | {ref: (q.round_code, q.yuan) for ref, q in self.records.queries.items()}
        asking = [f for f in firms if f.ref in asked]
        needs = [self._need(f, ids[f.ref], codes[f.ref], asked[f.ref][0]) for f in asking]
        need_ids = self._insert(session, Need, needs, "need")
        terms = [
            {
                "id": need_id,
                "amount_min_yuan": asked[f.ref][1],
                "amount_max_yuan": asked[f.ref][1],
                "round_code": asked[f.ref][0],
                "instruments": ["equity"],
                "purposes": [],
                "excludes": [],
            }
            for f, need_id in zip(asking, need_ids, strict=True)
        ]
        self._insert(session, EquityNeed, terms, "terms")
        self.result.enterprises, self.result.needs = len(firms), len(asking)

    def _profile(
        self, organization_id: int, kind: OrganizationKind, industries: Sequence[str], region: str | None
    ) -> Row:
        words = ("address", "website", "one_liner", "one_liner_en", "summary", "summary_en", "contact_name")
        more = ("contact_title", "contact_mobile", "contact_email", "contact_wechat", "return_reason")
        return {
            **dict.fromkeys((*words, *more), ""),
            "organization_id": organization_id,
            "kind": kind,
            "state": ProfileState.PUBLISHED,
            "region_code": region,
            "lead_industry": industries[0].split(".")[0] if industries else None,
            "industries": list(industries),
            "published_at": self.now,
            "last_submission": {},
            "created_at": self.now,
            "updated_at": self.now,
            "version": 1,
        }

    def _code_name(self, firm: Startup, organization_id: int) -> str:
        field_code = firm.industries[0].split(".")[0] if firm.industries else None
        word = dictionaries.snapshot().word("industries", field_code, "zh") or "项目"
        return f"{word}-{organization_id:04d}"

    def _last_rounds(self) -> dict[str, tuple[str | None, int | None]]:
        last: dict[str, Investment] = {}
        for item in self.records.investments:
            if item.startup not in last or item.day >= last[item.startup].day:
                last[item.startup] = item
        return {ref: (item.round_code, item.yuan) for ref, item in last.items()}

    def _need(self, firm: Startup, organization_id: int, code_name: str, round_code: str | None) -> Row:
        is_english = DATASETS[self.dataset].is_english
        return {
            "kind": PairingKind.EQUITY,
            "organization_id": organization_id,
            "state": NeedState.OPEN,
            "code_name": code_name,
            "teaser": self._teaser(firm, round_code, "zh")[:80],
            "teaser_en": self._teaser(firm, round_code, "en")[:200] if is_english else "",
            "statement": "",
            "industries": list(firm.industries),
            "lead_industry": firm.industries[0].split(".")[0] if firm.industries else None,
            "region_code": firm.region,
            "return_reason": "",
            "published_at": self.now,
            "expires_at": self.now + timedelta(days=NEED_DAYS),
            "last_submission": {},
            "created_at": self.now,
            "updated_at": self.now,
            "version": 1,
        }

    def _teaser(self, firm: Startup, round_code: str | None, locale: str) -> str:
        """Place, field and round: in the records' own word for the field where it is of that language."""
        words = dictionaries.snapshot()
        is_own = (locale == "en") == DATASETS[self.dataset].is_english
        field_word = words.word("industries", firm.industries[0] if firm.industries else None, locale)
        parts = (
            words.word("regions", firm.region, locale),
            firm.category.replace("_", " ") if is_own else field_word,
            words.word("rounds", round_code, locale),
        )
        return " · ".join(filter(None, parts))

    # --- investors and their mandates --------------------------------------------------------------------------

    def _investors(self, session: Session, ids: dict[str, int], past: dict[str, list[Investment]]) -> None:
        mandates = {ref: self._mandate(ref, past[ref]) for ref in ids}
        profiles = self._insert(
            session,
            Profile,
            (self._profile(ids[r], OrganizationKind.INVESTOR, mandates[r]["industries"], None) for r in ids),
            "profile",
        )
        self._insert(session, InvestorProfile, ({"id": own} for own in profiles), "investor")
        offers = self._insert(session, Offer, (self._offer(ids[ref], mandates[ref]) for ref in ids), "offer")
        names = ("ticket_min_yuan", "ticket_max_yuan", "rounds")
        rows = [
            {"id": own, "instruments": ["equity"], "qualifications": [], **{n: mandates[ref][n] for n in names}}
            for ref, own in zip(ids, offers, strict=True)
        ]
        self._insert(session, InvestmentMandate, rows, "mandate")
        self.result.investors = self.result.offers = len(ids)

    def _mandate(self, ref: str, past: Sequence[Investment]) -> Row:
        """What past rounds (and, where there are any, declared wishes) say that an investor looks for."""
        declared = self.records.declared.get(ref, {})
        firms = [self.records.startups[item.startup] for item in past]
        amounts = sorted(item.yuan for item in past if item.yuan)
        regions = _common([firm.region] for firm in firms)
        wide = len(regions) >= MANY_REGIONS
        return {
            "industries": sorted(set(declared.get("field", ()))) or _common(firm.industries for firm in firms),
            "rounds": sorted(set(declared.get("stage", ()))) or _common([item.round_code] for item in past),
            "regions": [COUNTRY] if wide else [code for code in regions if code != OUTSIDE or len(regions) == 1],
            "ticket_min_yuan": amounts[len(amounts) // 10] if amounts else None,
            "ticket_max_yuan": amounts[-1 - len(amounts) // 10] if amounts else None,
        }

    def _offer(self, organization_id: int, mandate: Row) -> Row:
        return {
            "kind": PairingKind.EQUITY,
            "organization_id": organization_id,
            "state": OfferState.OPEN,
            "title": "",
            "statement": "",
            "statement_en": "",
            "industries": mandate["industries"],
            "regions": mandate["regions"],
            "exclusions": [],
            "must": [],
            "is_inferred": True,
            "published_at": self.now,
            "created_at": self.now,
            "updated_at": self.now,
            "version": 1,
        }

    # --- past rounds -------------------------------------------------------------------------------------------

    def _rounds(self, session: Session, firms: dict[str, int], funds: dict[str, int]) -> None:
        prefix = f"{self.dataset}:round:"
        known = set(session.scalars(select(PastRound.external_ref).where(PastRound.external_ref.startswith(prefix))))
        fresh = {item.ref: item for item in self.records.investments if item.ref not in known}
        rows = (self._round(item, firms, funds) for item in fresh.values())
        self.result.rounds = len(self._insert(session, PastRound, rows, "round"))

    def _round(self, item: Investment, firms: dict[str, int], funds: dict[str, int]) -> Row:
        firm = self.records.startups[item.startup]
        return {
            "investor_id": funds[item.investor],
            "enterprise_id": firms[item.startup],
            "company_name": firm.name,
            "closed_on": item.day,
            "round_code": item.round_code,
            "amount_yuan": item.yuan,
            "industries": list(firm.industries),
            "region_code": firm.region,
            "text": "",
            "source": self.dataset,
            "external_ref": item.ref,
        }


def _common(codes: Iterable[Iterable[str | None]]) -> list[str]:
    """The codes that at least a tenth of the rounds carry, the most frequent first."""
    listed = [[code for code in some if code] for some in codes]
    counted = Counter(code for some in listed for code in some)
    least = COMMON_SHARE * sum(1 for some in listed if some)
    return [code for code, number in counted.most_common() if number >= least]
