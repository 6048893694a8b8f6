"""Looks at pages in Chromium: axe-core, console, title, headings, sideways scroll, what is tapped.

Part of benchmarks/accessibility.py. A page is loaded once in each language and looked at at both widths. Where it has a form to
fill in, the form is then sent empty, and the page with its errors is looked at too.
"""

import re
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Error, Page, Response, sync_playwright, ViewportSize

from benchmarks import walking
from matchhub.core.web import App

CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
LOCALES = ("zh", "en")
SIZES: dict[int, ViewportSize] = {1440: {"width": 1440, "height": 900}, 390: {"width": 390, "height": 844}}
LEAST_TARGET = 44  # px
REFUSED = 422
ELEMENT = re.compile(r'<(\w+)(?:[^>]*?class="([^"]*)")?(?:[^>]*?data-tone="([^"]*)")?')
LOOK = """({phone, least}) => {
  const wrong = [];
  if (!document.title.trim()) wrong.push('no title');
  if (!document.documentElement.lang) wrong.push('no lang');
  const heads = [...document.querySelectorAll('h1')];
  if (heads.length !== 1) wrong.push(`${heads.length} h1`);
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push(`scrolls sideways: ${root.scrollWidth} px`);
  if (!phone) return wrong;
  if (!root.dataset.largeText) {
    root.dataset.largeText = 'true';
    if (root.scrollWidth > root.clientWidth) wrong.push(`scrolls sideways in large text: ${root.scrollWidth} px`);
    delete root.dataset.largeText;
  }
  const tapped = 'button, input:not([type=hidden]), select, textarea, summary, a.button, [role=button], .places a';
  for (const one of document.querySelectorAll(tapped)) {
    const label = one.matches('[type=checkbox], [type=radio]') ? one.closest('label') || one.labels?.[0] : null;
    const target = label || one;
    if (!target.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    const box = target.getBoundingClientRect();
    if (box.width <= 1 || box.height <= 1 || box.right < 0 || box.bottom < 0) continue;
    if (Math.round(box.height) >= least) continue;
    const words = (target.innerText || target.name || '').trim().slice(0, 30);
    wrong.push(`${Math.round(box.height)} px high: ${target.tagName.toLowerCase()}.${target.className} ${words}`);
  }
  return wrong;
}"""
# The width has reached the layout.
SETTLED = "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))"
# The first form of the page that has something to type, emptied; whether there is one. Sent without its scripts.
SEND_EMPTY = """(send) => {
  const typed = 'input:not([type=hidden], [type=submit], [type=search]), textarea, select';
  const form = [...document.querySelectorAll('main form')].find((one) => one.method === 'post' && one.querySelector(typed));
  if (!form || !send) return Boolean(form);
  for (const one of form.querySelectorAll(typed)) {
    if (one.matches('[type=checkbox], [type=radio]')) one.checked = false;
    else one.value = '';
  }
  HTMLFormElement.prototype.submit.call(form);
  return true;
}"""


@dataclass
class Seen:
    """What was looked at, what was wrong, and the HTML of the pages with errors."""

    looked: dict[str, int] = field(default_factory=dict)  # "role zh 1440" → pages
    alike: dict[str, int] = field(default_factory=dict)  # "role zh" → pages built like one that was looked at
    shapes: set[tuple[str, str]] = field(default_factory=set)  # (language, shape)
    wrong: list[str] = field(default_factory=list)
    refused: list[tuple[str, str, str]] = field(default_factory=list)  # (role, address, HTML)


