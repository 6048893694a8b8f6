"""我的授权: what is open to whom, taking it back, the receipt."""

from matchhub.core.clock import utcnow
from matchhub.disclosure.models import Consent
from matchhub.introductions.enums import IntroductionState
from matchhub.introductions.models import Introduction
from tests.cast import stored
from tests.integration.pairs import agreed, asked


def test_both_sides_see_what_is_open(people, scene, sign_in):
    agreed(scene)

    firm = sign_in(people.xinghe).get("/disclosures").text
    fund = sign_in(people.yuanshan).get("/disclosures?tab=received").text

    assert "远山资本" in firm and "金丝雀商业计划书.pdf" in firm and "开放中" in firm
    assert "星河科技" in fund and "联系人信息" in fund


def test_withdrawing_twice_is_told_politely_and_strangers_find_nothing(people, scene, sign_in):
    agreed(scene)
    firm = sign_in(people.xinghe)

    assert sign_in(people.beidou).post("/disclosures/1/withdrawal").status_code == 404
    assert firm.post("/disclosures/999/withdrawal").status_code == 404
    assert firm.post("/disclosures/1/withdrawal").status_code == 302
    assert firm.post("/disclosures/1/withdrawal").status_code == 409
    assert stored(Consent, 1, lambda c: c.withdrawn_at) is not None
    assert stored(Introduction, 1, lambda i: i.state) is IntroductionState.REVOKED


def test_withdrawing_the_consent_of_a_request_withdraws_the_request(people, scene, sign_in):
    introduction_id = asked(scene)

    sign_in(people.xinghe).post("/disclosures/1/withdrawal")

    assert stored(Introduction, introduction_id, lambda i: i.state) is IntroductionState.WITHDRAWN
    assert (
        sign_in(people.yuanshan).post(f"/introductions/{introduction_id}/acceptance", data=scene.form()).status_code
        == 409
    )


def test_the_receipt_is_numbered_and_only_for_the_giver(people, scene, sign_in):
    agreed(scene)

    page = sign_in(people.xinghe).get("/disclosures/1/receipt").text

    assert f"{utcnow():%Y%m%d}-000001" in page and "远山资本" in page and "金丝雀商业计划书.pdf" in page
    assert "13900001111" not in page
    assert sign_in(people.yuanshan).get("/disclosures/1/receipt").status_code == 403
    assert sign_in(people.beidou).get("/disclosures/1/receipt").status_code == 404
