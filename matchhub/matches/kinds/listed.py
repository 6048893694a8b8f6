"""What a list shows of needs, offers and their owners, as plain values: a list reads many and changes none."""

from typing import NamedTuple

from matchhub.listings.enums import PairingKind


class Owner(NamedTuple):
    """The names and the place of an organization."""

    name: str
    name_en: str
    short_name: str
    region_code: str | None

    @property
    def label(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name

    @property
    def label_en(self) -> str:
        """The English name; '' where there is none."""
        return self.name_en


class Asking(NamedTuple):
    """A need of any kind; None where its kind has no such fact. Amounts in 元."""

    kind: PairingKind
    organization_id: int
    code_name: str
    teaser: str
    teaser_en: str
    statement: str
    industries: list[str]
    region_code: str | None
    district_code: str | None
    carrier_id: int | None
    amount_min_yuan: int | None
    amount_max_yuan: int | None
    round_code: str | None
    term_months: int | None
    topics: list[str] | None
    organization: Owner


class Offering(NamedTuple):
    """An offer of any kind; None where its kind has no such fact. Amounts in 元, rates in basis points."""

    kind: PairingKind
    organization_id: int
    title: str
    ticket_min_yuan: int | None
    ticket_max_yuan: int | None
    amount_min_yuan: int | None
    amount_max_yuan: int | None
    rate_min_bp: int | None
    topics: list[str] | None
    meeting_modes: list[str] | None
    organization: Owner
