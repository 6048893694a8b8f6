"""MentoringNeed ↔ Mentorship."""

from __future__ import annotations

from collections.abc import Mapping

from matchhub.matcher.conditions import TopicFit
from matchhub.matcher.features import CodeFit, Promptness
from matchhub.matcher.kinship import DottedTree, Kin, RegionTree, Same
from matchhub.matcher.recipes.credit import STAGES
from matchhub.matcher.recipes.recipe import Recipe
from matchhub.matcher.rules import Excluded, Must, Proven, Room, Standing
from matchhub.matcher.text import TextFit
from matchhub.matcher.weights import Weights

MENTORING_WEIGHTS = Weights(
    version="mentoring-1",
    a={"topic": 50, "industry": 20, "text": 10, "mode": 10, "responsiveness": 10},
    b={"topic": 40, "industry": 20, "stage": 20, "region": 10, "text": 10},
)
"""Proposed shares [示例]: topics before industry before stage before place, as the domain notes weigh them (5, 3, 2, 1)."""


def mentoring(*, zones: Mapping[str, str] | None = None, weights: Weights = MENTORING_WEIGHTS) -> Recipe:
    """MentoringNeed ↔ Mentorship.

    Needs: topics, industries, stage, region, modes, must (sets); text. Offers: topics, industries, stages, regions, modes,
    exclusions, must (sets); registered (1 in date, 0 over; silence is unknown), capacity_left, reply_days, active; text.
    Every column is optional.
    """
    places, fields = RegionTree(dict(zones or {})), DottedTree()
    topic = TopicFit("topic", "topics", "topics", Same())
    industry = CodeFit("industry", "industries", "industries", Kin(fields, (0, 0.6)))
    stage = CodeFit("stage", "stage", "stages", STAGES)
    region = CodeFit("region", "region", "regions", Kin(places, (0, 0.1, 0.3, 0.6)))
    mode = CodeFit("mode", "modes", "modes", Same())
    return Recipe(
        "mentoring",
        (
            Standing("standing", "active"),
            Proven("registration", "registered"),
            Room("capacity", "capacity_left"),
            Excluded("excluded_industry", "industries", "exclusions", fields),
            Must("topic", topic, 0.5),
            Must("industry", industry, 0.6),
            *(Must(feature.name, feature) for feature in (stage, region, mode)),
        ),
        (
            topic,
            industry,
            stage,
            region,
            mode,
            TextFit("text", "text", "text"),
            Promptness("responsiveness", "reply_days"),
        ),
        weights,
        alike=("topics", "industries", "stage"),
    )
