"""Deals after an introduction, and the outcome that both confirm."""
