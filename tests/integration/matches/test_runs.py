"""Runs: claimed once, published whole, and harmless when they fail."""

import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.web import App
from matchhub.listings.enums import PairingKind
from matchhub.matcher.text import Reader
from matchhub.matches import engine
from matchhub.matches.comparison import RankedPair
from matchhub.matches.engine import Scorer
from matchhub.matches.engine.rooms import fits
from matchhub.matches.enums import RunState, Side, Verdict
from matchhub.matches.models import MatchingModel, MatchRun, PublishedRun, Suggestion
from matchhub.matches.queries import lists
from matchhub.matches.services import exclusions, publishing
from matchhub.matches.services.runs import claim, request_run, run_next
from tests.cast import Cast, stored
from tests.integration.matches.conftest import add_need, Market


def offers_of(need_id: int) -> list[int]:
    return [row.offer_id for row in lists.shown(db.session(), Side.NEED, need_id, PairingKind.EQUITY, now=utcnow())]


def needs_of(offer_id: int) -> list[int]:
    return [row.need_id for row in lists.shown(db.session(), Side.OFFER, offer_id, PairingKind.EQUITY, now=utcnow())]


def test_a_full_run_fills_the_lists_of_both_sides_and_names_its_run_and_model(market: Market) -> None:
    row = lists.shown(db.session(), Side.NEED, market.need, PairingKind.EQUITY, now=market.now)[0]

    assert offers_of(market.need)[0] == market.offer
    assert set(needs_of(market.offer)) == {market.need, market.other_need}
    run = db.session.get_one(MatchRun, row.run_id)
    assert run.state is RunState.DONE
    assert db.session.get_one(MatchingModel, run.model_id).spec["version"] == "equity-1"


def test_a_list_that_is_made_anew_was_first_filled_when_it_was(market: Market, compare: Callable[..., None]) -> None:
    pointer = (Side.NEED, market.need)
    first = stored(PublishedRun, pointer, lambda row: (row.at, row.suggested_at))  # type: ignore[arg-type]

    compare()

    later = stored(PublishedRun, pointer, lambda row: (row.at, row.suggested_at))  # type: ignore[arg-type]
    assert first[0] == first[1] == later[1]
    assert later[0] > first[0]


def test_a_new_need_is_compared_alone_and_enters_the_lists_of_the_offers(
    market: Market, people: Cast, compare: Callable[..., None]
) -> None:
    with unit_of_work():
        fresh = add_need(people.qingtian.organization_id, code_name="新材料-0003")
    compare(need_id=fresh)

    assert market.offer in offers_of(fresh)
    assert fresh in needs_of(market.offer)
    assert set(needs_of(market.offer)) == {market.need, market.other_need, fresh}


