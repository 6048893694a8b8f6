"""The directories: what a public register says of an organization, and nothing about seeking money."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import (
    and_,
    bindparam,
    case,
    cast,
    ColumnElement,
    false,
    func,
    Integer,
    literal,
    or_,
    Select,
    select,
    String,
)
from sqlalchemy.orm import load_only, Session

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus
from matchhub.accounts.models import Organization
from matchhub.accounts.queries import NAMED
from matchhub.core import dictionaries, name_index
from matchhub.core.db import db, unindexed
from matchhub.core.misspelling import slips_allowed, slips_in
from matchhub.core.name_index import holds, place_of
from matchhub.core.paging import COUNTED, Page
from matchhub.core.pinyin import BETWEEN, search_key, search_words
from matchhub.core.policy import Actor
from matchhub.disclosure.enums import Relation
from matchhub.disclosure.queries import visible_of
from matchhub.profiles.enums import ProfileState, RelationKind
from matchhub.profiles.models import EnterpriseProfile, MentorProfile, OrganizationRelation, Profile
from matchhub.profiles.queries.differences import shown
from matchhub.profiles.queries.fields import FactField
from matchhub.profiles.queries.kinds import Choice, DIRECTORIES, Directory
from matchhub.profiles.queries.listed import listed_profiles, shown_alone
from matchhub.profiles.queries.profiles import MODELS, profile_of, subject_of
from matchhub.profiles.queries.suiting import Owners, SUITING

LONGEST_SEARCH = 60
EXPORTED = 5_000
COMPARED = (3_000, 10_000)  # names that share pairs or triples of its letters, and triples alone; else none is asked
SHARING = 60  # names that share letters with what was typed and are compared with it
FEW = 5_000  # names that are looked through one by one
SORTS: dict[str, Any] = {"name": Organization.sort_key, "since": Organization.verified_at}
Carriers = Mapping[int, Organization]
CARRIERS = (
    select(Organization)
    .options(load_only(*NAMED))
    .where(Organization.id.in_(bindparam("ids", type_=Integer, expanding=True)))
)


@dataclass(frozen=True, slots=True)
class DirectoryFilter:
    """What is looked for; empty texts do not filter. `chosen` is a code by the name of a `Choice`."""

    text: str = ""
    industry: str = ""
    region: str = ""
    chosen: Mapping[str, str] = field(default_factory=dict)
    carrier_id: int | None = None
    sort: str = "name"
    listed_after: datetime | None = None  # only who was verified since: for saved searches

    @property
    def words(self) -> str:
        """What is looked for by name, not longer than a name."""
        return self.text.strip()[:LONGEST_SEARCH]

    @property
    def is_open(self) -> bool:
        """Whether nothing narrows the list."""
        asked = (self.words, self.industry, self.region, self.carrier_id, self.listed_after, *self.chosen.values())
        return not any(asked)


def directory(
    listed: Directory, wanted: DirectoryFilter, *, actor: Actor, as_visitor: bool, number: int, per_page: int = 50
) -> Page[Any]:
    """One page of verified organizations of this kind (`listed_profiles`); none that the actor has blocked.

    A city has a hundred thousand: at most `COUNTED` are counted and can be leafed through; who looks for others narrows.

    `as_visitor`: only those who let themselves be found by everybody.
    """
    if wanted.is_open:
        return _whole(listed, wanted, actor=actor, as_visitor=as_visitor, number=number, per_page=per_page)
    session, model = db.session(), MODELS[listed.kind]
    few = among(session, wanted.words, most=FEW)
    suited = () if as_visitor else tuple(suiting(listed, wanted))
    of_register = [*_of_register(listed, wanted, few or (), suited), _not_blocked(actor)]
    of_profile = _of_profile(listed, wanted) + ([_found_by_all(listed)] if as_visitor else [])
    found = session.scalar(_counted(model, of_register, of_profile)) or 0
    if found == 0 and (near := misspelt(session, wanted.words, [listed.kind])):
        of_register = [*_of_register(listed, replace(wanted, text="")), Organization.id.in_(near), _not_blocked(actor)]
        found = session.scalar(_counted(model, of_register, of_profile)) or 0
    total = min(found, COUNTED)
    number = min(max(1, number), max(1, -(-total // per_page)))
    statement = (
        select(*shown_alone(listed.kind))
        .select_from(model)
        .join(Organization, Organization.id == Profile.organization_id)
        .where(*of_register, *of_profile)
        .order_by(*_order(wanted, suited, is_in_many=few is None), model.id)
    )
    rows = session.execute(statement.limit(per_page).offset((number - 1) * per_page))
    return Page(listed_profiles(listed.kind, rows), number, total, per_page, is_capped=found > COUNTED)


def _whole(
    listed: Directory, wanted: DirectoryFilter, *, actor: Actor, as_visitor: bool, number: int, per_page: int
) -> Page[Any]:
    """One page of a directory of which nothing is asked."""
    session, given = db.session(), {"own": actor.organization_id or 0}
    column = wanted.sort.removeprefix("-") if wanted.sort.removeprefix("-") in SORTS else "name"
    counted, statement = _all_of(listed.kind, column, is_descending=wanted.sort.startswith("-"), as_visitor=as_visitor)
    found = session.scalar(counted, given) or 0
    total = min(found, COUNTED)
    number = min(max(1, number), max(1, -(-total // per_page)))
    rows = session.execute(statement, given | {"most": per_page, "first": (number - 1) * per_page})
    return Page(listed_profiles(listed.kind, rows), number, total, per_page, is_capped=found > COUNTED)


def newest_for_all(session: Session, kind: OrganizationKind, most: int) -> list[Any]:
    """Those whom visitors find in a directory and who were verified last (`listed_profiles`); nobody is counted."""
    _, statement = _all_of(kind, "since", is_descending=True, as_visitor=True)
    return listed_profiles(kind, session.execute(statement, {"own": 0, "most": most, "first": 0}))


@cache
def _all_of(
    kind: OrganizationKind, column: str, *, is_descending: bool, as_visitor: bool
) -> tuple[Select[Any], Select[Any]]:
    """How many stand in the whole directory, and a page of it: put together once, as every directory begins with it."""
    listed, model = DIRECTORIES[kind], MODELS[kind]
    own: Any = bindparam("own", type_=Integer)
    of_register = [*_of_register(listed, DirectoryFilter()), Organization.id.not_in(blocked(own))]
    of_profile = [_found_by_all(listed)] if as_visitor else []
    order = SORTS[column].desc() if is_descending else SORTS[column].asc()
    statement = (
        select(*shown_alone(kind))
        .select_from(model)
        .join(Organization, Organization.id == Profile.organization_id)
        .where(*of_register, *of_profile)
        .order_by(order, model.id)
        .limit(bindparam("most", type_=Integer))
        .offset(bindparam("first", type_=Integer))
    )
    return _counted(model, of_register, of_profile), statement


def _counted(
    model: type[Profile], of_register: list[ColumnElement[bool]], of_profile: list[ColumnElement[bool]]
) -> Select[Any]:
    """How many there are, one more than `COUNTED` at most. Profiles are only read where they are asked something."""
    has_profile = select(Profile.id).where(Profile.organization_id == Organization.id).exists()
    listed: Select[Any] = select(Organization.id).where(*of_register, has_profile)
    if of_profile:
        asked = select(model.id).join(Organization, Organization.id == Profile.organization_id)
        listed = asked.where(*of_register, *of_profile)
    return select(func.count()).select_from(listed.limit(COUNTED + 1).subquery())


def suiting(listed: Directory, wanted: DirectoryFilter) -> Owners:
    """Who of the directory answers the typed words by what it offers, the words read as a need; for members."""
    return SUITING.owners(db.session(), listed.kind, wanted.words) if wanted.words else {}


def _of_register(
    listed: Directory, wanted: DirectoryFilter, few: Sequence[ColumnElement[bool]] = (), suited: Sequence[int] = ()
) -> list[ColumnElement[bool]]:
    """What the organization itself answers: its kind, its name (among `few`) or that it is `suited` by its offer, its place."""
    begun_with: Any = unindexed if few else lambda column: column  # the few that the index of names leaves come first
    conditions: list[ColumnElement[bool]] = [
        begun_with(Organization.kind) == listed.kind,
        begun_with(Organization.status) == OrganizationStatus.VERIFIED,
    ]
    if wanted.listed_after is not None:
        conditions.append(Organization.verified_at > wanted.listed_after)
    if wanted.words:
        by_name = and_(*few, named(wanted.words))
        conditions.append(or_(by_name, Organization.id.in_(suited)) if suited else by_name)
    if wanted.region:
        place = func.coalesce(Organization.district_code, Organization.region_code)
        conditions.append(place.in_(_within(wanted.region)))
    return conditions


def _of_profile(listed: Directory, wanted: DirectoryFilter) -> list[ColumnElement[bool]]:
    """What only its profile answers, once it is published."""
    model = MODELS[listed.kind]
    conditions: list[ColumnElement[bool]] = []
    if wanted.industry:
        conditions.append(and_(model.lead_industry == wanted.industry, model.state == ProfileState.PUBLISHED))
    asked = [(choice, wanted.chosen.get(choice.name)) for choice in listed.choices]
    conditions += [_chosen(model, choice, code) for choice, code in asked if code]
    if wanted.carrier_id is not None and model is EnterpriseProfile:
        conditions.append(EnterpriseProfile.carrier_id == wanted.carrier_id)
    return conditions


def _order(wanted: DirectoryFilter, suited: Sequence[int], *, is_in_many: bool) -> list[Any]:
    """As chosen; while nothing else is chosen, and few names hold what was typed, those that begin with it stand first, then
    the others that hold it, then who is suited by its offer, the best first."""
    column: Any = SORTS.get(wanted.sort.removeprefix("-"), Organization.sort_key)
    order = column.desc() if wanted.sort.startswith("-") else column.asc()
    if not wanted.words or wanted.sort != "name" or is_in_many:
        return [order]
    in_turn = literal(",".join(("", *map(str, suited), "")), String)
    by_offer = case((named(wanted.words), -1), else_=place_of(in_turn, "," + cast(Organization.id, String) + ","))
    return [begins_with(wanted.words), *([by_offer] if suited else ()), order]


def among(session: Session, text: str, *, most: int) -> list[ColumnElement[bool]] | None:
    """The condition that the index of names answers for what was typed, if there is one; None where more than so many names
    may hold it: they are found sooner by reading names in order."""
    dialect, forms = session.get_bind().dialect.name, search_words(text)
    ids, counted = name_index.candidates(dialect, forms), name_index.counted(dialect, forms, most)
    if ids is None or counted is None:
        return []
    return [Organization.id.in_(ids)] if (session.scalar(*counted) or 0) <= most else None


def misspelt(session: Session, text: str, kinds: Iterable[OrganizationKind]) -> list[int]:
    """The ids of organizations of these kinds (of any standing) whose names are nearest to what was typed in Latin letters
    with a slip; none where nothing is near, or where too many are in a large city. Each stands where the fewest letters have
    to change: only those with the fewest are told."""
    most = slips_allowed(text)
    words = _telling_words(session, text) if most else None
    if words is None:
        return []
    ids = name_index.near(session.get_bind().dialect.name, words, SHARING)
    statement = select(Organization.id, Organization.search_text)
    rows = session.execute(statement.where(Organization.id.in_(ids), Organization.kind.in_(kinds))).all()
    apart = [(slips_in(text, held), found) for found, held in rows]
    least = min((slips for slips, _ in apart), default=most + 1)
    return [found for slips, found in apart if slips == least <= most]


def _telling_words(session: Session, text: str) -> list[str] | None:
    """Words of what was typed that few enough names share (`COMPARED`): those that more share take longer to put in order
    than the rest of a page. None where too many share even the rarer ones."""
    dialect = session.get_bind().dialect.name
    for words, most in zip(name_index.words_near(search_key(text)), COMPARED, strict=True):
        if words and (session.scalar(name_index.sharing(dialect, words, most)) or 0) <= most:
            return words
    return None


def named(text: str) -> ColumnElement[bool]:
    """By Chinese, English or short name, by pinyin or initials. `%` and `_` are only letters."""
    found = [holds(Organization.search_text, looked_for(form)) for form in search_words(text)]
    return or_(*found) if found else false()


def looked_for(form: str) -> str:
    """A single Latin letter is in every name: it stands at the beginning or it is not looked for."""
    return BETWEEN + form if len(form) == 1 and form.isascii() else form


def begins_with(text: str) -> ColumnElement[int]:
    """0 where a name, its pinyin or its initials begin with what was typed, else 1: sorts the likely ones first."""
    forms = [holds(Organization.search_text, BETWEEN + form) for form in search_words(text)]
    return case((or_(*forms), 0), else_=1) if forms else case((false(), 0), else_=1)


def _chosen(model: type[Profile], choice: Choice, code: str) -> ColumnElement[bool]:
    column: Any = getattr(model, choice.name)
    wanted = cast(column, String).contains(f'"{code}"', autoescape=True) if choice.listed else column == code
    return and_(wanted, Profile.state == ProfileState.PUBLISHED)


def _within(code: str) -> list[str]:
    words = dictionaries.snapshot()
    inside = [entry.code for entry in words.entries("regions") if code in words.ancestors("regions", entry.code)]
    return inside or [code]


def _not_blocked(actor: Actor) -> ColumnElement[bool]:
    return Organization.id.not_in(blocked_by(actor))


def blocked_by(actor: Actor) -> Select[Any]:
    """The ids of those with whom the actor's organization wants nothing to do."""
    return blocked(actor.organization_id or 0)


