"""What a firm is told of its suggestions; the words carry neither the offer's name nor an amount."""

from datetime import datetime

from matchhub.accounts.queries import recipients_of
from matchhub.core import outbox
from matchhub.core.db import db
from matchhub.core.labels import N_, NN_
from matchhub.core.outbox import NoticeKind
from matchhub.core.wishes import Topic
from matchhub.core.wordings import both
from matchhub.matches.news import PairsPushed

PUSHED = NoticeKind(
    "pair_pushed",
    NN_("%(carrier)s给你推荐了 %(count)s 家机构", "count"),
    N_("到推荐里看理由，再决定要不要申请对接。"),
    topic=Topic.SUGGESTIONS,
)
PUSHED_WITH_NOTE = NoticeKind(
    "pair_pushed_with_note",
    NN_("%(carrier)s给你推荐了 %(count)s 家机构", "count"),
    N_("%(carrier)s说：%(note)s 到推荐里看理由，再决定要不要申请对接。"),
    topic=Topic.SUGGESTIONS,
)
KINDS = (PUSHED, PUSHED_WITH_NOTE)


def on_pushed(item: PairsPushed, *, now: datetime) -> None:
    """Tell the people of the firm, once for all pairs of one push."""
    name = both(lambda locale: (item.carrier.label_en if locale == "en" else "") or item.carrier.label)
    for recipient in recipients_of(db.session(), item.organization_id):
        outbox.enqueue(
            PUSHED_WITH_NOTE if item.note else PUSHED,
            recipient,
            about=item.pushes[0],
            values={"carrier": name, "count": str(len(item.pushes)), "note": item.note},
            path=f"/suggestions?need={item.pushes[0].need_id}",
            now=now,
        )
