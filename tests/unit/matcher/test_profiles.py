import numpy as np

from matchhub.matcher import Table
from matchhub.matcher.profiles import Profiles, VOICES

TOPICS = ("finance", "law", "sales")
TRADES = ("marine biology", "civil engineering", "graphic design")
COUNT = 60


def people(name, topics, texts):
    return Table.of([f"{name}{i}" for i in range(len(topics))], sets={"topics": topics}, texts={"text": texts})


def grid(needs, offers):
    return tuple(part.ravel() for part in np.indices((len(needs), len(offers))))


def fitted(needs, offers, right):
    rows, columns = grid(needs, offers)
    return Profiles(("topics",), strength=1.0).fit(needs, offers, rows, columns, right(rows, columns))


def test_what_each_fact_adds_is_the_whole_answer():
    needs = people("n", [[TOPICS[i % 3]] for i in range(COUNT)], [TRADES[i % 3] for i in range(COUNT)])
    offers = people("o", [[TOPICS[j % 3]] for j in range(6)], [TRADES[j % 2] for j in range(6)])
    profiles = fitted(needs, offers, lambda rows, columns: (rows + columns) % 3 == 0)
    rows, columns = grid(needs, offers)

    addends = profiles.addends(needs, offers, rows, columns)

    assert tuple(addends) == tuple(VOICES)
    facts = np.hstack([part.toarray() for part in profiles.facts(needs, offers, rows, columns).values()])
    np.testing.assert_allclose(
        profiles.model_.intercept_[0] + sum(addends.values()), profiles.model_.decision_function(facts), atol=1e-6
    )
    np.testing.assert_allclose(
        profiles.odds(needs, offers, rows, columns), profiles.model_.decision_function(facts), atol=1e-6
    )


def test_words_tell_apart_whom_codes_cannot():
    needs = people("n", [["law"]] * COUNT, [TRADES[i % 3] for i in range(COUNT)])
    offers = people("o", [["law"]] * 4, [TRADES[0]] * 4)
    profiles = fitted(needs, offers, lambda rows, columns: rows % 3 == 0)
    asking = people("q", [["law"], ["law"]], ["marine biologist", "civil engineer"])
    rows, columns = np.array([0, 1]), np.array([0, 0])

    yes, no = profiles.odds(asking, offers, rows, columns)

    assert yes > 0 > no
    words = profiles.addends(asking, offers, rows, columns)["words asked"]
    assert words[0] - words[1] > 0.9 * (yes - no)


def test_who_names_nothing_is_told_from_who_names_much():
    named = [[], list(TOPICS)]
    needs = people("n", [named[i % 2] for i in range(COUNT)], [""] * COUNT)
    offers = people("o", [["law"], [], ["law"], []], [""] * 4)
    profiles = fitted(needs, offers, lambda rows, columns: (rows % 2 == 1) & (columns % 2 == 0))
    rows, columns = np.array([0, 1, 1]), np.array([0, 0, 1])

    silent, spoken, unanswered = profiles.addends(needs, offers, rows, columns)["how many"]

    assert spoken > silent
    assert spoken > unanswered


def test_who_takes_everything_is_not_silent():
    needs = people("n", [[], ["*"]] * 30, [""] * COUNT)
    offers = people("o", [["law"]] * 2, [""] * 2)
    profiles = fitted(needs, offers, lambda rows, columns: rows % 2 == 1)

    silent, anything = profiles.odds(needs, offers, np.array([0, 1]), np.array([0, 0]))

    assert anything > 0 > silent


def test_topics_and_words_never_seen_say_nothing():
    needs = people("n", [["law"], ["sales"]] * 30, ["marine biology"] * COUNT)
    offers = people("o", [["law"], ["sales"]], ["marine biology"] * 2)
    profiles = fitted(needs, offers, lambda rows, columns: rows % 2 == columns)
    strange = people("q", [["falconry"]], ["%%%%"])

    addends = profiles.addends(strange, offers, np.array([0]), np.array([0]))

    assert addends["asks"][0] == addends["both"][0] == addends["words asked"][0] == 0


def test_without_any_text_codes_and_offers_are_learned_from():
    needs, offers = people("n", [["law"], ["sales"]] * 30, [""] * COUNT), people("o", [["law"], ["sales"]], ["", ""])
    profiles = fitted(needs, offers, lambda rows, columns: rows % 2 == columns)

    met, missed = profiles.odds(needs, offers, np.array([0, 0]), np.array([0, 1]))

    assert profiles.reader_ is None
    assert met > 0 > missed


def test_it_learns_the_same_twice():
    needs = people("n", [[TOPICS[i % 3]] for i in range(COUNT)], [TRADES[i % 2] for i in range(COUNT)])
    offers = people("o", [[topic] for topic in TOPICS], list(TRADES))
    rows, columns = grid(needs, offers)

    one, other = (fitted(needs, offers, lambda rows, columns: rows % 3 == columns) for _ in range(2))

    assert np.array_equal(one.odds(needs, offers, rows, columns), other.odds(needs, offers, rows, columns))
