import csv
import gzip

import numpy as np
import pytest

from matchhub.matcher import Matcher, mentoring, Table
from matchhub.matcher.answers import Answers
from matchhub.matcher.evaluation import answers as evaluated
from matchhub.matcher.evaluation import evaluate_mentors, evaluate_texts
from matchhub.matcher.text import FEWEST_KNOWN, Reader

TOPICS = ("finance", "law", "sales")


def people(count, name):
    return Table.of(
        [f"{name}{i}" for i in range(count)],
        sets={"topics": [[TOPICS[i % 3]] for i in range(count)], "industries": [["health"]] * count},
    )


def answered(noes=()):
    """Everybody says yes to everybody, but for these pairs."""
    needs, offers = people(12, "n"), people(4, "o")
    rows, columns = (part.ravel() for part in np.indices((12, 4)))
    right = np.array([(row, column) not in noes for row, column in zip(rows, columns, strict=True)])
    matcher = Matcher(mentoring()).fit(needs, offers)
    return Answers(matcher, ("topics", "industries")).fit(needs, offers, rows, columns, right), needs, offers


def test_a_no_lowers_the_offer_for_like_needs_most():
    noes = {(row, 0) for row in (0, 3, 6)}
    before, needs, offers = answered({(1, 1), (2, 2)})
    after, *_ = answered({(1, 1), (2, 2), *noes})
    like, unlike = np.array([9]), np.array([10])
    first = np.array([0])

    fell = {
        name: before.scores(needs, offers, row, first)[0] - after.scores(needs, offers, row, first)[0]
        for name, row in (("like", like), ("unlike", unlike))
    }

    assert fell["like"] > fell["unlike"] > 0


def test_what_nobody_answered_about_stands_at_the_mean():
    answers, _, _ = answered({(0, 0)})

    assert answers.rates(np.array([3]))[0] > answers.rates(np.array([0]))[0]


def test_who_never_answered_stands_between_who_says_yes_and_who_says_no():
    needs, offers = people(12, "n"), people(4, "o")
    rows, columns = (part.ravel() for part in np.indices((12, 3)))
    matcher = Matcher(mentoring()).fit(needs, offers)
    answers = Answers(matcher, ("topics", "industries")).fit(needs, offers, rows, columns, columns != 1)

    yes, no, never = answers.scores(needs, offers, np.array([3, 3, 3]), np.array([0, 1, 3]))

    assert yes > never > no


def write(path, rows):
    with gzip.open(path, "wt", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, rows[0].keys())
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("foretold_from", [100, 10_000])
def test_a_folder_of_mentoring_pairs_is_measured_within_each_mentee(tmp_path, monkeypatch, foretold_from):
    monkeypatch.setattr(evaluated, "FORETOLD_FROM", foretold_from)
    for who, count in (("mentee", 30), ("mentor", 9)):
        write(
            tmp_path / f"mentor_{who}s.csv.gz",
            [
                {
                    f"{who}_id": f"{who}{i}",
                    f"{who}_major": "Law",
                    f"{who}_help_topics": TOPICS[i % 3],
                    f"{who}_experitse": "Health",
                }
                for i in range(count)
            ],
        )
    pairs = [
        {
            "mentee_id": f"mentee{i}",
            "mentor_id": f"mentor{j}",
            "final_match": int(i % 3 == j % 3),
            "split": "dev" if i > 20 else "train",
        }
        for i in range(30)
        for j in range(9)
    ]
    write(tmp_path / "mentor_pairs.csv.gz", pairs)

    result = evaluate_mentors(tmp_path, draws=20)["methods"]

    assert result["matchhub"]["auc_within_mentee"]["mean"] > 0.95
    assert result["random"]["auc_within_mentee"]["mean"] < 0.8


def test_neighbours_bring_texts_of_one_trade_together(tmp_path):
    trades = (("心电监测", "血糖仪器", "医院"), ("碳纤维", "复合材料", "轻量化"))
    random = np.random.default_rng(0)
    texts = ["".join(random.permutation(trades[i % 2])[:2]) + f"第{i}家" for i in range(FEWEST_KNOWN + 20)]

    plain, read = (Reader(neighbours).fit(texts) for neighbours in (0, 5))
    one, other = "心电监测", "血糖仪器"

    def alike(reader):
        return float((reader.read([one]) @ reader.read([other]).T).toarray()[0, 0])

    assert plain.known_ is None
    assert alike(read) > alike(plain) + 0.05
    write(
        tmp_path / "zh_companies.csv.gz",
        [{"text": text, "industry": str(at % 2), "sub_industry": str(at % 2)} for at, text in enumerate(texts)],
    )
    assert evaluate_texts(tmp_path, draws=10)["methods"]["matchhub"]["precision@10 industry"]["mean"] > 0.9


def test_on_public_records_neighbours_read_chinese_better(bench):
    assert evaluate_texts(bench, draws=10)["gain"] == pytest.approx(0.03, abs=0.015)
