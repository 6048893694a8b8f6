"""The directories, their Excel, and the page of one organization: one recipe for all kinds (`queries.kinds`)."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts.enums import OrganizationKind
from matchhub.core import dictionaries, errors
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.dictionaries import Entry
from matchhub.core.fields import Choice as Option
from matchhub.core.fields import entry_choices
from matchhub.core.installation import required
from matchhub.core.labels import N_
from matchhub.core.policy import Actor
from matchhub.core.ui import locale_code
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, page_number, public, requires, View
from matchhub.profiles import exports, queries
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import CarrierProfile, InvestorProfile, Profile
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.queries import DIRECTORIES, Directory, DirectoryFilter, FactField
from matchhub.profiles.queries.directory import EXPORTED
from matchhub.profiles.queries.kinds import Choice
from matchhub.profiles.views.blueprint import bp

OFFERED = {
    OrganizationKind.BANK: "credit", OrganizationKind.INVESTOR: "equity", OrganizationKind.MENTOR: "mentoring",
}  # fmt: skip
VISITORS = "who advises firms here may be found by everybody who looks for advice; each mentor can opt out"


def _add(listed: Directory) -> None:
    """The list and the page of one kind."""
    index, show = _index_of(listed), _show_of(listed)
    bp.get(f"/{listed.path}", endpoint=listed.path)(index)
    bp.get(f"/{listed.path}/<int:organization_id>", endpoint=listed.kind.value)(show)


def _index_of(listed: Directory) -> View:
    def index() -> ResponseReturnValue:
        return _list(listed)

    return public(VISITORS)(index) if listed.public else requires(POLICY, Permission.BROWSE)(index)


def _show_of(listed: Directory) -> View:
    load = queries.listed_as(listed.kind)

    def show_to_all(organization_id: int) -> ResponseReturnValue:
        profile = load(current_actor(), organization_id=organization_id)
        if profile is None or not (_is_member(profile) or queries.is_found_by_all(profile)):
            raise errors.NotFound(N_("没有这一页，或者你不能看"))
        return _show(listed, profile)

    def show(profile: Profile) -> ResponseReturnValue:
        return _show(listed, profile)

    return public(VISITORS)(show_to_all) if listed.public else requires(POLICY, Permission.BROWSE, load=load)(show)


def _is_member(profile: Profile | None = None) -> bool:
    """Whether the actor reads as a verified member, an officer, or of itself; everybody else reads as a visitor."""
    actor = current_actor()
    own = profile is not None and profile.organization_id == actor.organization_id
    return own or POLICY.allows(Permission.BROWSE, actor)


def new_on(listed: Directory, actor: Actor, args: Mapping[str, str], since: datetime) -> int:
    """How many have come onto a directory since then, filtered as in its address; for saved searches."""
    wanted = replace(_wanted(listed, args), listed_after=since)
    return queries.directory(listed, wanted, actor=actor, as_visitor=False, number=1, per_page=1).total


def _wanted(listed: Directory, args: Mapping[str, str]) -> DirectoryFilter:
    carrier = args.get("carrier", "")
    return DirectoryFilter(
        text=args.get("q", ""),
        industry=args.get("industry", "")[:80],
        region=args.get("region", "")[:12],
        chosen={choice.name: args.get(choice.name, "")[:40] for choice in listed.choices},
        carrier_id=int(carrier) if carrier.isascii() and carrier.isdigit() and len(carrier) < 10 else None,
        sort=args.get("sort", "name"),
    )


def _list(listed: Directory) -> ResponseReturnValue:
    wanted, as_visitor = _wanted(listed, request.args), not _is_member()
    as_sheet = request.args.get("format") == "xlsx" and not as_visitor
    page = queries.directory(
        listed, wanted, actor=current_actor(), as_visitor=as_visitor, number=1 if as_sheet else page_number(),
        per_page=EXPORTED if as_sheet else 50,
    )  # fmt: skip
    carriers = queries.carriers_among(db.session(), page.items)
    if as_sheet:
        content = exports.directory_sheet(listed, page.items, carriers, locale=locale_code(), translate=_)
        return file_response(content, name=f"{_(listed.title)}.xlsx", media_type=KINDS["xlsx"])
    facts = listed.shown_columns(as_visitor=as_visitor)
    labels = [_("地区"), *(_(fact.label) for fact in facts)]
    rows = [
        (p.organization, list(zip(labels, queries.row_in_words(facts, p, carriers, locale_code()), strict=True)))
        for p in page.items
    ]
    return render_template(
        "profiles/directory.html", listed=listed, page=page, rows=rows, labels=labels, wanted=wanted,
        suited={} if as_visitor else queries.suiting(listed, wanted),
        as_visitor=as_visitor, kinds=() if as_visitor else DIRECTORIES.values(),
        may_import=POLICY.allows(Permission.BRING_ORGANIZATION, current_actor()), **_choices(listed),
    )  # fmt: skip


def _choices(listed: Directory) -> dict[str, Any]:
    """The districts of the city first, then the provinces; the top level of industries; the filters of this kind."""
    words, city = dictionaries.snapshot(), required(db.session()).city_region
    entries = words.entries("regions")
    far = [entry for entry in entries if entry.parent == "100000" or entry.code == "420100"]

    def is_near(entry: Entry) -> bool:
        return city in (entry.code, entry.parent)

    def options(choice: Choice) -> list[Option]:
        return entry_choices(choice.words, keep=is_near if choice.local else None)

    return {
        "regions": [(entry.code, entry.word(locale_code())) for entry in [*filter(is_near, entries), *far]],
        "industries": entry_choices("industries", keep=lambda entry: entry.parent is None),
        "choices": [(choice, options(choice)) for choice in listed.choices],
    }


def _show(listed: Directory, profile: Profile) -> ResponseReturnValue:
    """What the viewer may see: facts of the register for members, more for those who were let in."""
    visible = queries.visible_to(current_actor(), profile, now=utcnow())
    relation = visible.relation.value
    own_files = bool(visible.file_ids) or relation == "own"
    files = queries.attachments_of(db.session(), profile.organization_id) if own_files else []
    return render_template(
        "profiles/organization.html", listed=listed, profile=profile, organization=profile.organization,
        visible=visible, relation=relation, as_visitor=not _is_member(profile),
        files=[row for row in files if visible.material(row.id)], **_said(listed, profile, visible), **_more(profile),
        **_ties(profile),
    )  # fmt: skip


def _said(listed: Directory, profile: Profile, visible: Any) -> dict[str, Any]:
    """The facts and texts that are open to the viewer, in words."""
    relation = visible.relation.value
    is_open = profile.state is ProfileState.PUBLISHED or relation in ("own", "steward")
    is_close = is_open and relation in ("own", "steward", "consented")
    as_visitor = not _is_member(profile)
    carriers = queries.carriers_among(db.session(), [profile])

    def said(names: tuple[str, ...]) -> list[tuple[FactField, str | None]]:
        facts = [listed.fact(name) for name in names if not as_visitor or name in listed.public]
        return [(fact, queries.fact_in_words(fact, profile, carriers, locale_code())) for fact in facts]

    always = tuple(name for name in listed.facts if is_open or name == "carrier_id")
    return {
        "is_open": is_open,
        "facts": said(always) + (said(listed.close_facts) if is_close else []),
        "texts": (said(listed.texts) if is_open else []) + (said(listed.close_texts) if is_close else []),
        "figures": said(listed.figures) if visible.terms and relation in ("own", "consented") else [],
    }


def _more(profile: Profile) -> dict[str, Any]:
    """What one kind alone has: past investments, certificates, firms of a carrier."""
    session, organization_id = db.session(), profile.organization_id
    return {
        "rounds": queries.past_rounds_of(session, organization_id, limit=50)
        if isinstance(profile, InvestorProfile)
        else [],
        "certificates": queries.qualifications_of(session, organization_id),
        "firms": queries.firms_in(session, organization_id) if isinstance(profile, CarrierProfile) else None,
        "offers_url": _offers_url(profile),
    }


def _offers_url(profile: Profile) -> str | None:
    """The list of what a bank, fund or mentor offers, for members; a higher feature has it."""
    kind = OFFERED.get(profile.kind)
    if kind is None or not current_actor().organization_verified or "listings.offers" not in current_app.view_functions:
        return None
    return url_for("listings.offers", kind=kind, q=profile.organization.name, all=1)


def _ties(profile: Profile) -> dict[str, Any]:
    """What the actor may do about this organization besides reading."""
    actor, is_other = current_actor(), profile.organization_id != current_actor().organization_id
    reportable = is_other and profile.organization.is_verified
    return {
        "blocked": queries.block_of(actor, profile.organization_id) if actor.is_known else None,
        "may_report": reportable and POLICY.allows(Permission.COMPLAIN, actor),
        "may_block": reportable and POLICY.allows(Permission.BLOCK, actor),
    }


for _listed in DIRECTORIES.values():
    _add(_listed)
