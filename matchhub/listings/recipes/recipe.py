"""What a kind of pairing is made of: which fields its needs and offers have, who sees them, what they must not lack.

Everything else (saving, checking, showing, comparing, exporting) is written once and reads this. A new kind is one more
module beside `equity`, its two forms, its rules for the matcher, and its words; see docs/adding-a-pairing.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import Any

from matchhub.accounts.enums import OrganizationKind
from matchhub.core.labels import Labelled, N_
from matchhub.listings.enums import PairingKind, TEASER_LENGTH
from matchhub.listings.models import Need, Offer
from matchhub.profiles.models import Profile

Values = dict[str, Any]


class Form(Labelled):
    """How a value is shown."""

    TEXT = "text"
    RANGE = "range"  # 元
    CODE = "code"
    CODES = "codes"
    CHOICES = "choices"  # members of an enumeration of ours, see `views.blueprint`
    PERCENT = "percent"
    RATE = "rate"  # basis points a year
    MONTHS = "months"
    DAYS = "days"
    COUNT = "count"
    YES_NO = "yes_no"
    DAY = "day"
    RULES = "rules"  # admission rules as sentences
    PREFERENCES = "preferences"  # better terms as sentences
    SLOTS = "slots"  # weekly free times


class Audience(Labelled):
    """From how near one must stand to see a fact of a need: DOMAIN's tiers as DESIGN narrows them."""

    MEMBER = "member"  # verified members, under the code name
    NEARER = "nearer"  # whoever was asked, and nearer
    TERMS = "terms"  # with consent to the terms


ENDINGS = {Form.RANGE: "_yuan", Form.RATE: "_bp", Form.MONTHS: "_months"}


@dataclass(frozen=True, slots=True)
class Fact:
    """One field that pages, exports and comparisons tell of. A range names its two columns by the word before `_min`."""

    key: str
    label: str
    form: Form = Form.TEXT
    dictionary: str = ""
    audience: Audience = Audience.MEMBER

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it stands on: one, or the two ends of a range."""
        return _columns(self.key, self.form)

    def of(self, row: Any) -> Any:
        """The stored value; a pair for a range."""
        return _reader(self.key, self.form)(row)


@cache
def _columns(key: str, form: Form) -> tuple[str, ...]:
    ending = ENDINGS.get(form, "")
    if not ending or key.endswith(ending):
        return (key,)
    return tuple(f"{key}_{end}{ending}" for end in ("min", "max"))


@cache
def _reader(key: str, form: Form) -> Callable[[Any], Any]:
    return attrgetter(*_columns(key, form))


def is_blank(value: Any) -> bool:
    """Whether a field has not been filled in."""
    return value is None or value == "" or value == []


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that must not be missing at publication: the field, what to do, the step, and when it counts as missing."""

    field: str
    message: str
    step: str = "1"
    is_open: Callable[[Any], bool] = is_blank


@dataclass(frozen=True, slots=True)
class NeedRecipe:
    """One kind of need. `begun_by`: the field that is still empty in a draft that has only been opened."""

    kind: PairingKind
    model: type[Need]
    invitation: str  # what this kind is for, in a sentence, where the kind is chosen
    begun_by: str
    own_fields: frozenset[str]
    facts: tuple[Fact, ...]
    gaps: tuple[Gap, ...]
    listed: Fact  # the fact that stands for it in a list
    start: Callable[[Profile | None], Values] = lambda profile: {}
    has_amount: bool = True

    @property
    def told(self) -> tuple[Fact, ...]:
        """All that its owner has said, the amount first."""
        return (AMOUNT, *self.facts) if self.has_amount else self.facts

    @property
    def fields(self) -> frozenset[str]:
        """What the forms may write."""
        amounts = {"amount_min_yuan", "amount_max_yuan"} if self.has_amount else set()
        return SHARED_FIELDS | amounts | self.own_fields


@dataclass(frozen=True, slots=True)
class Words:
    """How the pages call an offer of this kind."""

    noun: str
    publish: str
    change: str
    published: str
    invitation: str
    empty: str
    close: str
    closing: str
    expiring: str
    all_of_them: str


@dataclass(frozen=True, slots=True)
class OfferRecipe:
    """One kind of offer and whose it is. `ranges`: pairs of columns that must be in order."""

    kind: PairingKind
    model: type[Offer]
    owner: OrganizationKind
    words: Words
    own_fields: frozenset[str]
    facts: tuple[Fact, ...]
    gaps: tuple[Gap, ...]
    listed: tuple[str, ...]  # the keys of the facts that stand for it in a list
    narrowed_by: str | None = (
        None  # a fact of codes that the list of open offers can be narrowed to, beside the industry
    )
    ranges: tuple[tuple[str, str], ...] = ()
    start: Callable[[Profile | None], Values] = lambda profile: {}
    check: Callable[[Any], Mapping[str, str]] = lambda offer: {}  # field → message, for what no form can see

    @property
    def fields(self) -> frozenset[str]:
        """What the form may write."""
        return SHARED_OFFER_FIELDS | self.own_fields

    @property
    def told(self) -> tuple[Fact, ...]:
        """All that its owner has said."""
        return (TITLE, *self.facts, CAPACITY, REPLY_DAYS, OFFER_STATEMENT)

    def fact(self, key: str) -> Fact:
        """One of its facts by key."""
        return next(fact for fact in self.facts if fact.key == key)


SHARED_FIELDS = frozenset({"needed_by", "industries", "teaser", "teaser_en", "statement", "deck_id"})
SHARED_OFFER_FIELDS = frozenset(
    {"title", "industries", "regions", "capacity_per_month", "reply_days", "statement", "statement_en"}
)
AMOUNT = Fact("amount", N_("金额"), Form.RANGE)
TEASER = Fact("teaser", N_("一句话"))
INDUSTRIES = Fact("industries", N_("行业"), Form.CODES, "industries")
REGION = Fact("region_code", N_("地区"), Form.CODE, "regions")
NEEDED_BY = Fact("needed_by", N_("什么时候要"), Form.DAY)
STATEMENT = Fact("statement", N_("说明"), audience=Audience.NEARER)
TITLE = Fact("title", N_("名称"))
CAPACITY = Fact("capacity_per_month", N_("每月能看几个"), Form.COUNT)
REPLY_DAYS = Fact("reply_days", N_("几天内答复"), Form.COUNT)
OFFER_STATEMENT = Fact("statement", N_("说明"))
REGIONS = Fact("regions", N_("地区"), Form.CODES, "regions")


def _no_teaser(text: str) -> bool:
    return not 0 < len(text) <= TEASER_LENGTH


SHARED_GAPS = (
    Gap("industries", N_("选择行业"), "2"),
    Gap("teaser", N_("用一句话说明，不超过 30 个字"), "2", _no_teaser),
)


def own_words(profile: Profile | None) -> Values:
    """What every need takes over from the profile of its owner."""
    if profile is None:
        return {}
    short = profile.one_liner if len(profile.one_liner) <= TEASER_LENGTH else ""
    return {"industries": list(profile.industries), "statement": profile.summary, "teaser": short}
