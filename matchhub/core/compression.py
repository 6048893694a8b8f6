"""Static text is sent compressed; pages are not.

A page carries secrets (the form token) beside what its address put there (a search), and the length of such a page, compressed,
tells the secret to whoever can watch and make the reader ask again (BREACH). Static files hold no secret.
"""

import gzip
from functools import lru_cache
from pathlib import Path

from flask import current_app, Flask, request, Response
from werkzeug.security import safe_join

SMALLEST = 500  # bytes; below, the headers outweigh what is saved
TEXTS = {"text/css", "text/javascript", "application/javascript", "image/svg+xml", "application/json", "text/plain"}


def init_app(app: Flask) -> None:
    """Compress the static text of `app` for browsers that understand gzip."""
    app.after_request(_compress_static)


def _compress_static(response: Response) -> Response:
    if request.endpoint != "static" or response.mimetype not in TEXTS:
        return response
    response.vary.add("Accept-Encoding")
    if response.status_code != 200 or request.accept_encodings["gzip"] <= 0:
        return response
    path = safe_join(str(current_app.static_folder), str((request.view_args or {})["filename"]))
    if path is None or Path(path).stat().st_size < SMALLEST:
        return response
    tag, _ = response.get_etag()
    response.direct_passthrough = False
    response.set_data(_gzipped(path, Path(path).stat().st_mtime_ns))
    response.headers["Content-Encoding"] = "gzip"
    if tag:
        response.set_etag(tag, weak=True)  # the same text in other bytes
    return response


@lru_cache(maxsize=128)
def _gzipped(path: str, changed_ns: int) -> bytes:
    """The file, compressed once for each of its versions; `changed_ns` tells them apart."""
    return gzip.compress(Path(path).read_bytes(), compresslevel=9, mtime=0)
