"""Tickets: issued with the seat, revoked with it. The code is never stored, see `core.links`."""

from datetime import datetime

from matchhub.core.db import db, writes
from matchhub.core.links import LINKS
from matchhub.events import queries
from matchhub.events.models import Registration, Ticket

PURPOSE = "ticket"


@writes
def issue(registration: Registration, *, now: datetime) -> Ticket:
    """The ticket of somebody who holds a seat; one that was revoked gets another code."""
    ticket = queries.ticket_of(db.session(), registration.id) if registration.id else None
    if ticket is not None and ticket.revoked_at is None:
        return ticket
    nonce, code_hash = LINKS.new_code(PURPOSE)
    if ticket is None:
        ticket = Ticket(registration=registration, nonce=nonce, code_hash=code_hash, issued_at=now)
        db.session.add(ticket)
    else:
        ticket.nonce, ticket.code_hash, ticket.issued_at, ticket.revoked_at = nonce, code_hash, now, None
    return ticket


@writes
def revoke(registration: Registration, *, now: datetime) -> None:
    """The seat is given back: the code opens no door any more."""
    ticket = queries.ticket_of(db.session(), registration.id)
    if ticket is not None and ticket.revoked_at is None:
        ticket.revoked_at = now


def ticket_code(ticket: Ticket) -> str | None:
    """What stands in the QR code; None for a revoked ticket, or where the installation's secret was lost."""
    return None if ticket.revoked_at else LINKS.code(PURPOSE, ticket.nonce, ticket.code_hash)
