"""Signing in takes as long for a stranger, and for an account that is shut, as for a wrong password of a known one."""

import statistics
import time

import pytest
from sqlalchemy import delete

from matchhub.accounts.models import Membership, SignInAttempt, User
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from tests.cast import Browser, Cast
from tests.integration.accounts.test_sign_in import enter

TRIES = 201
BATCH = 3  # with three addresses just below the limit of one place
ADDRESSES = {
    "known": "xinghe@xinghe.example",
    "unknown": "nobody@nowhere.example",
    "disabled": "yuanshan@yuanshan.example",
}


@pytest.mark.slow
def test_known_unknown_and_disabled_take_the_same_time(stranger: Browser, lin: Membership, people: Cast) -> None:
    if db.engine.dialect.name != "sqlite":
        pytest.skip("the time goes into hashing, whatever the database")
    disabled, known = people.yuanshan.user_id, lin.user_id
    with unit_of_work() as session:
        user = session.get_one(User, disabled)
        user.password_hash, user.disabled_at = session.get_one(User, known).password_hash, utcnow()
    taken: dict[str, list[float]] = {name: [] for name in ADDRESSES}
    for _ in range(TRIES // BATCH):
        for _ in range(BATCH):  # in turn, so that a busy machine is busy for all three
            for name, address in ADDRESSES.items():
                began = time.perf_counter()
                status = enter(stranger, address, "Wrong-Stone-2026").status_code
                taken[name].append(time.perf_counter() - began)
                assert status == 422
        forget_attempts()

    medians = {name: statistics.median(times) for name, times in taken.items()}
    print({name: f"{1000 * median:.1f} ms" for name, median in medians.items()})
    assert max(medians.values()) / min(medians.values()) < 1.15


def forget_attempts() -> None:
    """The limit on guessing is not what is measured."""
    with unit_of_work():
        db.session.execute(delete(SignInAttempt))
