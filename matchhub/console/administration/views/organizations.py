"""机构: found, checked, renamed, closed, merged; bureaus founded and their officers invited."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts import services
from matchhub.accounts.enums import OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Invitation, Membership, Organization
from matchhub.accounts.services import administration
from matchhub.accounts.workflow import ORGANIZATION
from matchhub.console.administration import queries
from matchhub.console.administration.exports import organizations_sheet
from matchhub.console.administration.forms import (
    FoundingForm,
    InvitationForm,
    MergerForm,
    OrganizationNameForm,
    ReasonForm,
)
from matchhub.console.administration.views.blueprint import bp, EXPORTED, settings
from matchhub.core import errors, installation
from matchhub.core.administration import Permission, POLICY
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.fields import tell_apart
from matchhub.core.labels import N_
from matchhub.core.pinyin import sort_key
from matchhub.core.uploads import KINDS
from matchhub.core.web import (
    current_actor,
    file_response,
    Form,
    is_refused,
    page_number,
    refusals_on,
    requires,
    takes_away,
)


@bp.get("/administration/organizations")
@requires(POLICY, Permission.VIEW)
def organizations() -> ResponseReturnValue:
    kind, status, text = (request.args.get(name, "") for name in ("kind", "status", "q"))
    page = queries.organizations(db.session(), kind=kind, status=status, text=text, number=page_number())
    return render_template(
        "administration/organizations.html", page=page, kind=kind, status=status, search_words=text,
        kinds=OrganizationKind, statuses=OrganizationStatus,
    )  # fmt: skip


@bp.get("/administration/organizations/export.xlsx")
@requires(POLICY, Permission.VIEW)
@takes_away(N_("机构"))
def export_organizations() -> ResponseReturnValue:
    kind, status, text = (request.args.get(name, "") for name in ("kind", "status", "q"))
    page = queries.organizations(db.session(), kind=kind, status=status, text=text, per_page=EXPORTED)
    content = organizations_sheet(page.items)
    return file_response(content, name=f"{_('机构')}.xlsx", media_type=KINDS["xlsx"])


@bp.get("/administration/organizations/<int:organization_id>")
@requires(POLICY, Permission.VIEW, load=queries.organization)
def organization(organization: Organization) -> ResponseReturnValue:
    return _page(organization)


@bp.post("/administration/organizations/<int:organization_id>/verification")
@requires(POLICY, Permission.OPERATE, load=queries.organization)
def verify_organization(organization: Organization) -> ResponseReturnValue:
    services.verify_organization(organization, actor=current_actor(), now=utcnow())
    return _done(organization, _("已核验"))


@bp.post("/administration/organizations/<int:organization_id>/rejection")
@requires(POLICY, Permission.OPERATE, load=queries.organization)
def reject_organization(organization: Organization) -> ResponseReturnValue:
    form = ReasonForm()
    if form.validate_on_submit():
        with refusals_on(form):
            services.reject_organization(
                organization, reason=form.reason.data or "", actor=current_actor(), now=utcnow()
            )
    return _page(organization, rejection=form) if is_refused(form) else _done(organization, _("已退回"))


@bp.post("/administration/organizations/<int:organization_id>/closure")
@requires(POLICY, Permission.OPERATE, load=queries.organization)
def close_organization(organization: Organization) -> ResponseReturnValue:
    services.close_organization(organization, actor=current_actor(), now=utcnow())
    return _done(organization, _("已关闭"))


@bp.post("/administration/organizations/<int:organization_id>/renaming")
@requires(POLICY, Permission.OPERATE, load=queries.organization)
def rename_organization(organization: Organization) -> ResponseReturnValue:
    form = OrganizationNameForm()
    if form.validate_on_submit():
        name, short_name = form.name.data or "", form.short_name.data or ""
        with refusals_on(form):
            services.rename_organization(
                organization, name=name, short_name=short_name, actor=current_actor(), now=utcnow()
            )
    return _page(organization, naming=form) if is_refused(form) else _done(organization, _("已改名"))


@bp.post("/administration/organizations/<int:organization_id>/merger")
@requires(POLICY, Permission.OPERATE, load=queries.organization)
def merge_organization(organization: Organization) -> ResponseReturnValue:
    form, actor = MergerForm(), current_actor()
    keep = queries.organization(actor, organization_id=form.keep.data or 0) if form.validate_on_submit() else None
    if keep is not None:
        with refusals_on(form):
            services.merge_organizations(keep, organization, actor=actor, now=utcnow())
    elif not is_refused(form):
        form.refuse(errors.Invalid(N_("选择同一类型的另一家机构"), field="keep"))
    return _page(organization, merger=form) if is_refused(form) else _done(keep or organization, _("已合并"))


@bp.post("/administration/organizations/<int:organization_id>/members/<int:membership_id>/settlement")
@requires(POLICY, Permission.OPERATE, load=queries.membership)
def settle_owner(membership: Membership) -> ResponseReturnValue:
    form, organization = Form(), membership.organization
    with refusals_on(form):
        services.settle_owner(membership, actor=current_actor(), now=utcnow())
    return _page(organization, merger=form) if is_refused(form) else _done(organization, _("已指定负责人"))


@bp.post("/administration/organizations/<int:organization_id>/members/<int:membership_id>/removal")
@requires(POLICY, Permission.OPERATE, load=queries.membership)
def remove_member(membership: Membership) -> ResponseReturnValue:
    form, organization = Form(), membership.organization
    with refusals_on(form):
        services.remove_colleague(membership, actor=current_actor(), now=utcnow())
    return _page(organization, merger=form) if is_refused(form) else _done(organization, _("已移出"))


@bp.post("/administration/organizations/<int:organization_id>/invitations")
@requires(POLICY, Permission.OPERATE, load=queries.organization)
def invite_officer(organization: Organization) -> ResponseReturnValue:
    form, link = InvitationForm(), ""
    if form.validate_on_submit():
        with refusals_on(form):
            invitation, token = services.invite(
                organization, address=form.address.data or "", name=form.name.data or "", role=Role(form.role.data),
                region_code=form.region_code.data or None, actor=current_actor(), now=utcnow(),
            )  # fmt: skip
            link = _link_to_hand_over(invitation.address, token)
    if is_refused(form):
        return _page(organization, invitation=form)
    return _page(organization, invitation_link=link) if link else _done(organization, _("邀请已发出"))


@bp.post("/administration/invitations/<int:invitation_id>/revocation")
@requires(POLICY, Permission.OPERATE, load=queries.invitation)
def revoke_invitation(invitation: Invitation) -> ResponseReturnValue:
    organization = invitation.organization
    services.revoke_invitation(invitation, actor=current_actor(), now=utcnow())
    return _done(organization, _("邀请已撤回"))


@bp.get("/administration/organizations/new")
@requires(POLICY, Permission.OPERATE)
def new_organization() -> ResponseReturnValue:
    return render_template("administration/new_organization.html", form=FoundingForm())


@bp.post("/administration/organizations")
@requires(POLICY, Permission.OPERATE)
def found_organization() -> ResponseReturnValue:
    form, founded, token = FoundingForm(), None, ""
    if form.validate_on_submit():
        with refusals_on(form):
            founded, token = _founded(form)
    if is_refused(form) or founded is None:
        return render_template("administration/new_organization.html", form=form), 422
    link = _link_to_hand_over(form.address.data or "", token) if token else ""
    return _page(founded, invitation_link=link) if link else _done(founded, _("邀请已发出") if token else _("已建立"))


def _founded(form: FoundingForm) -> tuple[Organization, str]:
    """The new organization, and the token of the invitation where somebody is invited."""
    actor, now = current_actor(), utcnow()
    kind, name, region = OrganizationKind(form.kind.data), form.name.data or "", str(form.region_code.data)
    district = None if region == installation.required(db.session()).city_region else region
    founded = administration.found_organization(
        kind, name=name, short_name=form.short_name.data or "", region_code=region, sort_key=sort_key(name),
        district_code=district, actor=actor, now=now,
    )  # fmt: skip
    if not form.address.data:
        return founded, ""
    role = administration.first_role(kind, district)
    _invitation, token = services.invite(
        founded, address=form.address.data, name=form.person.data or "", role=role,
        region_code=district if role is Role.DISTRICT_OFFICER else None, actor=actor, now=now,
    )  # fmt: skip
    return founded, token


def _link_to_hand_over(address: str, token: str) -> str:
    """The personal link, where no mail carries it."""
    is_mailed = "@" in address and bool(settings().mail_url)
    return "" if is_mailed else f"{settings().base_url.rstrip('/')}/invitations/{token}"


def _done(organization: Organization, words: str) -> ResponseReturnValue:
    flash(words, "success")
    return redirect(url_for(".organization", organization_id=organization.id))


def _page(organization: Organization, *, invitation_link: str = "", **refused: Form) -> tuple[str, int]:
    """The page of one organization, with the form that was refused, if any."""
    session, actor, now = db.session(), current_actor(), utcnow()
    text = request.args.get("merge", "")
    forms: dict[str, Form] = {
        "naming": OrganizationNameForm(formdata=None, name=organization.name, short_name=organization.short_name),
        "rejection": ReasonForm(formdata=None),
        "invitation": InvitationForm(formdata=None),
        "merger": MergerForm(formdata=None),
        **refused,
    }
    tell_apart(forms)
    body = render_template(
        "administration/organization.html",
        organization=organization,
        members=queries.memberships(session, organization.id),
        names=queries.earlier_names(session, organization.id),
        invitations=queries.open_invitations(session, organization.id, now=now),
        actions={row.action for row in ORGANIZATION.available(organization, actor)},
        candidates=queries.merge_candidates(session, organization, text),
        merge_words=text,
        invitation_link=invitation_link,
        **forms,
    )
    return body, 422 if refused else 200
