"""MatchHub (汇配): a city's start-ups meet money and advice."""
