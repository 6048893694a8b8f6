"""Who may see the style guide: administrators, and whoever is signed in where the house is being built."""

from enum import StrEnum
from typing import Any

from flask import current_app

from matchhub.core.administration import administrator
from matchhub.core.policy import Actor, Policy, predicate
from matchhub.settings import Settings


class Permission(StrEnum):
    """What can be asked here."""

    SEE_STYLE_GUIDE = "see_style_guide"


@predicate
def builder(actor: Actor, subject: Any) -> bool:
    """Works where the environment is development."""
    settings: Settings = current_app.extensions["matchhub"]
    return settings.is_development


POLICY = Policy({Permission.SEE_STYLE_GUIDE: administrator | builder})
