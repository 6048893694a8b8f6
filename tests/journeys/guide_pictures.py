"""The pictures of the guides: small copies of those that the journeys take, cut to what one looks at first.

The camera of the journeys calls `keep` for each picture that it writes (`pytest tests/journeys --pictures`); from pictures that
are there already, `python -m tests.journeys.guide_pictures` makes the same copies.
"""

import re
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[2]
TAKEN, SHOWN = ROOT / "docs" / "pictures", ROOT / "static" / "help"
GUIDES = ROOT / "matchhub" / "console" / "help"
WIDTH, TALLEST = 960, 720
MOST_BYTES = 120_000
WIDE = re.compile(r"(?P<name>.+)-1440-(?P<locale>zh|en)\.png")
NAMED = re.compile(r"\(picture:([a-z0-9-]+)\)")


def names() -> set[str]:
    """The pictures that the guides show."""
    return {name for guide in GUIDES.glob("*.md") for name in NAMED.findall(guide.read_text(encoding="utf-8"))}


def keep(taken: Path) -> Path | None:
    """Make the copy for the guides where they show this picture; None where they do not."""
    found = WIDE.fullmatch(taken.name)
    if found is None or found["name"] not in names():
        return None
    with Image.open(taken) as picture:
        small = picture.convert("RGB").resize(
            (WIDTH, round(picture.height * WIDTH / picture.width)), Image.Resampling.LANCZOS
        )
    target = SHOWN / f"{found['name']}-{found['locale']}.webp"
    target.parent.mkdir(parents=True, exist_ok=True)
    small.crop((0, 0, WIDTH, min(TALLEST, small.height))).save(target, "WEBP", quality=80, method=6)
    return target


if __name__ == "__main__":
    for one in sorted(TAKEN.glob("*.png")):
        keep(one)
