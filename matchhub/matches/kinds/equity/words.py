"""What is said of a need for equity and a mandate: to the firm, and to the investor."""

from collections.abc import Mapping, Sequence

from matchhub.core.labels import N_
from matchhub.listings.models import EquityNeed, InvestmentMandate, Need, Offer
from matchhub.matches.comparison import Fact
from matchhub.matches.enums import Side
from matchhub.matches.kinds.kind import Counted, Mending, Part
from matchhub.matches.kinds.listed import Asking, Offering
from matchhub.matches.kinds.saying import (
    ANSWERS,
    answers,
    ANSWERS_TOPIC,
    Both,
    codes_of,
    FIRM,
    GIVER,
    Money,
    Month,
    nearest,
    Reason,
    responsiveness,
    Saying,
    Sight,
    text,
    tone_of,
    Words,
)

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
    ANSWERS: ANSWERS_TOPIC,
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
    GIVER: {
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

SILENT: Mapping[Side, Mapping[str, Both]] = {
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
    GIVER: {
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


ELSEWHERE: Mapping[Side, str] = {
    FIRM: N_("对方多看%(wanted)s，你在%(own)s。"),
    GIVER: N_("你多看%(wanted)s，对方在%(own)s。"),
}


def _industry(fact: Fact, sight: Sight) -> Reason:
    own, wanted = codes_of(fact.evidence, "need"), codes_of(fact.evidence, "offer")
    near = nearest(fact.evidence)
    if not wanted:
        return Reason("industry", "why", N_("对方不限行业。") if sight.side is FIRM else N_("你不限行业。"))
    if near is not None and tone_of(fact) == "why":
        common = near[0] if near[0] == near[1] else near[1] if near[0].startswith(near[1]) else near[0].split(".")[0]
        shared = {"field": Words("industries", (common,))}
        return Reason("industry", "why", N_("你们都在%(field)s。"), shared)
    values = {"wanted": Words("industries", wanted[:2]), "own": Words("industries", own[:1])}
    return Reason("industry", tone_of(fact), ELSEWHERE[sight.side], values)


def _round(fact: Fact, sight: Sight) -> Reason:
    own, wanted = codes_of(fact.evidence, "need"), codes_of(fact.evidence, "offer")
    if not wanted:
        return Reason("round", "why", N_("对方不限阶段。") if sight.side is FIRM else N_("你不限阶段。"))
    values = {"own": Words("rounds", own[:1]), "wanted": Words("rounds", wanted[:3])}
    if tone_of(fact) == "why":
        message = N_("你在%(own)s，对方投这一轮。") if sight.side is FIRM else N_("对方在%(own)s，你投这一轮。")
        return Reason("round", "why", message, {"own": values["own"]})
    message = N_("对方投%(wanted)s，你在%(own)s。") if sight.side is FIRM else N_("你投%(wanted)s，对方在%(own)s。")
    return Reason("round", "why-not", message, values)


def _amount(fact: Fact, sight: Sight) -> Reason:
    ticket = fact.evidence.get("offer", (None, None))
    values = {"asked": Money(*sight.asked), "ticket": Money(*(None if end is None else int(end) for end in ticket))}
    ours, theirs = N_("你要 %(asked)s，对方单笔 %(ticket)s。"), N_("对方要 %(asked)s，你单笔 %(ticket)s。")
    if tone_of(fact) == "why-not":
        ours = N_("对方单笔 %(ticket)s，和你要的 %(asked)s有差距。")
        theirs = N_("你单笔 %(ticket)s，和对方要的 %(asked)s有差距。")
    return Reason("amount", tone_of(fact), ours if sight.side is FIRM else theirs, values)


def _region(fact: Fact, sight: Sight) -> Reason:
    own, wanted = codes_of(fact.evidence, "need"), codes_of(fact.evidence, "offer")
    if not wanted:
        return Reason("region", "why", N_("对方不限地区。") if sight.side is FIRM else N_("你不限地区。"))
    near = nearest(fact.evidence)
    place = Words("regions", own[:1])
    if tone_of(fact) == "why-not":
        return Reason(
            "region", "why-not", ELSEWHERE[sight.side], {"own": place, "wanted": Words("regions", wanted[:2])}
        )
    values = {"own": place, "wanted": Words("regions", (near[1],) if near else wanted[:2])}
    message = N_("你在%(own)s，对方看%(wanted)s。") if sight.side is FIRM else N_("对方在%(own)s，你看%(wanted)s。")
    return Reason("region", "why", message, values)


def _qualification(fact: Fact, sight: Sight) -> Reason:
    wanted, near = codes_of(fact.evidence, "offer"), nearest(fact.evidence)
    if not wanted:
        return Reason("qualification", "why", N_("对方不限资质。") if sight.side is FIRM else N_("你不限资质。"))
    if near is not None and tone_of(fact) == "why":
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
    GIVER: {
        "industries": N_("你投过 %(count)s 笔，相近的一笔同行业，在 %(month)s。"),
        "region": N_("你投过 %(count)s 笔，相近的一笔同地区，在 %(month)s。"),
        "round": N_("你投过 %(count)s 笔，相近的一笔同轮次，在 %(month)s。"),
    },
}


def _track_record(fact: Fact, sight: Sight) -> Reason:
    count, like = int(fact.evidence.get("rounds", 0)), str(fact.evidence.get("like", ""))
    tone = tone_of(fact)
    if tone == "why" and like:
        month = Month(fact.evidence["latest"])
        return Reason("track_record", "why", LIKE[sight.side][like], {"count": count, "month": month})
    some = N_("对方投过 %(count)s 笔，有的和你相近。"), N_("你投过 %(count)s 笔，有的和对方相近。")
    few = N_("对方投过 %(count)s 笔，与你相近的不多。"), N_("你投过 %(count)s 笔，与对方相近的不多。")
    message = (some if tone == "why" else few)[sight.side is GIVER]
    return Reason("track_record", tone, message, {"count": count})


def _instrument(fact: Fact, sight: Sight) -> Reason:
    near, wanted = nearest(fact.evidence), codes_of(fact.evidence, "offer")
    if tone_of(fact) == "why":
        name = Words("instruments", (near[0],) if near else (codes_of(fact.evidence, "need") or wanted)[:1])
        return Reason("instrument", "why", N_("双方都接受%(name)s。"), {"name": name})
    message = N_("对方只做%(wanted)s，你没有选。") if sight.side is FIRM else N_("你只做%(wanted)s，对方没有选。")
    return Reason("instrument", "why-not", message, {"wanted": Words("instruments", wanted[:2])})


SAYINGS: Mapping[str, Saying] = {
    "industry": _industry,
    "round": _round,
    "amount": _amount,
    "region": _region,
    "text": text,
    "qualification": _qualification,
    "track_record": _track_record,
    "instrument": _instrument,
    "responsiveness": responsiveness,
    ANSWERS: answers,
}

RULES: Mapping[str, Both] = {
    "standing": (N_("对方已暂停。"), N_("你的意向已暂停。")),
    "capacity": (N_("对方本月名额已满，下月 1 日起可申请。"), N_("你本月的名额已满。")),
    "excluded_industry": (N_("对方不投你所在的行业。"), N_("你写明不投这个行业。")),
    "terms": (N_("对方要求的条件，你写明不接受。"), N_("对方不接受你要求的条件。")),
    "dilution": (N_("对方要的股比超过你的上限。"), N_("你要的股比超过对方的上限。")),
}

MENDING = Mending(
    need={
        "industry": (2, "industries"),
        "round": (2, "round_code"),
        "amount": (1, "amount_max_yuan"),
        "text": (2, "statement"),
        "instrument": (2, "instruments"),
    },
    profile={"region": (1, "region_code"), "qualification": (3, "qualifications")},
    offer={
        "industry": "industries",
        "round": "rounds",
        "amount": "ticket_max_yuan",
        "region": "regions",
        "text": "statement",
        "qualification": "qualifications",
        "instrument": "instruments",
        "responsiveness": "reply_days",
    },
    giver_profile=frozenset({"track_record"}),
)
COUNTED = Counted(
    offers=N_("%(count)s机构符合"),
    needs=N_("%(count)s企业符合"),
    few=N_("不足 5 家"),
    about=N_("约 %(number)s 家"),
)
MUTUAL: Both = (N_("对方也在找你这样的企业。"), N_("对方也在找你这样的机构。"))


def need_line(need: Need | Asking) -> Sequence[Part]:
    """Field and round; the amount is added where the reader may see it."""
    round_code = need.round_code if isinstance(need, EquityNeed | Asking) else None
    return (Words("industries", tuple(need.industries[:1])), Words("rounds", (round_code,) if round_code else ()))


def offer_line(offer: Offer | Offering) -> Sequence[Part]:
    """Kind and ticket."""
    parts: list[Part] = [Reason("kind", "", N_("投资机构"))]
    if isinstance(offer, InvestmentMandate | Offering) and (offer.ticket_min_yuan or offer.ticket_max_yuan):
        ticket = Money(offer.ticket_min_yuan, offer.ticket_max_yuan)
        parts.append(Reason("amount", "", N_("单笔 %(ticket)s"), {"ticket": ticket}))
    return parts
