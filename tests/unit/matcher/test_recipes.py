"""Loans and advice: their evidence, one by one, and their recipes as wholes."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matchhub.matcher import credit, Matcher, mentoring, Outcome, RECIPES, Table
from matchhub.matcher.conditions import Conditions, FirstLoan, RateFit, TopicFit
from matchhub.matcher.kinship import RegionTree, Same
from matchhub.matcher.recipes.credit import admission


def one(**columns):
    numbers = {name: [value] for name, value in columns.items() if not isinstance(value, list)}
    sets = {name: [value] for name, value in columns.items() if isinstance(value, list)}
    return Table.of(["x"], numbers=numbers, sets=sets)


WISHES = Conditions("wishes", admission("wish", RegionTree()))
RATE = RateFit("rate", "rate_max", "rate_min")
TOPIC = TopicFit("topic", "topics", "topics", Same())


def wishes(**asked):
    parts = {name.replace("__", "."): value for name, value in asked.items()}
    numbers = {name: [value] for name, value in parts.items() if not isinstance(value, list)}
    sets = {name: [value] for name, value in parts.items() if isinstance(value, list)}
    return Table.of(["product"], numbers=numbers, sets=sets)


@pytest.mark.parametrize(
    ("asked", "value"),
    [
        ({"wish__staff__at_least": 20}, 1),
        ({"wish__staff__at_least": 50}, 0),
        ({"wish__staff__at_least": 50, "wish__qualifications__any_of": ["hnte"]}, 0.5),
        ({"wish__staff__at_least": 20, "wish__revenue_yuan__at_least": 5e6}, 1),
        ({"wish__revenue_yuan__at_least": 5e6}, np.nan),
        ({}, np.nan),
    ],
)
def test_wishes_are_the_share_that_is_met_of_what_can_be_judged(asked, value):
    firm, product = one(staff=26, qualifications=["hnte"]), wishes(**asked)

    np.testing.assert_equal(float(WISHES.compare(firm, product)[0, 0]), value)
    assert WISHES.offers_speak(product)[0] == bool(asked)
    assert WISHES.needs_speak(firm)[0] and not WISHES.needs_speak(one())[0]


def test_wishes_tell_which_are_met():
    product = wishes(wish__staff__at_least=50, wish__qualifications__any_of=["hnte"], wish__has_clean_record__is=1)

    assert WISHES.evidence(one(staff=26, qualifications=["hnte"]), product) == {
        "met": (("wish.qualifications.any_of", ("hnte",)),),
        "unmet": (("wish.staff.at_least", 50.0),),
    }


@pytest.mark.parametrize(
    ("ceiling", "held", "rates", "value", "told"),
    [
        (450, [], {"rate_min": 435}, 1, (435, "")),
        (400, [], {"rate_min": 500}, np.exp(-1), (500, "")),
        (400, ["hnte"], {"rate_min": 500, "rate_for.hnte": 385}, 1, (385, "hnte")),
        (400, ["srdi"], {"rate_min": 500, "rate_for.hnte": 385}, np.exp(-1), (500, "")),
        (400, ["hnte"], {"rate_min": 385, "rate_for.hnte": 385}, 1, (385, "")),
        (400, ["hnte"], {"rate_min": None, "rate_for.hnte": 385}, 1, (385, "hnte")),
        (None, [], {"rate_min": 435}, np.nan, (435, "")),
        (400, [], {"rate_min": None}, np.nan, (None, "")),
    ],
)
def test_the_rate_is_the_best_that_the_firm_can_get(ceiling, held, rates, value, told):
    need, offer = (
        one(rate_max=ceiling, qualifications=held),
        Table.of(["p"], numbers={k: [v] for k, v in rates.items()}),
    )

    assert RATE.compare(need, offer)[0, 0] == pytest.approx(value, rel=1e-5, nan_ok=True)
    evidence = RATE.evidence(need, offer)
    assert (evidence["offer"], evidence["by"]) == told
    assert evidence["need"] == ceiling
    assert (RATE.needs_speak(need)[0], RATE.offers_speak(offer)[0]) == (
        ceiling is not None,
        rates["rate_min"] is not None,
    )


@pytest.mark.parametrize(
    ("first", "welcome", "value"), [(1, 1, 1), (1, 0, 0), (0, 0, 1), (0, 1, 0.5), (None, 1, np.nan), (1, None, np.nan)]
)
def test_a_first_loan_wants_to_be_welcome(first, welcome, value):
    feature = FirstLoan("first_loan", "is_first_loan", "welcomes")
    need, offer = one(is_first_loan=first), one(welcomes=welcome)

    np.testing.assert_equal(float(feature.compare(need, offer)[0, 0]), value)
    assert feature.evidence(need, offer) == {"need": first, "offer": welcome}
    assert (feature.needs_speak(need)[0], feature.offers_speak(offer)[0]) == (first is not None, welcome is not None)


@pytest.mark.parametrize(
    ("asked", "given_", "value"),
    [
        (["ip"], ["ip", "legal"], 1),
        (["ip", "hr"], ["ip"], 0.8),
        (["ip"], ["legal"], 0),
        (["ip"], ["*"], 1),
        (["*"], ["ip"], 1),
        ([], ["ip"], np.nan),
    ],
)
def test_one_common_topic_is_most_of_what_is_needed(asked, given_, value):
    block = TOPIC.compare(one(topics=asked), one(topics=given_))

    assert block[0, 0] == pytest.approx(value, rel=1e-6, nan_ok=True)


FIRM = {"amount_min": 5e6, "amount_max": 8e6, "term_months": 12.0, "months_old": 30.0, "staff": 26.0}
FAILING = [
    ({"active": 0}, "standing"),
    ({"capacity_left": 0}, "capacity"),
    ({"amount_max": 4e6}, "amount"),
    ({"term_max": 6}, "term"),
    ({"hard.months_old.at_least": 36}, "hard.months_old.at_least"),
    ({"hard.staff.at_most": 20}, "hard.staff.at_most"),
    ({"hard.revenue_yuan.at_least": 2e7}, "hard.revenue_yuan.at_least"),
    ({"hard.has_clean_record.is": 1}, "hard.has_clean_record.is"),
    ({"regions": ["310000"]}, "region"),
    ({"exclusions": ["health"]}, "excluded_industry"),
    ({"hard.qualifications.any_of": ["srdi"]}, "hard.qualifications.any_of"),
    ({"hard.regions.any_of": ["420702"]}, "hard.regions.any_of"),
]


def loan(**changed):
    numbers = {"amount_max": 1e7} | {k: v for k, v in changed.items() if not isinstance(v, list)}
    sets = {k: [v] for k, v in changed.items() if isinstance(v, list)}
    return Table.of(["product"], numbers={k: [v] for k, v in numbers.items()}, sets=sets)


@pytest.fixture
def firm():
    return Table.of(
        ["firm"],
        numbers={k: [v] for k, v in {**FIRM, "has_clean_record": 0, "revenue_yuan_low": 5e6, "revenue_yuan_high": 1e7}.items()},
        sets={"region": [["420704"]], "industries": [["health"]], "qualifications": [["hnte"]]},
    )  # fmt: skip


@pytest.mark.parametrize(("changed", "name"), FAILING)
def test_each_condition_of_a_product_removes_alone_and_names_itself(firm, changed, name):
    product = loan(**changed)
    told = Matcher(credit()).fit(firm, product).explain(firm, product)

    assert [rule.name for rule in told.failed] == [name]


def test_a_product_without_conditions_keeps_the_pair(firm):
    """The control."""
    assert Matcher(credit()).fit(firm, loan()).explain(firm, loan()).verdict is Outcome.PASS


def test_a_condition_on_what_a_firm_has_not_shown_never_passes_silently():
    silent, product = one(), loan(**{"hard.rd_expense_yuan.at_least": 1e6})
    told = Matcher(credit()).fit(silent, product).explain(silent, product)

    assert told.verdict is Outcome.MAYBE and "hard.rd_expense_yuan.at_least" in told.missing


def test_a_mentor_who_covers_more_topics_stands_higher_and_an_expired_one_nowhere():
    needs = Table.of(["firm"], sets={"topics": [["ip", "legal"]]})
    mentors = Table.of(
        ["one topic", "both topics", "expired", "unknown"],
        numbers={"registered": [1, 1, 0, None]},
        sets={"topics": [["ip"], ["ip", "legal"], ["ip", "legal"], ["ip", "legal"]]},
    )
    ranked = Matcher(mentoring()).fit(needs, mentors).rank(needs, mentors, k=4).by_need

    assert [mentors.ids[row] for row in ranked.offer] == ["both topics", "unknown", "one topic"]
    assert ranked.verdict.tolist() == [1, 0, 1]


CODES = ("ip", "legal", "hr", "420704", "420000", "health", "hnte", "*")
ANSWERS = ("has_", "is_", "in_", "welcomes", "active", "registered")


def columns_of(recipe):
    """All columns that a recipe reads, found by asking it for empty tables."""
    asked: dict[str, set[str]] = {"numbers": set(), "sets": set()}

    class Spy(Table):
        def number(self, name):
            asked["numbers"].add(name)
            return super().number(name)

        def codes(self, name):
            asked["sets"].add(name)
            return super().codes(name)

    needs, offers = Spy(("n",)), Spy(("o",))
    Matcher(recipe).fit(needs, offers).judge(needs, offers)
    return asked


@pytest.mark.parametrize("name", ["credit", "mentoring"])
@settings(max_examples=40)
@given(seed=st.integers(0, 10_000))
def test_every_score_is_its_parts_and_no_failed_pair_is_listed(name, seed):
    recipe, random = RECIPES[name](), np.random.default_rng(seed)
    asked = columns_of(recipe)

    def number(column):
        if random.random() < 0.4:
            return None
        is_answer = any(part.startswith(ANSWERS) for part in column.split("."))
        return float(random.integers(0, 2)) if is_answer else float(10 ** random.uniform(0, 8))

    def codes():
        return [str(code) for code in random.choice(CODES, random.integers(0, 3))]

    def table(size):
        return Table.of(
            range(size),
            numbers={c: [number(c) for _ in range(size)] for c in sorted(asked["numbers"])},
            sets={c: [codes() for _ in range(size)] for c in sorted(asked["sets"])},
        )

    needs, offers = table(4), table(4)
    matcher = Matcher(recipe).fit(needs, offers)
    judged, ranked = matcher.judge(needs, offers), matcher.rank(needs, offers, k=2)
    for values in judged.values.values():
        known = values[~np.isnan(values)]
        assert ((known >= 0) & (known <= 1)).all()
    told = matcher.explain(needs.take([0]), offers.take([1]))
    assert sum(item.contribution for item in told.items) == pytest.approx(told.score, abs=1e-5)
    assert told.score == pytest.approx(float(judged.scores.joint[0, 1]), abs=1e-4)
    listed = set(zip(ranked.by_need.need, ranked.by_need.offer, strict=True))
    assert all(judged.verdict[pair] >= 0 for pair in listed)
