"""`matchhub import KIND FILE` as a person runs it."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from matchhub.cli import importing, main
from matchhub.core.web import App
from matchhub.listings.enums import OfferState
from matchhub.listings.models import Offer
from tests.cast import Cast
from tests.integration.importing.conftest import all_of, csv_of, MANDATE, MANDATES


@pytest.fixture
def run(app: App, market: Cast, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> object:
    monkeypatch.setattr(importing, "application", lambda: app)
    file = tmp_path / "mandates.csv"
    file.write_bytes(csv_of(MANDATES, MANDATE, ("第二条", "Q轮", *MANDATE[2:]), encoding="gb18030"))

    def ran(*words: str, kind: str = "equity-offers", name: str = "远山资本") -> Result:
        return CliRunner().invoke(main, ["import", kind, str(file), "--as", name, *words])

    return ran


def test_a_dry_run_says_what_would_happen_and_writes_nothing(run: object) -> None:
    result = run("--dry-run")  # type: ignore[operator]

    assert result.exit_code == 0, result.output
    assert "1 new, 0 changed, 0 same, 1 refused" in result.output and "line 3, 轮次" in result.output
    assert all_of(Offer) == []


def test_it_writes_publishes_and_a_second_time_finds_everything_there(run: object) -> None:
    assert run("--publish").exit_code == 0  # type: ignore[operator]
    assert [offer.state for offer in all_of(Offer)] == [OfferState.OPEN]

    assert "0 new, 0 changed, 1 same, 1 refused" in run("--publish").output  # type: ignore[operator]
    assert len(all_of(Offer)) == 1


@pytest.mark.parametrize(
    ("kind", "name", "words"),
    [("equity-offers", "谁也不是", "no organization"), ("credit-offers", "远山资本", "nobody in"),
     ("equity-needs", "市科技局", "nobody in")],
)  # fmt: skip
def test_nobody_brings_in_what_is_not_theirs(run: object, kind: str, name: str, words: str) -> None:
    result = run(kind=kind, name=name)  # type: ignore[operator]

    assert result.exit_code == 1 and words in result.output
    assert all_of(Offer) == []
