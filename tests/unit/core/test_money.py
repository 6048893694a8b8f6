"""Money: 元 as people say it, and the bands that stand for confidential amounts."""

import pytest
from hypothesis import given, strategies

from matchhub.core import money


@pytest.mark.parametrize(
    ("yuan", "chinese", "english"),
    [
        (0, "0 元", "¥0"),
        (9_999, "9,999 元", "¥10k"),
        (8_000_000, "800 万元", "¥8m"),
        (120_000_000, "1.2 亿元", "¥120m"),
        (45_000_000_000, "450 亿元", "¥45bn"),
        (12_345_678, "1,234.57 万元", "¥12.35m"),
    ],
)
def test_an_amount_in_words(yuan: int, chinese: str, english: str) -> None:
    assert (money.show(yuan, "zh"), money.show(yuan, "en")) == (chinese, english)


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [
        (5_000_000, 8_000_000, "500–800 万元"),
        (5_000_000, None, "500 万元起"),
        (None, 8_000_000, "800 万元以内"),
        (80_000_000, 120_000_000, "8,000 万元–1.2 亿元"),
        (5_000_000, 5_000_000, "500 万元"),
        (None, None, None),
    ],
)
def test_a_range_in_words(low: int | None, high: int | None, shown: str | None) -> None:
    assert money.show_range(low, high, "zh") == shown


@given(strategies.integers(0, 10**13))
def test_a_band_holds_its_amount(yuan: int) -> None:
    low, high = money.band(yuan)

    assert low is not None
    assert low <= yuan
    assert high is None or yuan < high


@given(strategies.integers(0, 10**12), strategies.integers(0, 10**12))
def test_the_band_of_a_range_covers_it(one: int, two: int) -> None:
    low, high = sorted((one, two))
    bottom, top = money.band_of_range(low, high)

    assert bottom is not None
    assert bottom <= low
    assert top is None or high <= top
