"""From ranked pairs to the lists that are shown: written in short chunks to a new run, then shown by moving a pointer."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import and_, delete, func, insert, or_, select

from matchhub.core.db import db, finish, unit_of_work
from matchhub.listings.enums import PairingKind
from matchhub.matches.comparison import RankedPair
from matchhub.matches.engine import Scorer
from matchhub.matches.enums import FeedbackKind, RunState, Side, Verdict
from matchhub.matches.models import Feedback, MatchRun, PublishedRun, Suggestion

LIST_LENGTH = 20
ROWS_A_CHUNK = 1000
Lists = dict[int, list[RankedPair]]
Hidden = Mapping[Side, frozenset[tuple[int, int]]]


def hidden_pairs(*, now: datetime) -> Hidden:
    """By side, the pairs that this side has put away: they are left out of its own lists only."""
    rows = db.session.execute(
        select(Feedback.side, Feedback.need_id, Feedback.offer_id).where(
            or_(
                Feedback.kind == FeedbackKind.NOT_FIT,
                and_(Feedback.kind == FeedbackKind.LATER, Feedback.until > now),
            )
        )
    )
    found: dict[Side, set[tuple[int, int]]] = {side: set() for side in Side}
    for side, need_id, offer_id in rows:
        found[side].add((need_id, offer_id))
    return {side: frozenset(pairs) for side, pairs in found.items()}


def subject_of(pair: RankedPair, side: Side) -> int:
    """Whose list of this side the pair stands in."""
    return pair.need_id if side is Side.NEED else pair.offer_id


def as_lists(pairs: Iterable[RankedPair], side: Side, hidden: Hidden) -> Lists:
    """Ranked pairs as the lists of one side, without what it has put away."""
    lists: Lists = defaultdict(list)
    for pair in pairs:
        held = lists[subject_of(pair, side)]
        if len(held) < LIST_LENGTH and (pair.need_id, pair.offer_id) not in hidden[side]:
            held.append(pair)
    return lists


@dataclass(slots=True)
class BestOf:
    """The best needs of every offer, gathered over blocks of needs."""

    most: int
    hidden: Hidden
    lists: Lists = field(default_factory=dict)

    def add(self, pairs: Iterable[RankedPair]) -> None:
        """Take one block's best pairs in."""
        for offer_id, fresh in as_lists(pairs, Side.OFFER, self.hidden).items():
            held = [*self.lists.get(offer_id, []), *fresh]
            held.sort(key=lambda pair: (-pair.key, pair.need_id))
            self.lists[offer_id] = held[: self.most]


def merged(
    side: Side,
    moved_id: int,
    pairs: Sequence[RankedPair],
    scorer: Scorer,
    hidden: Hidden,
) -> Lists:
    """The lists of `side` that change when one need or offer of the other side was compared anew, as they are now."""
    fresh = {subject_of(pair, side): pair for pair in pairs if (pair.need_id, pair.offer_id) not in hidden[side]}
    subject, moved = _columns(side)
    listing = select(subject).join(PublishedRun, _shown(side)).where(Suggestion.side == side, moved == moved_id)
    affected = set(fresh) | set(db.session.scalars(listing))
    changed: Lists = {}
    for subject_id, held in _stored(side, affected, scorer.key).items():
        before = [pair for pair in held if moved_id not in _other(pair, side)]
        after = scorer.ordered(side, [*before, *filter(None, [fresh.get(subject_id)])])[:LIST_LENGTH]
        if [pair.figures for pair in after] != [pair.figures for pair in held]:
            changed[subject_id] = after
    finish(commit=False)
    return changed


def _other(pair: RankedPair, side: Side) -> tuple[int]:
    return (pair.offer_id if side is Side.NEED else pair.need_id,)


def _columns(side: Side) -> tuple[Any, Any]:
    """The subject's and the other's column in a list of `side`."""
    return (Suggestion.need_id, Suggestion.offer_id) if side is Side.NEED else (Suggestion.offer_id, Suggestion.need_id)


def _shown(side: Side) -> Any:
    return and_(
        PublishedRun.side == side,
        PublishedRun.subject_id == _columns(side)[0],
        PublishedRun.run_id == Suggestion.run_id,
    )


def _stored(side: Side, subjects: set[int], key: Callable[[float, float, int], float]) -> Lists:
    """The shown lists of these subjects; an empty one where none is shown yet."""
    lists: Lists = {subject_id: [] for subject_id in subjects}
    statement = (
        select(Suggestion)
        .join(PublishedRun, _shown(side))
        .where(Suggestion.side == side, _columns(side)[0].in_(subjects))
        .order_by(Suggestion.position)
    )
    for row in db.session.scalars(statement):
        pair = RankedPair(
            row.need_id,
            row.offer_id,
            key(row.score, row.coverage, row.offer_id),
            row.score,
            row.score_for_need,
            row.score_for_offer,
            row.coverage,
            row.verdict,
            row.unknown_count,
            told=row.told,
        )
        lists[subject_of(pair, side)].append(pair)
    return lists


