"""The blueprint of the profiles, and what its views share."""

from pathlib import Path
from typing import BinaryIO, cast

from flask import Blueprint, current_app
from werkzeug.datastructures import FileStorage

from matchhub.core import pages, uploads
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


def checked_document(file: FileStorage) -> CheckedUpload:
    """The same for a document, which must be one that can be looked at page by page where its kind can. Raises Invalid."""
    found = checked(file, uploads.DOCUMENTS)
    if pages.is_shown(found.media_type):
        path = folder() / found.key[:2] / found.key
        try:
            pages.outline(document(path, found.sha256))
        except pages.Unreadable:
            path.unlink()
            raise
    return found


def document(path: Path, sha256: str) -> pages.Document:
    """A stored document and the folder for its pictures."""
    settings: Settings = current_app.extensions["matchhub"]
    return pages.Document(path, sha256, settings.pages_dir)
