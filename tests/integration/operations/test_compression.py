"""What is sent compressed, and what never is."""

import gzip
from pathlib import Path

from matchhub.core.web import App

STYLE = "/static/css/app.css"
ASKING = {"Accept-Encoding": "gzip, br"}


def test_static_text_is_compressed_for_browsers_that_ask(app: App) -> None:
    response = app.test_client().get(STYLE, headers=ASKING)

    assert response.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in response.headers["Vary"]
    assert gzip.decompress(response.data) == Path(str(app.static_folder), "css/app.css").read_bytes()
    assert int(response.headers["Content-Length"]) == len(response.data) < 20_000


def test_others_get_it_plain(app: App) -> None:
    for headers in ({}, {"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip;q=0"}):
        response = app.test_client().get(STYLE, headers=headers)

        assert "Content-Encoding" not in response.headers
        assert response.data.startswith(b"@layer") or b"{" in response.data[:500]


def test_what_the_browser_has_is_not_sent_again(app: App) -> None:
    client = app.test_client()
    tag = client.get(STYLE, headers=ASKING).headers["ETag"]

    assert client.get(STYLE, headers=ASKING | {"If-None-Match": tag}).status_code == 304


def test_pages_are_never_compressed(app: App) -> None:
    """The control of the rule: a page with a form token, asked for by a browser that would take it compressed."""
    response = app.test_client().get("/session", headers=ASKING)

    assert b"csrf_token" in response.data
    assert "Content-Encoding" not in response.headers


def test_neither_missing_files_nor_parts_of_files_are_compressed(app: App) -> None:
    client = app.test_client()

    assert "Content-Encoding" not in client.get("/static/css/none.css", headers=ASKING).headers
    part = client.get(STYLE, headers=ASKING | {"Range": "bytes=0-9"})
    assert part.status_code == 206 and len(part.data) == 10 and "Content-Encoding" not in part.headers
