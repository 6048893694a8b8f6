"""From the content to the fields of profiles, needs and mandates."""

from datetime import date, timedelta
from typing import Any

from matchhub.accounts.enums import OrganizationKind
from matchhub.demo.content import Record
from matchhub.listings.enums import Condition, RuledOut

KINDS = {
    "carrier": OrganizationKind.CARRIER,
    "enterprise": OrganizationKind.ENTERPRISE,
    "investor": OrganizationKind.INVESTOR,
}
RULED_OUT = (
    ("控股", RuledOut.CONTROL),
    ("对赌", RuledOut.PERFORMANCE_BET),
    ("回购", RuledOut.BUY_BACK),
    ("排他", RuledOut.EXCLUSIVITY),
    ("一票否决", RuledOut.VETO),
)
CONDITIONS = {"rounds": Condition.ROUND, "regions": Condition.REGION, "industries": Condition.INDUSTRY}
EQUITY = ("equity", "convertible")


def day(text: str | None, *, latest: date) -> date | None:
    """A day of the content, never later than the simulated one."""
    return min(date.fromisoformat(text), latest) if text else None


def contact(record: Record) -> dict[str, Any]:
    """Who answers."""
    person = record["contact"]
    return {
        "contact_name": person["name"],
        "contact_title": person["title"],
        "contact_mobile": person["mobile"],
        "contact_email": person["email"],
    }


def of_carrier(record: Record, today: date) -> dict[str, Any]:
    """The profile of a carrier."""
    return {
        "carrier_type": record["type"],
        "carrier_level": record["level"],
        "carrier_focus": record["focus"],
        "industries": record["lead_industries"],
        "certified_on": day(record["certified_on"], latest=today),
        "total_area_m2": record["total_area_m2"],
        "incubation_area_m2": record["incubation_area_m2"],
        "workstations": record["workstations"],
        "region_code": record["region"],
        "address": record["address"],
        "one_liner": record["summary"].split("。")[0].split("，")[0][:60],
        "summary": record["summary"],
        "summary_en": record["summary_en"],
        **contact(record),
    }


def of_enterprise(record: Record, address: str, today: date) -> dict[str, Any]:
    """The profile of a firm or a team."""
    patents = record["ips"].get("invention", 0)
    return {
        "industries": record["industries"],
        "one_liner": record["one_liner"],
        "one_liner_en": record["one_liner_en"],
        "stage": record["stage"],
        "established_on": None if record["kind"] == "team" else day(record["established_on"], latest=today),
        "region_code": record["region"],
        "address": address,
        "summary": record["summary"],
        "summary_en": record["summary_en"],
        "team": record["team"],
        "founder_traits": record["founder_traits"],
        "trl": record["trl"],
        "staff": record["staff"],
        "revenue_yuan": record["revenue_yuan"],
        "rd_expense_yuan": record["rd_expense_yuan"],
        "invention_patents": patents,
        "other_ip": sum(record["ips"].values()) - patents,
        "qualifications": [item["type"] for item in record["qualifications"]],
        **contact(record),
    }


def certificates(record: Record) -> list[dict[str, Any]]:
    """The certificates of a firm."""
    return [
        {"code": item["type"], "valid_until": date.fromisoformat(item["valid_to"]) if item.get("valid_to") else None}
        for item in record["qualifications"]
    ]


def of_investor(record: Record, today: date) -> dict[str, Any]:
    """The profile of a fund or an angel."""
    return {
        "fund_type": record["fund_type"],
        "founded_on": day(record["founded_on"], latest=today),
        "aum_yuan": record["aum_yuan"],
        "region_code": record["region"],
        "industries": record["mandate"]["industries"],
        "one_liner": record["summary"].split("，")[0].split("。")[0][:60],
        "summary": record["summary"],
        "summary_en": record["summary_en"],
        **contact(record),
    }


def of_round(past: Record) -> dict[str, Any]:
    """One past investment."""
    return {
        "company_name": past["company"],
        "closed_on": date.fromisoformat(past["date"]),
        "round_code": past["round"],
        "amount_yuan": past["amount_yuan"],
        "industries": past["industries"],
    }


def of_need(record: Record, today: date) -> dict[str, Any]:
    """What a firm asks for. What it rules out and no list names stands in its own words."""
    need = record["need"]
    excludes = [kind for word, kind in RULED_OUT if any(word in wish for wish in need["excludes"])]
    in_words = [wish for wish in need["excludes"] if not any(word in wish for word, _ in RULED_OUT)]
    return {
        "amount_min_yuan": need["amount_min_yuan"],
        "amount_max_yuan": need["amount_max_yuan"],
        "needed_by": today + timedelta(days=need["need_by_days"]),
        "purposes": need["purposes"],
        "round_code": need["round"],
        "industries": record["industries"],
        "teaser": need["teaser"][:30],
        "teaser_en": need["teaser_en"],
        "statement": need["statement"] + "".join(f"{wish}。" for wish in in_words),
        "instruments": [need["instrument"]],
        "equity_max_pct": need["equity_max_pct"],
        "excludes": [kind.value for kind in excludes],
    }


def of_mandate(record: Record) -> dict[str, Any]:
    """What an investor looks for. What it leaves out and no list names stands in its own words."""
    mandate = record["mandate"]
    left_out = f"不看：{'、'.join(mandate['exclusions'])}。" if mandate["exclusions"] else ""
    return {
        "title": mandate["title"],
        "rounds": mandate["rounds"],
        "industries": mandate["industries"],
        "regions": mandate["regions"],
        "ticket_min_yuan": mandate["ticket_min_yuan"],
        "ticket_max_yuan": mandate["ticket_max_yuan"],
        "instruments": [kind for kind in mandate["instruments"] if kind in EQUITY] or ["equity"],
        "must": [CONDITIONS[wish].value for wish in mandate["must"]],
        "capacity_per_month": mandate["capacity_per_month"],
        "reply_days": mandate["reply_days"],
        "leads": mandate["leads"],
        "statement": mandate["statement"] + left_out,
        "statement_en": mandate["statement_en"],
    }
