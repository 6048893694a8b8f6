"""The one-click sign-in of the demo city: in development, in a demo installation, and nowhere else."""

from pathlib import Path

import pytest
from sqlalchemy import select

from matchhub.accounts.models import Membership, User
from matchhub.app import create_app
from matchhub.core.db import db, unit_of_work
from matchhub.core.installation import Installation
from matchhub.core.web import App
from matchhub.settings import Settings
from tests import cast
from tests.databases import found


@pytest.fixture
def development(tmp_path: Path) -> App:
    app = create_app(Settings(secret_key="only-for-tests-" * 4, environment="development", data_dir=tmp_path))
    found(app)
    return app


def test_the_cast_signs_in_with_one_click(development: App) -> None:
    with development.app_context():
        people = cast.arrive()
        client = cast.Browser(development, development.response_class, use_cookies=True)
        assert client.get("/development/session").status_code == 404
        xinghe, city, yuanshan = people.xinghe.id, people.city.id, people.yuanshan.id
        with unit_of_work() as session:
            site = session.get_one(Installation, 1)
            site.is_demo, site.extra = True, {"cast": ["city@city.example", {"email": "xinghe@xinghe.example"}]}
        page = client.get("/development/session").text
        assert page.index("市科技局") < page.index("星河科技") and "远山资本" not in page
        assert client.post("/development/session", data={"membership": str(yuanshan)}).status_code == 404
        for chosen in (xinghe, city):
            assert client.post("/development/session", data={"membership": str(chosen)}).status_code == 302
            assert client.get("/account").status_code == 200
        assert db.session.scalar(
            select(User.id).join(Membership, Membership.user_id == User.id).where(Membership.id == city)
        )
        db.session.remove()
        db.engine.dispose()
