import numpy as np
import pytest

from matchhub.matcher import DottedTree, equity, Matcher, Outcome, Table
from matchhub.matcher.features import CodeFit
from matchhub.matcher.kinship import Same
from matchhub.matcher.rules import (
    AtLeast,
    AtMost,
    Clash,
    Excluded,
    FAIL,
    InReach,
    Must,
    NotExcluded,
    PASS,
    Proven,
    Required,
    Room,
    Rule,
    SameAnswer,
    Standing,
)


def one(**columns):
    numbers = {name: [value] for name, value in columns.items() if not isinstance(value, list)}
    sets = {name: [value] for name, value in columns.items() if isinstance(value, list)}
    return Table.of(["x"], numbers=numbers, sets=sets)


@pytest.mark.parametrize(("active", "outcome"), [(1, 1), (0, -1), (None, 1)])
def test_a_closed_offer_fails(active, outcome):
    assert Standing("standing", "active").judge(one(), one(active=active))[0, 0] == outcome


@pytest.mark.parametrize(("left", "outcome"), [(3, 1), (0, -1), (None, 1)])
def test_an_offer_without_room_fails_and_no_stated_capacity_is_no_limit(left, outcome):
    assert Room("capacity", "capacity_left").judge(one(), one(capacity_left=left))[0, 0] == outcome


@pytest.mark.parametrize(
    ("industries", "exclusions", "outcome"),
    [
        (["real_estate.housing"], ["real_estate"], -1),
        (["real_estate"], ["real_estate"], -1),
        (["real_estate"], ["real_estate.housing"], 0),
        ([], ["real_estate"], 0),
        (["health"], ["real_estate"], 1),
        ([], [], 1),
    ],
)
def test_an_excluded_industry_fails_and_a_wider_or_missing_one_is_unknown(industries, exclusions, outcome):
    rule = Excluded("excluded_industry", "industries", "exclusions", DottedTree())

    assert rule.judge(one(industries=industries), one(exclusions=exclusions))[0, 0] == outcome


@pytest.mark.parametrize(
    ("refused", "demanded", "outcome"), [(["control"], ["control"], -1), ([], ["control"], 1), (["control"], [], 1)]
)
def test_terms_clash_only_when_one_rules_out_what_the_other_insists_on(refused, demanded, outcome):
    assert Clash("terms", "excludes", "demands").judge(one(excludes=refused), one(demands=demanded))[0, 0] == outcome


@pytest.mark.parametrize(("most", "least", "outcome"), [(10, 20, -1), (20, 10, 1), (None, 10, 0), (10, None, 1)])
def test_a_share_below_what_the_offer_asks_fails(most, least, outcome):
    rule = AtLeast("dilution", ("equity_max_pct", "equity_max_pct"), "equity_min_pct")

    assert rule.judge(one(equity_max_pct=most), one(equity_min_pct=least))[0, 0] == outcome


def region_must():
    return next(rule for rule in equity().rules if isinstance(rule, Must) and rule.name == "region")


@pytest.mark.parametrize(("region", "outcome"), [(["420704"], 1), (["310115"], -1), ([], 0)])
def test_a_must_judges_by_its_feature_and_is_unknown_in_silence(region, outcome):
    offer = one(regions=["420000"], must=["region"])

    assert region_must().judge(one(region=region), offer)[0, 0] == outcome


def test_a_wish_that_is_no_must_removes_nobody():
    """The control: the same far region without the mark passes."""
    assert region_must().judge(one(region=["310115"]), one(regions=["420000"]))[0, 0] == 1


def test_the_needs_owner_can_mark_a_must_too():
    need, offer = one(region=["310115"], must=["region"]), one(regions=["420000"])

    assert region_must().judge(need, offer)[0, 0] == -1
    assert region_must().cause(need, offer)["must_of"] == ("need",)


