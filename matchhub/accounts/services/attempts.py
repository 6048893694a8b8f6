"""Limits on guessing, per account and per address of the network, as rows of the ledger that outlive every rollback."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session

from matchhub.accounts.models import SignInAttempt
from matchhub.accounts.queries import token_hash
from matchhub.core import errors, ledger
from matchhub.core.labels import N_
from matchhub.core.policy import Actor

KNOWN_PLACE = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many failures in a window of time."""

    count: int
    window: timedelta


LIMITS = {
    "sign_in": Limit(10, timedelta(minutes=5)),
    "second_factor": Limit(5, timedelta(minutes=5)),
    "password": Limit(10, timedelta(minutes=5)),
    "registration": Limit(10, timedelta(minutes=5)),
    "reset_request": Limit(5, timedelta(days=1)),
    "reset": Limit(10, timedelta(minutes=5)),
    "provider": Limit(30, timedelta(minutes=5)),
    "guest_place": Limit(5, timedelta(hours=1)),
}
PER_PLACE = {
    "reset_request": Limit(20, timedelta(days=1)),
    "registration": Limit(30, timedelta(minutes=5)),
    "guest_place": Limit(60, timedelta(hours=1)),  # a house full of visitors has one address of the network
}


def begin(kind: str, identifier: str, *, actor: Actor, now: datetime) -> int:
    """Note an attempt before it is judged; `succeed` takes it off the count. Raises TooMany when the limit is reached.

    Who comes from a place where this account has signed in before is counted apart, so that a stranger's guesses
    cannot keep the owner out.
    """
    row = SignInAttempt(kind=kind, identifier_hash=token_hash(identifier), ip=actor.ip, at=now, succeeded=False)
    found: dict[str, int] = {}

    def entry(session: Session) -> None:
        if _is_full(session, row, now):
            return
        session.add(row)
        session.flush()
        found["id"] = row.id

    ledger.write_now(entry)
    if "id" not in found:
        ledger.security_event(actor, f"{kind}_limited", account=row.identifier_hash[:16])
        seconds = int(LIMITS[kind].window.total_seconds())
        raise errors.TooMany(
            N_("试的次数太多了，请过 %(minutes)s 分钟再试"), retry_after=seconds, minutes=seconds // 60
        )
    return found["id"]


def succeed(attempt_id: int) -> None:
    """The attempt was right: it does not count against anybody."""
    ledger.later(
        lambda session: session.execute(
            update(SignInAttempt).where(SignInAttempt.id == attempt_id).values(succeeded=True)
        )
    )


def _is_full(session: Session, row: SignInAttempt, now: datetime) -> bool:
    limit = LIMITS[row.kind]
    place = PER_PLACE.get(row.kind, limit)
    account: list[ColumnElement[bool]] = [SignInAttempt.identifier_hash == row.identifier_hash]
    if _known_place(session, row, now):
        account.append(SignInAttempt.ip == row.ip)
    by_account = _failures(session, row.kind, now - limit.window, *account)
    by_place = _failures(session, row.kind, now - place.window, SignInAttempt.ip == row.ip)
    return by_account >= limit.count or by_place >= place.count


def _failures(session: Session, kind: str, since: datetime, *conditions: ColumnElement[bool]) -> int:
    statement = select(func.count(SignInAttempt.id)).where(
        SignInAttempt.kind == kind, SignInAttempt.at > since, SignInAttempt.succeeded.is_(False), *conditions
    )
    return session.scalar(statement) or 0


def _known_place(session: Session, row: SignInAttempt, now: datetime) -> bool:
    statement = select(SignInAttempt.id).where(
        SignInAttempt.kind == row.kind,
        SignInAttempt.identifier_hash == row.identifier_hash,
        SignInAttempt.ip == row.ip,
        SignInAttempt.succeeded.is_(True),
        SignInAttempt.at > now - KNOWN_PLACE,
    )
    return session.scalar(statement.limit(1)) is not None