def test_the_texts_of_offers_are_not_read_again_for_every_need_that_changes(
    market: Market, people: Cast, compare: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    plainly = Reader.read

    def watched(reader: Reader, texts: Sequence[str]) -> Any:
        read.extend(texts)
        return plainly(reader, texts)

    monkeypatch.setattr(Reader, "read", watched)
    times = []
    for name in ("新材料-0003", "新材料-0004"):
        with unit_of_work():
            fresh = add_need(people.qingtian.organization_id, code_name=name)
        read.clear()
        compare(need_id=fresh)
        assert market.offer in offers_of(fresh)
        times.append(sum("早期项目" in text for text in read))

    assert times[0] > times[1] == 0


def test_a_run_that_crashes_leaves_the_last_list_and_says_why(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    before = offers_of(market.need)

    def broken(*_: Any, **__: Any) -> Any:
        raise MemoryError("too large")

    monkeypatch.setattr(Scorer, "ranked", broken)
    with unit_of_work():
        run_id = request_run(now=utcnow()).id
    run_next(now=utcnow())

    assert stored(MatchRun, run_id, lambda run: (run.state, run.error)) == (RunState.FAILED, "MemoryError: too large")
    assert offers_of(market.need) == before != []


def test_a_run_is_claimed_once(market: Market) -> None:
    with unit_of_work():
        run_id = request_run(now=utcnow()).id
        assert request_run(now=utcnow()).id == run_id

    assert claim(now=utcnow()) == run_id
    assert claim(now=utcnow()) is None


def test_an_abandoned_run_gives_way_to_a_fresh_one(market: Market) -> None:
    with unit_of_work():
        lost = request_run(need_id=market.need, now=utcnow()).id
    claim(now=utcnow())

    taken = claim(now=utcnow() + timedelta(hours=1))

    assert taken is not None and taken != lost
    assert stored(MatchRun, lost, lambda run: run.state) is RunState.FAILED
    assert stored(MatchRun, taken, lambda run: run.attempts) == 2


def test_an_older_run_that_ends_later_does_not_replace_a_newer_list(market: Market) -> None:
    with unit_of_work():
        older, newer = request_run(now=utcnow()), request_run(need_id=market.need, now=utcnow())
        old_id, new_id = older.id, newer.id
    pair = RankedPair(market.need, market.offer, 0.9, 0.9, 0.9, 0.9, 1.0, Verdict.FITS, 0)

    for run_id in (new_id, old_id):
        publishing.write(run_id, PairingKind.EQUITY, Side.NEED, [[pair]], now=utcnow())
        publishing.publish(run_id, Side.NEED, [market.need], compared=2, now=utcnow())

    assert stored(PublishedRun, (Side.NEED, market.need), lambda row: row.run_id) == new_id  # type: ignore[arg-type]


def test_what_is_written_is_shown_only_when_the_pointer_moves(market: Market) -> None:
    before = offers_of(market.need)
    with unit_of_work():
        run_id = request_run(need_id=market.need, now=utcnow()).id
    pair = RankedPair(market.need, market.other_offer, 0.9, 0.9, 0.9, 0.9, 1.0, Verdict.FITS, 0)
    publishing.write(run_id, PairingKind.EQUITY, Side.NEED, [[pair]], now=utcnow())

    assert offers_of(market.need) == before
    publishing.publish(run_id, Side.NEED, [market.need], compared=1, now=utcnow())
    assert offers_of(market.need) == [market.other_offer]  # the control


def test_superseded_lists_are_removed(market: Market, compare: Callable[..., None]) -> None:
    first = lists.shown(db.session(), Side.NEED, market.need, PairingKind.EQUITY, now=utcnow())[0].run_id
    compare()

    assert db.session.scalars(select(Suggestion.id).where(Suggestion.run_id == first)).all() == []
    assert offers_of(market.need)[0] == market.offer


def test_an_excluded_pair_is_in_no_list_until_it_is_released(market: Market, compare: Callable[..., None]) -> None:
    with unit_of_work():
        exclusions.exclude(market.need, market.offer, reason="in_progress", now=utcnow())
    compare()
    assert market.offer not in offers_of(market.need)

    with unit_of_work():
        exclusions.release(market.need, market.offer, reason="in_progress")
    compare()
    assert market.offer in offers_of(market.need)


def test_a_started_web_process_loads_the_matcher_behind_the_pages(market: Market, app: App, tmp_path: Path) -> None:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    engine.keep_at(url, tmp_path)  # a process that has loaded nothing

    before = threading.active_count()
    engine.start_loading(url)
    threads = [thread for thread in threading.enumerate() if thread.name == "matcher"]
    for thread in threads:
        thread.join(30)

    assert threads or threading.active_count() == before
    assert engine.store(db.session(), PairingKind.EQUITY).scorer() is not None


def test_a_room_is_planned_with_the_matcher_also_in_a_process_that_has_not_loaded_it_yet(
    market: Market, app: App, tmp_path: Path
) -> None:
    def room() -> dict[tuple[int, int], float]:
        return fits(db.session(), PairingKind.EQUITY, [market.need], [market.offer], now=market.now)

    url = app.config["SQLALCHEMY_DATABASE_URI"]
    engine.keep_at(url, tmp_path)  # a process that has loaded nothing
    assert room()[market.need, market.offer] > 0
    engine.keep_at(url, tmp_path / "nothing written")
    assert room() == {}


def test_a_web_process_starts_without_scikit_learn() -> None:
    code = "import sys, matchhub.app; sys.exit(any(name.startswith(('sklearn', 'matchhub.matcher')) for name in sys.modules))"

    assert subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], check=False).returncode == 0
