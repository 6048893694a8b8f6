"""Line-ups: what the proposal brings against "most popular first" and "first come" over the demo city's year, in one run.

    .venv/bin/python -m benchmarks.lineup [--guests 24] [--applicants 24] [--city FOLDER]

Builds the demo city in a folder of its own (or copies FOLDER, a city that stands). At the end of each month of its year the
firms whose needs were published within three months before apply to a roadshow of eight, and guests are drawn by lot from the
funds, banks and mentors with an open offer: the same applicants and guests for the three rivals.

    proposal     the matcher's line-up: interest, variety, turn
    popular      the needs that fit the whole city's offers best on average, as a list by popularity gives them
    first_come   in the order of publication

Interest is expected interest, p from the matcher's own fit between need and offer (`chance_of`); nothing here says how people
really chose. Told are: guests expected to find somebody (1 - product of 1 - p), guests for whom a project fits well, nDCG@3 of
what a guest finds on stage against the best three of all applicants, different fields, carriers and rounds on stage, the share of
first-timers, and the firms that got on stage in the year at all.

The bars: over the year the proposal has more guests who find somebody than either rival, more different fields than either, and
more firms on stage than by popularity.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from benchmarks import walking
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.events.queries.lineup import chance_of, GOOD_CHANCE
from matchhub.listings.enums import OfferState, PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.listings.queries.needs import EVERY_KIND
from matchhub.matches.engine import Applicant, fits, propose_lineup, store

PLACES, DEEP, SEED = 8, 3, 7
MONTH, WINDOW = timedelta(days=30), timedelta(days=91)
RIVALS = ("proposal", "popular", "first_come")
Chances = NDArray[np.float64]


@dataclass
class City:
    """Needs in the order of publication, owners of open offers, and the best fit of each with each."""

    needs: list[Need]
    owners: list[int]
    chances: Chances  # (needs, owners), NaN where nothing is known


@dataclass
class Memory:
    """What one rival's year remembers: who was on stage, who was passed over."""

    pitched: set[int] = field(default_factory=set)
    passed: Counter[int] = field(default_factory=Counter)


def city() -> City:
    """All pairs once, kind by kind."""
    session, now = db.session(), utcnow()
    needs = [
        need
        for need in session.scalars(select(Need).where(Need.published_at.is_not(None)).options(EVERY_KIND))
        if need.kind is not PairingKind.MENTORING
    ]
    needs.sort(key=lambda need: (need.published_at, need.id))
    offers = session.execute(
        select(Offer.id, Offer.kind, Offer.organization_id).where(Offer.state == OfferState.OPEN).order_by(Offer.id)
    ).all()
    owners = sorted({owner for _, _, owner in offers})
    rows, columns = {need.id: row for row, need in enumerate(needs)}, {owner: at for at, owner in enumerate(owners)}
    chances = np.full((len(needs), len(owners)), np.nan)
    for kind in (PairingKind.EQUITY, PairingKind.CREDIT):
        store(session, kind).load()
        given = {identity: owner for identity, of, owner in offers if of is kind}
        asked = [need.id for need in needs if need.kind is kind]
        for (need, offer), score in fits(session, kind, asked, list(given), now=now).items():
            at = rows[need], columns[given[offer]]
            chances[at] = max(chance_of(score), 0.0 if np.isnan(chances[at]) else chances[at])
    return City(needs, owners, chances)


def months(found: City) -> list[datetime]:
    """The ends of the months of which three have passed since the first need."""
    first, last = found.needs[0].published_at, found.needs[-1].published_at
    assert first is not None and last is not None
    ends, moment = [], first + WINDOW
    while moment <= last + MONTH:
        ends.append(moment)
        moment += MONTH
    return ends


def applying(found: City, end: datetime, most: int, random: Random) -> list[int]:
    """Rows of the needs of so many firms, one each, in the order of publication."""
    newest: dict[int, int] = {}
    for row, need in enumerate(found.needs):
        if need.published_at is not None and end - WINDOW <= need.published_at < end:
            newest[need.organization_id] = row
    rows = sorted(newest.values())
    return sorted(random.sample(rows, most)) if len(rows) > most else rows


def kinds(need: Need) -> dict[str, str | None]:
    """What shall vary, as the line-up page has it."""
    carrier = str(need.carrier_id) if need.carrier_id else None
    return {"industry": need.lead_industry, "carrier": carrier, "stage": getattr(need, "round_code", need.kind.value)}


def picked(rival: str, found: City, rows: Sequence[int], guests: Sequence[int], memory: Memory) -> list[int]:
    """The rows that a rival puts on stage."""
    if rival == "first_come":
        return list(rows[:PLACES])
    if rival == "popular":
        liked = np.nan_to_num(found.chances[list(rows)]).mean(axis=1)
        return [rows[at] for at in np.argsort(-liked, kind="stable")[:PLACES]]
    applicants = [
        Applicant(
            [None if np.isnan(p) else float(p) for p in found.chances[row, list(guests)]],
            kinds(found.needs[row]),
            found.needs[row].organization_id not in memory.pitched,
            memory.passed[found.needs[row].organization_id],
        )
        for row in rows
    ]
    return [rows[placed.row] for placed in propose_lineup(applicants, PLACES, 0).places]


