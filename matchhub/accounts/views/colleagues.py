"""Colleagues of one's organization, the organization itself, and invitations."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_babel import gettext as _

from matchhub.accounts import services
from matchhub.accounts.enums import MembershipState, OrganizationKind, Role
from matchhub.accounts.forms import InviteForm, LeaveForm, MEMBER_ROLES, NewcomerForm, OrganizationForm, RoleForm
from matchhub.accounts.models import Invitation, Membership
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries import (
    colleague,
    colleagues_of,
    invitation_by_token,
    open_invitations,
    own_invitation,
    user_by_address,
)
from matchhub.accounts.views.blueprint import bp
from matchhub.accounts.views.browser import (
    HOME,
    new_password_hash,
    open_browser,
    own_organization,
    own_user,
    settings,
    signed_in_row,
)
from matchhub.accounts.views.texts import shown_texts
from matchhub.core.addresses import parsed
from matchhub.core.clock import utcnow
from matchhub.core.db import db
from matchhub.core.errors import Conflict, NotFound
from matchhub.core.labels import N_
from matchhub.core.web import current_actor, Form, is_refused, public, refusals_on, requires


@bp.get("/colleagues")
@requires(POLICY, Permission.SEE_COLLEAGUES)
def colleagues() -> ResponseReturnValue:
    return _page()


@bp.post("/invitations")
@requires(POLICY, Permission.INVITE)
def invite() -> ResponseReturnValue:
    form, token, invitation = _with_roles(InviteForm()), "", None
    if form.validate():
        with refusals_on(form):
            invitation, token = services.invite(
                own_organization(), address=form.address.data or "", role=Role(form.role.data),
                actor=current_actor(), now=utcnow(),
            )  # fmt: skip
    if invitation is None or is_refused(form):
        return _page(422, invitation=form)
    if "@" in invitation.address and settings().mail_url:
        flash(_("邀请已发出，14 天内有效"), "success")
        return redirect(url_for(".colleagues"))
    return _link_page(token)


@bp.post("/invitations/<int:invitation_id>/revocation")
@requires(POLICY, Permission.INVITE, load=own_invitation)
def revoke_invitation(invitation: Invitation) -> ResponseReturnValue:
    services.revoke_invitation(invitation, actor=current_actor(), now=utcnow())
    flash(_("邀请已撤回"), "success")
    return redirect(url_for(".colleagues"))


@bp.post("/colleagues/<int:membership_id>/acceptance")
@requires(POLICY, Permission.ANSWER_JOIN, load=colleague)
def accept_colleague(membership: Membership) -> ResponseReturnValue:
    services.answer_join(membership, accept=True, actor=current_actor(), now=utcnow())
    return redirect(url_for(".colleagues"))


@bp.post("/colleagues/<int:membership_id>/refusal")
@requires(POLICY, Permission.ANSWER_JOIN, load=colleague)
def refuse_colleague(membership: Membership) -> ResponseReturnValue:
    services.answer_join(membership, accept=False, actor=current_actor(), now=utcnow())
    return redirect(url_for(".colleagues"))


@bp.post("/colleagues/<int:membership_id>/role")
@requires(POLICY, Permission.MANAGE_COLLEAGUE, load=colleague)
def change_role(membership: Membership) -> ResponseReturnValue:
    form = _with_roles(RoleForm())
    if form.validate():
        with refusals_on(form):
            services.change_role(membership, role=Role(form.role.data), actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _page(422, refused=form)
    flash(_("角色已修改"), "success")
    return redirect(url_for(".colleagues"))


@bp.post("/colleagues/<int:membership_id>/removal")
@requires(POLICY, Permission.MANAGE_COLLEAGUE, load=colleague)
def remove_colleague(membership: Membership) -> ResponseReturnValue:
    form = Form()
    with refusals_on(form):
        services.remove_colleague(membership, actor=current_actor(), now=utcnow())
    if is_refused(form):
        return _page(422, refused=form)
    flash(_("已移出机构"), "success")
    return redirect(url_for(".colleagues"))


@bp.post("/colleagues/leaving")
@requires(POLICY, Permission.SEE_COLLEAGUES)
def leave() -> ResponseReturnValue:
    form, actor = LeaveForm(), current_actor()
    own = db.session.get_one(Membership, actor.membership_id)
    if form.validate():
        successor = colleague(actor, form.successor.data) if form.successor.data else None
        with refusals_on(form):
            services.leave(own, successor=successor, actor=actor, now=utcnow())
    if is_refused(form):
        return _page(422, leaving=form)
    flash(_("已离开机构"), "success")
    return redirect(HOME)


@bp.post("/organization/name")
@requires(POLICY, Permission.RENAME)
def rename_organization() -> ResponseReturnValue:
    form = OrganizationForm()
    if form.validate():
        with refusals_on(form):
            services.rename_organization(
                own_organization(), name=form.name.data or "", short_name=form.short_name.data or "",
                actor=current_actor(), now=utcnow(),
            )  # fmt: skip
    if is_refused(form):
        return _page(422, naming=form)
    flash(_("名称已修改"), "success")
    return redirect(url_for(".colleagues"))


@bp.post("/organization/closure")
@requires(POLICY, Permission.CLOSE)
def close_organization() -> ResponseReturnValue:
    services.close_organization(own_organization(), actor=current_actor(), now=utcnow())
    flash(_("机构已关闭"), "success")
    return redirect(HOME)


@bp.get("/invitations/<string:token>")
@public("the link is the invitation")
def invitation(token: str) -> ResponseReturnValue:
    return _invitation_page(_found(token), token, NewcomerForm())


@bp.post("/invitations/<string:token>/acceptance")
@public("the link is the invitation; the account must be the invited one")
def accept_invitation(token: str) -> ResponseReturnValue:
    found, form, actor, now = _found(token), NewcomerForm(), current_actor(), utcnow()
    newcomer = None
    if not actor.is_known:
        newcomer = _newcomer(form, found) if form.validate() else None
        if newcomer is None:
            return _invitation_page(found, token, form, 422)
    membership = None
    with refusals_on(form):
        membership = services.accept_invitation(found, newcomer=newcomer, text_ids=form.text_ids, actor=actor, now=now)
    if membership is None:
        return _invitation_page(found, token, form, 422)
    row = signed_in_row()
    open_browser(membership.user, membership=membership, second_factor=bool(row and row.second_factor_at))
    return redirect(HOME)


def _found(token: str) -> Invitation:
    found = invitation_by_token(db.session(), token)
    if found is None:
        raise NotFound(N_("没有这一页，或者你不能看"))
    return found


def _newcomer(form: NewcomerForm, found: Invitation) -> services.Newcomer | None:
    address = parsed(found.address)
    hashed = new_password_hash(form, personal=(found.address,))
    if not hashed or address is None:
        return None
    return services.Newcomer(form.name.data or "", address, hashed, getattr(get_locale(), "language", "zh"))


def _invitation_page(found: Invitation, token: str, form: NewcomerForm, status: int = 200) -> ResponseReturnValue:
    if found.accepted_at or found.revoked_at or found.expires_at <= utcnow():
        raise Conflict(N_("这份邀请已经失效，请对方重新邀请"))
    actor, address, texts = current_actor(), parsed(found.address), shown_texts()
    user = own_user() if actor.is_known else None
    form.texts.data = "-".join(str(text.id) for text in texts)
    page = render_template(
        "accounts/invitation.html",
        invitation=found,
        token=token,
        form=form,
        texts=texts,
        user=user,
        matches=user is not None and found.address in (user.email, user.mobile),
        has_account=address is not None and user_by_address(db.session(), address) is not None,
    )
    return page, status


def _link_page(token: str) -> ResponseReturnValue:
    link = settings().base_url.rstrip("/") + url_for(".invitation", token=token)
    words = _("把链接发给本人，14 天内有效，只能用一次。关掉这一页后就看不到了。")
    return render_template("accounts/shown_once.html", title=_("邀请链接"), words=words, items=[link])


def _with_roles(form: InviteForm | RoleForm) -> InviteForm | RoleForm:
    form.role.choices = {role.value: _(role.label) for role in MEMBER_ROLES}
    return form


def _page(status: int = 200, **forms: Form) -> ResponseReturnValue:
    organization, actor, now = own_organization(), current_actor(), utcnow()
    members = colleagues_of(db.session(), organization.id)
    leaving = forms.get("leaving") or LeaveForm(formdata=None)
    others = (m for m in members if m.id != actor.membership_id and m.state is MembershipState.ACTIVE)
    leaving.successor.choices = {0: _("不指定"), **{m.id: m.user.name for m in others}}
    is_bureau = organization.kind is OrganizationKind.BUREAU
    page = render_template(
        "accounts/colleagues.html",
        organization=organization,
        members=members,
        invitations=open_invitations(db.session(), organization.id, now),
        roles=MEMBER_ROLES,
        manages=POLICY.allows(Permission.INVITE, actor, organization) and not is_bureau,
        is_bureau=is_bureau,
        invitation=forms.get("invitation") or _with_roles(InviteForm(formdata=None)),
        naming=forms.get("naming") or OrganizationForm(formdata=None, obj=organization),
        leaving=leaving,
        refused=forms.get("refused"),
    )
    return page, status
