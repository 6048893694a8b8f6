"""What was answered to proposals moves like pairs, is told as a reason, and adds up."""

import numpy as np
import pytest

from matchhub.matcher import Answered, Matcher, mentoring, Table
from matchhub.matcher.deletion import lost
from matchhub.matcher.hearing import ANSWERS


def people(ids, topics):
    return Table.of(ids, sets={"topics": [[topic] for topic in topics], "industries": [["health"]] * len(ids)})


NEEDS = people(["like", "unlike"], ["finance", "law"])
OFFERS = people(["o0", "o1"], ["finance", "finance"])
PAST = people([f"p{i}" for i in range(8)], ["finance"] * 4 + ["sales"] * 4)


def heard(*answers):
    """A matcher that has heard (past need, offer, yes)."""
    return Matcher(mentoring()).fit(NEEDS, OFFERS, None, Answered.of(PAST, OFFERS, answers))


def scores(matcher):
    return matcher.refined(matcher.judge(NEEDS, OFFERS), NEEDS, OFFERS).scores.joint


BALANCE = [("p4", "o1", True), ("p5", "o1", False)]


def test_a_decline_lowers_like_pairs_most_and_leaves_who_never_answered():
    silent, plain, declined = heard(), heard(*BALANCE), heard(*BALANCE, ("p0", "o0", False))

    moved = declined.hearing_.correction(NEEDS, OFFERS)

    assert moved[0, 0] < moved[1, 0] < 0, "like needs fall most"
    assert (scores(declined)[:, 0] < scores(plain)[:, 0]).all()
    assert scores(plain)[0, 0] == scores(silent)[0, 0], "o0 had not answered"


def test_more_declines_lower_more_and_a_yes_raises():
    falling = [scores(heard(*BALANCE, *[(f"p{i}", "o0", False) for i in range(n)]))[0, 0] for n in range(5)]

    assert falling == sorted(falling, reverse=True) and falling[0] > falling[4]
    assert heard(*BALANCE, ("p0", "o0", True)).hearing_.correction(NEEDS, OFFERS)[0, 0] > 0


def test_what_answers_add_is_a_reason_that_adds_up_to_the_score_of_the_list():
    matcher = heard(*BALANCE, ("p0", "o0", False), ("p1", "o0", False), ("p2", "o0", True))
    told = matcher.explain(NEEDS.take([0]), OFFERS.take([0]))
    listed = matcher.rank(NEEDS, OFFERS, 2).by_need

    reason = next(item for item in told.items if item.feature == ANSWERS)

    assert reason.evidence == {"answered": 3, "yes": 1, "no": 2} and reason.value < 0.5 and reason.contribution < 0
    assert sum(item.contribution for item in told.items) == pytest.approx(told.score, abs=1e-6)
    at = np.flatnonzero((listed.need == 0) & (listed.offer == 0))[0]
    assert listed.score[at] == pytest.approx(told.score, abs=1e-6)
    assert listed.heard[at] == pytest.approx(reason.contribution, abs=1e-6)
    assert lost(matcher, NEEDS.take([0]), OFFERS)[ANSWERS][0] < 0, "without the answers the pair would stand higher"


def test_one_need_alone_has_the_scores_of_a_run_also_after_saving(tmp_path):
    matcher = heard(*BALANCE, ("p0", "o0", False))
    matcher.save(tmp_path / "m")

    found = Matcher.load(tmp_path / "m").best(NEEDS.take([0]), OFFERS, 2)

    listed = matcher.rank(NEEDS.take([0]), OFFERS, 2).by_need
    np.testing.assert_array_equal(found.offer, listed.offer)
    np.testing.assert_allclose(found.score, listed.score, atol=1e-6)
    assert matcher.reweighed(matcher.version).hearing_ is matcher.hearing_


def test_answers_about_what_is_not_in_the_tables_are_left_out():
    assert len(Answered.of(PAST, OFFERS, [("nobody", "o0", True), ("p0", "nobody", False)])) == 0
    assert heard(("nobody", "o0", True)).hearing_ is None
