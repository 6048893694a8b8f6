from datetime import date

import numpy as np
import pytest

from matchhub.matcher import History, Table
from matchhub.matcher.features import CodeFit, Promptness, RangeFit
from matchhub.matcher.kinship import DottedTree, Kin
from matchhub.matcher.text import letters, Reader, TextFit, Vocabulary, words

INDUSTRY = CodeFit("industry", "industries", "industries", Kin(DottedTree(), (0, 0.6)))
AMOUNT = RangeFit("amount", ("amount_min", "amount_max"), ("ticket_min", "ticket_max"), tolerance=1.0)


def industries(*rows):
    return Table.of(range(len(rows)), sets={"industries": rows})


def test_the_nearest_pair_of_two_sets_counts():
    block = INDUSTRY.compare(
        industries(["health", "new_materials.membranes"]), industries(["equipment", "new_materials"])
    )

    assert block[0, 0] == 1


def test_a_silent_set_gives_nan_and_an_unlimited_one_gives_one():
    block = INDUSTRY.compare(industries(["health"], None), industries(["equipment"], None, ["*"]))

    np.testing.assert_array_equal(block, [[0, np.nan, 1], [np.nan, np.nan, 1]])


def test_codes_never_seen_in_fitting_still_match():
    block = INDUSTRY.compare(industries(["brand_new.thing"]), industries(["brand_new"]))

    assert block[0, 0] == 1


def amounts(low, high):
    return Table.of([0], numbers={"amount_min": [low], "amount_max": [high]})


def tickets(low, high):
    return Table.of([0], numbers={"ticket_min": [low], "ticket_max": [high]})


@pytest.mark.parametrize(
    ("need", "offer", "fit"),
    [
        ((5e6, 8e6), (3e6, 2e7), 1),
        ((5e6, 8e6), (8e6, 2e7), 1),
        ((2e6, 2e6), (1e7, None), np.exp(-np.log(5))),
        ((1e8, None), (1e6, 1e7), np.exp(-np.log(10))),
        ((None, 2e6), (None, 1e6), 1),
        ((None, None), (1e6, 1e7), np.nan),
        ((1e6, 1e7), (None, None), np.nan),
    ],
)
def test_amounts_fall_with_the_log_distance_between_the_ranges(need, offer, fit):
    assert AMOUNT.compare(amounts(*need), tickets(*offer))[0, 0] == pytest.approx(fit, rel=1e-5, nan_ok=True)


def test_an_answer_within_a_week_counts_half_and_no_measured_answer_is_silent():
    block = Promptness("responsiveness", "reply_days").compare(
        Table.of([0, 1]), Table.of([0, 1], numbers={"reply_days": [7, None]})
    )

    np.testing.assert_array_equal(block, [[0.5, np.nan]] * 2)


def texts(*rows):
    return Table.of(range(len(rows)), texts={"text": rows})


@pytest.fixture
def text_fit():
    needs, offers = (
        texts("碳纤维复合材料用于汽车轻量化"),
        texts("我们专注碳纤维与先进材料", "只投医疗器械与大健康", "短"),
    )
    return TextFit("text", "text", "text").fit(needs, offers, None), needs, offers


def test_chinese_texts_on_the_same_subject_are_nearer(text_fit):
    feature, needs, offers = text_fit

    same, other, short = feature.compare(needs, offers)[0]

    assert 0.3 < same < 1
    assert other < same / 2
    assert np.isnan(short)


def test_the_common_words_are_told(text_fit):
    feature, needs, offers = text_fit

    assert "碳纤维" in feature.evidence(needs, offers.take([0]))["common"]


def test_the_default_tokenizer_sees_no_common_word_where_the_segmenter_does():
    """The control: why the words come from a segmenter."""
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    pair = ["碳纤维复合材料用于汽车", "专注碳纤维与先进材料"]
    default = TfidfVectorizer().fit_transform(pair)
    ours = Reader().fit(pair).read(pair)

    assert (default[0] @ default[1].T).toarray()[0, 0] == 0
    assert (ours[0] @ ours[1].T).toarray()[0, 0] > 0.1


def test_search_mode_gives_long_words_and_the_words_inside():
    assert {"碳纤维", "纤维"} <= set(words("碳纤维"))


def test_without_any_text_the_feature_is_silent():
    feature = TextFit("text", "text", "text").fit(texts(""), texts(""), None)

    assert np.isnan(feature.compare(texts("后来写的一段足够长的说明"), texts("另一段足够长的说明文字"))).all()


def test_what_is_remembered_of_a_table_is_dropped_by_a_new_fit(text_fit):
    feature, needs, offers = text_fit
    before = feature.compare(needs, offers)

    feature.fit(texts("完全不同的词汇表内容在这里"), texts("别的说明文字也在这里面"), None)

    assert feature.compare(needs, offers).shape == before.shape


def test_parameters_are_the_constructors():
    assert AMOUNT.get_params()["tolerance"] == 1.0
    with pytest.raises(ValueError, match="no such parameter"):
        RangeFit("amount", ("a", "b"), ("c", "d")).set_params(colour=1)


def test_scikit_learn_can_clone_a_feature():
    from sklearn.base import clone  # noqa: PLC0415

    assert clone(AMOUNT).get_params() == AMOUNT.get_params()


def test_rows_of_one_event_become_one_round_with_all_who_took_part():
    rows = Table.of(["r1", "r1", "r2"], dates={"updated_on": [date(2025, 1, 1)] * 3})

    history = History.of(rows, ["远山资本", "江岸医疗基金", "远山资本"], ["r1", "r1", "r2"])

    assert len(history) == 2
    assert history.participation(["远山资本", "江岸医疗基金"]).toarray().tolist() == [[1, 1], [1, 0]]


def test_texts_are_weighed_as_scikit_learn_weighs_them():
    from sklearn.feature_extraction.text import TfidfVectorizer  # noqa: PLC0415

    texts = ["碳纤维复合材料，用于  汽车", "AI Chip 设计与量产", "a", "专注碳纤维与先进材料"]
    expected = TfidfVectorizer(analyzer="char", ngram_range=(1, 2), dtype=np.float32).fit(texts)
    ours = Vocabulary.of(letters, texts)

    assert ours.place == {part: int(at) for part, at in expected.vocabulary_.items()}
    asked = [*texts, "没有见过的字", ""]
    rows, places, weights = ours.weigh(asked)
    held = expected.transform(asked)
    np.testing.assert_array_equal(np.bincount(rows, minlength=len(asked)), np.diff(held.indptr))
    np.testing.assert_array_equal(places, held.indices)
    np.testing.assert_allclose(weights, held.data, atol=1e-6)
