"""From a comparison to sentences: one fact, both sides' values, in the words of the side that reads it.

Pure: a reason is a msgid and its values; templates translate both. Built from what the reader may see, and from nothing
else: what is hidden from the reader has no sentence, and its points go to 其他因素. What is said of each fact stands with
its kind of pairing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from matchhub.core.labels import N_
from matchhub.matches.comparison import Comparison, Fact, Refusal
from matchhub.matches.enums import Side
from matchhub.matches.kinds import Kind, KINDS, spoken_of
from matchhub.matches.kinds.saying import Asked, is_strong, Money, Month, Rate, Reason, Sight, Words

MOST_POINTS = 5
OTHER = N_("其他因素")


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the waterfall; a silent fact has no points."""

    topic: str
    points: int | None
    reason: Reason | None = None


def kind_of(sight: Sight) -> Kind:
    """The kind of the pair that is read about."""
    return KINDS[sight.kind]


def topic_label(topic: str, sight: Sight) -> str:
    """What a fact is called."""
    return kind_of(sight).topics.get(topic, OTHER)


def said(fact: Fact, sight: Sight) -> Reason | None:
    """The sentence about one fact; None where the reader may not see what it stands on."""
    return spoken_of(kind_of(sight), fact, sight)


def whys(facts: Sequence[Fact], sight: Sight, most: int = MOST_POINTS) -> list[Reason]:
    """What speaks for the pair, the most telling first: that without which the pair would fall furthest."""
    ranked = sorted(facts, key=lambda fact: -fact.matters)
    found = (said(fact, sight) for fact in ranked if fact.value is not None)
    return list(islice((reason for reason in found if reason is not None and reason.tone == "why"), most))


def lacks(facts: Sequence[Fact], sight: Sight) -> list[Reason]:
    """What speaks against the pair, the worst first."""
    return list(_lacking(facts, sight))


def _lacking(facts: Sequence[Fact], sight: Sight) -> Iterator[Reason]:
    """The same, said one by one: a list shows the first."""
    spoken = sorted((f for f in facts if f.value is not None), key=lambda fact: fact.value or 0.0)
    found = (said(fact, sight) for fact in spoken)
    return (reason for reason in found if reason is not None and reason.tone == "why-not")


def unknowns(facts: Sequence[Fact], sight: Sight) -> list[Reason]:
    """What is not known of either side."""
    found = [said(fact, sight) for fact in facts if fact.value is None]
    return [reason for reason in found if reason is not None]


def open_rules(comparison: Comparison) -> list[Fact]:
    """The rules that cannot be judged yet, as facts without a value."""
    return [Fact(c.rule, None, 0.0, c.cause, ("need",)) for c in comparison.checks if c.outcome == "maybe"]


def additions(comparison: Comparison, sight: Sight) -> list[Reason]:
    """What the reader could fill in: only facts on which the reader's own side is silent."""
    own = "need" if sight.side is Side.NEED else "offer"
    asked = kind_of(sight).additions[sight.side]
    return [
        Reason(fact.topic, "add", asked[fact.topic])
        for fact in comparison.facts
        if fact.value is None and own in fact.silent and fact.topic in asked
    ]


def waterfall(comparison: Comparison, sight: Sight) -> list[Bar]:
    """At most five facts with whole points, the rest and what the reader may not see summed as 其他因素, then the silent
    ones without points. The points add up to the score."""
    facts = {fact.topic: fact for fact in comparison.facts}
    bars: list[Bar] = []
    other = 0
    for topic, points in sorted(comparison.points.items(), key=lambda item: -item[1]):
        reason = said(facts[topic], sight)
        if reason is None or len(bars) >= MOST_POINTS or points == 0:
            other += points
        else:
            bars.append(Bar(topic, points, reason))
    if other:
        bars.append(Bar("other", other))
    silent = [Bar(fact.topic, None, said(fact, sight)) for fact in comparison.facts if fact.value is None]
    return bars + silent


def shortlist(facts: Sequence[Fact], sight: Sight) -> list[Reason]:
    """For a row of a list: two reasons and one weak point."""
    weak = next(_lacking(facts, sight), None) or next(iter(unknowns(facts, sight)), None)
    return [*whys(facts, sight, 2), *([weak] if weak else [])]


def checks(comparison: Comparison, sight: Sight) -> Sequence[tuple[str, Reason]]:
    """(outcome, condition) of every condition that the offer states, for a kind that tells them one by one."""
    tell = kind_of(sight).checks
    return tell(comparison.checks, sight) if tell else ()


# --- what a hard rule says ---------------------------------------------------------------------------------------

EXCLUSIONS: Mapping[str, str] = {
    "in_progress": N_("已经在对接中。"),
    "engaged": N_("已经在合作中。"),
    "conflict": N_("双方有利益关系，不能辅导。"),
    "cooling_off": N_("还在间隔期内，到期后可再申请。"),
}
PLAIN_EXCLUSION = N_("这一对暂时不能申请对接。")
SILENT_RULES = frozenset({"standing", "exclusion"})
"""Rules whose failure is not told in a list; exclusions stay on the pair page."""


def refusal(comparison: Comparison, failed: Refusal, sight: Sight) -> Reason:
    """Why a rule keeps the pair apart. Never that the other side refused, blocked or put the pair away."""
    if failed.rule == "exclusion":
        return Reason("other", "why-not", EXCLUSIONS.get(str(failed.cause.get("reason")), PLAIN_EXCLUSION))
    rules = kind_of(sight).rules
    if failed.rule in rules:
        return Reason(failed.rule, "why-not", sight.of(rules[failed.rule]))
    fact = next((fact for fact in comparison.facts if fact.topic == failed.rule), None)
    reason = said(fact or Fact(failed.rule, 0.0, 0.0, failed.cause), sight)
    return reason or Reason("other", "why-not", PLAIN_EXCLUSION)


def refusals(comparison: Comparison, sight: Sight) -> Sequence[Reason]:
    """Why a pair fails, one sentence a rule."""
    return [refusal(comparison, failed, sight) for failed in comparison.failed]


def is_told(rule: str) -> bool:
    """Whether a list says that this rule keeps a pair away."""
    return rule not in SILENT_RULES


__all__ = [
    "Asked", "Bar", "Money", "Month", "Rate", "Reason", "Sight", "Words", "additions", "checks", "is_strong", "is_told",
    "kind_of", "lacks", "open_rules", "refusal", "refusals", "said", "shortlist", "topic_label", "unknowns", "waterfall",
    "whys",
]  # fmt: skip
