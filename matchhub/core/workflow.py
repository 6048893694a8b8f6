"""State machines as tables: legality, buttons, the audit and the diagram in the docs read the same rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from matchhub.core import audit, errors
from matchhub.core.labels import Labelled, N_
from matchhub.core.policy import Actor, Policy


@dataclass(frozen=True, slots=True)
class Transition:
    """One row: the action's name and label, where it may start, where it ends, who may."""

    action: str
    label: str
    sources: frozenset[Labelled] | set[Labelled]
    target: Labelled
    permission: StrEnum
    needs_reason: bool = False


class Workflow:
    """The transitions of one kind of row. The row has a `state` (or `attribute`) and, where people race, a version."""

    def __init__(self, name: str, policy: Policy, rows: Sequence[Transition], *, attribute: str = "state") -> None:
        self.name = name
        self.policy = policy
        self.rows = {row.action: row for row in rows}
        self.attribute = attribute

    def available(self, subject: Any, actor: Actor) -> list[Transition]:
        """The transitions that `actor` may start now: the buttons."""
        state = getattr(subject, self.attribute)
        return [
            row
            for row in self.rows.values()
            if state in row.sources and self.policy.allows(row.permission, actor, subject)
        ]

    def may(self, action: str, subject: Any, actor: Actor) -> bool:
        """Whether `action` is open to `actor` now."""
        return any(row.action == action for row in self.available(subject, actor))

    def advance(self, subject: Any, action: str, *, actor: Actor, reason: str | None = None) -> None:
        """Move `subject` by `action` and leave an audit row.

        Raises Forbidden (not this actor), Conflict (not from this state) or Invalid (a reason is missing).
        """
        row = self.rows[action]
        self.policy.check(row.permission, actor, subject)
        state = getattr(subject, self.attribute)
        if state not in row.sources:
            raise errors.Conflict(N_("已经处理过了，现在是「%(state)s」"), state=state)
        if row.needs_reason and not (reason or "").strip():
            raise errors.Invalid(N_("请写明原因"), field="reason")
        setattr(subject, self.attribute, row.target)
        audit.record(actor, f"{self.name}:{action}", subject, before=str(state), after=str(row.target))
