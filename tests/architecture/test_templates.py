"""The rules about pages: every template compiles, nothing is inline, each lies in the folder of its blueprint."""

import re
from pathlib import Path

import pytest

from matchhub.core.web import App
from tests.databases import make_app

FOLDER = Path(__file__).parents[2] / "templates"
TEMPLATES = sorted(p for p in FOLDER.rglob("*") if p.suffix in {".html", ".txt"})
SHARED = {"components", "layouts", "errors", "mail", "styleguide"}
INLINE = {
    "a script": re.compile(r"<script(?![^>]*\bsrc=)[^>]*>", re.IGNORECASE),
    "a style": re.compile(r"<style\b|\sstyle\s*=\s*[\"'{]", re.IGNORECASE),
    "a handler": re.compile(r"<[^>]*\son[a-z]+\s*=\s*[\"'{]", re.IGNORECASE),
    "an htmx handler": re.compile(r"\shx-on[:a-z-]*\s*=", re.IGNORECASE),
    "an attribute that HTML does not know": re.compile(r"\shx-(?!on)[a-z-]+\s*=", re.IGNORECASE),  # data-hx-… is known
}


def relative(path: Path) -> str:
    return str(path.relative_to(FOLDER))


def inline_in(text: str) -> list[str]:
    """What in `text` the content security policy would refuse."""
    text = re.sub(r"{#.*?#}", "", text, flags=re.DOTALL)
    return [what for what, pattern in INLINE.items() if pattern.search(text)]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> App:
    return make_app(tmp_path_factory.mktemp("pages"))


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_a_template_compiles(pages: App, path: Path) -> None:
    with pages.test_request_context("/"):  # addresses of static files are put in when it compiles
        assert pages.jinja_env.get_template(relative(path))


@pytest.mark.parametrize("path", TEMPLATES, ids=relative)
def test_a_template_has_nothing_inline(path: Path) -> None:
    assert inline_in(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<script>go()</script>", "a script"),
        ('<p style="color: red">', "a style"),
        ('<a href="#" onclick="go()">', "a handler"),
        ('<a hx-on:click="go()">', "an htmx handler"),
        ('<div hx-get="/live">', "an attribute that HTML does not know"),
    ],
)
def test_what_is_inline_is_noticed(text: str, found: str) -> None:
    assert found in inline_in(text)


def test_a_script_file_is_allowed() -> None:
    assert inline_in('<script src="/static/js/app.js" defer></script>') == []


def test_a_page_lies_in_the_folder_of_its_blueprint(pages: App) -> None:
    stray = [
        relative(path)
        for path in TEMPLATES
        if re.search(r"{%-?\s*extends\s+[\"']layouts/", path.read_text(encoding="utf-8"))
        and path.relative_to(FOLDER).parts[0] not in SHARED | set(pages.blueprints)
    ]

    assert stray == []