def write(run_id: int, kind: PairingKind, side: Side, pairs: Iterable[Sequence[RankedPair]], *, now: datetime) -> None:
    """Store complete lists under a run that nobody is shown yet, in transactions of a fraction of a second."""
    rows: Iterator[dict[str, Any]] = (
        {
            "run_id": run_id,
            "side": side,
            "kind": kind,
            "need_id": pair.need_id,
            "offer_id": pair.offer_id,
            "position": position,
            "score": pair.score,
            "score_for_need": pair.score_a,
            "score_for_offer": pair.score_b,
            "coverage": pair.coverage,
            "verdict": pair.verdict,
            "unknown_count": pair.missing,
            "told": pair.told or [],
            "created_at": now,
        }
        for held in pairs
        for position, pair in enumerate(held, start=1)
    )
    while chunk := list(islice(rows, ROWS_A_CHUNK)):
        standing = _standing_since(side, chunk)
        for row in chunk:
            row["first_at"] = standing.get((row["need_id"], row["offer_id"]), now)
        with unit_of_work() as session:
            session.execute(insert(Suggestion.__table__), chunk)  # type: ignore[arg-type]  # plain rows: no objects are made


def _standing_since(side: Side, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[int, int], datetime]:
    """Since when the pairs that are shown now stand in these lists: what stays in a list does not become new each night."""
    subject = _columns(side)[0]
    found = db.session.execute(
        select(Suggestion.need_id, Suggestion.offer_id, func.coalesce(Suggestion.first_at, Suggestion.created_at))
        .join(PublishedRun, _shown(side))
        .where(Suggestion.side == side, subject.in_({row[subject.key] for row in rows}))
    )
    return {(need_id, offer_id): at for need_id, offer_id, at in found}


def publish(run_id: int, side: Side, subject_ids: Sequence[int], *, compared: int | None, now: datetime) -> None:
    """Show the lists of this run, which are complete, unless a newer run is shown already."""
    counts = _counts(run_id, side)
    finish(commit=False)
    waiting = iter(subject_ids)
    while chunk := list(islice(waiting, ROWS_A_CHUNK // 2)):
        with unit_of_work() as session:
            shown = {
                row.subject_id: row
                for row in session.scalars(
                    select(PublishedRun)
                    .where(PublishedRun.side == side, PublishedRun.subject_id.in_(chunk))
                    .with_for_update()
                )
            }
            for subject_id in chunk:
                row = shown.get(subject_id)
                if row is None:
                    row = PublishedRun(side=side, subject_id=subject_id, run_id=run_id, compared=0)
                    session.add(row)
                elif row.run_id > run_id:
                    continue
                _point(row, run_id, counts.get(subject_id, {}), compared, now)


def _point(row: PublishedRun, run_id: int, counts: Mapping[Verdict, int], compared: int | None, now: datetime) -> None:
    row.run_id, row.at = run_id, now
    row.compared = row.compared if compared is None else compared
    row.fits, row.may_fit = counts.get(Verdict.FITS, 0), counts.get(Verdict.MAY_FIT, 0)
    if row.suggested_at is None and row.fits + row.may_fit:
        row.suggested_at = now


def _counts(run_id: int, side: Side) -> dict[int, dict[Verdict, int]]:
    subject = _columns(side)[0]
    rows = db.session.execute(
        select(subject, Suggestion.verdict, func.count())
        .where(Suggestion.run_id == run_id, Suggestion.side == side)
        .group_by(subject, Suggestion.verdict)
    )
    found: dict[int, dict[Verdict, int]] = defaultdict(dict)
    for subject_id, verdict, number in rows:
        found[subject_id][verdict] = number
    return found


def remove_superseded() -> int:
    """Delete the lists of ended runs that no pointer shows, in short transactions. How many rows went."""
    removed = 0
    for side in Side:
        while gone := _superseded(side):
            with unit_of_work() as session:
                session.execute(
                    delete(Suggestion).where(Suggestion.id.in_(gone)).execution_options(synchronize_session=False)
                )
            removed += len(gone)
    return removed


def _superseded(side: Side) -> list[int]:
    ended = (RunState.DONE, RunState.FAILED)
    found = db.session.scalars(
        select(Suggestion.id)
        .join(MatchRun, MatchRun.id == Suggestion.run_id)
        .outerjoin(PublishedRun, _shown(side))
        .where(Suggestion.side == side, MatchRun.state.in_(ended), PublishedRun.run_id.is_(None))
        .limit(ROWS_A_CHUNK)
    ).all()
    finish(commit=False)
    return list(found)
