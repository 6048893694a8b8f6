import numpy as np

from matchhub.matcher import equity, Matcher, Table
from matchhub.matcher.products import Postings, TILE
from matchhub.matcher.recipes.recipe import Recipe
from matchhub.matcher.reranking import Schedule
from matchhub.matcher.shortlist import side_by_side, Sketch
from matchhub.matcher.text import Reader
from matchhub.matches.engine import spreading
from tests.unit.matcher.market import market


def fitted(n_needs=120, n_offers=400, n_past=60):
    needs, offers, history = market(5, n_needs=n_needs, n_offers=n_offers, n_past=n_past)
    return Matcher(equity(), block=30).fit(needs, offers, history), needs, offers


def lists_of(parts):
    return {
        need: [(int(offer), float(score)) for offer, score in zip(part.offer[at], part.score[at], strict=True)]
        for part in parts
        for need in np.unique(part.need).tolist()
        for at in [np.flatnonzero(part.need == need)]
    }


def test_every_pair_of_a_short_list_has_the_score_of_the_judge_of_all_pairs():
    matcher, needs, offers = fitted()
    exact = matcher.judge(needs, offers).scores.joint

    found = lists_of(matcher.shortlisted(needs, offers, 10, sketch=None, most=80))

    assert sorted(found) == list(range(len(needs)))
    for need, listed in found.items():
        for offer, score in listed:
            assert abs(score - float(exact[need, offer])) < 1e-5


def test_nearly_all_of_the_best_are_found_though_few_are_judged():
    matcher, needs, offers = fitted()
    rules = matcher.rules([])
    key = matcher.judge(needs, offers, rules).key
    sketch = Sketch(width=40, sample=100).fit(matcher, needs, offers, rules)

    found = lists_of(matcher.shortlisted(needs, offers, 10, sketch=sketch, most=80))

    best = [np.sort(key[need][np.isfinite(key[need])])[-10] for need in found]
    hits = [
        np.mean([key[need, offer] >= least - 1e-6 for offer, _ in found[need]])
        for need, least in zip(found, best, strict=True)
    ]
    assert np.mean(hits) > 0.9
    assert len(sketch.candidates(matcher, needs.take([0]), 80)) < len(offers) / 2


def test_with_room_for_all_offers_nothing_is_missed_and_an_excluded_pair_is_on_no_list():
    matcher, needs, offers = fitted(n_needs=40, n_offers=60)
    excluded = [(needs.ids[0], offers.ids[int(matcher.best(needs.take([0]), offers, 1).offer[0])], "blocked")]
    listed = matcher.rank(needs, offers, 5, excluded).by_need

    found = lists_of(matcher.shortlisted(needs, offers, 5, excluded, most=10_000))

    for need in range(len(needs)):
        assert [offer for offer, _ in found[need]] == listed.offer[listed.need == need].tolist()


def test_a_market_without_texts_fields_and_amounts_is_sketched_by_what_it_has():
    recipe = equity()
    bare = Recipe("bare", (), recipe.features[:1], recipe.weights)
    needs = Table.of(range(30), numbers={"n": [None] * 30}, sets={"industries": [["a"], ["b"], None] * 10})
    offers = Table.of(range(20), sets={"industries": [["a"], ["b"]] * 10})
    matcher = Matcher(bare, block=10).fit(needs, offers)

    found = lists_of(matcher.shortlisted(needs, offers, 3, most=1_000))

    assert [offer % 2 for offer, _ in found[0]] == [0, 0, 0]
    assert side_by_side(Table.of(range(3))).tolist() == [0, 1, 2]


def test_some_rows_of_texts_in_tiles_are_those_of_all():
    reader = Reader().fit(["碳纤维复合材料", "心电监测设备"])
    texts = ["碳纤维", "心电设备"] * (TILE // 2 + 2)
    rows = np.array([0, 1, TILE, TILE + 1])

    part = Postings.of(texts, reader.read).take(rows)

    ours = reader.read(["碳纤维材料与设备", "监测"])
    np.testing.assert_allclose(part.product(ours), (ours @ reader.read(texts[:4]).T).toarray(), atol=1e-6)


def test_a_full_run_over_a_large_pool_goes_by_the_sketch_and_finds_what_judging_all_finds(monkeypatch):
    needs, offers, history = market(5, n_needs=60, n_offers=90, n_past=300)
    matcher = Matcher(equity(second=Schedule(length=30, fewest=5))).fit(needs, offers, history)
    assert matcher.second_ is not None

    def lists():
        blocks = list(spreading.together(matcher, needs, offers, 20, 10, []))
        return [
            set(ranked.by_need.offer[ranked.by_need.need == row].tolist()) for _, ranked in blocks for row in range(60)
        ]

    monkeypatch.setattr(spreading, "DEPTH", 40)
    exact = lists()
    monkeypatch.setattr(spreading, "MOST_JUDGED", 1000)
    ranks = []
    monkeypatch.setattr(Matcher, "rank", lambda *_: ranks.append(1))
    sketched = lists()

    assert not ranks, "no block is judged in full"
    assert np.mean([len(one & other) / len(one) for one, other in zip(exact, sketched, strict=True)]) > 0.8
