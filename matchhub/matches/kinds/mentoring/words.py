"""What is said of a need for advice and a mentor: to the firm, and to the mentor."""

from collections.abc import Mapping, Sequence

from matchhub.core.labels import N_
from matchhub.listings.models import MentoringNeed, Mentorship, Need, Offer
from matchhub.matches.comparison import Fact
from matchhub.matches.enums import Side
from matchhub.matches.kinds.kind import Counted, Mending, Part
from matchhub.matches.kinds.listed import Asking, Offering
from matchhub.matches.kinds.saying import (
    ANSWERS,
    answers,
    ANSWERS_TOPIC,
    Both,
    chosen,
    FIRM,
    GIVER,
    Reason,
    responsiveness,
    Saying,
    Sight,
    text,
    Words,
)

TOPICS: Mapping[str, str] = {
    "topic": N_("话题"),
    "industry": N_("行业"),
    "stage": N_("发展阶段"),
    "region": N_("地区"),
    "mode": N_("见面方式"),
    "text": N_("业务"),
    "responsiveness": N_("回复"),
    ANSWERS: ANSWERS_TOPIC,
}
ADDITIONS: Mapping[Side, Mapping[str, str]] = {
    FIRM: {
        "topic": N_("选想请教的话题，才能比导师的专长。"),
        "industry": N_("补行业，可以多比一项。"),
        "stage": N_("补发展阶段。"),
        "region": N_("补经营地区，可以比导师能到的地方。"),
        "mode": N_("选见面方式。"),
        "text": N_("用两句话写想达到什么。"),
    },
    GIVER: {
        "topic": N_("写明擅长的话题。"),
        "industry": N_("写明熟悉的行业。"),
        "stage": N_("写明辅导哪个阶段。"),
        "region": N_("写明能到哪些地区。"),
        "mode": N_("写明见面方式。"),
        "text": N_("用两句话写你能帮上什么。"),
        "responsiveness": N_("写明多久回复。"),
    },
}
SILENT: Mapping[Side, Mapping[str, Both]] = {
    FIRM: {
        "topic": (N_("你没写想请教的话题。"), N_("对方没写擅长的话题。")),
        "industry": (N_("你没写行业。"), N_("对方没写熟悉的行业。")),
        "stage": (N_("你没写发展阶段。"), N_("对方没写辅导哪个阶段。")),
        "region": (N_("你没写经营地区。"), N_("对方没写能到哪些地区。")),
        "mode": (N_("你没写见面方式。"), N_("对方没写见面方式。")),
        "text": (N_("你的说明太短，比不出来。"), N_("对方的介绍太短，比不出来。")),
        "responsiveness": (N_("对方没写多久回复。"), N_("对方没写多久回复。")),
    },
    GIVER: {
        "topic": (N_("对方没写想请教的话题。"), N_("你没写擅长的话题。")),
        "industry": (N_("对方没写行业。"), N_("你没写熟悉的行业。")),
        "stage": (N_("对方没写发展阶段。"), N_("你没写辅导哪个阶段。")),
        "region": (N_("对方没写经营地区。"), N_("你没写能到哪些地区。")),
        "mode": (N_("对方没写见面方式。"), N_("你没写见面方式。")),
        "text": (N_("对方的说明太短，比不出来。"), N_("你的介绍太短，比不出来。")),
        "responsiveness": (N_("你没写多久回复。"), N_("你没写多久回复。")),
    },
}
SAYINGS: Mapping[str, Saying] = {
    "topic": chosen(
        "topic",
        "mentor_topics",
        anything=(N_("对方不限话题。"), N_("你不限话题。")),
        why=(N_("你想请教%(common)s，对方擅长。"), N_("对方想请教%(common)s，你擅长。")),
        why_not=(N_("你要%(own)s，对方讲%(wanted)s。"), N_("对方要%(own)s，你讲%(wanted)s。")),
    ),
    "industry": chosen(
        "industry",
        "industries",
        anything=(N_("对方不限行业。"), N_("你不限行业。")),
        why=(N_("你在%(common)s，对方熟悉。"), N_("对方在%(common)s，你熟悉。")),
        why_not=(N_("对方熟悉%(wanted)s，你在%(own)s。"), N_("你熟悉%(wanted)s，对方在%(own)s。")),
    ),
    "stage": chosen(
        "stage",
        "company_stages",
        anything=(N_("对方不限阶段。"), N_("你不限阶段。")),
        why=(N_("你在%(own)s，对方辅导这个阶段。"), N_("对方在%(own)s，你辅导这个阶段。")),
        why_not=(N_("对方辅导%(wanted)s，你在%(own)s。"), N_("你辅导%(wanted)s，对方在%(own)s。")),
    ),
    "region": chosen(
        "region",
        "regions",
        anything=(N_("对方不限地区。"), N_("你不限地区。")),
        why=(N_("你在%(common)s，对方能到。"), N_("对方在%(common)s，你能到。")),
        why_not=(N_("对方只到%(wanted)s，你在%(own)s。"), N_("你只到%(wanted)s，对方在%(own)s。")),
    ),
    "mode": chosen(
        "mode",
        "meeting_modes",
        anything=(N_("对方不限见面方式。"), N_("你不限见面方式。")),
        why=(N_("见面方式都选了%(common)s。"), N_("见面方式都选了%(common)s。")),
        why_not=(N_("对方选%(wanted)s，你选%(own)s。"), N_("你选%(wanted)s，对方选%(own)s。")),
    ),
    "text": text,
    "responsiveness": responsiveness,
    ANSWERS: answers,
}
RULES: Mapping[str, Both] = {
    "standing": (N_("对方已暂停。"), N_("你已暂停接受辅导。")),
    "registration": (N_("对方的导师备案已到期。"), N_("你的导师备案已到期。")),
    "capacity": (N_("对方名额已满，空出来后可申请。"), N_("你的名额已满。")),
    "excluded_industry": (N_("对方不辅导你所在的行业。"), N_("你写明不辅导这个行业。")),
}
UNREGISTERED: Both = (N_("对方的导师备案还没有核实。"), N_("你的导师备案还没有核实。"))


