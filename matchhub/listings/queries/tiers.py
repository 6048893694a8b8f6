"""Who sees what of a need: one function for the preview, the pages of others and their exports."""

from dataclasses import dataclass
from typing import Any

from matchhub.core.labels import N_
from matchhub.core.money import band_of_range
from matchhub.disclosure.enums import FieldGroup, Relation
from matchhub.disclosure.queries import ALL_GROUPS, Visible
from matchhub.listings.models import Need
from matchhub.listings.recipes import Audience, Fact, Form, recipe_of_need
from matchhub.profiles.models import Profile

MEMBERS = frozenset(Relation) - {Relation.STRANGER}
CODE_NAME = N_("代号")  # said in the reader's language
NEARER = MEMBERS - {Relation.MEMBER}


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


def _may_see(fact: Fact, visible: Visible) -> bool:
    if fact.audience is Audience.TERMS:
        return visible.terms
    return visible.relation in (MEMBERS if fact.audience is Audience.MEMBER else NEARER)


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


def amount_of(need: Any) -> tuple[int | None, int | None]:
    """The range asked for in 元; nothing where this kind asks for no money."""
    return getattr(need, "amount_min_yuan", None), getattr(need, "amount_max_yuan", None)


def sheet(need: Need, visible: Visible, *, profile: Profile | None = None, deck: str | None = None) -> list[Line]:
    """What a viewer for whom `visible` was computed sees of `need`, fact by fact. Pure.

    Without identity the name is the code name, without terms the amount is its band. `deck` is the file's name.
    """
    seen, recipe = visible.relation in MEMBERS, recipe_of_need(need)
    lines = [_name(need, visible, seen)]
    if recipe.has_amount:
        lines.append(_amount(need, visible, seen))
    for fact in recipe.facts:
        is_open = _may_see(fact, visible)
        lines.append(
            Line(fact.key, fact.label, fact.form, fact.of(need) if is_open else None, is_open, fact.dictionary)
        )
    is_open = need.deck_id is not None and visible.material(need.deck_id)
    is_told = is_open or visible.relation is Relation.OWN
    lines.append(Line("deck", N_("商业计划书"), Form.TEXT, deck if is_open else None, is_told))
    contact = FieldGroup.CONTACT in visible.groups
    for key, label in CONTACTS:
        lines.append(Line(key, label, Form.TEXT, getattr(profile, key, "") or None if contact else None, contact))
    return lines


def _name(need: Need, visible: Visible, seen: bool) -> Line:
    name = need.organization.name if visible.identity else (need.code_name or None)
    return Line("name", N_("名称") if visible.identity else CODE_NAME, Form.TEXT, name if seen else None, seen)


def _amount(need: Need, visible: Visible, seen: bool) -> Line:
    exact = amount_of(need)
    amount = exact if visible.terms else band_of_range(*exact)
    return Line("amount", N_("金额") if visible.terms else N_("金额区间"), Form.RANGE, amount if seen else None, seen)


def tiers(need: Need, *, profile: Profile | None = None, deck: str | None = None) -> list[Tier]:
    """The four kinds of viewer, farthest first, with what each would see of `need` as it is now."""
    found = []
    for relation, groups, note in PREVIEWED:
        files = frozenset({need.deck_id} if need.deck_id and relation is Relation.CONSENTED else ())
        visible = Visible(relation, groups, files)
        found.append(Tier(relation, note, sheet(need, visible, profile=profile, deck=deck)))
    return found
