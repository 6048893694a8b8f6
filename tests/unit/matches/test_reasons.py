"""Reasons say what is so, in the words of the side that reads, and nothing that it may not see."""

from datetime import date
from typing import Any

import pytest

from matchhub.core.money import band_of_range
from matchhub.listings.enums import PairingKind
from matchhub.matches import reasons
from matchhub.matches.comparison import Comparison, Fact, Refusal
from matchhub.matches.engine import default_spec, weights_of
from matchhub.matches.enums import Evidence, Fit, Side, Verdict
from matchhub.matches.kinds import KINDS
from matchhub.matches.reasons import Money, Month, Sight, Words

EXACT = (5_600_000, 7_300_000)


def fact(topic: str, value: float | None, contribution: float = 0.1, silent: tuple[str, ...] = (), **said: Any) -> Fact:
    return Fact(topic, value, contribution, said, silent)


def comparison(*facts: Fact, failed: tuple[Refusal, ...] = (), **points: int) -> Comparison:
    return Comparison(
        1, 2, Verdict.FAILS if failed else Verdict.FITS, 0.8, 0.8, 0.8, 0.9, Fit.STRONG, Evidence.ENOUGH, facts, failed,
        (), points, "equity-1",
    )  # fmt: skip


INDUSTRY = fact(
    "industry", 1.0, 0.3, need=("health.biotech",), offer=("health",), nearest=(("health.biotech", "health"),)
)
AMOUNT = fact("amount", 1.0, 0.2, need=band_of_range(*EXACT), offer=(3_000_000.0, 20_000_000.0))
TEXT = fact("text", 0.9, 0.15, common=("碳纤维", "江城"), need=30, offer=40)
ROUND = fact("round", 0.25, 0.05, need=("angel",), offer=("b",), nearest=())
SILENT = fact("qualification", None, 0.0, ("need",), need=(), offer=("hnte",), nearest=())


@pytest.mark.parametrize("kind", list(PairingKind))
def test_the_stored_weights_are_the_library_s_own(kind: PairingKind) -> None:
    from matchhub.matcher import RECIPES  # noqa: PLC0415 -- only this test needs it

    assert weights_of(default_spec(kind)).to_json() == RECIPES[kind.value]().weights.to_json()


def test_the_firm_reads_you_and_the_investor_reads_the_other_way_round() -> None:
    firm, fund = (reasons.said(ROUND, Sight(side)) for side in (Side.NEED, Side.OFFER))

    assert firm is not None and fund is not None
    assert firm.message == "对方投%(wanted)s，你在%(own)s。"
    assert fund.message == "你投%(wanted)s，对方在%(own)s。"
    assert firm.values == {"own": Words("rounds", ("angel",)), "wanted": Words("rounds", ("b",))}
    assert firm.tone == "why-not"


def test_the_most_telling_reasons_come_first_and_a_weak_point_last() -> None:
    rows = reasons.shortlist(comparison(AMOUNT, INDUSTRY, ROUND, SILENT).facts, Sight(Side.NEED))

    assert [(row.topic, row.tone) for row in rows] == [("industry", "why"), ("amount", "why"), ("round", "why-not")]


def test_the_points_of_the_bars_add_up_and_silence_is_no_zero() -> None:
    told = comparison(INDUSTRY, AMOUNT, TEXT, ROUND, SILENT, industry=31, amount=22, text=20, round=5)

    bars = reasons.waterfall(told, Sight(Side.NEED))

    assert sum(bar.points or 0 for bar in bars) == told.total == 78
    assert [bar.points for bar in bars if bar.topic == "qualification"] == [None]


def test_at_most_five_reasons_carry_points_and_the_rest_is_one_line() -> None:
    topics = ("industry", "round", "amount", "region", "instrument", "qualification", "responsiveness")
    facts = tuple(
        fact(t, 1.0, need=("a",), offer=("a",), nearest=(("a", "a"),))
        for t in topics
        if t not in ("amount", "responsiveness")
    )
    told = comparison(*facts, AMOUNT, fact("responsiveness", 0.7, offer=3.0), **dict.fromkeys(topics, 10))

    bars = reasons.waterfall(told, Sight(Side.NEED))

    assert len(bars) == 6
    assert (bars[-1].topic, bars[-1].points, bars[-1].reason) == ("other", 20, None)


def test_words_of_a_text_that_the_investor_may_not_read_go_to_other_facts() -> None:
    told = comparison(INDUSTRY, TEXT, industry=30, text=15)

    hidden = reasons.waterfall(told, Sight(Side.OFFER, open_text="新材料 · 鄂城区"))
    opened = reasons.waterfall(told, Sight(Side.OFFER, open_text="碳纤维预浸料"))

    assert [(bar.topic, bar.points) for bar in hidden] == [("industry", 30), ("other", 15)]
    assert opened[1].reason is not None
    assert opened[1].reason.values == {"words": "碳纤维"}  # the control: the open word is told, the other is not


@pytest.mark.parametrize("exact", [EXACT, (5_000_001, 9_999_999), (6_000_000, 6_000_000)])
def test_no_exact_amount_can_be_read_from_the_sentence_of_a_stranger(exact: tuple[int, int]) -> None:
    reason = reasons.said(AMOUNT, Sight(Side.OFFER, asked=band_of_range(*exact)))

    assert reason is not None
    assert reason.values["asked"] == Money(5_000_000, 10_000_000)


def test_a_past_round_is_told_with_what_it_shares() -> None:
    record = fact("track_record", 0.9, rounds=12, nearest=(), like="region", latest=date(2026, 5, 4))
    far = fact("track_record", 0.9, rounds=12, nearest=(), like="", latest=None)

    near_reason, far_reason = (reasons.said(one, Sight(Side.NEED)) for one in (record, far))

    assert near_reason is not None and far_reason is not None
    assert "同地区" in near_reason.message and near_reason.values == {"count": 12, "month": Month(date(2026, 5, 4))}
    assert "有的和你相近" in far_reason.message and far_reason.tone == "why"


@pytest.mark.parametrize("reason", ["blocked", "revoked", "not_fit"])
def test_nobody_is_told_that_the_other_side_refused_or_blocked(reason: str) -> None:
    told = comparison(INDUSTRY, failed=(Refusal("exclusion", {"reason": reason}),))

    assert [row.message for row in reasons.refusals(told, Sight(Side.NEED))] == [reasons.PLAIN_EXCLUSION]


def test_only_what_the_own_side_left_open_is_asked_for() -> None:
    told = comparison(SILENT, fact("region", None, 0.0, ("offer",), need=("420704",), offer=(), nearest=()))

    assert [row.topic for row in reasons.additions(told, Sight(Side.NEED))] == ["qualification"]
    assert [row.topic for row in reasons.additions(told, Sight(Side.OFFER))] == ["region"]


@pytest.mark.parametrize("kind", list(PairingKind))
def test_every_weighed_feature_has_its_sentences_for_both_readers(kind: PairingKind) -> None:
    weights, told = weights_of(default_spec(kind)), KINDS[kind]

    learned = {"answers"}  # what comes of earlier introductions has no weight of its own: it moves the others' sum
    assert set(told.sayings) == set(told.topics) == set(weights.a) | set(weights.b) | learned
    for side in Side:
        assert set(told.silent[side]) == set(told.sayings) - learned
        assert set(told.additions[side]) <= set(told.sayings)
