"""The templates that an installation begins with."""

import json
from datetime import date
from pathlib import Path
from typing import Any

SEED = Path(__file__).parents[1] / "templates.json"


def seed_templates() -> list[dict[str, Any]]:
    """Rows of plain values for `event_template`, for migrations."""
    found = json.loads(SEED.read_text(encoding="utf-8"))
    return [
        {
            "type": row["type"],
            "number": 1,
            "effective_from": date.fromisoformat(found["effective_from"]),
            "source": found["source"],
            "content": row["content"],
        }
        for row in found["templates"]
    ]
