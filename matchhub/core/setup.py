"""The first rows of an installation: the city, its dictionaries, its legal texts."""

import json
from datetime import datetime
from pathlib import Path

from matchhub.core import dictionaries
from matchhub.core.db import db, writes
from matchhub.core.installation import Installation
from matchhub.core.texts import LegalText, TextKind

LEGAL = Path(__file__).parent / "legal" / "texts.json"


@writes
def found_installation(*, city_name: str, city_name_en: str, city_region: str, now: datetime) -> Installation:
    """Create the one installation with the seed dictionaries and texts. Raises IntegrityError where there is one."""
    site = Installation(
        id=1, city_name=city_name, city_name_en=city_name_en, city_region=city_region, created_at=now,
        host_unit=f"{city_name}科学技术局",
    )  # fmt: skip
    db.session.add(site)
    db.session.add_all(dictionaries.seed_rows())
    for text in json.loads(LEGAL.read_text(encoding="utf-8")):
        db.session.add(
            LegalText(
                kind=TextKind(text["kind"]),
                version=text["version"],
                body=text["body"],
                body_en=text["body_en"],
                effective_at=now,
            )
        )
    db.session.flush()
    return site
