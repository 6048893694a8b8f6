"""What each role's top job costs its person: screens, fields typed, and seconds by the keystroke-level model.

    .venv/bin/python -m benchmarks.effort

Each job is walked over HTTP with the forms as the pages send them: what a page has filled in goes back as it is, what a
person ticks must be offered there, and what a person types must be an empty field of the form.

- Screens: pages that are loaded from the role's 今日 (or from the mail with a personal link) until the job is done. What the
  page loads into itself, a side panel for instance, is no screen. The answer to the last press counts only where the job is
  to read it.
- Fields: inputs that are typed into. Ticks, chips, selects and what is filled in already do not count.
- Seconds: Card, Moran, Newell, "The keystroke-level model for user performance time with interactive systems", CACM
  23(7), 1980, 396-410: K 0.28 (an average typist without training), P 1.1 (point and press), H 0.4 (hand between mouse and
  keyboard), M 1.35 (decide what is next); a Chinese character is three keys. Added is the server time of every page as
  measured here. Reading is not in the model, as it is not in the budget.

Exit status 0 where every job keeps to its budget.
"""

import json
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from matchhub.core.clock import city_date, utcnow
from matchhub.core.web import App
from tests.cast import arrive, browser, Cast

KEY, POINT, HAND, MIND = 0.28, 1.1, 0.4, 1.35
KEYS_PER_CHARACTER = 3
TYPED = {"text", "email", "tel", "number", "password", "search", "date", "datetime-local", "textarea", "url", ""}


@dataclass
class Form:
    """A form as the page sends it: what is filled in, what is empty, what may be chosen."""

    action: str
    filled: dict[str, list[str]] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    offered: dict[str, set[str]] = field(default_factory=dict)


class Forms(HTMLParser):
    """Reads the forms of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: list[Form] = []
        self._select = self._textarea = ""
        self._words = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.found.append(Form(at.get("action", "")))
        elif self.found and at.get("name") and tag in ("input", "textarea", "select", "button"):
            self._control(tag, at)
        elif tag == "option" and self._select:
            self._option(at)

    def _control(self, tag: str, at: dict[str, str]) -> None:
        form, name = self.found[-1], at["name"]
        kind = {"input": at.get("type", "text")}.get(tag, tag)
        form.kinds[name] = kind
        if kind in ("checkbox", "radio", "button"):
            form.offered.setdefault(name, set()).add(at.get("value", "y"))
            if "checked" in at:
                form.filled.setdefault(name, []).append(at.get("value", "y"))
        elif tag == "select":
            self._select = name
            form.offered[name] = set()
        elif tag == "textarea":
            self._textarea, self._words = name, ""
        elif at.get("value"):
            form.filled[name] = [at["value"]]

    def _option(self, at: dict[str, str]) -> None:
        form = self.found[-1]
        form.offered[self._select].add(at.get("value", ""))
        if "selected" in at:
            form.filled[self._select] = [at.get("value", "")]

    def handle_data(self, data: str) -> None:
        self._words += data if self._textarea else ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea:
            if self._words.strip():
                self.found[-1].filled[self._textarea] = [self._words.strip()]
            self._textarea = ""
        elif tag == "select":
            self._select = ""


@dataclass
class Person:
    """Somebody at work: what was opened, typed and pressed so far."""

    client: FlaskClient
    screens: int = 0
    fields: int = 0
    seconds: float = 0.0
    page: str = ""

    def at(self, path: str) -> None:
        """The person is here already: not counted."""
        self.page = self._get(path)

    def loads(self, path: str) -> None:
        """A part that the page at hand fetches by itself."""
        assert f'data-hx-get="{path}" data-hx-trigger="load"' in self.page, f"nothing loads {path}"
        self.page = self._get(path, {"HX-Request": "true"})

    def unfold(self, path: str) -> None:
        """Press what opens a part of the page at hand without leaving it."""
        assert f'data-hx-get="{path}"' in self.page, f"nothing unfolds {path}"
        self.seconds += MIND + POINT
        self.page = self._get(path, {"HX-Request": "true"})

    def open(self, path: str) -> None:
        """Follow a link of the page at hand."""
        plain = path.split("#")[0].replace("&", "&amp;")
        assert f'href="{plain}' in self.page, f"no link to {path}"
        self._load(path)

    def answer(self, action: str, typed: Mapping[str, str] | None = None, **chosen: list[str]) -> str:
        """Fill in the form whose address ends so and press its button; where the answer leads."""
        form = self._form(action, {*(typed or {}), *chosen})
        sent = {**form.filled}
        for name, words in (typed or {}).items():
            assert form.kinds.get(name) in TYPED, f"{name} is not typed"
            assert name not in form.filled, f"{name} is filled in already"
            sent[name] = [words]
            self.fields += 1
            keys = sum(KEYS_PER_CHARACTER if ord(c) > 0x2E80 else 1 for c in words)
            self.seconds += MIND + POINT + 2 * HAND + keys * KEY
        for name, values in chosen.items():
            assert set(values) <= form.offered.get(name, set()), f"{name} does not offer {values}"
            sent[name] = values
            self.seconds += len(values) * (MIND + POINT) if form.kinds[name] != "button" else 0
        self.seconds += MIND + POINT
        started = time.perf_counter()
        response = self.client.post(form.action, data=sent)
        self.seconds += time.perf_counter() - started
        assert response.status_code in (200, 302, 303), f"{form.action}: {response.status_code}"
        return response.headers.get("Location", "")

    def go_on(self, action: str, typed: Mapping[str, str] | None = None, **chosen: list[str]) -> None:
        """The same, and the page that it leads to is needed too."""
        self.arrive(self.answer(action, typed, **chosen))

    def arrive(self, path: str) -> None:
        """Read the page that an answer led to."""
        self.page = self._get(path)
        self.screens += 1

    def look_up(self, path: str, name: str, words: str) -> None:
        """Type into the search of the page at hand."""
        assert any(name in form.kinds for form in Forms(self.page).found), f"no field {name}"
        self.fields += 1
        keys = sum(KEYS_PER_CHARACTER if ord(c) > 0x2E80 else 1 for c in words) + 1
        self.seconds += MIND + POINT + HAND + keys * KEY
        self.page = self._get(f"{path}?{name}={words}")
        self.screens += 1

    def _form(self, action: str, names: set[str]) -> Form:
        fitting = [form for form in Forms(self.page).found if form.action.endswith(action) and names <= set(form.kinds)]
        assert fitting, f"no form {action} with {names}"
        return fitting[0]

    def _load(self, path: str) -> None:
        self.seconds += MIND + POINT
        self.arrive(path)

    def _get(self, path: str, headers: Mapping[str, str] | None = None) -> str:
        started = time.perf_counter()
        response = self.client.get(path, follow_redirects=True, headers=headers)
        self.seconds += time.perf_counter() - started
        assert response.status_code == 200, f"{path}: {response.status_code}"
        return response.text


@dataclass(frozen=True)
class Job:
    """A role's top job and its budget."""

    role: str
    name: str
    screens: int
    fields: int
    seconds: float
    walk: Callable[[App, Cast], Person]


