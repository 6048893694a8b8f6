"""`match`, `evaluate` and `import ventures`: the matcher from the command line."""

import json
import resource
import time
from datetime import datetime, UTC
from pathlib import Path
from typing import Any

import click
from tqdm import tqdm

from matchhub.cli.group import application, main
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.policy import SYSTEM
from matchhub.listings.enums import PairingKind
from matchhub.matches import engine
from matchhub.matches.imports.records import DATASETS, Reader, Records
from matchhub.matches.imports.ventures import Importer
from matchhub.matches.queries.runs import run_facts
from matchhub.matches.services.runs import request_run, run_next
from matchhub.matches.services.versions import spec_in_use

FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@main.command()
@click.option(
    "--kind", type=click.Choice([kind.value for kind in PairingKind]), help="One kind of pairing; all without."
)
def match(kind: str | None) -> None:
    """Compare everything now: fit, rank both sides, publish the lists, kind by kind."""
    for wanted in [PairingKind(kind)] if kind else PairingKind:
        _match(wanted)


def _match(kind: PairingKind) -> None:
    started = time.perf_counter()
    with application().app_context():
        with unit_of_work():
            wanted = request_run(kind=kind, now=utcnow()).id
        bar = tqdm(unit="need", desc=kind.value)

        def tell(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        while (run_id := run_next(now=utcnow(), progress=tell)) is not None and run_id != wanted:
            pass
        bar.close()
        facts = run_facts(wanted)
    seconds = time.perf_counter() - started
    click.echo(
        f"{kind.value}, run {wanted}: {facts.state}, {facts.compared} needs, {facts.suggestions} suggestions, {seconds:.1f} s"
    )
    if facts.error:
        raise click.ClickException(facts.error)


@main.command()
@click.argument("folder", type=FOLDER, required=False)
@click.option("--dataset", type=click.Choice(["vc_zh", "vc_cb", "mentor", "zh_companies", "own"]), default="vc_zh")
@click.option("--window", default="dev", help="Any window of the folder, by the name in its files.")
@click.option(
    "--task",
    type=click.Choice(["cold", "warm", "all"]),
    help="Needs that were never asked about before the cut, the others, or both (own only, and there without it).",
)
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in PairingKind]),
    default="equity",
    show_default=True,
    help="Of own: the kind of pairing.",
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
@click.option("--without-accelerators", is_flag=True, help="Tell the figures without accelerators as the methods'.")
@click.option("--without-round-and-amount", is_flag=True, help="Neither queries nor the past tell round and amount.")
@click.option("--freshness", is_flag=True, help="Also how lists keep through the window, and what new investors get.")
@click.option(
    "--report",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the page with plots is written; var/evaluations/ without.",
)
def evaluate(
    folder: Path | None,
    dataset: str,
    window: str,
    task: str | None,
    kind: str,
    as_json: bool,
    without_accelerators: bool,
    without_round_and_amount: bool,
    freshness: bool,
    report: Path | None,
) -> None:
    """Measure the matcher and its baselines on public records in FOLDER, or with `--dataset own` on this installation's own
    history, and write a page with plots."""
    if dataset == "own":
        result = _own(PairingKind(kind), task or "all")
    else:
        result = _public(folder, dataset, window, task or "cold", bare=without_round_and_amount, fresh=freshness)
    if without_accelerators and "without_accelerators" in result:
        result = {**result, "methods": result["without_accelerators"]["methods"], "accelerators_counted": False}
    part = kind if dataset == "own" else window
    page = report or Path("var") / "evaluations" / f"{dataset}-{part}-{result['task']}.html"
    page.parent.mkdir(parents=True, exist_ok=True)
    page.write_text(engine.evaluation_page(result), encoding="utf-8")
    click.echo(json.dumps(result, ensure_ascii=False, indent=1) if as_json else engine.evaluation_table(result))
    if not as_json:
        click.echo(f"report: {page}")


def _public(folder: Path | None, dataset: str, window: str, task: str, *, bare: bool, fresh: bool) -> dict[str, Any]:
    if folder is None or task == "all":
        raise click.UsageError(f"{dataset} needs the folder of its records and a task, cold or warm")
    try:
        return engine.evaluate(folder, dataset, window, task, bare=bare, fresh=fresh)
    except FileNotFoundError as error:
        raise click.ClickException(f"not in {folder}: {Path(str(error.filename)).name}") from error


def _own(kind: PairingKind, task: str) -> dict[str, Any]:
    with application().app_context():
        try:
            return engine.evaluate_own(db.session(), kind, spec_in_use(kind), task=task, now=utcnow())
        except ValueError as error:
            raise click.ClickException(str(error)) from error


@main.group(name="import")
def import_() -> None:
    """Bring in records from outside."""


@import_.command()
@click.argument("folder", type=FOLDER)
@click.option("--dataset", type=click.Choice(list(DATASETS)), default="vc_zh")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help="Nothing on or after this day; the set's own cut without."
)
@click.option("--with-dev-needs/--without-dev-needs", default=True, help="Needs from the queries after the cut.")
def ventures(folder: Path, dataset: str, until: datetime | None, with_dev_needs: bool) -> None:
    """Start-ups with a need, investors with a mandate, and past rounds. Safe to repeat."""
    started, day = time.perf_counter(), until.date() if until else DATASETS[dataset].cut
    try:
        records = Reader(folder, dataset, day).read(with_dev_needs=with_dev_needs)
    except FileNotFoundError as error:
        raise click.ClickException(f"not in {folder}: {Path(str(error.filename)).name}") from error
    _tell_problems(records)
    with application().app_context(), tqdm(unit="row", desc=dataset) as bar:

        def tell(name: str, count: int) -> None:
            bar.set_postfix_str(name)
            bar.update(count)

        result = Importer(records, dataset, datetime.now(UTC), tell).run(actor=SYSTEM)
    click.echo(
        f"{result.enterprises} enterprises with {result.needs} needs, {result.investors} investors with "
        f"{result.offers} mandates, {result.rounds} past rounds; {result.known} were there, "
        f"{len(records.problems)} lines not taken"
    )
    click.echo(
        f"{records.lines.total()} lines read, {time.perf_counter() - started:.1f} s, "
        f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB at most"
    )


def _tell_problems(records: Records) -> None:
    """Lines that were not taken, and words that no dictionary of ours knows."""
    for problem in records.problems:
        click.echo(f"{problem.file}:{problem.line}: {problem.reason}", err=True)
    for (dictionary, word), rows in sorted(records.unknown.items()):
        click.echo(f"{dictionary}: no word for {word!r}, {rows} rows came in without", err=True)
