"""Two people of one fund answer an introduction at once, over HTTP: one answer counts, the other person is told."""

import pytest

from tests import racing

ROUNDS = 10


@pytest.mark.parametrize("nouns", [("acceptance", "acceptance"), ("acceptance", "refusal")])
def test_of_two_answers_at_once_one_counts_and_the_other_is_told(app, people, scene, nouns):
    second = racing.colleague(people.yuanshan)
    with racing.served(app) as port:
        both = racing.person(app, port, people.yuanshan), racing.person(app, port, second)
        results = [
            racing.race(both, scene, racing.request(scene, number), nouns if number % 2 else nouns[::-1])
            for number in range(ROUNDS)
        ]

    assert [result.faults for result in results] == [[]] * ROUNDS
