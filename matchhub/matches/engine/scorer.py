"""A fitted matcher of one kind, and all that is asked of it: lists, one pair, counters."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TYPE_CHECKING

from sqlalchemy.orm import Session

from matchhub.listings.enums import PairingKind
from matchhub.matches.comparison import Check, Comparison, Fact, Lever, Pool, RankedPair, Refusal
from matchhub.matches.engine.fitting import weights_of
from matchhub.matches.engine.speaking import latest_alike, Speaker
from matchhub.matches.engine.spreading import together
from matchhub.matches.engine.tables import table_of
from matchhub.matches.enums import Evidence, Fit, Side, Verdict
from matchhub.matches.queries.columns import Columns, excluded_pairs, need_columns, offer_columns

if TYPE_CHECKING:
    from matchhub.matcher import Explanation, Matcher, Ranked, Table

BLOCK = 2048
TABLE_SECONDS = 60
MANY = 2000
"""Offers from which on a single need is compared by a scan of all and a judgement of the best."""

POOL_SAMPLE = 1000


@dataclass(slots=True)
class Scorer:
    """A fitted matcher under one version of the weights."""

    kind: PairingKind
    matcher: Matcher
    _rows: dict[str, tuple[float, Any]] = field(default_factory=dict)
    _settled: dict[str, Table] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    @property
    def model(self) -> str:
        """The name of the weights in use."""
        return str(self.matcher.version.version)

    def under(self, spec: dict[str, Any]) -> Scorer:
        """The same learned matcher under another version of the weights."""
        return self if spec["version"] == self.model else Scorer(self.kind, self.matcher.reweighed(weights_of(spec)))

    def aside(self, spec: dict[str, Any]) -> Scorer:
        """A scorer of its own under a version of the weights, so that what is tried out leaves this one as it is."""
        return Scorer(self.kind, self.matcher.reweighed(weights_of(spec)))

    def key(self, score: float, coverage: float, offer_id: int) -> float:
        """The key of the order of a list, from what is stored of a pair."""
        return self.matcher.key(score, coverage, offer_id)

    def ordered(self, side: Side, pairs: Sequence[RankedPair]) -> list[RankedPair]:
        """One list in the order that it is shown in: offers pay for the attention that they get already."""
        best = sorted(pairs, key=lambda pair: -pair.key)
        spreading = self.matcher.spreading_
        if side is Side.OFFER or spreading is None:
            return best
        order = spreading.order([pair.key for pair in best], [pair.offer_id for pair in best])
        return [best[at] for at in order]

    def ranked(
        self, needs: Table, offers: Table, k: int, exclusions: Iterable[Any], *, length: int | None = None
    ) -> Iterator[tuple[int, list[RankedPair], list[RankedPair]]]:
        """By blocks of needs: how many needs are done, the lists of those needs, and their best pairs for each offer.

        With `length` these are all needs and offers there are: the first `length` places of the needs' lists are filled
        together (see `spreading`).
        """
        held, done = list(exclusions), 0
        blocks = (
            self._blocks(needs, offers, k, held)
            if length is None
            else together(self.matcher, needs, offers, k, length, held)
        )
        for block, ranked in blocks:
            done += len(block)
            yield (
                done,
                list(self._told(block, offers, ranked.by_need)),
                list(self._told(block, offers, ranked.by_offer)),
            )

    def _blocks(self, needs: Table, offers: Table, k: int, held: list[Any]) -> Iterator[tuple[Table, Ranked]]:
        if len(needs) == 1 and k < len(offers) and len(offers) > MANY:
            from matchhub.matcher import Ranked  # noqa: PLC0415 -- the matcher is imported late

            pairs = self.matcher.best(needs, offers, k, held)
            yield needs, Ranked(pairs, pairs.best("offer", 1))
            return
        for first in range(0, len(needs), BLOCK):
            block = needs.take(slice(first, first + BLOCK))
            yield block, self.matcher.rank(block, offers, k, held)

    def _told(self, needs: Table, offers: Table, pairs: Any) -> Iterator[RankedPair]:
        version = self.matcher.version
        score, coverage = pairs.score.astype(float), pairs.coverage.astype(float)
        good, known = score >= version.cuts["look"], coverage >= version.fair
        held = good | ~known  # else nothing forbids it, but it is no fit
        fits, learned = good & known & (pairs.verdict == 1), pairs.learned.sum(axis=1)
        columns = (
            pairs.need,
            pairs.offer,
            pairs.key,
            score,
            pairs.score_a,
            pairs.score_b,
            coverage,
            fits,
            pairs.missing,
        )
        for need, offer, key, joint, a, b, part, fit, missing, values, second, heard in zip(
            *(column[held].tolist() for column in (*columns, pairs.values, learned, pairs.heard)), strict=True
        ):
            yield RankedPair(
                needs.ids[need],
                offers.ids[offer],
                key,
                joint,
                _number(a),
                _number(b),
                part,
                Verdict.FITS if fit else Verdict.MAY_FIT,
                missing,
                tuple(values),
                second,
                heard,
            )

    def speaker(self, needs: Table, offers: Table) -> Speaker:
        """Tells what the rows of stored lists of these needs and offers may speak of."""
        return Speaker(self.kind, self.matcher, needs, offers)

    # --- one pair, one row, one counter ------------------------------------------------------------------------

    def need_row(self, session: Session, need_id: int, *, now: datetime) -> Table | None:
        """One need as a table of one row, kept for a minute: what was made of it is remembered with it."""
        return self.kept(f"need:{need_id}", lambda: _one(need_columns(session, self.kind, now=now, ids=[need_id])))

    def pair(self, session: Session, need_id: int, offer_id: int, *, now: datetime) -> Comparison | None:
        """Why one pair stands where it stands, exclusions included; None where one of the two is not there."""
        needs, offers = (
            need_columns(session, self.kind, now=now, ids=[need_id]),
            offer_columns(session, self.kind, now=now, ids=[offer_id]),
        )
        if not needs.ids or not offers.ids:
            return None
        need, offer = table_of(needs), table_of(offers)
        told = self.explain(need, offer, excluded_pairs(session, self.kind, needs, offers, now=now))
        return replace(told, facts=self._weighed_by_deletion(told.facts, need, offer))

    def _weighed_by_deletion(self, facts: Sequence[Fact], need: Table, offer: Table) -> tuple[Fact, ...]:
        """The facts with what the pair would lose without the data behind each."""
        from matchhub.matcher.deletion import lost  # noqa: PLC0415 -- the matcher is imported late

        found = lost(self.matcher, need, offer)
        return tuple(replace(fact, lost=float(found[fact.topic][0])) for fact in facts)

    def scores_of(
        self, session: Session, pairs: Sequence[tuple[int, int]], *, now: datetime
    ) -> dict[tuple[int, int], float]:
        """The scores of some pairs, whatever their state; a pair of which one side is gone is left out."""
        needs = table_of(need_columns(session, self.kind, now=now, ids=sorted({need for need, _ in pairs})))
        offers = table_of(offer_columns(session, self.kind, now=now, ids=sorted({offer for _, offer in pairs})))
        if not len(needs) or not len(offers):
            return {}
        row, column = ({one: at for at, one in enumerate(table.ids)} for table in (needs, offers))
        joint = self.matcher.refined(self.matcher.judge(needs, offers), needs, offers).scores.joint
        held = [(need, offer) for need, offer in pairs if need in row and offer in column]
        return {(need, offer): float(joint[row[need], column[offer]]) for need, offer in held}

    def explain(self, need: Table, offer: Table, exclusions: Iterable[Any] = ()) -> Comparison:
        """Why one pair stands where it stands; pairs that fail are explained as well."""
        return self._plain(self.matcher.explain(need, offer, list(exclusions)), need, offer)

    def _plain(self, told: Explanation, need: Table, offer: Table) -> Comparison:
        failed = tuple(Refusal(rule.name, rule.cause) for rule in told.failed)
        fit = Fit(told.word.value)
        evidence = self._evidence(told.coverage)
        known = evidence is not Evidence.THIN and fit is not Fit.NO_FIT
        verdict = Verdict.FITS if told.verdict.value == "pass" and known else Verdict.MAY_FIT
        return Comparison(
            told.need,
            told.offer,
            Verdict.FAILS if failed else verdict,
            told.score,
            _number(told.score_a),
            _number(told.score_b),
            told.coverage,
            fit,
            evidence,
            (facts := tuple(_facts(told, need, self.matcher.recipe.history))),
            failed,
            told.missing,
            _points(facts),
            told.weights_version,
            self._checks(told, offer),
        )

    def _checks(self, told: Explanation, offer: Table) -> tuple[Check, ...]:
        """The rules of the recipe one by one."""
        stated = {rule.name: bool(rule.offers_speak(offer)[0]) for rule in self.matcher.recipe.rules}
        return tuple(
            Check(rule.name, rule.outcome.value, rule.cause, stated[rule.name])
            for rule in told.rules
            if rule.name in stated
        )

    def _evidence(self, coverage: float) -> Evidence:
        version = self.matcher.version
        if coverage < version.fair:
            return Evidence.THIN
        return Evidence.ENOUGH if coverage >= version.enough else Evidence.FAIR

    def counted(self, session: Session, need_id: int, *, now: datetime) -> Pool | None:
        """How many offers fit a need as it is stored now, and what would bring more. None: no such need."""
        columns = need_columns(session, self.kind, now=now, ids=[need_id])
        if not columns.ids:
            return None
        need, offers = table_of(columns), self._offers(session, now=now)
        if not len(offers):
            return Pool(0, 0)
        peers, _ = self._sampled_needs(session, now=now)
        counts, advice = self.matcher.count(need, offers), self.matcher.additions(need, offers, peers=peers)
        levers = [Lever("amount", lever.more, lever.column, int(lever.value)) for lever in advice.levers]
        levers += [Lever(addition.feature, addition.offers) for addition in advice.additions]
        return Pool(counts.fit, counts.maybe, tuple(levers))

    def pooled(self, session: Session, offer_id: int, *, now: datetime) -> Pool | None:
        """How many needs fit an offer as it is stored now, from a sample where there are very many. None: no such offer."""
        columns = offer_columns(session, self.kind, now=now, ids=[offer_id])
        if not columns.ids:
            return None
        needs, scale = self._sampled_needs(session, now=now)
        if not len(needs):
            return Pool(0, 0)
        counts = self.matcher.count(needs, table_of(columns))
        return Pool(round(counts.fit * scale), round(counts.maybe * scale))

    def nearest_failing(self, session: Session, need_id: int, *, now: datetime, most: int = 3) -> list[Comparison]:
        """The offers that a hard rule keeps away although they score best: what one thing stands between."""
        from matchhub.matcher.rules import FAIL  # noqa: PLC0415 -- the matcher is imported late

        need, offers = self.need_row(session, need_id, now=now), self._offers(session, now=now)
        if need is None or not len(offers):
            return []
        judged = self.matcher.judge(need, offers)
        failing = (judged.verdict[0] == FAIL) & (judged.scores.joint[0] >= self.matcher.version.cuts["look"])
        best = sorted(failing.nonzero()[0], key=lambda at: -float(judged.scores.joint[0, at]))[:most]
        return [self.explain(need, offers.take([int(at)])) for at in best]

    def _offers(self, session: Session, *, now: datetime) -> Table:
        return self.kept("offers", lambda: self.settled("offers", table_of(offer_columns(session, self.kind, now=now))))

    def _sampled_needs(self, session: Session, *, now: datetime) -> tuple[Table, float]:
        def read() -> tuple[Table, float]:
            table = table_of(need_columns(session, self.kind, now=now))
            step = max(1, -(-len(table) // POOL_SAMPLE))
            sample = table.take(slice(None, None, step))
            return sample, len(table) / max(1, len(sample))

        found: tuple[Table, float] = self.kept("needs", read)
        return found

    def kept(self, name: str, read: Any) -> Any:
        """A table that may be up to a minute old."""
        held = self._rows.get(name)
        if held is None or time.monotonic() - held[0] > TABLE_SECONDS:
            value = read()
            with self._guard:
                if len(self._rows) > 200:
                    self._rows.clear()
                self._rows[name] = held = (time.monotonic(), value)
        return held[1]

    def kept_on(self, name: str, read: Any) -> Any:
        """The same; `read` is given what was kept before, None at first."""
        last = self._rows.get(name)
        return self.kept(name, lambda: read(None if last is None else last[1]))

    def settled(self, name: str, fresh: Table) -> Table:
        """A table that was read anew, with what was made of the rows that are as they were; the very table of before where
        nothing has changed. So a changed offer does not have all texts read again."""
        held = self._settled.get(name)
        self._settled[name] = found = fresh if held is None else self.matcher.renewed(held, fresh)
        return found

    def forget(self) -> None:
        """Read the tables anew at the next question."""
        with self._guard:
            self._rows.clear()


def _one(columns: Columns) -> Table | None:
    return table_of(columns) if columns.ids else None


def _number(value: float) -> float | None:
    number = float(value)
    return None if number != number else number


def _points(facts: Sequence[Fact]) -> dict[str, int]:
    """Whole points of the facts that speak; they add up to the rounded score."""
    from matchhub.matcher import whole_points  # noqa: PLC0415 -- the matcher is imported late

    spoken = [fact for fact in facts if fact.value is not None]
    points = whole_points([100 * fact.contribution for fact in spoken])
    return {fact.topic: whole for fact, whole in zip(spoken, points, strict=True)}


def _facts(told: Explanation, need: Table, history: str | None) -> Iterator[Fact]:
    """Both sides' items of one feature as one fact; what the second stage adds stands with the past that it is read from."""
    seen: dict[str, Fact] = {}
    learned = sum(item.contribution for item in told.items if item.side == "past")
    for item in told.items:
        if item.side == "past":
            continue
        value = item.value if item.speaks else None
        known = seen.get(item.feature)
        whole = item.contribution + (known.contribution if known else 0.0)
        said = (
            {**item.evidence, **latest_alike(need, item.evidence)} if item.feature == "track_record" else item.evidence
        )
        seen[item.feature] = Fact(item.feature, value, whole, said, item.silent)
    if learned and history in seen:
        seen[history] = replace(seen[history], contribution=seen[history].contribution + learned)
    yield from seen.values()
