"""The kinds of pairing. A new kind is one more module with a function like `equity`, and a line here."""

from collections.abc import Callable, Mapping

from matchhub.matcher.recipes.credit import credit
from matchhub.matcher.recipes.equity import equity
from matchhub.matcher.recipes.mentoring import mentoring
from matchhub.matcher.recipes.recipe import Recipe

RECIPES: Mapping[str, Callable[..., Recipe]] = {"equity": equity, "credit": credit, "mentoring": mentoring}
"""By the name of the kind; each takes at least `zones` and `weights`."""

__all__ = ["RECIPES", "Recipe", "credit", "equity", "mentoring"]
