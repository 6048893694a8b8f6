"""The city to try: an invented Ezhou, played through the services so that it obeys every rule, and a crowd around it."""

from dataclasses import dataclass
from datetime import datetime

from flask import current_app

from matchhub.accounts.enums import OrganizationKind
from matchhub.accounts.models import Membership
from matchhub.accounts.services import hashed, Vault
from matchhub.core import installation
from matchhub.core.db import unit_of_work
from matchhub.demo import arrivals, founding, gatherings, lineups, market, scenes, tales, talks, today
from matchhub.demo.crowd.raising import Crowd, LIVELY, Progress, scaled
from matchhub.demo.founding import CAST, SECRETS
from matchhub.demo.stage import DAYS, Stage
from matchhub.settings import Settings

PASSWORD = "Huipei-Ezhou-2026"


@dataclass(frozen=True, slots=True)
class SignIn:
    """How to come in as one of the cast."""

    role: str
    name: str
    organization: str
    email: str
    password: str
    totp_secret: str = ""

    def __str__(self) -> str:
        second = f"  TOTP {self.totp_secret}" if self.totp_secret else ""
        return f"{self.role}\t{self.name}（{self.organization}）\t{self.email}  {self.password}{second}"


def build(*, now: datetime, firms: int | None = None, progress: Progress | None = None) -> list[SignIn]:
    """Build the city into a migrated database without organizations; the sign-ins of the cast, one per role.

    Some firms, funds and carriers are played step by step; `firms` is how large the crowd around them is, for load. What is
    beyond the usual crowd comes last, with lists of its own: the matcher would read it for many minutes.

    Deterministic: the same `now` gives the same city. Runs in the application context of the caller.
    """
    settings: Settings = current_app.extensions["matchhub"]
    stage = Stage(now=now, files_dir=str(settings.files_dir), password_hash=hashed(PASSWORD))
    founding.lay_down(stage, Vault([settings.secret_key, *settings.secret_key_fallbacks]))
    arrivals.lay_down(stage)
    market.lay_down(stage)
    scenes.lay_down(stage)
    gatherings.lay_down(stage)
    today.lay_down(stage)
    talks.lay_down_nights(stage, DAYS - 1)
    stage.timeline.play(until=now)
    crowd, (usual, more) = Crowd(now=now), scaled(firms or LIVELY.firms)
    crowd.come(usual)
    tales.play(stage)
    gatherings.invite_cast(stage)
    today.match(stage)
    lineups.play_ahead(stage)
    today.say(stage)
    today.share_out(stage)
    today.settle_notices(stage)
    if more.firms:
        crowd.grow(more, progress)
    return _open(stage)


def _open(stage: Stage) -> list[SignIn]:
    """Say that this is a demo, and who may be tried."""
    with unit_of_work() as session:
        site = installation.required(session)
        sign_ins = [_sign_in(stage, key) for key in CAST]
        site.is_demo = True
        site.extra = {**site.extra, "cast": [sign_in.email for sign_in in sign_ins]}
    return sign_ins


def _sign_in(stage: Stage, key: str) -> SignIn:
    membership = stage.get(Membership, stage.members[key])
    organization, user = membership.organization, membership.user
    is_bureau = organization.kind is OrganizationKind.BUREAU
    role = membership.role.label if is_bureau else organization.kind.label
    return SignIn(role, user.name, organization.label, user.email or "", PASSWORD, SECRETS.get(key, ""))
