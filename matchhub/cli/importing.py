"""`import KIND FILE`: a table of needs, offers or mentors from the command line, as somebody who may bring it in."""

from pathlib import Path

import click

from matchhub.accounts.queries.readers import actor_of
from matchhub.cli.group import application
from matchhub.cli.matching import import_
from matchhub.core import errors
from matchhub.core.clock import utcnow
from matchhub.core.db import unit_of_work
from matchhub.core.policy import Actor
from matchhub.core.previews import Fate, Preview
from matchhub.importing import services
from matchhub.importing.forms import weigh
from matchhub.importing.kinds import ImportKind, KINDS, whose
from matchhub.importing.queries import organization_named

FILE = click.Path(path_type=Path, exists=True, dir_okay=False)


def _command(kind: ImportKind) -> click.Command:
    """The command of one kind of table."""

    @click.argument("file", type=FILE)
    @click.option("--as", "name", required=True, help="The organization that brings it in: its name or credit code.")
    @click.option("--dry-run", is_flag=True, help="Say what would happen and write nothing.")
    @click.option("--publish", is_flag=True, help="Publish offers that are complete.")
    @click.option("--invite", is_flag=True, help="Invite new mentors by e-mail.")
    def run(file: Path, name: str, *, dry_run: bool, publish: bool, invite: bool) -> None:
        with application().test_request_context():
            actor = _actor(kind, name)
            try:
                found = weigh(file.read_bytes(), kind, actor=actor)
                _tell(found.preview)
                if not dry_run:
                    with unit_of_work():
                        services.apply(found.lines, kind, publish=publish, invite=invite, actor=actor, now=utcnow())
            except errors.DomainError as error:
                raise click.ClickException(error.message % error.values) from error

    return click.command(kind.code, help=f"Bring in a table: {kind.code}. Safe to repeat.")(run)


def _actor(kind: ImportKind, name: str) -> Actor:
    """A member of the organization who may bring in such a table. Click errors where there is none."""
    organization = organization_named(name)
    if organization is None:
        raise click.ClickException(f"no organization {name!r}")
    for membership in organization.memberships:
        actor = actor_of(membership)
        if actor is not None and whose(kind, actor) is not None:
            return actor
    raise click.ClickException(f"nobody in {name!r} may bring in {kind.code}")


def _tell(preview: Preview) -> None:
    """Problems to the error stream, counts to the output."""
    for problem in preview.problems:
        told = problem.message % problem.values if problem.values else problem.message
        click.echo(f"line {problem.line}, {problem.column}: {told}", err=True)
    click.echo(", ".join(f"{preview.count(fate)} {fate.value}" for fate in Fate))


for _kind in KINDS.values():
    import_.add_command(_command(_kind))
