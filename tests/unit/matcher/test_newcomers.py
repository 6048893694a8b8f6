from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from matchhub.matcher import equity, equity_history, Matcher, Table
from matchhub.matcher.newcomers import Bests, Newcomers
from matchhub.matcher.reranking import Schedule
from tests.unit.matcher.market import FIELDS

TODAY = date(2026, 6, 1)
FUNDS = [f"基金{at}" for at in range(12)]
NEWCOMERS = [f"新基金{at}" for at in range(12)]


def asking(count, start=0):
    """Needs of every field in turn."""
    fields = [[FIELDS[at % len(FIELDS)]] for at in range(count)]
    return Table.of(
        [f"需求{start + at}" for at in range(count)],
        sets={"industries": fields},
        dates={"updated_on": [TODAY] * count},
    )


def offering():
    """Funds that say nothing and newcomers that say exactly what is asked for."""
    said = [None] * len(FUNDS) + [[FIELDS[at % len(FIELDS)]] for at in range(len(NEWCOMERS))]
    return Table.of([*FUNDS, *NEWCOMERS], sets={"industries": said})


def taken(last_taker):
    """A round a day for 300 days; funds mostly keep to their field. `last_taker(day, field)` took the rounds of the last
    window."""
    random = np.random.default_rng(0)
    ids, offers, dates, fields = [], [], [], []
    for day in range(300):
        field = day % len(FIELDS)
        own = [fund for at, fund in enumerate(FUNDS) if at % len(FIELDS) == field]
        ids.append(f"r{day}")
        sidestep = FUNDS[int(random.integers(len(FUNDS)))]
        takers = (sidestep if random.random() < 0.4 else own[day % len(own)], last_taker(day, field))
        offers.append(takers[day >= 180])
        dates.append(TODAY - timedelta(days=300 - day))
        fields.append([FIELDS[field]])
    return equity_history(ids=ids, offer_ids=offers, dates=dates, industries=fields, events=ids, firms=ids)


def fund(day, field):
    return FUNDS[(field + (day % 5 == 0) + len(FIELDS) * (day % 3)) % len(FUNDS)]


def newcomer(day, field):
    return NEWCOMERS[field + len(FIELDS) * (day % 3)]


LATE = Schedule(window_days=120, step_days=120, windows=1, fewest=30)


def learned(history, second=LATE):
    return Matcher(equity(second=second)).fit(asking(8), offering(), history)


def places(judged):
    """The share of the first three places that newcomers have."""
    return float((np.argsort(-judged.key, axis=1, kind="stable")[:, :3] >= len(FUNDS)).mean())


def test_newcomers_who_were_hardly_ever_taken_give_way_and_keep_score_and_order():
    matcher, needs, offers = learned(taken(fund)), asking(40), offering()
    plain = replace(matcher)
    plain.__dict__.update(matcher.__dict__, newcomers_=Newcomers())

    before, after = plain.judge(needs, offers), matcher.judge(needs, offers)

    assert 0 < matcher.newcomers_.factor < 1
    assert 0 < places(after) < places(before)
    np.testing.assert_array_equal(after.scores.joint, before.scores.joint)
    np.testing.assert_array_equal(after.key[:, :12], before.key[:, :12])
    np.testing.assert_allclose(after.key[:, 12:], before.key[:, 12:] * matcher.newcomers_.factor, rtol=1e-6)


def test_newcomers_still_stand_in_the_lists_and_have_lists_of_their_own():
    matcher, needs, offers = learned(taken(fund)), asking(40), offering()

    ranked = matcher.rank(needs, offers, 24)

    assert set(offers.ids) == {offers.ids[at] for at in ranked.by_need.offer}
    assert set(ranked.by_offer.offer) == set(range(len(offers)))


def test_newcomers_who_are_taken_as_they_stand_are_left_where_they_stand():
    assert learned(taken(newcomer)).newcomers_.factor == 1


@pytest.mark.parametrize("schedule", [None, replace(LATE, fewest=500)], ids=["no second stage", "too few lists"])
def test_with_too_little_to_learn_from_they_stand_where_their_wishes_put_them(schedule):
    assert learned(taken(fund), schedule).newcomers_ == Newcomers()


def test_without_a_past_there_are_no_newcomers():
    assert learned(None).newcomers_ == Newcomers()


def test_what_is_stored_of_a_pair_has_the_key_that_its_list_had():
    matcher, needs, offers = learned(taken(fund)), asking(4), offering()
    listed = matcher.rank(needs, offers, 24).by_need
    new = [at for at in range(len(listed)) if offers.ids[listed.offer[at]] in NEWCOMERS]

    held = [
        matcher.key(float(listed.score[at]), float(listed.coverage[at]), offers.ids[listed.offer[at]]) for at in new
    ]

    assert new
    np.testing.assert_allclose(held, listed.key[new], rtol=1e-5)


def test_the_factor_gives_newcomers_as_large_a_part_of_the_places_as_of_the_hits():
    known = Bests(np.tile(np.linspace(0.9, 0.45, 10, dtype=np.float32), (100, 1)), hits=90)
    new = Bests(np.tile(np.linspace(1, 0.1, 10, dtype=np.float32), (100, 1)), hits=10)

    found = Newcomers.among([(known, new)])

    share = (10 + 10 * found.before) / 110
    assert found.before == pytest.approx(0.4)
    assert found.after <= share < found.after + 0.1  # every list is the same: places come in tenths
    lowered = new.keys[0] * (found.factor - 1e-6)
    ordered = np.sort(np.concatenate([known.keys[0], lowered]))[::-1]
    assert np.isin(ordered[:10], lowered).mean() == pytest.approx(found.after)


def test_a_few_hits_hardly_move_them():
    keys = np.tile(np.linspace(0.9, 0.45, 10, dtype=np.float32), (50, 1))
    few, many = (Newcomers.among([(Bests(keys, hits), Bests(keys + np.float32(0.01), 0))]) for hits in (2, 2000))

    assert few.after > 0.3 > many.after