def told(
    found: City, rows: Sequence[int], guests: Sequence[int], on_stage: Sequence[int], memory: Memory
) -> dict[str, float]:
    """One roadshow in figures."""
    chance = np.nan_to_num(found.chances[np.ix_(on_stage, guests)])
    values = [kinds(found.needs[row]) for row in on_stage]
    firms = [found.needs[row].organization_id for row in on_stage]
    return {
        "find_somebody": float((1 - np.prod(1 - chance, axis=0)).sum()) / len(guests),
        "find_a_good_fit": float((chance.max(axis=0) >= GOOD_CHANCE).mean()),
        "ndcg_at_3": ndcg(chance, np.nan_to_num(found.chances[np.ix_(rows, guests)])),
        "fields": len({value["industry"] for value in values if value["industry"]}),
        "carriers": len({value["carrier"] for value in values if value["carrier"]}),
        "rounds": len({value["stage"] for value in values if value["stage"]}),
        "first_timers": sum(firm not in memory.pitched for firm in firms) / len(firms),
    }


def ndcg(on_stage: Chances, applied: Chances) -> float:
    """What guests find among the best three on stage against the best three of all who applied, the mean over guests."""
    discounts = 1 / np.log2(np.arange(2, DEEP + 2))

    def gain(values: Chances) -> Chances:
        best = -np.sort(-values, axis=0)[:DEEP]
        total: Chances = (best * discounts[: len(best), None]).sum(axis=0)
        return total

    ideal = gain(applied)
    with np.errstate(divide="ignore", invalid="ignore"):
        return float(np.nanmean(np.where(ideal > 0, gain(on_stage) / ideal, np.nan)))


def remember(memory: Memory, found: City, rows: Sequence[int], on_stage: Sequence[int]) -> None:
    """Who was on stage is no first-timer any more; who was not has been passed over once more."""
    for row in rows:
        firm = found.needs[row].organization_id
        if row in on_stage:
            memory.pitched.add(firm)
        else:
            memory.passed[firm] += 1


def year(found: City, guests: int, applicants: int) -> dict[str, Any]:
    """The year of the three rivals: means over its roadshows, and the firms that got on stage."""
    random = Random(SEED)
    figures: dict[str, list[dict[str, float]]] = {rival: [] for rival in RIVALS}
    memories = {rival: Memory() for rival in RIVALS}
    for end in months(found):
        rows = applying(found, end, applicants, random)
        drawn = random.sample(range(len(found.owners)), min(guests, len(found.owners)))
        if len(rows) <= PLACES:
            continue
        for rival in RIVALS:
            on_stage = picked(rival, found, rows, drawn, memories[rival])
            figures[rival].append(told(found, rows, drawn, on_stage, memories[rival]))
            remember(memories[rival], found, rows, on_stage)
    means = {
        rival: {name: float(np.mean([one[name] for one in ones])) for name in ones[0]}
        | {"firms_in_the_year": float(len(memories[rival].pitched))}
        for rival, ones in figures.items()
    }
    return {"roadshows": len(figures[RIVALS[0]]), "needs": len(found.needs), "offerers": len(found.owners), **means}


def is_met(result: dict[str, Any]) -> dict[str, bool]:
    """The bars, each by its name."""
    own, popular, first = (result[rival] for rival in RIVALS)
    return {
        "more guests find somebody": own["find_somebody"] > max(popular["find_somebody"], first["find_somebody"]),
        "more different fields": own["fields"] > max(popular["fields"], first["fields"]),
        "more firms on stage than by popularity": own["firms_in_the_year"] > popular["firms_in_the_year"],
    }


def main() -> int:
    """Print the figures, a line of JSON last; 1 where a bar is not met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--guests", type=int, default=24)
    parser.add_argument("--applicants", type=int, default=24)
    parser.add_argument("--city", type=Path, help="a folder in which a city stands; it is copied")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        app = walking.build(Path(folder), given.city)
        with app.app_context():
            result = year(city(), given.guests, given.applicants)
    names = list(result[RIVALS[0]])
    print(f"{result['roadshows']} roadshows, {result['needs']} needs, {result['offerers']} owners of open offers")
    print(f"{'':20}" + "".join(f"{rival:>12}" for rival in RIVALS))
    for name in names:
        print(f"{name:20}" + "".join(f"{result[rival][name]:12.3f}" for rival in RIVALS))
    bars = is_met(result)
    for name, met in bars.items():
        print(f"{'met ' if met else 'MISSED'} {name}")
    print(json.dumps({**result, "bars": bars, "met": all(bars.values())}))
    return 0 if all(bars.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