def rule_saying(fact: Fact, sight: Sight) -> Reason | None:
    """A registration that nobody has written down."""
    if fact.topic != "registration" or fact.value is not None:
        return None
    return Reason("registration", "unknown", sight.of(UNREGISTERED))


MENDING = Mending(
    need={
        "topic": (1, "topics"),
        "industry": (2, "industries"),
        "mode": (1, "meeting_modes"),
        "text": (2, "statement"),
    },
    profile={"region": (1, "region_code"), "stage": (1, "stage")},
    offer={
        "topic": "topics",
        "industry": "industries",
        "stage": "stages",
        "region": "regions",
        "mode": "meeting_modes",
        "text": "statement",
        "responsiveness": "reply_days",
    },
)
COUNTED = Counted(
    offers=N_("%(count)s导师符合"),
    needs=N_("%(count)s企业符合"),
    few=N_("不足 5 位"),
    about=N_("约 %(number)s 位"),
)
MUTUAL: Both = (N_("对方也愿意辅导你这样的企业。"), N_("对方也在找你这样的导师。"))


def need_line(need: Need | Asking) -> Sequence[Part]:
    """Topics and field."""
    topics = need.topics if isinstance(need, MentoringNeed | Asking) else None
    return (Words("mentor_topics", tuple((topics or [])[:2])), Words("industries", tuple(need.industries[:1])))


def offer_line(offer: Offer | Offering) -> Sequence[Part]:
    """Topics and ways to meet."""
    if not isinstance(offer, Mentorship | Offering):
        return ()
    return (
        Words("mentor_topics", tuple((offer.topics or [])[:3])),
        Words("meeting_modes", tuple((offer.meeting_modes or [])[:2])),
    )
