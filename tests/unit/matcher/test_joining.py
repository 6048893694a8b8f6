"""Who joins a firm that others have backed: entries apart from going on, and what they add to later rounds alone."""

from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from matchhub.matcher import equity, equity_history, Matcher, Table
from matchhub.matcher.affinity import Affinity
from matchhub.matcher.reranking import heads_of, Schedule
from matchhub.matcher.reranking.dossier import Dossier
from matchhub.matcher.reranking.head import Learning
from matchhub.matcher.reranking.trees import Growing

IDS = ("o0", "o1", "o2", "o3")


def dossier_of(rounds):
    """Rounds as (firm, day, offer); the dossier and the encoded rounds."""
    firms, days, offers = zip(*rounds, strict=True)
    events = [(firm, day) for firm, day, _ in rounds]
    history = equity_history(
        ids=[f"{firm}{day}" for firm, day, _ in rounds],
        offer_ids=offers,
        dates=[date(2024, 1, 1) + timedelta(days=day) for day in days],
        events=events,
        firms=firms,
    )
    facts = next(part.facts for part in equity().features if part.name == "track_record")
    affinity = Affinity(facts).fit(history.rounds)
    return Dossier.of(history, IDS, affinity), affinity.encode(history.rounds), affinity


ROUNDS = (
    ("f", 0, "o0"),
    ("f", 100, "o0"),
    ("f", 100, "o1"),
    ("g", 50, "o2"),
    ("g", 90, "o2"),
    ("h", 120, "o1"),
)


def test_going_on_is_no_entry():
    joining = dossier_of(ROUNDS)[0].joining

    assert joining.entries.toarray().sum(axis=0).tolist() == [1, 2, 1, 0]
    assert joining.later.tolist() == [0, 1, 0, 1, 0]


def test_who_comes_in_late_is_told_from_who_went_on_late():
    traits = dossier_of(ROUNDS)[0].joining.traits

    np.testing.assert_allclose(traits["entries_later"], [0, np.log(2), 0, 0])
    share = traits["later_share"]
    assert share[1] > share[3] > share[0] == share[2]  # o3 has no entries and stands at the share of all
    assert (traits["entries_later_lately"] <= traits["entries_later"]).all()


def test_links_tell_after_whom_an_offer_came_in_and_with_whom_it_was():
    dossier, _, affinity = dossier_of(ROUNDS)
    o0 = affinity.members_["o0"]
    after, beside = dossier.joining.after, dossier.joining.beside

    assert after.met.toarray()[:, o0].tolist() == [0, 1, 0, 0]  # o0 itself went on: it did not come in after itself
    assert beside.met.toarray()[1, o0] == 1
    assert beside.met.toarray()[2, o0] == 0


def test_meeting_more_often_than_chance_has_it_counts_for_an_offer():
    dossier, _, affinity = dossier_of(ROUNDS)
    backers = affinity.encode(
        Table.of(["n"], sets={"backers": [["o0"]]}, dates={"updated_on": [date(2024, 12, 1)]})
    ).backers

    told = dict(dossier.joining.after.facts(backers, lambda block: block))

    assert told["known"].tolist() == [[0, 1, 0, 0]]
    assert told["above_chance"][0, 1] > 0 > told["above_chance"][0, 2]
    assert told["lately"][0, 1] > 0 == told["lately"][0, 0]


def followed(seed=5, firms=160):
    """Firms whose later rounds are joined by the next house of the one that began: o1 after o0, o2 after o1 …"""
    random = np.random.default_rng(seed)
    ids, offers, days, backed = [], [], [], []
    for firm in range(firms):
        first, begun = int(random.integers(0, 12)), int(random.integers(0, 700))
        for step, houses in enumerate(((first,), (first, (first + 1) % 12))):
            for house in houses:
                ids.append(f"r{firm}-{step}")
                offers.append(f"o{house}")
                days.append(
                    date(2024, 1, 1) + timedelta(days=begun + 120 * step + int(step and random.integers(0, 60)))
                )
                backed.append(f"f{firm}")
    last = dict(zip(ids, days, strict=True))
    days = [last[one] for one in ids]
    silent = [["health"]] * len(ids)
    return equity_history(
        ids=ids, offer_ids=offers, dates=days, events=ids, firms=backed, industries=silent, rounds=[["a"]] * len(ids)
    )


