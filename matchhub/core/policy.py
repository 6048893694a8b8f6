"""Who may do what: predicates over (actor, object), composed into one table per feature. What is not in the table is denied."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from matchhub.core import errors
from matchhub.core.labels import N_


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: one person in one membership, or nobody, or the system itself. Carried as a parameter everywhere."""

    user_id: int | None = None
    name: str = ""
    membership_id: int | None = None
    organization_id: int | None = None
    organization_kind: str = ""
    organization_verified: bool = False
    role: str = ""
    region_code: str | None = None  # the scope of a district officer
    district_code: str | None = None  # where the organization lies
    system: bool = False
    ip: str = ""
    session_id: int | None = None
    bears: str = ""  # what the secret address that was opened is the key to, where there is one: `registration:7`

    @property
    def is_known(self) -> bool:
        """Signed in (the system is not a person)."""
        return self.user_id is not None


ANONYMOUS = Actor()
SYSTEM = Actor(system=True, name="系统")

Test = Callable[[Actor, Any], bool]


@dataclass(frozen=True, slots=True)
class Predicate:
    """A named question about an actor and an object; `|`, `&` and `~` compose it."""

    name: str
    test: Test

    def __call__(self, actor: Actor, subject: Any = None) -> bool:
        return self.test(actor, subject)

    def __or__(self, other: "Predicate") -> "Predicate":
        return Predicate(f"({self.name} | {other.name})", lambda a, o: self.test(a, o) or other.test(a, o))

    def __and__(self, other: "Predicate") -> "Predicate":
        return Predicate(f"({self.name} & {other.name})", lambda a, o: self.test(a, o) and other.test(a, o))

    def __invert__(self) -> "Predicate":
        return Predicate(f"~{self.name}", lambda a, o: not self.test(a, o))


def predicate(test: Test) -> Predicate:
    """Make a function of (actor, object) a predicate that carries its name."""
    return Predicate(test.__name__, test)


@predicate
def anyone(actor: Actor, subject: Any) -> bool:
    """Visitors too."""
    return True


@predicate
def signed_in(actor: Actor, subject: Any) -> bool:
    """Any person with an account."""
    return actor.is_known


@predicate
def system(actor: Actor, subject: Any) -> bool:
    """The worker, acting on a rule and nobody's behalf."""
    return actor.system


class Policy:
    """One feature's table from permission to predicate."""

    def __init__(self, table: Mapping[StrEnum, Predicate]) -> None:
        self.table = dict(table)

    def allows(self, permission: StrEnum, actor: Actor, subject: Any = None) -> bool:
        """Whether `actor` may; an unknown permission is a mistake of ours and raises KeyError."""
        return self.table[permission](actor, subject)

    def check(self, permission: StrEnum, actor: Actor, subject: Any = None) -> None:
        """Raise Forbidden unless `actor` may."""
        if not self.allows(permission, actor, subject):
            raise errors.Forbidden(N_("你没有做这件事的权限"))
