"""The templates in force."""

from datetime import date

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from matchhub.events.enums import EventType
from matchhub.events.models import EventTemplate


def current_templates(session: Session, on: date) -> dict[EventType, EventTemplate]:
    """type → the newest version in force on a day, in the order of the types."""
    newest = (
        select(EventTemplate.type, func.max(EventTemplate.number).label("number"))
        .where(EventTemplate.effective_from <= on)
        .group_by(EventTemplate.type)
        .subquery()
    )
    same = (EventTemplate.type == newest.c.type) & (EventTemplate.number == newest.c.number)
    found = {row.type: row for row in session.scalars(select(EventTemplate).join(newest, same))}
    return {kind: found[kind] for kind in EventType if kind in found}


def current_template(session: Session, kind: EventType, on: date) -> EventTemplate:
    """The version in force; raises LookupError where there is none."""
    statement = (
        select(EventTemplate)
        .where(EventTemplate.type == kind, EventTemplate.effective_from <= on)
        .order_by(EventTemplate.number.desc())
        .limit(1)
    )
    row = session.scalar(statement)
    if row is None:
        raise LookupError(f"no template for {kind.value}")
    return row


def template_versions(session: Session, kind: EventType) -> list[EventTemplate]:
    """All versions of a type, the newest first."""
    statement = select(EventTemplate).where(EventTemplate.type == kind).order_by(EventTemplate.number.desc())
    return list(session.scalars(statement))


def newest_template(session: Session, kind: EventType) -> EventTemplate:
    """The version with the highest number, in force or to come; raises LookupError where there is none."""
    versions = template_versions(session, kind)
    if not versions:
        raise LookupError(f"no template for {kind.value}")
    return versions[0]
