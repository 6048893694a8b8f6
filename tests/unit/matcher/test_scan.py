from dataclasses import replace

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import sparse

from matchhub.matcher import equity, Matcher, RECIPES, Table
from matchhub.matcher.kinds import FEWEST, Kinds
from matchhub.matcher.products import FEW, Postings, product, TILE, turned
from matchhub.matcher.scan import keys, top_rows
from matchhub.matcher.text import Reader
from tests.unit.matcher.market import market

seeds = st.integers(0, 10_000)
slow = settings(max_examples=6)


def crowd(offers: Table, count: int = FEWEST + 500) -> Table:
    """The same offers again and again under other names; the first ones keep their names and so their past."""
    rows = np.arange(count) % len(offers)
    names = [offers.ids[row] if at < len(offers) else f"{offers.ids[row]}/{at}" for at, row in enumerate(rows)]
    return replace(offers.take(rows), ids=tuple(names))


def plain(matcher: Matcher, needs: Table, offers: Table, rules) -> np.ndarray:
    """The keys of `judge` for offers so few at a time that no kinds are looked for."""
    parts = [offers.take(slice(at, at + 1000)) for at in range(0, len(offers), 1000)]
    return np.concatenate([matcher.judge(needs, part, rules).key for part in parts], axis=1)


@slow
@given(seeds)
def test_equal_offers_are_compared_once_and_the_keys_are_those_of_the_plain_judge(seed):
    needs, few, history = market(seed, n_offers=40, n_past=60)
    offers = crowd(few)
    matcher = Matcher(equity()).fit(needs, offers, history)
    rules = matcher.rules([(needs.ids[0], offers.ids[3], "blocked")])

    expected = plain(matcher, needs, offers, rules)

    np.testing.assert_allclose(matcher.judge(needs, offers, rules).key, expected, atol=1e-6)
    for row in range(3):
        need = needs.take([row])
        np.testing.assert_allclose(keys(matcher, need, offers, rules), expected[row], atol=1e-6)
    assert expected[0, 3] == -np.inf


@slow
@given(seeds)
@example(82)  # where the second stage leaves places to many newcomers
def test_the_best_of_one_need_are_the_first_of_its_list(seed):
    needs, few, history = market(seed, n_offers=40, n_past=60)
    offers = crowd(few, 300)
    matcher = Matcher(equity()).fit(needs, offers, history)
    for row in range(3):
        need, excluded = needs.take([row]), [(needs.ids[row], offers.ids[0], "blocked")]

        best = matcher.best(need, offers, 7, excluded)

        listed = matcher.rank(need, offers, 7, excluded).by_need
        assert best.offer.tolist() == listed.offer.tolist()
        assert best.place.tolist() == list(range(1, len(listed) + 1))
        np.testing.assert_array_equal(best.score, listed.score)
        np.testing.assert_array_equal(best.values, listed.values)


def test_only_one_need_has_a_best_list():
    needs, offers, _ = market(1)
    matcher = Matcher(equity()).fit(needs, offers)

    with pytest.raises(ValueError, match="one need"):
        matcher.best(needs, offers)
    assert len(matcher.best(needs.take([0]), offers, 0)) == 0


@slow
@given(seeds)
def test_a_list_is_explained_as_each_pair_alone(seed):
    needs, offers, history = market(seed, n_past=40)
    matcher = Matcher(equity()).fit(needs, offers, history)
    need, excluded = needs.take([0]), [(needs.ids[0], offers.ids[1], "blocked")]

    together = matcher.explained(need, offers, excluded)

    alone = [matcher.explain(need, offers.take([at]), excluded) for at in range(len(offers))]
    assert [(told.offer, told.verdict, told.missing, told.rules) for told in together] == [
        (told.offer, told.verdict, told.missing, told.rules) for told in alone
    ]
    for one, other in zip(together, alone, strict=True):
        assert one.score == pytest.approx(other.score, abs=1e-6)
        assert [(i.feature, i.side, i.silent) for i in one.items] == [
            (i.feature, i.side, i.silent) for i in other.items
        ]
        assert [str(i.evidence) for i in one.items] == [str(i.evidence) for i in other.items]


@pytest.mark.parametrize("kind", ["credit", "mentoring"])
def test_every_pairing_says_which_columns_its_comparisons_read(kind):
    """The control: an offer that differs in one such column only is of another kind."""
    recipe = RECIPES[kind]()
    for part in (*recipe.rules, *recipe.features):
        names = part.offer_columns()
        assert names or part.name == "text"
        if names:
            column = names[0]
            offers = Table.of(range(FEWEST), numbers={column: [float(at % 2) for at in range(FEWEST)]})
            assert len(Kinds.among(offers, names).rows) == 2


def test_kinds_tell_silence_anything_and_sets_apart():
    rows = [None, ["*"], ["a"], ["a", "b"], ["b"]] * 500
    numbers = [None, 1.0] * 1250
    offers = Table.of(range(2500), numbers={"n": numbers, "rate_for.x": numbers}, sets={"s": rows})

    kinds = Kinds.among(offers, ["s", "n", "absent"])

    assert len(kinds.rows) == 10
    held = [(offers.codes("s").row(at), str(offers.number("n")[at])) for at in range(2500)]
    told = [(kinds.rows.codes("s").row(k), str(kinds.rows.number("n")[k])) for k in kinds.of.tolist()]
    assert told == held
    assert len(Kinds.among(offers, ["rate_for.*"]).rows) == 2
    assert Kinds.among(offers, ["nothing*"]).rows.ids == (0,)


