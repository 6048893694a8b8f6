"""What events ask of the matcher, in plain values."""

import pytest

from matchhub.matches.engine import Applicant, MeetingsAsked, People, plan_meetings, propose_lineup, swap_cost


def everybody(people: int, slots: int) -> People:
    return People([[True] * slots] * people, [0] * people, [slots] * people)


def test_a_plan_comes_back_in_plain_values_with_what_it_changes() -> None:
    asked = MeetingsAsked(
        [[0.9, None], [0.4, 0.8]], [2, 2], everybody(2, 2), everybody(2, 2), current=[(1, 1, 0, 0), (0, 1, 1, 0)]
    )

    planned = plan_meetings(asked)

    assert {seat[:2] for seat in planned.meetings} == {(0, 0), (1, 0), (1, 1)}
    assert planned.gap == pytest.approx(0.0)
    assert (planned.added, planned.dropped, planned.moved) == (2, 1, 0)
    assert planned.unmet == {}


def test_who_gladly_would_and_does_not_meet_is_told_why_but_never_a_no() -> None:
    asked = MeetingsAsked([[0.9, 0.8], [None, 0.7]], [1], everybody(2, 1), everybody(2, 1))

    planned = plan_meetings(asked)

    assert planned.unmet == {(0, 1): "full_a", (1, 1): "tables"}


def test_nobody_is_an_empty_plan() -> None:
    assert plan_meetings(MeetingsAsked([], [2, 2], everybody(0, 2), everybody(0, 2))).meetings == ()


def test_a_line_up_comes_with_reasons_and_a_swap_with_its_price() -> None:
    applicants = [
        Applicant([0.9, 0.0], {"industry": "health"}),
        Applicant([0.0, 0.8], {"industry": "health"}),
        Applicant([None, None], {"industry": "materials"}, first=True),
    ]

    proposed = propose_lineup(applicants, 2, reserves=1)
    interested, values, points = swap_cost(applicants, 2, [0, 1], out=1, into=2)

    assert {place.row for place in proposed.places} | set(proposed.reserves) == {0, 1, 2}
    assert interested == pytest.approx(-0.8)
    assert values == {"industry": 1}
    assert points > -100
