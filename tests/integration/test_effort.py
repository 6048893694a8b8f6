"""Nobody's top job costs more screens or more typing than it was promised to (the seconds are benchmarks.effort's)."""

import pytest

from benchmarks.effort import Form, Forms, Job, jobs, Person
from matchhub.core.web import App
from tests.cast import browser, Cast


@pytest.mark.parametrize("job", jobs(), ids=lambda job: f"{job.role}: {job.name}")
def test_the_job_keeps_to_its_screens_and_fields(job: Job, app: App, people: Cast) -> None:
    walked = job.walk(app, people)

    assert walked.screens <= job.screens
    assert walked.fields <= job.fields


def test_what_is_typed_must_be_an_empty_field_of_the_page_and_what_is_ticked_must_be_offered(
    app: App, people: Cast
) -> None:
    """The control: a walk that cheats is found out."""
    fund = Person(browser(app, people.yuanshan.id))
    fund.at("/offers/new")
    fund.go_on("/offers")

    with pytest.raises(AssertionError, match="filled in already"):
        fund.answer("/form", {"capacity_per_month": "3"})
    with pytest.raises(AssertionError, match="no form"):
        fund.answer("/form", {"nonsense": "3"})
    with pytest.raises(AssertionError, match="does not offer"):
        fund.answer("/form", rounds=["nonsense"])
    with pytest.raises(AssertionError, match="no link"):
        fund.open("/administration")


def test_a_form_is_read_as_a_browser_would_send_it() -> None:
    page = """<form action="/a"><input name="t" value="x"><input name="e"><input type="checkbox" name="c" value="1" checked>
    <input type="checkbox" name="c" value="2"><textarea name="w">
    kept</textarea><select name="s"><option value="">-</option><option value="b" selected>B</option></select></form>"""

    assert Forms(page).found == [
        Form(
            "/a",
            filled={"t": ["x"], "c": ["1"], "w": ["kept"], "s": ["b"]},
            kinds={"t": "text", "e": "text", "c": "checkbox", "w": "textarea", "s": "select"},
            offered={"c": {"1", "2"}, "s": {"", "b"}},
        )
    ]
