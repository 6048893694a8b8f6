"""Whether the first reason is the one that matters: what a pair loses when the data behind it is deleted.

    .venv/bin/python -m benchmarks.faithfulness [FOLDER] [--dataset vc_zh|vc_cb] [--pairs 1000] [--city FOLDER]

For real pairs out of the lists (the first ten of random queries of the public records in FOLDER, default
../shared/bench/public, or of the needs of a demo city: built here, or the data folder of one), the reasons are ordered as
the pair page orders them, by what the pair would lose without the data behind them (rules aside). Then the data behind the first
one and behind another one, drawn at random among those that add to the score, are taken out (the need's fields of that
reason; the offer's past for the past; days to answer for the answers), and the pair is judged anew, second stage included.
The bar: on at least 90 % of the pairs that have two reasons the first lowers the pair's key more than the other; and what
the items add is the score to 1e-6, for every pair.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.listings.enums import PairingKind
from matchhub.matcher import Explanation, Matcher, Table
from matchhub.matcher.deletion import deleted, lost
from matchhub.matcher.evaluation.dataset import load
from matchhub.matcher.evaluation.run import recipe_for
from matchhub.matches import engine
from matchhub.matches.engine import Market

DEFAULT = Path(__file__).resolve().parents[2] / "shared" / "bench" / "public"
LENGTH, LEAST, EXACT = 10, 0.9, 1e-6
LEARNED, HISTORY = "past:", "track_record"


@dataclass(frozen=True)
class Tried:
    """One pair: the first reason, the other one, and what each loses the pair."""

    first: str
    other: str
    lost_first: float
    lost_other: float
    lost_adding: float  # what the pair loses without the reason that adds most: the order that is told no more


def key_of(matcher: Matcher, need: Table, offers: Table) -> NDArray[np.float32]:
    """The order's keys with the second stage, where there is one."""
    judged = matcher.judge(need, offers)
    refine = getattr(matcher, "refined", None)
    return (refine(judged, need, offers) if refine else judged).key[0]


def reasons(told: Explanation) -> dict[str, float]:
    """What each feature adds; what the second stage learned stands with the past that it is read from."""
    found: dict[str, float] = {}
    for item in told.items:
        if item.speaks:
            topic = HISTORY if item.feature.startswith(LEARNED) else item.feature
            found[topic] = found.get(topic, 0.0) + item.contribution
    return found


def fallen(matcher: Matcher, need: Table, offers: Table) -> dict[str, NDArray[np.float32]]:
    """feature → (n_offers,) what the keys lose without the data behind it, the second stage included."""
    whole = key_of(matcher, need, offers)
    return {part.name: whole - key_of(matcher, *deleted(part)(need, offers)) for part in matcher.features_}


def tried(matcher: Matcher, needs: Table, offers: Table, most: int, seed: int, off: list[float]) -> Iterator[Tried]:
    """Pairs of random lists; `off` gathers how far items are from adding up."""
    random = np.random.default_rng(seed)
    given = 0
    for row in random.permutation(len(needs)):
        need = needs.take([int(row)])
        listed = offers.take(matcher.rank(need, offers, LENGTH).by_need.offer)
        if not len(listed) or given >= most:
            continue
        fall, matter = fallen(matcher, need, listed), lost(matcher, need, listed)
        for at in range(len(listed)):
            told = matcher.explain(need, listed.take([at]))
            off.append(abs(sum(item.contribution for item in told.items) - told.score))
            adds = {topic: part for topic, part in reasons(told).items() if topic in fall and part > 0}
            ordered = sorted(adds, key=lambda topic: -matter[topic][at])
            if len(ordered) > 1 and given < most:
                other = str(random.choice(ordered[1:]))
                given += 1
                most_added = max(adds, key=adds.__getitem__)
                drops = (float(fall[topic][at]) for topic in (ordered[0], other, most_added))
                yield Tried(ordered[0], other, *drops)


def told(name: str, found: Sequence[Tried], off: Sequence[float]) -> dict[str, Any]:
    """Figures of one set of pairs, printed."""
    right = [one.lost_first > one.lost_other for one in found]
    share = float(np.mean(right)) if right else 0.0
    wide = 1.96 * (share * (1 - share) / max(1, len(right))) ** 0.5
    firsts = Counter(one.first for one in found)
    print(
        f"{name}: {len(found)} pairs with two reasons or more (of {len(off)}); the first loses more on {share:.3f} ± {wide:.3f}"
    )
    for topic, number in firsts.most_common():
        mine = [one.lost_first > one.lost_other for one in found if one.first == topic]
        print(f"  first is {topic:16} {number:5} times, loses more on {np.mean(mine):.3f}")
    adding = float(np.mean([one.lost_adding > one.lost_other for one in found])) if found else 0.0
    print(f"  the reason that adds most would lose more than that other one on {adding:.3f}")
    wrong = Counter((one.first, one.other) for one in found if one.lost_first <= one.lost_other)
    print(f"  most often wrong: {wrong.most_common(4)}")
    print(f"  items are off the score by at most {max(off, default=0):.1e}")
    ok = share >= LEAST and max(off, default=1) <= EXACT and bool(found)
    return {
        "name": name,
        "pairs": len(found),
        "share": round(share, 4),
        "by_adding": round(adding, 4),
        "off": max(off, default=0),
        "ok": ok,
    }


def public(folder: Path, dataset: str, most: int) -> Iterator[dict[str, Any]]:
    data = load(folder, dataset, "dev", "cold")
    matcher = Matcher(recipe_for(data)).fit(data.needs, data.offers, data.history)
    off: list[float] = []
    found = list(tried(matcher, data.needs, data.offers, most, 0, off))
    yield told(dataset, found, off)


def of_city(ready: Path | None, most: int) -> Iterator[dict[str, Any]]:
    from benchmarks.walking import build  # noqa: PLC0415 -- the whole product is only needed for a city

    with tempfile.TemporaryDirectory() as folder:
        app = build(Path(folder) / "city", ready)
        with app.app_context():
            for kind in PairingKind:
                session, now = db.session(), utcnow()
                market = Market.read(session, kind, now=now, with_past=True)
                matcher = engine.fitted(session, market, engine.default_spec(kind)).matcher
                off: list[float] = []
                found = list(tried(matcher, market.needs, market.offers, most, 0, off))
                yield told(f"city, {kind.value}", found, off)
            db.session.remove()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=DEFAULT)
    parser.add_argument("--dataset", action="append", choices=("vc_zh", "vc_cb"))
    parser.add_argument("--pairs", type=int, default=1000)
    parser.add_argument("--city", type=Path, help="the data folder of a demo city, copied; without it one is built")
    asked = parser.parse_args()
    figures = list(of_city(asked.city, asked.pairs))
    if (asked.folder / "vc_zh_startups.csv.gz").exists():
        for dataset in asked.dataset or ("vc_zh",):
            figures += public(asked.folder, dataset, asked.pairs)
    else:
        print(f"public records are absent: looked in {asked.folder}")
    print(json.dumps({"faithfulness": figures}))
    return 0 if all(one["ok"] for one in figures) else 1


if __name__ == "__main__":
    sys.exit(main())
