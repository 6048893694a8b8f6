"""An investor whose month is full is told so, and not sent to its profile."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from matchhub.accounts.models import Membership
from matchhub.core.db import unit_of_work
from matchhub.listings.models import InvestmentMandate
from tests.cast import Cast
from tests.integration import pairs


@pytest.mark.parametrize(("capacity", "told"), [(1, True), (5, False)], ids=["full", "control"])
def test_a_full_month_is_told_as_what_it_is(
    people: Cast, sign_in: Callable[[Membership], FlaskClient], capacity: int, told: bool
) -> None:
    scene = pairs.stage(people)
    with unit_of_work() as session:
        session.get_one(InvestmentMandate, scene.offer_id).capacity_per_month = capacity
    pairs.asked(scene)

    page = sign_in(people.yuanshan).get(f"/suggestions?offer={scene.offer_id}")

    assert page.status_code == 200
    assert ("本月名额已满" in page.text) is told
