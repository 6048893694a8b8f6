"""Attention is spread over the offers: what is crowded pays, what nobody sees gets a place, and scores stay what they are."""

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchhub.matcher import exposure as ex
from matchhub.matcher import Pairs, Table, Weights
from matchhub.matcher.recipes.equity import EQUITY_WEIGHTS
from matchhub.matcher.weights import Exposure

NONE = Exposure(0, 0, 0)


def lists(keys):
    """All pairs of a block of keys, as `Pairs.best` orders them."""
    keys = np.asarray(keys, dtype=np.float32)
    need, offer = (part.ravel() for part in np.indices(keys.shape))
    zero = np.zeros(keys.size)
    pairs = Pairs(
        need, offer, zero.astype(np.int64), keys.ravel(), keys.ravel(), keys.ravel(), keys.ravel(),
        np.ones(keys.size, np.float32), zero.astype(np.int8), zero.astype(np.int16), zero[:, None].astype(np.float32),
        np.zeros((keys.size, 0), np.float32), zero.astype(np.float32),
    )  # fmt: skip
    return pairs.best("need", keys.shape[1])


def crowded(needs=60, offers=12, seed=0):
    """Most like the first offer best; of the others each need has its own opinion."""
    keys = np.random.default_rng(seed).uniform(0.3, 0.8, (needs, offers))
    keys[:, 0] += 0.15
    return lists(keys)


def shown(pairs, length):
    return np.bincount(pairs.offer[pairs.place <= length], minlength=int(pairs.offer.max()) + 1)


def filled(pairs, exposure, length, **more):
    capacity = np.ones(int(pairs.offer.max()) + 1)
    return ex.spread(pairs, ex.prices(pairs, capacity, exposure, length), exposure, length, **more)


def test_without_strength_lists_stay_as_they_are():
    pairs = crowded()

    same = filled(pairs, NONE, 5)

    assert np.array_equal(same.offer, pairs.offer)
    assert np.array_equal(same.place, pairs.place)


def test_the_crowded_offer_stands_in_fewer_lists_the_stronger_the_price():
    pairs = crowded()

    first = [shown(filled(pairs, Exposure(strength, 0, 0), 3), 3)[0] for strength in (0, 0.5, 1)]

    assert first[0] > first[1] > first[2] > 0


def test_a_larger_capacity_is_cheaper():
    pairs = lists(np.full((10, 2), 0.8))

    price = ex.prices(pairs, np.array([1.0, 10.0]), Exposure(1, 0, 0), 2)

    assert price[0] > price[1] > 0


def test_where_there_is_room_for_all_the_share_is_the_capacity_itself():
    assert ex.shares(np.array([30.0, 10.0]), 20).tolist() == [30, 10]
    assert ex.shares(np.array([3.0, 1.0]), 20).tolist() == [15, 5]
    assert ex.shares(np.zeros(2), 20).tolist() == [1, 1]


def test_an_offer_that_stands_in_no_list_gets_the_place_in_which_it_stands_highest():
    keys = np.tile([0.9, 0.8, 0.7, 0.1], (3, 1))
    keys[1, 3] = 0.75

    given = filled(lists(keys), Exposure(0, 0.5, 0), 2)

    assert shown(given, 2)[3] == 1
    assert given.place[(given.need == 1) & (given.offer == 3)].tolist() == [2]


def test_kept_places_stand_at_equal_distances():
    keys = 1 - 0.05 * np.arange(8)[None, :]

    given = filled(lists(keys), Exposure(0, 0.5, 0), 4)

    assert given.offer[:6].tolist() == [0, 2, 1, 3, 4, 5]  # two kept: the second and the fourth place


def test_what_is_seen_elsewhere_or_not_worth_a_look_gets_no_kept_place():
    pairs = lists(1 - 0.1 * np.arange(4)[None, :])
    half = Exposure(0, 0.5, 0)

    elsewhere = filled(pairs, half, 2, seen=np.array([False, False, True, True]))
    poor = filled(pairs, half, 2, eligible=np.array([True, True, False, False]))

    assert elsewhere.offer[:2].tolist() == poor.offer[:2].tolist() == [0, 1]
    assert filled(pairs, Exposure(0, 0.5, 0), 2, seen=np.zeros(4, bool)).offer[:2].tolist() == [0, 1]