def person(app: App, cast: Cast, who: str) -> Person:
    return Person(browser(app, getattr(cast, who).id))


def jobs() -> list[Job]:
    """All of them; the walks need a founded installation with the cast in it, a new one for each."""
    from benchmarks import effort_walks as walks  # noqa: PLC0415 -- it stands on this module

    return [
        Job("visitor", "register", 2, 3, 60, walks.register),
        Job("enterprise", "need to first reasons", 4, 5, 180, walks.need),
        Job("investor", "mandate", 1, 3, 120, walks.mandate),
        Job("investor", "one decision", 0, 0, 10, walks.decision),
        Job("investor", "outcome", 0, 2, 20, walks.outcome),
        Job("bank", "ask from the row", 1, 0, 30, walks.bank_asks),
        Job("mentor", "log session", 1, 2, 60, walks.log_session),
        Job("enterprise", "confirm session", 1, 0, 5, walks.confirm_session),
        Job("carrier", "check one", 1, 0, 30, walks.review_by("binjiang")),
        Job("carrier", "push 5 pairs", 1, 0, 90, walks.push),
        Job("district", "one review", 1, 0, 30, walks.review_by("echeng")),
        Job("city", "figure to its firms", 2, 0, 15, walks.figure),
        Job("city", "bulletin", 1, 0, 60, walks.bulletin),
        Job("administrator", "invite", 1, 3, 45, walks.invite),
        Job("auditor", "who saw this deck", 1, 1, 30, walks.who_saw),
    ]


def within(job: Job, walked: Person) -> bool:
    return walked.screens <= job.screens and walked.fields <= job.fields and walked.seconds <= job.seconds


def main() -> int:
    from tests.databases import SqliteDatabase  # noqa: PLC0415 -- makes an installation, which importing should not

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        database = SqliteDatabase(Path(folder))
        for job in jobs():
            database.reset()
            with database.app.app_context():
                walked = job.walk(database.app, arrive())
            rows.append((job, walked, within(job, walked)))
    print(f"{'role':14} {'job':24} {'screens':>9} {'fields':>9} {'seconds':>13}")
    for job, walked, good in rows:
        spent = f"{walked.screens:3} of {job.screens:2} {walked.fields:4} of {job.fields:2}"
        words = f"{job.role:14} {job.name:24} {spent} {walked.seconds:6.1f} of {job.seconds:3}"
        print(words if good else f"{words}   over")
    met = all(good for *_, good in rows)
    figures = [
        {"role": j.role, "job": j.name, "screens": w.screens, "fields": w.fields, "seconds": round(w.seconds, 1), "met": good}
        for j, w, good in rows
    ]  # fmt: skip
    print(json.dumps({"met": met, "jobs": figures}, ensure_ascii=False))
    return 0 if met else 1


def in_days(days: int) -> str:
    """A day from today, as a date field takes it."""
    return (city_date(utcnow()) + timedelta(days=days)).isoformat()


def values_of(page: str, name: str) -> list[Any]:
    """What a page offers under this name."""
    return sorted({value for form in Forms(page).found for value in form.offered.get(name, ())})


if __name__ == "__main__":
    sys.exit(main())
