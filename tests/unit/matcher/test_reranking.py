import pickle
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from matchhub.matcher import equity, equity_history, Matcher
from matchhub.matcher.affinity import Affinity
from matchhub.matcher.reranking import Schedule
from matchhub.matcher.reranking.dossier import bins, Dossier, one_hot, sums, together
from matchhub.matcher.reranking.head import Head, Learning, RECORD
from matchhub.matcher.reranking.lists import drawn, in_their_list, Lists
from matchhub.matcher.reranking.listwise import Swaps
from matchhub.matcher.reranking.trees import alike, Growing, Trees
from tests.unit.matcher.market import market

SCHEDULE = Schedule(window_days=200, step_days=150, windows=3, length=6, negatives=4, fewest=20)


@pytest.fixture(scope="module")
def learned():
    needs, offers, history = market(3, n_needs=10, n_offers=12, n_past=500)
    return Matcher(equity(second=SCHEDULE)).fit(needs, offers, history), needs, offers, history


def test_looking_up_cells_gives_what_comparing_pairs_gives(learned):
    matcher, needs, _, history = learned
    affinity = Affinity(matcher.record.facts).fit(history.rounds)
    backed = needs.with_sets("backers", [["o1", "o2"]] + [None] * (len(needs) - 1)).with_numbers(
        "debut", [0.0] * len(needs)
    )
    ours, theirs = affinity.encode(backed), affinity.encode(history.rounds)
    rows, columns = (part.ravel() for part in np.indices((len(needs), len(history))))
    weights = dict(zip(affinity.names, np.random.default_rng(0).normal(size=len(affinity.names)), strict=True))

    one_by_one = sum(weights[name] * values for name, values in affinity.compare(ours, theirs, rows, columns))

    np.testing.assert_allclose(affinity.weigh(ours, theirs, weights).ravel(), one_by_one, atol=2e-3)


def test_what_is_added_to_every_pair_adds_up_to_its_score(learned):
    matcher, needs, offers, _ = learned
    changed = 0

    for need in range(4):
        for offer in range(len(offers)):
            told = matcher.explain(needs.take([need]), offers.take([offer]))
            assert sum(item.contribution for item in told.items) == pytest.approx(told.score, abs=1e-6)
            changed += any(item.side == "past" for item in told.items)

    assert changed


def test_a_pair_has_the_same_score_alone_and_in_a_run(learned):
    matcher, needs, offers, _ = learned
    pairs = matcher.rank(needs, offers, k=4).by_need

    for at in range(0, len(pairs), 5):
        told = matcher.explain(needs.take([pairs.need[at]]), offers.take([pairs.offer[at]]))
        assert told.score == pytest.approx(float(pairs.score[at]), abs=1e-5)
        given = sum(item.contribution for item in told.items if item.side == "past")
        assert pairs.learned[at].sum() == pytest.approx(given, abs=1e-5)


def test_pairs_beyond_the_list_keep_the_first_score(learned):
    matcher, needs, offers, _ = learned
    first = matcher.judge(needs, offers)
    second = matcher.refined(first, needs, offers)

    kept = (second.scores.joint == first.scores.joint).sum(axis=1)

    assert (kept >= len(offers) - SCHEDULE.length).all()


def test_without_a_past_or_without_a_schedule_nothing_is_corrected(learned):
    _, needs, offers, history = learned

    assert Matcher(equity()).fit(needs, offers).second_ is None
    assert Matcher(equity(second=None)).fit(needs, offers, history).second_ is None
    assert Matcher(equity(second=replace(SCHEDULE, fewest=10**6))).fit(needs, offers, history).second_ is None


def test_a_second_stage_takes_no_more_off_for_silence(learned):
    matcher, needs, offers, _ = learned

    assert matcher.key(0.8, 0.5) == 0.8
    assert Matcher(equity()).fit(needs, offers).key(0.8, 0.5) == pytest.approx(0.8 * 0.85)


