"""From a comparison to sentences: one fact, both sides' values, in the words of the side that reads it.

Pure: a reason is a msgid and its values; templates translate both. Built from what the reader may see, and from nothing
else: what is hidden from the reader has no sentence, and its points go to 其他因素.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from matchhub.core.labels import N_
from matchhub.matches.comparison import Comparison, Fact, Refusal
from matchhub.matches.enums import Side

MOST_POINTS = 5
STRONG = 0.55
STRONG_AT: Mapping[str, float] = {"round": 1.0, "responsiveness": 0.4, "track_record": 0.25}
"""From which value a fact speaks for a pair; a past like the pairs that were made is worth 1/3."""
ANY = "*"
FIRM, FUND = Side.NEED, Side.OFFER


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
class Month:
    """A month of a year."""

    day: date


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence: msgid, values, and whether it speaks for (why), against (why-not) or tells of silence (unknown)."""

    topic: str
    tone: str
    message: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Bar:
    """One line of the waterfall; a silent fact has no points."""

    topic: str
    points: int | None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose words are used and what the reader may see: the amount asked for (exact only for the own need or with
    consent), and the need's text as far as it is open to the reader."""

    side: Side
    asked: tuple[int | None, int | None] = (None, None)
    open_text: str = ""


TOPICS: Mapping[str, str] = {
    "industry": N_("行业"),
    "round": N_("阶段"),
    "amount": N_("金额"),
    "region": N_("地区"),
    "text": N_("业务"),
    "qualification": N_("资质"),
    "track_record": N_("过往投资"),
    "instrument": N_("融资方式"),
    "responsiveness": N_("回复"),
    "other": N_("其他因素"),
}

ADDITIONS: Mapping[Side, Mapping[str, str]] = {
    FIRM: {
        "industry": N_("补行业，可以多比一项。"),
        "round": N_("补阶段，能判断的机构会更多。"),
        "amount": N_("补融资金额，可以比单笔金额。"),
        "region": N_("补经营地区，可以比对方的投资地区。"),
        "text": N_("用两句话写产品和客户。"),
        "qualification": N_("补资质，可以比对方看重的资质。"),
        "instrument": N_("补融资方式。"),
    },
    FUND: {
        "industry": N_("写明关注的行业。"),
        "round": N_("写明投资阶段。"),
        "amount": N_("写明单笔金额。"),
        "region": N_("写明投资地区。"),
        "text": N_("用两句话写你看什么项目。"),
        "qualification": N_("写明看重的资质，没有就选不限。"),
        "track_record": N_("填几个过往案例。"),
        "responsiveness": N_("写明多久回复。"),
        "instrument": N_("写明接受的融资方式。"),
    },
}

SILENT: Mapping[Side, Mapping[str, tuple[str, str]]] = {
    FIRM: {
        "industry": (N_("你没写行业。"), N_("对方没写关注的行业。")),
        "round": (N_("你没写阶段。"), N_("对方没写投资阶段。")),
        "amount": (N_("你没写融资金额。"), N_("对方没写单笔金额。")),
        "region": (N_("你没写经营地区。"), N_("对方没写投资地区。")),
        "text": (N_("你的说明太短，比不出来。"), N_("对方的介绍太短，比不出来。")),
        "qualification": (N_("你没写资质。"), N_("对方没写看重的资质。")),
        "track_record": (N_("对方没有公开记录。"), N_("对方没有公开记录。")),
        "instrument": (N_("你没写融资方式。"), N_("对方没写接受的融资方式。")),
        "responsiveness": (N_("对方没写多久回复。"), N_("对方没写多久回复。")),
    },
    FUND: {
        "industry": (N_("对方没写行业。"), N_("你没写关注的行业。")),
        "round": (N_("对方没写阶段。"), N_("你没写投资阶段。")),
        "amount": (N_("对方没写融资金额。"), N_("你没写单笔金额。")),
        "region": (N_("对方没写经营地区。"), N_("你没写投资地区。")),
        "text": (N_("对方的说明太短，比不出来。"), N_("你的介绍太短，比不出来。")),
        "qualification": (N_("对方没写资质。"), N_("你没写看重的资质。")),
        "track_record": (N_("你还没有填过往案例。"), N_("你还没有填过往案例。")),
        "instrument": (N_("对方没写融资方式。"), N_("你没写接受的融资方式。")),
        "responsiveness": (N_("你没写多久回复。"), N_("你没写多久回复。")),
    },
}
"""What is said when the need's side, or only the offer's side, is silent."""


