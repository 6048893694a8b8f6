"""Lists of others that leave the house as files: a fresh proof of who takes them, what for, and a trace of each."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import SECOND_FACTOR_ROLES
from matchhub.accounts.models import UserSession
from matchhub.accounts.queries import token_hash
from matchhub.accounts.services.sessions import renewed
from matchhub.core import audit, errors
from matchhub.core.audit import AuditEvent
from matchhub.core.db import writes
from matchhub.core.labels import N_
from matchhub.core.policy import Actor

TAKEN = "list:take"
WINDOW = timedelta(minutes=15)  # so long one proof, and one reason, are good
REPEAT = timedelta(hours=1)  # who takes the same list again within this time is asked again
MOST = 30  # lists within that time
MUST_SAY_WHY = frozenset(role.value for role in SECOND_FACTOR_ROLES)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is still missing before a list may leave, and since when the same list is out; None for not lately."""

    proof: bool
    reason: bool
    again_since: datetime | None

    @property
    def nothing(self) -> bool:
        return not self.proof and not self.reason


def asked_by(address: str) -> str:
    """What the trail keeps of the address of a list: the same for the same list, and nothing that was searched for."""
    return token_hash(address)[:16]


def wanted(
    session: Session, actor: Actor, address: str, *, of_others: bool, said_at: datetime | None, now: datetime
) -> Wanted:
    """What this person must still show before the list at `address` leaves; `said_at`: when a reason was given last.

    Who works for a bureau says why it takes a list of others, and is asked again for the same list within an hour.
    Raises TooMany.
    """
    lately = _lately(session, actor, now)
    if len(lately) >= MOST:
        raise errors.TooMany(
            N_("一小时内最多下载 %(most)s 份名单，请过一会儿再来"), retry_after=int(REPEAT.total_seconds()), most=MOST
        )
    row = session.get(UserSession, actor.session_id or 0)
    proved = max((at for at in (row.created_at, row.proved_at) if at), default=None) if row else None
    since = now - WINDOW
    if not of_others or actor.role not in MUST_SAY_WHY:
        return Wanted(proved is None or proved <= since, False, None)
    same = [at for at, asked in lately if asked == asked_by(address)]
    again = max(same, default=None)
    since = max(since, again or since)
    return Wanted(proved is None or proved <= since, said_at is None or said_at <= since, again)


def _lately(session: Session, actor: Actor, now: datetime) -> list[tuple[datetime, str]]:
    """When this person took lists within the last hour, and which."""
    rows = session.execute(
        select(AuditEvent.at, AuditEvent.details).where(
            AuditEvent.action == TAKEN, AuditEvent.actor_user_id == actor.user_id, AuditEvent.at > now - REPEAT
        )
    )
    return [(at, details.get("asked", "")) for at, details in rows]


@writes
def prove_again(row: UserSession, *, actor: Actor, now: datetime) -> str:
    """The person has proved again to be there: good for a while, under a new id of the session, which is returned.

    Raises Forbidden, and Conflict where the session has ended.
    """
    if row.user_id != actor.user_id:
        raise errors.Forbidden(N_("你没有做这件事的权限"))
    if row.ended_at is not None:
        raise errors.Conflict(N_("登录已过期，请重新登录"))
    row.proved_at = now
    audit.record(actor, "session:prove", row)
    return renewed(row)
