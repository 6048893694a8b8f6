"""Random markets with silences everywhere."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np

from matchhub.matcher import History, Table

FIELDS = ("new_materials", "health", "digital_economy", "equipment")
PLACES = ("420702", "420704", "420100", "310115")


def market(seed: int, n_needs: int = 12, n_offers: int = 9, n_past: int = 0) -> tuple[Table, Table, History | None]:
    """A random market with silences everywhere; past rounds follow each offer's own field."""
    random = np.random.default_rng(seed)

    def some(options: tuple[str, ...], chance: float = 0.7) -> list[str] | None:
        return [str(random.choice(options))] if random.random() < chance else None

    def amount() -> float | None:
        return float(10 ** random.uniform(5.5, 8)) if random.random() < 0.7 else None

    def needs_of(names: list[str], fields: list[list[str] | None], days: list[date]) -> Table:
        amounts = [amount() for _ in names]
        return Table.of(
            names,
            numbers={"amount_min": amounts, "amount_max": amounts},
            sets={
                "industries": fields,
                "region": [some(PLACES) for _ in names],
                "round": [some(("seed", "angel", "a", "b")) for _ in names],
            },
            texts={
                "text": [
                    " ".join(some(("碳纤维材料与应用", "心电监测设备与服务", "工业软件平台建设")) or [""])
                    for _ in names
                ]
            },
            dates={"updated_on": days},
        )

    today = date(2026, 6, 1)
    needs = needs_of([f"n{i}" for i in range(n_needs)], [some(FIELDS) for _ in range(n_needs)], [today] * n_needs)
    offers = Table.of(
        [f"o{i}" for i in range(n_offers)],
        numbers={
            "ticket_min": [amount() for _ in range(n_offers)],
            "reply_days": [amount() and 5.0 for _ in range(n_offers)],
        },
        sets={
            "industries": [some(FIELDS) for _ in range(n_offers)],
            "regions": [some(("420000", "420700", "*")) for _ in range(n_offers)],
            "rounds": [some(("seed", "angel", "a", "b")) for _ in range(n_offers)],
        },
        texts={"text": [" ".join(some(("碳纤维材料与应用", "医疗设备与大健康")) or [""]) for _ in range(n_offers)]},
    )
    if not n_past:
        return needs, offers, None
    who = random.integers(0, n_offers, n_past)
    fields: list[list[str] | None] = [[FIELDS[offer % len(FIELDS)]] for offer in who]
    days = [today - timedelta(days=int(age)) for age in random.integers(1, 900, n_past)]
    return needs, offers, History.of(needs_of([f"r{i}" for i in range(n_past)], fields, days), [f"o{i}" for i in who])
