"""Plans of meetings: what no plan may break, that it is the best where that can be known, and what a change changes."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.exact_meetings import exact
from matchhub.matcher.groups import Change, Fixed, Plan, plan, Programme, repair, Side, Unmet, unplaced

NEVER = np.nan


def programme(
    seed: int, people: tuple[int, int] = (7, 5), slots: int = 4, tables: int = 4, away: float = 0.0
) -> Programme:
    random = np.random.default_rng(seed)
    worth = random.random(people) + 0.01
    worth[random.random(people) < 0.2] = NEVER
    sides = []
    for n in people:
        free = random.random((n, slots)) >= away
        sides.append(Side(free, random.integers(0, 2, n), random.integers(1, slots + 1, n)))
    return Programme(worth, np.full(slots, tables), *sides)


def assert_holds(given: Programme, found: Plan) -> None:
    """Nobody twice in a slot, no pair twice, nobody away, nobody over the most, no table twice, no 'never'."""
    meetings = found.meetings
    assert len({(m.a, m.b) for m in meetings}) == len(meetings)
    for side, people in (("a", given.a), ("b", given.b)):
        seen = [(getattr(m, side), m.slot) for m in meetings]
        assert len(set(seen)) == len(seen)
        assert all(people.free[person, slot] for person, slot in seen)
        met = np.bincount([person for person, _ in seen], minlength=len(people))
        assert (met <= people.most).all()
    seats = [(m.slot, m.table) for m in meetings]
    assert len(set(seats)) == len(seats)
    assert all(0 <= m.table < given.tables[m.slot] for m in meetings)
    assert not any(np.isnan(given.worth[m.a, m.b]) for m in meetings)


@settings(max_examples=60)
@given(st.integers(0, 10_000), st.sampled_from([0.0, 0.3]), st.integers(1, 5))
def test_no_plan_breaks_what_is_given(seed: int, away: float, tables: int) -> None:
    wanted = programme(seed, tables=tables, away=away)

    found = plan(wanted)

    assert_holds(wanted, found)
    assert found.worth <= found.bound + 1e-6


@pytest.mark.parametrize("seed", range(8))
def test_where_all_are_there_the_plan_is_the_best(seed: int) -> None:
    wanted = programme(seed, tables=3)

    found = plan(wanted)

    assert found.gap == pytest.approx(0.0, abs=1e-9)
    assert found.worth == pytest.approx(exact(wanted, seconds=20).worth)


@pytest.mark.parametrize("seed", range(6))
def test_where_people_come_and_go_the_stated_gap_is_true(seed: int) -> None:
    wanted = programme(seed, away=0.4, tables=2)

    found = plan(wanted)
    best = exact(wanted, seconds=20).worth

    assert found.worth <= best + 1e-6 <= found.bound + 2e-6
    assert found.worth >= 0.9 * best


def test_everybody_gets_the_least_before_anybody_gets_more() -> None:
    worth = np.array([[9.0, 9.0], [1.0, 1.0]])
    wanted = Programme(worth, np.array([1, 1]), Side.of(2, 2, least=1), Side.of(2, 2))

    assert {meeting.a for meeting in plan(wanted).meetings} == {0, 1}


def test_without_a_least_the_most_worth_wins() -> None:
    worth = np.array([[9.0, 9.0], [1.0, 1.0]])

    found = plan(Programme(worth, np.array([1, 1]), Side.of(2, 2), Side.of(2, 2)))

    assert {(meeting.a, meeting.b) for meeting in found.meetings} == {(0, 0), (0, 1)}


def test_a_lock_stands_whatever_else_would_be_worth_more() -> None:
    worth = np.array([[0.1, 5.0], [5.0, 0.1]])
    lock = Fixed(0, 0, slot=0, table=0)
    wanted = Programme(worth, np.array([1]), Side.of(2, 1), Side.of(2, 1), locks=(lock,))

    assert plan(wanted).meetings == (lock,)


def test_a_lock_without_a_slot_finds_one() -> None:
    wanted = programme(3)
    a, b = np.argwhere(~np.isnan(wanted.worth))[-1]

    found = plan(replace(wanted, locks=(Fixed(int(a), int(b)),)))

    assert (int(a), int(b)) in {(meeting.a, meeting.b) for meeting in found.meetings}


def test_locks_that_contradict_are_refused() -> None:
    same_person = (Fixed(0, 0, slot=0), Fixed(0, 1, slot=0))
    with pytest.raises(ValueError, match="same slot"):
        plan(Programme(np.ones((1, 2)), np.array([2, 2]), Side.of(1, 2), Side.of(2, 2), locks=same_person))
    same_table = (Fixed(0, 0, slot=0), Fixed(1, 1, slot=0))
    with pytest.raises(ValueError, match="tables"):
        plan(Programme(np.ones((2, 2)), np.array([1, 1]), Side.of(2, 2), Side.of(2, 2), locks=same_table))
    too_many = (Fixed(0, 0), Fixed(0, 1))
    with pytest.raises(ValueError, match="more than"):
        plan(Programme(np.ones((1, 2)), np.array([2]), Side.of(1, 1), Side.of(2, 1), locks=too_many))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"worth": np.ones((2, 2))}, "block"),
        ({"tables": np.array([1])}, "every slot"),
        ({"worth": np.zeros((1, 2))}, "worth nothing"),
        ({"locks": (Fixed(0, 0, 0), Fixed(0, 0, 1))}, "twice"),
    ],
)
def test_a_programme_that_cannot_be_is_refused(change: dict[str, object], said: str) -> None:
    sound = Programme(np.ones((1, 2)), np.array([1, 1]), Side.of(1, 2), Side.of(2, 2))
    with pytest.raises(ValueError, match=said):
        replace(sound, **change)  # type: ignore[arg-type]


def test_nobody_who_may_meet_gives_an_empty_plan() -> None:
    found = plan(Programme(np.full((2, 2), NEVER), np.array([2]), Side.of(2, 1), Side.of(2, 1)))

    assert found.meetings == ()
    assert found.gap == 0.0


def test_a_new_plan_of_the_same_programme_changes_nothing() -> None:
    wanted = programme(11, (12, 8), slots=6, tables=6)
    first = plan(wanted)

    again = plan(replace(wanted, current=first.meetings))

    assert again.meetings == first.meetings
    assert len(again.change) == 0


def test_one_new_lock_changes_less_than_a_plan_from_nothing() -> None:
    wanted = programme(5, (20, 12), slots=8, tables=10)
    first = plan(wanted)
    pair = unplaced(wanted, first)[0]
    locks = (Fixed(pair.a, pair.b),)

    near = plan(replace(wanted, locks=locks, current=first.meetings)).change
    far = Change.between(first.meetings, plan(replace(wanted, locks=locks)).meetings)

    assert 0 < len(near) < len(far)


def test_whoever_is_missing_is_taken_out_and_what_is_past_stands() -> None:
    wanted = programme(7, (12, 8), slots=6, tables=6)
    first = plan(wanted)

    mended = repair(wanted, first, now=2, a={0: 2}, b={3: 4})

    past = [meeting for meeting in first.meetings if meeting.slot < 2]
    assert [meeting for meeting in mended.meetings if meeting.slot < 2] == past
    assert not any(meeting.a == 0 and meeting.slot >= 2 for meeting in mended.meetings)
    assert not any(meeting.b == 3 and meeting.slot >= 4 for meeting in mended.meetings)
    stayed = set(first.meetings) & set(mended.meetings)
    assert len(stayed) >= len(first.meetings) - 2 * wanted.slots


def test_why_two_do_not_meet_is_told_and_a_no_is_not() -> None:
    worth = np.array([[3.0, 1.0, NEVER], [2.0, 1.0, 1.0]])
    alone = np.array([[True, False], [True, True]])
    wanted = Programme(worth, np.array([1, 1]), Side(alone, np.zeros(2, int), np.array([2, 1])), Side.of(3, 2))

    told = {(pair.a, pair.b): pair.why for pair in unplaced(wanted, plan(wanted))}

    assert (0, 2) not in told
    assert told[0, 1] is Unmet.FULL_A  # one slot, taken
    assert told[1, 1] is Unmet.FULL_A


def test_people_who_are_never_there_together_are_told_so() -> None:
    first = Side(np.array([[True, False]]), np.zeros(1, int), np.ones(1, int))
    second = Side(np.array([[False, True]]), np.zeros(1, int), np.ones(1, int))
    wanted = Programme(np.ones((1, 1)), np.array([1, 1]), first, second)

    assert [pair.why for pair in unplaced(wanted, plan(wanted))] == [Unmet.NEVER_TOGETHER]


def test_tables_that_are_all_taken_are_told() -> None:
    wanted = Programme(np.array([[5.0, NEVER], [NEVER, 1.0]]), np.array([1]), Side.of(2, 1), Side.of(2, 1))

    assert [(pair.a, pair.b, pair.why) for pair in unplaced(wanted, plan(wanted))] == [(1, 1, Unmet.TABLES)]


def test_firms_stay_at_their_tables() -> None:
    wanted = Programme(np.ones((4, 4)), np.full(4, 4), Side.of(4, 4), Side.of(4, 4))

    tables: dict[int, set[int]] = {}
    for meeting in plan(wanted).meetings:
        tables.setdefault(meeting.b, set()).add(meeting.table)

    assert all(len(own) == 1 for own in tables.values())
