"""What every page holds to, checker or not: unique ids, one title and h1, labelled controls, nothing clickable in another."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from html.parser import HTMLParser
from itertools import islice

import pytest
from flask.testing import FlaskClient

from matchhub.accounts.models import Membership
from matchhub.core.web import App
from tests.cast import Cast
from tests.integration.test_access_matrix import address, PERSONAS, rules, World, world

__all__ = ["world"]  # the fixture
EMPTY = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
INTERACTIVE = {"a", "button", "select", "textarea", "summary"}
ENOUGH = 2  # readers of one page
NAMES = ("aria-label", "aria-labelledby", "title")
FOREIGN = {
    "li": {"ul", "ol", "menu"},
    "tr": {"table", "tbody", "thead", "tfoot"},
    "dt": {"dl", "div"},
    "dd": {"dl", "div"},
}
PHRASES_ONLY = {"p", "span", "button", "summary", "h1", "h2", "h3"}
BLOCKS = {"p", "div", "ul", "ol", "table", "form", "section", "fieldset", "details", "dl"}


class Reading(HTMLParser):
    """Reads one page and notes what is wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: Counter[str] = Counter()
        self.tags: Counter[str] = Counter()
        self.labelled: set[str] = set()
        self.pointed: list[str] = []
        self.unlabelled: list[tuple[str, str]] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        self.tags[tag] += 1
        if held.get("id"):
            self.ids[held["id"]] += 1
        for name in ("aria-labelledby", "aria-describedby", "aria-controls"):
            if name in held:
                self.pointed += held[name].split() or [f"nothing, by {name}"]
        if tag == "label" and "for" in held:
            self.labelled.add(held["for"])
            self.pointed.append(held["for"])
        self._is_well_placed(tag)
        self._has_a_name(tag, held)
        if tag == "img" and "alt" not in held:
            self.wrong.append("an img without alt")
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in EMPTY:
            return
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> closes <{self.open[-1] if self.open else 'nothing'}>")
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def _is_well_placed(self, tag: str) -> None:
        parent = self.open[-1] if self.open else ""
        if tag in INTERACTIVE - {"summary"} and set(self.open) & INTERACTIVE:
            self.wrong.append(f"<{tag}> within {sorted(set(self.open) & INTERACTIVE)}")
        if tag == "form" and "form" in self.open:
            self.wrong.append("a form in a form")
        if tag in BLOCKS and set(self.open) & PHRASES_ONLY:
            self.wrong.append(f"<{tag}> within {sorted(set(self.open) & PHRASES_ONLY)}")
        if tag in FOREIGN and parent not in FOREIGN[tag]:
            self.wrong.append(f"<{tag}> in <{parent}>")

    def _has_a_name(self, tag: str, held: dict[str, str]) -> None:
        is_control = tag in {"select", "textarea"} or (tag == "input" and held.get("type") not in {"hidden", "submit"})
        if is_control and "label" not in self.open and not any(held.get(name) for name in NAMES):
            self.unlabelled.append((held.get("id", ""), held.get("name", "")))

    def verdict(self) -> list[str]:
        """Everything that is wrong with the page."""
        found = list(self.wrong)
        found += [f"id {name} twice" for name, count in self.ids.items() if count > 1]
        found += [f"{self.tags[tag]} <{tag}>" for tag in ("title", "h1", "main") if self.tags[tag] != 1]
        found += [
            f"{name or identity} has no label" for identity, name in self.unlabelled if identity not in self.labelled
        ]
        found += [f"{name} is pointed at and is not there" for name in self.pointed if name not in self.ids]
        return found


def bodies(clients: Iterable[FlaskClient], path: str) -> Iterator[str]:
    """The page at an address, as each client that is let in sees it."""
    for client in clients:
        response = client.get(path)
        body = response.get_data(as_text=True) if response.mimetype == "text/html" else ""
        if response.status_code == 200 and body.lstrip().lower().startswith("<!doctype"):
            yield body


def faults(html: str) -> list[str]:
    """What is wrong with a page."""
    reading = Reading()
    reading.feed(html)
    return sorted(set(reading.verdict()))


def test_every_page_that_somebody_reaches_is_well_formed(
    app: App, people: Cast, world: World, sign_in: Callable[[Membership], FlaskClient]
) -> None:
    browsers = {letter: sign_in(getattr(people, name)) for letter, name in PERSONAS.items()}
    wrong, pages = {}, 0
    for with_object in (False, True):
        for rule in rules(app, with_object=with_object, method="GET"):
            path = address(app, rule, world.arguments(rule)) + world.queries.get(rule.endpoint, "")
            shown = list(islice(bodies(browsers.values(), path), ENOUGH))
            pages += len(shown)
            wrong |= {f"{path}: {fault}": True for body in shown for fault in faults(body)}

    assert wrong == {}
    assert pages > 120


@pytest.mark.parametrize(
    ("body", "fault"),
    [
        ('<p id="a"></p><p id="a"></p>', "id a twice"),
        ("<h1>Two</h1>", "2 <h1>"),
        ('<input name="q" id="q">', "q has no label"),
        ('<a href="/"><button type="button">x</button></a>', "<button> within ['a']"),
        ("<form><form></form></form>", "a form in a form"),
        ("<span><div></div></span>", "<div> within ['span']"),
        ('<label for="none">x</label>', "none is pointed at and is not there"),
        ("<div><li>x</li></div>", "<li> in <div>"),
    ],
)
def test_the_reader_sees_what_is_wrong(body: str, fault: str) -> None:
    """The control: each rule finds its harm, and the same page without it has none."""
    page = "<!doctype html><html lang='zh'><head><title>t</title></head><body><main><h1>One</h1>{}</main></body></html>"

    assert faults(page.format("")) == []
    assert fault in faults(page.format(body))
