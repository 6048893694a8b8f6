"""Lighthouse, mobile, against gunicorn as docs/operating.md runs it, with compression; part of benchmarks/accessibility.py."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient

BAR = 95
CATEGORIES = ("performance", "accessibility", "best-practices")
PAGES = (("visitor", "/"), ("enterprise", "/"), ("enterprise", "/suggestions"), ("investor", "/board"))
FLAGS = "--headless=new --no-sandbox --disable-gpu --disable-background-networking"
SERVER = ("--worker-class", "gthread", "--workers", "1", "--threads", "16", "--log-level", "error")


def measure(
    data: Path, secret: str, people: dict[str, FlaskClient], tools: Path, chromium: str
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
                scores = score(program, chromium, f"http://127.0.0.1:{port}{path}", people[role], data)
                rows.append({"role": role, "page": path, **scores})
                print(f"lighthouse {role:12} {path:14} {scores}", flush=True)
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


def score(program: Path, chromium: str, address: str, client: FlaskClient, folder: Path) -> dict[str, int]:
    """Percent by category, and the names of audits that failed on standard output."""
    held = client.get_cookie("matchhub")
    headers = {"X-Forwarded-Proto": "https", "Cookie": "locale=zh" + (f"; matchhub={held.value}" if held else "")}
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
    return scores | {"machine": round(report["environment"]["benchmarkIndex"])}  # below 1000: too busy to judge by
