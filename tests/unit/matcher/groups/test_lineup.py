"""Line-ups: the best of small rooms, a reason for each, the price of a swap, and everybody's turn."""

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchhub.matcher.groups.lineup import Applicants, entries_of, LineupWeights, propose, swap

INTEREST_ALONE = LineupWeights(interest=1.0, variety=0.0, turn=0.0)


def room(seed: int, n: int = 9, guests: int = 6) -> Applicants:
    random = np.random.default_rng(seed)
    return Applicants(
        random.random((n, guests)) ** 3,
        {
            "industry": [str(value) for value in random.integers(0, 4, n)],
            "carrier": [str(value) if value else None for value in random.integers(0, 4, n)],
        },
        [bool(value) for value in random.random(n) < 0.3],
        [int(value) for value in random.integers(0, 4, n)],
    )


def total(applicants: Applicants, rows: tuple[int, ...]) -> float:
    return propose(replace(applicants, fixed=frozenset(rows)), len(rows), 0).worth.total


@settings(max_examples=25)
@given(st.integers(0, 10_000))
def test_a_line_up_is_within_a_hair_of_the_best(seed: int) -> None:
    applicants = room(seed)

    found = propose(applicants, 4)
    best = max(total(applicants, rows) for rows in combinations(range(len(applicants)), 4))

    assert found.worth.total >= 0.97 * best
    assert len(set(found.rows) | set(found.reserves)) == 6


def test_two_who_please_the_same_guests_are_not_both_taken() -> None:
    same = [0.9, 0.9, 0.0]
    applicants = Applicants(np.array([same, same, [0.0, 0.0, 0.5]]))

    assert propose(applicants, 2, 1, INTEREST_ALONE).rows == (0, 2)


def test_another_industry_counts_where_interest_is_equal() -> None:
    applicants = Applicants(np.full((3, 2), 0.5), {"industry": ["health", "health", "materials"]})

    assert set(propose(applicants, 2).rows) in ({0, 2}, {1, 2})


def test_a_first_timer_and_one_passed_over_have_their_turn() -> None:
    alike = np.full((3, 2), 0.5)
    assert 1 in propose(Applicants(alike, first=[False, True, False]), 1).rows
    assert 2 in propose(Applicants(alike, passed_over=[0, 0, 2]), 1).rows


def test_whom_the_organizer_puts_in_stays_and_whom_he_leaves_out_is_not_even_a_reserve() -> None:
    applicants = room(3)
    held = Applicants(applicants.interest, applicants.kinds, fixed=frozenset({5}), barred=frozenset({0, 1}))

    found = propose(held, 3, reserves=4)

    assert next(entry for entry in found.entries if entry.row == 5).fixed
    assert not {0, 1} & {*found.rows, *found.reserves}


def test_a_swap_says_what_it_costs() -> None:
    applicants = Applicants(
        np.array([[0.9, 0.0], [0.0, 0.8], [0.0, 0.1]]), {"industry": ["health", "health", "materials"]}
    )

    cost = swap(applicants, 2, (0, 1), out=1, into=2)

    assert cost.interested == pytest.approx(-0.7)
    assert cost.values == {"industry": 1}


def test_each_entry_says_who_wants_it_and_what_only_it_brings() -> None:
    applicants = Applicants(
        np.array([[0.2, 0.9], [0.4, 0.0]]), {"industry": ["health", "materials"], "carrier": ["x", "x"]}
    )

    first, second = sorted(propose(applicants, 2).entries, key=lambda entry: entry.row)

    assert first.guests == (1, 0)
    assert second.guests == (0,)
    assert first.only == {"industry": "health"}
    assert first.brings.interested == pytest.approx(1 - 0.8 * 0.6 + 0.9 - 0.4)


def test_what_is_not_known_counts_as_no_interest() -> None:
    applicants = Applicants(np.array([[np.nan, np.nan], [0.1, 0.0]]))

    assert propose(applicants, 1, 1, INTEREST_ALONE).rows == (1,)


def test_the_reasons_of_a_changed_line_up_are_told_anew() -> None:
    applicants = room(4)
    found = propose(applicants, 4)

    assert entries_of(applicants, 4, found.rows) == found.entries


def test_fewer_applicants_than_places_are_all_taken() -> None:
    found = propose(room(1, n=3), 8)

    assert sorted(found.rows) == [0, 1, 2]
    assert found.reserves == ()


def test_nobody_and_nothing_is_an_empty_line_up() -> None:
    assert propose(Applicants(np.zeros((0, 0))), 4).entries == ()


def test_what_cannot_be_is_refused() -> None:
    with pytest.raises(ValueError, match="one length"):
        Applicants(np.zeros((2, 1)), {"industry": ["health"]})
    with pytest.raises(ValueError, match="one length"):
        Applicants(np.zeros((2, 1)), first=[True])
    with pytest.raises(ValueError, match="both"):
        Applicants(np.zeros((2, 1)), fixed=frozenset({0}), barred=frozenset({0}))
    with pytest.raises(ValueError, match="places"):
        propose(Applicants(np.zeros((2, 1)), fixed=frozenset({0, 1})), 1)
    with pytest.raises(ValueError, match="swap"):
        swap(Applicants(np.zeros((2, 1))), 1, (0,), out=1, into=0)
