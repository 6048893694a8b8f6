"""axe-core and the Nu HTML checker over every page that each role can reach, in Chromium at two widths and in two languages.

    .venv/bin/python -m benchmarks.accessibility [--roles enterprise,bank] [--city DIR] [--install] [--lighthouse]

Walks the URL map as visitor, enterprise, investor, bank, mentor, carrier, district, city, administrator and auditor over
the demo city. Each page: axe-core (all rules), errors and CSP violations in the console, title, one h1 and lang; on a
phone also sideways scroll and the size of what is tapped. The HTML of all pages goes through vnu (npm vnu-jar, Java).
`--lighthouse` adds Lighthouse (benchmarks/lighthouse.py). `--install` fetches the two npm packages into build/; without
them their part says loudly that it did not run.

The bar: no violation, no error; Lighthouse at least 95.
"""

import argparse
import json
import logging
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from flask.testing import FlaskClient
from playwright.sync_api import Browser, Error, Page, sync_playwright

from benchmarks import lighthouse, walking
from matchhub.core.web import App

TOOLS = Path(__file__).parents[1] / "build" / "checkers"
PACKAGES = ("vnu-jar@26.9.27", "lighthouse@12.8.2")
JAR = TOOLS / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"]
DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
EYES = (("zh", DESKTOP), ("zh", PHONE), ("en", DESKTOP))
LOOK = """({phone, least}) => {
  const wrong = [];
  if (!document.title.trim()) wrong.push('no title');
  if (!document.documentElement.lang) wrong.push('no lang');
  const heads = [...document.querySelectorAll('h1')];
  if (heads.length !== 1) wrong.push(`${heads.length} h1`);
  if (!phone) return wrong;
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) wrong.push(`scrolls sideways: ${root.scrollWidth} px`);
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
LEAST_TARGET = 44  # px


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--roles", default=",".join(walking.ROLES))
    parser.add_argument("--city", type=Path, help="the data folder of a demo city, copied; without it one is built")
    parser.add_argument("--install", action="store_true", help="fetch vnu and Lighthouse from npm into build/")
    parser.add_argument("--lighthouse", action="store_true")
    parser.add_argument("--only", default="", help="only pages whose address contains this")
    parser.add_argument("--eyes", type=int, default=len(EYES), help="how many of: zh 1440, zh 390, en 1440")
    parser.add_argument("--no-axe", action="store_true", help="only the walk and vnu")
    asked = parser.parse_args()
    if asked.install:
        install()
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        started = time.perf_counter()
        app = walking.build(folder / "city", asked.city)
        people = walking.clients(app, tuple(asked.roles.split(",")))
        walks = [walking.walk(app, role, client) for role, client in people.items()]
        pages = list(chosen(walks, asked.only))
        print(f"{len(pages)} pages of {len(walks)} roles walked in {time.perf_counter() - started:.0f} s")
        report: dict[str, Any] = {
            "pages": len(pages),
            "broken": [line for found in walks for line in found.broken],
            "unreached": walking.unreached(app, walks),
            "vnu": check_html(folder / "html", pages),
            "axe": None if asked.no_axe else look_at_all(app, people, pages, EYES[: asked.eyes]),
            "lighthouse": lighthouse_of(folder / "city", people) if asked.lighthouse else None,
        }
    return say(report)


def lighthouse_of(data: Path, people: dict[str, FlaskClient]) -> dict[str, Any] | None:
    """Lighthouse over the same city, with the same sessions."""
    return lighthouse.measure(data, walking.SECRET, people, TOOLS, CHROMIUM)


def install() -> None:
    """The two npm packages, in build/."""
    TOOLS.mkdir(parents=True, exist_ok=True)
    command = ["npm", "install", "--prefix", str(TOOLS), "--ignore-scripts", "--no-audit", "--no-fund", "--no-save"]
    subprocess.run([*command, "--silent", *PACKAGES], check=False)


def chosen(walks: list[walking.Found], only: str) -> Iterator[tuple[str, str, str]]:
    """(role, address, HTML) of every page."""
    for found in walks:
        for kept in found.pages.values():
            for address, html in kept.items():
                if only in address:
                    yield found.role, address, html


def check_html(folder: Path, pages: list[tuple[str, str, str]]) -> list[str] | None:
    """The errors of vnu over all pages; None where it could not run."""
    if not JAR.exists() or not shutil.which("java"):
        print("!!! vnu did NOT run: --install fetches it, and it needs Java", file=sys.stderr)
        return None
    folder.mkdir(parents=True)
    names = {}
    for number, (role, address, html) in enumerate(pages):
        names[f"{number}.html"] = f"{role} {address}"
        (folder / f"{number}.html").write_text(html, encoding="utf-8")
    command = ["java", "-jar", str(JAR), "--errors-only", "--format", "json", "--exit-zero-always", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = json.loads(done.stderr or '{"messages": []}')["messages"]
    return [
        f"{names[Path(one['url']).name]}: {one['message']} «{' '.join(one.get('extract', '').split())[:160]}»"
        for one in found
    ]


def firsts(app: App, addresses: list[str]) -> list[str]:
    """The first address of each rule."""
    return list({walking.endpoint_of(app, address): address for address in reversed(addresses)}.values())[::-1]


def look_at_all(app: App, people: dict[str, FlaskClient], pages: list[tuple[str, str, str]], eyes: Any) -> list[str]:
    """One address of each rule at these widths and languages: what is wrong, one line each."""
    wrong: list[str] = []
    with walking.served(app) as address, sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM or None, args=FLAGS)
        for role, client in people.items():
            own = firsts(app, [page for owner, page, _ in pages if owner == role])
            for locale, size in eyes:
                started = time.perf_counter()
                found = look(chromium, address, client, own, locale, size)
                wrong += [f"{role} {locale} {size['width']} {line}" for line in found]
                print(*(f"axe: {line}" for line in wrong[len(wrong) - len(found) :]), sep="\n")
                print(f"{role:16} {locale} {size['width']:5} {len(own):4} pages {len(found):4} wrong "
                      f"{time.perf_counter() - started:5.0f} s", flush=True)  # fmt: skip
        chromium.close()
    return wrong


def look(chromium: Browser, site: str, client: FlaskClient, pages: list[str], locale: str, size: Any) -> list[str]:
    """One role's pages at one width in one language."""
    context = chromium.new_context(viewport=size, base_url=site, reduced_motion="reduce", service_workers="block")
    held = client.get_cookie("matchhub")
    cookies = [{"name": "locale", "value": locale, "url": site}]
    if held is not None:
        cookies.append({"name": "matchhub", "value": held.value, "url": site})
    context.add_cookies(cookies)  # type: ignore[arg-type]
    page, axe, wrong = context.new_page(), Axe(), []
    heard: list[str] = []
    page.on("console", lambda said: heard.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: heard.append(str(error)))
    for address in pages:
        heard.clear()
        try:
            page.goto(address, wait_until="load")
            found = page.evaluate(LOOK, {"phone": size["width"] < 600, "least": LEAST_TARGET}) + violations(axe, page)
        except Error as error:
            found = [f"could not be looked at: {error.message.splitlines()[0]}"]
        wrong += [f"{address}: {line}" for line in (*found, *(f"console: {text}" for text in heard))]
    context.close()
    return wrong


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


def say(report: dict[str, Any]) -> int:
    """Print what was found, most frequent first, then one JSON line; the exit status."""
    for part in ("broken", "vnu"):
        for line in report[part] or ():
            print(f"{part}: {line}")
    print("reached by no role:", *report["unreached"], sep="\n  ")
    kinds = Counter(line.split(": ", 1)[-1].split(":")[0] for line in report["axe"] or ())
    scores = report["lighthouse"]
    good = not any(report[part] for part in ("broken", "vnu", "axe")) and (scores is None or scores["met"])
    summary = {
        "pages": report["pages"],
        "unreached": report["unreached"],
        **{part: None if report[part] is None else len(report[part]) for part in ("broken", "vnu", "axe")},
        "kinds": kinds,
        "lighthouse": scores,
        "met": good,
    }
    print(json.dumps(summary, ensure_ascii=False))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
