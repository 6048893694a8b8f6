"""Pages of the profiles."""

from matchhub.profiles.views import (
    attachments,
    complaints,
    directories,
    material,
    material_record,
    profile,
    residencies,
    roster,
)
from matchhub.profiles.views.blueprint import bp

__all__ = [
    "attachments",
    "bp",
    "complaints",
    "directories",
    "material",
    "material_record",
    "profile",
    "residencies",
    "roster",
]
