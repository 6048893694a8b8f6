import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.matcher import whole_points
from matchhub.matcher.ranking import contributions, contributions_of, join, Pairs, score, SideWeights, top

values = st.one_of(st.just(float("nan")), st.floats(0, 1, width=32))
weights = st.one_of(st.just(0.0), st.floats(0.125, 50, width=32))
features = st.lists(st.tuples(values, weights, weights), min_size=1, max_size=8)


@given(features)
def test_contributions_add_up_to_the_joint_score(parts):
    joint, a, b = contributions(*zip(*parts, strict=True))

    assert a.sum() + b.sum() == pytest.approx(joint, abs=1e-6)
    assert 0 <= joint <= 1 + 1e-9


@given(features)
def test_the_block_score_is_the_score_that_is_explained(parts):
    held, of_a, of_b = zip(*parts, strict=True)
    names = [str(at) for at in range(len(held))]
    blocks = {name: np.array([[value]], np.float32) for name, value in zip(names, held, strict=True)}
    sides = [SideWeights({n: np.array([w], np.float32) for n, w in zip(names, ws, strict=True)}) for ws in (of_a, of_b)]

    assert score(blocks, *sides, (1, 1)).joint[0, 0] == pytest.approx(
        contributions(*zip(*parts, strict=True))[0], abs=1e-5
    )


@given(features)
def test_a_silent_feature_is_left_out_and_not_counted_as_zero(parts):
    with_silence = [*parts, (float("nan"), 30.0, 30.0)]

    assert contributions(*zip(*with_silence, strict=True))[0] == pytest.approx(
        contributions(*zip(*parts, strict=True))[0]
    )


def test_counting_silence_as_zero_would_punish_the_silent():
    """The control of the test above."""
    honest = contributions([0.8, np.nan], [1, 1], [0, 0])[0]
    harmful = contributions([0.8, 0.0], [1, 1], [0, 0])[0]

    assert harmful < honest == pytest.approx(0.8)


def test_a_one_sided_wish_does_not_top_a_list():
    one_sided, mutual = join(np.float32([[1.0]]), np.float32([[0.1]])), join(np.float32([[0.5]]), np.float32([[0.5]]))

    assert one_sided[0, 0] < mutual[0, 0]
    assert (1.0 + 0.1) / 2 > (0.5 + 0.5) / 2  # the control: an arithmetic mean would put it on top


def test_a_silent_side_leaves_the_score_to_the_other():
    joined = join(np.float32([[np.nan, 0.4, np.nan]]), np.float32([[0.9, np.nan, np.nan]]))

    np.testing.assert_allclose(joined, [[0.9, 0.4, 0]])


def test_coverage_is_the_share_of_weight_that_had_data():
    blocks = {"amount": np.array([[1, np.nan]], np.float32), "region": np.array([[0.5, np.nan]], np.float32)}
    side = SideWeights({"amount": np.float32([3, 3]), "region": np.float32([1, 1]), "text": np.float32([4, 4])})

    scored = score(blocks, side, side, (1, 2))

    np.testing.assert_allclose(scored.coverage, [[0.5, 0]])
    assert scored.joint[0, 1] == 0


@given(st.lists(st.floats(0, 60), min_size=1, max_size=10))
def test_whole_points_add_up_to_the_rounded_score(parts):
    points = whole_points(parts)

    assert sum(points) == round(sum(parts))
    assert all(abs(point - part) < 1 for point, part in zip(points, parts, strict=True))


def test_rounding_each_part_alone_would_not_add_up():
    """The control of the test above."""
    assert sum(round(part) for part in [10.4, 10.4, 10.4]) != round(31.2)


@given(st.integers(0, 9), st.lists(st.lists(st.integers(0, 4), min_size=6, max_size=6), min_size=1, max_size=5))
def test_top_is_the_head_of_the_full_order_even_with_ties(k, rows):
    keys = np.array(rows, dtype=np.float32)

    found_rows, found_columns = top(keys, k)

    for row in range(len(keys)):
        head = np.lexsort((np.arange(6), -keys[row]))[:k]
        assert sorted(found_columns[found_rows == row]) == sorted(head)


def test_removed_pairs_are_never_on_top():
    assert top(np.array([[-np.inf, 0.5]], np.float32), 2)[1].tolist() == [1]


def test_the_best_of_each_owner_are_counted_anew_and_ties_go_to_the_lower_row():
    zero = np.zeros(4)
    keys = np.array([0.2, 0.9, 0.5, 0.5], np.float32)
    pairs = Pairs(
        np.array([0, 0, 0, 1]), np.array([3, 1, 2, 0]), zero.astype(np.int64), keys, keys, keys, keys, keys,
        zero.astype(np.int8), zero.astype(np.int16), zero[:, None].astype(np.float32), np.zeros((4, 0), np.float32),
        zero.astype(np.float32),
    )  # fmt: skip

    best = pairs.best("need", 2)

    assert len(best) == 3
    assert (best.need.tolist(), best.offer.tolist(), best.place.tolist()) == ([0, 0, 1], [1, 2, 0], [1, 2, 1])


def test_many_pairs_add_up_as_each_alone() -> None:
    draw = np.random.default_rng(4)
    values, weights = draw.random((200, 5)), draw.random((2, 200, 5)) * (draw.random((2, 200, 5)) < 0.6)
    values[draw.random((200, 5)) < 0.3] = np.nan
    values[:5], values[5:10] = 0.0, np.nan  # nothing in common, and nothing said

    sides = contributions_of(values, *weights)

    for row in range(200):
        _, *alone = contributions(values[row].tolist(), *weights[:, row].tolist())
        assert np.allclose([side[row] for side in sides], alone, rtol=1e-14, atol=0)
    assert not weights[0].sum(axis=1).all()
    assert not sides[0][:10].any()
