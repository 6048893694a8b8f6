import csv
import gzip
import json
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest

from matchhub.matcher.evaluation import evaluate, render
from matchhub.matcher.evaluation.dataset import build, cut_of, load
from matchhub.matcher.evaluation.freshness import _kept, freshness, unfolding
from matchhub.matcher.evaluation.metrics import Bootstrap, DEEP, exposure, gini, measure, per_query
from matchhub.matcher.evaluation.page import page
from matchhub.matcher.evaluation.run import fitted, matchhub, without_accelerators, without_round_and_amount

FIRM = {"state": "", "country": "CHN", "city": "", "founded_year": ""}
CATEGORIES = ("医疗健康", "教育", "金融")


def records(seed=0, firms=120, investors=30):
    """A small invented market in the format of the public records; an investor keeps to one category."""
    random = np.random.default_rng(seed)
    startups = [
        {"startup_id": f"z{i}", "name": f"企业{i}", "text": f"企业{i} 。{CATEGORIES[i % 3]}", "category": CATEGORIES[i % 3],
         "region": "湖北", **FIRM}
        for i in range(firms)
    ]  # fmt: skip
    investments = []
    for i in range(firms):
        day = f"201{random.integers(3, 5)}-{random.integers(1, 13):02d}-{random.integers(1, 28):02d}"
        investments += [
            {"startup_id": f"z{i}", "investor_id": f"v{offer}", "date": day, "round": "A轮", "amount_usd": "1e6"}
            for offer in random.choice(investors // 3, 2, replace=False) * 3 + i % 3
        ]
    queries = [{"startup_id": f"z{i}", "date": "2015-07-05", "round": "A轮", "amount_usd": ""} for i in range(6)]
    seen = sorted({row["investor_id"] for row in investments})
    answers = [{"startup_id": f"z{i}", "investor_id": seen[i]} for i in range(6)]
    return {"startups": startups, "investments": investments, "mandates": [], "queries": queries, "answers": answers}


FUTURE = {
    "startup_id": "z0",
    "investor_id": "v1",
    "date": "2015-07-01",
    "round": "A轮",
    "amount_usd": "1e6",
    "split": "train",
}


def test_a_planted_future_event_changes_nothing_even_when_it_says_that_it_is_of_the_past():
    plain = records()
    planted = {**plain, "investments": [*plain["investments"], FUTURE, {**FUTURE, "investor_id": "v999"}]}

    one, other = (build("vc_zh", **data, warm=False) for data in (plain, planted))

    assert one.offers.ids == other.offers.ids
    np.testing.assert_array_equal(matchhub(one), matchhub(other))


def test_the_same_event_a_day_earlier_does_change_the_lists():
    """The control of the test above."""
    plain = records()
    earlier = [{**FUTURE, "date": "2015-06-30", "startup_id": f"z{i}"} for i in range(6)]
    planted = {**plain, "investments": [*plain["investments"], *earlier]}

    one, other = (build("vc_zh", **data, warm=False) for data in (plain, planted))

    assert (matchhub(one) != matchhub(other)).any()


def test_the_cut_is_where_the_windows_own_rows_begin_or_earlier():
    asked = [{"date": "2015-08-20"}, {"date": "2015-09-01"}]

    assert cut_of([], asked, "dev") == date(2015, 8, 1)
    assert cut_of([{"date": "2015-08-03", "split": "dev"}], asked, "dev") == date(2015, 8, 3)
    assert cut_of([{"date": "2015-09-03", "split": "dev"}], asked, "dev") == date(2015, 8, 1)


def test_another_window_of_the_folder_has_its_own_cut():
    later = {**records(), "queries": [{"startup_id": "z0", "date": "2014-03-09", "round": "A轮", "amount_usd": ""}]}
    later["answers"] = [{"startup_id": "z0", "investor_id": "v999"}]

    data = build("vc_zh", **later, warm=False, window="later")

    assert data.cut == date(2014, 3, 1)
    assert data.history.rounds.day("updated_on").max() < (date(2014, 3, 1) - date(1970, 1, 1)).days
    assert min(data.truth[0]) < 0, "who is not among the candidates cannot be found, and counts"


def test_accelerators_are_told_by_their_names_and_can_be_left_out():
    investors = [{"investor_id": f"v{i}", "name": "Acme Accelerator" if i < 3 else "远山资本"} for i in range(30)]
    data = build("vc_zh", **records(), warm=False, investors=investors)
    lists = matchhub(data)

    found = without_accelerators(lists, data, Bootstrap(5))

    assert data.accelerators.sum() == 3
    assert 0 <= found["recall@10"]["mean"] <= 1


def test_without_round_and_amount_neither_side_tells_them():
    data = without_round_and_amount(build("vc_zh", **records(), warm=False))

    for table in (data.needs, data.history.rounds):
        assert np.isnan(table.number("amount_min")).all()
        assert not table.codes("round").known.any()


def test_a_report_page_stands_alone(folder):
    told = page(evaluate(folder, "vc_zh", draws=20))

    assert told.count("<svg") == 8
    assert "http" not in told
    assert "Without accelerators" in told


def test_a_warm_query_is_not_given_the_investors_it_has():
    data = build("vc_zh", **records(), warm=True)
    ranking = matchhub(data)

    assert data.known
    assert all(offer not in ranking[need] for need, offer in data.known)


def test_a_cold_query_with_the_guard_off_would_be_given_them():
    """The control of the test above."""
    warm, cold = (build("vc_zh", **records(), warm=warm) for warm in (True, False))
    ranking = matchhub(cold)

    assert any(offer in ranking[need] for need, offer in warm.known)


def ranking(*lists):
    padded = np.full((len(lists), DEEP), -1, dtype=np.int64)
    for row, listed in enumerate(lists):
        padded[row, : len(listed)] = listed
    return padded


def test_metrics_of_a_list_worked_out_by_hand():
    found = per_query(ranking([5, 7, 9], [1]), [frozenset({7, 8}), frozenset({2})])

    assert found["recall@10"].tolist() == [0.5, 0]
    assert found["mrr"].tolist() == [0.5, 0]
    assert found["ndcg@10"][0] == pytest.approx((1 / np.log2(3)) / (1 + 1 / np.log2(3)))


def test_gini_is_zero_when_all_are_shown_alike_and_high_when_one_has_all():
    np.testing.assert_allclose(gini(np.array([[2.0, 2, 2, 2], [0, 0, 0, 8], [0, 0, 0, 0]])), [0, 0.75, 0])


def test_coverage_counts_all_candidates_and_not_only_those_shown():
    shown = exposure(ranking([0], [0]), 4, Bootstrap(10).counts(2))

    assert shown["coverage@10"]["mean"] == 0.25


def test_intervals_hold_their_mean_and_are_the_same_in_two_runs():
    random = np.random.default_rng(1)
    lists = ranking(*(random.permutation(60)[:50] for _ in range(80)))
    truth = [frozenset({int(random.integers(60))}) for _ in range(80)]

    one, other = (json.dumps(measure(lists, truth, 60, Bootstrap(200, seed=3))) for _ in range(2))

    assert one == other
    assert all(m["low"] <= m["mean"] <= m["high"] for m in json.loads(one).values())


def test_nothing_to_measure_is_refused():
    with pytest.raises(ValueError, match="no queries"):
        measure(ranking(), [], 3, Bootstrap(5))


def write(folder, name, rows):
    with gzip.open(folder / f"vc_zh_{name}.csv.gz", "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


@pytest.fixture
def folder(tmp_path):
    data = records()
    write(tmp_path, "startups", data["startups"])
    write(tmp_path, "investments", data["investments"])
    write(tmp_path, "mandates", [{"investor_id": "v0", "kind": "field", "value": "教育", "n_people": "1"}])
    write(tmp_path, "dev_cold_queries", data["queries"])
    write(tmp_path, "dev_cold_truth", data["answers"])
    return tmp_path


def test_an_evaluation_of_a_folder_holds_every_method_and_renders_as_a_table(folder):
    result = evaluate(folder, "vc_zh", "dev", "cold", draws=50)

    assert list(result["methods"]) == [
        "matchhub", "content-knn", "bm25", "recent-popularity", "popularity", "tfidf-cosine", "field-and-place", "random",
    ]  # fmt: skip
    assert 0 <= result["first_stage_share"]["top300"] <= 1
    assert set(result["without_accelerators"]["methods"]) == set(result["methods"])
    assert set(result["methods"]["matchhub"]["recall@10"]) == {"mean", "low", "high"}
    assert render(result).splitlines()[2].startswith("matchhub")


def test_the_report_tells_how_lists_keep_and_what_new_investors_get(folder):
    later = [
        {"startup_id": f"z{i}", "investor_id": f"v{90 + i}" if i < 2 else "v3", "date": "2015-07-05", "round": "A轮",
         "amount_usd": "", "split": "dev"}
        for i in range(6)
    ]  # fmt: skip
    write(folder, "investments", [*({**row, "split": "train"} for row in records()["investments"]), *later])

    result = evaluate(folder, "vc_zh", draws=5, fresh=True)

    keeps, new = result["freshness"], result["new_investors"]
    assert sum(keeps["queries"]) == 6 and keeps["fixed"] == keeps["moving"], (
        "all ask on one day: nothing moved before it"
    )
    assert keeps["fixed_kept"] is None, "nobody asks in the last quarter"
    assert (new["pairs"], new["with_a_past_by_then"]) == (2, 0) and 0 < new["share"] < 1
    assert "new investors pairs 2" in render(result) and "As time goes on" in page(result)


def test_weights_learned_anew_for_each_quarter_tell_whether_queries_became_harder(folder):
    told = unfolding(folder, "vc_zh", "dev", "cold")
    days = [told.data.cut + timedelta(days=round(told.data.days * at / 6)) for at in range(6)]
    told = replace(told, asked_on=days, truth=[frozenset(right | {0}) for right in told.data.truth])
    matcher, asked = fitted(told.data), []

    def learn(past):
        asked.append(len(past))
        return matcher

    found = freshness(told, matcher, learn, Bootstrap(50), every=1)["freshness"]

    assert min(found["queries"]) > 0 and len(asked) == 3 and asked == sorted(asked)
    assert found["relearned"] == found["moving"], "the same weights give the same lists"


def test_what_the_last_quarter_keeps_is_told_with_its_interval():
    first, last = np.array([1.0, 0.5, 0.5, 0.0]), np.array([0.5, 0.0, 0.25, 0.25])

    kept = _kept(first, last, Bootstrap(500))

    assert kept["mean"] == 0.5 and kept["low"] < 0.5 < kept["high"]
    assert _kept(first, first[:0], Bootstrap(5)) is None and _kept(first * 0, last, Bootstrap(5)) is None


def test_two_evaluations_give_the_same_bytes(folder):
    one, other = (json.dumps(evaluate(folder, "vc_zh", draws=50)["methods"]) for _ in range(2))

    assert one == other


def test_an_unknown_task_is_refused(folder):
    with pytest.raises(ValueError, match="no such task"):
        load(folder, "vc_zh", "dev", "lukewarm")


def test_on_public_records_the_matcher_leads_beyond_the_intervals(bench):
    result = evaluate(bench, "vc_zh", "dev", "cold", draws=300)["methods"]
    ours = result["matchhub"]["recall@10"]

    assert ours["mean"] >= 0.19
    for baseline in ("popularity", "recent-popularity", "tfidf-cosine", "random"):
        assert ours["low"] > result[baseline]["recall@10"]["high"]
