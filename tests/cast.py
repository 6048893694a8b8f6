"""The named cast: invented organizations and people that every test knows, and a browser for each of them."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar

from flask import g, has_app_context
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import MembershipState, OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Membership, Organization, TextAcceptance, User, UserSession
from matchhub.accounts.queries import token_hash
from matchhub.core.clock import utcnow
from matchhub.core.db import Base, db, unit_of_work
from matchhub.core.texts import current_text, TextKind
from matchhub.core.web import App

R = TypeVar("R")
Facts = tuple[OrganizationKind, str, str, str | None, Role]


@dataclass
class Cast:
    """Memberships, by whom they belong to."""

    xinghe: Membership  # 星河科技, a start-up in 鄂城区, in 滨江孵化器
    qingtian: Membership  # 擎天装备, a start-up in 葛店, in no carrier of ours: the other tenant
    yuanshan: Membership  # 远山资本, an investor
    beidou: Membership  # 北渡创投, the other investor
    binjiang: Membership  # 滨江孵化器, a carrier in 鄂城区
    gedian: Membership  # 双创谷, a carrier in 葛店: the other carrier
    bank: Membership  # 江城银行, a bank in 鄂城区
    mentor: Membership  # 顾川, a mentor without a code of its own
    echeng: Membership  # the officer of 鄂城区
    gedian_officer: Membership  # the officer of 葛店经开区: another district
    city: Membership  # the officer of the city
    administrator: Membership
    auditor: Membership


ORGANIZATIONS: dict[str, Facts] = {
    "xinghe": (OrganizationKind.ENTERPRISE, "鄂州星河科技有限公司", "星河科技", "420704", Role.OWNER),
    "qingtian": (OrganizationKind.ENTERPRISE, "鄂州擎天装备有限公司", "擎天装备", "EZ-GD", Role.OWNER),
    "yuanshan": (OrganizationKind.INVESTOR, "鄂州远山资本管理有限公司", "远山资本", "420704", Role.OWNER),
    "beidou": (OrganizationKind.INVESTOR, "武汉北渡创业投资有限公司", "北渡创投", "420100", Role.OWNER),
    "binjiang": (OrganizationKind.CARRIER, "滨江科技孵化器", "滨江孵化器", "420704", Role.OWNER),
    "gedian": (OrganizationKind.CARRIER, "双创谷", "双创谷", "EZ-GD", Role.OWNER),
    "bank": (OrganizationKind.BANK, "鄂州江城银行股份有限公司", "江城银行", "420704", Role.OWNER),
    "mentor": (OrganizationKind.MENTOR, "顾川", "", "420704", Role.OWNER),
    "echeng": (OrganizationKind.BUREAU, "鄂城区科学技术局", "鄂城区科技局", "420704", Role.DISTRICT_OFFICER),
    "gedian_officer": (OrganizationKind.BUREAU, "葛店经开区科技创新局", "葛店科创局", "EZ-GD", Role.DISTRICT_OFFICER),
    "city": (OrganizationKind.BUREAU, "鄂州市科学技术局", "市科技局", "420700", Role.CITY_OFFICER),
    "administrator": (OrganizationKind.BUREAU, "汇配运行组", "运行组", "420700", Role.ADMINISTRATOR),
    "auditor": (OrganizationKind.BUREAU, "鄂州市审计组", "审计组", "420700", Role.AUDITOR),
}


def arrive() -> Cast:
    """Store the cast; the memberships may be used after the session is gone."""
    with unit_of_work():
        _members(ORGANIZATIONS, [{} for _ in ORGANIZATIONS])
    return present()


def present() -> Cast:
    """The cast that arrived before everybody else."""
    members = db.session.scalars(select(Membership).order_by(Membership.id).limit(len(ORGANIZATIONS))).all()
    return Cast(**dict(zip(ORGANIZATIONS, members, strict=True)))


def member(
    key: str, kind: OrganizationKind, name: str, short: str, region: str | None, role: Role, **more: Any
) -> Membership:
    """A verified organization with one person in it; inside a unit of work."""
    return _members({key: (kind, name, short, region, role)}, [more])[0]


def _members(facts: Mapping[str, Facts], more: Sequence[Mapping[str, Any]]) -> list[Membership]:
    """Verified organizations with one person in each, written together: every second test begins with the whole cast."""
    now, session = utcnow(), db.session()
    organizations = [
        Organization(
            kind=kind, name=name, short_name=short, sort_key=key, region_code=region, district_code=_district(region),
            status=OrganizationStatus.VERIFIED, verified_at=now, **extra,
        )
        for (key, (kind, name, short, region, _)), extra in zip(facts.items(), more, strict=True)
    ]  # fmt: skip
    users = [
        User(
            name=f"{short or name}的人", email=f"{key}@{key}.example", mobile=None,
            **({"totp_secret": "", "totp_enabled_at": now} if kind is OrganizationKind.BUREAU else {}),
        )
        for key, (kind, name, short, *_) in facts.items()
    ]  # fmt: skip
    session.add_all([*organizations, *users])
    session.flush()
    texts = [current_text(session, kind, now).id for kind in (TextKind.TERMS, TextKind.PRIVACY)]
    session.add_all(TextAcceptance(user_id=user.id, text_id=text, at=now) for user in users for text in texts)
    memberships = [
        Membership(
            user_id=user.id, organization_id=organization.id, role=role, state=MembershipState.ACTIVE,
            region_code=organization.district_code if role is Role.DISTRICT_OFFICER else None,
        )
        for user, organization, (*_, role) in zip(users, organizations, facts.values(), strict=True)
    ]  # fmt: skip
    session.add_all(memberships)
    session.flush()
    return memberships


def _district(region: str | None) -> str | None:
    return region if region in {"420702", "420703", "420704", "EZ-GD", "EZ-LK"} else None


def browser(app: App, membership_id: int) -> FlaskClient:
    """A signed-in browser for a membership; a session of its own, second factor included."""
    sid, now = secrets.token_urlsafe(32), utcnow()
    with unit_of_work() as session:
        membership = session.get_one(Membership, membership_id)
        session.add(
            UserSession(
                sid_hash=token_hash(sid), user_id=membership.user_id, membership_id=membership.id, created_at=now,
                last_seen_at=now, expires_at=now + timedelta(hours=12), second_factor_at=now,
            )
        )  # fmt: skip
    client = Browser(app, app.response_class, use_cookies=True)
    with client.session_transaction() as cookie:
        cookie["_user_id"], cookie["_fresh"] = sid, True
    return client


def take(client: FlaskClient, path: str, *, reason: str = "三季度走访企业") -> Any:
    """The answer to a list that leaves as a file, with what is asked for before: a reason, and a proof (set, not typed)."""
    answer = client.get(path)
    if not answer.headers.get("Location", "").startswith("/session/confirmation"):
        return answer
    with client.session_transaction() as cookie, unit_of_work() as session:
        row = session.scalars(select(UserSession).where(UserSession.sid_hash == token_hash(cookie["_user_id"]))).one()
        row.proved_at = utcnow()
    client.post("/session/confirmations", data={"next": path, "reason": reason})
    return client.get(path)


class Browser(FlaskClient):
    """A client that sends the token that its own session carries, as the forms of the pages do."""

    def open(self, *args: Any, **kwargs: Any) -> Any:
        self._forget_last_request()
        if kwargs.get("method", "GET") == "POST" and kwargs.pop("with_token", True):
            headers = dict(kwargs.get("headers") or {})
            headers.setdefault("X-CSRFToken", self._token())
            kwargs["headers"] = headers
        return super().open(*args, **kwargs)

    @staticmethod
    def _forget_last_request() -> None:
        """The tests' application context outlives a request: who acted in the last one must not act in this one."""
        for name in list(g) if has_app_context() else ():
            g.pop(name)

    def _token(self) -> str:
        from flask_wtf.csrf import generate_csrf  # noqa: PLC0415

        with self.application.test_request_context(), self.session_transaction() as cookie:
            from flask import session  # noqa: PLC0415

            session.update(cookie)
            g.pop("csrf_token", None)
            token: str = generate_csrf()
            cookie["csrf_token"] = session["csrf_token"]
            return token


def stored(model: type[Base], identity: int, read: Callable[[Any], R]) -> R:
    """What a fresh session reads of a row: the truth, whatever the fixture's session still holds."""
    with Session(db.engine) as session:
        return read(session.get_one(model, identity))
