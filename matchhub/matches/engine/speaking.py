"""What the rows of stored lists may speak of, for many pairs at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple, TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from matchhub.listings.enums import PairingKind
from matchhub.matches import telling
from matchhub.matches.comparison import Fact, RankedPair
from matchhub.matches.kinds import KINDS
from matchhub.matches.kinds.saying import strong_from

if TYPE_CHECKING:
    from matchhub.matcher import Matcher, Table

STRONGEST, WEAKEST = 3, 2
ANSWERS = "answers"
MOST_KNOWN = 20_000
"""Pairs whose words are kept until they stand in the list of the other side."""

SILENT_SIDES: tuple[list[str], ...] = ([], ["offer"], ["need"], ["need", "offer"])
Place = tuple[int, int]


class Facts(NamedTuple):
    """(n_pairs, n_topics): value (NaN: silent), part of the score, whether the pair has the fact at all, and which sides
    are silent on it (an index of SILENT_SIDES)."""

    value: NDArray[np.float64]
    adds: NDArray[np.float64]
    held: NDArray[np.bool_]
    silent: NDArray[np.int64]


class Speaker:
    """Tells what pairs of these needs and offers may speak of; what is asked of a whole table is asked once."""

    def __init__(self, kind: PairingKind, matcher: Matcher, needs: Table, offers: Table) -> None:
        self.kind, self.matcher, self.needs, self.offers = kind, matcher, needs, offers
        self.parts = matcher.features_
        self._known: dict[tuple[Any, ...], list[telling.Stored]] = {}
        self.topics = [*(part.name for part in self.parts), ANSWERS]

    @cached_property
    def _rows(self) -> dict[int, int]:
        return {identity: row for row, identity in enumerate(self.needs.ids)}

    @cached_property
    def _columns(self) -> dict[int, int]:
        return {identity: column for column, identity in enumerate(self.offers.ids)}

    @cached_property
    def _weights(self) -> list[NDArray[np.float64]]:
        """For either side (n_offers, n_features)."""
        nothing = np.zeros(len(self.offers))
        sides = self.matcher.side_weights(self.offers)
        return [np.stack([side.of.get(p.name, nothing) for p in self.parts], axis=1, dtype=float) for side in sides]

    @cached_property
    def _silence(self) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
        """Of each feature: the needs and the offers that do not speak."""
        return [(~part.needs_speak(self.needs), ~part.offers_speak(self.offers)) for part in self.parts]

    def told(self, pairs: Sequence[RankedPair]) -> list[RankedPair]:
        """The pairs with what their rows may speak of: the same in the need's list as in the offer's."""
        fresh = [pair for pair in pairs if _same(pair) not in self._known]
        said = {_same(pair): told for pair, told in zip(fresh, self._spoken(fresh), strict=True)}
        found = [said[same] if same in said else self._known[same] for same in map(_same, pairs)]
        self._known.update(islice(said.items(), max(0, MOST_KNOWN - len(self._known))))
        return [pair._replace(values=(), told=told) for pair, told in zip(pairs, found, strict=True)]

    def _spoken(self, pairs: Sequence[RankedPair]) -> list[list[telling.Stored]]:
        """What is stored of each pair; evidence is looked up only for what is kept."""
        if not pairs:
            return []
        places = [(self._rows[pair.need_id], self._columns[pair.offer_id]) for pair in pairs]
        facts, heard = self._facts(pairs, places), self._heard(pairs, places)
        kept = chosen(facts.value, facts.adds, facts.held, [strong_from(topic) for topic in self.topics])
        said = self._evidences(places, kept)
        said[-1] = heard
        open_rules = self._unsettled(places)
        stored = self._stored(facts, kept, said)
        return [
            [*spoken, *open_rules.get(at, ()), *silent] for at, (spoken, silent) in zip(places, stored, strict=True)
        ]

    def _facts(self, pairs: Sequence[RankedPair], places: Sequence[Place]) -> Facts:
        """What was compared, without evidence. What the second stage adds is read from past rounds, and told with them; what
        answers to earlier proposals add stands last, and below one half speaks against the pair."""
        from matchhub.matcher.ranking import contributions_of  # noqa: PLC0415 -- the matcher is imported late

        rows, columns = np.array(places).T
        values = np.array([pair.values for pair in pairs], dtype=float)
        for_need, for_offer = (side[columns] for side in self._weights)
        adds = np.add(*contributions_of(values, for_need, for_offer))
        adds += np.array([[part.name == self.matcher.recipe.history for part in self.parts]]) * np.array(
            [[pair.learned] for pair in pairs]
        )
        heard = np.array([[pair.heard if self.matcher.hearing_ is not None else 0.0] for pair in pairs])
        silent = np.stack([2 * needs[rows] + offers[columns] for needs, offers in self._silence], axis=1)
        return Facts(
            np.hstack([values, heard > 0]),
            np.hstack([adds, heard]),
            np.hstack([(for_need != 0) | (for_offer != 0), heard != 0]),
            silent,
        )

    def _stored(
        self, facts: Facts, kept: Sequence[Sequence[int]], said: Sequence[Mapping[int, Any]]
    ) -> list[tuple[list[telling.Stored], list[telling.Stored]]]:
        """Of each pair: the facts that are kept, and those that somebody is silent on, as they are stored."""
        topics, silent = self.topics, np.isnan(facts.value) & facts.held
        unspoken: list[list[telling.Stored]] = [[] for _ in kept]
        for number, k in np.argwhere(silent).tolist():
            sides = SILENT_SIDES[facts.silent[number, k]]
            unspoken[number].append([topics[k], None, round(float(facts.adds[number, k]), 4), sides, {}])
        spoken = [
            [[topics[k], round(value[k], 4), round(adds[k], 4), [], said[k][number]] for k in chosen]
            for number, (chosen, value, adds) in enumerate(
                zip(kept, facts.value.tolist(), facts.adds.tolist(), strict=True)
            )
        ]
        return list(zip(spoken, unspoken, strict=True))

    def _heard(self, pairs: Sequence[RankedPair], places: Sequence[Place]) -> dict[int, Any]:
        """By number of the pair: what is told of answers to earlier proposals."""
        hearing, numbers = self.matcher.hearing_, [number for number, pair in enumerate(pairs) if pair.heard]
        if hearing is None or not numbers:
            return {}
        said = hearing.evidences(self.needs, [(places[number][0], pairs[number].offer_id) for number in numbers])
        return {number: telling.plain(evidence) for number, evidence in zip(numbers, said, strict=True)}

    def _evidences(self, places: Sequence[Place], kept: Sequence[Sequence[int]]) -> list[dict[int, Any]]:
        """For each topic, by number of the pair, what both sides said, for the facts that are kept."""
        wanted: list[list[int]] = [[] for _ in self.topics]
        for number, chosen in enumerate(kept):
            for k in chosen:
                wanted[k].append(number)
        found: list[dict[int, Any]] = [{} for _ in self.topics]
        for part, numbers, stored in zip(self.parts, wanted, found, strict=False):
            evidences = part.evidences(self.needs, self.offers, [places[number] for number in numbers])
            if part.name == "track_record":
                for number, said in zip(numbers, evidences, strict=True):
                    likeness = latest_alike(self.needs, said, places[number][0])
                    stored[number] = telling.plain({"rounds": said["rounds"], **likeness})
            else:  # what is the same for many pairs is written down once
                once = {
                    id(said): telling.plain(_short(said)) for said in {id(said): said for said in evidences}.values()
                }
                stored.update((number, once[id(said)]) for number, said in zip(numbers, evidences, strict=True))
        return found

    def _unsettled(self, places: Sequence[Place]) -> dict[Place, list[telling.Stored]]:
        """place → the rules that cannot be judged there, for a kind that speaks of its rules in a list."""
        from matchhub.matcher.rules import UNKNOWN  # noqa: PLC0415 -- the matcher is imported late

        found: dict[Place, list[telling.Stored]] = {}
        if KINDS[self.kind].rule_saying is None:
            return found
        rows = sorted({row for row, _ in places})
        at, asking = {row: place for place, row in enumerate(rows)}, self.needs.take(rows)
        first = asking.take([0])
        for rule in self.matcher.recipe.rules:
            if not rule.offers_speak(self.offers).any():
                continue
            outcomes = rule.judge(asking, self.offers)
            unknown = [(row, column) for row, column in places if outcomes[at[row], column] == UNKNOWN]
            columns = list(dict.fromkeys(column for _, column in unknown))
            # what the offer asks for is the same for every need
            causes = {
                column: telling.stored(Fact(rule.name, None, 0.0, {"offer": cause.get("offer")}, ("need",)))
                for column, cause in zip(columns, rule.causes(first, self.offers, columns), strict=True)
            }
            for place in unknown:
                found.setdefault(place, []).append(causes[place[1]])
        return found


def chosen(
    value: NDArray[np.float64], adds: NDArray[np.float64], held: NDArray[np.bool_], strong_from: Sequence[float]
) -> list[list[int]]:
    """Of each pair the topics (columns) that a row may tell of among those it holds: the strongest by what they add, the
    weakest by their value. A value of NaN is silent."""
    spoken, strong = held & ~np.isnan(value), value >= np.array(strong_from)
    found = []
    for wanted, order, most in ((spoken & strong, -adds, STRONGEST), (spoken & ~strong, value, WEAKEST)):
        ranked = np.argsort(np.where(wanted, order, np.inf), axis=1, kind="stable")[:, :most]
        found.append(np.where(np.take_along_axis(wanted, ranked, axis=1), ranked, -1))
    return [[topic for topic in row if topic >= 0] for row in np.hstack(found).tolist()]


def _same(pair: RankedPair) -> tuple[Any, ...]:
    """What makes two pairs speak of the same."""
    return pair.need_id, pair.offer_id, pair.values, pair.learned, pair.heard


def _short(said: Mapping[str, Any]) -> Mapping[str, Any]:
    """As much of the evidence as a sentence is made of."""
    return {**said, "nearest": said["nearest"][:1]} if "nearest" in said else said


def latest_alike(need: Table, told: Mapping[str, Any], row: int = 0) -> dict[str, Any]:
    """The latest of the nearest rounds that shares the need's industry, else its region, else its round."""
    for name in ("industries", "region", "round"):
        own = {code.split(".")[0] for code in need.codes(name).row(row)}
        days = [
            near["date"]
            for near in told.get("nearest", ())
            if near["date"] and own & {code.split(".")[0] for code in near.get(name, ())}
        ]
        if days:
            return {"like": name, "latest": max(days)}
    return {"like": "", "latest": None}
