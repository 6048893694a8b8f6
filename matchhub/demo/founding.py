"""The first day: the installation, the bureaus and the people in them."""

from datetime import datetime

from sqlalchemy import select

from matchhub.accounts import services
from matchhub.accounts.enums import MembershipState, Role
from matchhub.accounts.models import Membership, User
from matchhub.accounts.services import administration, Newcomer, Vault
from matchhub.core import addresses, installation
from matchhub.core.db import db
from matchhub.core.pinyin import sort_key
from matchhub.core.policy import Actor, ANONYMOUS
from matchhub.core.setup import found_installation
from matchhub.core.texts import TextKind
from matchhub.demo import content
from matchhub.demo.content import Record
from matchhub.demo.stage import Stage
from matchhub.matches.services.versions import ensure_models

CITY = {"city_name": "鄂州市", "city_name_en": "Ezhou", "city_region": "420700"}
SHORT = {
    "420700": "市科技局", "EZ-GD": "葛店科创局", "420703": "华容科技部门", "EZ-LK": "临空科技部门",
    "420704": "鄂城科技部门", "420702": "梁子湖科技部门",
}  # fmt: skip
ENGLISH = {
    "420700": "Ezhou Science and Technology Bureau", "EZ-GD": "Gedian Innovation Bureau",
    "420703": "Huarong Science and Technology Office", "EZ-LK": "Airport Zone Science and Technology Office",
    "420704": "Echeng Science and Technology Office", "420702": "Liangzihu Science and Technology Office",
}  # fmt: skip
CAST = ("xinghe", "yuanshan", "bank", "mentor", "op_gd_accelerator", "gd_1", "city_1", "administrator", "auditor")
SECRETS = {
    "gd_1": "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ",
    "city_1": "MFRGGZDFMZTWQ2LKNNWG23TPOBYXE43U",
    "administrator": "OV3HO6DZPJQWEY3EMVTGO2DJNJVWY3LO",
    "auditor": "OBYXE43UOV3HO6DZPJQWEY3EMVTGO2DJ",
}
TERMS = (TextKind.TERMS, TextKind.PRIVACY)


def lay_down(stage: Stage, vault: Vault) -> None:
    """The first morning, on the timeline."""
    stage.timeline.at(stage.start, _found, stage)
    for person in content.officers():
        if person["role"] != "administrator":
            stage.timeline.at(stage.start, _appoint, stage, person)
    for key in SECRETS:
        stage.timeline.at(stage.start, _second_factor, stage, key, vault)


def _found(stage: Stage, *, now: datetime) -> None:
    if installation.current(db.session()) is None:
        found_installation(**CITY, now=now)
        ensure_models(now=now)
    chief = next(person for person in content.officers() if person["role"] == "administrator")
    user = administration.found_administration(
        organization_name=chief["organization"], region_code=chief["region"], name=chief["name"], email=chief["email"],
        password_hash=stage.password_hash, now=now,
    )  # fmt: skip
    services.accept_texts(user, stage.texts(*TERMS, now=now), actor=Actor(user_id=user.id), now=now)
    membership = db.session.scalars(select(Membership).where(Membership.user_id == user.id)).one()
    stage.members["administrator"] = membership.id
    membership.organization.name_en = "MatchHub Operations Centre"
    stage.organizations[chief["organization"]] = membership.organization_id


def _appoint(stage: Stage, person: Record, *, now: datetime) -> None:
    """Invited by the administrator, and here at once; only the cast may sign in with a password."""
    name, region = person["organization"], person["region"]
    if name not in stage.organizations:
        district = None if region == CITY["city_region"] else region
        bureau = administration.found_organization(
            name=name, short_name=SHORT[region], region_code=region, district_code=district, sort_key=sort_key(name),
            actor=stage.actor("administrator"), now=now,
        )  # fmt: skip
        bureau.name_en = ENGLISH[region]
        db.session.flush()
        stage.organizations[name] = bureau.id
    role = Role(person["role"])
    invitation, _ = services.invite(
        stage.organization(name), address=person["email"], name=person["name"], role=role,
        region_code=region if role is Role.DISTRICT_OFFICER else None, actor=stage.actor("administrator"), now=now,
    )  # fmt: skip
    db.session.flush()
    membership = services.accept_invitation(
        invitation, newcomer=newcomer(stage, person["key"], person), text_ids=stage.texts(*TERMS, now=now),
        actor=ANONYMOUS, now=now,
    )  # fmt: skip
    assert membership.state is MembershipState.ACTIVE
    stage.members[person["key"]] = membership.id


def newcomer(stage: Stage, key: str, person: Record) -> Newcomer:
    """Somebody without an account yet."""
    password_hash = stage.password_hash if key in CAST else None
    return Newcomer(person["name"], addresses.read(person["email"]), password_hash)


def _second_factor(stage: Stage, key: str, vault: Vault, *, now: datetime) -> None:
    user = stage.get(User, stage.get(Membership, stage.members[key]).user_id)
    services.enable_second_factor(user, secret=SECRETS[key], codes=[], vault=vault, actor=stage.actor(key), now=now)
