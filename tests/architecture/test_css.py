"""The rules about styles: one file is served, made from small ones; each component carries its file's name."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CSS = ROOT / "static" / "css"
VENDOR = ROOT / "static" / "vendor" / "tabler" / "tabler.base.min.css"
PARTS = [VENDOR, *sorted((CSS / "base").glob("*.css")), *sorted((CSS / "components").glob("*.css"))]
COMPONENTS = sorted((ROOT / "templates" / "components").glob("*.html"))


def joined(parts: list[Path]) -> str:
    return "".join(part.read_text(encoding="utf-8") for part in parts)


def test_the_served_style_sheet_is_what_its_parts_say() -> None:
    served = (CSS / "app.css").read_text(encoding="utf-8")

    assert served == joined(PARTS), "run `make css`"


def test_a_part_that_is_left_out_is_noticed() -> None:
    assert (CSS / "app.css").read_text(encoding="utf-8") != joined(PARTS[:-1])


@pytest.mark.parametrize("path", COMPONENTS, ids=lambda p: p.stem)
def test_a_component_is_one_macro_with_the_name_of_its_file(path: Path) -> None:
    macros = re.findall(r"{%-?\s*macro\s+(\w+)\s*\(", path.read_text(encoding="utf-8"))

    assert [name for name in macros if not name.startswith("_")] == [path.stem]
