"""Lists as workbooks."""

from collections.abc import Sequence

from matchhub.core.sheets import workbook


def list_workbook(title: str, header: Sequence[str], rows: Sequence[Sequence[str | None]]) -> bytes:
    """One sheet of text; nothing in it is a formula."""
    return workbook(title, header, rows)
