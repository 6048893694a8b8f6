import json
import pickle
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchhub.matcher import equity, Lead, Matcher, Training, Weights, Word
from matchhub.matcher.recipes.equity import EQUITY_WEIGHTS
from tests.unit.matcher.market import market

seeds = st.integers(0, 10_000)
slow = settings(max_examples=15)


def fitted(needs, offers, history=None, **options):
    return Matcher(equity(), **options).fit(needs, offers, history)


def as_pairs(pairs, needs, offers):
    return {
        (needs.ids[n], offers.ids[o]): round(float(s), 5)
        for n, o, s in zip(pairs.need, pairs.offer, pairs.score, strict=True)
    }


@slow
@given(seeds)
def test_one_need_alone_gets_the_list_that_the_batch_gives_it(seed):
    needs, offers, history = market(seed, n_past=40)
    matcher = fitted(needs, offers, history, block=5)

    batch = matcher.rank(needs, offers, k=4).by_need

    for row in range(len(needs)):
        alone = matcher.rank(needs.take([row]), offers, k=4).by_need
        mine = batch.at(np.flatnonzero(batch.need == row))
        assert alone.offer.tolist() == mine.offer.tolist()
        np.testing.assert_allclose(alone.score, mine.score, atol=1e-5)


@slow
@given(seeds)
def test_the_order_of_rows_changes_no_score(seed):
    needs, offers, history = market(seed, n_past=40)
    random = np.random.default_rng(seed)
    turned_needs, turned_offers = (
        needs.take(random.permutation(len(needs))),
        offers.take(random.permutation(len(offers))),
    )
    matcher = fitted(needs, offers, history)

    straight = matcher.rank(needs, offers, k=99)
    turned = matcher.rank(turned_needs, turned_offers, k=99)

    assert as_pairs(straight.by_need, needs, offers) == pytest.approx(
        as_pairs(turned.by_need, turned_needs, turned_offers), abs=2e-5
    )


@slow
@given(seeds)
def test_every_reason_adds_up_to_the_score_that_ranked_the_pair(seed):
    needs, offers, history = market(seed, n_past=40)
    matcher = fitted(needs, offers, history)
    pairs = matcher.rank(needs, offers, k=2).by_need

    for need, offer, score, coverage in zip(pairs.need, pairs.offer, pairs.score, pairs.coverage, strict=True):
        told = matcher.explain(needs.take([need]), offers.take([offer]))
        assert sum(item.contribution for item in told.items) == pytest.approx(told.score, abs=1e-6)
        assert told.score == pytest.approx(score, abs=1e-5)
        assert told.coverage == pytest.approx(coverage, abs=1e-5)
        assert sum(told.points().values()) == round(100 * sum(item.contribution for item in told.items))


@slow
@given(seeds)
def test_both_directions_tell_the_same_scores(seed):
    needs, offers, _ = market(seed)
    ranked = fitted(needs, offers, block=5).rank(needs, offers, k=99)

    assert as_pairs(ranked.by_need, needs, offers) == as_pairs(ranked.by_offer, needs, offers)


def test_a_list_of_an_offer_reaches_over_all_blocks_of_needs():
    needs, offers, _ = market(1, n_needs=30)
    whole = fitted(needs, offers).rank(needs, offers, k=3).by_offer
    blocks = fitted(needs, offers, block=7).rank(needs, offers, k=3).by_offer

    assert whole.need.tolist() == blocks.need.tolist()
    assert blocks.place.tolist() == [1, 2, 3] * len(offers)


def test_the_right_investor_comes_first(needs, offers):
    best = fitted(needs, offers).rank(needs, offers, k=1).by_need

    assert [offers.ids[o] for n, o in zip(best.need, best.offer, strict=True) if n < 2] == ["远山资本", "江岸医疗基金"]


def test_evidence_holds_the_values_that_were_compared(needs, offers):
    told = fitted(needs, offers).explain(needs.take([0]), offers.take([0]))
    evidence = {item.feature: item.evidence for item in told.items}

    assert evidence["amount"] == {"need": (5e6, 8e6), "offer": (3e6, 2e7)}
    assert evidence["industry"]["nearest"] == (("new_materials.carbon_fibre", "new_materials"),)
    assert "碳纤维" in evidence["text"]["common"]
    assert told.word is Word.STRONG