def look_at_all(
    app: App,
    people: dict[str, FlaskClient],
    pages: list[tuple[str, str, str]],
    locales: tuple[str, ...],
    laid_out: Mapping[str, tuple[str, ...]],
    *,
    alike: bool,
) -> Seen:
    """One address of each rule that a role reaches, and all that were laid out for it, in these languages at both widths.

    Unless `alike`, a page that is built like another role's (the same kinds of elements: terms, a directory)
    is looked at once in a language.
    """
    seen = Seen()
    with walking.served(app) as site, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM or None, args=FLAGS)
        for role, client in people.items():
            walked = [page for owner, page, _ in pages if owner == role]
            own = [*dict.fromkeys((*firsts(app, walked), *(page for page in laid_out.get(role, ()) if page in walked)))]
            shapes = {page: shape(html) for owner, page, html in pages if owner == role}
            for locale in locales:
                new = [page for page in own if alike or (locale, shapes[page]) not in seen.shapes]
                seen.alike[f"{role} {locale}"] = len(own) - len(new)
                seen.shapes |= {(locale, shapes[page]) for page in own}
                started, before = time.perf_counter(), len(seen.wrong)
                look(seen, chromium, site, role, client, new, locale)
                print(*(f"axe: {line}" for line in seen.wrong[before:]), sep="\n")
                counted = " ".join(f"{size}: {seen.looked.get(f'{role} {locale} {size}', 0)}" for size in SIZES)
                print(f"{role:16} {locale} pages {counted} alike {len(own) - len(new)} wrong {len(seen.wrong) - before:4} "
                      f"{time.perf_counter() - started:5.0f} s", flush=True)  # fmt: skip
        chromium.close()
    return seen


def firsts(app: App, addresses: list[str]) -> list[str]:
    """The first address of each rule."""
    return list({walking.endpoint_of(app, address): address for address in reversed(addresses)}.values())[::-1]


def shape(html: str) -> str:
    """How a page is built: which elements it has, with which classes and tones."""
    main = html.partition("<main")[2].partition("</main>")[0]
    parts = [" ".join(found) for found in ELEMENT.findall(main)]
    return " ".join(sorted(set(parts)))


def look(
    seen: Seen, chromium: Browser, site: str, role: str, client: FlaskClient, pages: list[str], locale: str
) -> None:
    """One role's pages in one language, and what their forms answer to nothing."""
    context = chromium.new_context(base_url=site, reduced_motion="reduce", service_workers="block")
    held = client.get_cookie("matchhub")
    cookies = [{"name": "locale", "value": locale, "url": site}]
    if held is not None:
        cookies.append({"name": "matchhub", "value": held.value, "url": site})
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page, heard = context.new_page(), list[str]()
    page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    for address in pages:
        heard.clear()
        try:
            page.set_viewport_size(SIZES[1440])
            page.goto(address, wait_until="load")
            found = [*at_both(seen, page, f"{role} {locale}"), *(f"console: {text}" for text in heard)]
            if (refused := sent_empty(page)) is not None:
                seen.refused.append((role, address, refused.text()))
                found += [f"with errors: {line}" for line in at_both(seen, page, f"{role} {locale}")]
        except Error as error:
            found = [f"could not be looked at: {error.message.splitlines()[0]}"]
        seen.wrong += [f"{role} {locale} {address}: {line}" for line in found]
    context.close()


def sent_empty(page: Page) -> Response | None:
    """The answer that refuses the page's form without its values; None for another answer or no form."""
    if not page.evaluate(SEND_EMPTY, False):
        return None
    page.set_viewport_size(SIZES[1440])
    with page.expect_navigation(wait_until="load", timeout=15_000) as navigation:
        page.evaluate(SEND_EMPTY, True)
    answer = navigation.value
    return answer if answer and answer.request.method == "POST" and answer.status == REFUSED else None


def at_both(seen: Seen, page: Page, who: str) -> Iterator[str]:
    """What is wrong with the page that is open, at each width."""
    axe = Axe()
    for width, size in SIZES.items():
        page.set_viewport_size(size)
        page.wait_for_function("width => innerWidth === width", arg=width)
        page.evaluate(SETTLED)
        seen.looked[f"{who} {width}"] = seen.looked.get(f"{who} {width}", 0) + 1
        own = page.evaluate(LOOK, {"phone": width < 600, "least": LEAST_TARGET})
        yield from (f"{width} {line}" for line in (*own, *violations(axe, page)))


def violations(axe: Axe, page: Page) -> list[str]:
    """What axe-core finds, one line a node."""
    return [
        f"axe {one['id']}: {' '.join(map(str, node['target']))} «{node['html'][:120]}» {detail(node)}"
        for one in axe.run(page).response["violations"]
        for node in one["nodes"]
    ]


def detail(node: dict[str, Any]) -> str:
    """The first line that says what is the matter with a node."""
    checks = [*node["any"], *node["all"], *node["none"]]
    return str(checks[0]["message"])[:160] if checks else ""
