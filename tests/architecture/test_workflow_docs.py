"""docs/workflows.md is drawn from the tables that the code runs on. Rewrite it with MATCHHUB_WRITE_DOCS=1."""

import importlib
import os
from pathlib import Path

import pytest

from matchhub.core.labels import Labelled
from matchhub.core.workflow import Transition, Workflow

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "workflows.md"
HEAD = """# Workflows

Generated from the transition tables (`*/workflow.py`); do not edit by hand. A transition's *permission* is looked up in
the policy of its feature; *reason* says that one must be given.
"""


def workflows() -> list[Workflow]:
    found: list[Workflow] = []
    for path in sorted((ROOT / "matchhub").glob("*/workflow.py")):
        if path.parent.name == "core":
            continue
        module = importlib.import_module(f"matchhub.{path.parent.name}.workflow")
        found += [value for value in vars(module).values() if isinstance(value, Workflow)]
    return found


def drawn(workflow: Workflow) -> str:
    rows = list(workflow.rows.values())
    lines = ["", f"## {workflow.name}", "", "```mermaid", "stateDiagram-v2"]
    for row in rows:
        lines += [f"    {source.value} --> {row.target.value}: {row.action}" for source in in_order(row)]
    lines += ["```", "", "| action | label | from | to | permission | reason |", "|---|---|---|---|---|---|"]
    for row in rows:
        sources = ", ".join(source.value for source in in_order(row))
        reason = "yes" if row.needs_reason else ""
        lines.append(
            f"| {row.action} | {row.label} | {sources} | {row.target.value} | {row.permission.value} | {reason} |"
        )
    return "\n".join(lines) + "\n"


def in_order(row: Transition) -> list[Labelled]:
    return sorted(row.sources, key=lambda state: list(type(state)).index(state))


def page() -> str:
    return HEAD + "".join(drawn(workflow) for workflow in workflows())


def test_the_page_of_workflows_is_what_the_code_does() -> None:
    if os.environ.get("MATCHHUB_WRITE_DOCS"):
        PAGE.write_text(page(), encoding="utf-8")

    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("workflow", workflows(), ids=lambda w: w.name)
def test_every_state_can_be_reached_or_is_where_it_starts(workflow: Workflow) -> None:
    states = {state for row in workflow.rows.values() for state in (*row.sources, row.target)}
    start = next(iter(type(next(iter(states)))))

    assert states - {row.target for row in workflow.rows.values()} <= {start}
