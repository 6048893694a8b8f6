import joblib
import numpy as np
import pytest

from matchhub.matcher import equity, Matcher
from matchhub.matcher.compute import check, Prepared, run
from tests.unit.matcher.market import market


def fitted(compute: str = ""):
    needs, offers, history = market(3, n_needs=40, n_offers=30, n_past=60)
    return Matcher(equity(), block=7, compute=compute).fit(needs, offers, history), needs, offers


def assert_same(found, expected):
    for side in ("by_need", "by_offer"):
        for name in ("need", "offer", "place", "missing", "verdict"):
            np.testing.assert_array_equal(getattr(getattr(found, side), name), getattr(getattr(expected, side), name))
        np.testing.assert_allclose(getattr(found, side).score, getattr(expected, side).score, atol=1e-5)


@pytest.fixture
def cluster():
    """The address of two workers, each a process of its own."""
    distributed = pytest.importorskip("distributed", reason="the extra [cluster] is not installed")
    with distributed.LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as held:
        yield held.scheduler_address.replace("tcp://", "dask://")


def test_two_processes_and_a_cluster_of_two_give_the_lists_of_one(cluster):
    alone, needs, offers = fitted()
    expected = alone.rank(needs, offers, 5)

    for where in ("2", cluster):
        matcher, _, _ = fitted(where)
        assert_same(matcher.rank(needs, offers, 5), expected)


def test_a_single_block_is_compared_in_place_whatever_is_set():
    matcher, needs, offers = fitted("dask://127.0.0.1:1")  # nobody answers there

    assert len(matcher.rank(needs.take([0]), offers, 5).by_need)


@pytest.mark.parametrize("where", ["0", "two", "dask://", "dask://host", "tcp://host:1", "-1"])
def test_what_is_no_place_to_compute_is_refused(where):
    with pytest.raises(ValueError, match="number of processes"):
        check(where)


def test_blocks_come_back_in_their_order():
    assert list(run(_times, 3, range(5))) == [0, 3, 6, 9, 12]


def _alone(held):
    return (held,)


def _times(held, block):
    return held * block


def test_what_was_made_of_a_table_travels_with_it(tmp_path):
    matcher, _, offers = fitted()
    made = matcher.remembered("made", offers, lambda table: len(table))
    joblib.dump(Prepared(matcher, _alone, offers), tmp_path / "held")

    there = joblib.load(tmp_path / "held")

    assert there.body.remembered("made", there.table, lambda table: -1) == made