def is_strong(topic: str, value: float) -> bool:
    """Whether a fact of this value speaks for the pair; below it speaks against it, whatever its sentence."""
    return value >= STRONG_AT.get(topic, STRONG)


def _tone(fact: Fact) -> str:
    return "why" if is_strong(fact.topic, fact.value or 0.0) else "why-not"


def _codes(evidence: Mapping[str, Any], side: str) -> tuple[str, ...]:
    return tuple(code for code in evidence.get(side, ()) if code != ANY)


def _nearest(evidence: Mapping[str, Any]) -> tuple[str, str] | None:
    pairs = evidence.get("nearest") or ()
    return tuple(pairs[0]) if pairs else None


ELSEWHERE: Mapping[Side, str] = {
    FIRM: N_("对方多看%(wanted)s，你在%(own)s。"),
    FUND: N_("你多看%(wanted)s，对方在%(own)s。"),
}


def _industry(fact: Fact, sight: Sight) -> Reason:
    own, wanted = _codes(fact.evidence, "need"), _codes(fact.evidence, "offer")
    near = _nearest(fact.evidence)
    if not wanted:
        return Reason("industry", "why", N_("对方不限行业。") if sight.side is FIRM else N_("你不限行业。"))
    if near is not None and _tone(fact) == "why":
        common = near[0] if near[0] == near[1] else near[1] if near[0].startswith(near[1]) else near[0].split(".")[0]
        shared = {"field": Words("industries", (common,))}
        return Reason("industry", "why", N_("你们都在%(field)s。"), shared)
    values = {"wanted": Words("industries", wanted[:2]), "own": Words("industries", own[:1])}
    return Reason("industry", _tone(fact), ELSEWHERE[sight.side], values)


def _round(fact: Fact, sight: Sight) -> Reason:
    own, wanted = _codes(fact.evidence, "need"), _codes(fact.evidence, "offer")
    if not wanted:
        return Reason("round", "why", N_("对方不限阶段。") if sight.side is FIRM else N_("你不限阶段。"))
    values = {"own": Words("rounds", own[:1]), "wanted": Words("rounds", wanted[:3])}
    if _tone(fact) == "why":
        message = N_("你在%(own)s，对方投这一轮。") if sight.side is FIRM else N_("对方在%(own)s，你投这一轮。")
        return Reason("round", "why", message, {"own": values["own"]})
    message = N_("对方投%(wanted)s，你在%(own)s。") if sight.side is FIRM else N_("你投%(wanted)s，对方在%(own)s。")
    return Reason("round", "why-not", message, values)


def _amount(fact: Fact, sight: Sight) -> Reason:
    ticket = fact.evidence.get("offer", (None, None))
    values = {"asked": Money(*sight.asked), "ticket": Money(*(None if end is None else int(end) for end in ticket))}
    ours, theirs = N_("你要 %(asked)s，对方单笔 %(ticket)s。"), N_("对方要 %(asked)s，你单笔 %(ticket)s。")
    if _tone(fact) == "why-not":
        ours = N_("对方单笔 %(ticket)s，和你要的 %(asked)s有差距。")
        theirs = N_("你单笔 %(ticket)s，和对方要的 %(asked)s有差距。")
    return Reason("amount", _tone(fact), ours if sight.side is FIRM else theirs, values)


def _region(fact: Fact, sight: Sight) -> Reason:
    own, wanted = _codes(fact.evidence, "need"), _codes(fact.evidence, "offer")
    if not wanted:
        return Reason("region", "why", N_("对方不限地区。") if sight.side is FIRM else N_("你不限地区。"))
    near = _nearest(fact.evidence)
    place = Words("regions", own[:1])
    if _tone(fact) == "why-not":
        return Reason(
            "region", "why-not", ELSEWHERE[sight.side], {"own": place, "wanted": Words("regions", wanted[:2])}
        )
    values = {"own": place, "wanted": Words("regions", (near[1],) if near else wanted[:2])}
    message = N_("你在%(own)s，对方看%(wanted)s。") if sight.side is FIRM else N_("对方在%(own)s，你看%(wanted)s。")
    return Reason("region", "why", message, values)