def noise(lists, seed=0, deciding=True):
    """Lists of ten pairs with three facts; the second decides who is taken."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(lists, 10, 3)).astype(np.float32)
    right = np.zeros((lists, 10), dtype=bool)
    best = values[:, :, 1].argmax(axis=1) if deciding else random.integers(0, 10, lists)
    right[np.arange(lists), best] = True
    held = Lists(np.tile(np.arange(10), (lists, 1)), np.zeros((lists, 10), np.float32), np.ones((lists, 10), bool))
    return drawn(held, values, right, 9, random)


def test_a_few_lists_hardly_correct_and_many_do():
    few, many = (Head.fit(noise(count), ("industry", "round", "text"), Learning()).linear[1] for count in (3, 600))

    assert abs(few) < 0.5
    assert many > 1.5


def test_what_decides_nothing_stays_without_weight():
    """The control of the test above."""
    assert np.abs(Head.fit(noise(600, deciding=False), ("a", "b", "c"), Learning()).linear).max() < 0.2


def test_every_list_counts_alike_however_many_are_right_in_it():
    """Half of the lists take the pair with the highest fact, half the five with the lowest: by pairs the latter would win."""
    random, lists = np.random.default_rng(2), 200
    values = random.normal(size=(2 * lists, 10, 1)).astype(np.float32)
    order = values[:, :, 0].argsort(axis=1)
    right = np.zeros((2 * lists, 10), dtype=bool)
    right[np.arange(lists), order[:lists, -1]] = True
    np.put_along_axis(right[lists:], order[lists:, :5], True, axis=1)
    every = np.ones((2 * lists, 10), bool)
    held = Lists(np.tile(np.arange(10), (2 * lists, 1)), np.zeros((2 * lists, 10), np.float32), every)

    both = Head.fit(drawn(held, values, right, 10, random), ("a",), Learning())
    right[:lists] = False
    crowded = Head.fit(drawn(held, values, right, 10, random), ("a",), Learning())

    assert both.linear[0] > 0.3
    assert crowded.linear[0] < -0.3


GROWN = Learning(boosted_from=10, growing=Growing(trees=20, fewest=20))


def test_the_parts_of_trees_add_up_topic_by_topic():
    sample = noise(400)
    head = Head.fit(sample, ("industry", "round", "industry"), GROWN)

    parts = head.parts(sample.facts, sample.odds)

    assert set(parts) == {"industry", "round", RECORD}
    assert head.trees is not None
    np.testing.assert_allclose(sum(parts.values()), head.total(sample.facts, sample.odds), atol=1e-5)


def test_trees_say_what_their_paths_say_and_give_it_to_the_topic_that_decides():
    sample = noise(400)
    trees = Trees.grow(sample, ("industry", "round", "text"), GROWN.growing, np.arange(3))

    parts = trees.parts(sample.facts)

    whole = sum(parts.values()) + trees.paths.base
    np.testing.assert_allclose(
        whole, np.mean([grove.decision_function(sample.facts) for grove in trees.groves], axis=0), atol=1e-9
    )
    assert np.abs(parts["round"]).mean() > 5 * np.abs(parts["text"]).mean()


def asked_for(scores, right, starts, depth=15):
    """What a loss by swaps asks of these scores: the gradient and the curvature of every pair."""
    gradient, curvature = np.empty((len(scores), 1), np.float32), np.empty((len(scores), 1), np.float32)
    loss = Swaps(np.array(right), np.array(starts), depth)
    loss.gradient_hessian(None, np.array(scores, dtype=np.float64)[:, None], None, gradient, curvature)
    return -gradient.ravel(), curvature.ravel()


def test_a_hit_is_pulled_up_and_what_stands_above_it_down_each_list_for_itself():
    pull, bend = asked_for([3, 2, 1, 0.5, 2, 1], [False, False, True, False, True, False], [0, 4])

    assert pull[2] > 0 > max(pull[0], pull[1], pull[3])
    assert pull[0] < pull[3]  # the place that a swap wins counts
    np.testing.assert_allclose([pull[:4].sum(), pull[4:].sum()], 0, atol=1e-6)
    assert (bend > 0).all()
    assert pull[2] > pull[4] > 0  # the second list has its hit on top


def test_swaps_far_down_a_list_are_not_looked_at():
    scores, right = [4, 3, 2, 1], [True, False, False, True]

    near, _ = asked_for(scores, right, [0], depth=1)
    far, _ = asked_for(scores, right, [0], depth=4)

    assert near[3] == 0 < far[3]
    assert near[0] > 0


def test_a_list_of_hits_alone_asks_for_nothing():
    pull, bend = asked_for([1, 2, 3], [True, True, False], [0, 2])

    assert (pull == 0).all()
    assert (bend == 0).all()


def test_trees_learn_from_whole_lists_only():
    sample = noise(40)
    names, reads = ("industry", "round", "text"), np.arange(3)
    growing = replace(GROWN.growing, most=205, fewest=5)

    cut, twenty = (
        Trees.grow(sample, names, growing, reads),
        Trees.grow(noise(40), names, replace(growing, most=200), reads),
    )

    np.testing.assert_array_equal(cut.total(sample.facts), twenty.total(sample.facts))


def test_trees_put_first_who_is_taken_and_keep_nothing_of_what_they_learned_from():
    sample, other = noise(400), noise(200, seed=1)
    trees = Trees.grow(sample, ("industry", "round", "text"), GROWN.growing, np.arange(3))

    first = trees.total(other.facts).reshape(200, 10).argmax(axis=1)

    assert (first == other.right.reshape(200, 10).argmax(axis=1)).mean() > 0.85
    assert len(pickle.dumps(trees)) < 200_000


def test_the_hits_of_every_list_count_as_one_where_each_pair_is_learned_for_itself():
    right = np.array([True, False, False, True, True, False, True, True])

    weight = alike(right, np.array([0, 3]))

    np.testing.assert_allclose(weight, [1, 1, 1, 1 / 4, 1 / 4, 1 / 4, 1 / 4, 1 / 4])


@pytest.mark.parametrize("grove", [0, 1])
def test_either_kind_of_grove_finds_who_is_taken_and_they_are_not_the_same(grove):
    sample, other, reads = noise(400), noise(200, seed=1), np.arange(3)
    both = Trees.grow(sample, ("a", "b", "c"), GROWN.growing, reads)

    said = [one.decision_function(other.facts).reshape(200, 10) for one in both.groves]

    assert (said[grove].argmax(axis=1) == other.right.reshape(200, 10).argmax(axis=1)).mean() > 0.8
    assert np.abs(said[0] - said[1]).max() > 0.1
    np.testing.assert_allclose(np.mean(said, axis=0).ravel(), both.total(other.facts), atol=1e-4)


def test_trees_keep_the_level_of_what_was_taken():
    sample = noise(400)
    head, plain = (Head.fit(sample, ("a", "b", "c"), learning) for learning in (GROWN, Learning()))

    hits = sample.facts[sample.right], sample.odds[sample.right]

    assert plain.trees is None
    assert head.total(*hits).mean() == pytest.approx(plain.total(*hits).mean(), abs=1e-3)


def test_trees_with_the_facts_of_a_market_add_up_to_the_score():
    needs, offers, history = market(3, n_needs=4, n_offers=12, n_past=500)
    matcher = Matcher(equity(second=replace(SCHEDULE, learning=GROWN))).fit(needs, offers, history)

    told = [matcher.explain(needs.take([0]), offers.take([offer])) for offer in range(12)]

    assert any(head.trees is not None for head in matcher.second_.heads_.values())
    for one in told:
        assert sum(item.contribution for item in one.items) == pytest.approx(one.score, abs=1e-6)


def test_two_codes_together_are_one_code():
    needs, _, history = market(1, n_needs=5, n_offers=3, n_past=40)
    facts = next(part.facts for part in equity().features if part.name == "track_record")
    rows = Affinity(facts).fit(history.rounds).encode(needs)

    both = together(rows, "level0", "level3").toarray()

    one, other = (rows.levels[at][rows.cell].toarray() for at in (0, 3))
    np.testing.assert_array_equal(both, np.einsum("ni,nj->nij", one, other).reshape(len(needs), -1))


def test_facts_stand_beside_their_gap_to_the_best_and_their_rank():
    values = np.array([[[1.0], [3.0], [9.0]]], dtype=np.float32)
    filled = np.array([[True, True, False]])

    told = in_their_list(values, filled)[0, :2]

    np.testing.assert_allclose(told, [[1, -2, np.log(2)], [3, 0, 0]], rtol=1e-6)


def test_who_comes_in_after_a_backer_elsewhere_is_told_from_who_does_not():
    days = [date(2024, 1, 1), date(2025, 1, 1), date(2025, 6, 1)]
    history = equity_history(ids=["r1", "r2", "r3"], offer_ids=["o0", "o1", "o2"], dates=days, firms=["f", "f", "g"])
    facts = next(part.facts for part in equity().features if part.name == "track_record")
    affinity = Affinity(facts).fit(history.rounds)
    needs = affinity.encode(history.rounds.take([2]).with_sets("backers", [["o0"]]))

    dossier = Dossier.of(history, ("o0", "o1", "o2"), affinity)

    assert (needs.backers @ dossier.after.T).toarray().tolist() == [[0, 1, 0]]
    assert (needs.backers @ dossier.near.T).toarray()[0, 1:].tolist() == [0, 0]


def test_a_list_leaves_out_what_may_not_be_suggested():
    lists = Lists.of(np.array([[0.2, -np.inf, 0.9], [-np.inf] * 3], dtype=np.float32), 2)

    assert lists.columns[0].tolist() == [2, 0]
    assert lists.filled.tolist() == [[True, True], [False, False]]


def test_a_silent_amount_has_no_size_class():
    sizes = bins(np.array([np.nan, np.log(5e5)], dtype=np.float32))

    assert one_hot(sizes, 14).toarray().sum(axis=1).tolist() == [0, 1]
    assert sums(np.log(np.array([np.nan, 20_000, 20_100, 25_000], dtype=np.float32))).tolist() == [-1, 248, 248, 253]


def test_who_backed_a_firm_before_is_not_among_those_to_be_learned():
    needs, offers, _ = market(1, n_needs=2, n_offers=3)

    days = [date(2024, 1, 1), date(2025, 1, 1)]
    history = equity_history(ids=["r1", "r2"], offer_ids=["o0", "o1"], dates=days, firms=["f", "f"])

    assert history.rounds.codes("backers").row(0) == ()
    assert history.rounds.codes("backers").row(1) == ("o0",)
    assert history.rounds.codes("members").row(1) == ("o1",)
    assert Matcher(equity()).fit(needs, offers, history).second_ is None
