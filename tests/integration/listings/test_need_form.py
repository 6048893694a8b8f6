"""The form of a need: prefilled, saved as it is typed, never losing what was typed."""

from collections.abc import Callable
from datetime import date

from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from matchhub.accounts.enums import Role
from matchhub.accounts.models import Membership, Organization
from matchhub.core.db import db, unit_of_work
from matchhub.listings.enums import NeedState
from matchhub.listings.models import EquityNeed
from tests.cast import Cast, stored
from tests.integration.listings.conftest import NeedMaker, unmarked

SignIn = Callable[[Membership], FlaskClient]
WHAT = {"kind": "equity", "amount_min_yuan": "500", "amount_max_yuan": "800", "needed_by": "2027-06-30"}
STORY = {
    "purposes": ["equipment"], "round_code": "a", "industries": ["new_materials.carbon_fibre"], "teaser": "拟建第三条产线",
    "statement": "两条产线已满。", "instruments": ["equity"], "equity_max_pct": "12", "excludes": ["control"],
}  # fmt: skip


def version(need_id: int) -> str:
    return str(stored(EquityNeed, need_id, lambda n: n.version))


def only_need() -> int:
    with Session(db.engine) as session:
        return session.scalars(select(EquityNeed.id)).one()


def make_viewer(membership: Membership) -> None:
    with unit_of_work() as session:
        session.get_one(Membership, membership.id).role = Role.VIEWER


def test_a_need_is_published_in_four_screens_with_four_typed_fields(
    people: Cast, profile: int, sign_in: SignIn
) -> None:
    client = sign_in(people.xinghe)

    started = client.post("/needs")
    need_id = only_need()
    first = client.post(started.location, data=WHAT | {"version": version(need_id)})
    second_page = client.get(first.location)
    story = {"purposes": ["equipment"], "version": version(need_id)}
    prefilled = ("round_code", "industries", "teaser", "statement", "instruments")
    story |= {name: stored(EquityNeed, need_id, lambda n, name=name: getattr(n, name)) for name in prefilled}
    second = client.post(first.location, data=story)
    check = client.get(second.location)
    published = client.post(f"/needs/{need_id}/publication")

    assert [r.status_code for r in (started, first, second_page, second, check, published)] == [
        302,
        302,
        200,
        302,
        200,
        302,
    ]
    assert "发布前还差" not in check.text
    assert stored(EquityNeed, need_id, lambda n: (n.state, n.amount_min_yuan, n.amount_max_yuan, n.needed_by)) == (
        NeedState.OPEN, 5_000_000, 8_000_000, date(2027, 6, 30),
    )  # fmt: skip


def test_a_new_need_is_filled_from_the_profile(people: Cast, profile: int, sign_in: SignIn) -> None:
    sign_in(people.xinghe).post("/needs")

    assert stored(EquityNeed, only_need(), lambda n: (n.round_code, n.industries, n.teaser, n.statement)) == (
        "a", ["new_materials.carbon_fibre", "equipment.drones"], "给无人机做碳纤维预浸料",
        "公司生产碳纤维预浸料，供 14 家整机厂。",
    )  # fmt: skip


def test_starting_twice_continues_the_empty_draft(people: Cast, sign_in: SignIn) -> None:
    client = sign_in(people.xinghe)

    assert client.post("/needs").location == client.post("/needs").location


def test_an_investor_cannot_start_a_need(people: Cast, sign_in: SignIn) -> None:
    assert sign_in(people.yuanshan).post("/needs").status_code == 403


def test_a_viewer_reads_but_does_not_write(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe)
    make_viewer(people.xinghe)
    client = sign_in(people.xinghe)

    assert client.get(f"/needs/{need_id}").status_code == 200
    assert client.post("/needs").status_code == 403
    assert client.post(f"/needs/{need_id}/steps/1", data=WHAT | {"version": "1"}).status_code == 403


def test_somebody_elses_need_is_not_there(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe)
    client = sign_in(people.qingtian)

    assert client.get(f"/needs/{need_id}/steps/1").status_code == 404
    assert client.post(f"/needs/{need_id}/steps/1", data=WHAT | {"version": "1"}).status_code == 404
    assert client.post(f"/needs/{need_id}/draft", data=WHAT | {"version": "1", "step": "1"}).status_code == 404
    assert client.get(f"/needs/{need_id}/preview").status_code == 404


