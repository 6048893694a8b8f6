"""The report of an event: figures as plain values, so that what was published stays as it was on its day."""

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.events.models import Event, EventReport
from matchhub.events.queries.feedback import Results, results_of
from matchhub.events.queries.ledger import Ledger, ledger_of, LedgerStage

MOST_QUOTES, LEAST_FIRMS = 6, 3
HOW = (
    N_("报名：占过席位、没有退出的人。到场：签到的人，门口没有记录时不写。"),
    N_("见面：一对一会谈见了面的、对路演感兴趣的、活动起一周内双方都到场且同意的对接，同两家只算一次。"),
    N_(
        "推进、签约和成果都来自系统里的交易、贷款案件和辅导，成果由双方确认才算。同两家在两场活动见过，两场都算，全市只算一次。"
    ),
    N_("别人的事少于 5 件不写数，5 件起按 5 取整；金额满 5 笔才合计。反馈按 5 份一档合计，引语经本人同意、不署名。"),
)
"""How the figures are counted, as the report says it."""


def figures_of(session: Session, actor: Actor, event: Event, *, for_all: bool, now: datetime) -> dict[str, Any]:
    """The report's figures as plain values; `for_all`: as everybody may read them, whatever the actor's scope."""
    ledger, results = ledger_of(session, actor, event), results_of(session, event)
    counts = {stage: ledger.count(stage, for_all=for_all) for stage in LedgerStage}
    yuan = ledger.yuan
    if yuan is not None and for_all:
        yuan -= yuan % 1_000_000
    return {
        "as_of": now.isoformat(),
        "headline": _headline(ledger, results, counts[LedgerStage.CONFIRMED].told, yuan),
        "funnel": [
            *([[N_("受邀"), ledger.invited, ""]] if ledger.invited else []),
            [N_("报名人数"), ledger.registered, ""],
            *([[N_("到场"), ledger.came, ""]] if ledger.came is not None else []),
            [N_("见面（对）"), ledger.met, ""],
            *([stage.label, counts[stage].told, stage.value] for stage in LedgerStage),
        ],
        "roles": [[role.label, number] for role, number in ledger.by_role.items()],
        "industries": _fields(ledger.industries, for_all=for_all),
        "feedback": _feedback(results),
    }


def _fields(industries: list[tuple[str | None, int]], *, for_all: bool) -> list[list[Any]]:
    """Fields of the firms, the most first; for all readers those of one or two firms are told together, if at all."""
    if not for_all:
        return [[industry, number] for industry, number in industries]
    named: list[list[Any]] = [
        [industry, number] for industry, number in industries if industry is not None and number >= LEAST_FIRMS
    ]
    rest = sum(number for _, number in industries) - sum(int(one[1]) for one in named)
    return [*named, *([[None, rest]] if named and rest else [])]


def _headline(ledger: Ledger, results: Results, confirmed: int | None, yuan: int | None) -> list[list[Any]]:
    """Label, figure, what it is (count, yuan, points)."""
    overall = next((said.mean for said in results.said if said.mean is not None), None)
    return [
        [N_("到场"), ledger.came, "count"] if ledger.came is not None else [N_("报名人数"), ledger.registered, "count"],
        *([[N_("路演项目"), ledger.pitches, "count"]] if ledger.pitches else []),
        [N_("见面（对）"), ledger.met, "count"],
        [N_("成果（双方确认）"), confirmed, "count"],
        *([[N_("到账金额"), yuan, "yuan"]] if yuan is not None else []),
        *([[N_("总体评价"), overall, "points"]] if overall is not None else []),
    ]


def _feedback(results: Results) -> dict[str, Any]:
    return {
        "asked": results.asked,
        "answered": results.counted,
        "said": [
            {"question": said.question, "mean": said.mean, "shares": list(said.shares), "yes": said.yes}
            for said in results.said
        ],
        "quotes": [
            {"words": quote.words, "role": quote.role.label if quote.role else ""}
            for quote in results.quotes[:MOST_QUOTES]
        ],
    }


def report_of(session: Session, event_id: int) -> EventReport | None:
    """The report of an event, once it is published."""
    return session.scalar(select(EventReport).where(EventReport.event_id == event_id))
