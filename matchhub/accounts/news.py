"""What accounts tell the features above."""

from dataclasses import dataclass

from matchhub.accounts.models import Organization, User


@dataclass(frozen=True, slots=True)
class OrganizationRegistered:
    """A new organization has signed up and waits to be checked."""

    organization: Organization


@dataclass(frozen=True, slots=True)
class OrganizationVerified:
    """Somebody has checked that it is real."""

    organization: Organization


@dataclass(frozen=True, slots=True)
class OrganizationClaimed:
    """An imported organization now has people of its own."""

    organization: Organization


@dataclass(frozen=True, slots=True)
class OrganizationRenamed:
    """It bears another name from now on."""

    organization: Organization


@dataclass(frozen=True, slots=True)
class OrganizationClosed:
    """It has left; nothing of it is open any more."""

    organization: Organization


@dataclass(frozen=True, slots=True)
class AddressProven:
    """A person has used a secret that went to this e-mail address alone: it is the person's."""

    user: User
    email: str


@dataclass(frozen=True, slots=True)
class OrganizationMerged:
    """Two rows were the same organization; whoever holds rows of `dropped` moves them to `kept`."""

    kept: Organization
    dropped: Organization


@dataclass(frozen=True, slots=True)
class PersonErased:
    """A person is forgotten: rows about the person lose what tells who it was. `user_id` None: a guest, known by address."""

    user_id: int | None
    addresses: tuple[str, ...]
