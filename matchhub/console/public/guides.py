"""The guides: one Markdown file a role and language under `console/help`, versioned with the pages that they describe.

In a file `[words](page:endpoint)` leads to a page, `[words](guide:role#part)` to another guide, and `![words](picture:name)`
shows a picture that the journeys took (static/help). Every part begins with `## Title {#anchor}`.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import markdown
from flask import current_app, url_for
from markupsafe import escape, Markup
from PIL import Image

from matchhub.core import ui
from matchhub.core.labels import N_
from matchhub.core.policy import Actor

FOLDER = Path(__file__).parents[1] / "help"
LOCALES = ("zh", "en")
GUIDES: dict[str, str] = {
    "enterprise": N_("企业"),
    "investor": N_("投资机构"),
    "bank": N_("银行"),
    "mentor": N_("导师"),
    "carrier": N_("载体"),
    "officers": N_("市和区科技部门"),
    "administrator": N_("管理员"),
    "auditor": N_("审计"),
}
OFFICERS = frozenset({"district_officer", "city_officer"})
PART = re.compile(r"^## (?P<title>.+?) \{#(?P<anchor>[a-z0-9-]+)\}\n", re.MULTILINE)
LINK = re.compile(r'<a href="(?P<kind>page|guide):(?P<target>[^"#]+)(?P<anchor>#[^"]*)?"')
PICTURE = re.compile(r'<img alt="(?P<words>[^"]*)" src="picture:(?P<name>[a-z0-9-]+)"[^>]*>')
LONGEST_SEARCH = 60


@dataclass(frozen=True, slots=True)
class Part:
    """One task: its anchor, its title, its text as HTML with our links unresolved, and as plain words."""

    anchor: str
    title: str
    html: str
    words: str


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide in one language: what stands before the first task, and the tasks."""

    title: str
    lead: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Found:
    """A task that holds what was looked for."""

    role: str
    part: Part
    excerpt: str


@cache
def guide(name: str, locale: str) -> Guide:
    """The guide (or statement) of this name. Raises FileNotFoundError for one that there is not."""
    text = (FOLDER / f"{name}.{locale}.md").read_text(encoding="utf-8")
    head, *pieces = PART.split(text)
    title, _, lead = head.partition("\n")
    parts = [_part(*piece) for piece in zip(pieces[::3], pieces[1::3], pieces[2::3], strict=True)]
    return Guide(title.removeprefix("# ").strip(), markdown.markdown(lead), tuple(parts))


def _part(title: str, anchor: str, text: str) -> Part:
    html = markdown.markdown(text)
    return Part(anchor, title, html, " ".join(Markup(html).striptags().split()))


def shown(html: str) -> Markup:
    """The HTML of a guide with its links and pictures in place. The files are ours: nothing in them is typed by others."""
    return Markup(PICTURE.sub(_picture, LINK.sub(_link, html)))


def _link(found: re.Match[str]) -> str:
    target, anchor = found["target"], found["anchor"] or ""
    address = url_for("public.guide", role=target) if found["kind"] == "guide" else url_for(target)
    return f'<a href="{escape(address + anchor)}"'


def _picture(found: re.Match[str]) -> str:
    name = f"help/{found['name']}-{ui.locale_code()}.webp"
    width, height = _size(f"{current_app.static_folder}/{name}")
    return (
        f'<img class="guide-picture" alt="{found["words"]}" src="{escape(ui.static_url(name))}" '
        f'width="{width}" height="{height}" loading="lazy" decoding="async">'
    )


@cache
def _size(path: str) -> tuple[int, int]:
    with Image.open(path) as picture:
        return picture.size


def guide_of(actor: Actor) -> str | None:
    """The guide for what the actor does here."""
    if actor.role in OFFICERS:
        return "officers"
    return next((name for name in (actor.role, actor.organization_kind) if name in GUIDES), None)


def search(text: str, locale: str, first: str | None = None) -> list[Found]:
    """The tasks that hold all the words, those of the guide `first` before the others; titles before texts."""
    words = text.strip()[:LONGEST_SEARCH].lower().split()
    if not words:
        return []
    found = [
        (role != first, not _holds(part.title, words), Found(role, part, _excerpt(part.words, words[0])))
        for role in GUIDES
        for part in guide(role, locale).parts
        if _holds(f"{part.title} {part.words}", words)
    ]
    return [hit for *_, hit in sorted(found, key=lambda one: one[:2])]


def _holds(text: str, words: list[str]) -> bool:
    return all(word in text.lower() for word in words)


def _excerpt(text: str, word: str, around: int = 40) -> str:
    at = max(0, text.lower().find(word))
    start, end = max(0, at - around), at + len(word) + around
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"