def test_an_excluded_pair_fails_alone_and_tells_its_reason():
    needs, offers = Table.of(["n1", "n2"]), Table.of(["o1", "o2"])
    rule = NotExcluded.of([("n1", "o2", "cooling_off"), ("elsewhere", "o1", "blocked")])

    np.testing.assert_array_equal(rule.judge(needs, offers), [[1, -1], [1, 1]])
    assert rule.cause(needs.take([0]), offers.take([1])) == {"reason": "cooling_off"}


def test_a_failing_rule_removes_the_pair_from_both_sides_and_says_why(needs, offers):
    matcher = Matcher(equity(zones={"EZ-GD": "420700"})).fit(needs, offers)
    ranked = matcher.rank(needs, offers, k=4)
    told = matcher.explain(needs.take([0]), offers.take([2]))

    assert 2 not in ranked.by_need.offer
    assert 2 not in ranked.by_offer.offer
    assert told.verdict is Outcome.FAIL
    assert [(rule.name, rule.cause) for rule in told.failed] == [("capacity", {"offer": 0.0})]


def test_with_the_rules_off_the_full_offer_would_be_suggested(needs, offers):
    """The control of the test above."""
    from dataclasses import replace  # noqa: PLC0415

    lawless = Matcher(replace(equity(), rules=())).fit(needs, offers)

    assert 2 in lawless.rank(needs, offers, k=4).by_need.offer


def test_an_unknown_must_never_passes_silently(needs, offers):
    matcher = Matcher(equity()).fit(needs, offers)
    told = matcher.explain(needs.take([2]), offers.take([0]))

    assert told.verdict is Outcome.MAYBE
    assert "region" in told.missing


@pytest.mark.parametrize(
    ("low", "high", "asked", "outcome"),
    [
        (8e6, 1e7, 5e6, 1),
        (8e6, 1e7, 8e6, 1),
        (8e6, 1e7, 9e6, 0),
        (8e6, 1e7, 1e7, 0),
        (8e6, 1e7, 2e7, -1),
        (8e6, None, 2e7, 0),
        (None, 1e7, 2e7, -1),
        (None, None, 5e6, 0),
        (None, None, None, 1),
        (8e6, 1e7, None, 1),
    ],
)
def test_a_threshold_inside_a_band_is_unknown(low, high, asked, outcome):
    rule = AtLeast("revenue", ("low", "high"), "least")

    assert rule.judge(one(low=low, high=high), one(least=asked))[0, 0] == outcome


@pytest.mark.parametrize(
    ("low", "high", "asked", "outcome"),
    [(8e6, 1e7, 1e7, 1), (8e6, 1e7, 9e6, 0), (8e6, 1e7, 5e6, -1), (None, None, 5e6, 0), (8e6, 1e7, None, 1)],
)
def test_an_upper_limit_inside_a_band_is_unknown(low, high, asked, outcome):
    rule = AtMost("revenue", ("low", "high"), "most")

    assert rule.judge(one(low=low, high=high), one(most=asked))[0, 0] == outcome


@pytest.mark.parametrize(
    ("low", "high", "most", "outcome"),
    [(5e6, 8e6, 6e6, 1), (5e6, 8e6, 4e6, -1), (None, 8e6, 4e6, 1), (5e6, None, 6e6, 1), (None, None, 6e6, 0)],
)
def test_only_the_least_that_is_asked_for_can_be_too_much(low, high, most, outcome):
    assert InReach("amount", ("low", "high"), "most").judge(one(low=low, high=high), one(most=most))[0, 0] == outcome


@pytest.mark.parametrize(
    ("said", "asked", "outcome"), [(1, 1, 1), (0, 1, -1), (0, 0, 1), (None, 1, 0), (None, None, 1)]
)
def test_an_answer_is_as_asked_or_not_known(said, asked, outcome):
    assert SameAnswer("clean", "clean", "clean_asked").judge(one(clean=said), one(clean_asked=asked))[0, 0] == outcome


