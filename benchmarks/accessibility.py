"""axe-core and the Nu HTML checker over every page that each role can reach, in Chromium at two widths and in two languages.

    .venv/bin/python -m benchmarks.accessibility [--roles enterprise,bank] [--city DIR] [--install] [--lighthouse]

Walks the URL map as visitor, enterprise, investor, bank, mentor, carrier, district, city, administrator and auditor over
the demo city, with meetings one to one and trials of weights laid out in it. Each page, and what its form answers when it is
sent empty: axe-core (all rules), errors and CSP violations in the console, title, one h1 and lang, sideways scroll; on a
phone also sideways scroll in large text and the size of what is tapped.
The HTML of all of them goes through vnu (npm vnu-jar, Java).
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

from flask.testing import FlaskClient

from benchmarks import gathering, lighthouse, looking, walking

TOOLS = Path(__file__).parents[1] / "build" / "checkers"
PACKAGES = ("vnu-jar@26.9.27", "lighthouse@12.8.2")
JAR = TOOLS / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--roles", default=",".join(walking.ROLES))
    parser.add_argument("--city", type=Path, help="the data folder of a demo city, copied; without it one is built")
    parser.add_argument("--install", action="store_true", help="fetch vnu and Lighthouse from npm into build/")
    parser.add_argument("--lighthouse", action="store_true")
    parser.add_argument("--only", default="", help="only pages whose address contains this")
    parser.add_argument("--languages", default=",".join(looking.LOCALES))
    parser.add_argument("--alike", action="store_true", help="look at pages that are built like another role's too")
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
        laid_out = gathering.lay_out(app)
        walks = [walking.walk(app, role, client, laid_out.get(role, ())) for role, client in people.items()]
        pages = list(chosen(walks, asked.only))
        print(f"{len(pages)} pages of {len(walks)} roles walked in {time.perf_counter() - started:.0f} s")
        seen = (
            None
            if asked.no_axe
            else looking.look_at_all(app, people, pages, tuple(asked.languages.split(",")), laid_out, alike=asked.alike)
        )
        report: dict[str, Any] = {
            "pages": len(pages),
            "broken": [line for found in walks for line in found.broken],
            "unreached": walking.unreached(app, walks),
            "vnu": check_html(folder / "html", [*pages, *(seen.refused if seen else ())]),
            "axe": seen.wrong if seen else None,
            "looked": seen.looked if seen else None,
            "alike": seen.alike if seen else None,
            "forms_refused": len(seen.refused) if seen else None,
            "lighthouse": lighthouse_of(folder / "city", people) if asked.lighthouse else None,
        }
    return say(report)


def lighthouse_of(data: Path, people: dict[str, FlaskClient]) -> dict[str, Any] | None:
    """Lighthouse over the same city, with the same sessions."""
    return lighthouse.measure(data, walking.SECRET, people, TOOLS, looking.CHROMIUM)


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
        "looked": report["looked"],
        "alike": report["alike"],
        "forms_refused": report["forms_refused"],
        **{part: None if report[part] is None else len(report[part]) for part in ("broken", "vnu", "axe")},
        "kinds": kinds,
        "lighthouse": scores,
        "met": good,
    }
    print(json.dumps(summary, ensure_ascii=False))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
