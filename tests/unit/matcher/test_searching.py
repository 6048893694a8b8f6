"""Typed words as a need: who shares them or meets every code that they name, the best first."""

import pytest

from matchhub.matcher import equity, Matcher, Table
from matchhub.matcher.searching import answering

OFFERS = Table.of(
    ["carbon", "health", "any", "silent"],
    sets={"industries": [["new_materials"], ["health"], ["*"], None], "rounds": [["a"], ["seed"], None, None]},
    texts={"text": ["碳纤维与复合材料早期投资", "医疗器械与心电监测", "什么都看的综合基金", "葛店本地产业基金介绍"]},
)
NEEDS = Table.of(["n"], texts={"text": ["碳纤维复合材料扩产，心电监测设备"]})
MATCHER = Matcher(equity()).fit(NEEDS, OFFERS)


def found(text="", **codes):
    asked = Table.of(["typed"], sets={name: [listed] for name, listed in codes.items()}, texts={"text": [text]})
    return [OFFERS.ids[one.row] for one in answering(MATCHER, asked, OFFERS, 5)]


def test_words_find_who_uses_them_and_nobody_who_shares_only_a_letter():
    assert found("碳纤维 碳纤维 碳纤维") == ["carbon"]
    assert found("葛根粉葛根粉葛根粉") == []


def test_codes_find_who_meets_all_of_them():
    assert found(industries=["health"]) == ["health", "any"]
    assert found(industries=["health"], round=["a"]) == [], "nobody does both: 不限 is silent on the round"


def test_the_words_that_both_use_are_told_for_marking():
    asked = Table.of(["typed"], texts={"text": ["心电监测 心电监测"]})

    assert set(answering(MATCHER, asked, OFFERS, 5)[0].words) >= {"监测"}


def test_nothing_typed_finds_nothing_and_two_questions_are_refused():
    assert found() == []
    with pytest.raises(ValueError, match="one question"):
        answering(MATCHER, OFFERS, OFFERS, 5)
