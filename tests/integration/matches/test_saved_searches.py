"""Saved searches: kept by their owner, told at the pace that was chosen, and never about what one may not see."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from matchhub.accounts.enums import OrganizationKind, OrganizationStatus, Role
from matchhub.accounts.models import Organization
from matchhub.core.clock import CITY_ZONE, utcnow
from matchhub.core.db import db, unit_of_work
from matchhub.core.digests import Span
from matchhub.core.outbox import Notice
from matchhub.matches import jobs
from matchhub.matches.enums import Alert
from matchhub.matches.models import SavedSearch, Suggestion
from matchhub.matches.queries.searches import LISTS, normal_query
from matchhub.matches.services import searches as services
from matchhub.profiles.models import InvestorProfile
from tests import cast
from tests.cast import stored
from tests.integration.introductions.test_lists import queries_of
from tests.integration.pairs import actor

WEDNESDAY = datetime(2026, 11, 25, 9, 0, tzinfo=CITY_ZONE)


def form(**more: str) -> dict[str, str]:
    return {"list_code": "investors", "query": "q=北渡&page=3", "name": "北渡", "alert": "at_once"} | more


def save(client, **more: str) -> int:
    assert client.post("/saved-searches", data=form(**more)).status_code == 302
    return db.session.scalars(select(SavedSearch.id).order_by(SavedSearch.id.desc())).first() or 0


def looked_through(search_id: int, moment: datetime) -> None:
    with unit_of_work() as session:
        session.execute(update(SavedSearch).where(SavedSearch.id == search_id).values(checked_at=moment))


def found() -> list[tuple[str, object]]:
    rows = db.session.scalars(select(Notice).where(Notice.kind == services.FOUND.code).order_by(Notice.id))
    return [(row.path, row.values["count"]) for row in rows]


def newcomer(name: str, at: datetime) -> int:
    """An investor that is verified at this moment."""
    with unit_of_work() as session:
        membership = cast.member(f"new{name}", OrganizationKind.INVESTOR, name, name, "420100", Role.OWNER)
        organization = session.get_one(Organization, membership.organization_id)
        organization.verified_at = at
        session.add(InvestorProfile(organization_id=organization.id))
        session.flush()
        return organization.id


def test_a_filter_is_kept_without_its_page_and_opens_again(people, sign_in):
    client = sign_in(people.xinghe)
    search_id = save(client)

    assert stored(SavedSearch, search_id, lambda s: (s.query, s.alert)) == ("q=%E5%8C%97%E6%B8%A1", Alert.AT_ONCE)
    page = client.get("/saved-searches").text
    assert 'href="/investors?q=%E5%8C%97%E6%B8%A1"' in page
    assert client.get("/investors?q=%E5%8C%97%E6%B8%A1").status_code == 200


def test_the_lists_offer_to_be_saved(people, sign_in, market):
    assert 'action="/saved-searches"' in sign_in(people.yuanshan).get(f"/suggestions?offer={market.offer}").text
    assert 'value="investors"' in sign_in(people.xinghe).get("/investors?q=x").text


def test_the_same_twice_is_said_and_too_many_are_refused(people, sign_in):
    client = sign_in(people.xinghe)
    save(client)

    again = client.post("/saved-searches", data=form(query="page=9&q=北渡"))
    assert again.status_code == 422
    assert "已经保存过" in again.text
    for number in range(services.MOST_SEARCHES - 1):
        save(client, query=f"q={number}")
    assert client.post("/saved-searches", data=form(query="q=one-more")).status_code == 422


@pytest.mark.parametrize("data", [{"name": ""}, {"alert": "hourly"}, {"name": "长" * 61}])
def test_what_makes_no_sense_is_refused(people, sign_in, data):
    assert sign_in(people.xinghe).post("/saved-searches", data=form(**data)).status_code == 422
    assert db.session.scalar(select(func.count()).select_from(SavedSearch)) == 0


def test_a_list_that_one_may_not_see_cannot_be_saved(people, sign_in):
    assert sign_in(people.city).post("/saved-searches", data=form(list_code="suggestions")).status_code == 403
    assert sign_in(people.xinghe).post("/saved-searches", data=form(list_code="nothing")).status_code == 403


def test_a_search_is_its_owners_alone(people, sign_in):
    search_id = save(sign_in(people.xinghe), name="只有我知道")
    other = sign_in(people.qingtian)

    assert "只有我知道" not in other.get("/saved-searches").text
    assert other.post(f"/saved-searches/{search_id}/alert", data={"alert": "none"}).status_code == 404
    assert other.post(f"/saved-searches/{search_id}/removal").status_code == 404
    assert stored(SavedSearch, search_id, lambda s: s.alert) is Alert.AT_ONCE


def test_it_can_be_changed_and_removed(people, sign_in):
    client = sign_in(people.xinghe)
    search_id = save(client)

    assert client.post(f"/saved-searches/{search_id}/alert", data={"alert": "weekly"}).status_code == 302
    assert stored(SavedSearch, search_id, lambda s: s.alert) is Alert.WEEKLY
    assert client.post(f"/saved-searches/{search_id}/alert", data={"alert": "x"}).status_code == 422
    assert client.post(f"/saved-searches/{search_id}/removal").status_code == 302
    assert "还没有保存的搜索" in client.get("/saved-searches").text


def test_who_is_new_on_a_directory_is_told_once(people, sign_in):
    search_id = save(sign_in(people.xinghe), query="q=新来")
    looked_through(search_id, WEDNESDAY)
    newcomer("新来资本", WEDNESDAY + timedelta(minutes=5))
    newcomer("别的资本", WEDNESDAY + timedelta(minutes=5))

    jobs.tell_searches(WEDNESDAY + timedelta(minutes=10))
    jobs.tell_searches(WEDNESDAY + timedelta(minutes=20))

    assert found() == [("/investors?q=%E6%96%B0%E6%9D%A5", 1)]


def test_nothing_new_is_not_told(people, sign_in):
    search_id = save(sign_in(people.xinghe), query="")
    looked_through(search_id, utcnow() + timedelta(hours=1))

    jobs.tell_searches(utcnow() + timedelta(hours=2))

    assert found() == []


@pytest.mark.parametrize(
    ("alert", "moment", "told"),
    [
        ("none", WEDNESDAY + timedelta(days=30), 0),
        ("at_once", WEDNESDAY + timedelta(minutes=5), 1),
        ("daily", WEDNESDAY + timedelta(hours=20), 0),
        ("daily", WEDNESDAY + timedelta(hours=23, minutes=30), 1),
        ("weekly", WEDNESDAY + timedelta(days=4), 0),
        ("weekly", WEDNESDAY + timedelta(days=5), 1),
    ],
)
def test_it_is_told_at_the_pace_that_was_chosen(people, sign_in, alert, moment, told):
    search_id = save(sign_in(people.xinghe), query="q=新来", alert=alert)
    looked_through(search_id, WEDNESDAY)
    newcomer("新来资本", WEDNESDAY + timedelta(minutes=1))

    jobs.tell_searches(moment)

    assert len(found()) == told


def test_new_suggestions_are_counted_through_the_filter(people, sign_in, market):
    client = sign_in(people.yuanshan)
    every = save(client, list_code="suggestions", query=f"offer={market.offer}")
    narrow = save(client, list_code="suggestions", query=f"offer={market.offer}&region=EZ-GD")
    for search_id in (every, narrow):
        looked_through(search_id, WEDNESDAY)
    with unit_of_work() as session:
        session.execute(update(Suggestion).values(first_at=WEDNESDAY + timedelta(minutes=1)))

    jobs.tell_searches(WEDNESDAY + timedelta(minutes=5))

    assert found() == [(f"/suggestions?offer={market.offer}", 2)]


def test_a_pair_that_stays_in_a_list_does_not_become_new_every_night(people, market, compare):
    with unit_of_work() as session:
        session.execute(update(Suggestion).values(first_at=WEDNESDAY))
    compare()

    assert set(db.session.scalars(select(Suggestion.first_at).where(Suggestion.run_id == newest_run()))) == {WEDNESDAY}


def newest_run() -> int:
    return db.session.scalar(select(func.max(Suggestion.run_id))) or 0


def test_nobody_searches_the_suggestions_of_another(people, market):
    listed = LISTS.by_code["suggestions"]
    span = Span(WEDNESDAY - timedelta(days=400), utcnow() + timedelta(hours=1))

    assert listed.new_on_it(actor(people.yuanshan), {"offer": str(market.offer)}, span) == 2
    assert listed.new_on_it(actor(people.beidou), {"offer": str(market.offer)}, span) == 0


def test_who_is_no_member_any_more_is_told_nothing(people, sign_in):
    search_id = save(sign_in(people.xinghe), query="q=新来")
    looked_through(search_id, WEDNESDAY)
    newcomer("新来资本", WEDNESDAY + timedelta(minutes=1))
    with unit_of_work() as session:
        organization = session.get_one(Organization, people.xinghe.organization_id)
        organization.status = OrganizationStatus.CLOSED

    jobs.tell_searches(WEDNESDAY + timedelta(minutes=5))

    assert found() == []


def test_two_workers_tell_it_once(people, sign_in):
    search_id = save(sign_in(people.xinghe))
    looked_through(search_id, WEDNESDAY)
    now = WEDNESDAY + timedelta(minutes=5)

    with unit_of_work():
        first = services.note_found(search_id, 3, checked_at=WEDNESDAY, now=now)
    with unit_of_work():
        second = services.note_found(search_id, 3, checked_at=WEDNESDAY, now=now + timedelta(seconds=1))

    assert (first, second, len(found())) == (True, False, 1)


def test_a_filter_is_the_same_in_any_order_and_not_longer_than_an_address():
    assert normal_query("b=2&a=1&page=7&empty=") == normal_query("?a=1&b=2") == "a=1&b=2"
    assert normal_query("q=" + "x" * 500) == ""


def test_the_page_of_searches_costs_the_same_for_one_and_for_three(people, sign_in):
    client = sign_in(people.xinghe)
    save(client, query="q=1")
    client.get("/saved-searches")
    one = queries_of(client, "/saved-searches")
    save(client, query="q=2")
    save(client, query="q=3")
    client.get("/saved-searches")

    assert queries_of(client, "/saved-searches") == one


def test_choices_speak_the_language_of_the_reader(people, sign_in):
    client = sign_in(people.xinghe)
    save(client)
    chinese = client.get("/saved-searches").text
    client.post("/account/preferences", data={"name": "林舟", "locale": "en"})

    english = client.get("/saved-searches").text

    assert Alert.WEEKLY.label in chinese
    assert Alert.WEEKLY.label not in english
