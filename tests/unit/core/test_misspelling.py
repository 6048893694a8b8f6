"""What was meant by Latin letters with a slip."""

import pytest

from matchhub.core.marking import marked
from matchhub.core.misspelling import slips, slips_allowed, slips_in, span_of
from matchhub.core.pinyin import search_text

NAME = "鄂州星河科技有限公司"


@pytest.mark.parametrize(
    ("typed", "text", "count"),
    [
        ("xinghe", "xinghekeji", 0), ("xingeh", "xinghekeji", 1), ("xinhe", "xinghekeji", 1), ("xiinghe", "xinghekeji", 1),
        ("zinghe", "xinghekeji", 1), ("beidou", "xinghekeji", 5), ("xinghe", "", 6),
    ],
)  # fmt: skip
def test_letters_missing_too_many_wrong_and_swapped_are_one_slip_each(typed: str, text: str, count: int) -> None:
    assert slips(typed, text) == count


def test_short_long_and_chinese_words_have_no_slips() -> None:
    allowed = [slips_allowed(typed) for typed in ("xing", "xinghe", "xinghekeji", "x" * 25, "星河科技公司", "a1b2c3")]

    assert allowed == [0, 1, 2, 0, 0, 0]


def test_a_name_is_near_by_its_pinyin_and_by_its_english_name_wherever_the_word_stands() -> None:
    found_by = search_text(NAME, "Far Hills Capital")

    assert slips_in("xingeh", found_by) == 1
    assert slips_in("hlils", found_by) == 1
    assert slips_in("yuanshan", found_by) > slips_allowed("yuanshan")
    assert slips_in("xingeh", "") > slips_allowed("xingeh")


def test_what_was_meant_is_marked() -> None:
    assert str(marked(NAME, "xingeh")) == "鄂州<mark>星河</mark>科技有限公司"
    assert str(marked("Far Hills Capital", "hlils c")) == "Far <mark>Hills C</mark>apital"
    assert span_of(NAME, "beidou") is None
    assert span_of(NAME, "xh") is None
