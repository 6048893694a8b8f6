"""Every branch of the matcher's rules and of its ranking is gone through by their own tests."""

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WATCHED = ("matchhub/matcher/rules.py", "matchhub/matcher/ranking.py")
TESTS = ("tests/unit/matcher/test_rules.py", "tests/unit/matcher/test_ranking.py")


def covered(folder: Path, *tests: str) -> dict[str, float]:
    """Per file the share of lines and branches that these tests go through, in a process of their own."""
    data, report = folder / "data", folder / "report.json"
    run = [sys.executable, "-m", "coverage"]
    watch = [
        "--branch",
        f"--include={','.join(WATCHED)}",
        f"--data-file={data}",
        "-m",
        "pytest",
        "-q",
        "-p",
        "no:cacheprovider",
        "--confcutdir=tests/unit",  # the application is not needed, and slow to start under a measure
    ]
    subprocess.run([*run, "run", *watch, *tests], cwd=ROOT, check=True, capture_output=True)
    subprocess.run([*run, "json", f"--data-file={data}", "-o", str(report)], cwd=ROOT, check=True, capture_output=True)
    files = json.loads(report.read_text(encoding="utf-8"))["files"]
    return {name: found["summary"]["percent_covered"] for name, found in files.items()}


def test_every_branch_of_rules_and_ranking_is_tested(tmp_path: Path) -> None:
    assert covered(tmp_path, *TESTS) == dict.fromkeys(WATCHED, 100.0)


def test_the_measure_sees_a_branch_that_nobody_goes_through(tmp_path: Path) -> None:
    """The control: the tests of the ranking alone do not go through the rules."""
    assert covered(tmp_path, TESTS[1])["matchhub/matcher/rules.py"] < 90
