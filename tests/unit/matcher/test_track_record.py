from datetime import date, timedelta

import numpy as np
import pytest

from matchhub.matcher import equity, equity_history, History, Matcher, Table
from matchhub.matcher.affinity import calendar, months, openings
from matchhub.matcher.attention import FEWEST_QUERIES
from matchhub.matcher.attention_learning import Batch, fit_weights, sample_pairs
from matchhub.matcher.table import DAYS_UNKNOWN
from tests.unit.matcher.market import FIELDS, market


def past(*rounds):
    """Rounds as (offer, industry, days ago)."""
    today = date(2026, 6, 1)
    table = Table.of(
        [f"r{at}" for at in range(len(rounds))],
        sets={"industries": [[field] for _, field, _ in rounds]},
        dates={"updated_on": [today - timedelta(days=age) for _, _, age in rounds]},
    )
    return History.of(table, [offer for offer, _, _ in rounds])


def need(field):
    return Table.of(["星河科技"], sets={"industries": [[field]]}, dates={"updated_on": [date(2026, 6, 1)]})


TWO = Table.of(["远山资本", "江岸医疗基金", "新基金"])
FEW = past(("远山资本", "new_materials", 30), ("江岸医疗基金", "health", 30), ("远山资本", "new_materials", 200))


def record(matcher):
    return next(part for part in matcher.features_ if part.name == "track_record")


def test_with_few_rounds_the_prior_already_prefers_who_backed_the_field():
    feature = record(Matcher(equity()).fit(need("health"), TWO, FEW))

    materials, health, new = feature.compare(need("health"), TWO)[0]

    assert feature.attention_.queries_ < FEWEST_QUERIES
    assert health > materials
    assert np.isnan(new)


def test_the_evidence_names_the_nearest_rounds_and_their_dates():
    feature = record(Matcher(equity()).fit(need("health"), TWO, FEW))

    told = feature.evidence(need("new_materials"), TWO.take([0]))

    assert told["rounds"] == 2
    assert [near["id"] for near in told["nearest"]] == ["r0", "r2"]
    assert told["nearest"][0]["date"] == date(2026, 5, 2)
    assert sum(near["share"] for near in told["nearest"]) == pytest.approx(1)


def test_without_history_the_feature_is_silent_and_the_declared_facts_rank(needs, offers):
    matcher = Matcher(equity()).fit(needs, offers)

    assert np.isnan(record(matcher).compare(needs, offers)).all()
    assert matcher.rank(needs, offers, k=1).by_need.score[0] > 0.5


def test_much_history_outweighs_what_was_declared():
    """An owner that says health and always takes materials is found for materials; with little history it is not."""
    offers = Table.of(["says health", "says materials"], sets={"industries": [["health"], ["new_materials"]]})
    rows = [("says health", "new_materials", age) for age in range(1, 400)]
    rows += [("says materials", "health", age) for age in range(1, 400)]
    asked = need("new_materials")

    little = Matcher(equity()).fit(asked, offers, past(*rows[:1], *rows[-1:])).rank(asked, offers, k=1).by_need
    much = Matcher(equity()).fit(asked, offers, past(*rows)).rank(asked, offers, k=1).by_need

    assert offers.ids[little.offer[0]] == "says materials"
    assert offers.ids[much.offer[0]] == "says health"


def test_learning_finds_that_the_field_decides():
    needs, offers, history = market(7, n_needs=20, n_offers=8, n_past=600)
    feature = record(Matcher(equity()).fit(needs, offers, history))
    asked = Table.of(["q"], sets={"industries": [[FIELDS[2]]]}, dates={"updated_on": [date(2026, 6, 1)]})

    values = feature.compare(asked, offers)[0]

    assert set(np.argsort(-values)[:2]) == {2, 6}


