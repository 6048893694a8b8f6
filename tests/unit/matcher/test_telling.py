"""How much a need tells, and who takes part in rounds that tell as much."""

from datetime import date, timedelta

import numpy as np
import pytest

from matchhub.matcher import equity, equity_history, Table
from matchhub.matcher.affinity import Affinity
from matchhub.matcher.asking import asked
from matchhub.matcher.attention import Attention
from matchhub.matcher.kinship import DottedTree
from matchhub.matcher.reranking.dossier import Dossier
from matchhub.matcher.reranking.facts import facts
from matchhub.matcher.reranking.telling import depths, figures, pattern

IDS = ("wide", "narrow")
DAYS = [date(2024, 1, 1) + timedelta(days=10 * at) for at in range(20)]
NARROW = [at % 2 == 1 for at in range(20)]


@pytest.fixture(scope="module")
def past():
    """One offer takes part where the country alone is told, with round sums; the other where all is, to the last figure."""
    history = equity_history(
        ids=[f"r{at}" for at in range(20)],
        offer_ids=[IDS[narrow] for narrow in NARROW],
        dates=DAYS,
        industries=[["health"]] * 20,
        rounds=[["a"] if narrow else None for narrow in NARROW],
        regions=[["X.north.town"] if narrow else ["X"] for narrow in NARROW],
        amounts=[1_234_567 + at if narrow else 2_000_000 for at, narrow in enumerate(NARROW)],
    )
    recipe = equity(regions=DottedTree(), region_levels=3)
    facts_ = next(part.facts for part in recipe.features if part.name == "track_record")
    attention = Attention(facts_).fit(history, IDS)
    return attention, Dossier.of(history, IDS, attention.affinity_)


def needs():
    return Table.of(
        ["wide", "narrow", "silent"],
        numbers={name: [3_000_000, 3_456_789, None] for name in ("amount_min", "amount_max")},
        sets={
            "industries": [["health"], ["health"], None],
            "round": [None, ["a"], None],
            "region": [["X"], ["X.north.town"], None],
        },
        dates={"updated_on": [date(2024, 9, 1)] * 3},
    )


def told(past, name):
    """(n_needs, n_offers) one fact."""
    columns = np.tile(np.arange(2), (3, 1))
    return {known: values for _, known, values in facts(*past, needs(), columns)}[name]


@pytest.mark.parametrize("name", ["told", "told_region", "figures", "mass_as_told"])
def test_an_offer_is_nearer_to_needs_that_tell_as_much_as_those_it_took(past, name):
    values = told(past, name)

    assert values[0, 0] > values[0, 1]
    assert values[1, 1] > values[1, 0]


def test_a_sum_that_nobody_told_says_nothing_of_how_round_it_is(past):
    assert told(past, "figures")[2].tolist() == [0, 0]


def test_attention_to_rounds_that_told_as_much_is_a_part_of_all(past):
    assert (told(past, "mass_as_told") <= told(past, "mass") + 1e-5).all()


def test_levels_are_counted_from_the_widest(past):
    attention, _ = past
    encoded, _ = asked(attention, needs())

    found = {name: (depth.tolist(), levels) for name, (depth, levels) in depths(attention.affinity_, encoded).items()}

    assert found["region"] == ([1, 3, 0], 3)
    assert found["industries"][0] == [1, 1, 0]


def test_needs_that_tell_the_same_facts_are_of_one_pattern_whatever_they_say(past):
    affinity = Affinity(past[0].facts).fit(past[0].past_)
    other = Table.of(
        ["alike"],
        numbers={"amount_min": [5.0]},
        sets={"industries": [["health"]], "region": [["X"]]},
        dates={"updated_on": [date(2024, 9, 2)]},
    )

    seen = pattern(affinity, affinity.encode(needs()))

    assert len(set(seen.tolist())) == 3
    assert pattern(affinity, affinity.encode(other)).tolist() == [seen[0]]


def test_figures_are_those_before_the_zeros():
    sums = np.log(np.array([1, 40_000, 2e6, 1.25e6, 1_234_567, 105_651, 9.9e8, np.nan], dtype=np.float64))

    assert figures(sums.astype(np.float32)).tolist() == [0, 0, 0, 2, 4, 4, 1, -1]
