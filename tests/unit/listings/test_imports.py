"""Pasted messages: what is read, and what is left alone."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.listings.imports import read_message

TODAY = date(2026, 11, 23)
REGIONS = {"鄂城": "420704", "鄂城区": "420704", "鄂州": "420700", "武汉": "420100", "湖北": "420000"}


def found(text: str) -> dict[str, object]:
    return read_message(text, today=TODAY, regions=REGIONS).found


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("本轮融资500-800万", 5_000_000, 8_000_000),
        ("融资 500万～800万元", 5_000_000, 8_000_000),
        ("找 0.5亿至1.2亿", 50_000_000, 120_000_000),
        ("融资１０００万元", None, 10_000_000),
        ("需要1,200万", None, 12_000_000),
        ("去年营收3000万，这次融500万", None, 5_000_000),
        ("融500w", None, 5_000_000),
    ],
)
def test_amounts_are_read_in_yuan(text: str, low: int | None, high: int) -> None:
    reading = read_message(text, today=TODAY, regions=REGIONS)

    assert (reading.amount_min_yuan, reading.amount_max_yuan) == (low, high)


@pytest.mark.parametrize("text", ["去年营收3000万", "订单 400 万", "融资800-500万", "房号 12-14", ""])
def test_amounts_of_other_things_are_left_alone(text: str) -> None:
    assert not {"amount_min_yuan", "amount_max_yuan"} & set(found(text))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Pre-A轮", "pre_a"), ("PreA 融资", "pre_a"), ("A轮", "a"), ("a+轮", "a_plus"), ("B 轮", "b"), ("天使轮", "angel"),
        ("种子期", "seed"), ("天使轮已完成，现在A轮", "a"), ("战略融资", "strategic"), ("Pre-IPO", "pre_ipo"),
    ],
)  # fmt: skip
def test_rounds_are_read(text: str, code: str) -> None:
    assert found(text).get("round_code") == code


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2027年3月1日前", date(2027, 3, 1)), ("2027-03-01", date(2027, 3, 1)), ("12月底", date(2026, 12, 31)),
        ("2月底前", date(2027, 2, 28)), ("1月5日", date(2027, 1, 5)), ("明年底", date(2027, 12, 31)), ("2027-02-30", None),
        ("13月1日", None),
    ],
)  # fmt: skip
def test_days_are_read(text: str, day: date | None) -> None:
    assert found(text).get("needed_by") == day


def test_share_region_telephone_and_code_are_read() -> None:
    text = "湖北鄂州鄂城区的公司，代码91110000600037341L，出让10%，毛利率40%，138-1234-5678"

    assert found(text) == {
        "equity_max_pct": 10, "region_code": "420704", "mobile": "13812345678", "uscc": "91110000600037341L",
    }  # fmt: skip


def test_a_code_with_a_wrong_check_digit_is_not_read() -> None:
    assert "uscc" not in found("91110000600037341M")


@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    reading = read_message(text, today=TODAY, regions=REGIONS)

    assert reading.amount_max_yuan is None or reading.amount_max_yuan > 0
    assert reading.equity_max_pct is None or 1 <= reading.equity_max_pct <= 100
