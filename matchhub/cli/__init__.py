"""The `matchhub` command: one module per group of commands."""

from matchhub.cli import backup, importing, matching, run, setup
from matchhub.cli.group import main

__all__ = ["backup", "importing", "main", "matching", "run", "setup"]