def blocked(own: Any) -> Select[Any]:
    """The same for the organization of this id, which may be a parameter of a statement that is kept."""
    return select(OrganizationRelation.to_id).where(
        OrganizationRelation.from_id == own, OrganizationRelation.kind == RelationKind.BLOCKED
    )


def _found_by_all(listed: Directory) -> ColumnElement[bool]:
    if not listed.public:
        return false()
    return and_(MentorProfile.state == ProfileState.PUBLISHED, MentorProfile.hides_from_public.is_(False))


def carriers_among(session: Session, profiles: Iterable[Any]) -> dict[int, Organization]:
    """carrier id → organization for the firms of one page, in one query."""
    ids = {p.carrier_id for p in profiles if p.kind is OrganizationKind.ENTERPRISE and p.carrier_id is not None}
    if not ids:
        return {}
    rows: Sequence[Organization] = session.scalars(CARRIERS, {"ids": sorted(ids)}).all()
    return {row.id: row for row in rows}


def fact_in_words(fact: FactField, profile: Any, carriers: Carriers, locale: str) -> str | None:
    """A fact of a profile, whole or listed, as a reader sees it; None where it is not filled in."""
    if fact.name == "carrier_id":
        carrier = carriers.get(getattr(profile, "carrier_id", None) or 0)
        return None if carrier is None else (carrier.label_en if locale == "en" else "") or carrier.label
    english = getattr(profile, f"{fact.name}_en", "") if locale == "en" else ""
    return english or shown(fact, getattr(profile, fact.name), locale)


