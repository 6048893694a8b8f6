"""The one installation: which city this is, how it looks and what stands in its footer."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, JSON, select, String
from sqlalchemy.orm import Mapped, mapped_column, Session

from matchhub.core.db import Base, UtcDateTime, Versioned

BANK_BEGINS_DAYS = 2  # 示例: our proposal, until the city sets its own


class Installation(Versioned, Base):
    """A single row (id 1). `dictionary_version` rises with each change to a dictionary, so that caches notice."""

    __tablename__ = "installation"
    __table_args__ = (CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, default=1)
    city_name: Mapped[str] = mapped_column(String(60))
    city_name_en: Mapped[str] = mapped_column(String(60), default="")
    city_region: Mapped[str] = mapped_column(String(12))
    product_name: Mapped[str] = mapped_column(String(60), default="汇配")
    logo_file_id: Mapped[int | None]
    icp: Mapped[str] = mapped_column(String(80), default="")
    police_record: Mapped[str] = mapped_column(String(80), default="")
    site_code: Mapped[str] = mapped_column(String(40), default="")
    host_unit: Mapped[str] = mapped_column(String(120), default="")
    organizer_unit: Mapped[str] = mapped_column(String(120), default="")
    contact: Mapped[str] = mapped_column(String(200), default="")
    need_check_by_carrier: Mapped[bool] = mapped_column(default=False)
    in_flight_per_enterprise: Mapped[int] = mapped_column(default=10)
    cool_down_days: Mapped[int] = mapped_column(default=90)
    answer_days: Mapped[int] = mapped_column(default=14)
    silence_days: Mapped[int] = mapped_column(default=180)
    dictionary_version: Mapped[int] = mapped_column(default=1)
    is_demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    extra: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)

    @property
    def host_unit_en(self) -> str:
        """The host for English readers; empty where nobody gave one."""
        return str(self.extra.get("host_unit_en", ""))

    @host_unit_en.setter
    def host_unit_en(self, name: str) -> None:
        self.extra = {**self.extra, "host_unit_en": name}

    @property
    def bank_begins_days(self) -> int:
        """Within how many working days a bank begins with what both agreed on."""
        return int(self.extra.get("bank_begins_days", BANK_BEGINS_DAYS))

    @bank_begins_days.setter
    def bank_begins_days(self, days: int) -> None:
        self.extra = {**self.extra, "bank_begins_days": days}


THE_ONE = select(Installation).where(Installation.id == 1)  # asked for by every page


def current(session: Session) -> Installation | None:
    """The installation, or None before `matchhub init`. Kept in the session: one query a request."""
    row: Installation | None = session.info.get("installation")
    if row is None or row not in session:
        row = session.scalar(THE_ONE)
        session.info["installation"] = row  # the session's own map is weak: without a holder each look would be a query
    return row


def keep(session: Session, row: Installation | None) -> None:
    """Take the installation that another query has read along for `current`."""
    if row is not None:
        session.info["installation"] = row


def required(session: Session) -> Installation:
    """The installation; raises LookupError before `matchhub init`."""
    row = current(session)
    if row is None:
        raise LookupError("run `matchhub init` first")
    return row
