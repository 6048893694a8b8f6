"""The blueprint of the profiles, and what its views share."""

from pathlib import Path
from typing import BinaryIO, cast

from flask import Blueprint, current_app
from werkzeug.datastructures import FileStorage

from matchhub.core import uploads
from matchhub.core.uploads import CheckedUpload
from matchhub.settings import Settings

bp = Blueprint("profiles", __name__)


def folder() -> Path:
    """Where uploaded bytes lie."""
    settings: Settings = current_app.extensions["matchhub"]
    return settings.files_dir


def checked(file: FileStorage, allowed: frozenset[str], *, megabytes: int | None = None) -> CheckedUpload:
    """Look at an upload, outside the write phase. Raises Invalid."""
    settings: Settings = current_app.extensions["matchhub"]
    most = min(megabytes or settings.upload_megabytes, settings.upload_megabytes)
    return uploads.check(
        cast(BinaryIO, file.stream), file.filename or "", folder=folder(), allowed=allowed, max_bytes=most * 2**20
    )