def row_in_words(facts: Sequence[FactField], profile: Any, carriers: Carriers, locale: str) -> list[str | None]:
    """What a directory shows of one organization: its place, and what it says of itself once that is published."""
    place = profile.organization.district_code or profile.organization.region_code
    published = profile.state is ProfileState.PUBLISHED
    return [
        dictionaries.snapshot().word("regions", place, locale),
        *(
            fact_in_words(fact, profile, carriers, locale) if published or fact.name == "carrier_id" else None
            for fact in facts
        ),
    ]


def listed_as(kind: OrganizationKind) -> Callable[..., Profile | None]:
    """The loader of one kind: a verified organization, or one that is the actor's own or in its care."""

    def load(actor: Actor, organization_id: int) -> Profile | None:
        profile = profile_of(db.session(), organization_id)
        if profile is None or profile.kind is not kind or not profile.organization.is_open:
            return None
        if profile.organization.is_verified or profile.organization_id == actor.organization_id:
            return profile
        visible = visible_of(db.session(), actor, subject_of(profile.organization, profile), now=profile.created_at)
        return profile if visible.relation is Relation.STEWARD else None

    return load


def mentors_found_by_all(session: Session, limit: int) -> list[tuple[int, datetime]]:
    """(organization id, when its profile changed last) of the mentors whom visitors may read of, by name."""
    statement = (
        select(Organization.id, MentorProfile.updated_at)
        .join(MentorProfile, MentorProfile.organization_id == Organization.id)
        .where(Organization.status == OrganizationStatus.VERIFIED, _found_by_all(DIRECTORIES[OrganizationKind.MENTOR]))
        .order_by(Organization.sort_key, Organization.id)
        .limit(limit)
    )
    return [(found, changed) for found, changed in session.execute(statement)]


def is_found_by_all(profile: Profile) -> bool:
    """Whether visitors may read of this organization: a published, verified mentor who has not opted out."""
    return (
        isinstance(profile, MentorProfile)
        and profile.organization.is_verified
        and profile.state is ProfileState.PUBLISHED
        and not profile.hides_from_public
    )
