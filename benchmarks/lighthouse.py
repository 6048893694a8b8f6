"""Lighthouse, mobile, against gunicorn as docs/operating.md runs it, with compression; part of benchmarks/accessibility.py.

Alone, over a ready city:  .venv/bin/python -m benchmarks.lighthouse --city DIR [--runs 3]

Lighthouse computes what a slow phone would meet from what this machine measured, so a busy machine costs points. Each page is
asked for once beforehand (nobody meets a server that has just started), then looked at `--runs` times; the median counts.
"""

import argparse
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

from benchmarks import looking, walking

BAR = 95
RUNS = 3
BUSY = 1000  # Lighthouse's own measure of the machine: below, it is too busy to judge by
CATEGORIES = ("performance", "accessibility", "best-practices")
PAGES = (("visitor", "/"), ("enterprise", "/"), ("enterprise", "/suggestions"), ("investor", "/board"))
TIMES = {
    "server_ms": "server-response-time", "first_paint_ms": "first-contentful-paint",
    "largest_paint_ms": "largest-contentful-paint", "blocked_ms": "total-blocking-time",
}  # fmt: skip
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
SERVER = ("--worker-class", "gthread", "--workers", "1", "--threads", "16", "--log-level", "error")


def measure(
    data: Path, secret: str, people: dict[str, FlaskClient], tools: Path, chromium: str, runs: int = RUNS
) -> dict[str, Any] | None:
    """The scores of each page; None where Lighthouse is not there. Production settings; the headers of the proxy are ours."""
    program = tools / "node_modules" / "lighthouse" / "cli" / "index.js"
    if not program.exists() or not chromium:
        print("!!! Lighthouse did NOT run: --install fetches it, and it needs Node and Chromium", file=sys.stderr)
        return None
    port = free_port()
    server = start(data, secret, port)
    try:
        rows = []
        for role, path in PAGES:
            if role in people:
                row = {"role": role, "page": path, **typical(program, chromium, port, path, people[role], data, runs)}
                rows.append(row)
                busy = " (the machine is busy)" if row["machine"] < BUSY else ""
                print(f"lighthouse {role:12} {path:14} {row}{busy}", flush=True)
    finally:
        server.terminate()
        server.wait(30)
    good = all(row[category] >= BAR for row in rows for category in CATEGORIES)
    return {"bar": BAR, "rows": rows, "met": good and bool(rows)}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def start(data: Path, secret: str, port: int) -> subprocess.Popen[bytes]:
    """gunicorn with production settings; raises TimeoutError when it does not answer within half a minute."""
    settings = {
        "MATCHHUB_SECRET_KEY": secret,
        "MATCHHUB_DATA_DIR": str(data),
        "MATCHHUB_BASE_URL": f"https://127.0.0.1:{port}",
        "MATCHHUB_TRUSTED_HOSTS": "127.0.0.1",
        "MATCHHUB_PROXY_COUNT": "1",
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("MATCHHUB_")}
    command = [sys.executable, "-m", "gunicorn", "matchhub.app:create_app()", *SERVER, "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen(command, env=kept | settings, stdout=subprocess.DEVNULL)
    for _ in range(60):
        time.sleep(0.5)
        try:
            asked = urllib.request.Request(f"http://127.0.0.1:{port}/healthz", headers={"X-Forwarded-Proto": "https"})
            with urllib.request.urlopen(asked, timeout=2):
                return server
        except OSError:
            continue
    server.terminate()
    raise TimeoutError("gunicorn did not answer")


def typical(
    program: Path, chromium: str, port: int, path: str, client: FlaskClient, folder: Path, runs: int
) -> dict[str, Any]:
    """The median of each score over these runs, and every performance that was measured."""
    address = f"http://127.0.0.1:{port}{path}"
    headers = headers_of(client)
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as answer:
        answer.read()
    scores = [score(program, chromium, address, headers, folder) for _ in range(runs)]
    return {
        **{name: statistics.median_low(one[name] for one in scores) for name in scores[0]},
        "runs": [one["performance"] for one in scores],
        "load": round(os.getloadavg()[0], 1),
    }


def headers_of(client: FlaskClient) -> dict[str, str]:
    """What the proxy and a signed-in browser send."""
    held = client.get_cookie("matchhub")
    return {"X-Forwarded-Proto": "https", "Cookie": "locale=zh" + (f"; matchhub={held.value}" if held else "")}


def score(program: Path, chromium: str, address: str, headers: dict[str, str], folder: Path) -> dict[str, int]:
    """Percent by category, and the names of audits that failed on standard output."""
    asked = folder / "headers.json"
    asked.write_text(json.dumps(headers))
    command = [
        "node", str(program), address, "--quiet", "--output=json", f"--only-categories={','.join(CATEGORIES)}",
        f"--chrome-flags={FLAGS}", f"--extra-headers={asked}", "--disable-storage-reset",
    ]  # fmt: skip
    done = subprocess.run(
        command, capture_output=True, text=True, env=os.environ | {"CHROME_PATH": chromium}, check=True
    )
    report = json.loads(done.stdout)
    failed = [name for name, one in report["audits"].items() if one["score"] is not None and one["score"] < 0.9]
    print(
        f"           {address.partition('//')[2].partition('/')[2] or 'home'}: below 0.9: {', '.join(failed) or 'none'}"
    )
    scores = {category: round(100 * (report["categories"][category]["score"] or 0)) for category in CATEGORIES}
    return scores | {
        "machine": round(report["environment"]["benchmarkIndex"]),
        **{name: round(report["audits"][audit]["numericValue"]) for name, audit in TIMES.items()},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--city", type=Path, help="the data folder of a demo city, copied; without it one is built")
    parser.add_argument("--runs", type=int, default=RUNS)
    asked = parser.parse_args()
    tools = Path(__file__).parents[1] / "build" / "checkers"
    with tempfile.TemporaryDirectory() as name:
        data = Path(name) / "city"
        data.mkdir()
        app = walking.build(data, asked.city)
        people = walking.clients(app, tuple(dict.fromkeys(role for role, _ in PAGES)))
        found = measure(data, walking.SECRET, people, tools, looking.CHROMIUM, asked.runs)
    print(json.dumps(found, ensure_ascii=False))
    return 0 if found and found["met"] else 1


if __name__ == "__main__":
    sys.exit(main())
