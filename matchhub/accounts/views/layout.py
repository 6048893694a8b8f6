"""What the layout shows of the viewer, and what stands before every page: second factor, accepted texts, last seen."""

from datetime import timedelta
from functools import lru_cache
from typing import Any

from flask import current_app, Flask, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from matchhub.accounts import services
from matchhub.accounts.enums import OrganizationKind, Role, SECOND_FACTOR_ROLES
from matchhub.accounts.policy import Permission, POLICY
from matchhub.accounts.queries import Browser, HeldMembership, Viewer, viewer_of
from matchhub.accounts.views import wishes
from matchhub.accounts.views.browser import settings
from matchhub.accounts.views.identity import signed_in_browser
from matchhub.core import ledger, ui
from matchhub.core.clock import utcnow
from matchhub.core.policy import Actor
from matchhub.core.quickness import address, root
from matchhub.core.ui import locale_code
from matchhub.core.web import Access, current_actor, is_htmx

SEEN_EVERY = timedelta(minutes=5)
SETUP = frozenset({"accounts.second_factor_setup", "accounts.enable_second_factor"})
ACCEPTANCE = frozenset({"accounts.text_acceptance_form", "accounts.accept_texts"})
NEED_SECOND_FACTOR = frozenset(role.value for role in SECOND_FACTOR_ROLES)
COMPLAINT_DESK = frozenset({Role.CITY_OFFICER.value, Role.ADMINISTRATOR.value})
PROFILED = frozenset(kind.value for kind in OrganizationKind if kind is not OrganizationKind.BUREAU)


def viewer(actor: Actor) -> Viewer | None:
    """The viewer in the reader's language, None for visitors."""
    browser = signed_in_browser() if actor.is_known else None
    return viewer_of(browser, speak=_, name_of=_name_of) if browser else None


def _name_of(held: HeldMembership) -> str:
    return str(ui.in_locale(held, "organization_label"))


def init_app(app: Flask) -> None:
    """Stand before every page, and give the layout its addresses."""
    app.before_request(_gate)
    app.extensions["csrf"].exempt(wishes.take_leave)  # mail programs post without cookies: the signed link is the proof
    app.context_processor(_addresses)


def _gate() -> ResponseReturnValue | None:
    """Where somebody must go first, if anywhere. Public pages and leaving are open to all."""
    view = current_app.view_functions.get(request.endpoint or "")
    access: Access | None = getattr(view, "__access__", None)
    if access is None or access.policy is None:
        return None
    browser = signed_in_browser()
    if browser is None:
        return None
    if browser.awaits_second_factor:
        return redirect(url_for("accounts.second_factor_form", next=_here()))
    _note_presence(browser)
    return _must_do_first(browser)


def _must_do_first(browser: Browser) -> ResponseReturnValue | None:
    endpoint, actor = request.endpoint, current_actor()
    must = actor.role in NEED_SECOND_FACTOR and browser.second_factor_at is None
    if must and endpoint not in SETUP:
        return redirect(url_for("accounts.second_factor_setup"))
    if not must and endpoint not in ACCEPTANCE and browser.must_accept_texts:
        return redirect(url_for("accounts.text_acceptance_form", next=_here()))
    if actor.membership_id is None and endpoint == "console.home":
        return redirect(url_for("accounts.waiting"))
    return None


def _note_presence(browser: Browser) -> None:
    now = utcnow()
    if browser.last_seen_at + SEEN_EVERY <= now:
        ledger.later(services.seen(browser.id, browser.user_id, now))


def _here() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" and not is_htmx() else None


def _addresses() -> dict[str, Any]:
    asvs = settings().password_profile == "asvs"
    return {
        "sign_in_url": address("accounts.session_form"),
        "sign_out_url": address("accounts.sign_out"),
        "notices_url": address("accounts.notices"),
        "account_links": _account_links(),
        "password_hint": _("至少 12 位") if asvs else _("至少 10 位，大写、小写、数字、符号里用三种"),
    }


def _account_links() -> list[dict[str, str]]:
    actor = current_actor()
    may_issue = POLICY.allows(Permission.ISSUE_CODE, actor)
    is_member = actor.membership_id is not None
    return _links(locale_code(), root(), actor.organization_kind, actor.role, is_member, may_issue)


@lru_cache(maxsize=200)
def _links(locale: str, root: str, kind: str, role: str, is_member: bool, may_issue: bool) -> list[dict[str, str]]:
    """Kept, as they are the same for all of one kind who read in one language."""
    links = _links_of_kind(kind)
    if kind in PROFILED or role in COMPLAINT_DESK:
        links.append({"label": _("投诉"), "icon": "flag", "url": "/complaints"})
    if is_member:
        links.append({"label": _("我的票"), "icon": "ticket", "url": "/tickets"})
        links.append({"label": _("同事"), "icon": "users", "url": address("accounts.colleagues")})
    if may_issue:
        links.append({"label": _("开具重置码"), "icon": "key", "url": address("accounts.issue_code_form")})
    if is_member:
        links.append({"label": _("保存的搜索"), "icon": "bookmark", "url": "/saved-searches"})
    links.append({"label": _("通知设置"), "icon": "bell", "url": address("accounts.notice_settings")})
    links.append({"label": _("设置"), "icon": "settings", "url": address("accounts.account")})
    return [*links, {"label": _("怎么用"), "icon": "help", "url": "/help"}]


def _links_of_kind(kind: str) -> list[dict[str, str]]:
    """What the five places have no room for, by the kind of the organization."""
    if kind not in PROFILED:
        return [{"label": _("活动"), "icon": "calendar-event", "url": "/events"}]
    links = [
        {"label": _("资料"), "icon": "building", "url": "/profile"},
        {"label": _("我的授权"), "icon": "key", "url": "/disclosures"},
        {"label": _("已屏蔽的机构"), "icon": "ban", "url": "/blocks"},
    ]
    if kind != OrganizationKind.CARRIER:
        links.append({"label": _("对接"), "icon": "message", "url": "/introductions"})
    if kind == OrganizationKind.ENTERPRISE:
        links.append({"label": _("投资机构名录"), "icon": "coin", "url": "/investors"})
    return links
