"""What can be brought in as a table: derived from the recipes of the listings, so a new pairing brings its own tables."""

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from matchhub.accounts.enums import OrganizationKind
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.previews import Fate
from matchhub.importing.policy import Permission, POLICY
from matchhub.listings.enums import PairingKind
from matchhub.listings.recipes import OFFER_RECIPES

MAX_LINES = 1_000
EXAMPLE = ("示例", "example")


class Subject(Enum):
    """What one line of a table is."""

    NEED = "needs"
    OFFER = "offers"
    MENTOR = "mentors"


class Whose(Enum):
    """Whose lines they are: one's own, those of the firms in one's carrier, those of organizations nobody has joined."""

    OWN = "own"
    RESIDENTS = "residents"
    UNCLAIMED = "unclaimed"


@dataclass(frozen=True, slots=True)
class ImportKind:
    """One sort of table. `key`: the column that tells the lines of one organization apart."""

    code: str
    label: str
    subject: Subject
    pairing: PairingKind
    key: str

    @property
    def owner(self) -> OrganizationKind:
        """What kind of organization its lines belong to."""
        return OrganizationKind.ENTERPRISE if self.subject is Subject.NEED else OFFER_RECIPES[self.pairing].owner


KINDS: dict[str, ImportKind] = {
    kind.code: kind
    for kind in (
        *(ImportKind(f"{p.value}-needs", p.label, Subject.NEED, p, "teaser") for p in PairingKind),
        *(
            ImportKind(f"{p.value}-offers", recipe.words.all_of_them, Subject.OFFER, p, "title")
            for p, recipe in OFFER_RECIPES.items()
        ),
        ImportKind("mentors", N_("备案创业导师"), Subject.MENTOR, PairingKind.MENTORING, "organization"),
    )
}


def kinds_of(actor: Actor) -> list[ImportKind]:
    """What the actor may bring in."""
    return [kind for kind in KINDS.values() if whose(kind, actor) is not None]


def whose(kind: ImportKind, actor: Actor) -> Whose | None:
    """Whose lines the actor may bring in with a table of this kind; None for nobody's."""
    if kind.subject is Subject.NEED:
        return Whose.RESIDENTS if POLICY.allows(Permission.IMPORT_NEEDS_OF_FIRMS, actor) else None
    if POLICY.allows(Permission.IMPORT_UNCLAIMED, actor):
        return Whose.UNCLAIMED
    is_own = kind.subject is Subject.OFFER and actor.organization_kind == kind.owner.value
    return Whose.OWN if is_own and POLICY.allows(Permission.IMPORT_OWN_OFFERS, actor) else None


class ColumnForm(Enum):
    """How a cell is read."""

    TEXT = "text"
    LINES = "lines"
    AMOUNT = "amount"
    WHOLE = "whole"
    RATE = "rate"
    DAY = "day"
    CODE = "code"
    CODES = "codes"
    FLAG = "flag"


@dataclass(frozen=True, slots=True)
class Column:
    """One column: the field it fills, its header in both languages, its words (code, 中文, English), its unit and hint."""

    name: str
    zh: str
    en: str
    form: ColumnForm
    words: tuple[tuple[str, str, str], ...] = ()
    unit: str = ""
    is_needed: bool = False


NUMBER = Column("id", "编号", "Number", ColumnForm.WHOLE)
USCC = Column("uscc", "统一社会信用代码", "Unified social credit code", ColumnForm.TEXT)
OWNERS: dict[Subject, Column] = {
    Subject.NEED: Column("organization", "企业", "Enterprise", ColumnForm.TEXT, is_needed=True),
    Subject.OFFER: Column("organization", "机构", "Organization", ColumnForm.TEXT, is_needed=True),
    Subject.MENTOR: Column("organization", "姓名", "Name", ColumnForm.TEXT, is_needed=True),
}


@dataclass(slots=True)
class Line:
    """What is to be done for one line. No `organization_id`: an organization that nobody has joined is to be made."""

    number: int
    name: str
    fate: Fate
    organization_id: int | None = None
    row_id: int | None = None
    uscc: str | None = None
    values: dict[str, Any] = field(default_factory=dict)
    note: str = ""
