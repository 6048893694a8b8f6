"""docs/trust.md names tests that there are, and says of every case whether one covers it."""

import re

import pytest

from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if re.match(r"\| \d+ \|", line)
]
NAMED = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", PAGE)


def test_every_case_stands_once_with_what_proves_it_or_what_is_missing() -> None:
    assert [int(row[0]) for row in ROWS] == list(range(1, 73))
    bare = [row[0] for row in ROWS if row[3] == "none"]
    assert f"{72 - len(bare)} of 72 cases have tests; {len(bare)} have none." in PAGE
    assert [row[0] for row in ROWS if row[3] == "none" and not row[4]] == []


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_what_the_page_names_is_there(file: str, name: str) -> None:
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")
