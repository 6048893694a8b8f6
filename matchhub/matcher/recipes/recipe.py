"""A kind of pairing: which rules and features it has, and its weights."""

from dataclasses import dataclass

from matchhub.matcher.features import Feature
from matchhub.matcher.reranking.reranker import Schedule
from matchhub.matcher.rules import Rule
from matchhub.matcher.weights import Weights


@dataclass(frozen=True, slots=True)
class Recipe:
    """A kind of pairing. `amount` names the columns of the need's range, which the advice may move (`ticket` those of the
    offer's); `history` the feature that learns from the past and earns weight with it; `second` what the second stage
    learns from, None for none; `alike` the columns of codes by which needs are alike where answers to proposals are heard."""

    name: str
    rules: tuple[Rule, ...]
    features: tuple[Feature, ...]
    weights: Weights
    amount: tuple[str, str] | None = None
    ticket: tuple[str, str] | None = None
    history: str | None = None
    second: Schedule | None = None
    alike: tuple[str, ...] = ()
