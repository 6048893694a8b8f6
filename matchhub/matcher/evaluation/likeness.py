"""Chinese texts: do the nearest neighbours of a firm share its sub-industry?"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from matchhub.matcher.evaluation.dataset import read
from matchhub.matcher.evaluation.metrics import Bootstrap, Interval, told
from matchhub.matcher.text import NEIGHBOURS, Reader

NEAREST = 10


def precision(vectors: sparse.csr_matrix, labels: list[str], bootstrap: Bootstrap) -> Interval:
    """The mean share of each text's NEAREST others that have its label, with an interval over the texts."""
    alike = np.asarray((vectors @ vectors.T).toarray(), dtype=np.float64)
    return _told(alike, labels, bootstrap)


def _told(alike: NDArray[np.float64], labels: list[str], bootstrap: Bootstrap) -> Interval:
    np.fill_diagonal(alike, -np.inf)
    near = np.argsort(-alike, axis=1, kind="stable")[:, :NEAREST]
    own = np.array(labels)
    shares = (own[near] == own[:, None]).mean(axis=1)
    counts = bootstrap.counts(len(own))
    return told(float(shares.mean()), counts @ shares / len(own))


def evaluate_texts(folder: Path, *, draws: int = 1000, seed: int = 0) -> dict[str, Any]:
    """The product's reader beside characters 1-2-gram TF-IDF and scikit-learn's default, which cannot read Chinese."""
    started = time.perf_counter()
    rows = read(folder / "zh_companies.csv.gz")
    texts = [row["text"] for row in rows]
    vectors = {
        "matchhub": Reader(NEIGHBOURS).fit(texts).read(texts),
        "matchhub without neighbours": Reader().fit(texts).read(texts),
        "characters-1-2": TfidfVectorizer(analyzer="char", ngram_range=(1, 2)).fit_transform(texts),
        "default tokenizer": TfidfVectorizer().fit_transform(texts),
    }
    bootstrap = Bootstrap(draws, seed)
    labels = {"sub_industry": [row["sub_industry"] for row in rows], "industry": [row["industry"] for row in rows]}
    methods = {
        name: {f"precision@{NEAREST} {label}": precision(vector, of, bootstrap) for label, of in labels.items()}
        for name, vector in vectors.items()
    }
    gain = (
        methods["matchhub"]["precision@10 sub_industry"]["mean"]
        - methods["characters-1-2"]["precision@10 sub_industry"]["mean"]
    )
    return {
        "dataset": "zh_companies",
        "window": "all",
        "task": "neighbours",
        "queries": len(rows),
        "candidates": len(rows),
        "methods": methods,
        "gain": round(gain, 4),
        "seconds": round(time.perf_counter() - started, 1),
    }