def test_a_step_that_there_is_not_is_not_there(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    assert sign_in(people.xinghe).get(f"/needs/{need_of(people.xinghe)}/steps/4").status_code == 404


def test_wrong_input_is_answered_with_a_summary_and_keeps_what_was_typed(
    people: Cast, need_of: NeedMaker, sign_in: SignIn
) -> None:
    need_id = need_of(people.xinghe)
    typed = {"amount_min_yuan": "900", "amount_max_yuan": "八百", "needed_by": "明年", "version": version(need_id)}

    response = sign_in(people.xinghe).post(f"/needs/{need_id}/steps/1", data=typed)

    assert response.status_code == 422
    assert "error-summary" in response.text
    assert 'href="#amount_max_yuan"' in response.text
    assert all(f'value="{value}"' in response.text for value in ("900", "八百", "明年"))
    assert stored(EquityNeed, need_id, lambda n: n.amount_min_yuan) == 5_000_000


def test_a_range_upside_down_is_refused(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe)
    typed = WHAT | {"amount_min_yuan": "900", "version": version(need_id)}

    response = sign_in(people.xinghe).post(f"/needs/{need_id}/steps/1", data=typed)

    assert response.status_code == 422
    assert "上限应不低于下限" in response.text


def test_a_teaser_of_31_characters_is_refused_and_of_30_is_not(
    people: Cast, need_of: NeedMaker, sign_in: SignIn
) -> None:
    need_id = need_of(people.xinghe)
    client = sign_in(people.xinghe)

    too_long = client.post(f"/needs/{need_id}/steps/2", data=STORY | {"teaser": "长" * 31, "version": version(need_id)})
    fits = client.post(f"/needs/{need_id}/steps/2", data=STORY | {"teaser": "长" * 30, "version": version(need_id)})

    assert (too_long.status_code, fits.status_code) == (422, 302)
    assert "不要超过 30 个字" in too_long.text


def test_two_tabs_both_versions_are_shown_and_nothing_is_lost(
    people: Cast, need_of: NeedMaker, sign_in: SignIn
) -> None:
    need_id = need_of(people.xinghe)
    client = sign_in(people.xinghe)
    opened = version(need_id)
    client.post(f"/needs/{need_id}/steps/1", data=WHAT | {"amount_max_yuan": "1000", "version": opened})

    late = client.post(f"/needs/{need_id}/steps/1", data=WHAT | {"amount_max_yuan": "600", "version": opened})

    assert late.status_code == 409
    assert "1,000 万元" in unmarked(late.text) and "600 万元" in unmarked(late.text)
    assert 'value="600"' in late.text
    assert stored(EquityNeed, need_id, lambda n: n.amount_max_yuan) == 10_000_000

    again = client.post(
        f"/needs/{need_id}/steps/1", data=WHAT | {"amount_max_yuan": "600", "version": version(need_id)}
    )
    assert again.status_code == 302
    assert stored(EquityNeed, need_id, lambda n: n.amount_max_yuan) == 6_000_000


def test_who_sends_what_is_stored_already_is_not_in_the_way(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    """The form's own draft, or a colleague with the same words, has been faster."""
    need_id = need_of(people.xinghe)
    client = sign_in(people.xinghe)
    opened = version(need_id)
    typed = WHAT | {"amount_max_yuan": "1000", "version": opened}
    assert client.post(f"/needs/{need_id}/draft", data=typed | {"step": "1"}).status_code == 200
    assert version(need_id) != opened

    assert client.post(f"/needs/{need_id}/steps/1", data=typed).status_code == 302


def test_one_tab_alone_is_never_told_of_another(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe)
    client = sign_in(people.xinghe)
    for amount in ("1000", "1200"):
        data = WHAT | {"amount_max_yuan": amount, "version": version(need_id)}
        assert client.post(f"/needs/{need_id}/steps/1", data=data).status_code == 302


def test_a_draft_saves_itself_with_half_of_the_answers(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe)
    data = {"step": "2", "teaser": "新的一句话", "version": version(need_id)}

    response = sign_in(people.xinghe).post(f"/needs/{need_id}/draft", data=data)

    assert response.status_code == 200
    assert len(response.headers["X-Saved-At"]) == 5
    assert f'value="{version(need_id)}"' in response.text
    assert stored(EquityNeed, need_id, lambda n: (n.teaser, n.round_code)) == ("新的一句话", None)


def test_a_draft_from_another_tab_is_not_overwritten(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe)
    client = sign_in(people.xinghe)
    opened = version(need_id)
    client.post(f"/needs/{need_id}/draft", data=WHAT | {"step": "1", "amount_max_yuan": "700", "version": opened})

    late = client.post(
        f"/needs/{need_id}/draft",
        data=WHAT | {"step": "1", "amount_max_yuan": "900", "version": opened},
        headers={"HX-Request": "true"},
    )

    assert late.status_code == 409
    assert stored(EquityNeed, need_id, lambda n: n.amount_max_yuan) == 7_000_000


def test_a_draft_that_cannot_be_read_is_not_called_saved(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe)
    data = WHAT | {"step": "1", "amount_max_yuan": "八百", "version": version(need_id)}

    assert sign_in(people.xinghe).post(f"/needs/{need_id}/draft", data=data).status_code == 422


def test_a_published_need_does_not_save_itself(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe, NeedState.OPEN)
    data = WHAT | {"step": "1", "version": version(need_id)}

    assert sign_in(people.xinghe).post(f"/needs/{need_id}/draft", data=data).status_code == 409


def test_a_closed_need_cannot_be_edited(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe, NeedState.CLOSED)
    client = sign_in(people.xinghe)

    assert client.get(f"/needs/{need_id}/steps/1").status_code == 409
    assert client.post(f"/needs/{need_id}/steps/1", data=WHAT | {"version": version(need_id)}).status_code == 409


def test_a_pasted_message_fills_the_form_and_is_kept_nowhere(people: Cast, profile: int, sign_in: SignIn) -> None:
    client = sign_in(people.xinghe)
    client.post("/needs")
    need_id = only_need()
    text = "我们在鄂城区做碳纤维，B轮融资500-800万，出让10%，2027年3月1日前，电话13812345678"

    response = client.post(
        "/pasted-readings", data={"need_id": need_id, "pasted_text": text, "version": version(need_id)}
    )

    assert response.status_code == 200
    assert all(f'value="{value}"' in response.text for value in ("500", "800", "2027-03-01"))
    assert "来自粘贴" in response.text and "鄂城区" in response.text
    assert stored(EquityNeed, need_id, lambda n: (n.amount_max_yuan, n.round_code)) == (None, "a")

    data = WHAT | {"round_code": "b", "equity_max_pct": "10", "version": version(need_id)}
    saved = client.post(f"/needs/{need_id}/steps/1", data=data)
    assert stored(EquityNeed, need_id, lambda n: (n.amount_max_yuan, n.round_code, n.equity_max_pct)) == (
        8_000_000,
        "b",
        10,
    )
    assert "来自粘贴" in client.get(saved.location).text


def test_a_message_cannot_be_pasted_into_somebody_elses_need(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    data = {"need_id": need_of(people.xinghe), "pasted_text": "融资 500 万"}

    assert sign_in(people.qingtian).post("/pasted-readings", data=data).status_code == 404
    assert sign_in(people.yuanshan).post("/pasted-readings", data=data).status_code == 403


def test_a_file_of_another_organization_cannot_be_the_deck(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe)

    response = sign_in(people.xinghe).post(
        f"/needs/{need_id}/steps/2", data=STORY | {"deck_id": "999", "version": version(need_id)}
    )

    assert response.status_code == 422
    assert stored(EquityNeed, need_id, lambda n: n.deck_id) is None


def test_what_the_form_does_not_have_cannot_be_set(people: Cast, need_of: NeedMaker, sign_in: SignIn) -> None:
    need_id = need_of(people.xinghe)
    extra = {"state": "open", "organization_id": str(people.qingtian.organization_id), "district_code": "EZ-GD"}

    sign_in(people.xinghe).post(f"/needs/{need_id}/steps/1", data=WHAT | extra | {"version": version(need_id)})

    assert stored(EquityNeed, need_id, lambda n: (n.state, n.organization_id, n.district_code)) == (
        NeedState.DRAFT, people.xinghe.organization_id, None,
    )  # fmt: skip


def test_the_preview_shows_each_kind_of_viewer_the_real_values(
    people: Cast, profile: int, need_of: NeedMaker, sign_in: SignIn
) -> None:
    need_id = need_of(people.xinghe)
    client = sign_in(people.xinghe)
    pages = {
        t: client.get(f"/needs/{need_id}/preview?tier={t}").text for t in ("stranger", "member", "asked", "consented")
    }
    body = {tier: text.split('id="who-sees"')[1] for tier, text in pages.items()}

    assert "鄂州星河科技" not in body["member"] and "500–1,000 万元" in body["member"]
    assert "鄂州星河科技" in body["asked"] and "500–800 万元" not in body["asked"]
    assert "500–800 万元" in body["consented"] and "15400010001" in body["consented"]
    assert "拟建第三条产线" not in body["stranger"]


def test_the_preview_says_the_code_name_in_the_readers_language(
    people: Cast, profile: int, need_of: NeedMaker, sign_in: SignIn
) -> None:
    client, need_id = sign_in(people.xinghe), need_of(people.xinghe)
    with unit_of_work() as session:
        session.get_one(EquityNeed, need_id).code_name = "新材料-0007"

    assert "新材料-0007" in client.get(f"/needs/{need_id}/preview?tier=member").text
    client.set_cookie("locale", "en")
    english = client.get(f"/needs/{need_id}/preview?tier=member").text

    assert "New materials-0007" in english and "新材料-0007" not in english


def test_the_bars_name_the_organization_in_the_readers_language(people: Cast, sign_in: SignIn) -> None:
    with unit_of_work() as session:
        session.get_one(Organization, people.xinghe.organization_id).name_en = "Xinghe Technology"
    client = sign_in(people.xinghe)

    assert "Xinghe Technology" not in client.get("/needs").text
    client.set_cookie("locale", "en")
    assert '<span class="account-menu-organization">Xinghe Technology</span>' in client.get("/needs").text
