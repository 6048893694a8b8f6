"""The stage on which the city is played: its calendar, its chance, and who stands where under which key."""

from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from random import Random
from typing import TypeVar

from sqlalchemy import select

from matchhub.accounts.enums import Role
from matchhub.accounts.models import Membership, Organization
from matchhub.core.clock import CITY_ZONE
from matchhub.core.db import Base, db
from matchhub.core.policy import Actor
from matchhub.core.texts import current_text, TextKind
from matchhub.core.workdays import is_workday
from matchhub.demo.timeline import Timeline
from matchhub.profiles.models import Profile

DAYS = 245
SEED = 20261
R = TypeVar("R", bound=Base)


@dataclass
class Stage:
    """What every act needs. Keys are those of the content; values are ids, so that nothing outlives a transaction."""

    now: datetime
    files_dir: str
    password_hash: str
    timeline: Timeline = field(default_factory=Timeline)
    rng: Random = field(default_factory=lambda: Random(SEED))
    organizations: dict[str, int] = field(default_factory=dict)
    members: dict[str, int] = field(default_factory=dict)
    needs: dict[str, int] = field(default_factory=dict)
    offers: dict[str, int] = field(default_factory=dict)
    decks: dict[str, int] = field(default_factory=dict)

    @property
    def start(self) -> datetime:
        """The morning of the first day."""
        return self.ago(DAYS, hour=9)

    def ago(self, days: float, *, hour: int = 10, minute: int = 0) -> datetime:
        """That many days before the present, at this hour of the city, never later than an hour before the present."""
        day = (self.now - timedelta(days=days)).astimezone(CITY_ZONE).date()
        return min(datetime.combine(day, time(hour, minute), CITY_ZONE), self.now - timedelta(hours=1))

    def after(self, moment: datetime, low: float, high: float) -> datetime:
        """A moment in office hours, `low` to `high` days after another."""
        day = (moment + timedelta(days=self.rng.uniform(low, high))).astimezone(CITY_ZONE).date()
        while not is_workday(day):
            day += timedelta(days=1)
        at = datetime.combine(day, time(self.rng.randint(9, 17), self.rng.choice((0, 10, 20, 30, 45))), CITY_ZONE)
        return max(at, moment + timedelta(minutes=40))

    def organization(self, key: str) -> Organization:
        """The organization of this key."""
        return self.get(Organization, self.organizations[key])

    def profile(self, key: str) -> Profile:
        """The profile of the organization of this key."""
        return db.session.scalars(select(Profile).where(Profile.organization_id == self.organizations[key])).one()

    def get(self, model: type[R], identity: int) -> R:
        """A row by its id."""
        return db.session.get_one(model, identity)

    def actor(self, key: str) -> Actor:
        """The person of this key, acting for the own organization as it stands at this moment."""
        membership = self.get(Membership, self.members[key])
        organization = membership.organization
        return Actor(
            user_id=membership.user_id,
            name=membership.user.name,
            membership_id=membership.id,
            organization_id=organization.id,
            organization_kind=organization.kind.value,
            organization_verified=organization.is_verified,
            role=membership.role.value,
            region_code=membership.region_code,
            district_code=organization.district_code,
        )

    def officer_of(self, district_code: str | None) -> Actor:
        """Who checks what lies in a district; the city where it lies in none."""
        if district_code is None:
            return self.actor("city_1")
        membership_id = db.session.scalars(
            select(Membership.id)
            .where(Membership.role == Role.DISTRICT_OFFICER, Membership.region_code == district_code)
            .order_by(Membership.id)
        ).first()
        key = next(key for key, member_id in self.members.items() if member_id == membership_id)
        return self.actor(key)

    def texts(self, *kinds: TextKind, now: datetime) -> tuple[int, ...]:
        """The ids of the texts in force."""
        return tuple(current_text(db.session(), kind, now).id for kind in kinds)
