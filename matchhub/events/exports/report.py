"""The report of an event on paper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from matchhub.core import money
from matchhub.core.clock import city_date, date_in_words
from matchhub.core.labels import N_
from matchhub.core.paper import MEDIA_TYPE, Paper, SOFT

PDF = MEDIA_TYPE
FEW = N_("不足 5")


@dataclass(frozen=True, slots=True)
class ReportHead:
    """What stands above the figures. `lines`: when, where, who held it; `speak` translates a msgid."""

    product: str
    city: str
    title: str
    lines: Sequence[str]
    locale: str
    speak: Callable[..., str]


def report_pdf(
    head: ReportHead, figures: dict[str, Any], words: str, how: Sequence[str], industry: Callable[[str], str]
) -> bytes:
    """Headline, way from invitation to money, fields, what people said, how it is counted, as of when."""
    speak, as_of = head.speak, datetime.fromisoformat(figures["as_of"])
    day = date_in_words(city_date(as_of), head.locale)
    foot = f"{head.product} · {head.title} · {speak(N_('截至 %(day)s'), day=day)}"
    paper = Paper(f"{speak(N_('成效报告'))} · {head.title}", foot=foot, language=head.locale, made_at=as_of)
    paper.say(f"{head.product}  {head.city}".strip(), size=9, colour=SOFT)
    paper.say(head.title, size=22, gap=0.5)
    paper.say(speak(N_("成效报告")), size=13, gap=1)
    paper.say("  ·  ".join(head.lines), size=9.5, colour=SOFT, gap=0.5)
    paper.say(speak(N_("截至 %(day)s"), day=day), size=9.5, colour=SOFT, gap=3)
    paper.tiles([(speak(label), shown(value, kind, head)) for label, value, kind in figures["headline"]])
    if words:
        paper.head(speak(N_("主办方的话")))
        paper.say(words)
    paper.head(speak(N_("从邀请到成果")), keep=60)
    paper.bars(_bars([(speak(label), value) for label, value, _ in figures["funnel"]], speak))
    if figures["industries"]:
        paper.head(speak(N_("参加企业的行业")), keep=40)
        named = [(industry(code) if code else speak(N_("其他")), number) for code, number in figures["industries"]]
        paper.bars(_bars(named, speak))
    _said(paper, head, figures["feedback"])
    paper.head(speak(N_("这些数怎么来的")), keep=40)
    for line in how:
        paper.say(speak(line), size=9, colour=SOFT, gap=1)
    return paper.content()


def shown(value: Any, kind: str, head: ReportHead) -> str:
    """A headline figure in words; what is too small to be told says so."""
    if value is None:
        return head.speak(FEW)
    if kind == "yuan":
        return money.show(value, head.locale)
    return head.speak(N_("%(points)s / 5"), points=value) if kind == "points" else f"{value:,}"


def _bars(rows: Sequence[tuple[str, int | None]], speak: Callable[..., str]) -> list[tuple[str, str, float]]:
    longest = max((value or 0 for _, value in rows), default=0) or 1
    return [(label, speak(FEW) if value is None else f"{value:,}", (value or 0) / longest) for label, value in rows]


def _said(paper: Paper, head: ReportHead, feedback: dict[str, Any]) -> None:
    """What people said: means, shares of yes, words that may be quoted."""
    if not feedback["answered"]:
        return
    speak, english = head.speak, head.locale == "en"
    paper.head(speak(N_("大家怎么说")), keep=50)
    rows = []
    for said in feedback["said"]:
        question = (english and said["question"]["label_en"]) or said["question"]["label"]
        if said["mean"] is not None:
            rows.append((question, speak(N_("平均 %(mean)s 分"), mean=said["mean"])))
        else:
            rows.append((question, speak(N_("%(share)s%% 的人说是"), share=said["yes"])))
    for question, answer in rows:
        paper.say(f"{question}  {answer}", gap=0.5)
    paper.say(speak(N_("按 %(count)s 份回答合计"), count=feedback["answered"]), size=9, colour=SOFT, gap=2)
    for quote in feedback["quotes"]:
        paper.quote(f"“{quote['words']}”", speak(N_("一位%(role)s"), role=speak(quote["role"] or N_("嘉宾"))))
