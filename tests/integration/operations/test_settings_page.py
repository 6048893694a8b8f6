"""docs/operating.md lists exactly the settings that there are."""

import re
from dataclasses import fields, MISSING
from pathlib import Path

from matchhub.settings import PREFIX, Settings

PAGE = Path(__file__).parents[3] / "docs" / "operating.md"


def defaults() -> dict[str, str]:
    found = {}
    for item in fields(Settings):
        value = "" if item.default is MISSING else item.default
        shown = ",".join(value) if isinstance(value, tuple) else str(value)
        found[PREFIX + item.name.upper()] = "required" if item.default is MISSING else shown or "empty"
    return found


def test_the_settings_table_is_complete_and_true() -> None:
    table = re.search(r"<!-- settings:.*?-->(.*)<!-- /settings -->", PAGE.read_text(encoding="utf-8"), re.S)
    assert table is not None
    rows = re.findall(r"^\| `(\w+)` \| (.*?) \|", table[1], re.M)

    assert {name: default.strip("`") for name, default in rows} == defaults()
