"""A need is read once, and never with another past's eyes."""

import numpy as np

from matchhub.matcher import equity, Matcher, Table
from matchhub.matcher.asking import asked
from matchhub.matcher.reranking import Schedule
from tests.unit.matcher.market import FIELDS, market


def test_one_need_is_read_once_for_one_attention_and_anew_for_another():
    needs, offers, history = market(1, n_past=60)
    one, other = (
        Matcher(equity()).fit(needs, offers, past) for past in (history, history.only(np.arange(len(history)) < 30))
    )
    need = needs.take([0])

    first = asked(one.record.attention_, need)

    assert asked(one.record.attention_, need)[1] is first[1]
    assert asked(other.record.attention_, need)[1].shape != first[1].shape
    np.testing.assert_array_equal(asked(one.record.attention_, need)[1], first[1])


def test_a_list_and_its_reasons_made_together_are_those_that_are_made_apart():
    needs, offers, history = market(2, n_needs=30, n_offers=40, n_past=200)
    matcher = Matcher(equity()).fit(needs, offers, history)

    pairs, why = matcher.suggested(needs.take([3]), offers, 5)

    apart = matcher.explained(needs.take([3]), offers.take(pairs.offer))
    assert [one.offer for one in why] == [one.offer for one in apart] == [offers.ids[at] for at in pairs.offer]
    np.testing.assert_allclose([one.score for one in why], [one.score for one in apart], atol=1e-6)
    np.testing.assert_allclose([one.score for one in why], pairs.score, atol=1e-6)
    for one, other in zip(why, apart, strict=True):
        assert [(item.feature, item.side) for item in one.items] == [(item.feature, item.side) for item in other.items]
        told = [[item.contribution for item in said.items] for said in (one, other)]
        np.testing.assert_allclose(*told, atol=1e-6)


def test_who_is_lifted_by_the_second_stage_is_found_wherever_the_first_one_put_it():
    needs, offers, history = market(3, n_needs=40, n_offers=60, n_past=300)
    fields = [[field] for field in FIELDS * 50]
    held = [list(offers.codes("industries").row(at)) or None for at in range(60)]
    offers = Table.of([*offers.ids, *(f"x{at}" for at in range(200))], sets={"industries": [*held, *fields]})
    matcher = Matcher(equity(second=Schedule(length=40, fewest=5))).fit(needs, offers, history)
    assert matcher.second_ is not None

    for row in range(10):
        alone = matcher.best(needs.take([row]), offers, 20)
        all_ = matcher.rank(needs.take([row]), offers, 20).by_need
        np.testing.assert_allclose(alone.key, all_.key, atol=1e-5)
