"""What is told first is that without which the pair would fall furthest."""

import numpy as np
import pytest

from matchhub.matcher import credit, equity, Matcher, Table
from matchhub.matcher.deletion import deleted, lost, without
from tests.unit.matcher.market import market


def test_each_feature_is_told_with_what_the_pair_would_lose(needs, offers):
    matcher = Matcher(equity()).fit(needs, offers)

    found = lost(matcher, needs.take([0]), offers)

    bare = matcher.judge(without(needs.take([0]), {"region"}), offers, ()).scores
    whole = matcher.judge(needs.take([0]), offers, ()).scores
    sinks = [scores.joint[0] * (1 - 0.3 * (1 - scores.coverage[0])) for scores in (whole, bare)]
    assert found["region"] == pytest.approx(sinks[0] - sinks[1], abs=1e-6)
    assert set(found) == {part.name for part in matcher.features_}
    assert found["qualification"].tolist() == [0, 0, 0, 0]  # nobody speaks of it


def test_a_heavy_fact_of_middling_value_is_no_first_reason():
    """It adds most to the score, and without it the pair would stand higher."""
    need = Table.of(
        ["n"],
        sets={
            "industries": [["health.devices"]],
            "round": [["a"]],
            "qualifications": [["hnte"]],
            "instruments": [["equity"]],
        },
    )
    offer = Table.of(
        ["o"],
        sets={
            "industries": [["health.drugs"]], "rounds": [["a"]], "qualifications_preferred": [["hnte"]],
            "instruments": [["equity"]],
        },
    )  # fmt: skip
    matcher = Matcher(equity()).fit(need, offer)

    adds = {item.feature: item.contribution for item in matcher.explain(need, offer).items if item.side == "b"}
    found = {name: fall[0] for name, fall in lost(matcher, need, offer).items()}

    assert max(adds, key=adds.__getitem__) == "industry"
    assert found["industry"] < min(found["round"], found["qualification"])


def test_the_past_is_taken_from_the_offer_and_answers_too():
    needs, offers, history = market(3, n_past=60)
    matcher = Matcher(equity()).fit(needs, offers, history)

    found = lost(matcher, needs.take([0]), offers)

    assert np.abs(found["track_record"]).max() > 0
    record = next(part for part in matcher.features_ if part.name == "track_record")
    assert not record.offers_speak(deleted(record)(needs, offers)[1]).any()
    answers = next(part for part in matcher.features_ if part.name == "responsiveness")
    assert "reply_days" not in deleted(answers)(needs, offers)[1].numbers


def test_wishes_are_taken_from_the_product():
    need = Table.of(["n"], numbers={"staff": [20.0]})
    offers = Table.of(["o", "p"], numbers={"wish.staff.at_least": [10.0, 50.0]})
    matcher = Matcher(credit()).fit(need, offers)

    found = lost(matcher, need, offers)

    assert found["wishes"][0] > found["wishes"][1]
