"""The words of the index of names: whatever holds what was typed has all of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matchhub.core.name_index import candidates, grams_of, needed
from matchhub.core.pinyin import BETWEEN, search_text, search_words

LETTERS = st.text("abx3 -（）星河科技·ｘé", min_size=1, max_size=12)


@given(LETTERS, LETTERS, st.data())
def test_a_name_that_holds_the_form_has_the_words_of_the_form(name: str, short: str, data: st.DataObject) -> None:
    found_by = search_text(name, short)
    start = data.draw(st.integers(0, max(0, len(name) - 1)))
    typed = name[start : data.draw(st.integers(start + 1, start + 6))]
    for form in search_words(typed):
        held = f"{BETWEEN}{form}" if len(form) == 1 and form.isascii() else form  # a single letter begins a part
        if held in found_by:
            assert set(needed(form)) <= set(grams_of(found_by).split())


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ("xinghe", ["ghe", "ing", "ngh", "xin"]), ("xh", ["xh"]), ("x", ["x"]), ("星河", ["星河"]), ("星", ["星"]),
        ("3d打印", ["3d", "d打", "打印"]), ("星-a", ["星"]), ("a-b", []), ("-", []),
    ],
)  # fmt: skip
def test_what_is_asked_of_the_index(form: str, words: list[str]) -> None:
    assert needed(form) == words


def test_where_one_form_cannot_be_told_all_rows_are_read() -> None:
    assert candidates("sqlite", ["星河", "a-b"]) is None
    assert candidates("postgresql", []) is None
    assert candidates("sqlite", ["星河", "xinghe"]) is not None
