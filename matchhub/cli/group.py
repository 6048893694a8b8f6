"""The command that all others belong to, and how they reach the application."""

import click

from matchhub.app import create_app
from matchhub.core.web import App
from matchhub.settings import Settings, SettingsError


@click.group()
def main() -> None:
    """MatchHub (汇配): a city's start-ups meet money and advice."""


def settings() -> Settings:
    """The settings of this process; a click error that says how to mend them."""
    try:
        return Settings.from_env()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def application() -> App:
    """The application for the settings of this process."""
    given = settings()
    given.data_dir.mkdir(mode=0o750, parents=True, exist_ok=True)
    try:
        return create_app(given)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