@pytest.mark.parametrize(
    ("held", "asked", "outcome"),
    [(["hnte"], ["hnte", "srdi"], 1), (["hnte"], ["srdi"], -1), ([], ["srdi"], 0), ([], [], 1), (["hnte"], ["*"], 1)],
)
def test_a_required_set_has_to_meet_and_who_states_none_requires_none(held, asked, outcome):
    rule = Required("qualifications", CodeFit("qualifications", "held", "asked", Same()))

    assert rule.judge(one(held=held), one(asked=asked))[0, 0] == outcome


@pytest.mark.parametrize(("registered", "outcome"), [(1, 1), (0, -1), (None, 0)])
def test_what_has_to_be_proven_is_unknown_in_silence(registered, outcome):
    assert Proven("registration", "registered").judge(one(), one(registered=registered))[0, 0] == outcome


@pytest.mark.parametrize(
    ("rule", "need", "offer", "speaks"),
    [
        (AtLeast("x", ("low", "high"), "asked"), one(low=1, high=2), one(asked=1), (True, True)),
        (AtLeast("x", ("low", "high"), "asked"), one(), one(), (False, False)),
        (SameAnswer("x", "said", "asked"), one(said=1), one(), (True, False)),
        (Required("x", CodeFit("x", "held", "asked", Same())), one(), one(asked=["a"]), (False, True)),
        (Excluded("x", "industries", "out", DottedTree()), one(), one(out=["a"]), (True, True)),
        (Excluded("x", "industries", "out", DottedTree()), one(), one(), (True, False)),
        (Must("x", CodeFit("x", "held", "asked", Same())), one(), one(must=["x"]), (True, True)),
        (Must("x", CodeFit("x", "held", "asked", Same())), one(), one(), (True, False)),
        (Standing("x", "active"), one(), one(), (True, True)),
    ],
)
def test_a_rule_tells_who_states_it(rule, need, offer, speaks):
    assert (rule.needs_speak(need)[0], rule.offers_speak(offer)[0]) == speaks


@pytest.mark.parametrize(
    ("rule", "need", "offer", "cause"),
    [
        (AtLeast("x", ("low", "high"), "asked"), one(low=1), one(asked=3), {"need": (1.0, None), "offer": 3.0}),
        (SameAnswer("x", "said", "asked"), one(said=1), one(asked=0), {"need": 1.0, "offer": 0.0}),
        (
            Required("x", CodeFit("x", "held", "asked", Same())),
            one(held=["a"]),
            one(asked=["b"]),
            {"need": ("a",), "offer": ("b",), "nearest": ()},
        ),
    ],
)
def test_a_rule_tells_both_values(rule, need, offer, cause):
    assert rule.cause(need, offer) == cause


def test_a_rule_names_the_columns_of_offers_that_it_reads_so_that_equal_offers_are_judged_once():
    feature = CodeFit("stage", "stage", "stages", Same())

    assert SameAnswer("clean", "clean", "clean_asked").offer_columns() == ("clean_asked",)
    assert Required("stage", feature).offer_columns() == feature.offer_columns() == ("stages",)


def test_a_rule_that_has_nothing_to_tell_of_a_pair_tells_nothing():
    assert Rule.causes(SameAnswer("clean", "clean", "clean_asked"), one(), one(), [0]) == [{}]


def test_excluded_pairs_are_found_in_a_large_table_that_is_asked_about_again():
    needs, offers = Table.of(["a", "b"]), Table.of([str(at) for at in range(5_000)])
    rule = NotExcluded.of([("a", "4999", "blocked"), ("b", "7", "cooling_off"), ("elsewhere", "3", "blocked")])

    for _ in range(2):
        outcomes = rule.judge(needs, offers)
        assert list(zip(*np.nonzero(outcomes == FAIL), strict=True)) == [(0, 4999), (1, 7)]
    more = NotExcluded.of([("a", "8", "blocked")]).judge(needs, offers)
    assert list(zip(*np.nonzero(more == FAIL), strict=True)) == [(0, 8)]
    assert (NotExcluded.of([("elsewhere", "8", "blocked")]).judge(needs, offers) == PASS).all()