def test_no_kinds_are_looked_for_among_few_rows_or_where_nearly_every_row_is_its_own():
    few = Table.of(range(10), numbers={"n": [1.0] * 10})
    different = Table.of(range(FEWEST), numbers={"n": [float(at) for at in range(FEWEST)]})

    assert Kinds.among(few, ["n"]) is None
    assert Kinds.among(different, ["n"]) is None


def test_a_matrix_is_turned_once_while_it_lives():
    matrix = Reader().fit(["碳纤维复合材料", "心电监测设备"]).read(["碳纤维复合材料", "心电监测设备"])

    assert turned(matrix) is turned(matrix)
    np.testing.assert_array_equal(turned(matrix).toarray(), matrix.toarray().T)


def test_one_row_is_multiplied_without_sparse_products_to_the_same_numbers():
    random = np.random.default_rng(3)
    held = sparse.random(40, 60, 0.2, "csr", np.float32, random)
    theirs = sparse.random(30, 60, 0.3, "csr", np.float32, random)
    scale = random.random(60, dtype=np.float32)

    for row in range(40):
        ours = held[[row]]
        expected = (sparse.csr_matrix(ours.multiply(scale[None, :])) @ theirs.T).toarray()
        np.testing.assert_array_equal(product(ours, theirs, scale), expected)
        np.testing.assert_array_equal(product(ours, theirs), (ours @ theirs.T).toarray())
    assert 0 < held.getnnz(axis=1).min() < held.getnnz(axis=1).max() < FEW
    np.testing.assert_allclose(
        product(held, theirs, scale), (held.multiply(scale[None, :]) @ theirs.T).toarray(), atol=1e-6
    )


def test_texts_in_tiles_give_the_products_of_all_texts():
    reader = Reader().fit(["碳纤维复合材料", "心电监测设备"])
    texts = ["碳纤维", "心电设备"] * (TILE // 2 + 2)

    found = Postings.of(texts, reader.read)

    ours = reader.read(["碳纤维材料与设备", "监测"])
    assert len(found.tiles) == 2
    np.testing.assert_allclose(found.product(ours), (ours @ reader.read(texts).T).toarray(), atol=1e-6)
    np.testing.assert_array_equal(found.product(ours[[0]])[0], found.product(ours)[0])


def test_the_largest_keys_come_first_ties_to_the_lower_row_and_failed_ones_never():
    held = np.array([0.2, 0.9, -np.inf, 0.9, 0.5], np.float32)

    assert top_rows(held, 2).tolist() == [1, 3]
    assert top_rows(held, 9).tolist() == [1, 3, 4, 0]
    assert top_rows(held, 0).tolist() == []


@pytest.mark.parametrize("count", [5, 300, 3_000])
def test_the_best_of_very_many_keys_are_found_by_a_guess_and_nothing_is_lost(count):
    random = np.random.default_rng(count)
    found = np.round(random.random(1 << 17, dtype=np.float32), 4)
    found[random.random(len(found)) < 0.3] = -np.inf

    expected = np.lexsort((np.arange(len(found)), -found))[:count]

    assert top_rows(found, count).tolist() == expected.tolist()
    clustered = np.where(np.arange(len(found)) % 16 == 0, found, -np.inf)  # the guess looks at these alone
    assert len(top_rows(clustered, count)) == count
    hidden = np.where(
        (np.arange(len(found)) % 16 == 1) & np.isfinite(found), found, np.float32(0.1)
    )  # and at none of these
    assert top_rows(hidden, 5).tolist() == np.lexsort((np.arange(len(found)), -hidden))[:5].tolist()


@slow
@given(seeds)
def test_what_was_made_of_rows_that_stayed_is_not_made_again(seed):
    needs, few, history = market(seed, n_offers=40, n_past=60)
    offers = crowd(few)
    matcher, read = Matcher(equity()).fit(needs, offers, history), []
    matcher.best(needs.take([0]), offers)
    reader = matcher.text().reader_
    plainly = reader.read
    reader.read = lambda texts: (read.extend(texts), plainly(texts))[1]
    texts = [*offers.texts["text"][40:], "新的激光雷达与光通信器件", *offers.texts["text"][:7]]
    rows = offers.take([*range(40, len(offers)), 3, *range(7)])
    changed = replace(rows, ids=tuple(range(len(rows))), texts={"text": tuple(texts)})

    assert matcher.renewed(offers, replace(offers)) is offers
    now = matcher.renewed(offers, changed)
    found = [keys(matcher, needs.take([row]), now, matcher.rules()) for row in range(3)]

    assert now is changed
    assert set(read) <= {"新的激光雷达与光通信器件", *needs.texts["text"]}  # the control: all others were known
    fresh = plain(matcher, needs, replace(changed), matcher.rules())
    np.testing.assert_allclose(found, fresh[:3], atol=1e-6)
