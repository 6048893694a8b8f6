"""Who sees what of a need: each tier sees what the one before it sees, and exact terms only after consent."""

from datetime import date
from itertools import pairwise

from matchhub.accounts.models import Organization
from matchhub.disclosure.enums import Relation
from matchhub.disclosure.queries import Visible
from matchhub.listings.models import EquityNeed
from matchhub.listings.queries import gaps_of_need, sheet, tiers
from matchhub.profiles.models import EnterpriseProfile


def need() -> EquityNeed:
    return EquityNeed(
        organization=Organization(name="鄂州星河科技有限公司"), code_name="新材料-0007", amount_min_yuan=5_000_000,
        amount_max_yuan=8_000_000, round_code="a", industries=["new_materials"], teaser="拟建第三条产线",
        statement="两条产线已满。",
        purposes=["equipment"], instruments=["equity"], equity_max_pct=12, excludes=["control"], needed_by=date(2027, 6, 30),
        deck_id=7,
    )  # fmt: skip


def seen(relation: Relation) -> dict[str, object]:
    profile = EnterpriseProfile(contact_name="林牧野", contact_mobile="15400010001", contact_email="lin@xinghe.example")
    tier = next(t for t in tiers(need(), profile=profile, deck="计划书.pdf") if t.relation is relation)
    return {line.key: line.value for line in tier.lines if line.is_open}


def test_the_public_sees_nothing() -> None:
    assert seen(Relation.STRANGER) == {}


def test_members_see_a_code_name_and_a_band() -> None:
    member = seen(Relation.MEMBER)

    assert (member["name"], member["amount"]) == ("新材料-0007", (5_000_000, 10_000_000))
    assert not {"statement", "equity_max_pct", "excludes", "deck", "contact_mobile"} & set(member)


def test_who_was_asked_sees_the_name_but_no_terms() -> None:
    asked = seen(Relation.ASKED)

    assert (asked["name"], asked["amount"]) == ("鄂州星河科技有限公司", (5_000_000, 10_000_000))
    assert not {"equity_max_pct", "deck", "contact_mobile"} & set(asked)


def test_both_agreeing_opens_everything() -> None:
    both = seen(Relation.CONSENTED)

    assert (both["amount"], both["deck"], both["contact_mobile"]) == (
        (5_000_000, 8_000_000),
        "计划书.pdf",
        "15400010001",
    )


def test_each_tier_sees_what_the_farther_one_sees() -> None:
    keys = [set(seen(r)) for r in (Relation.STRANGER, Relation.MEMBER, Relation.ASKED, Relation.CONSENTED)]

    assert all(farther <= nearer for farther, nearer in pairwise(keys))


def test_a_steward_sees_neither_terms_nor_deck() -> None:
    lines = {line.key: line for line in sheet(need(), Visible(Relation.STEWARD)) if line.is_open}

    assert lines["amount"].value == (5_000_000, 10_000_000)
    assert not {"equity_max_pct", "excludes", "deck"} & set(lines)


def test_a_complete_need_has_no_gaps_and_each_missing_answer_is_one() -> None:
    assert gaps_of_need(need()) == []
    bare = EquityNeed(teaser="", statement="", industries=[], purposes=[], instruments=[])
    assert [gap.field for gap in gaps_of_need(bare)] == [
        "amount_max_yuan", "needed_by", "purposes", "round_code", "industries", "teaser", "statement", "instruments",
    ]  # fmt: skip
