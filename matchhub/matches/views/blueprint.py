"""The blueprint of suggestions."""

from flask import Blueprint

from matchhub.core import dictionaries
from matchhub.core.clock import city_date, utcnow
from matchhub.core.dictionaries import Entry

bp = Blueprint("matches", __name__)


def feedback_reasons() -> list[Entry]:
    """The reasons in force for 不合适, in the order of their keys 1 to 5."""
    return dictionaries.snapshot().entries("feedback_reasons", on=city_date(utcnow()))[:5]


bp.add_app_template_global(feedback_reasons)