@pytest.fixture(scope="module")
def matched():
    history = followed()
    offers = Table.of([f"o{at}" for at in range(12)], sets={"industries": [["health"]] * 12})
    needs = Table.of(
        [f"n{at}" for at in range(4)],
        numbers={"debut": [0.0, 0.0, 0.0, 1.0]},
        sets={"industries": [["health"]] * 4, "backers": [["o3"], ["o7"], ["o3", "o9"], None]},
        dates={"updated_on": [date(2026, 6, 1)] * 4},
    )
    learning = Learning(boosted_from=10, joined_from=10, growing=Growing(trees=10, fewest=5))
    schedule = Schedule(300, 150, 3, length=12, negatives=8, fewest=10, learning=learning)
    return Matcher(equity(second=schedule)).fit(needs, offers, history), needs, offers


def test_later_rounds_are_judged_by_more_facts_than_first_ones(matched):
    matcher, _, _ = matched
    first, later = (matcher.second_.heads_[name] for name in ("first", "later"))

    assert len(later.topics) > len(first.topics)
    assert set(later.topics) == set(first.topics)


def test_what_first_rounds_teach_does_not_depend_on_whether_later_ones_are_learned(matched):
    matcher, needs, offers = matched
    first = needs.take([3])
    alone = Matcher(equity(second=replace(matcher.recipe.second, heads=heads_of(first)))).fit(needs, offers, followed())

    ours, theirs = (one.rank(first, offers, k=12).by_need for one in (alone, matcher))

    assert heads_of(needs) == ("first", "later") and heads_of(needs.take([0, 1])) == ("later",)
    assert list(alone.second_.heads_) == ["first"]
    np.testing.assert_array_equal(ours.score, theirs.score)


def test_who_joins_is_not_read_where_there_are_few_lists(matched):
    matcher, needs, offers = matched
    schedule = matcher.recipe.second
    few = replace(schedule, learning=replace(schedule.learning, joined_from=10**6))
    without = Matcher(equity(second=few)).fit(needs, offers, followed())

    first, later = (without.second_.heads_[name] for name in ("first", "later"))

    assert first.topics == later.topics
    for told in without.explained(needs.take([0]), offers):
        assert sum(item.contribution for item in told.items) == pytest.approx(told.score, abs=1e-6)


def test_the_house_that_comes_in_after_a_backer_stands_first(matched):
    matcher, needs, offers = matched

    best = [
        matcher.best(needs.take([at]), offers, 1, [(needs.ids[at], mine, "in")]).offer[0]
        for at, mine in ((0, "o3"), (1, "o7"))
    ]

    assert best == [4, 8]


def test_what_joining_adds_adds_up_to_the_score(matched):
    matcher, needs, offers = matched
    said = 0

    for need in range(len(needs)):
        for told in matcher.explained(needs.take([need]), offers):
            assert sum(item.contribution for item in told.items) == pytest.approx(told.score, abs=1e-6)
            said += any(item.feature == "past.network" and abs(item.contribution) > 1e-3 for item in told.items)

    assert said


def test_a_need_alone_and_in_a_block_of_both_kinds_has_the_same_scores(matched):
    matcher, needs, offers = matched
    together = matcher.refined(matcher.judge(needs, offers), needs, offers).scores.joint

    for at in range(len(needs)):
        one = needs.take([at])
        alone = matcher.refined(matcher.judge(one, offers), one, offers).scores.joint
        np.testing.assert_allclose(alone[0], together[at], atol=1e-5)


def test_learning_twice_gives_the_same(matched):
    matcher, needs, offers = matched
    again = Matcher(replace(matcher.recipe)).fit(needs, offers, followed())

    np.testing.assert_array_equal(
        again.rank(needs, offers, 5).by_need.score, matcher.rank(needs, offers, 5).by_need.score
    )
