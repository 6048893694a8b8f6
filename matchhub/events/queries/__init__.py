"""Events as their readers find them."""

from matchhub.events.queries.seats import (
    first_in_line,
    lapsed_offers,
    line_position,
    pool_of,
    pools_of,
    registration_of,
    ticket_of,
    was_here_lately,
)
from matchhub.events.queries.templates import current_template, current_templates

__all__ = [
    "current_template", "current_templates", "first_in_line", "lapsed_offers", "line_position", "pool_of", "pools_of",
    "registration_of", "ticket_of", "was_here_lately",
]  # fmt: skip