def _text(fact: Fact, sight: Sight) -> Reason | None:
    open_text = sight.open_text.lower()
    common = [word for word in fact.evidence.get("common", ()) if word in open_text and not word.isdecimal()]
    common = [word for word in common if not any(word != other and word in other for other in common)]
    tone = _tone(fact)
    if common:
        message = (
            N_("双方都提到「%(words)s」。") if tone == "why" else N_("两边的说明重合不多，只都提到「%(words)s」。")
        )
        return Reason("text", tone, message, {"words": "、".join(common[:2])})
    if sight.side is FUND:
        return None  # what speaks here is text that the reader may not see
    return Reason("text", tone, N_("双方的介绍相近。") if tone == "why" else N_("双方的介绍少有相同的词。"))


def _qualification(fact: Fact, sight: Sight) -> Reason:
    wanted, near = _codes(fact.evidence, "offer"), _nearest(fact.evidence)
    if not wanted:
        return Reason("qualification", "why", N_("对方不限资质。") if sight.side is FIRM else N_("你不限资质。"))
    if near is not None and _tone(fact) == "why":
        message = N_("你是%(name)s，对方看重。") if sight.side is FIRM else N_("对方是%(name)s，你看重。")
        return Reason("qualification", "why", message, {"name": Words("qualifications", (near[0],))})
    message = N_("对方看重%(wanted)s，你还没有。") if sight.side is FIRM else N_("你看重%(wanted)s，对方还没有。")
    return Reason("qualification", "why-not", message, {"wanted": Words("qualifications", wanted[:2])})


LIKE: Mapping[Side, Mapping[str, str]] = {
    FIRM: {
        "industries": N_("对方投过 %(count)s 笔，相近的一笔同行业，在 %(month)s。"),
        "region": N_("对方投过 %(count)s 笔，相近的一笔同地区，在 %(month)s。"),
        "round": N_("对方投过 %(count)s 笔，相近的一笔同轮次，在 %(month)s。"),
    },
    FUND: {
        "industries": N_("你投过 %(count)s 笔，相近的一笔同行业，在 %(month)s。"),
        "region": N_("你投过 %(count)s 笔，相近的一笔同地区，在 %(month)s。"),
        "round": N_("你投过 %(count)s 笔，相近的一笔同轮次，在 %(month)s。"),
    },
}


def _track_record(fact: Fact, sight: Sight) -> Reason:
    count, like = int(fact.evidence.get("rounds", 0)), str(fact.evidence.get("like", ""))
    tone = _tone(fact)
    if tone == "why" and like:
        month = Month(fact.evidence["latest"])
        return Reason("track_record", "why", LIKE[sight.side][like], {"count": count, "month": month})
    some = N_("对方投过 %(count)s 笔，有的和你相近。"), N_("你投过 %(count)s 笔，有的和对方相近。")
    few = N_("对方投过 %(count)s 笔，与你相近的不多。"), N_("你投过 %(count)s 笔，与对方相近的不多。")
    message = (some if tone == "why" else few)[sight.side is FUND]
    return Reason("track_record", tone, message, {"count": count})


def _instrument(fact: Fact, sight: Sight) -> Reason:
    near, wanted = _nearest(fact.evidence), _codes(fact.evidence, "offer")
    if _tone(fact) == "why":
        name = Words("instruments", (near[0],) if near else (_codes(fact.evidence, "need") or wanted)[:1])
        return Reason("instrument", "why", N_("双方都接受%(name)s。"), {"name": name})
    message = N_("对方只做%(wanted)s，你没有选。") if sight.side is FIRM else N_("你只做%(wanted)s，对方没有选。")
    return Reason("instrument", "why-not", message, {"wanted": Words("instruments", wanted[:2])})


def _responsiveness(fact: Fact, sight: Sight) -> Reason:
    soon = N_("对方约 %(days)s 天回复。"), N_("你约 %(days)s 天回复。")
    late = N_("对方要约 %(days)s 天才回复。"), N_("你要约 %(days)s 天才回复。")
    message = (soon if _tone(fact) == "why" else late)[sight.side is FUND]
    return Reason("responsiveness", _tone(fact), message, {"days": max(1, round(fact.evidence.get("offer") or 0))})


