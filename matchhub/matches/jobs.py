"""What the worker does for suggestions: waiting runs every few seconds, everything anew each night."""

from datetime import datetime

from matchhub.accounts.queries.readers import acting_for
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.digests import Span
from matchhub.core.jobs import Job
from matchhub.core.labels import N_
from matchhub.listings.enums import PairingKind
from matchhub.matches import engine
from matchhub.matches.models import SavedSearch
from matchhub.matches.queries.searches import due_searches, LISTS, query_of
from matchhub.matches.services.runs import request_full_runs, run_next
from matchhub.matches.services.searches import note_found
from matchhub.matches.services.trials import run_next_trial
from matchhub.matches.services.versions import spec_in_use

MOST_A_TICK = 20


def run_queued(now: datetime) -> int:
    """Compute what waits, oldest first; how many runs."""
    done = 0
    while done < MOST_A_TICK and run_next(now=utcnow() if done else now) is not None:
        done += 1
    return done


def try_weights(now: datetime) -> int:
    """Compute the dry runs of weights that wait; how many."""
    done = 0
    while done < MOST_A_TICK and run_next_trial(now=now) is not None:
        done += 1
    return done


def measure_quality(now: datetime) -> int:
    """Measure each matcher that was written since on the own history; how many."""
    session = db.session()
    return sum(engine.keep_quality(session, kind, spec_in_use(kind), now=now) for kind in PairingKind)


def request_everything(now: datetime) -> None:
    """Queue the nightly comparison of everything, of every kind."""
    with unit_of_work():
        request_full_runs(now=now)


def tell_searches(now: datetime) -> int:
    """Look saved searches through that are due, each with the rights that its owner has now; how many had something new."""
    session = db.session()
    due = [(row.id, row.checked_at) for row in due_searches(session, now=now)]
    told = 0
    for search_id, checked_at in due:
        search = session.get(SavedSearch, search_id)
        if search is None:
            continue
        count = _new_on(search, now=now)
        with unit_of_work():
            told += note_found(search_id, count, checked_at=checked_at, now=now)
    return told


def _new_on(search: SavedSearch, *, now: datetime) -> int:
    listed = LISTS.by_code.get(search.list_code)
    actor = acting_for(db.session(), search.user_id, search.organization_id)
    if listed is None or actor is None or not listed.allows(actor):
        return 0
    return listed.new_on_it(actor, query_of(search), Span(search.checked_at, now))


JOBS = (
    Job("searches", tell_searches, N_("保存的搜索有新结果时提醒"), every_seconds=300),
    Job("match_queued", run_queued, N_("新的和改过的马上比较"), every_seconds=5, lease_seconds=1800),
    Job("weights_tried", try_weights, N_("试算新权重"), every_seconds=5, lease_seconds=600),
    Job("matcher_quality", measure_quality, N_("衡量推荐质量"), every_seconds=60, lease_seconds=1800),
    Job("match_everything", request_everything, N_("每晚全部比较"), hour=2),
)
