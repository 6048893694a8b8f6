"""The matcher: needs and offers in, ranked and explained pairs out. A library of its own; it knows no web and no database.

    recipe = equity(zones={"EZ-GD": "420700"})            # a kind of pairing: rules, features, weights (credit, mentoring …)
    needs = Table.of(ids, numbers=…, sets=…, texts=…, dates=…)   # None, NaN and empty sets are silence; "*" is 不限
    history = equity_history(ids=…, offer_ids=…, dates=…, industries=…)   # past rounds, one entry per participant
    matcher = Matcher(recipe).fit(needs, offers, history)

    ranked = matcher.rank(needs, offers, k=10, exclusions=[(need_id, offer_id, "cooling_off")])
    ranked.by_need, ranked.by_offer                       # Pairs: columns need, offer, place, score, score_a, score_b,
                                                          # coverage, verdict (1 pass, 0 maybe), missing
    matcher.explain(need, offer)                          # Explanation: rules with cause, items that add up to the score
    matcher.count(need, offers)                           # Counts: fit, maybe, failed; also (needs, offer)
    matcher.additions(need, offers)                       # Advice: missing facts and movable amounts by what they change
    matcher.save(path); Matcher.load(path)                # one artefact, scored with anywhere
    matcher.reweighed(Weights.from_json(text))            # the same learned matcher under another version

A single need or offer is a table of one row (`needs.take([row])`). One need against all offers takes milliseconds
after the first call with the same offers table, which remembers what was made of it. `matchhub.matcher.evaluation`
measures the same `rank` on public records.
"""

from matchhub.matcher.advice import Addition, Advice, Counts, Lever
from matchhub.matcher.attention_learning import Training
from matchhub.matcher.engine import Matcher
from matchhub.matcher.explanation import Explanation, Item, Outcome, RuleOutcome, whole_points
from matchhub.matcher.hearing import Answered
from matchhub.matcher.history import History
from matchhub.matcher.kinship import DottedTree, Kin, Ladder, RegionTree, Same
from matchhub.matcher.ranking import Pairs, Ranked
from matchhub.matcher.recipes import credit, equity, mentoring, Recipe, RECIPES
from matchhub.matcher.recipes.equity import equity_history
from matchhub.matcher.table import ANY, SetColumn, Table
from matchhub.matcher.weights import Lead, Weights, Word

__all__ = [
    "ANY",
    "RECIPES",
    "Addition",
    "Advice",
    "Answered",
    "Counts",
    "DottedTree",
    "Explanation",
    "History",
    "Item",
    "Kin",
    "Ladder",
    "Lead",
    "Lever",
    "Matcher",
    "Outcome",
    "Pairs",
    "Ranked",
    "Recipe",
    "RegionTree",
    "RuleOutcome",
    "Same",
    "SetColumn",
    "Table",
    "Training",
    "Weights",
    "Word",
    "credit",
    "equity",
    "equity_history",
    "mentoring",
    "whole_points",
]
