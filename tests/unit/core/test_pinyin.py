"""How names are found: by what is written, by pinyin, by initials; and where that stands in the name."""

import pytest

from matchhub.core.marking import marked
from matchhub.core.pinyin import BETWEEN, matching_span, search_text, search_words, sort_key

NAME = "鄂州星河科技有限公司"


@pytest.mark.parametrize(
    "typed", ["星河", "鄂州星河", "xinghe", "Xing He", "XHKJ", "xhkj", "stellar", "Stellar Comp", "ｘｉｎｇｈｅ"]
)
def test_a_name_is_found_by_letters_pinyin_initials_and_english(typed: str) -> None:
    text = search_text(NAME, "星河科技", "Stellar  Composites")

    assert any(form in text for form in search_words(typed))


@pytest.mark.parametrize("typed", ["擎天", "xinhe", "xhkjj", "composer"])
def test_another_name_is_not(typed: str) -> None:
    text = search_text(NAME, "星河科技", "Stellar Composites")

    assert not any(form in text for form in search_words(typed))


@pytest.mark.parametrize("typed", ["", "  ", "%", "_%_", "——", "'\""])
def test_nothing_but_signs_looks_for_nothing(typed: str) -> None:
    assert search_words(typed) == []


def test_each_part_can_be_told_by_its_beginning() -> None:
    text = search_text(NAME, "星河科技")

    assert f"{BETWEEN}xinghekeji" in text and f"{BETWEEN}xhkj" in text and f"{BETWEEN}hekeji" not in text


def test_what_is_no_chinese_stays_whole_in_both_sounds() -> None:
    assert sort_key("3D打印A股公司") == "3ddayinagugongsi 3ddyaggs"
    assert search_text("ABC Ltd").count("abcltd") == 1


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("星河", "星河"), ("xinghe", "星河"), ("xingh", "星河"), ("xhkj", "星河科技"), ("kj", "科技"), ("XING HE KE", "星河科"),
        ("擎天", None), ("xinhe", None), ("", None), ("%", None),
    ],
)  # fmt: skip
def test_the_span_is_where_it_sounds_like_what_was_typed(typed: str, found: str | None) -> None:
    span = matching_span(NAME, typed)

    assert (NAME[slice(*span)] if span else None) == found


@pytest.mark.parametrize(
    ("text", "typed", "html"),
    [
        (NAME, "xinghe", "鄂州<mark>星河</mark>科技有限公司"),
        ("<b>星河</b>", "星河", "&lt;b&gt;<mark>星河</mark>&lt;/b&gt;"),
        ("a<script>b", "<script>", "a<mark>&lt;script&gt;</mark>b"),
        ("R&D 中心", "r&d", "<mark>R&amp;D</mark> 中心"),
        (NAME, None, NAME),
        (None, "x", ""),
    ],
)  # fmt: skip
def test_what_is_marked_is_escaped(text: str | None, typed: str | None, html: str) -> None:
    assert str(marked(text, typed)) == html
