"""Figures beside a rival, each in one command."""
