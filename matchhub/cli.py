"""The `matchhub` command."""

import click


@click.group()
def main() -> None:
    """MatchHub (汇配): a city's start-ups meet money and advice."""
