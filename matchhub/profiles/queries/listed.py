"""What a directory shows of an organization and its profile, as plain values: a list reads fifty of them and changes none."""

from collections.abc import Iterable
from dataclasses import make_dataclass
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import inspect, Row

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.models import Organization
from matchhub.profiles.queries.kinds import DIRECTORIES
from matchhub.profiles.queries.profiles import MODELS


class ListedOrganization(NamedTuple):
    """The names and the place of an organization."""

    id: int
    name: str
    name_en: str
    short_name: str
    region_code: str | None
    district_code: str | None

    @property
    def label(self) -> str:
        """The short name where there is one."""
        return self.short_name or self.name

    @property
    def label_en(self) -> str:
        """The English name; '' where there is none."""
        return self.name_en


OF_ORGANIZATION = [getattr(Organization, name) for name in ListedOrganization._fields]


@cache
def _columns_of(kind: OrganizationKind) -> dict[str, Any]:
    """The columns of a profile that a list shows, by name: it has forty more, some of them long."""
    model, listed = MODELS[kind], DIRECTORIES[kind]
    english = (f"{name}_en" for name in listed.columns)
    shown = {"organization_id", "kind", "state", "carrier_id", *listed.columns, *english}
    return {column.key: getattr(model, column.key) for column in inspect(model).column_attrs if column.key in shown}


@cache
def _shape_of(kind: OrganizationKind) -> Any:
    return make_dataclass("ListedProfile", [*_columns_of(kind), "organization"], slots=True)


def shown_alone(kind: OrganizationKind) -> list[Any]:
    """What a statement reads for a list of this kind, profile first; `listed_profiles` reads its rows."""
    return [*_columns_of(kind).values(), *OF_ORGANIZATION]


def listed_profiles(kind: OrganizationKind, rows: Iterable[Row[Any]]) -> list[Any]:
    """Of each row what a `Profile` of this kind has of the same name, and its `ListedOrganization`."""
    shape, end = _shape_of(kind), len(_columns_of(kind))
    return [shape(*row[:end], ListedOrganization(*row[end:])) for row in rows]
