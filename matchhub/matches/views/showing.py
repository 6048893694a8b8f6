"""What a list or a pair page shows, put together from rows, comparisons and what the reader may see."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from flask import request, url_for
from flask_babel import gettext

from matchhub.core.db import db
from matchhub.core.policy import Actor
from matchhub.core.ui import in_locale, shown_code
from matchhub.disclosure.queries import Visible
from matchhub.listings.models import Need, Offer
from matchhub.matches import engine, reasons, telling
from matchhub.matches.comparison import Comparison, Fact
from matchhub.matches.enums import Evidence, FeedbackKind, Fit, Side, Verdict
from matchhub.matches.kinds import Kind, KINDS
from matchhub.matches.kinds.listed import Asking
from matchhub.matches.models import Feedback, PublishedRun, Suggestion
from matchhub.matches.queries import lists, runs
from matchhub.matches.queries.columns import is_full
from matchhub.matches.queries.lists import Pair
from matchhub.matches.queries.rows import Standing
from matchhub.matches.reasons import Sight
from matchhub.matches.views import fields, wording

NEXT_BEST = 3
FILTERS = ("word", "evidence", "region", "feedback")


@dataclass(frozen=True, slots=True)
class Chip:
    """A reason as the components take it."""

    text: str
    tone: str
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Row:
    """One suggestion as it is shown."""

    id: int
    need_id: int
    offer_id: int
    name: str
    kind: str
    fit_word: str
    fit_level: int
    evidence: Evidence
    verdict: Verdict
    chips: Sequence[Chip]
    feedback: FeedbackKind | None
    region: str | None
    score: int

    @property
    def fit(self) -> int:
        return self.fit_level


@dataclass(slots=True)
class ListPage:
    """A list: whose, when computed, its rows by section, and what stands in its place when it is empty."""

    side: Side
    subject: Any
    title: str
    published: PublishedRun | None
    is_under_way: bool
    failed: bool
    rows: Sequence[Row] = ()
    all_rows: Sequence[Row] = ()
    is_done: bool = False
    is_full: bool = False  # the month's capacity is taken: nothing is suggested until the next
    filters: Mapping[str, str] = field(default_factory=dict)

    @property
    def key(self) -> dict[str, int]:
        """The part of the address that names the list."""
        return {"need" if self.side is Side.NEED else "offer": self.subject.id}

    @property
    def recipe(self) -> Kind:
        """The kind of pairing."""
        return KINDS[self.subject.kind]

    @property
    def sections(self) -> list[tuple[Verdict, list[Row]]]:
        """Rows by verdict, 符合 before 可能符合."""
        grouped = [(v, [row for row in self.rows if row.verdict is v]) for v in (Verdict.FITS, Verdict.MAY_FIT)]
        return [(verdict, rows) for verdict, rows in grouped if rows]


def list_page(
    actor: Actor, side: Side, subject: Need | Offer, *, now: datetime, filters: Mapping[str, str] | None = None
) -> ListPage:
    """The list of one need or offer of the actor's organization; a constant number of queries.

    `filters`: those of the address unless given.
    """
    session = db.session()
    published, run = runs.runs_of(session, side, subject)
    page = ListPage(
        side,
        subject,
        title_of(subject),
        published,
        runs.is_under_way(run),
        run is not None and run.state.value == "failed",
    )
    stored = lists.shown(session, side, subject.id, subject.kind, now=now)
    for row in stored:
        setattr(row, side.value, subject)
    said = lists.feedback_on(session, side, subject.id)
    if isinstance(subject, Offer):
        stored = _within_capacity(page, subject, stored, said, now=now)
    page.all_rows = _rows(actor, side, stored, said, now=now)
    given = request.args if filters is None else filters
    page.filters = {name: given.get(name, "") for name in FILTERS}
    page.rows = [row for row in page.all_rows if _passes(row, page.filters)]
    return page


def title_of(subject: Need | Offer) -> str:
    """What the owner calls a need or an offer."""
    if isinstance(subject, Need):
        return in_locale(subject, "teaser") or shown_code(subject.code_name) or str(gettext(subject.kind.label))
    return subject.title or str(in_locale(subject.organization, "label"))


def _within_capacity(
    page: ListPage, offer: Offer, stored: Sequence[Standing], said: Mapping[int, Feedback], *, now: datetime
) -> list[Standing]:
    """At most as many unanswered rows as the owner has capacity for this week."""
    capacity = offer.capacity_per_month or lists.DEFAULT_CAPACITY
    left = max(0, capacity - lists.answered_this_week(db.session(), offer.id, now=now))
    answered = [row for row in stored if row.need_id in said]
    fresh = [row for row in stored if row.need_id not in said][:left]
    page.is_done = left == 0 and bool(stored)
    page.is_full = not stored and is_full(db.session(), offer, now=now)
    return sorted([*answered, *fresh], key=lambda row: row.position)


def _rows(
    actor: Actor,
    side: Side,
    stored: Sequence[Standing],
    said: Mapping[int, Feedback],
    *,
    now: datetime,
) -> list[Row]:
    """The rows of a list in words; its suggestions may be of several kinds."""
    session = db.session()
    kinds = {row.kind for row in stored}
    held = lists.specs_in_force(session, kinds)
    specs = {kind: held.get(kind) or engine.default_spec(kind) for kind in kinds}
    visible = lists.sight_of(session, actor, [row.need for row in stored], now=now)
    return [_row(side, row, visible[row.need.organization_id], specs[row.kind], said) for row in stored]


def _row(side: Side, row: Standing, visible: Visible, spec: Mapping[str, Any], said: Mapping[int, Feedback]) -> Row:
    other = row.offer_id if side is Side.NEED else row.need_id
    fit, evidence = _stored_words(row, spec)
    own = side is Side.NEED
    facts = tuple(telling.read(row.told))
    chips = [_chip(reason) for reason in reasons.shortlist(facts, sight(side, row.need, visible))]
    return Row(
        row.id,
        row.need_id,
        row.offer_id,
        str(in_locale(row.offer.organization, "label")) if own else wording.need_name(row.need, visible),
        wording.offer_kind(row.offer) if own else wording.need_kind(row.need, visible),
        _row_word(row, fit, evidence, facts),
        fit.level,
        evidence,
        row.verdict,
        chips,
        said[other].kind if other in said else None,
        row.offer.organization.region_code if own else row.need.region_code,
        round(100 * row.score),
    )


def _row_word(row: Standing, fit: Fit, evidence: Evidence, facts: Sequence[Fact]) -> str:
    kind = KINDS[row.kind]
    if kind.is_scored:
        return fit_word(fit, evidence, row.unknown_count)
    return wording.prematch(row.verdict, sum(fact.topic not in kind.sayings for fact in facts))


def _stored_words(row: Standing, spec: Mapping[str, Any]) -> tuple[Fit, Evidence]:
    """The words for a stored score, by the cut points in force."""
    fit = next((Fit(w) for w in ("strong", "good", "look") if row.score >= spec["cuts"][w]), Fit.NO_FIT)
    if row.coverage < spec["fair"]:
        return fit, Evidence.THIN
    return fit, Evidence.ENOUGH if row.coverage >= spec["enough"] else Evidence.FAIR


def fit_word(fit: Fit, evidence: Evidence, missing: int) -> str:
    """The word of a score; where too little is known, that it may fit and how much is missing."""
    return wording.missing_facts(missing) if evidence is Evidence.THIN else fit.label


def sight(side: Side, need: Need | Asking, visible: Visible) -> Sight:
    """In whose words, and from what."""
    whole = visible.relation.value in ("own", "consented")
    open_text = f"{need.teaser} {need.statement}" if whole else need.teaser
    return Sight(side, wording.asked_for(need, visible), open_text, need.kind)


def _chip(reason: reasons.Reason, url: str | None = None) -> Chip:
    return Chip(wording.say(reason), reason.tone, url)


def _passes(row: Row, filters: Mapping[str, str]) -> bool:
    checks = {
        "word": {"4": row.fit_level == 4, "3": row.fit_level >= 3},
        "evidence": {"enough": row.evidence is Evidence.ENOUGH, "fair": row.evidence is not Evidence.THIN},
        "region": {filters.get("region", ""): row.region == filters.get("region")},
        "feedback": {"interested": row.feedback is FeedbackKind.INTERESTED, "none": row.feedback is None},
    }
    return all(checks[name].get(value, True) for name, value in filters.items() if value)


def failing_offers(need: Need, *, now: datetime) -> list[tuple[str, str, str]]:
    """(name, why, address) of the nearest offers that a hard rule keeps away."""
    session = db.session()
    scorer = engine.store(session, need.kind).scorer()
    found = scorer.nearest_failing(session, need.id, now=now) if scorer else []
    told = [(c, [f for f in c.failed if reasons.is_told(f.rule)]) for c in found]
    kept = [(c, failed) for c, failed in told if failed]
    offers = lists.offers_by_id(session, [c.offer_id for c, _ in kept]) if kept else {}
    return [
        (
            str(in_locale(offers[c.offer_id].organization, "label")),
            wording.say(reasons.refusal(c, failed[0], Sight(Side.NEED, kind=need.kind))),
            url_for("matches.pair", need=c.need_id, offer=c.offer_id),
        )
        for c, failed in kept
        if c.offer_id in offers
    ]


# --- one pair ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class BarRow:
    """A line of the waterfall as the component takes it."""

    label: str
    points: int | None
    text: str
    silent: bool


@dataclass(frozen=True, slots=True)
class CheckRow:
    """A condition that the offer states, and whether it is met: pass, maybe or fail."""

    outcome: str
    text: str


@dataclass(slots=True)
class PairPage:
    """Everything that the pair page shows; without `told` the matcher is still being loaded."""

    pair: Pair
    side: Side
    name: str
    kind: str
    place: str | None
    told: Comparison | None
    sentences: Mapping[str, Sequence[Chip]]
    bars: Sequence[BarRow]
    suggestion: Suggestion | None
    of: int | None
    is_sample: bool
    fit_word: str = ""
    feedback: Feedback | None = None
    others: Sequence[tuple[str, str]] = ()
    checks: Sequence[CheckRow] = ()

    @property
    def recipe(self) -> Kind:
        """The kind of pairing."""
        return KINDS[self.pair.need.kind]

    @property
    def mutual(self) -> str:
        """That the other side looks for somebody like the reader."""
        return str(gettext(self.recipe.mutual[self.side is Side.OFFER]))

    @property
    def can_ask(self) -> bool:
        """Nothing hard stands in the way."""
        return self.told is None or self.told.verdict is not Verdict.FAILS


def pair_page(actor: Actor, asked: Any, side: Side, *, now: datetime) -> PairPage:
    """The page of one pair: explained anew, in the words of the side that reads."""
    from matchhub.matches.views.bars import bar_rows  # noqa: PLC0415 -- both show pairs

    session, need, offer = db.session(), asked.need, asked.offer
    scorer = engine.store(session, need.kind).scorer()
    told = scorer.pair(session, need.id, offer.id, now=now) if scorer else None
    visible = lists.sight_of(session, actor, [need], now=now)[need.organization_id]
    seen, stands = sight(side, need, visible), lists.position(session, side, need.id, offer.id)
    model, own = lists.active_models(session).get(need.kind), side is Side.NEED
    other = offer.id if own else need.id
    page = PairPage(
        Pair(need, offer),
        side,
        str(in_locale(offer.organization, "label")) if own else wording.need_name(need, visible),
        wording.offer_kind(offer) if own else wording.need_kind(need, visible),
        offer.organization.region_code if own else need.region_code,
        told,
        _sentences(told, seen, need, offer) if told else {},
        bar_rows(told, seen) if told else (),
        stands[1] if stands else None,
        stands[0] if stands else None,
        model is None or model.is_sample,
    )
    page.feedback = lists.feedback_on(session, side, need.id if own else offer.id).get(other)
    page.others = [] if page.can_ask else _next_best(side, need, offer, now=now)
    if told is not None:
        page.fit_word = _pair_word(told, page.recipe)
        page.checks = [CheckRow(outcome, wording.say(reason)) for outcome, reason in reasons.checks(told, seen)]
    return page


def _pair_word(told: Comparison, kind: Kind) -> str:
    if kind.is_scored:
        return fit_word(told.fit, told.evidence, len(told.missing))
    return wording.prematch(told.verdict, len(reasons.open_rules(told)))


def _mended(reason: reasons.Reason, seen: Sight, need: Need) -> str | None:
    """Where the firm settles an open condition."""
    return fields.address(reason.topic, Side.NEED, need, None) if seen.side is Side.NEED else None


def _next_best(side: Side, need: Need, offer: Offer, *, now: datetime) -> list[tuple[str, str]]:
    """(name, address) of the next in a firm's list, where this offer cannot be asked."""
    if side is Side.OFFER:
        return []
    held = [row for row in lists.shown(db.session(), side, need.id, need.kind, now=now) if row.offer_id != offer.id]
    return [
        (str(in_locale(row.offer.organization, "label")), url_for("matches.show", suggestion_id=row.id))
        for row in held[:NEXT_BEST]
    ]


def _sentences(told: Comparison, seen: Sight, need: Need, offer: Offer) -> dict[str, Sequence[Chip]]:
    failed = [_chip(reason) for reason in reasons.refusals(told, seen)]
    return {
        "whys": [_chip(reason) for reason in reasons.whys(told.facts, seen)],
        "lacks": [
            *failed,
            *(_chip(r) for r in reasons.lacks(told.facts, seen) if wording.say(r) not in {f.text for f in failed}),
        ],
        "unknown": [
            *(_chip(r, _mended(r, seen, need)) for r in reasons.unknowns(reasons.open_rules(told), seen)),
            *(_chip(reason) for reason in reasons.unknowns(told.facts, seen)),
        ],
        "add": [_chip(r, fields.address(r.topic, seen.side, need, offer)) for r in reasons.additions(told, seen)],
    }
