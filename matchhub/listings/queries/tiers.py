"""Who sees what of a need: one function for the preview, the pages of others and their exports."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matchhub.core.labels import Labelled, N_
from matchhub.core.money import band_of_range
from matchhub.disclosure.enums import FieldGroup, Relation
from matchhub.disclosure.queries import ALL_GROUPS, Visible
from matchhub.listings.models import EquityNeed
from matchhub.profiles.models import Profile

Test = Callable[[Visible], bool]
MEMBERS = frozenset(Relation) - {Relation.STRANGER}
NEARER = MEMBERS - {Relation.MEMBER}


class Form(Labelled):
    """How a value is shown."""

    TEXT = "text"
    RANGE = "range"
    CODE = "code"
    CODES = "codes"
    CHOICES = "choices"
    PERCENT = "percent"
    DAY = "day"


@dataclass(frozen=True, slots=True)
class Line:
    """One fact: its label, its value (None where nothing is filled in or it is not open), and whether it is open."""

    key: str
    label: str
    form: Form
    value: Any
    is_open: bool
    dictionary: str = ""


@dataclass(frozen=True, slots=True)
class Tier:
    """One kind of viewer and what it sees."""

    relation: Relation
    note: str
    lines: list[Line]


def _member(visible: Visible) -> bool:
    return visible.relation in MEMBERS


def _nearer(visible: Visible) -> bool:
    return visible.relation in NEARER


def _in_group(group: FieldGroup) -> Test:
    return lambda visible: group in visible.groups


TERMS, CONTACT = _in_group(FieldGroup.TERMS), _in_group(FieldGroup.CONTACT)
FACTS: tuple[tuple[str, str, Form, str, Test], ...] = (
    ("teaser", N_("一句话"), Form.TEXT, "", _member),
    ("round_code", N_("轮次"), Form.CODE, "rounds", _member),
    ("industries", N_("行业"), Form.CODES, "industries", _member),
    ("region_code", N_("地区"), Form.CODE, "regions", _member),
    ("purposes", N_("用途"), Form.CODES, "purposes", _member),
    ("instruments", N_("融资方式"), Form.CODES, "instruments", _member),
    ("needed_by", N_("什么时候要"), Form.DAY, "", _member),
    ("statement", N_("说明"), Form.TEXT, "", _nearer),
    ("equity_max_pct", N_("最多出让"), Form.PERCENT, "", TERMS),
    ("excludes", N_("不接受"), Form.CHOICES, "", TERMS),
)
CONTACTS: tuple[tuple[str, str], ...] = (
    ("contact_name", N_("联系人")),
    ("contact_mobile", N_("手机")),
    ("contact_email", N_("邮箱")),
)
PREVIEWED: tuple[tuple[Relation, frozenset[FieldGroup], str], ...] = (
    (Relation.STRANGER, frozenset(), N_("公众看不到这条需求，它只计入合计数字。")),
    (Relation.MEMBER, frozenset(), N_("认证机构在推荐里看到代号和金额区间，不知道是你。")),
    (Relation.ASKED, frozenset({FieldGroup.IDENTITY}), N_("你向一家机构申请对接后，只有这一家看到你的名称。")),
    (Relation.CONSENTED, ALL_GROUPS, N_("双方同意后开放，联系人和材料由你当时逐项选。可随时撤回，已看过的无法收回。")),
)


def sheet(need: EquityNeed, visible: Visible, *, profile: Profile | None = None, deck: str | None = None) -> list[Line]:
    """What a viewer for whom `visible` was computed sees of `need`, fact by fact. Pure.

    Without identity the name is the code name, without terms the amount is its band. `deck` is the file's name.
    """
    name = need.organization.name if visible.identity else (need.code_name or None)
    low, high = need.amount_min_yuan, need.amount_max_yuan
    amount = (low, high) if visible.terms else band_of_range(low, high)
    seen = _member(visible)
    lines = [
        Line("name", N_("名称") if visible.identity else N_("代号"), Form.TEXT, name if seen else None, seen),
        Line("amount", N_("金额") if visible.terms else N_("金额区间"), Form.RANGE, amount if seen else None, seen),
    ]
    for key, label, form, dictionary, test in FACTS:
        is_open = test(visible)
        lines.append(Line(key, label, form, getattr(need, key) if is_open else None, is_open, dictionary))
    is_open = need.deck_id is not None and visible.material(need.deck_id)
    lines.append(
        Line(
            "deck", N_("商业计划书"), Form.TEXT, deck if is_open else None, is_open or visible.relation is Relation.OWN
        )
    )
    for key, label in CONTACTS:
        value = getattr(profile, key, "") or None if CONTACT(visible) else None
        lines.append(Line(key, label, Form.TEXT, value, CONTACT(visible)))
    return lines


def tiers(need: EquityNeed, *, profile: Profile | None = None, deck: str | None = None) -> list[Tier]:
    """The four kinds of viewer, farthest first, with what each would see of `need` as it is now."""
    found = []
    for relation, groups, note in PREVIEWED:
        files = frozenset({need.deck_id} if need.deck_id and relation is Relation.CONSENTED else ())
        visible = Visible(relation, groups, files)
        found.append(Tier(relation, note, sheet(need, visible, profile=profile, deck=deck)))
    return found
