"""The directories, their Excel, and the page of one organization."""

from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.core import dictionaries
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.fields import entry_choices
from matchhub.core.installation import required
from matchhub.core.ui import locale_code
from matchhub.core.uploads import KINDS
from matchhub.core.web import current_actor, file_response, page_number, requires
from matchhub.profiles import exports, queries
from matchhub.profiles.enums import ProfileState
from matchhub.profiles.models import CarrierProfile, EnterpriseProfile, InvestorProfile, Profile
from matchhub.profiles.policy import Permission, POLICY
from matchhub.profiles.queries import DirectoryFilter
from matchhub.profiles.queries.directory import EXPORTED
from matchhub.profiles.views.blueprint import bp

Model = type[EnterpriseProfile] | type[InvestorProfile] | type[CarrierProfile]
TYPES = {EnterpriseProfile: "company_stages", InvestorProfile: "fund_types", CarrierProfile: "carrier_types"}


@bp.get("/enterprises")
@requires(POLICY, Permission.BROWSE)
def enterprises() -> ResponseReturnValue:
    return _directory(EnterpriseProfile, "profiles/enterprises.html", _("企业名录"))


@bp.get("/investors")
@requires(POLICY, Permission.BROWSE)
def investors() -> ResponseReturnValue:
    return _directory(InvestorProfile, "profiles/investors.html", _("投资机构名录"))


@bp.get("/carriers")
@requires(POLICY, Permission.BROWSE)
def carriers() -> ResponseReturnValue:
    return _directory(CarrierProfile, "profiles/carriers.html", _("载体名录"))


def _wanted() -> DirectoryFilter:
    args = request.args
    carrier = args.get("carrier", "")
    return DirectoryFilter(
        text=args.get("q", "").replace("\x00", ""),
        industry=args.get("industry", "")[:80].replace("\x00", ""),
        region=args.get("region", "")[:12].replace("\x00", ""),
        type=args.get("type", "")[:40].replace("\x00", ""),
        carrier_id=int(carrier) if carrier.isascii() and carrier.isdigit() and len(carrier) < 10 else None,
        sort=args.get("sort", "name"),
    )


def _directory(model: Model, template: str, title: str) -> ResponseReturnValue:
    wanted, as_sheet = _wanted(), request.args.get("format") == "xlsx"
    size = EXPORTED if as_sheet else 50
    page = queries.directory(model, wanted, number=1 if as_sheet else page_number(), per_page=size)  # type: ignore[type-var]
    found = queries.carriers_among(db.session(), page.items)
    if as_sheet:
        content = exports.directory_sheet(
            model, page.items, found, title=title, locale=locale_code(), translate=lambda text: str(_(text))
        )
        return file_response(content, name=f"{title}.xlsx", media_type=KINDS["xlsx"])
    return render_template(
        template, page=page, title=title, wanted=wanted, carriers=found, published=ProfileState.PUBLISHED,
        types=entry_choices(TYPES[model]), **_choices(),
    )  # fmt: skip


def _choices() -> dict[str, Any]:
    """The districts of the city first, then the provinces; the top level of industries."""
    words, city = dictionaries.snapshot(), required(db.session()).city_region
    entries = words.entries("regions")
    near = [entry for entry in entries if city in (entry.code, entry.parent)]
    far = [entry for entry in entries if entry.parent == "100000" or entry.code == "420100"]
    return {
        "regions": [(entry.code, entry.word(locale_code())) for entry in [*near, *far]],
        "industries": entry_choices("industries", keep=lambda entry: entry.parent is None),
    }


@bp.get("/enterprises/<int:organization_id>")
@requires(POLICY, Permission.BROWSE, load=queries.listed_enterprise)
def enterprise(profile: Profile) -> ResponseReturnValue:
    return render_template("profiles/enterprise.html", **_shown(profile))


@bp.get("/investors/<int:organization_id>")
@requires(POLICY, Permission.BROWSE, load=queries.listed_investor)
def investor(profile: Profile) -> ResponseReturnValue:
    rounds = queries.past_rounds_of(db.session(), profile.organization_id, limit=50)
    return render_template("profiles/investor.html", rounds=rounds, **_shown(profile))


@bp.get("/carriers/<int:organization_id>")
@requires(POLICY, Permission.BROWSE, load=queries.listed_carrier)
def carrier(profile: Profile) -> ResponseReturnValue:
    firms = queries.firms_in(db.session(), profile.organization_id)
    return render_template("profiles/carrier.html", firms=firms, **_shown(profile))


def _shown(profile: Profile) -> dict[str, Any]:
    """What the viewer may see: facts of the register for members, more for those who were let in."""
    visible = queries.visible_to(current_actor(), profile, now=utcnow())
    files = [] if not (visible.file_ids or visible.relation.value == "own") else _files(profile)
    return {
        "profile": profile,
        "organization": profile.organization,
        "visible": visible,
        "relation": visible.relation.value,
        "open": profile.state is ProfileState.PUBLISHED or visible.relation.value in ("own", "steward"),
        "close": visible.relation.value in ("own", "steward", "consented"),
        "files": [row for row in files if visible.material(row.id)],
        "carriers": queries.carriers_among(db.session(), [profile]),
        "certificates": queries.qualifications_of(db.session(), profile.organization_id),
    }


def _files(profile: Profile) -> list[Any]:
    return queries.attachments_of(db.session(), profile.organization_id)
