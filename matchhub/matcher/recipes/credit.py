"""CreditNeed ↔ LoanProduct."""

from __future__ import annotations

from collections.abc import Mapping

from matchhub.matcher.conditions import Conditions, FirstLoan, RateFit
from matchhub.matcher.features import CodeFit, Promptness, RangeFit
from matchhub.matcher.kinship import DottedTree, Kin, Ladder, RegionTree, Same, Tree
from matchhub.matcher.recipes.recipe import Recipe
from matchhub.matcher.rules import AtLeast, AtMost, Excluded, InReach, Must, Required, Room, Rule, SameAnswer, Standing
from matchhub.matcher.text import TextFit
from matchhub.matcher.weights import Weights

STAGES = Ladder(("team", "seed", "startup", "growth", "stable", "mature"))
"""团队 种子期 初创期 成长期 稳定期 成熟期."""

CREDIT_WEIGHTS = Weights(
    version="credit-1",
    a={"amount": 25, "guarantee": 20, "rate": 15, "payout": 10, "text": 5},
    b={
        "amount": 25,
        "guarantee": 20,
        "qualification": 20,
        "first_loan": 10,
        "wishes": 10,
        "industry": 5,
        "stage": 5,
        "text": 5,
    },
)
"""Proposed shares [示例]: those of the domain notes, dealt to the side that wants the thing; small ones beside are ours."""

NUMBERS: Mapping[str, tuple[str, str]] = {
    "months_old": ("months_old", "months_old"),
    "revenue_yuan": ("revenue_yuan_low", "revenue_yuan_high"),
    "rd_expense_yuan": ("rd_expense_yuan_low", "rd_expense_yuan_high"),
    "staff": ("staff", "staff"),
    "invention_patents": ("invention_patents", "invention_patents"),
}
ANSWERS = ("has_clean_record", "is_first_loan", "in_carrier")


def admission(prefix: str, places: Tree) -> tuple[Rule, ...]:
    """The structured facts that a product may ask for, one rule for each field and comparison.

    `prefix` "hard" or "wish" is the first part of the rules' names and of the offers' columns: hard.revenue_yuan.at_least.
    """
    bounds: list[Rule] = []
    for field, ends in NUMBERS.items():
        least, most = f"{prefix}.{field}.at_least", f"{prefix}.{field}.at_most"
        bounds += [AtLeast(least, ends, least), AtMost(most, ends, most)]
    held, seats = f"{prefix}.qualifications.any_of", f"{prefix}.regions.any_of"
    lists = (
        Required(held, CodeFit(held, "qualifications", held, Same())),
        Required(seats, CodeFit(seats, "region", seats, Kin(places, (0,)))),
    )
    asked = [(answer, f"{prefix}.{answer}.is") for answer in ANSWERS]
    return (*bounds, *lists, *(SameAnswer(name, answer, name) for answer, name in asked))


def credit(*, zones: Mapping[str, str] | None = None, weights: Weights = CREDIT_WEIGHTS) -> Recipe:
    """CreditNeed ↔ LoanProduct.

    Needs: amount_min, amount_max (元), term_months, rate_max (basis points a year), months_old, revenue_yuan_low and _high,
    rd_expense_yuan_low and _high (the ends of a band), staff, invention_patents, has_clean_record, is_first_loan, in_carrier
    (1 or 0); industries, region, stage, qualifications, guarantees, must (sets); text.
    Offers: amount_min, amount_max, term_max, rate_min, rate_for.CODE (the rate for holders of a qualification), payout_days,
    welcomes_first_loan, capacity_left, active; guarantees, qualifications_preferred, industries, stages, regions, exclusions,
    must (sets); text; and what they ask of a firm, hard.FIELD.OP and wish.FIELD.OP (see `admission`). Every column is optional.
    """
    places, fields = RegionTree(dict(zones or {})), DottedTree()
    guarantee = CodeFit("guarantee", "guarantees", "guarantees", Same())
    qualification = CodeFit("qualification", "qualifications", "qualifications_preferred", Same())
    industry = CodeFit("industry", "industries", "industries", Kin(fields, (0, 0.6)))
    stage = CodeFit("stage", "stage", "stages", STAGES)
    return Recipe(
        "credit",
        (
            Standing("standing", "active"),
            Room("capacity", "capacity_left"),
            Excluded("excluded_industry", "industries", "exclusions", fields),
            InReach("amount", ("amount_min", "amount_max"), "amount_max"),
            AtMost("term", ("term_months", "term_months"), "term_max"),
            Required("region", CodeFit("region", "region", "regions", Kin(places, (0,)))),
            *admission("hard", places),
            Must("industry", industry, 0.6),
            *(Must(feature.name, feature) for feature in (guarantee, qualification, stage)),
        ),
        (
            RangeFit("amount", ("amount_min", "amount_max"), ("amount_min", "amount_max")),
            guarantee,
            RateFit("rate", "rate_max", "rate_min"),
            qualification,
            Conditions("wishes", admission("wish", places)),
            FirstLoan("first_loan", "is_first_loan", "welcomes_first_loan"),
            industry,
            stage,
            Promptness("payout", "payout_days", half=10.0),
            TextFit("text", "text", "text"),
        ),
        weights,
        amount=("amount_min", "amount_max"),
        ticket=("amount_min", "amount_max"),
        alike=("industries", "guarantees", "stage"),
    )
