"""Typed words as a need: which offers answer them, by the same texts and codes as a written need."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from numpy.typing import NDArray

from matchhub.matcher.features import CodeFit, Feature
from matchhub.matcher.table import Bools, Table
from matchhub.matcher.text import TextFit

if TYPE_CHECKING:
    from matchhub.matcher.engine import Matcher

Values: TypeAlias = NDArray[np.float32]
LOOKED_AT = 60
"""How many of the nearest are looked through for words that both use."""

LEAST_TEXT, LEAST_CODE = 0.3, 0.6
"""From which value the words, and every code that was meant, make an offer an answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A row of the offers, how well it answers in [0, 1], and the words that both use."""

    row: int
    score: float
    words: tuple[str, ...]


def answering(matcher: Matcher, asked: Table, offers: Table, k: int) -> list[Answer]:
    """The best k offers for what was typed (a table of one row with `text` and the codes that it names), best first.

    Only texts and codes are compared, and only those that the typed words speak of: what an offer is silent on counts as
    nothing here, for a search wants what is there. Offers that neither share a word nor meet every code are left out.
    """
    if len(asked) != 1:
        raise ValueError("answering takes one question")
    parts = [part for part in matcher.features_ if isinstance(part, CodeFit | TextFit) and _speaks(part, asked)]
    if not parts or not len(offers):
        return []
    values = [np.nan_to_num(part.compare(asked, offers)[0]) for part in parts]
    weights = [matcher.version.a.get(part.name, 0) + matcher.version.b.get(part.name, 0) for part in parts]
    total = np.zeros(len(offers), dtype=np.float32)
    for value, weight in zip(values, weights, strict=True):
        total += np.float32(weight / max(sum(weights), 1e-9)) * value
    met, said = _met(parts, values), _said(parts, values)
    found = np.flatnonzero(met | said)
    best = found[np.argsort(-total[found], kind="stable")][:LOOKED_AT]
    text = next((part for part in parts if isinstance(part, TextFit)), None)
    shared = (
        [()] * len(best)
        if text is None
        else [tuple(one["common"]) for one in text.evidences(asked, offers, [(0, int(row)) for row in best])]
    )
    held = zip(best.tolist(), shared, strict=True)
    return [Answer(row, float(total[row]), words) for row, words in held if words or met[row]][:k]


def well_read(matcher: Matcher, said: Table) -> Matcher:
    """The same matcher, for `answering` alone, with texts read by the words that stand in these."""
    reading = copy(matcher)
    reading.forget()
    reading.features_ = tuple(
        replace(part).fit(Table(()), said, None) if isinstance(part, TextFit) else part for part in matcher.features_
    )
    return reading


def _speaks(part: Feature, asked: Table) -> bool:
    return bool(part.needs_speak(asked)[0])


def _said(parts: list[CodeFit | TextFit], values: list[Values]) -> Bools:
    """(n_offers,) whether the texts are near enough to look for words that both use."""
    near = [value >= LEAST_TEXT for part, value in zip(parts, values, strict=True) if isinstance(part, TextFit)]
    return np.logical_or.reduce([np.zeros(values[0].shape, dtype=bool), *near])


def _met(parts: list[CodeFit | TextFit], values: list[Values]) -> Bools:
    """(n_offers,) whether every code that was meant is met; nothing is where none was."""
    met = [value >= LEAST_CODE for part, value in zip(parts, values, strict=True) if not isinstance(part, TextFit)]
    return np.logical_and.reduce(met) if met else np.zeros(values[0].shape, dtype=bool)
