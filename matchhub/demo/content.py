"""The invented city as data: carriers, firms, investors, officers and what they say (`content/*.json`)."""

import json
from functools import cache
from pathlib import Path
from typing import Any

Record = dict[str, Any]
FOLDER = Path(__file__).parent / "content"


@cache
def _read(name: str) -> Record:
    content: Record = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return content


def carriers() -> list[Record]:
    """The carriers of the city, and its outpost in the next one."""
    return list(_read("carriers")["carriers"])


def enterprises() -> list[Record]:
    """Firms and teams, each with a profile, a residency and perhaps a need."""
    return list(_read("enterprises")["enterprises"])


def investors() -> list[Record]:
    """Funds and angels, each with a mandate and past rounds."""
    return list(_read("investors")["investors"])


def officers() -> list[Record]:
    """The people of the bureaus and those who run the platform."""
    roles = {"city_officer", "district_officer", "administrator", "auditor"}
    return [person for person in _read("people")["people"] if person["role"] in roles]


@cache
def crowd() -> Record:
    """What the crowd around the played part of the city is made of: products, names, words."""
    return _read("crowd")


def lines(kind: str, about: str | None = None) -> list[str]:
    """What people write on such an occasion, about one thing where given; `{firm}` and `{investor}` are the two names."""
    found = _read("messages")[kind]
    return list(found if about is None else found[about])
