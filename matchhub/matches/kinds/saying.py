"""Parts of a sentence and the sentences that every kind can use: one fact, both sides' values, in the words of its reader.

Pure: a reason is a msgid and its values; the views translate both.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from matchhub.core.labels import N_
from matchhub.listings.enums import PairingKind
from matchhub.matches.comparison import Fact
from matchhub.matches.enums import Side

STRONG = 0.55
STRONG_AT: Mapping[str, float] = {
    "round": 1.0, "responsiveness": 0.4, "track_record": 0.25, "stage": 1.0, "payout": 0.4, "wishes": 1.0, "rate": 1.0,
    "answers": 0.5,
}  # fmt: skip
"""From which value a fact speaks for a pair; a past like the pairs that were made is worth 1/3."""
ANY = "*"
FIRM, GIVER = Side.NEED, Side.OFFER
Both = tuple[str, str]
"""The sentence for the firm and the one for the other side."""


@dataclass(frozen=True, slots=True)
class Words:
    """Codes of a dictionary, to be shown as their labels."""

    dictionary: str
    codes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Money:
    """A range of 元."""

    low: int | None
    high: int | None


@dataclass(frozen=True, slots=True)
class Rate:
    """A yearly rate in basis points."""

    basis_points: int


@dataclass(frozen=True, slots=True)
class Month:
    """A month of a year."""

    day: date


@dataclass(frozen=True, slots=True)
class Asked:
    """A structured admission fact of a product: what a firm must show."""

    field: str
    op: str
    value: Any


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence: msgid, values, and whether it speaks for (why), against (why-not) or tells of silence (unknown)."""

    topic: str
    tone: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose words are used and what the reader may see: the amount asked for (exact only for the own need or with
    consent), and the need's text as far as it is open to the reader."""

    side: Side
    asked: tuple[int | None, int | None] = (None, None)
    open_text: str = ""
    kind: PairingKind = PairingKind.EQUITY

    def of(self, both: Both) -> str:
        """The sentence for this reader."""
        return both[self.side is GIVER]


Saying = Callable[[Fact, Sight], Reason | None]


def is_strong(topic: str, value: float) -> bool:
    """Whether a fact of this value speaks for the pair; below it speaks against it, whatever its sentence."""
    return value >= strong_from(topic)


def strong_from(topic: str) -> float:
    """The value from which on a fact speaks for the pair."""
    return STRONG_AT.get(topic, STRONG)


def tone_of(fact: Fact) -> str:
    """why or why-not."""
    return "why" if is_strong(fact.topic, fact.value or 0.0) else "why-not"


def codes_of(evidence: Mapping[str, Any], side: str) -> tuple[str, ...]:
    """What a side ("need", "offer") has chosen; empty for 不限."""
    return tuple(code for code in evidence.get(side, ()) if code != ANY)


def nearest(evidence: Mapping[str, Any]) -> tuple[str, str] | None:
    """The nearest pair of codes."""
    pairs = evidence.get("nearest") or ()
    return tuple(pairs[0]) if pairs else None


def chosen(topic: str, dictionary: str, *, anything: Both, why: Both, why_not: Both, most: int = 2) -> Saying:
    """Sentences about codes of both sides. `why` may name %(common)s, the code of the firm that is met; `why_not` names
    %(own)s and %(wanted)s, or one of them."""

    def say(fact: Fact, sight: Sight) -> Reason:
        own, wanted = codes_of(fact.evidence, "need"), codes_of(fact.evidence, "offer")
        if ANY in fact.evidence.get("offer", ()) or not wanted:
            return Reason(topic, "why", sight.of(anything))
        tone, near = tone_of(fact), nearest(fact.evidence)
        message = sight.of(why if tone == "why" else why_not)
        values = {
            "common": Words(dictionary, (near[0],) if near else (own or wanted)[:1]),
            "own": Words(dictionary, own[:most]),
            "wanted": Words(dictionary, wanted[:most]),
        }
        return Reason(topic, tone, message, {name: v for name, v in values.items() if f"%({name})s" in message})

    return say


def text(fact: Fact, sight: Sight) -> Reason | None:
    """Words that both texts use, as far as the reader may read them."""
    open_text = sight.open_text.lower()
    common = [word for word in fact.evidence.get("common", ()) if word in open_text and not word.isdecimal()]
    common = [word for word in common if not any(word != other and word in other for other in common)]
    tone = tone_of(fact)
    if common:
        message = (
            N_("双方都提到「%(words)s」。") if tone == "why" else N_("两边的说明重合不多，只都提到「%(words)s」。")
        )
        return Reason("text", tone, message, {"words": "、".join(common[:2])})
    if sight.side is GIVER:
        return None  # what speaks here is text that the reader may not see
    return Reason("text", tone, N_("双方的介绍相近。") if tone == "why" else N_("双方的介绍少有相同的词。"))


FEWEST_ANSWERS = 5
ANSWERS = "answers"
ANSWERS_TOPIC = N_("以往回应")


def answers(fact: Fact, sight: Sight) -> Reason | None:
    """How introductions to needs like this one were answered: in numbers to the offer's owner, whose they are; to a firm in
    words, and only where there were enough that nobody's own answer can be read off."""
    tone, said = tone_of(fact), fact.evidence
    if sight.side is GIVER:
        values = {"yes": said.get("yes", 0), "no": said.get("no", 0)}
        if not any(values.values()):
            return None
        return Reason(ANSWERS, tone, N_("和相近的需求，同意过 %(yes)s 次，没有同意 %(no)s 次。"), values)
    if said.get("answered", 0) < FEWEST_ANSWERS:
        return None
    message = N_("相近的需求找对方，多半双方同意。") if tone == "why" else N_("相近的需求找对方，多半没有同意。")
    return Reason(ANSWERS, tone, message)


def responsiveness(fact: Fact, sight: Sight) -> Reason:
    """How soon the other side answers."""
    soon = N_("对方约 %(days)s 天回复。"), N_("你约 %(days)s 天回复。")
    late = N_("对方要约 %(days)s 天才回复。"), N_("你要约 %(days)s 天才回复。")
    tone = tone_of(fact)
    days = max(1, round(fact.evidence.get("offer") or 0))
    return Reason("responsiveness", tone, sight.of(soon if tone == "why" else late), {"days": days})
