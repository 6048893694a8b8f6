"""The `matchhub` command: one module per group of commands."""

from matchhub.cli import backup, matching, run, setup
from matchhub.cli.group import main

__all__ = ["backup", "main", "matching", "run", "setup"]
