"""What a kind of pairing is made of, for lists, pair pages, counters and runs. Everything else is written once and reads
this; a new kind is one more package beside `equity`, with its recipe in the matcher."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from matchhub.listings.enums import PairingKind
from matchhub.listings.models import Need, Offer
from matchhub.matches.comparison import Check, Fact
from matchhub.matches.enums import Side
from matchhub.matches.kinds.listed import Asking, Offering
from matchhub.matches.kinds.saying import Both, Reason, Saying, Sight, Words
from matchhub.matches.kinds.table import Columns, Past

Reader = Callable[..., Columns]
Excluded = list[tuple[int, int, str]]
Part = Words | Reason
"""A piece of a row's one line about a need or an offer."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The live counter and the pool in words. msgids: `offers` and `needs` take %(count)s; `few` and `about` say a number
    of offers, as others' data may be counted."""

    offers: str
    needs: str
    few: str
    about: str


@dataclass(frozen=True, slots=True)
class Mending:
    """Where a gap is filled in: topic → (step, field) of the need's form and of the firm's profile, and → field of the
    offer's form. A topic in `giver_profile` is mended in the profile of the offer's owner."""

    need: Mapping[str, tuple[int, str]]
    profile: Mapping[str, tuple[int, str]]
    offer: Mapping[str, str]
    giver_profile: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of pairing.

    `need_columns`, `offer_columns`: (statement-filter arguments) → Columns, what the matcher compares; amounts and figures
    of a firm in bands. `past_columns`: past rounds of these offers. `conflicts`: pairs that a known tie forbids.
    `full`: whether an
    offer has no room left. `weights`: the proposed version as JSON, named as the recipe in the matcher.

    Sentences: `topics` names each fact, `sayings` tells it, `silent` says who is silent ({reader: {topic: (the need's
    side, the offer's side)}}), `additions` what the reader can fill in, `rules` what a failing rule says ((firm, giver)),
    `rule_saying` what an admission rule asks, where the kind has such rules.
    """

    pairing: PairingKind
    weights: Path
    need_columns: Reader
    offer_columns: Reader
    full: Callable[[Session, Offer, datetime], bool]
    topics: Mapping[str, str]
    sayings: Mapping[str, Saying]
    silent: Mapping[Side, Mapping[str, Both]]
    additions: Mapping[Side, Mapping[str, str]]
    rules: Mapping[str, Both]
    mending: Mending
    counted: Counted
    need_line: Callable[[Need | Asking], Sequence[Part]]
    offer_line: Callable[[Offer | Offering], Sequence[Part]]
    mutual: Both  # that the other side looks for somebody like the reader
    offer_updated: str  # the label of the day on which the offer was last changed
    past_columns: Callable[[Session, Columns], Past] | None = None
    conflicts: Callable[[Session, Columns, Columns], Excluded] | None = None
    rule_saying: Callable[[Fact, Sight], Reason | None] | None = None
    checks: Callable[[Sequence[Check], Sight], Sequence[tuple[str, Reason]]] | None = None

    @property
    def is_scored(self) -> bool:
        """Whether pages speak of points; else each condition is told by itself."""
        return self.checks is None


def spoken_of(kind: Kind, fact: Fact, sight: Sight) -> Reason | None:
    """The sentence about one fact; None where the reader may not see what it stands on."""
    if fact.topic not in kind.sayings:
        return kind.rule_saying(fact, sight) if kind.rule_saying else None
    if fact.value is not None:
        return kind.sayings[fact.topic](fact, sight)
    need_silent, offer_silent = kind.silent[sight.side][fact.topic]
    message = need_silent if "need" in fact.silent else offer_silent
    return Reason(fact.topic, "unknown", message) if message else None