def test_a_few_outcomes_barely_move_the_prior_and_many_do():
    random = np.random.default_rng(0)
    prior = np.array([1.0])

    def learned(queries):
        values = random.normal(size=(queries, 20, 1)).astype(np.float32)
        takers = np.where(np.arange(20) == values.argmin(axis=1), 0, -1)
        starts, ones = np.arange(queries) * 20, np.ones(queries, dtype=np.int64)
        batch = Batch(
            values.reshape(-1, 1), np.zeros(20 * queries, np.float32), takers.ravel(), starts, ones, ones * 0.05
        )
        return fit_weights(batch, prior, prior, ridge=50.0)[0]

    few, many = learned(3), learned(500)

    assert abs(few - 1) < 0.5
    assert many < -1


def test_every_taker_counts_not_only_the_one_that_is_easy_to_see():
    features = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0]] * 400, dtype=np.float32)
    takers, starts = np.tile([0, 1, -1], 400), np.arange(400) * 3
    count = np.full(400, 2)
    batch = Batch(features, np.zeros(1200, np.float32), takers, starts, count, count / 3)

    weights = fit_weights(batch, np.array([3.0, 0.0]), np.zeros(2), ridge=0.01)

    assert abs(weights[0] - weights[1]) < 0.1


@pytest.mark.parametrize("looking", [False, True])
def test_a_sample_stands_for_the_mass_of_all(looking):
    random = np.random.default_rng(2)
    logits = random.normal(size=5000).astype(np.float32) * 2
    right = np.arange(5000) < 3

    chosen, offsets = sample_pairs(right, 1500, random, logits if looking else None)

    whole, held = np.exp(logits[3:]).sum(), np.exp(logits[chosen[3:]] + offsets[3:]).sum()
    assert chosen[:3].tolist() == [0, 1, 2]
    assert held == pytest.approx(whole, rel=0.02 if looking else 0.5)


def test_few_participations_are_all_taken():
    chosen, offsets = sample_pairs(np.array([False, True, False]), 5, np.random.default_rng(0), np.zeros(3, np.float32))

    assert chosen.tolist() == [1, 0, 2]
    assert not offsets.any()


def test_a_day_that_is_not_known_has_no_month():
    days = np.array([DAYS_UNKNOWN, 0, 31], dtype=np.int64)

    assert months(days).tolist() == [-1, 0, 1]
    assert calendar(months(days)).sum(axis=0).tolist() == [0, 1, 1]
    assert openings(np.append(days, 40)).tolist() == [0, 1, 1, 0]


def test_a_round_of_an_offer_that_is_not_on_the_table_changes_nobodys_rows():
    history = past(("远山资本", "health", 10), ("gone", "health", 10))
    feature = record(Matcher(equity()).fit(need("health"), TWO, history))

    assert np.isnan(feature.compare(need("health"), TWO)[0, 1:]).all()


def test_a_value_does_not_depend_on_which_other_offers_are_asked_about():
    needs, offers, history = market(8, n_past=80)
    feature = record(Matcher(equity()).fit(needs, offers, history))

    whole, part = feature.compare(needs, offers), feature.compare(needs, offers.take([3, 5]))

    np.testing.assert_allclose(whole[:, [3, 5]], part, rtol=1e-5)


def test_history_of_nobody_is_no_history():
    empty = History.of(Table.of([]), [])
    matcher = Matcher(equity()).fit(need("health"), TWO, empty)

    assert record(matcher).rounds == 0


def test_one_entry_is_needed_per_row():
    with pytest.raises(ValueError, match="one offer id"):
        History.of(Table.of([1, 2]), ["远山资本"])


def test_a_round_knows_how_many_took_part_and_whether_it_was_the_firms_first():
    days = [date(2025, 1, 1), date(2025, 1, 1), date(2026, 1, 1), None]
    history = equity_history(
        ids=["r1", "r1", "r2", "r3"],
        offer_ids=["远山资本", "江岸医疗基金", "远山资本", "远山资本"],
        dates=days,
        events=["r1", "r1", "r2", "r3"],
        firms=["星河科技"] * 4,
    )

    assert history.rounds.number("syndicate").tolist() == [2, 1, 1]
    np.testing.assert_array_equal(history.rounds.number("debut"), [1, 0, np.nan])