def test_an_item_without_data_says_who_is_silent_and_adds_nothing(needs, offers):
    told = fitted(needs, offers).explain(needs.take([2]), offers.take([0]))
    industry = next(item for item in told.items if item.feature == "industry")

    assert industry.silent == ("need",)
    assert industry.contribution == 0
    assert "industry" not in told.points()


def test_a_pair_known_by_one_fact_does_not_stand_above_one_known_by_all(needs, offers):
    """The order discounts silence; the score does not. The control: without the discount the order is the score's."""
    matcher = fitted(needs, offers)
    plain = matcher.reweighed(Weights(**{**_parts(EQUITY_WEIGHTS), "silence_discount": 0.0}))

    discounted, bare = (m.judge(needs, offers) for m in (matcher, plain))

    np.testing.assert_array_equal(discounted.scores.joint, bare.scores.joint)
    assert discounted.key[0, 3] < bare.key[0, 3] == bare.scores.joint[0, 3]


def _parts(weights):
    return {name: getattr(weights, name) for name in weights.__dataclass_fields__}


def test_a_saved_matcher_scores_as_before(tmp_path):
    needs, offers, history = market(3, n_past=60)
    matcher = fitted(needs, offers, history)
    before = matcher.rank(needs, offers, k=5).by_need

    matcher.save(tmp_path / "equity.matcher")
    after = Matcher.load(tmp_path / "equity.matcher").rank(needs, offers, k=5).by_need

    np.testing.assert_array_equal(before.score, after.score)


@pytest.mark.parametrize(
    "content", [b"", b"not compressed", zlib.compress(b"not a pickle"), zlib.compress(pickle.dumps({"format": 99}))]
)
def test_another_file_is_not_taken_for_a_matcher(tmp_path, content):
    (tmp_path / "other.matcher").write_bytes(content)

    with pytest.raises(ValueError, match="not a matcher"):
        Matcher.load(tmp_path / "other.matcher")


def test_fitting_leaves_the_recipe_as_it_was():
    needs, offers, history = market(4, n_past=40)
    recipe = equity()

    Matcher(recipe).fit(needs, offers, history)

    assert all(not getattr(part, "offers_", None) for part in recipe.features)


def test_nothing_on_either_side_is_an_empty_list():
    needs, offers, _ = market(5)
    matcher = fitted(needs, offers)

    assert len(matcher.rank(needs.take([]), offers, k=5).by_need) == 0
    assert len(matcher.rank(needs, offers.take([]), k=5).by_need) == 0


def test_weights_come_back_from_json_as_they_went():
    assert Weights.from_json(EQUITY_WEIGHTS.to_json()) == EQUITY_WEIGHTS
    assert json.loads(EQUITY_WEIGHTS.to_json())["version"] == "equity-1"


@pytest.mark.parametrize(
    "change",
    [
        {"a": {"amount": -1}},
        {"cuts": {"strong": 0.3, "good": 0.5, "look": 0.4}},
        {"lead": {"most_a": 1.0, "most_b": 0.5, "half": 1}},
        {"colour": "blue"},
    ],
)
def test_weights_that_make_no_sense_are_refused(change):
    text = json.dumps({**json.loads(EQUITY_WEIGHTS.to_json()), **change})

    with pytest.raises(ValueError):  # noqa: PT011
        Weights.from_json(text)


@pytest.mark.parametrize(
    ("score", "word"), [(0.9, "strong"), (0.8, "strong"), (0.6, "good"), (0.4, "look"), (0.1, "no_fit")]
)
def test_the_cut_points_name_the_score(score, word):
    assert EQUITY_WEIGHTS.word(score) == word


def test_a_thin_record_leaves_the_word_to_what_is_declared():
    shares = Lead().share("b", 10_000, np.array([0, 1, 3, 100]))

    assert shares[0] == 0
    assert shares[1] < 0.5 < shares[2] < shares[3] < 0.85


def test_history_leads_more_the_more_of_it_there_is():
    shares = [float(Lead().share("b", rounds, np.array([200]))[0]) for rounds in (0, 30, 300, 10_000)]

    assert shares == sorted(shares)
    assert shares[0] == 0
    assert 0.8 < shares[-1] < 0.85


def test_training_can_be_set_without_touching_the_recipe_elsewhere():
    assert equity(training=Training(sample=10)).features[-1].get_params()["training"].sample == 10
