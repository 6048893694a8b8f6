"""What is stored of a pair so that lists need no matcher: the facts that a row may speak of, as plain JSON.

A row shows two reasons and one weak point. Which of them the reader may see is decided when the row is shown; so a little
more is kept: the three strongest facts, the two weakest, and who is silent on what.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from matchhub.matches.comparison import Fact
from matchhub.matches.kinds.saying import is_strong

STRONGEST, WEAKEST = 3, 2
Stored = list[Any]


def chosen(facts: Sequence[Fact]) -> list[Fact]:
    """The speaking facts that a row may tell of: the strongest by what they add, the weakest by their value."""
    spoken = [fact for fact in facts if fact.value is not None]
    strong = sorted((f for f in spoken if is_strong(f.topic, f.value or 0.0)), key=lambda fact: -fact.contribution)
    weak = sorted((f for f in spoken if not is_strong(f.topic, f.value or 0.0)), key=lambda fact: fact.value or 0.0)
    return [*strong[:STRONGEST], *weak[:WEAKEST]]


def stored(fact: Fact) -> Stored:
    """[topic, value, contribution, who is silent, evidence]."""
    value = None if fact.value is None else round(fact.value, 4)
    said = {name: _plain(part) for name, part in fact.evidence.items() if part is not None}
    return [fact.topic, value, round(fact.contribution, 4), list(fact.silent), said]


def _plain(part: Any) -> Any:
    if isinstance(part, date):
        return part.isoformat()
    if isinstance(part, Mapping):
        return {name: _plain(value) for name, value in part.items()}
    return [_plain(value) for value in part] if isinstance(part, tuple | list) else part


def read(rows: Sequence[Stored] | None) -> Iterator[Fact]:
    """The facts of a stored row."""
    for topic, value, contribution, silent, said in rows or ():
        evidence = dict(said)
        if latest := evidence.get("latest"):
            evidence["latest"] = date.fromisoformat(latest)
        yield Fact(topic, value, contribution, evidence, tuple(silent))