SAYINGS: Mapping[str, Callable[[Fact, Sight], Reason | None]] = {
    "industry": _industry,
    "round": _round,
    "amount": _amount,
    "region": _region,
    "text": _text,
    "qualification": _qualification,
    "track_record": _track_record,
    "instrument": _instrument,
    "responsiveness": _responsiveness,
}


def said(fact: Fact, sight: Sight) -> Reason | None:
    """The sentence about one fact; None where the reader may not see what it stands on."""
    if fact.value is not None:
        return SAYINGS[fact.topic](fact, sight)
    need_silent, offer_silent = SILENT[sight.side][fact.topic]
    message = need_silent if "need" in fact.silent else offer_silent
    return Reason(fact.topic, "unknown", message)


def whys(facts: Sequence[Fact], sight: Sight, most: int = MOST_POINTS) -> list[Reason]:
    """What speaks for the pair, the most telling first."""
    ranked = sorted(facts, key=lambda fact: -fact.contribution)
    found = [said(fact, sight) for fact in ranked if fact.value is not None]
    return [reason for reason in found if reason is not None and reason.tone == "why"][:most]


def lacks(facts: Sequence[Fact], sight: Sight) -> list[Reason]:
    """What speaks against the pair, the worst first."""
    spoken = sorted((f for f in facts if f.value is not None), key=lambda fact: fact.value or 0.0)
    found = [said(fact, sight) for fact in spoken]
    return [reason for reason in found if reason is not None and reason.tone == "why-not"]


def unknowns(facts: Sequence[Fact], sight: Sight) -> list[Reason]:
    """What is not known of either side."""
    found = [said(fact, sight) for fact in facts if fact.value is None]
    return [reason for reason in found if reason is not None]


def additions(comparison: Comparison, sight: Sight) -> list[Reason]:
    """What the reader could fill in: only facts on which the reader's own side is silent."""
    own = "need" if sight.side is FIRM else "offer"
    asked = ADDITIONS[sight.side]
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
    weak = lacks(facts, sight) or unknowns(facts, sight)
    return [*whys(facts, sight, 2), *weak[:1]]


# --- what a hard rule says ---------------------------------------------------------------------------------------

RULES: Mapping[str, tuple[str, str]] = {
    "standing": (N_("对方已暂停。"), N_("你的意向已暂停。")),
    "capacity": (N_("对方本月名额已满，下月 1 日起可申请。"), N_("你本月的名额已满。")),
    "excluded_industry": (N_("对方不投你所在的行业。"), N_("你写明不投这个行业。")),
    "terms": (N_("对方要求的条件，你写明不接受。"), N_("对方不接受你要求的条件。")),
    "dilution": (N_("对方要的股比超过你的上限。"), N_("你要的股比超过对方的上限。")),
}
EXCLUSIONS: Mapping[str, str] = {
    "in_progress": N_("已经在对接中。"),
    "cooling_off": N_("还在间隔期内，到期后可再申请。"),
}
PLAIN_EXCLUSION = N_("这一对暂时不能申请对接。")


def refusal(comparison: Comparison, failed: Refusal, sight: Sight) -> Reason:
    """Why a rule keeps the pair apart. Never that the other side refused, blocked or put the pair away."""
    if failed.rule == "exclusion":
        return Reason("other", "why-not", EXCLUSIONS.get(str(failed.cause.get("reason")), PLAIN_EXCLUSION))
    if failed.rule in RULES:
        return Reason(failed.rule, "why-not", RULES[failed.rule][sight.side is FUND])
    fact = next((fact for fact in comparison.facts if fact.topic == failed.rule), None)
    reason = said(fact, sight) if fact is not None else None
    return reason or Reason("other", "why-not", PLAIN_EXCLUSION)


def refusals(comparison: Comparison, sight: Sight) -> Sequence[Reason]:
    """Why a pair fails, one sentence a rule."""
    return [refusal(comparison, failed, sight) for failed in comparison.failed]


TOLD_RULES = frozenset({"capacity", "excluded_industry", "terms", "dilution", *SAYINGS})
"""Rules whose failure is told in a list; exclusions stay on the pair page."""
