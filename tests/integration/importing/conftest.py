"""Organizations with profiles, and small tables as Excel writes them."""

import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient

from matchhub.accounts.models import Membership
from matchhub.core.clock import utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.sheets import workbook
from matchhub.profiles import services as profiles
from matchhub.profiles.enums import ResidencyStatus
from tests.cast import Cast

SignIn = Callable[[Membership], FlaskClient]
MANDATES = (
    "名称",
    "轮次",
    "单笔最少",
    "单笔最多",
    "行业",
    "地区",
    "必须满足",
    "能否领投",
    "每月能看几个",
    "几天内答复",
)
MANDATE = ("早期硬科技", "天使轮、A轮", "100", "800万", "新材料；碳纤维与复合材料", "鄂州市", "轮次", "可以领投", 4, 7)


def csv_of(*rows: Sequence[Any], encoding: str = "utf-8-sig") -> bytes:
    return "\r\n".join(",".join(str("" if c is None else c) for c in row) for row in rows).encode(encoding)


def sheet_of(*rows: Sequence[Any]) -> bytes:
    return workbook("表", [str(cell) for cell in rows[0]], rows[1:])


def send(client: FlaskClient, sort: str, content: bytes, name: str = "表.xlsx") -> Any:
    return client.post(f"/imports/{sort}", data={"file": (io.BytesIO(content), name)})


def bring(client: FlaskClient, sort: str, content: bytes, **ticks: str) -> Any:
    """Send, confirm, and the page of the result."""
    response = send(client, sort, content)
    assert response.status_code == 302, response.text
    done = client.post(f"{response.location}/application", data=ticks)
    assert done.status_code == 302, done.text
    return client.get(done.location)


def all_of(model: type[Any], **where: Any) -> list[Any]:
    db.session.rollback()
    return db.session.query(model).filter_by(**where).order_by(model.id).all()


@pytest.fixture
def market(people: Cast) -> Cast:
    """Everybody has a profile; 星河科技 sits in 滨江孵化器, 擎天装备 in 双创谷."""
    with unit_of_work():
        for name in ("xinghe", "qingtian", "yuanshan", "beidou", "binjiang", "gedian", "bank", "mentor"):
            profiles.ensure_profile(getattr(people, name).organization, now=utcnow())
        for firm, carrier in (("xinghe", "binjiang"), ("qingtian", "gedian")):
            profiles.place(
                getattr(people, firm).organization, getattr(people, carrier).organization,
                status=ResidencyStatus.INCUBATING, entered_on=None, now=utcnow(),
            )  # fmt: skip
        people.qingtian.organization.uscc = "91420700MA4F0R0K29"
    return people
