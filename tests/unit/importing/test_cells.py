"""One cell at a time: words, lists, rates, headers."""

import pytest

from matchhub.core import errors
from matchhub.importing.forms.cells import folded, nearest, raw_values
from matchhub.importing.kinds import Column, ColumnForm

ROUNDS = (
    ("angel", "天使轮", "Angel"),
    ("pre_a", "Pre-A 轮", "Pre-A"),
    ("a", "A 轮", "Series A"),
    ("mix", "甲、乙", "A, B"),
)
CODES = Column("rounds", "轮次", "Round", ColumnForm.CODES, ROUNDS)


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("天使轮、A轮", ["angel", "a"]), ("Angel; series a", ["angel", "a"]), ("天使轮，天使轮", ["angel"]),
        ("pre_a|a", ["pre_a", "a"]), ("ＰＲＥ－Ａ轮", ["pre_a"]), ("甲、乙；A 轮", ["mix", "a"]), ("", []),
    ],
)  # fmt: skip
def test_a_list_is_read_in_either_language_or_codes_and_a_separator_inside_a_word_stays(
    text: str, codes: list[str]
) -> None:
    assert raw_values(CODES, text) == codes


def test_an_unknown_word_is_told_with_the_nearest_one_or_alone() -> None:
    with pytest.raises(errors.Invalid) as near:
        raw_values(CODES, "天使论")
    assert near.value.values == {"word": "天使论", "near": "天使轮"}
    with pytest.raises(errors.Invalid) as far:
        raw_values(CODES, "xyz")
    assert "near" not in far.value.values
    assert nearest("xyz", []) is None


@pytest.mark.parametrize("cell", [0.0385, 0.04])
def test_a_share_is_not_taken_for_percent(cell: float) -> None:
    rate = Column("rate", "利率", "Rate", ColumnForm.RATE)
    with pytest.raises(errors.Invalid):
        raw_values(rate, cell)
    assert raw_values(rate, 3.85) == raw_values(rate, "3.85") == ["3.85"]


@pytest.mark.parametrize("text", ["单笔最少", " 单笔 最少（万元）", "单笔最少*", "单笔最少（必填）"])
def test_a_header_is_known_with_its_unit_or_mark(text: str) -> None:
    assert folded(text) == "单笔最少"


def test_a_language_in_brackets_is_part_of_the_header() -> None:
    assert folded("说明（英文）") != folded("说明")
