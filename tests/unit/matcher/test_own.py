from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from matchhub.matcher import equity, Table
from matchhub.matcher.evaluation import Asked, evaluate_own, OwnHistory, render, Rounds
from matchhub.matcher.evaluation.own import own, own_cut
from matchhub.matcher.evaluation.run import learned, matchhub

FIELDS = ("health", "new_materials", "digital_economy")
FIRST = date(2026, 1, 1)


def city(needs=60, offers=9, rounds=()):
    """Every need asks an offer of its field each four days; those of the field say yes, another says no."""
    held = Table.of(
        [f"n{i}" for i in range(needs)],
        sets={"industries": [[FIELDS[i % 3]] for i in range(needs)], "region": [["420704"]] * needs},
        texts={"text": [f"{FIELDS[i % 3]} product {i}" for i in range(needs)]},
        dates={"updated_on": [FIRST] * needs},
        numbers={"debut": [0.0] * needs},
    )
    given = Table.of(
        [f"o{i}" for i in range(offers)],
        numbers={"active": [0.0] * offers},
        sets={"industries": [None] * offers, "regions": [["420000"]] * offers},
        texts={"text": [""] * offers},
    )
    asked = []
    for i in range(needs):
        on = FIRST + timedelta(days=4 * i)
        asked.append(Asked(f"n{i}", f"o{i % offers}", on, on + timedelta(days=2), True))
        asked.append(Asked(f"n{i}", f"o{(i + 1) % offers}", on, on + timedelta(days=2), False))
    rows = Table.of(
        [f"r{i}" for i in range(len(rounds))],
        sets={"industries": [[FIELDS[offer % 3]] for offer, _ in rounds]},
        texts={"text": [""] * len(rounds)},
        dates={"updated_on": [on for _, on in rounds]},
    )
    past = Rounds(rows, [f"o{o}" for o, _ in rounds], list(range(len(rounds))), [f"f{i}" for i in range(len(rounds))])
    return OwnHistory(
        "equity", held, given, [f"f{i}" for i in range(needs)], [None] * offers, asked, past if rounds else None
    )


def lists(held):
    data = own(held, cut=own_cut(city().asked))
    return data, matchhub(data, learned(data, equity()))


PAST = tuple((i % 9, FIRST - timedelta(days=i)) for i in range(30))


def test_a_planted_future_answer_or_round_changes_no_list():
    plain = city(rounds=PAST)
    cut = own_cut(plain.asked)
    later = [Asked("n0", f"o{i}", cut, cut + timedelta(days=1), False) for i in range(9)]
    planted = city(rounds=(*PAST, *((4, cut + timedelta(days=i)) for i in range(20))))
    planted = replace(planted, asked=[*plain.asked, *later])

    one, other = lists(plain), lists(planted)

    assert one[0].cut == other[0].cut == cut
    np.testing.assert_array_equal(one[1], other[1])


def test_the_same_answers_and_rounds_a_day_before_the_cut_do():
    """The control of the test above, one kind of fact at a time."""
    plain = city(rounds=PAST)
    cut = own_cut(plain.asked)
    early = [Asked("n0", f"o{i}", FIRST, cut - timedelta(days=1), False) for i in (0, 3)] * 5
    answered = replace(plain, asked=[*plain.asked, *early])
    backed = city(rounds=(*PAST, *((4, cut - timedelta(days=1)) for _ in range(20))))

    before = lists(plain)[1]

    assert (lists(answered)[1] != before).any() and (lists(backed)[1] != before).any()


def test_what_was_proposed_before_is_not_asked_for_again_and_today_s_state_is_not_known():
    held = city()
    cut = own_cut(held.asked)
    again = Asked("n50", "o5", FIRST, FIRST, False)  # n50 asked o5 on the first day, and again later
    data = own(replace(held, asked=[*held.asked, again]))

    row = data.needs.ids.index("n50")
    assert (row, data.offers.ids.index("o5")) in data.known
    assert "active" not in data.offers.numbers, "all offers are closed today; the rule would empty every list"
    assert (matchhub(data, learned(data, equity()))[row] != data.offers.ids.index("o5")).all()
    assert cut == data.cut


def test_cold_and_warm_share_the_needs_and_an_offer_that_came_later_is_out_of_reach():
    held = city()
    first = [Asked(f"n{i}", "o1", FIRST, FIRST, False) for i in range(44, 60, 2)]
    held = replace(held, asked=[*held.asked, *first], offered_on=[None] * 8 + [date(2027, 1, 1)])

    everything, cold, warm = (own(held, task) for task in ("all", "cold", "warm"))

    assert set(cold.needs.ids) | set(warm.needs.ids) == set(everything.needs.ids)
    assert set(warm.needs.ids).isdisjoint(cold.needs.ids) and "n44" in warm.needs.ids
    assert "o8" not in everything.offers.ids
    assert min(min(right) for right in everything.truth) < 0


def test_the_report_is_that_of_the_public_records_and_two_runs_agree():
    held = city(rounds=PAST)

    first, second = (evaluate_own(held, equity(), draws=50) for _ in range(2))

    machine = {"seconds", "own_seconds", "own_cpu_seconds", "peak_memory_mb", "own_peak_memory_mb"}
    assert {k: v for k, v in first.items() if k not in machine} == {k: v for k, v in second.items() if k not in machine}
    assert {"matchhub", "random", "popularity", "tfidf-cosine", "bm25", "content-knn"} <= set(first["methods"])
    assert first["methods"]["matchhub"]["recall@10"]["mean"] == 1, "nine offers"
    assert "own all" in render(first)


@pytest.mark.parametrize("task", ["all", "tepid"])
def test_too_little_history_and_an_unknown_task_are_refused(task):
    with pytest.raises(ValueError, match="too little history" if task == "all" else "no such task"):
        own(city(needs=6), task)
