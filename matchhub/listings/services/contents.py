"""Writing what was typed onto a row: an allow-list of fields, the version that was read, the range in order."""

from collections.abc import Iterable, Mapping
from typing import Any

from matchhub.core import dictionaries, errors
from matchhub.core.db import hold
from matchhub.core.labels import N_
from matchhub.listings.models import Need, Offer
from matchhub.listings.queries import Obstacle


class EditedElsewhere(errors.Conflict):
    """Somebody, perhaps the same person in another tab, has saved since this form was opened."""

    def __init__(self) -> None:
        super().__init__(N_("内容已在别处改过，请先看两边的不同"))


def _check_version(row: Need | Offer, version: int, values: Mapping[str, Any]) -> None:
    """Refuse what would overwrite the words of somebody else; who typed what is stored already is not in the way."""
    hold(row)
    if row.version != version and any(getattr(row, name) != value for name, value in values.items()):
        raise EditedElsewhere()


def _write(row: Need | Offer, values: Mapping[str, Any], allowed: frozenset[str]) -> list[str]:
    """Set what differs; the names of what changed. Fields that are not on the list are a mistake of ours."""
    if unknown := set(values) - allowed:
        raise KeyError(f"not writable: {sorted(unknown)}")
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    return sorted(changed)


def _check_range(low: int | None, high: int | None, field: str) -> None:
    if low is not None and high is not None and high < low:
        raise errors.Invalid(N_("上限应不低于下限"), field=field)


def _refuse(obstacles: Iterable[Obstacle]) -> None:
    for obstacle in obstacles:
        raise errors.Invalid(obstacle.message, field=obstacle.field)


def _top_level(industries: list[str]) -> str | None:
    """The first industry, by its top level."""
    chain = dictionaries.snapshot().ancestors("industries", industries[0] if industries else None)
    return chain[-1] if chain else None
