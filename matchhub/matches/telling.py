"""What is stored of a pair so that lists need no matcher: the facts that a row may speak of, as plain JSON.

A row shows two reasons and one weak point. Which of them the reader may see is decided when the row is shown; so a little
more is kept (`engine.speaking`): the three strongest facts, the two weakest, and who is silent on what.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from matchhub.matches.comparison import Fact

PLAIN = frozenset((str, int, float, bool, type(None)))
Stored = list[Any]


def stored(fact: Fact) -> Stored:
    """[topic, value, contribution, who is silent, evidence]."""
    value = None if fact.value is None else round(fact.value, 4)
    return [fact.topic, value, round(fact.contribution, 4), list(fact.silent), plain(fact.evidence)]


def plain(evidence: Mapping[str, Any]) -> dict[str, Any]:
    """What both sides said as JSON has it."""
    return {name: part if type(part) in PLAIN else _plain(part) for name, part in evidence.items() if part is not None}


def _plain(part: Any) -> Any:
    if isinstance(part, tuple | list):
        return [inner if type(inner) in PLAIN else _plain(inner) for inner in part]
    if isinstance(part, date):
        return part.isoformat()
    if isinstance(part, Mapping):
        return {name: _plain(value) for name, value in part.items()}
    return part


def read(rows: Sequence[Stored] | None) -> Iterator[Fact]:
    """The facts of a stored row."""
    for topic, value, contribution, silent, said in rows or ():
        evidence = dict(said)
        if latest := evidence.get("latest"):
            evidence["latest"] = date.fromisoformat(latest)
        yield Fact(topic, value, contribution, evidence, tuple(silent))
