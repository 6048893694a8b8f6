import numpy as np
import pytest

from matchhub.matcher import Table
from matchhub.matcher.foretelling import Foretelling, TREES_SHARE
from matchhub.matcher.profiles import VOICES

TOPICS = ("finance", "law", "sales")
NEEDS, OFFERS = 120, 16
TOPIC_OF_NEED = np.arange(NEEDS) % 3


def people(name, topics):
    return Table.of(
        [f"{name}{i}" for i in range(len(topics))], sets={"topics": topics}, texts={"text": [""] * len(topics)}
    )


needs = people("n", [[TOPICS[at]] for at in TOPIC_OF_NEED])
offers = people("o", [list(TOPICS)] * OFFERS)
rows, columns = (part.ravel() for part in np.indices((NEEDS, OFFERS)))


def foretelling(chance, seed=0):
    """Learned from answers that are a yes with this chance."""
    right = np.random.default_rng(seed).random(len(rows)) < chance
    return Foretelling(("topics",)).fit(needs, offers, rows, columns, right)


@pytest.fixture(scope="module")
def taught():
    """Offer 0 says yes to one topic, offer 1 to another; the others to half of all, at random."""
    topic = TOPIC_OF_NEED[rows]
    return foretelling(np.select([columns == 0, columns == 1], [(topic == 0) * 1.0, (topic == 1) * 1.0], 0.5))


def test_what_each_fact_adds_is_the_whole_of_trees_and_profiles(monkeypatch):
    groves, plain = [], Foretelling._grown

    def kept(*asked):
        groves.append(plain(*asked))
        return groves[-1]

    monkeypatch.setattr(Foretelling, "_grown", kept)
    held = foretelling(0.3 + 0.4 * (columns % 2))

    parts = held.parts(needs, offers, rows, columns)

    facts = np.column_stack(list(held.known_.facts(held.sides(needs, offers), rows, columns).values())).astype(
        np.float32
    )
    trees = np.mean([grove.decision_function(facts) for grove in groves], axis=0)
    whole = TREES_SHARE * trees + (1 - TREES_SHARE) * held.profiles_.odds(needs, offers, rows, columns)
    assert set(parts) == {*VOICES, "alike"}
    np.testing.assert_allclose(held.level + sum(parts.values()), whole, atol=1e-6)
    np.testing.assert_allclose(held.odds(needs, offers, rows, columns), whole, atol=1e-6)


def test_an_offer_says_yes_to_needs_like_those_it_said_yes_to(taught):
    asking = people("q", [["finance"], ["law"]])

    first, second = (taught.odds(asking, offers, np.array([0, 1]), np.array([offer] * 2)) for offer in (0, 1))

    assert first[0] > first[1] + 0.5
    assert second[1] > second[0] + 0.5


def test_the_part_of_like_needs_is_told_apart(taught):
    asking = people("q", [["finance"], ["law"]])

    alike = taught.parts(asking, offers, np.array([0, 1]), np.array([0, 0]))["alike"]

    assert alike[0] > alike[1] + 0.3


def test_who_said_yes_more_often_is_foretold_to_say_it_again():
    """Read from an answer itself, or from a sum that it was taken out of, the rate would speak the other way round."""
    often = np.linspace(0.2, 0.8, OFFERS)
    held = foretelling(often[columns])
    every = np.arange(OFFERS)

    itself = held.parts(people("q", [["law"]]), offers, np.zeros(OFFERS, np.int64), every)["itself"]

    assert np.corrcoef(itself, often)[0, 1] > 0.9
    assert itself[-1] > itself[0] + 0.5


def test_answers_by_chance_foretell_little():
    held = foretelling(0.5)

    odds = held.odds(needs, offers, rows, columns)

    assert odds.std() < 0.25
    assert abs(odds.mean()) < 0.25


def test_the_same_answers_teach_the_same(taught):
    again = foretelling(
        np.select([columns == 0, columns == 1], [(TOPIC_OF_NEED[rows] == at) * 1.0 for at in (0, 1)], 0.5)
    )

    np.testing.assert_array_equal(again.odds(needs, offers, rows, columns), taught.odds(needs, offers, rows, columns))


def test_who_names_nothing_or_what_nobody_named_is_foretold_too(taught):
    asking = people("q", [[], ["astronomy"], None])

    odds = taught.odds(asking, offers, np.arange(3), np.zeros(3, np.int64))

    assert np.isfinite(odds).all()
    assert len(taught.odds(asking, offers, np.zeros(0, np.int64), np.zeros(0, np.int64))) == 0


def test_an_offer_that_never_answered_is_neither_praised_nor_blamed_for_it():
    answered = columns < OFFERS - 1
    right = np.random.default_rng(0).random(len(rows)) < np.linspace(0.2, 0.8, OFFERS)[columns]
    held = Foretelling(("topics",)).fit(needs, offers, rows[answered], columns[answered], right[answered])

    odds = held.odds(people("q", [["law"]]), offers, np.zeros(OFFERS, np.int64), np.arange(OFFERS))

    assert odds[:3].max() < odds[-1] < odds[-4:-1].min()
