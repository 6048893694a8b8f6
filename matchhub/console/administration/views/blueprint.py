"""The blueprint of the administrator's pages, and what several of them need."""

from collections.abc import Sequence

from flask import Blueprint, current_app

from matchhub.core.jobs import Job
from matchhub.settings import Settings

bp = Blueprint("administration", __name__)
EXPORTED = 20_000  # rows of an Excel at most


def settings() -> Settings:
    """The settings of this process."""
    given: Settings = current_app.extensions["matchhub"]
    return given


def duties() -> Sequence[Job]:
    """What the worker runs, as wiring says."""
    found: Sequence[Job] = current_app.extensions.get("matchhub_jobs", ())
    return found
