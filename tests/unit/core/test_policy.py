"""Policies and workflows: what is not allowed is denied, states move only along the table."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import pytest

from matchhub.core import audit, errors
from matchhub.core.labels import Labelled
from matchhub.core.policy import Actor, ANONYMOUS, anyone, Policy, predicate, signed_in
from matchhub.core.workflow import Transition, Workflow


class Permission(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    FORGOTTEN = "forgotten"


class State(Labelled):
    DRAFT = "draft", "草稿"
    OPEN = "open", "已发布", "green"


@dataclass
class Row:
    state: State = State.DRAFT
    owner_id: int = 1


@predicate
def owner(actor: Actor, row: Any) -> bool:
    return actor.user_id == row.owner_id


POLICY = Policy({Permission.OPEN: signed_in & owner, Permission.CLOSE: anyone})
WORKFLOW = Workflow(
    "row",
    POLICY,
    (
        Transition("publish", "发布", {State.DRAFT}, State.OPEN, Permission.OPEN),
        Transition("return", "退回", {State.OPEN}, State.DRAFT, Permission.CLOSE, needs_reason=True),
    ),
)
ONE, TWO = Actor(user_id=1), Actor(user_id=2)


@pytest.fixture(autouse=True)
def trail(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    kept: list[str] = []
    monkeypatch.setattr(audit, "record", lambda actor, action, *_, **__: kept.append(action))
    return kept


def test_predicates_compose() -> None:
    row = Row()

    assert [(signed_in & owner)(who, row) for who in (ONE, TWO, ANONYMOUS)] == [True, False, False]
    assert [(~owner)(who, row) for who in (ONE, TWO)] == [False, True]
    assert (owner | anyone)(ANONYMOUS, row)


def test_a_permission_that_is_not_in_the_table_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        POLICY.allows(Permission.FORGOTTEN, ONE, Row())


def test_a_transition_moves_the_state_and_leaves_a_trace(trail: list[str]) -> None:
    row = Row()

    WORKFLOW.advance(row, "publish", actor=ONE)

    assert (row.state, trail) == (State.OPEN, ["row:publish"])


@pytest.mark.parametrize(
    ("row", "action", "actor", "error"),
    [
        (Row(), "publish", TWO, errors.Forbidden),
        (Row(State.OPEN), "publish", ONE, errors.Conflict),
        (Row(State.OPEN), "return", ONE, errors.Invalid),
    ],
)
def test_what_may_not_be_changes_nothing(
    row: Row, action: str, actor: Actor, error: type[Exception], trail: list[str]
) -> None:
    before = row.state
    with pytest.raises(error):
        WORKFLOW.advance(row, action, actor=actor, reason="  ")
    assert (row.state, trail) == (before, [])


def test_buttons_are_the_transitions_that_are_open_now() -> None:
    assert [t.action for t in WORKFLOW.available(Row(), ONE)] == ["publish"]
    assert WORKFLOW.available(Row(), TWO) == []
    assert WORKFLOW.may("return", Row(State.OPEN), TWO)
