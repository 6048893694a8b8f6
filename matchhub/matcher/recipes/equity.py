"""EquityNeed ↔ InvestmentMandate."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from datetime import date
from typing import Any

from matchhub.matcher.affinity import Facts
from matchhub.matcher.attention_learning import Training
from matchhub.matcher.features import CodeFit, Promptness, RangeFit
from matchhub.matcher.history import History
from matchhub.matcher.kinship import DottedTree, Kin, Ladder, RegionTree, Same, Tree
from matchhub.matcher.recipes.recipe import Recipe
from matchhub.matcher.reranking.reranker import Schedule
from matchhub.matcher.rules import AtLeast, Clash, Excluded, Must, Room, Standing
from matchhub.matcher.table import Codes, Table
from matchhub.matcher.text import TextFit
from matchhub.matcher.track_record import TrackRecord
from matchhub.matcher.weights import Weights

ROUNDS = Ladder(("seed", "angel", "pre_a", "a", "a_plus", "b", "b_plus", "c", "d_plus", "pre_ipo"))
"""种子 天使 Pre-A A A+ B B+ C D+ Pre-IPO; a strategic round stands beside the ladder."""


EQUITY_WEIGHTS = Weights(
    version="equity-1",
    a={"amount": 25, "region": 15, "instrument": 15, "text": 15, "responsiveness": 15, "track_record": 15},
    b={"industry": 30, "round": 15, "amount": 15, "region": 10, "text": 10, "qualification": 10, "track_record": 10},
)
"""Proposed shares [示例]: the offer's side follows the domain notes, the need's side is ours until there are outcomes."""


def equity_history(
    *,
    ids: Sequence[Any],
    offer_ids: Sequence[Any],
    dates: Sequence[date | None],
    industries: Sequence[Codes] | None = None,
    regions: Sequence[Codes] | None = None,
    rounds: Sequence[Codes] | None = None,
    amounts: Sequence[float | None] | None = None,
    texts: Sequence[str | None] | None = None,
    events: Sequence[Hashable] | None = None,
    firms: Sequence[Hashable] | None = None,
) -> History:
    """Past rounds of the equity pairing, one entry per participant (see `History.of`).

    `ids` name the rounds in reasons; `amounts` are the round's (元); without `firms` a first round cannot be told.
    """
    silent: list[None] = [None] * len(ids)
    spent = amounts or silent
    rows = Table.of(
        ids,
        numbers={"amount_min": spent, "amount_max": spent},
        sets={"industries": industries or silent, "region": regions or silent, "round": rounds or silent},
        texts={"text": texts or silent},
        dates={"updated_on": dates},
    )
    return History.of(rows, offer_ids, events, firms)


def equity(
    *,
    zones: Mapping[str, str] | None = None,
    regions: Tree | None = None,
    rounds: Ladder = ROUNDS,
    weights: Weights = EQUITY_WEIGHTS,
    training: Training | None = None,
    region_levels: int = 4,
    second: Schedule | None = Schedule(),
) -> Recipe:
    """EquityNeed ↔ InvestmentMandate.

    `zones` places local functional zones in GB/T 2260 regions ({"EZ-GD": "420700"}); `regions` replaces that tree.

    Needs: amount_min, amount_max (元), equity_max_pct; round, industries, region, qualifications, instruments, excludes,
    must (sets); text; updated_on. Offers: ticket_min, ticket_max (元), equity_min_pct, capacity_left, reply_days, active
    (0 closed); rounds, industries, regions, exclusions, instruments, demands, qualifications_preferred, must (sets); text.
    A need may also have debut (1: the firm has no recorded round yet). Past rounds: see `equity_history`. Every column is
    optional.
    """
    places, fields = regions or RegionTree(dict(zones or {})), DottedTree()
    industry = CodeFit("industry", "industries", "industries", Kin(fields, (0, 0.6)))
    stage = CodeFit("round", "round", "rounds", rounds)
    amount = RangeFit("amount", ("amount_min", "amount_max"), ("ticket_min", "ticket_max"))
    region = CodeFit("region", "region", "regions", Kin(places, (0, 0.1, 0.3, 0.6)))
    instrument = CodeFit("instrument", "instruments", "instruments", Same())
    qualification = CodeFit("qualification", "qualifications", "qualifications_preferred", Same())
    facts = Facts(
        {"industries": (fields, 2), "region": (places, region_levels)},
        ("round", rounds),
        ("amount_min", "amount_max"),
        "text",
        "updated_on",
    )
    return Recipe(
        "equity",
        (
            Standing("standing", "active"),
            Room("capacity", "capacity_left"),
            Excluded("excluded_industry", "industries", "exclusions", fields),
            Clash("terms", "excludes", "demands"),
            AtLeast("dilution", ("equity_max_pct", "equity_max_pct"), "equity_min_pct"),
            Must("industry", industry, 0.6),
            *(Must(feature.name, feature) for feature in (stage, amount, region, instrument, qualification)),
        ),
        (
            industry,
            stage,
            amount,
            region,
            instrument,
            TextFit("text", "text", "text"),
            qualification,
            Promptness("responsiveness", "reply_days"),
            TrackRecord("track_record", facts, training or Training()),
        ),
        weights,
        amount=("amount_min", "amount_max"),
        ticket=("ticket_min", "ticket_max"),
        history="track_record",
        second=second,
        alike=("industries", "round", "region"),
    )
