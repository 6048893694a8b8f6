import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse

from matchhub.matcher.arrays import added, csr, one_hot, spread, times
from matchhub.matcher.bundles import added_up, Bundle, bundled

seeds = st.integers(0, 10_000)


def some(seed: int, rows: int = 7, columns: int = 5) -> sparse.csr_matrix:
    return sparse.random(rows, columns, 0.4, "csr", np.float32, random_state=seed)


@given(seeds)
def test_a_matrix_of_arrays_is_the_one_that_scipy_makes(seed):
    expected = some(seed)

    made = csr(expected.data, expected.indices.astype(np.int64), expected.indptr.astype(np.int64), expected.shape)

    assert made.shape == expected.shape
    assert made.indices.dtype == np.int32
    np.testing.assert_array_equal(made.toarray(), expected.toarray())
    np.testing.assert_array_equal((made @ expected.T).toarray(), (expected @ expected.T).toarray())
    np.testing.assert_array_equal(made[[2, 1]].toarray(), expected[[2, 1]].toarray())
    np.testing.assert_array_equal(made.T.tocsr().toarray(), expected.toarray().T)


def test_matrices_do_not_share_what_they_hold():
    first, second = one_hot(np.array([0]), 2), one_hot(np.array([1, -1]), 2)

    assert first.toarray().tolist() == [[1, 0]]
    assert second.toarray().tolist() == [[0, 1], [0, 0]]


@given(seeds, st.sampled_from([1, 3]))
def test_a_dense_block_is_spread_over_a_sparse_matrix(seed, rows):
    matrix, block = some(seed), np.random.default_rng(seed).random((rows, 7), dtype=np.float32)

    np.testing.assert_allclose(spread(block, matrix), block @ matrix.toarray(), rtol=1e-5, atol=1e-6)


def test_a_block_of_other_floats_is_spread_as_well():
    assert spread(np.ones((1, 7)), some(1)).dtype == np.float64


@given(seeds)
def test_a_vector_is_multiplied_as_scipy_does(seed):
    vector = np.random.default_rng(seed).random(5, dtype=np.float32)

    np.testing.assert_array_equal(times(some(seed), vector), some(seed) @ vector)


@given(seeds)
def test_a_row_is_added_where_it_lies(seed):
    matrix, total = some(seed), np.ones(5, dtype=np.float32)

    added(total, matrix, 3, np.array([2], dtype=np.float32))

    np.testing.assert_allclose(total, 1 + 2 * matrix.toarray()[3], rtol=1e-6)


@given(seeds)
def test_bundles_say_of_every_offer_what_their_parts_say(seed):
    random = np.random.default_rng(seed)
    kinds = {str(width): random.integers(0, width, 400).astype(np.int32) for width in (2, 3, 9, 40, 300)}
    sums = {name: random.random((int(of.max()) + 1, 4), dtype=np.float32) for name, of in kinds.items()}

    bundles = bundled(kinds, 400)

    assert sorted(name for bundle in bundles for name in bundle.kinds) == sorted(kinds)
    assert len(bundles) < len(kinds)
    found = sum(added_up(bundle, [(name, sums[name]) for name in bundle.kinds])[bundle.of] for bundle in bundles)
    np.testing.assert_allclose(found, sum(sums[name][of] for name, of in kinds.items()), rtol=1e-5)


@pytest.mark.parametrize(("most", "fits"), [(6, True), (5, False)])
def test_a_bundle_takes_no_more_kinds_than_it_may(most, fits):
    two, three = np.arange(60, dtype=np.int32) % 2, np.arange(60, dtype=np.int32) % 3

    joined = Bundle.alone("two", two).with_("three", three, most)

    assert (joined is not None) == fits
    assert joined is None or len(joined) == 6


def test_what_tells_hardly_more_apart_goes_with_it_however_many_there_are():
    many = np.arange(60, dtype=np.int32) % 20
    more = np.where(np.arange(60) < 3, 20 + many, many).astype(np.int32)

    joined = Bundle.alone("many", many).with_("more", more, 5)

    assert joined is not None
    assert len(joined) == 23