def test_five_offers_of_one_house_do_not_top_a_list():
    keys = 0.9 - 0.01 * np.arange(8)[None, :]
    houses = np.array([7, 7, 7, 7, 7, 1, 2, 3])

    plain = filled(lists(keys), NONE, 5, houses=houses)
    mixed = filled(lists(keys), Exposure(0, 0, 2.0), 5, houses=houses)

    assert (houses[plain.offer[:5]] == 7).sum() == 5
    assert (houses[mixed.offer[:5]] == 7).sum() < 5
    assert mixed.offer[0] == 0


def test_hard_limits_are_kept_and_every_refusal_is_stable():
    pairs = crowded()
    most = np.full(12, 16)

    held = ex.capped(pairs, most, 3)

    assert shown(pairs, 3).max() > shown(held, 3).max() == 16
    assert ex.capped(pairs, np.full(12, 60), 3).offer.tolist() == pairs.at(pairs.place <= 3).offer.tolist()


def test_lists_get_shorter_where_the_limits_leave_nobody():
    held = ex.capped(lists(np.full((4, 1), 0.5)), np.array([2]), 1)

    assert sorted(held.need.tolist()) == [0, 1]


@settings(max_examples=40)
@given(st.integers(0, 10_000), st.floats(0, 1), st.sampled_from([0.0, 0.2, 0.5]))
def test_spreading_only_reorders(seed, strength, reserved):
    pairs = lists(np.random.default_rng(seed).random((7, 9)))

    given_ = filled(pairs, Exposure(strength, reserved, 0.3), 4, houses=np.arange(9) % 4)

    def both(held):
        return sorted(zip(held.need.tolist(), held.offer.tolist(), held.score.tolist(), strict=True))

    assert both(given_) == both(pairs)
    for need in range(7):
        assert given_.place[given_.need == need].tolist() == list(range(1, 10))
    assert np.array_equal(
        given_.place, filled(pairs, Exposure(strength, reserved, 0.3), 4, houses=np.arange(9) % 4).place
    )


def offers(**numbers):
    return Table.of(["a", "b", "c"], numbers=numbers)


def test_what_was_found_together_orders_a_list_that_is_made_alone():
    pairs = lists(np.tile([0.9, 0.88, 0.5], (20, 1)))
    spreading = ex.Spreading.of(pairs, offers(capacity=[1, 100, None], house=[1, None, 1]), Exposure(0.3, 0, 0), 1)

    assert spreading.priced(["a", "b", "new"]).tolist() == [spreading.price["a"], spreading.price["b"], 0.0]
    assert spreading.price["a"] > spreading.price["b"]
    assert spreading.order([0.9, 0.89, 0.2], ["a", "b", "c"]).tolist() == [1, 0, 2]
    assert spreading.order([], []).tolist() == []


def test_who_declares_no_capacity_is_taken_for_the_median():
    assert ex.capacity_of(offers(capacity=[2, 8, None])).tolist() == [2, 8, 5]
    assert ex.capacity_of(offers()).tolist() == [ex.USUAL_CAPACITY] * 3
    assert ex.houses_of(offers(house=[4, None, 4])).tolist() == [4, -2, 4]


def test_exposure_is_part_of_a_version_and_an_older_version_has_the_default():
    assert Weights.from_json(EQUITY_WEIGHTS.to_json()).exposure == Exposure()
    older = {name: part for name, part in json.loads(EQUITY_WEIGHTS.to_json()).items() if name != "exposure"}
    assert Weights.from_json(json.dumps(older)).exposure == Exposure()


@pytest.mark.parametrize("wrong", [{"strength": -1}, {"repeat": -1}, {"reserved": 0.6}])
def test_a_version_out_of_range_is_refused(wrong):
    with pytest.raises(ValueError, match="exposure"):
        Exposure(**wrong).check()
