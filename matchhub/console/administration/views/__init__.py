"""The administrator's pages, and the two addresses that watch over the processes."""

from matchhub.console.administration.views import (
    dictionaries,
    health,
    installation,
    organizations,
    overview,
    people,
    running,
    texts,
)
from matchhub.console.administration.views.blueprint import bp

__all__ = [
    "bp", "dictionaries", "health", "installation", "organizations", "overview", "people", "running", "texts",
]  # fmt: skip
